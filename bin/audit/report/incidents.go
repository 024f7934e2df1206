package report

import "fmt"

// failures shows the calls that failed: over time, by code, and where the quota
// ran out.
func failures(c *content) section {
	t := c.Totals
	s := section{ID: "failures", Title: "Throttled and failed calls"}
	if t.Errors == 0 {
		s.Text = []string{"No call failed."}
		return s
	}
	s.Text = []string{fmt.Sprintf("%s of %s failed (%s). Of these, Bedrock throttled %s, because there were more than the quota of the model allows.",
		count(t.Errors), plural(t.Calls, "call", "calls"), percent(t.Errors, t.Calls), count(t.Throttles))}
	s.Figures = append(s.Figures, failuresOverTime(c),
		calls("codes", "Failed calls per error code", "Failed calls per error code and model", []string{"Error code", "Model"}, []string{"No code", unknownModel}, c.Errors))
	if t.Throttles > 0 {
		s.Figures = append(s.Figures,
			calls("quotas", "Throttled calls per Region", "Throttled calls per Region and model", []string{"Region", "Model"}, []string{"No Region", unknownModel}, c.Throttles))
	}
	return s
}

func failuresOverTime(c *content) figure {
	s := c.Series
	var labels []string
	var values [][]int64
	worst := s.Points[0]
	for _, p := range s.Points {
		labels = append(labels, stepLabel(s.Step, p.Start))
		values = append(values, []int64{p.Throttled, p.Failed})
		if p.Throttled+p.Failed > worst.Throttled+worst.Failed {
			worst = p
		}
	}
	chart := stack("failed", "Failed calls per "+s.Step, overTimeDesc(s, worst, plural(worst.Throttled+worst.Failed, "failed call", "failed calls")), labels, values, compact)
	chart.Legend = []legend{{1, "Throttled"}, {2, "Failed otherwise"}}
	return figure{Wide: true, Columns: []columnChart{chart}}
}

// interventions shows where guardrails stepped in.
func interventions(c *content) section {
	n := c.Totals.Interventions
	s := section{ID: "interventions", Title: "Guardrail interventions"}
	if n == 0 {
		s.Text = []string{"The record names no call in which a guardrail intervened."}
		return s
	}
	s.Text = []string{fmt.Sprintf("A guardrail intervened in %s (%s of all).", plural(n, "call", "calls"), percent(n, c.Totals.Calls))}
	s.Figures = []figure{calls("guarded", "Interventions per user", "Interventions per user, task, model and principal",
		[]string{"User", "Task", "Model", "Principal"}, []string{noUser, noTask, unknownModel, noPrincipal},
		merge(c.Interventions, func(e entry) []name { return []name{e.Names[1], e.Names[2], e.Names[3], e.Names[0]} }))}
	s.Figures[0].Wide = true
	return s
}

// unattributed shows the calls that nobody is named for.
func unattributed(c *content, m money) section {
	t := c.Totals
	s := section{ID: "unattributed", Title: "Calls without a user"}
	if t.Unattributed == 0 {
		s.Text = []string{"Every call names a user."}
		return s
	}
	cost := all(c.Unattributed).NanoUSD
	s.Text = []string{fmt.Sprintf("%s of %s name no user (%s), and neither does %s of the estimated spend (%s). Only the principal that called can be asked about them.",
		count(t.Unattributed), plural(t.Calls, "call", "calls"), percent(t.Unattributed, t.Calls), m.text(cost), percent(cost, t.NanoUSD))}
	f := calls("nobody", "Calls without a user per principal", "Calls without a user per principal and model",
		[]string{"Principal", "Model"}, []string{noPrincipal, unknownModel}, c.Unattributed)
	f.Wide = true
	m.withSpend(&f, c.Unattributed, t.Unpriced > 0)
	s.Figures = []figure{f}
	return s
}

// withSpend adds the columns of money to a table that calls made of the list.
func (m money) withSpend(f *figure, list []entry, unpriced bool) {
	t := f.Table
	t.Head = append(t.Head, head{"Spend", true})
	if unpriced {
		t.Head = append(t.Head, head{"Not priced", true})
	}
	shown, others := largest(list)
	shown = append(shown, others...)
	shown = append(shown, all(list))
	for i, e := range shown {
		t.Rows[i].Cells = append(t.Rows[i].Cells, cell{Text: m.spend(amounts{Calls: e.Calls, NanoUSD: e.NanoUSD, Unpriced: e.Unpriced})})
		if unpriced {
			t.Rows[i].Cells = append(t.Rows[i].Cells, cell{Text: count(e.Unpriced)})
		}
	}
}

// maxEntries is how many entries are shown by name; the others are summed in
// one line.
const maxEntries = 12

// largest returns the entries to show, and the sum of the others if there are any.
func largest(list []entry) (shown, others []entry) {
	if len(list) <= maxEntries {
		return append(shown, list...), nil
	}
	return append(shown, list[:maxEntries-1]...), []entry{all(list[maxEntries-1:])}
}

// calls draws numbers of calls by the first of their names, and tables them by all.
func calls(id, title, caption string, heads, unnamed []string, list []entry) figure {
	t := &table{Caption: caption}
	for _, h := range heads {
		t.Head = append(t.Head, head{h, false})
	}
	t.Head = append(t.Head, head{"Calls", true}, head{"Share", true})
	total := all(list).Calls
	add := func(sum bool, e entry, names ...cell) {
		for len(names) < len(heads) {
			names = append(names, cell{})
		}
		t.Rows = append(t.Rows, line{Cells: append(names, cell{Text: count(e.Calls)}, cell{Text: percent(e.Calls, total)}), Sum: sum})
	}
	shown, others := largest(list)
	for _, e := range shown {
		var names []cell
		for i, n := range e.Names {
			names = append(names, n.cell(unnamed[i]))
		}
		add(false, e, names...)
	}
	for _, e := range others {
		add(false, e, cell{"All others", true})
	}
	add(true, all(list), cell{"Total", true})

	var names []cell
	var values []int64
	var texts []string
	draw := func(name cell, e entry) {
		names, values, texts = append(names, name), append(values, e.Calls), append(texts, count(e.Calls))
	}
	shown, others = largest(by(list, 0))
	for _, e := range shown {
		draw(e.Names[0].cell(unnamed[0]), e)
	}
	for _, e := range others {
		draw(cell{"All others", true}, e)
	}
	return figure{Bars: barChart(id, title, names, values, texts, total), Table: t}
}
