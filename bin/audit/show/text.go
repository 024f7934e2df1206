package show

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

// Text writes a call for people. What was said stands behind a bar, line by
// line, so that no text of a caller's can pass for a heading.
func (c *Call) Text(w io.Writer) error {
	p := &page{}
	c.facts(p)
	if c.System != "" {
		p.said("System prompt", c.System)
	}
	for _, m := range c.Messages {
		p.said(title("Prompt", m.Role), m.Text)
	}
	if c.Completion != "" {
		p.said("Completion", c.Completion)
	}
	for _, t := range c.ToolCalls {
		p.said("Tool call: "+render.Line(t.Name), string(t.Input))
	}
	for _, m := range c.Media {
		p.heading("Media")
		p.fact(m.Kind, strings.Join(words(m.Format, m.Name, m.URI, size(m.Bytes), where(m.Output)), ", "))
	}
	if c.Raw {
		p.heading("The layout of a body is not known; it stands above as it is")
	}
	for _, e := range c.Events {
		c.event(p, e)
	}
	if len(c.Missing) > 0 {
		p.heading("Missing")
		for _, m := range c.Missing {
			p.line("  " + render.Line(m))
		}
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}

func (c *Call) facts(p *page) {
	r := &c.Row
	p.fact("request", r.RequestID)
	p.fact("called at", r.CalledAt.Format("2006-01-02 15:04:05.999 MST"))
	p.fact("operation", r.Operation)
	p.fact("model", strings.Join(words(r.Vendor, r.Model, r.ModelVersion, r.Scope), " "))
	p.fact("model id", r.ModelID)
	p.fact("region", strings.Join(words(r.Region, prefixed("served in ", r.InferenceRegion)), ", "))
	p.fact("account", r.AccountID)
	p.fact("principal", r.Principal)
	p.fact("session", r.Session)
	p.fact("tokens", c.tokens())
	p.fact("estimate", c.estimate())
	p.fact("error", r.ErrorCode)
	p.fact("stop reason", r.StopReason)
	if r.GuardrailIntervened {
		p.fact("guardrail", "intervened")
	}
	if r.LatencyMS != nil {
		p.fact("latency", render.Grouped(*r.LatencyMS)+" ms")
	}
	p.fact("record", r.Object)
	p.fact("request in", r.InputBodyS3)
	p.fact("answer in", r.OutputBodyS3)
	if len(c.Metadata) > 0 {
		p.heading("Metadata, in the caller's words")
		for _, k := range slices.Sorted(maps.Keys(c.Metadata)) {
			p.fact(k, c.Metadata[k])
		}
	}
}

func (c *Call) tokens() string {
	var all []string
	for _, t := range []struct {
		n    *int64
		name string
	}{
		{c.Row.InputTokens, "in"}, {c.Row.OutputTokens, "out"},
		{c.Row.CacheReadTokens, "read from a cache"}, {c.Row.CacheWriteTokens, "written to a cache"},
	} {
		if t.n != nil {
			all = append(all, render.Grouped(*t.n)+" "+t.name)
		}
	}
	if all == nil {
		return "not recorded"
	}
	return strings.Join(all, ", ")
}

func (c *Call) estimate() string {
	if c.Row.EstimatedNanoUSD == nil || c.Rate == nil {
		return "none: the rate card has no rate for the model, or the record no tokens"
	}
	r := c.Rate
	text := fmt.Sprintf("%.9f USD at %g in, %g out, %g cache read, %g cache write per million tokens",
		float64(*c.Row.EstimatedNanoUSD)/1e9, r.Input, r.Output, r.CacheRead, r.CacheWrite)
	return strings.Join(words(text, prefixed("since ", r.Since), r.Source, prefixed("read ", r.Retrieved)), ", ")
}

func (c *Call) event(p *page, raw json.RawMessage) {
	var e struct {
		EventName, EventTime, EventType, SourceIPAddress, UserAgent, ErrorCode, EventID string
		UserIdentity                                                                    struct{ Type, ARN, AccessKeyID string }
	}
	p.heading("CloudTrail event")
	if err := json.Unmarshal(raw, &e); err != nil {
		p.line("  " + render.Line(err.Error()))
		return
	}
	p.fact("event", strings.Join(words(e.EventName, e.EventType, e.EventID), ", "))
	p.fact("time", e.EventTime)
	p.fact("identity", strings.Join(words(e.UserIdentity.Type, e.UserIdentity.ARN), " "))
	p.fact("access key", e.UserIdentity.AccessKeyID)
	p.fact("from", e.SourceIPAddress)
	p.fact("with", e.UserAgent)
	p.fact("error", e.ErrorCode)
}

// page is text in the making.
type page struct{ text strings.Builder }

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
)

func (p *page) line(s string) { p.text.WriteString(s + "\n") }

func (p *page) heading(s string) { p.line("\n" + bold.Render(s)) }

// fact leaves out what is not known.
func (p *page) fact(name, value string) {
	if value != "" {
		p.line(faint.Render(fmt.Sprintf("  %-12s", render.Line(name))) + " " + render.Line(value))
	}
}

func (p *page) said(heading, text string) {
	p.heading(heading)
	for line := range strings.Lines(render.Lines(text)) {
		p.line(faint.Render("  │ ") + strings.TrimSuffix(line, "\n"))
	}
}

func title(name, role string) string {
	if role == "" {
		return name
	}
	return name + " (" + render.Line(role) + ")"
}

func words(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func size(n int) string {
	if n == 0 {
		return ""
	}
	return render.Grouped(int64(n)) + " bytes"
}

func where(answer bool) string {
	if answer {
		return "in the answer"
	}
	return "in the request"
}
