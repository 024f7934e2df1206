package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// entry is a number of calls that are alike in what they are split by.
type entry struct {
	Names             []name
	Calls             int64
	NanoUSD, Unpriced int64     // 0 if the question does not ask for money
	Last              time.Time // zero if the question does not ask for it
}

// name is the value of a column; Known is false where calls have none.
type name struct {
	Text  string
	Known bool
}

func (a name) compare(b name) int {
	if a.Known != b.Known {
		// Those without a name come last.
		if a.Known {
			return -1
		}
		return 1
	}
	return cmp.Compare(a.Text, b.Text)
}

// entries reads an answer, which must have as many calls as total says.
func entries(question string, columns []string, r *engine.Result, total int64) ([]entry, error) {
	var out []entry
	err := each(question, r, func(w *row) {
		e := entry{Calls: w.number("calls")}
		for _, c := range columns {
			var n name
			n.Text, n.Known = w.text(c)
			e.Names = append(e.Names, n)
		}
		if w.has("last_call") {
			e.Last = w.time("last_call")
		}
		if w.has("estimated_nanousd") {
			e.NanoUSD, e.Unpriced = w.number("estimated_nanousd"), w.number("unpriced_calls")
		}
		out = append(out, e)
	})
	if err != nil {
		return nil, err
	}
	if all(out).Calls != total {
		return nil, errChanged(question)
	}
	return merge(out, func(e entry) []name { return e.Names }), nil
}

// merge adds up the entries with the same names, the largest first.
func merge(list []entry, names func(entry) []name) []entry {
	var out []entry
	for _, e := range list {
		e.Names = names(e)
		out = append(out, e)
	}
	byNames := func(a, b entry) int { return slices.CompareFunc(a.Names, b.Names, name.compare) }
	slices.SortFunc(out, byNames)
	kept := 0
	for i, e := range out {
		if i > 0 && byNames(out[kept-1], e) == 0 {
			out[kept-1] = out[kept-1].plus(e)
			continue
		}
		out[kept] = e
		kept++
	}
	out = out[:kept]
	slices.SortStableFunc(out, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.NanoUSD, a.NanoUSD), cmp.Compare(b.Calls, a.Calls))
	})
	return out
}

// by merges entries by one of their names, those with the most calls first.
func by(list []entry, position int) []entry {
	out := merge(list, func(e entry) []name { return e.Names[position : position+1] })
	slices.SortStableFunc(out, func(a, b entry) int { return cmp.Compare(b.Calls, a.Calls) })
	return out
}

func (e entry) plus(o entry) entry {
	e.Calls += o.Calls
	e.NanoUSD += o.NanoUSD
	e.Unpriced += o.Unpriced
	if o.Last.After(e.Last) {
		e.Last = o.Last
	}
	return e
}

// all is the sum of entries, without names.
func all(list []entry) entry {
	var sum entry
	for _, e := range list {
		sum = sum.plus(e)
	}
	return sum
}
