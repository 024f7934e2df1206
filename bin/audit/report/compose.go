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
	Totals                totals
	Users, Tasks, Models  breakdown
	Series                series
	// Calls by what they are split by: error code and model; Region and model;
	// principal, user, task and model; principal and model.
	Errors, Throttles, Interventions, Unattributed []entry
}

// totals are the sums over all calls.
type totals struct {
	amounts
	Errors, Throttles, Interventions, Unattributed int64 // calls
	Users, Principals, Models                      int64
}

// amounts are the sums of some calls.
type amounts struct {
	Calls                                int64
	Input, Output, CacheRead, CacheWrite int64 // tokens
	NanoUSD                              int64
	Unpriced                             int64 // calls that NanoUSD leaves out
}

func (a amounts) Tokens() int64 { return a.Input + a.Output + a.CacheRead + a.CacheWrite }

func (a amounts) plus(b amounts) amounts {
	return amounts{
		Calls: a.Calls + b.Calls,
		Input: a.Input + b.Input, Output: a.Output + b.Output,
		CacheRead: a.CacheRead + b.CacheRead, CacheWrite: a.CacheWrite + b.CacheWrite,
		NanoUSD: a.NanoUSD + b.NanoUSD, Unpriced: a.Unpriced + b.Unpriced,
	}
}

func (a amounts) minus(b amounts) amounts {
	return a.plus(amounts{
		Calls: -b.Calls,
		Input: -b.Input, Output: -b.Output, CacheRead: -b.CacheRead, CacheWrite: -b.CacheWrite,
		NanoUSD: -b.NanoUSD, Unpriced: -b.Unpriced,
	})
}

func (a amounts) negative() bool {
	return min(a.Calls, a.Input, a.Output, a.CacheRead, a.CacheWrite, a.NanoUSD, a.Unpriced) < 0
}

// breakdown is the totals split by one dimension: the largest by name, and all
// others in one sum, so that the rows always add up to the totals.
type breakdown struct {
	Rows   []group
	Others *amounts
}

// group is what the calls with one value of a dimension add up to.
type group struct {
	name
	amounts
}

func readAmounts(w *row) amounts {
	return amounts{
		Calls: w.number("calls"),
		Input: w.number("input_tokens"), Output: w.number("output_tokens"),
		CacheRead: w.number("cache_read_tokens"), CacheWrite: w.number("cache_write_tokens"),
		NanoUSD: w.number("estimated_nanousd"), Unpriced: w.number("unpriced_calls"),
	}
}

// errChanged says that an answer and the totals do not agree.
func errChanged(question string) error {
	return fmt.Errorf("report: the answer to %q does not add up to the totals: the record changed while it was read; give --to a time in the past and run again", question)
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
		g.Text, g.Known = w.text(column)
		b.Rows = append(b.Rows, g)
		rest = rest.minus(g.amounts)
	})
	if err != nil {
		return b, err
	}
	if rest.negative() {
		return b, errChanged(question)
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
		c.First, c.Last = w.time("first_call"), w.time("last_call")
		c.Totals = totals{
			amounts: readAmounts(w),
			Errors:  w.number("errors"), Throttles: w.number("throttles"),
			Interventions: w.number("interventions"), Unattributed: w.number("unattributed_calls"),
			Users: w.number("users"), Principals: w.number("principals"), Models: w.number("models"),
		}
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
		if *s.into, err = split(s.question, s.column, s.answer, c.Totals.amounts, o.Top); err != nil {
			return nil, err
		}
	}
	for _, s := range []struct {
		question string
		columns  []string
		answer   *engine.Result
		total    int64
		into     *[]entry
	}{
		{"errors", []string{"error_code", "model"}, a.errors, c.Totals.Errors, &c.Errors},
		{"throttles", []string{"region", "model"}, a.throttles, c.Totals.Throttles, &c.Throttles},
		{"interventions", []string{"principal", "user_id", "task_type", "model"}, a.interventions, c.Totals.Interventions, &c.Interventions},
		{"unattributed", []string{"principal", "model"}, a.unattributed, c.Totals.Unattributed, &c.Unattributed},
	} {
		if *s.into, err = entries(s.question, s.columns, s.answer, s.total); err != nil {
			return nil, err
		}
	}
	all, err := points(a)
	if err != nil {
		return nil, err
	}
	c.Series = overTime(all, f.From, f.To)
	var sum point
	for _, p := range c.Series.Points {
		sum = sum.plus(p)
	}
	if sum.amounts != c.Totals.amounts || sum.Throttled != c.Totals.Throttles || sum.Failed+sum.Throttled != c.Totals.Errors {
		return nil, errChanged("cost by hour")
	}
	return c, nil
}
