package logstore

import (
	"bytes"
	"fmt"
	"io"
)

// lineReader splits a stream into lines, in place.
type lineReader struct {
	source     io.Reader
	max        int
	buffer     []byte // grows up to max
	start, end int    // of what is read and not yet returned
	failed     error  // of source
}

const firstBuffer = 256 << 10

// errLong is the error of a line that is longer than the maximum.
type errLong struct{ max int }

func (e errLong) Error() string {
	return fmt.Sprintf("the line is longer than %d bytes, the most that is read", e.max)
}

func (l *lineReader) reset(source io.Reader, max int) {
	*l = lineReader{source: source, max: max, buffer: l.buffer}
	if l.buffer == nil {
		l.buffer = make([]byte, min(firstBuffer, max+1))
	}
}

// next returns the next line without its end, errLong for one that is too long
// to be read, or the error of the source. What follows the last end of a line is
// a line too, unless the source broke off.
func (l *lineReader) next() ([]byte, error) {
	scanned := l.start
	long := false
	for {
		if i := bytes.IndexByte(l.buffer[scanned:l.end], '\n'); i >= 0 {
			line := l.buffer[l.start : scanned+i]
			l.start = scanned + i + 1
			if long || len(line) > l.max {
				return nil, errLong{l.max}
			}
			return bytes.TrimSuffix(line, []byte("\r")), nil
		}
		if l.failed != nil {
			line := l.buffer[l.start:l.end]
			l.start = l.end
			switch {
			case l.failed != io.EOF:
				return nil, l.failed
			case long || len(line) > l.max:
				return nil, errLong{l.max}
			case len(line) == 0:
				return nil, io.EOF
			}
			return bytes.TrimSuffix(line, []byte("\r")), nil
		}
		if l.end-l.start > l.max { // forget it, and find its end
			long = true
			l.start = l.end
		}
		scanned = l.fill()
	}
}

// fill makes room and reads, and returns where the new bytes are.
func (l *lineReader) fill() int {
	if l.start > 0 {
		l.end = copy(l.buffer, l.buffer[l.start:l.end])
		l.start = 0
	}
	if l.end == len(l.buffer) {
		larger := make([]byte, min(2*len(l.buffer), l.max+1))
		copy(larger, l.buffer)
		l.buffer = larger
	}
	at := l.end
	n, err := l.source.Read(l.buffer[l.end:])
	l.end += n
	l.failed = err
	return at
}
