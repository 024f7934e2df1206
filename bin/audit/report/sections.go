package report

import (
	"fmt"
	"strings"
	"time"
)

// What calls are called that lack a name.
const (
	noUser       = "No user id"
	noTask       = "No task"
	noPrincipal  = "No principal"
	unknownModel = "Unknown model"
)

func tiles(c *content, m money) []fact {
	t := c.Totals
	spend := fact{"Estimated spend", m.spend(t.amounts), "every call priced"}
	switch {
	case t.Calls == 0:
		spend.Note = "no calls"
	case t.Unpriced > 0:
		spend.Note = "without " + plural(t.Unpriced, "unpriced call", "unpriced calls")
	}
	return []fact{
		spend,
		{"Calls", count(t.Calls), plural(t.Users, "user", "users") + ", " + plural(t.Models, "model", "models")},
		{"Tokens", compact(t.Tokens()), compact(t.Input+t.CacheRead+t.CacheWrite) + " in, " + compact(t.Output) + " out"},
		{"Failed calls", percent(t.Errors, t.Calls), count(t.Errors) + ", " + count(t.Throttles) + " of them throttled"},
		{"Guardrail interventions", count(t.Interventions), percent(t.Interventions, t.Calls) + " of calls"},
		{"Calls without a user", percent(t.Unattributed, t.Calls), plural(t.Unattributed, "call", "calls")},
	}
}

// spend shows the money per user, task and model.
func spend(c *content, m money) section {
	return section{
		ID: "spend", Title: "Estimated spend",
		Text: []string{"Tokens times the public price of the model on the day of the call. The invoice may differ: it knows discounts, commitments and taxes."},
		Figures: []figure{
			m.breakdown(c, "users", "User", noUser, "All other users", c.Users),
			m.breakdown(c, "tasks", "Task", noTask, "All other tasks", c.Tasks),
			m.breakdown(c, "models", "Model", unknownModel, "All other models", c.Models),
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
	var names []cell
	var values []int64
	var texts []string
	add := func(name cell, a amounts) {
		t.Rows = append(t.Rows, line{Cells: m.cells(name, a, c.Totals.amounts)})
		names, values, texts = append(names, name), append(values, a.NanoUSD), append(texts, m.spend(a))
	}
	for _, g := range b.Rows {
		add(g.cell(unnamed), g.amounts)
	}
	if b.Others != nil {
		add(cell{others, true}, *b.Others)
	}
	t.Rows = append(t.Rows, line{Cells: m.cells(cell{"Total", true}, c.Totals.amounts, c.Totals.amounts), Sum: true})
	return figure{Bars: barChart(id, "Estimated spend per "+strings.ToLower(dimension), names, values, texts, c.Totals.NanoUSD), Table: t}
}

// barChart draws values with their names, written as texts; whole is what their
// shares are of.
func barChart(id, title string, names []cell, values []int64, texts []string, whole int64) *bars {
	chart := &bars{ID: id, Title: title}
	longest := 0
	for i, v := range values {
		if v > values[longest] {
			longest = i
		}
	}
	for i, v := range values {
		chart.Bars = append(chart.Bars, bar{
			Name: shorten(names[i].Text, nameColumns), Plain: names[i].Plain,
			Value: texts[i], Length: length(v, values[longest]),
		})
	}
	if len(values) > 0 {
		chart.Desc = fmt.Sprintf("%s. The longest: %s with %s, %s of the whole. The table beside the chart has all numbers.",
			plural(int64(len(values)), "bar", "bars"), shorten(names[longest].Text, nameColumns), texts[longest], percent(values[longest], whole))
	}
	return chart
}

func (m money) cells(name cell, a, totals amounts) []cell {
	cells := []cell{name, {Text: count(a.Calls)}, {Text: count(a.Tokens())}, {Text: m.spend(a)}, {Text: percent(a.NanoUSD, totals.NanoUSD)}}
	if totals.Unpriced > 0 {
		cells = append(cells, cell{Text: count(a.Unpriced)})
	}
	return cells
}

// cell writes a name, or what to say where there is none.
func (n name) cell(unnamed string) cell {
	if !n.Known {
		return cell{unnamed, true}
	}
	return cell{Text: shorten(visible(n.Text), 300)}
}

// overTimeSection draws tokens and spend in the steps of the series.
func overTimeSection(c *content, m money) section {
	s := c.Series
	var labels []string
	var tokens, spend [][]int64
	most, dearest := s.Points[0], s.Points[0]
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
	}
	first := stack("tokens", "Tokens per "+s.Step, overTimeDesc(s, most, plural(most.Tokens(), "token", "tokens")), labels, tokens, compact)
	first.Legend = []legend{{1, "Input"}, {2, "Output"}, {3, "Cache read"}, {4, "Cache write"}}
	second := stack("money", "Estimated spend per "+s.Step, overTimeDesc(s, dearest, m.text(dearest.NanoUSD)), labels, spend, axis)
	return section{ID: "time", Title: "Tokens over time", Figures: []figure{{Columns: []columnChart{first, second}}}}
}

// stepByStep tables the numbers of all charts over time.
func stepByStep(c *content, m money) section {
	s := c.Series
	t := &table{Caption: "Calls, tokens and estimated spend per " + s.Step + " (UTC)", Head: []head{{capital(s.Step), false}}}
	for _, h := range []string{"Calls", "Throttled", "Failed otherwise", "Input", "Output", "Cache read", "Cache write", "Spend"} {
		t.Head = append(t.Head, head{h, true})
	}
	row := func(name string, p point) []cell {
		out := []cell{{Text: name}}
		for _, n := range []int64{p.Calls, p.Throttled, p.Failed, p.Input, p.Output, p.CacheRead, p.CacheWrite} {
			out = append(out, cell{Text: count(n)})
		}
		return append(out, cell{Text: m.spend(p.amounts)})
	}
	var total point
	for _, p := range s.Points {
		t.Rows = append(t.Rows, line{Cells: row(stepName(s.Step, p.Start), p)})
		total = total.plus(p)
	}
	t.Rows = append(t.Rows, line{Cells: row("Total", total), Sum: true})
	return section{ID: "steps", Title: capital(s.Step) + " by " + s.Step, Figures: []figure{{Table: t}}}
}

// overTimeDesc describes a chart over time to those who do not see it.
func overTimeDesc(s series, highest point, value string) string {
	return fmt.Sprintf("%s, one per %s. The highest: %s with %s. The table %q has the numbers.",
		plural(int64(len(s.Points)), "column", "columns"), s.Step, stepName(s.Step, highest.Start), value, capital(s.Step)+" by "+s.Step)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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
