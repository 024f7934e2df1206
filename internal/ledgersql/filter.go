package ledgersql

import (
	"strings"
	"time"
)

// Filter narrows a question to some calls. All its conditions must hold.
type Filter struct {
	// From is the first moment, To the first one after the last. Default: the zero time, open.
	From, To time.Time
	// Users, Tasks, KnowledgeBases and Principals are values of the columns user_id, task_type, kb_id
	// and principal, of which any fits. Default: none, all calls.
	Users, Tasks, KnowledgeBases, Principals []string
	// Requests are values of request_id or business_id, of which any fits. Default: none, all calls.
	Requests []string
	// Models are model ids as passed, names such as claude-sonnet-4-5, or vendors and names such as
	// anthropic.claude-sonnet-4-5, of which any fits. Default: none, all calls.
	Models []string
}

// Quote makes a literal of a text.
func Quote(s string) string {
	// Neither engine takes a NUL in a statement, and no value of a record has one.
	s = strings.ReplaceAll(s, "\x00", "")
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func timestamp(t time.Time) string {
	return "TIMESTAMP '" + t.UTC().Format("2006-01-02 15:04:05.000000") + "'"
}

// where gives a WHERE clause of the filter and further conditions, or nothing.
func (f Filter) where(more ...string) string {
	var all []string
	if !f.From.IsZero() {
		all = append(all, "called_at >= "+timestamp(f.From))
	}
	if !f.To.IsZero() {
		all = append(all, "called_at < "+timestamp(f.To))
	}
	for _, choice := range []struct {
		values  []string
		columns []string
	}{
		{f.Users, []string{"user_id"}},
		{f.Tasks, []string{"task_type"}},
		{f.KnowledgeBases, []string{"kb_id"}},
		{f.Principals, []string{"principal"}},
		{f.Requests, []string{"request_id", "business_id"}},
		{f.Models, []string{"model_id", "model", "vendor || '.' || model"}},
	} {
		if len(choice.values) == 0 {
			continue
		}
		values := make([]string, len(choice.values))
		for i, value := range choice.values {
			values[i] = Quote(value)
		}
		in := " IN (" + strings.Join(values, ", ") + ")"
		all = append(all, "("+strings.Join(choice.columns, in+" OR ")+in+")")
	}
	all = append(all, more...)
	if len(all) == 0 {
		return ""
	}
	return "\nWHERE " + strings.Join(all, "\n  AND ")
}
