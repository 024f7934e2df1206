package logstore

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// Scan is one reading of a store. Its methods may be called from any goroutine.
type Scan struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	store  Store
	max    int // of a line

	listed chan Object
	opened chan opened // nil: workers open what is listed
	done   sync.WaitGroup

	objects, records, bytes, skipped, brokenObjects, brokenLines atomic.Int64

	mu     sync.Mutex
	broken []Broken
}

// opened is an object on its way to a worker.
type opened struct {
	Object
	body io.ReadCloser
	err  error
}

// queued is how many objects may be listed ahead of the workers.
const queued = 1024

func newScan(ctx context.Context, store Store, max int) *Scan {
	if max <= 0 {
		max = defaultMaxLine
	}
	s := &Scan{store: store, max: max, listed: make(chan Object, queued)}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	return s
}

func (s *Scan) start(layout layout, span Range) {
	list := lister{
		store: s.store, layout: layout, span: span,
		found: func(object Object) {
			select {
			case s.listed <- object:
			case <-s.ctx.Done():
			}
		},
		skipped: func() { s.skipped.Add(1) },
	}
	s.done.Go(func() {
		defer close(s.listed)
		if err := list.list(s.ctx); err != nil {
			s.stop(err)
		}
	})
	if slow, ok := s.store.(interface{ fetchers() int }); ok {
		s.fetch(slow.fetchers())
	}
}

// fetchedWhole is the largest object that is fetched ahead, in bytes. Larger
// ones are streamed.
const fetchedWhole = 2 << 20

func (s *Scan) fetch(fetchers int) {
	s.opened = make(chan opened)
	var all sync.WaitGroup
	for range fetchers {
		all.Go(func() {
			for object := range s.listed {
				out := s.open(object)
				if out.err == nil && object.Size <= fetchedWhole {
					content, err := io.ReadAll(out.body)
					out.body.Close()
					out.body = io.NopCloser(io.MultiReader(bytes.NewReader(content), failing{err}))
				}
				select {
				case s.opened <- out:
				case <-s.ctx.Done():
					out.close()
				}
			}
		})
	}
	s.done.Go(func() {
		all.Wait()
		close(s.opened)
	})
}

// failing is a reader that has broken off, unless err is nil.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

func (s *Scan) open(object Object) opened {
	body, err := s.store.Open(s.ctx, object.Key)
	return opened{object, body, err}
}

func (o opened) close() {
	if o.body != nil {
		o.body.Close()
	}
}

// take waits for the next object.
func (s *Scan) take() (opened, bool) {
	if s.ctx.Err() != nil {
		return opened{}, false
	}
	if s.opened != nil {
		next, ok := <-s.opened
		return next, ok
	}
	object, ok := <-s.listed
	if !ok {
		return opened{}, false
	}
	return s.open(object), true
}

// stop ends the scan; the first reason counts.
func (s *Scan) stop(reason error) { s.cancel(reason) }

// Worker returns a new worker. Workers share the objects out among themselves;
// there may be any number, and each is for one goroutine at a time.
func (s *Scan) Worker() *Worker { return &Worker{scan: s} }

// Stats returns the counts so far. They are complete once every worker's Next
// has returned false and Err is nil.
func (s *Scan) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		Objects:       s.objects.Load(),
		Records:       s.records.Load(),
		Bytes:         s.bytes.Load(),
		Skipped:       s.skipped.Load(),
		BrokenObjects: s.brokenObjects.Load(),
		BrokenLines:   s.brokenLines.Load(),
		Broken:        append([]Broken(nil), s.broken...),
	}
}

// Err returns what stopped the scan before its end: an error of listing, or the
// context's. Broken objects and lines do not stop it.
func (s *Scan) Err() error { return context.Cause(s.ctx) }

// Close ends the listing and all workers, and waits for the listing. No worker
// may be in Next. Stats stays as it is; Err does not.
func (s *Scan) Close() error {
	s.cancel(context.Canceled)
	s.done.Wait()
	return nil
}

func (s *Scan) report(broken Broken) {
	counter := &s.brokenObjects
	if broken.Line > 0 {
		counter = &s.brokenLines
	}
	counter.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.broken) < maxBroken {
		s.broken = append(s.broken, broken)
	}
}
