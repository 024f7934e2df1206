package logstore

import (
	"errors"
	"io"
)

// Worker streams the lines of one object after another.
type Worker struct {
	scan   *Scan
	open   bool
	object string
	body   io.ReadCloser
	count  counter
	plain  decompressor
	lines  lineReader

	line      []byte
	number    int64 // of the line
	delivered int64 // lines of the object, without the broken ones
}

// Next goes to the next line, and returns false when there is none or the scan
// was stopped, see [Scan.Err]. Empty lines are left out.
func (w *Worker) Next() bool {
	for w.open || w.nextObject() {
		line, err := w.lines.next()
		w.number++
		switch {
		case w.scan.ctx.Err() != nil:
			w.close()
			return false
		case err == io.EOF:
			w.close()
		case err != nil:
			w.failed(err)
		case len(line) > 0:
			w.line = line
			w.delivered++
			w.scan.records.Add(1)
			return true
		}
	}
	w.line = nil
	return false
}

// failed reports a line that is too long, or that the object ends there.
func (w *Worker) failed(err error) {
	broken := Broken{Object: w.object, Records: w.delivered, Err: err}
	if errors.As(err, &errLong{}) {
		broken.Line = w.number
	} else {
		w.close()
	}
	w.scan.report(broken)
}

// nextObject opens the next object that can be opened.
func (w *Worker) nextObject() bool {
	for {
		next, ok := w.scan.take()
		if !ok {
			return false
		}
		w.object, w.number, w.delivered = w.scan.store.Name(next.Key), 0, 0
		w.scan.objects.Add(1)
		err := next.err
		if err == nil {
			w.body, w.open = next.body, true
			w.count = counter{source: next.body}
			err = w.plain.reset(&w.count, next.Size)
		}
		if err == nil {
			w.lines.reset(w.plain.source, w.scan.max)
			return true
		}
		w.close()
		if w.scan.ctx.Err() != nil {
			return false
		}
		w.scan.report(Broken{Object: w.object, Err: err})
	}
}

// Close lets go of an object that was not read to its end. A worker whose Next
// has returned false needs none.
func (w *Worker) Close() error {
	w.close()
	return nil
}

func (w *Worker) close() {
	if w.open {
		w.scan.bytes.Add(w.count.bytes)
		w.body.Close()
		w.open = false
	}
}

// Bytes is the line without its end. It is valid until the next Next.
func (w *Worker) Bytes() []byte { return w.line }

// Object names the object of the line, see [Store.Name].
func (w *Worker) Object() string { return w.object }

// Line is the number of the line in its object, from 1.
func (w *Worker) Line() int64 { return w.number }

// Broken reports the line as no record, so that it is counted as broken and not
// as a record.
func (w *Worker) Broken(err error) {
	w.delivered--
	w.scan.records.Add(-1)
	w.scan.report(Broken{Object: w.object, Line: w.number, Records: w.delivered, Err: err})
}

// counter counts what is read of an object as stored.
type counter struct {
	source io.Reader
	bytes  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.source.Read(p)
	c.bytes += int64(n)
	return n, err
}
