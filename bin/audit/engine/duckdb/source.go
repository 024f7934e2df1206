package duckdb

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// source is one reference of a query to the log: DuckDB asks it for chunks of
// rows, from several threads at once.
type source struct {
	ctx    context.Context
	log    logstore.Reader
	rates  *record.RateCard
	asked  ledgersql.Filter
	opened func(*reading)

	reading *reading
	err     error // why the reading could not be opened
}

// reading is one pass over the log.
type reading struct {
	scan   *logstore.Scan
	seen   seen
	mu     sync.Mutex
	locals []*local
}

// local is what one thread of DuckDB keeps.
type local struct {
	reading *reading
	worker  *logstore.Worker
	wanted  []int // positions in columns
	counts  counts
	done    bool // the worker has no more lines
	err     error
}

func (s *source) ColumnInfos() []driver.ColumnInfo     { return info() }
func (s *source) Cardinality() *driver.CardinalityInfo { return nil }

// Init starts the pass. It cannot fail, so FillChunk does for it.
func (s *source) Init() driver.ParallelTableSourceInfo {
	scan, err := s.log.Open(s.ctx)
	s.err = err
	if err == nil {
		s.reading = &reading{scan: scan}
		s.opened(s.reading)
	}
	return driver.ParallelTableSourceInfo{MaxThreads: runtime.GOMAXPROCS(0)}
}

func (s *source) NewLocalState() any {
	if s.err != nil {
		return &local{err: s.err}
	}
	l := &local{
		reading: s.reading,
		worker:  s.reading.scan.Worker(),
		counts:  newCounts(),
	}
	s.reading.mu.Lock()
	defer s.reading.mu.Unlock()
	s.reading.locals = append(s.reading.locals, l)
	return l
}

// FillChunk fills a chunk with the next rows. An error makes the query fail.
func (s *source) FillChunk(state any, chunk driver.DataChunk) (err error) {
	l := state.(*local)
	defer func() {
		// A panic must not unwind into DuckDB's frames.
		if p := recover(); p != nil {
			err = fmt.Errorf("reading the log panicked: %v\n%s", p, debug.Stack())
		}
	}()
	if l.err != nil {
		return l.err
	}
	if l.wanted == nil {
		l.project(&chunk)
	}
	n := 0
	for n < driver.GetDataChunkCapacity() && l.worker.Next() {
		r, ok := l.next(s)
		if !ok {
			continue
		}
		for _, at := range l.wanted {
			if err := columns[at].set(chunk, at, n, r); err != nil {
				return fmt.Errorf("column %s of request %s: %w", columns[at].name, r.call.RequestID, err)
			}
		}
		n++
	}
	if err := l.reading.scan.Err(); err != nil {
		return err
	}
	l.done = n < driver.GetDataChunkCapacity()
	return chunk.SetSize(n)
}

// project finds out which columns the query uses: a chunk has vectors for those
// only.
func (l *local) project(chunk *driver.DataChunk) {
	l.wanted = []int{}
	for at := range columns {
		if _, err := chunk.GetVector(at); err == nil {
			l.wanted = append(l.wanted, at)
		}
	}
}

// next makes a row of the worker's line, if the line is a call of the range that
// has not been seen yet.
func (l *local) next(s *source) (row, bool) {
	within := s.log.Range
	rec, err := record.Parse(l.worker.Bytes())
	if err != nil {
		l.worker.Broken(err)
		return row{}, false
	}
	if rec.Timestamp.Before(within.From) || !within.To.IsZero() && !rec.Timestamp.Before(within.To) {
		return row{}, false
	}
	if !l.reading.seen.add(rec.RequestID) {
		l.counts.duplicates++
		return row{}, false
	}
	call := s.rates.Call(rec, l.worker.Object())
	l.counts.add(&call, s.asked)
	return row{&call, rec}, true
}
