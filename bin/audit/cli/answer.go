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
		truncated, err := fetch(ctx, e, a, p, out)
		if err != nil {
			return err
		}
		if ledger, ok := e.(*athenaengine.Engine); ok && a.command == "sql" {
			c = ledger.Cost()
		} else if c, err = e.Completeness(ctx, o.filter()); err != nil {
			return err
		}
		p.clear()
		if err := out.End(truncated, c); err != nil || !o.asCSV {
			return err
		}
		if truncated {
			fmt.Fprintf(s.Err, cut, a.filter.Limit)
		}
		return render.Footer(s.Err, c)
	})
	if err != nil {
		return err
	}
	return verdict(c)
}

// streamer is an engine that does not need to hold an answer in memory.
type streamer interface {
	Stream(ctx context.Context, sql string, begin func([]engine.Column) error, row func([]any) error) error
}

// fetch hands the engine's rows over, and reports whether there are more than
// the limit.
func fetch(ctx context.Context, e engine.Engine, a ask, p *progress, out render.Rows) (truncated bool, err error) {
	begin := func(columns []engine.Column) error {
		p.clear()
		return out.Begin(columns)
	}
	n := 0
	row := func(values []any) error {
		if n++; a.filter.Limit > 0 && n > a.filter.Limit {
			truncated = true
			return nil
		}
		return out.Row(values)
	}
	if s, ok := e.(streamer); ok {
		return truncated, s.Stream(ctx, a.sql(), begin, row)
	}
	result, err := e.Query(ctx, a.sql())
	if err != nil {
		return false, err
	}
	if err := begin(result.Columns); err != nil {
		return false, err
	}
	for _, values := range result.Rows {
		if err := row(values); err != nil {
			return false, err
		}
	}
	return truncated, nil
}
