package logstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// Reader reads the log records of a store.
type Reader struct {
	// Store is where the objects are. Required.
	Store Store
	// Range limits what is read to the hour folders that can hold records of it,
	// one hour before and after included, since Bedrock delivers in batches:
	// records of other times come along. The default is everything.
	Range Range
	// Workers is how many workers Each runs. The default is GOMAXPROCS.
	Workers int
	// MaxLine is the longest line that is read, in bytes; a longer one is
	// reported as broken. The default is 32 MiB.
	MaxLine int
}

const defaultMaxLine = 32 << 20

// Each calls fn for every line, from Workers goroutines at once, numbered from
// 0, in no order. The line is valid until fn returns. An error of fn ends it all
// and is returned, except that a [LineError] reports the line as broken and goes
// on. Each also returns errors of listing, and the context's.
func (r *Reader) Each(ctx context.Context, fn func(worker int, object string, line []byte) error) (Stats, error) {
	scan, err := r.Open(ctx)
	if err != nil {
		return Stats{}, err
	}
	workers := r.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var all sync.WaitGroup
	for number := range workers {
		all.Go(func() {
			worker := scan.Worker()
			for worker.Next() {
				if err := fn(number, worker.Object(), worker.Bytes()); err != nil {
					scan.failed(worker, err)
				}
			}
		})
	}
	all.Wait()
	err = scan.Err()
	scan.Close()
	return scan.Stats(), err
}

func (s *Scan) failed(worker *Worker, err error) {
	if broken := (*LineError)(nil); errors.As(err, &broken) {
		worker.Broken(broken.Err)
	} else {
		s.stop(err)
	}
}

// LineError says that a line is no record. See [Reader.Each].
type LineError struct{ Err error }

func (e *LineError) Error() string { return e.Err.Error() }

func (e *LineError) Unwrap() error { return e.Err }

// Open starts listing, for consumers that pull: each takes a [Worker] and asks
// it for lines. Close the scan when done with it.
func (r *Reader) Open(ctx context.Context) (*Scan, error) {
	switch {
	case r.Store == nil:
		return nil, errors.New("logstore: a Reader needs a Store; use Dir or S3")
	case !r.Range.To.IsZero() && r.Range.To.Before(r.Range.From):
		return nil, fmt.Errorf("logstore: the Range goes from %s back to %s; swap them", r.Range.From, r.Range.To)
	}
	scan := newScan(ctx, r.Store, r.MaxLine)
	scan.start(invocations, r.Range)
	return scan, nil
}

// Body reads an object that a record points to (inputBodyS3Path,
// outputBodyS3Path, media), and decompresses it if it is compressed. One longer
// than limit bytes is an error.
func Body(ctx context.Context, store Store, url string, limit int64) ([]byte, error) {
	object, err := store.OpenURL(ctx, url)
	if err != nil {
		return nil, err
	}
	defer object.Close()
	var plain decompressor
	if err := plain.reset(object, -1); err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	body, err := readUpTo(plain.source, limit, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return body, nil
}

// readUpTo reads to the end of a stream, into a buffer if there is room.
func readUpTo(source io.Reader, limit int64, buffer []byte) ([]byte, error) {
	out := bytes.NewBuffer(buffer[:0])
	n, err := out.ReadFrom(io.LimitReader(source, limit+1))
	if err == nil && n > limit {
		err = fmt.Errorf("longer than %d bytes", limit)
	}
	return out.Bytes(), err
}
