package report

import (
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// content is all that the page says, before it is laid out.
type content struct {
	Title, Source, Engine string
	Written               time.Time
	Filter                ledgersql.Filter
	Completeness          engine.Completeness
	First, Last           time.Time // of the calls; zero if there are none
	Totals                amounts
	Users, Tasks, Models  breakdown
	Series                series
}

// amounts are the sums of some calls.
type amounts struct {
	Calls, Errors                        int64
	Input, Output, CacheRead, CacheWrite int64 // tokens
	NanoUSD                              int64
	Unpriced                             int64 // calls that NanoUSD leaves out
}

func (a amounts) Tokens() int64 { return a.Input + a.Output + a.CacheRead + a.CacheWrite }

func (a amounts) plus(b amounts) amounts {
	return amounts{
		Calls: a.Calls + b.Calls, Errors: a.Errors + b.Errors,
		Input: a.Input + b.Input, Output: a.Output + b.Output,
		CacheRead: a.CacheRead + b.CacheRead, CacheWrite: a.CacheWrite + b.CacheWrite,
		NanoUSD: a.NanoUSD + b.NanoUSD, Unpriced: a.Unpriced + b.Unpriced,
	}
}

func (a amounts) minus(b amounts) amounts {
	return a.plus(amounts{
		Calls: -b.Calls, Errors: -b.Errors,
		Input: -b.Input, Output: -b.Output, CacheRead: -b.CacheRead, CacheWrite: -b.CacheWrite,
		NanoUSD: -b.NanoUSD, Unpriced: -b.Unpriced,
	})
}

func (a amounts) negative() bool {
	return min(a.Calls, a.Errors, a.Input, a.Output, a.CacheRead, a.CacheWrite, a.NanoUSD, a.Unpriced) < 0
}

// breakdown is the totals split by one dimension: the largest by name, and all
// others in one sum, so that the rows always add up to the totals.
type breakdown struct {
	Rows   []group
	Others *amounts
}

// group is what the calls with one value of a dimension add up to.
type group struct {
	Name  string
	Named bool // false for the calls without a value
	amounts
}

func readAmounts(w *row) amounts {
	return amounts{
		Calls: w.number("calls"), Errors: w.number("errors"),
		Input: w.number("input_tokens"), Output: w.number("output_tokens"),
		CacheRead: w.number("cache_read_tokens"), CacheWrite: w.number("cache_write_tokens"),
		NanoUSD: w.number("estimated_nanousd"), Unpriced: w.number("unpriced_calls"),
	}
}

// split reads at most top rows of an answer and sums what the totals hold
// beyond them.
func split(question, column string, r *engine.Result, totals amounts, top int) (breakdown, error) {
	var b breakdown
	rest := totals
	err := each(question, r, func(w *row) {
		if len(b.Rows) == top {
			return
		}
		g := group{amounts: readAmounts(w)}
		g.Name, g.Named = w.text(column)
		b.Rows = append(b.Rows, g)
		rest = rest.minus(g.amounts)
	})
	if err != nil {
		return b, err
	}
	if rest.negative() {
		return b, fmt.Errorf("report: the answer to %q is larger than the totals: the record changed while it was read; give --to a time in the past and run again", question)
	}
	if rest != (amounts{}) {
		b.Others = &rest
	}
	return b, nil
}

func compose(a *answers, f ledgersql.Filter, o Options) (*content, error) {
	c := &content{
		Title: o.Title, Source: o.Source, Engine: o.Engine, Written: o.Written.UTC(),
		Filter: f, Completeness: *a.completeness,
	}
	err := each("totals", a.totals, func(w *row) {
		c.Totals = readAmounts(w)
		c.First, c.Last = w.time("first_call"), w.time("last_call")
	})
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		question, column string
		answer           *engine.Result
		into             *breakdown
	}{
		{"cost by user", "user_id", a.users, &c.Users},
		{"cost by task", "task_type", a.tasks, &c.Tasks},
		{"cost by model", "model", a.models, &c.Models},
	} {
		if *s.into, err = split(s.question, s.column, s.answer, c.Totals, o.Top); err != nil {
			return nil, err
		}
	}
	if c.Series, err = overTime(a.days, a.hours, f.From, f.To); err != nil {
		return nil, err
	}
	return c, nil
}
