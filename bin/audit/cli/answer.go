package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	athenaengine "github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/athena"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

// ask is what an engine is asked.
type ask struct {
	command string
	filter  render.Filter
	brief   []string      // the columns of a table; nil is all
	money   bool          // the answer holds money, if there is a price
	total   bool          // a table ends with the sum of its rows
	sql     func() string // called when the flags have been checked
}

// answer asks the question and writes the answer.
func (o *options) answer(ctx context.Context, s Streams, a ask) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	p := newProgress(s.Err)
	defer p.clear()
	e, err := o.open(ctx, p, false)
	if err != nil {
		return err
	}
	defer func() {
		if closing := e.Close(); closing != nil {
			err = errors.Join(err, closing)
		}
	}()
	var c *engine.Completeness
	err = o.write(s, func(w io.Writer) error {
		out := o.rows(w, a)
		got, err := fetch(ctx, e, a, p, out)
		if err != nil {
			return err
		}
		if ledger, ok := e.(*athenaengine.Engine); ok && a.command == "sql" {
			c = ledger.Cost()
		} else if c, err = e.Completeness(ctx, o.filter()); err != nil {
			return err
		}
		if !a.money {
			c.Unpriced = nil
		}
		p.clear()
		if err := out.End(got.truncated, c); err != nil || o.asJSON {
			return err
		}
		notes, gap := s.Err, ""
		if !o.asCSV {
			notes, gap = w, "\n"
		}
		fmt.Fprint(notes, gap)
		if got.truncated {
			fmt.Fprintf(notes, "The first %d rows; --limit 0 gives all.\n%s", a.filter.Limit, gap)
		}
		if got.none && a.command != "sql" && o.narrowed() && !c.Empty {
			fmt.Fprintf(notes, "No call matches the conditions.\n%s", gap)
		}
		return render.Footer(notes, c)
	})
	if err != nil {
		return err
	}
	return o.verdict(s, c)
}

// streamer is an engine that does not need to hold an answer in memory.
type streamer interface {
	Stream(ctx context.Context, sql string, begin func([]engine.Column) error, row func([]any) error) error
}

// fetched is what is known of an answer whose rows have gone by.
type fetched struct {
	truncated bool // there are more rows than the limit
	none      bool // it tells of no call
}

// fetch hands the engine's rows over.
func fetch(ctx context.Context, e engine.Engine, a ask, p *progress, out render.Rows) (fetched, error) {
	got, n, calls := fetched{none: true}, 0, -1
	begin := func(columns []engine.Column) error {
		p.clear()
		calls = (&engine.Result{Columns: columns}).Index("calls")
		return out.Begin(columns)
	}
	row := func(values []any) error {
		if n++; a.filter.Limit > 0 && n > a.filter.Limit {
			got.truncated = true
			return nil
		}
		// A sum over no calls is a row, too.
		if calls < 0 || values[calls] != int64(0) {
			got.none = false
		}
		return out.Row(values)
	}
	if s, ok := e.(streamer); ok {
		err := s.Stream(ctx, a.sql(), begin, row)
		return got, err
	}
	result, err := e.Query(ctx, a.sql())
	if err != nil {
		return got, err
	}
	if err := begin(result.Columns); err != nil {
		return got, err
	}
	for _, values := range result.Rows {
		if err := row(values); err != nil {
			return got, err
		}
	}
	return got, nil
}
