package report

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// filters writes the throttling filter in full, and of the others what they
// count.
func (p *page) filters(r *Report) {
	p.heading("Metric filters", len(r.Filters))
	others := map[string][]string{}
	var groups []string
	for _, f := range r.Filters {
		if f.Name != throttlingFilter {
			if others[f.LogGroup] == nil {
				groups = append(groups, f.LogGroup)
			}
			if !slices.Contains(others[f.LogGroup], f.Metric) {
				others[f.LogGroup] = append(others[f.LogGroup], f.Metric)
			}
			continue
		}
		p.row(f.Name, "on "+f.LogGroup)
		p.row("", "counts "+f.Pattern)
		p.row("", "as "+f.Namespace+" "+f.Metric+" = "+f.Value)
	}
	label := "others"
	for _, group := range groups {
		p.row(label, "on "+group)
		for _, metric := range others[group] {
			p.row("", "for "+metric)
		}
		label = ""
	}
}

// alarms writes those about throttling in full, and of the others those that
// notify somebody as a table.
func (p *page) alarms(r *Report) {
	if len(r.Alarms) == 0 {
		p.heading("Alarms", 0)
		return
	}
	about := r.aboutThrottling()
	var others []Alarm
	silent := 0
	for _, a := range r.Alarms {
		switch {
		case about[a.ARN]:
			p.alarm(a)
		case len(a.Actions) == 0:
			silent++
		default:
			others = append(others, a)
		}
	}
	if len(others) == 0 {
		return
	}
	p.section(fmt.Sprintf("Other alarms that notify: %d, made of %d more", len(others), silent))
	prefix := commonPrefix(others)
	for _, a := range others {
		p.row(shortName(strings.TrimPrefix(name(a.ARN), prefix), a.Severity), choose(a.Severity != "", a.Severity, "-"), a.State, gist(a))
	}
}

func (p *page) alarm(a Alarm) {
	p.section("Alarm " + name(a.ARN))
	p.row("state", a.State)
	p.row("fires when", a.Condition)
	label := "watches"
	for _, what := range a.Watches {
		p.row(label, what)
		label = ""
	}
	p.row("tells", orNone(strings.Join(names(a.Actions), ", ")))
	p.row("tells when over", orNone(strings.Join(names(a.OKActions), ", ")))
	label = "says"
	for line := range strings.Lines(a.Description) {
		if line = strings.TrimSpace(line); line != "" {
			p.row(label, line)
			label = ""
		}
	}
}

// commonPrefix is what the names of all alarms begin with, up to a hyphen: the
// name of their stack.
func commonPrefix(alarms []Alarm) string {
	prefix := name(alarms[0].ARN)
	for _, a := range alarms {
		for !strings.HasPrefix(name(a.ARN), prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix[:strings.LastIndex(prefix, "-")+1]
}

// generated is what the CDK and CloudFormation end a name with.
var generated = regexp.MustCompile(`[0-9A-F]{8}(-\w+)?$`)

func shortName(name, severity string) string {
	return strings.TrimSuffix(generated.ReplaceAllString(name, ""), severity)
}

// gist is the first sentence of an alarm's description, or its condition. What
// follows the severity in a description may begin in lower case.
func gist(a Alarm) string {
	text := strings.TrimPrefix(a.Description, a.Severity+": ")
	text, _, _ = strings.Cut(text, "\n")
	for _, end := range []string{". ", ": "} {
		text, _, _ = strings.Cut(text, end)
	}
	if text == "" {
		return a.Condition
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".")
}

func (p *page) topics(r *Report) {
	for _, t := range r.Topics {
		p.section("Topic " + name(t.ARN))
		p.row("encryption", choose(t.Key != "", "key "+short(t.Key), "none"))
		for _, s := range t.Subscriptions {
			p.row(s.Protocol, s.Endpoint+choose(s.Confirmed, "", " (to be confirmed)"))
		}
		if len(t.Subscriptions) == 0 {
			p.row("subscriptions", "none")
		}
	}
}

func (p *page) guard(g *Guard) {
	if g == nil {
		p.heading("Guard", 0)
		return
	}
	p.section("Guard of the logging configuration")
	p.row("function", g.Function)
	p.row("state", g.State)
	p.row("runs", orNone(strings.Join(g.Schedule, " and ")))
	label := "found last"
	for _, c := range g.Checks {
		p.row(label, c.Name+" "+choose(c.Declared, "as declared", "NOT AS DECLARED")+", "+c.At.Format(time.DateTime)+" UTC")
		label = ""
	}
	if len(g.Checks) == 0 {
		p.row(label, "nothing yet")
	}
}

// rules writes one line for both rules of a change: one tells when a deployment
// made it, the other when anybody else did.
func (p *page) rules(rules []Rule) {
	if len(rules) == 0 {
		p.heading("Rules that notify", 0)
		return
	}
	told := map[string][]string{} // by whom
	for _, rule := range rules {
		what, by := rule.Description, "by anybody"
		for _, one := range []string{"by a deployment", "but not by a deployment"} {
			if before, found := strings.CutSuffix(what, ", "+one); found {
				what, by = before, one
			}
		}
		if what == "" {
			what = rule.Name
		}
		if !slices.Contains(told[what], by) {
			told[what] = append(told[what], by)
		}
	}
	both := 0
	for _, by := range told {
		if len(by) == 2 {
			both++
		}
	}
	title := fmt.Sprintf("Rules that notify: %d", len(rules))
	if both > 0 {
		title += ", two a line: one of changes by a deployment, one of all others"
	}
	p.section(title)
	for _, rule := range rules {
		if rule.State != "ENABLED" {
			p.row("NOT ENABLED: " + rule.Name)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(told)) {
		by := told[what]
		p.row(what + choose(len(by) == 2, "", " ("+strings.Join(by, ", ")+")"))
	}
}

func (p *page) boards(boards []Board) {
	p.heading("Dashboards", len(boards))
	for _, b := range boards {
		p.row(b.Name, fmt.Sprintf("%d widgets", b.Widgets))
	}
}
