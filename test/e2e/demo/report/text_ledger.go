package report

import (
	"fmt"
	"strings"
)

func (p *page) ledger(l *Ledger) {
	if l == nil {
		p.heading("Ledger", 0)
		return
	}
	p.section("Ledger of the calls, without prompts")
	p.row("database", l.Database)
	p.row("tables", strings.Join(l.Tables, ", ")+"; its own with the first fill")
	label := "work groups"
	for _, g := range l.WorkGroups {
		p.row(label, fmt.Sprintf("%s, %s, a query reads %d GiB at most, results with key %s, %d saved queries",
			g.Name, choose(g.Enforced, "settings enforced", "SETTINGS NOT ENFORCED"), g.ScanLimit>>30, short(g.Key), g.SavedQueries))
		label = ""
	}
	p.row("filled by", orNone(l.FilledBy))
	label = "at"
	for _, at := range l.Schedule {
		p.row(label, at)
		label = ""
	}
}
