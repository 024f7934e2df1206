package report

import (
	"context"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// answers are what the engine said.
type answers struct {
	totals        *engine.Result
	users         *engine.Result
	tasks         *engine.Result
	models        *engine.Result
	spend         *engine.Result // by hour
	served        *engine.Result // by hour
	throttles     *engine.Result
	errors        *engine.Result
	interventions *engine.Result
	unattributed  *engine.Result
	completeness  *engine.Completeness
}

// ask puts all questions. Completeness comes last: an engine knows what it
// could not read when it has read.
func ask(ctx context.Context, e engine.Engine, f ledgersql.Filter, top int) (*answers, error) {
	a := &answers{}
	by := func(d ledgersql.Dimension, limit int) string {
		return ledgersql.Cost(f, []ledgersql.Dimension{d}, limit)
	}
	for _, q := range []struct {
		name string
		sql  string
		into **engine.Result
	}{
		{"totals", ledgersql.Totals(f), &a.totals},
		{"cost by user", by(ledgersql.User, top), &a.users},
		{"cost by task", by(ledgersql.Task, top), &a.tasks},
		{"cost by model", by(ledgersql.ByModel, top), &a.models},
		{"cost by hour", by(ledgersql.Hour, 0), &a.spend},
		{"hours", ledgersql.Hours(f), &a.served},
		{"throttles", ledgersql.Throttles(f), &a.throttles},
		{"errors", ledgersql.Errors(f), &a.errors},
		{"interventions", ledgersql.Interventions(f), &a.interventions},
		{"unattributed", ledgersql.Unattributed(f), &a.unattributed},
	} {
		r, err := e.Query(ctx, q.sql)
		if err != nil {
			return nil, fmt.Errorf("report: the question %q: %w", q.name, err)
		}
		*q.into = r
	}
	var err error
	if a.completeness, err = e.Completeness(ctx, f); err != nil {
		return nil, fmt.Errorf("report: how complete the record is: %w", err)
	}
	return a, nil
}

// row reads the values of one row by the names of their columns, and keeps the
// first problem.
type row struct {
	question string
	result   *engine.Result
	values   []any
	err      error
}

// each calls fn for each row of an answer.
func each(question string, r *engine.Result, fn func(*row)) error {
	for _, values := range r.Rows {
		w := &row{question: question, result: r, values: values}
		if fn(w); w.err != nil {
			return w.err
		}
	}
	return nil
}

func (w *row) value(column string) any {
	i := w.result.Index(column)
	if i < 0 {
		w.fail(column, "is missing")
		return nil
	}
	return w.values[i]
}

func (w *row) fail(column, what string) {
	if w.err == nil {
		w.err = fmt.Errorf("report: in the answer to %q the column %s %s; engine and report are not of the same version", w.question, column, what)
	}
}

// number returns 0 for NULL: a sum over nothing.
func (w *row) number(column string) int64 {
	switch v := w.value(column).(type) {
	case int64:
		return v
	case nil:
	default:
		w.fail(column, fmt.Sprintf("holds %T, not a whole number", v))
	}
	return 0
}

// text returns false for NULL.
func (w *row) text(column string) (string, bool) {
	switch v := w.value(column).(type) {
	case string:
		return v, true
	case nil:
	default:
		w.fail(column, fmt.Sprintf("holds %T, not text", v))
	}
	return "", false
}

// has reports whether the answer has such a column.
func (w *row) has(column string) bool { return w.result.Index(column) >= 0 }

// time returns the zero time for NULL.
func (w *row) time(column string) time.Time {
	switch v := w.value(column).(type) {
	case time.Time:
		return v.UTC()
	case nil:
	default:
		w.fail(column, fmt.Sprintf("holds %T, not a time", v))
	}
	return time.Time{}
}
