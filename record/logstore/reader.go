package logstore

import (
	"context"
	"encoding/json"
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

// Each calls fn for every line, from Workers goroutines at once, numbered from
// 0, in no order. The line is valid until fn returns. An error of fn ends it all
// and is returned, except that a [LineError] reports the line as broken and goes
// on. It also returns the context's error and those of listing.
func (r *Reader) Each(ctx context.Context, fn func(worker int, object string, line []byte) error) (Stats, error) {
	return Stats{}, nil
}

// LineError says that a line is no record. See [Reader.Each].
type LineError struct{ Err error }

func (e *LineError) Error() string { return e.Err.Error() }

func (e *LineError) Unwrap() error { return e.Err }

// Open starts listing, for consumers that pull: each takes a [Worker] and asks
// it for lines. Close the scan when done with it.
func (r *Reader) Open(ctx context.Context) (*Scan, error) { return &Scan{}, nil }

// Scan is one reading of a store. Its methods may be called from any goroutine.
type Scan struct{}

// Worker returns a new worker. Workers share the objects out among themselves;
// there may be any number, and each is for one goroutine at a time.
func (s *Scan) Worker() *Worker { return &Worker{} }

// Progress returns the counts so far. They are complete once every worker's Next
// has returned false.
func (s *Scan) Stats() Stats { return Stats{} }

// Err returns what stopped the scan before its end: an error of listing, or the
// context's. Broken objects and lines do not stop it.
func (s *Scan) Err() error { return nil }

// Close stops listing, and ends all workers. A worker must not be in Next.
func (s *Scan) Close() error { return nil }

// Worker streams the lines of one object after another.
type Worker struct{}

// Next goes to the next line, and returns false when there is none or the scan
// was stopped, see [Scan.Err].
func (w *Worker) Next() bool { return false }

// Bytes is the line without its end. It is valid until the next Next.
func (w *Worker) Bytes() []byte { return nil }

// Object names the object of the line, see [Store.Name].
func (w *Worker) Object() string { return "" }

// Line is the number of the line in its object, from 1.
func (w *Worker) Line() int64 { return 0 }

// Broken reports the line as no record, so that it is counted as broken and not
// as a record.
func (w *Worker) Broken(err error) {}

// Body reads an object that a record points to (inputBodyS3Path,
// outputBodyS3Path, media), and decompresses it if it is compressed. One longer
// than limit bytes is an error.
func Body(ctx context.Context, store Store, url string, limit int64) ([]byte, error) {
	return nil, nil
}

// Event is one event of a CloudTrail log file.
type Event struct {
	Object string          // where it is, see [Store.Name]
	Raw    json.RawMessage // the event
}

// FindEvents returns the events of CloudTrail's log files in a store that carry
// the request id, out of the files of the days of a range. Files are under
// [prefix/]AWSLogs/[ORGANISATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/.
func FindEvents(ctx context.Context, store Store, r Range, requestID string) ([]Event, Stats, error) {
	return nil, Stats{}, nil
}
