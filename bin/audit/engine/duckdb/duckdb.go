package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// Options says what to read.
type Options struct {
	// Store is where the log is. Required.
	Store logstore.Store

	// Range is the time of the calls that exist for the engine. Default:
	// all.
	Range logstore.Range

	// Filter is the one that Completeness will be asked with: the calls
	// without a price that meet it are counted as the log is read. With
	// another one, Completeness asks for them, which takes a query.
	// Default: all calls.
	Filter ledgersql.Filter

	// Rates prices the calls. Default: record.Rates().
	Rates *record.RateCard

	// Metric counts the calls by hour that should have left a record.
	// Default: none, hours are not checked.
	Metric hours.Metric

	// ReadOnce copies the calls into a temporary database on disk first,
	// for several questions that sum up the same calls. There is no
	// relation records then, and calls lacks what is of interest for single
	// calls only: metadata, input_body_s3, output_body_s3, rate_since and
	// object. Default: false, each query reads the log.
	ReadOnce bool

	// MemoryLimit is DuckDB's, in its words; what the Go side needs (16
	// bytes a call, and a few megabytes a thread) comes on top. Default:
	// 256MiB, beyond which DuckDB uses temporary files.
	MemoryLimit string

	// Progress is called with the counts of the reading, now and then from
	// any goroutine. Default: nobody is told.
	Progress func(logstore.Stats)
}

// Engine is an [engine.Engine].
type Engine struct {
	options Options
	folder  string // of temporary files
	db      *sql.DB
	conn    *sql.Conn

	mu       sync.Mutex
	readings []*reading // of the query that runs
	read     *summary   // the last reading that got furthest
}

var _ engine.Engine = (*Engine)(nil)

// Open starts DuckDB and, with ReadOnce, reads the log.
func Open(ctx context.Context, options Options) (*Engine, error) {
	if options.Rates == nil {
		options.Rates = record.Rates()
	}
	if options.MemoryLimit == "" {
		options.MemoryLimit = "256MiB"
	}
	folder, err := os.MkdirTemp("", "audit-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for temporary files: %w", err)
	}
	e := &Engine{options: options, folder: folder}
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start DuckDB: %w", err), e.Close())
	}
	if options.ReadOnce {
		if err := e.readOnce(ctx); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

// start opens a database in memory, or on disk if rows are to be kept. Nothing
// is ever fetched: extensions are neither installed nor loaded unasked.
func (e *Engine) start(ctx context.Context) error {
	settings := url.Values{
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"memory_limit":                 {e.options.MemoryLimit},
		"temp_directory":               {filepath.Join(e.folder, "spill")},
		"preserve_insertion_order":     {"false"},
	}
	file := ""
	if e.options.ReadOnce {
		file = filepath.Join(e.folder, "calls.duckdb")
	}
	connector, err := driver.NewConnector(file+"?"+settings.Encode(), func(sqldriver.ExecerContext) error { return nil })
	if err != nil {
		return err
	}
	e.db = sql.OpenDB(connector)
	if e.conn, err = e.db.Conn(ctx); err != nil {
		return err
	}
	function := driver.ParallelChunkTableFunction{
		BindArgumentsContext: func(ctx context.Context, _ map[string]any, _ ...any) (driver.ParallelChunkTableSource, error) {
			return &source{
				ctx:    ctx,
				log:    logstore.Reader{Store: e.options.Store, Range: e.options.Range},
				rates:  e.options.Rates,
				asked:  e.options.Filter,
				opened: e.opened,
			}, nil
		},
	}
	if err := driver.RegisterTableUDF(e.conn, "read_log", function); err != nil {
		return err
	}
	if e.options.ReadOnce {
		return nil
	}
	_, err = e.conn.ExecContext(ctx, "CREATE TEMP VIEW calls AS "+selectCalls(false)+"; CREATE TEMP VIEW records AS FROM read_log()")
	return err
}

func selectCalls(summed bool) string {
	var names []string
	for _, c := range columns {
		if !c.body && !(summed && c.single) {
			names = append(names, c.name)
		}
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM read_log()"
}

func (e *Engine) readOnce(ctx context.Context) error {
	_, err := e.Query(ctx, "CREATE TABLE calls AS "+selectCalls(true))
	return err
}

// Query implements [engine.Engine].
func (e *Engine) Query(ctx context.Context, text string) (*engine.Result, error) {
	result := &engine.Result{Rows: [][]any{}}
	err := e.Stream(ctx, text,
		func(columns []engine.Column) error { result.Columns = columns; return nil },
		func(values []any) error { result.Rows = append(result.Rows, slices.Clone(values)); return nil })
	if err != nil {
		return nil, err
	}
	return result, nil
}

// Stream is Query for answers of any length: it calls begin with the columns, and
// then row with each row, whose slice it uses again. They are called when the
// record has been read to its end, and an error of theirs is returned.
func (e *Engine) Stream(ctx context.Context, text string, begin func([]engine.Column) error, row func([]any) error) error {
	rows, err := e.run(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := each(rows, begin, row); err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	return nil
}

// run runs a query to its end, and learns what it read. The driver keeps the
// rows of the answer until they are fetched.
func (e *Engine) run(ctx context.Context, text string) (*sql.Rows, error) {
	e.readings = nil
	stop := e.reportProgress()
	rows, err := e.conn.QueryContext(ctx, text)
	stop()
	for _, r := range e.readings {
		// DuckDB makes a text of the error that stopped the reading.
		if stopped := r.scan.Err(); stopped != nil {
			err = stopped
		}
		err = errors.Join(err, r.scan.Close())
		if e.read == nil || !e.read.complete || r.complete() {
			e.read = r.summarise()
		}
	}
	e.readings = nil
	if err := cmp.Or(ctx.Err(), err); err != nil {
		if rows != nil {
			rows.Close()
		}
		return nil, err
	}
	return rows, nil
}

// opened takes note of a pass over the log that DuckDB began.
func (e *Engine) opened(r *reading) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.readings = append(e.readings, r)
}

// reportProgress does so every quarter of a second until it is stopped.
func (e *Engine) reportProgress() (stop func()) {
	if e.options.Progress == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				e.mu.Lock()
				if n := len(e.readings); n > 0 {
					e.options.Progress(e.readings[n-1].scan.Stats())
				}
				e.mu.Unlock()
			}
		}
	}()
	return func() { close(quit); <-done }
}

// Completeness implements [engine.Engine]. It tells of the last query's reading,
// and reads the log itself if there was none.
func (e *Engine) Completeness(ctx context.Context, f ledgersql.Filter) (*engine.Completeness, error) {
	if e.read == nil {
		if _, err := e.Query(ctx, "SELECT count(*) FROM calls"); err != nil {
			return nil, err
		}
	}
	read := e.read
	c := read.completeness()
	if !reflect.DeepEqual(f, e.options.Filter) {
		var err error
		if c.Unpriced, err = e.unpriced(ctx, f); err != nil {
			return nil, err
		}
	}
	c.Hours = hours.Check(ctx, e.options.Metric, f.From, f.To, read.hours)
	return c, nil
}

func (e *Engine) unpriced(ctx context.Context, f ledgersql.Filter) ([]engine.Unpriced, error) {
	result, err := e.Query(ctx, ledgersql.Unpriced(f))
	if err != nil {
		return nil, err
	}
	model, calls := result.Index("model_id"), result.Index("calls")
	var all []engine.Unpriced
	for _, row := range result.Rows {
		id, _ := row[model].(string)
		all = append(all, engine.Unpriced{ModelID: id, Calls: row[calls].(int64)})
	}
	return all, nil
}

// Close implements [engine.Engine].
func (e *Engine) Close() error {
	var errs []error
	if e.conn != nil {
		errs = append(errs, e.conn.Close())
	}
	if e.db != nil {
		errs = append(errs, e.db.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(e.folder))...)
}
