package report

import (
	"fmt"
	"strings"
	"time"
)

func tiles(c *content, m money) []fact {
	t := c.Totals
	spend := fact{"Estimated spend", m.text(t.NanoUSD), "every call priced"}
	switch {
	case t.Calls == 0:
		spend.Note = "no calls"
	case t.Unpriced > 0:
		spend.Note = "without " + plural(t.Unpriced, "call", "calls") + " not priced"
	}
	return []fact{
		spend,
		{"Calls", count(t.Calls), plural(t.Errors, "failed", "failed")},
		{"Tokens", compact(t.Tokens()), compact(t.Input+t.CacheRead+t.CacheWrite) + " in, " + compact(t.Output) + " out"},
	}
}

// spend shows the money per user, task and model.
func spend(c *content, m money) section {
	return section{
		ID: "spend", Title: "Estimated spend",
		Text: []string{"Tokens times the public price of the model on the day of the call. The invoice may differ: it knows discounts, commitments and taxes."},
		Figures: []figure{
			m.breakdown(c, "users", "User", "No user id", "All other users", c.Users),
			m.breakdown(c, "tasks", "Task", "No task", "All other tasks", c.Tasks),
			m.breakdown(c, "models", "Model", "Unknown model", "All other models", c.Models),
		},
	}
}

// breakdown draws the spend of each group and tables what it stands for.
func (m money) breakdown(c *content, id, dimension, unnamed, others string, b breakdown) figure {
	t := &table{
		Caption: "Calls, tokens and estimated spend per " + strings.ToLower(dimension),
		Head:    []head{{dimension, false}, {"Calls", true}, {"Tokens", true}, {"Spend", true}, {"Share", true}},
	}
	if c.Totals.Unpriced > 0 {
		t.Head = append(t.Head, head{"Not priced", true})
	}
	chart := &bars{ID: id, Title: "Estimated spend per " + strings.ToLower(dimension)}
	var largest int64
	for _, g := range b.Rows {
		largest = max(largest, g.NanoUSD)
	}
	if b.Others != nil {
		largest = max(largest, b.Others.NanoUSD)
	}
	add := func(name cell, a amounts) {
		t.Rows = append(t.Rows, line{Cells: m.cells(name, a, c.Totals)})
		chart.Bars = append(chart.Bars, bar{
			Name: shorten(name.Text, nameColumns), Plain: name.Plain,
			Value: m.text(a.NanoUSD), Length: length(a.NanoUSD, largest),
		})
	}
	for _, g := range b.Rows {
		add(g.cell(unnamed), g.amounts)
	}
	if b.Others != nil {
		add(cell{others, true}, *b.Others)
	}
	t.Rows = append(t.Rows, line{Cells: m.cells(cell{"Total", true}, c.Totals, c.Totals), Sum: true})
	if len(b.Rows) > 0 {
		first := b.Rows[0]
		chart.Desc = fmt.Sprintf("Bars in order of size. The longest: %s with %s, %s of the whole. The table beside the chart has all numbers.",
			shorten(first.cell(unnamed).Text, nameColumns), m.text(first.NanoUSD), percent(first.NanoUSD, c.Totals.NanoUSD))
	}
	return figure{Bars: chart, Table: t}
}

func (m money) cells(name cell, a, totals amounts) []cell {
	cells := []cell{name, {Text: count(a.Calls)}, {Text: count(a.Tokens())}, {Text: m.text(a.NanoUSD)}, {Text: percent(a.NanoUSD, totals.NanoUSD)}}
	if totals.Unpriced > 0 {
		cells = append(cells, cell{Text: count(a.Unpriced)})
	}
	return cells
}

func (g group) cell(unnamed string) cell {
	if !g.Named {
		return cell{unnamed, true}
	}
	return cell{Text: shorten(visible(g.Name), 300)}
}

// overTimeSection draws tokens and spend in the steps of the series.
func overTimeSection(c *content, m money) section {
	s := c.Series
	layers := []legend{{1, "Input"}, {2, "Output"}, {3, "Cache read"}, {4, "Cache write"}}
	t := &table{
		Caption: "Calls, tokens and estimated spend per " + s.Step + " (UTC)",
		Head:    []head{{strings.ToUpper(s.Step[:1]) + s.Step[1:], false}, {"Calls", true}, {"Failed", true}, {"Input", true}, {"Output", true}, {"Cache read", true}, {"Cache write", true}, {"Spend", true}},
	}
	var labels []string
	var tokens, spend [][]int64
	most, dearest := s.Points[0], s.Points[0]
	cells := func(name string, a amounts) []cell {
		out := []cell{{name, true}}
		for _, n := range []int64{a.Calls, a.Errors, a.Input, a.Output, a.CacheRead, a.CacheWrite} {
			out = append(out, cell{Text: count(n)})
		}
		return append(out, cell{Text: m.text(a.NanoUSD)})
	}
	for _, p := range s.Points {
		labels = append(labels, stepLabel(s.Step, p.Start))
		tokens = append(tokens, []int64{p.Input, p.Output, p.CacheRead, p.CacheWrite})
		spend = append(spend, []int64{p.NanoUSD})
		if p.Tokens() > most.Tokens() {
			most = p
		}
		if p.NanoUSD > dearest.NanoUSD {
			dearest = p
		}
		t.Rows = append(t.Rows, line{Cells: cells(stepName(s.Step, p.Start), p.amounts)})
	}
	t.Rows = append(t.Rows, line{Cells: cells("Total", c.Totals), Sum: true})
	desc := "%s columns, one per " + s.Step + ". The highest: %s with %s. The table below has all numbers."
	n := count(int64(len(s.Points)))
	first := stack("tokens", "Tokens per "+s.Step, fmt.Sprintf(desc, n, stepName(s.Step, most.Start), plural(most.Tokens(), "token", "tokens")), labels, tokens, compact)
	first.Legend = layers
	second := stack("money", "Estimated spend per "+s.Step, fmt.Sprintf(desc, n, stepName(s.Step, dearest.Start), m.text(dearest.NanoUSD)), labels, spend, axis)
	return section{
		ID: "time", Title: "Tokens over time",
		Figures: []figure{{Wide: true, Columns: []columnChart{first, second}, Table: t}},
	}
}

// axis writes an amount of money short enough for an axis.
func axis(nanoUSD int64) string {
	if nanoUSD >= 1000e9 {
		return "$" + compact(nanoUSD/1e9)
	}
	return strings.TrimSuffix(strings.TrimRight(dollars(nanoUSD, 9), "0"), ".")
}

// stepName names a step in a table.
func stepName(step string, t time.Time) string {
	switch step {
	case "hour":
		return t.Format("2 Jan 2006, 15:04")
	case "day":
		return t.Format("Mon 2 Jan 2006")
	case "week":
		return "from " + t.Format("Mon 2 Jan 2006")
	case "month":
		return t.Format("January 2006")
	default:
		return t.Format("2006")
	}
}

// stepLabel names a step under a chart.
func stepLabel(step string, t time.Time) string {
	switch step {
	case "hour":
		return t.Format("2 Jan 15:04")
	case "day":
		return t.Format("2 Jan")
	case "week":
		return t.Format("2 Jan 06")
	case "month":
		return t.Format("Jan 2006")
	default:
		return t.Format("2006")
	}
}
