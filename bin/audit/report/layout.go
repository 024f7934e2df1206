package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// lay lays the content out as a page.
func lay(c *content) *page {
	m := money(places(c.Totals.NanoUSD))
	p := &page{
		Title: visible(c.Title), Period: period(c.Filter.From, c.Filter.To),
		About: about(c), Statement: state(c), Tiles: tiles(c, m), Method: method,
	}
	if c.Totals.Calls == 0 {
		p.Sections = []section{{ID: "nothing", Title: "No calls", Text: []string{
			"The record has no calls that this report was asked about. If there should be some, look at the source, the time range and the filters above.",
		}}}
	} else {
		p.Sections = []section{overTimeSection(c, m), spend(c, m), failures(c), interventions(c), unattributed(c, m), stepByStep(c, m)}
	}
	p.Sections = append(p.Sections, detail(c))
	return p
}

// method is how the numbers come about.
var method = []string{
	"Spend is an estimate: the tokens that the record states times the public price of the model on the day of the call, rounded to a billionth of a dollar per call. It is no invoice.",
	"Users, tasks and models are as the caller named them. The principal is what AWS authenticated. All times are UTC.",
	"Each request id counts once. Of what is not shown by name, the sum is shown, so that every table adds up to its total; amounts of money are rounded only when shown, and may seem to differ from it in the last digit.",
}

// money writes amounts with its number of decimals.
type money int

func (m money) text(nanoUSD int64) string { return dollars(nanoUSD, int(m)) }

// spend is what calls cost. If none of them has a price, that is not nothing.
func (m money) spend(a amounts) string {
	if a.Calls > 0 && a.Unpriced == a.Calls {
		return "not priced"
	}
	return m.text(a.NanoUSD)
}

// period names a half-open range of time. Bounds at midnight are named as days,
// the last one inclusive, as people speak.
func period(from, to time.Time) string {
	midnight := func(t time.Time) bool { return t.IsZero() || t.UTC().Truncate(24*time.Hour).Equal(t) }
	if midnight(from) && midnight(to) {
		last := to.AddDate(0, 0, -1)
		switch {
		case from.IsZero() && to.IsZero():
			return "The whole record"
		case from.IsZero():
			return "Up to " + day(last) + " (UTC)"
		case to.IsZero():
			return "From " + day(from) + " on (UTC)"
		case !last.After(from):
			return day(from) + " (UTC)"
		default:
			return day(from) + " to " + day(last) + " (UTC)"
		}
	}
	switch {
	case from.IsZero():
		return "Before " + minute(to)
	case to.IsZero():
		return "From " + minute(from) + " on"
	default:
		return minute(from) + " to before " + minute(to)
	}
}

func about(c *content) []fact {
	var out []fact
	add := func(name, value string) {
		if value != "" {
			out = append(out, fact{Name: name, Value: shorten(visible(value), 400)})
		}
	}
	add("Source", c.Source)
	engine := c.Engine
	if k := c.Completeness; k.ScannedBytes > 0 {
		engine += fmt.Sprintf(" (%s scanned, %s at list price)", size(k.ScannedBytes), dollars(k.ScanNanoUSD, 4))
	}
	add("Read by", engine)
	add("Written", minute(c.Written))
	if !c.First.IsZero() {
		add("First call", minute(c.First))
		add("Last call", minute(c.Last))
	}
	for _, f := range []struct {
		name   string
		values []string
	}{
		{"Only users", c.Filter.Users}, {"Only tasks", c.Filter.Tasks},
		{"Only knowledge bases", c.Filter.KnowledgeBases}, {"Only requests", c.Filter.Requests},
		{"Only models", c.Filter.Models}, {"Only principals", c.Filter.Principals},
	} {
		add(f.name, strings.Join(f.values, ", "))
	}
	return out
}

// namedGaps is how many gaps of a kind are listed.
const namedGaps = 100

// detail shows what the statement at the top rests on.
func detail(c *content) section {
	k := c.Completeness
	s := section{ID: "record", Title: "Completeness in detail"}
	if k.Unchecked != "" {
		s.Text = []string{"Nobody looked: " + visible(k.Unchecked)}
		return s
	}
	if filtered(c.Filter) {
		s.Text = []string{"These numbers are of the whole record in the time range, whatever else the report leaves out. Only the models without a price are those of the report's calls."}
	}
	silent := fact{"Silent hours", count(int64(len(k.Hours.Silent))), "calls counted, none recorded"}
	if !k.Hours.Checked {
		silent = fact{"Silent hours", "–", "not compared"}
	}
	objects := fact{"Log objects read", count(k.Objects), ""}
	if k.Objects == 0 && k.ScannedBytes > 0 {
		objects = fact{"Log objects read", "–", "the ledger does not tell"}
	}
	var unpriced int64
	for _, u := range k.Unpriced {
		unpriced += u.Calls
	}
	s.Facts = []fact{
		objects,
		{"Calls read", count(k.Records), "each request id once"},
		{"Duplicates", count(k.Duplicates), "records left out"},
		{"Objects passed over", count(k.Skipped), "hold no records"},
		{"Broken objects", count(k.BrokenObjects), "calls lost"},
		{"Broken lines", count(k.BrokenLines), "each perhaps a call"},
		silent,
		{"Models without a price", count(int64(len(k.Unpriced))), plural(unpriced, "call", "calls")},
	}
	for _, t := range gaps(k) {
		s.Figures = append(s.Figures, figure{Table: t})
	}
	return s
}

func filtered(f ledgersql.Filter) bool {
	return len(f.Users)+len(f.Tasks)+len(f.KnowledgeBases)+len(f.Requests)+len(f.Models)+len(f.Principals) > 0
}

// gaps lists by name what is missing.
func gaps(k engine.Completeness) []*table {
	var out []*table
	add := func(caption string, n, named int, heads []head, row func(int) []string) {
		if n == 0 {
			return
		}
		t := &table{Caption: caption, Head: heads}
		for i := range min(named, namedGaps) {
			t.add(row(i)...)
		}
		if more := n - len(t.Rows); more > 0 {
			t.Note = fmt.Sprintf("And %s more.", count(int64(more)))
		}
		out = append(out, t)
	}
	add("What could not be read", int(k.BrokenObjects+k.BrokenLines), len(k.Broken),
		[]head{{"Object", false}, {"Line", true}, {"Calls read from it", true}, {"Problem", false}},
		func(i int) []string {
			b := k.Broken[i]
			where := "the rest"
			switch {
			case b.Line > 0:
				where = count(b.Line)
			case b.Lines > 0:
				where = count(b.Lines) + " of them"
			}
			return []string{b.Object, where, count(b.Records), b.Problem}
		})
	add("Hours with calls that left no record", len(k.Hours.Silent), len(k.Hours.Silent),
		[]head{{"Hour (UTC)", false}, {"Region", false}, {"Calls counted by CloudWatch", true}},
		func(i int) []string {
			s := k.Hours.Silent[i]
			return []string{s.Hour.UTC().Format("2 Jan 2006, 15:04"), s.Region, count(s.Calls)}
		})
	add("Models without a price", len(k.Unpriced), len(k.Unpriced),
		[]head{{"Model id", false}, {"Calls", true}},
		func(i int) []string { return []string{k.Unpriced[i].ModelID, count(k.Unpriced[i].Calls)} })
	return out
}

// add appends a row of texts from the record.
func (t *table) add(texts ...string) {
	var l line
	for _, s := range texts {
		l.Cells = append(l.Cells, cell{Text: shorten(visible(s), 400)})
	}
	t.Rows = append(t.Rows, l)
}
