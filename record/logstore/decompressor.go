package logstore

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore/internal/gunzip"
)

// decompressor reads gzip, of any number of members, and what is not compressed.
type decompressor struct {
	source io.Reader // what it reads

	stored    *bufio.Reader
	streaming *gzip.Reader
	whole     bytes.Buffer
	inMemory  gunzip.Reader
}

// errEmpty is the error of an object without content: not even an empty gzip
// stream is that short.
var errEmpty = errors.New("the object is empty")

// maxInMemory is the largest object that is decompressed in memory, in bytes,
// which is faster. Larger ones are streamed.
const maxInMemory = 16 << 20

// reset starts with an object of a size, which may be unknown, less than 0.
func (d *decompressor) reset(object io.Reader, size int64) error {
	if size < 0 || size > maxInMemory {
		return d.stream(object)
	}
	d.whole.Reset()
	_, err := d.whole.ReadFrom(object)
	content := d.whole.Bytes()
	switch {
	case len(content) == 0 && err == nil:
		return errEmpty
	case isGzip(content):
		d.inMemory.Reset(content)
		d.source = &brokenOff{&secondOpinion{first: &d.inMemory, content: content}, err}
	default:
		d.source = io.MultiReader(bytes.NewReader(content), failing{err})
	}
	return nil
}

// secondOpinion lets no object be called broken by package gunzip alone: where that
// fails, the library goes on from there, or says what is wrong.
type secondOpinion struct {
	first   io.Reader
	content []byte // compressed
	read    int64  // of first
	second  *gzip.Reader
}

func (s *secondOpinion) Read(p []byte) (int, error) {
	if s.second != nil {
		return s.second.Read(p)
	}
	n, err := s.first.Read(p)
	s.read += int64(n)
	// After a wrong checksum nobody knows which of the bytes were right.
	if n > 0 || err == nil || err == io.EOF || errors.Is(err, gunzip.ErrChecksum) {
		return n, err
	}
	second, failed := gzip.NewReader(bytes.NewReader(s.content))
	if failed != nil {
		return 0, err
	}
	if _, failed := io.CopyN(io.Discard, second, s.read); failed != nil {
		return 0, err
	}
	s.second = second
	return second.Read(p)
}

// brokenOff says why a stream ends before its end.
type brokenOff struct {
	io.Reader
	why error // nil: it is stored like that
}

func (b *brokenOff) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && b.why != nil {
		err = b.why
	}
	return n, err
}

func (d *decompressor) stream(object io.Reader) error {
	if d.stored == nil {
		d.stored = bufio.NewReaderSize(object, 64<<10)
	} else {
		d.stored.Reset(object)
	}
	start, err := d.stored.Peek(2)
	switch {
	case err == io.EOF && len(start) == 0:
		return errEmpty
	case err != nil && err != io.EOF:
		return err
	case !isGzip(start):
		d.source = d.stored
		return nil
	}
	if d.streaming == nil {
		if d.streaming, err = gzip.NewReader(d.stored); err != nil {
			return err
		}
	} else if err := d.streaming.Reset(d.stored); err != nil {
		return err
	}
	d.source = d.streaming
	return nil
}

func isGzip(content []byte) bool {
	return len(content) >= 2 && content[0] == 0x1f && content[1] == 0x8b
}
