package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Text writes the report for a person. Headings are bold when colour is true.
func Text(w io.Writer, r *Report, colour bool) error {
	p := &page{table: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0), colour: colour}
	p.logging(r)
	p.buckets(r)
	p.keys(r)
	p.logGroups(r)
	p.guard(r.Guard)
	p.filters(r)
	p.alarms(r)
	p.rules(r.Rules)
	p.topics(r)
	p.boards(r.Boards)
	p.trails(r)
	p.ledger(r.Ledger)
	p.tags(r)
	p.section("")
	return p.err
}

// page keeps the first error, so that what follows need not look.
type page struct {
	table  *tabwriter.Writer
	colour bool
	err    error
}

// section aligns what came before it and begins anew.
func (p *page) section(title string) {
	if err := p.table.Flush(); p.err == nil {
		p.err = err
	}
	if title == "" {
		return
	}
	if p.colour {
		title = "\x1b[1m" + title + "\x1b[0m"
	}
	p.printf("\n%s\n", title)
}

// heading begins a section for a list and says so when there is nothing in it.
func (p *page) heading(title string, count int) {
	p.section(title)
	if count == 0 {
		p.row("none")
	}
}

func (p *page) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(p.table, format, args...); p.err == nil {
		p.err = err
	}
}

// row writes the cells of one line of a table.
func (p *page) row(cells ...any) {
	line := make([]string, len(cells))
	for i, cell := range cells {
		line[i] = fmt.Sprint(cell)
	}
	p.printf("  %s\n", strings.Join(line, "\t"))
}

func (p *page) logging(r *Report) {
	l := r.Logging
	p.section("Model invocation logging in " + r.Region + ", account " + r.Account)
	p.row("text", onOff(l.Text))
	p.row("image", onOff(l.Image))
	p.row("embedding", onOff(l.Embedding))
	p.row("video", onOff(l.Video))
	p.row("audio", onOff(l.Audio))
	p.row("to S3", at(l.Bucket, l.Prefix))
	p.row("to CloudWatch Logs", orNone(l.LogGroup))
	p.row("with the role", orNone(name(l.Role)))
	p.row("large bodies to S3", at(l.LargeDataBucket, l.LargeDataPrefix))
}

func (p *page) buckets(r *Report) {
	for _, b := range r.Buckets {
		p.section("Bucket with the " + b.Holds)
		p.row("name", b.Name)
		lock := "none"
		if b.LockMode != "" {
			lock = fmt.Sprintf("%s for %s", b.LockMode, days(b.LockDays))
		}
		p.row("Object Lock", lock)
		encryption := b.Encryption
		if b.Key != "" {
			encryption += " with key " + short(b.Key) + ", bucket key " + onOff(b.BucketKey)
		}
		p.row("encryption", encryption)
		p.row("versioning", onOff(b.Versioned))
		p.row("public access", choose(b.PublicBlocked, "blocked", "NOT BLOCKED"))
		p.row("objects expire", choose(b.ExpireDays > 0, "after "+days(b.ExpireDays), "never"))
		p.row("access logs", orNone(b.AccessLogs))
	}
}

func (p *page) keys(r *Report) {
	p.heading("Keys", len(r.Keys))
	for _, k := range r.Keys {
		p.row(short(k.ARN), choose(k.Rotates, "rotates every "+days(k.RotationDays), "DOES NOT ROTATE"), k.State, k.Description)
		for _, what := range k.Encrypts {
			p.row("", "encrypts "+what)
		}
	}
}

func (p *page) logGroups(r *Report) {
	p.heading("Log groups", len(r.LogGroups))
	for _, g := range r.LogGroups {
		p.row(g.Name,
			choose(g.RetentionDays > 0, "kept "+days(g.RetentionDays), "kept for ever"),
			choose(g.Key != "", "key "+short(g.Key), "no key"),
			"deletion protection "+onOff(g.Protected),
			"masking "+onOff(g.Masked))
	}
}

func (p *page) trails(r *Report) {
	if len(r.Trails) == 0 {
		p.heading("Trails", 0)
	}
	for _, t := range r.Trails {
		p.section("Trail " + t.Name)
		p.row("logging", onOff(t.Logging))
		p.row("Regions", choose(t.MultiRegion, "all", "this one"))
		p.row("log file validation", onOff(t.Validation))
		p.row("to S3", t.Bucket)
		p.row("to CloudWatch Logs", orNone(t.LogGroup))
		p.row("encryption", choose(t.Key != "", "key "+short(t.Key), "none"))
		label := "selects"
		for _, selector := range t.Selectors {
			p.row(label, selector)
			label = ""
		}
		p.row("Insights", orNone(strings.Join(t.Insights, ", ")))
	}
}

// tags groups the resources that have the same ones.
func (p *page) tags(r *Report) {
	p.heading("Tags", len(r.Tags))
	resources := map[string][]string{}
	for _, tagged := range r.Tags {
		var all []string
		for _, key := range slices.Sorted(maps.Keys(tagged.Tags)) {
			all = append(all, key+"="+tagged.Tags[key])
		}
		set := orNone(strings.Join(all, "  "))
		resources[set] = append(resources[set], tagged.Resource)
	}
	for _, set := range slices.Sorted(maps.Keys(resources)) {
		p.row(set)
		for _, resource := range fewer(resources[set]) {
			p.row("  on " + resource)
		}
	}
}

// fewer counts the resources of a kind of which there are many.
func fewer(resources []string) []string {
	const many = 5
	kindOf := func(resource string) string { return resource[:max(strings.LastIndex(resource, " "), 0)] }
	count := map[string]int{}
	for _, resource := range resources {
		count[kindOf(resource)]++
	}
	var lines []string
	for _, resource := range resources {
		line := resource
		if n := count[kindOf(resource)]; n >= many {
			line = fmt.Sprintf("%d %ss", n, kindOf(resource))
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func onOff(on bool) string { return choose(on, "on", "off") }

func orNone(text string) string { return choose(text != "", text, "none") }

func at(bucket, prefix string) string {
	return orNone(strings.TrimSuffix(bucket+"/"+prefix, "/"))
}

func days(n int32) string { return count(n, "day") }

func count(n int32, unit string) string {
	return choose(n == 1, "1 "+unit, fmt.Sprintf("%d %ss", n, unit))
}

// name is the last part of an ARN.
func name(arn string) string {
	return arn[strings.LastIndexAny(arn, ":/")+1:]
}

func names(arns []string) []string {
	var all []string
	for _, arn := range arns {
		all = append(all, name(arn))
	}
	return all
}

// short is enough of a key's id to tell the keys of one account apart.
func short(key string) string {
	id := name(key)
	return id[:min(len(id), 8)]
}
