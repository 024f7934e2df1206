package athena

import (
	"context"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// Completeness implements [engine.Engine]. The ledger holds what could be read
// of the record, each request once, and names the objects with lines that could
// not be. It does not know of objects that break off: those fail its fill.
func (e *Engine) Completeness(ctx context.Context, f ledgersql.Filter) (*engine.Completeness, error) {
	within := ledgersql.Filter{From: f.From, To: f.To}
	c := &engine.Completeness{}
	recorded := map[hours.Key]int64{}
	err := e.each(ctx, ledgersql.Hours(within), []string{"region", "hour", "calls", "served"}, func(v []any) {
		region, _ := v[0].(string)
		hour, _ := v[1].(time.Time)
		calls, _ := v[2].(int64)
		served, _ := v[3].(int64)
		recorded[hours.Key{Region: region, Hour: hour}] += served
		c.Records += calls
	})
	if err != nil {
		return nil, err
	}
	err = e.each(ctx, ledgersql.Unpriced(f), []string{"model_id", "calls"}, func(v []any) {
		model, _ := v[0].(string)
		calls, _ := v[1].(int64)
		c.Unpriced = append(c.Unpriced, engine.Unpriced{ModelID: model, Calls: calls})
	})
	if err != nil {
		return nil, err
	}
	err = e.each(ctx, ledgersql.Unreadable(within), []string{"object", "lines"}, func(v []any) {
		object, _ := v[0].(string)
		lines, _ := v[1].(int64)
		c.BrokenLines += lines
		if len(c.Broken) < named {
			c.Broken = append(c.Broken, engine.Broken{Object: object, Lines: lines, Problem: "no call could be made of them"})
		}
	})
	if err != nil {
		return nil, err
	}
	c.Hours = hours.Check(ctx, e.options.Metric, f.From, f.To, recorded)
	c.ScannedBytes, c.ScanNanoUSD = e.scanned, e.nanoUSD
	return c, nil
}

// named is how many broken objects Completeness names.
const named = 1000

// Cost is what the queries so far cost, without a look at the ledger: for a
// query that is not known to be about the ledger, or about which time.
func (e *Engine) Cost() *engine.Completeness {
	return &engine.Completeness{
		Unchecked:    "a query in SQL may read anything; the commands who, what, which and cost tell what they rest on",
		ScannedBytes: e.scanned, ScanNanoUSD: e.nanoUSD,
	}
}

// each calls fn with the named columns of every row.
func (e *Engine) each(ctx context.Context, text string, names []string, fn func([]any)) error {
	result, err := e.Query(ctx, text)
	if err != nil {
		return err
	}
	values := make([]any, len(names))
	for _, row := range result.Rows {
		for i, name := range names {
			at := result.Index(name)
			if at < 0 {
				return fmt.Errorf("the answer has no column %s", name)
			}
			values[i] = row[at]
		}
		fn(values)
	}
	return nil
}
