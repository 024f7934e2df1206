package logstore

import (
	"context"
	"slices"
	"sync"
)

// listers is how many folders are listed at once.
const listers = 16

// lister finds the log objects of a store.
type lister struct {
	store   Store
	layout  layout
	span    Range
	found   func(Object) // blocks while the readers are busy
	skipped func()
}

// list calls found and skipped from several goroutines, until all is listed, the
// context is done or a listing fails.
func (l *lister) list(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, listers)
	var all sync.WaitGroup
	var folder func(prefix string, leaf bool)
	folder = func(prefix string, leaf bool) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if leaf {
			defer func() { <-slots }()
			for object, err := range l.store.Walk(ctx, prefix) {
				if err != nil {
					cancel(err)
					return
				}
				l.offer(object)
			}
			return
		}
		listing, err := l.store.List(ctx, prefix)
		<-slots
		if err != nil {
			cancel(err)
			return
		}
		beside := slices.Contains(listing.Folders, "AWSLogs")
		for _, object := range listing.Objects {
			if beside { // what lies beside AWSLogs is not ours
				l.skipped()
			} else {
				l.offer(object)
			}
		}
		for _, name := range listing.Folders {
			under := prefix + name + "/"
			if enter, leaf := l.layout.folder(l.store.Name(under), l.span); enter {
				all.Go(func() { folder(under, leaf) })
			}
		}
	}
	all.Go(func() {
		_, leaf := l.layout.folder(l.store.Name(""), Range{})
		folder("", leaf)
	})
	all.Wait()
	return context.Cause(ctx)
}

func (l *lister) offer(object Object) {
	if isLog(object.Key) {
		l.found(object)
	} else {
		l.skipped()
	}
}
