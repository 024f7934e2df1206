package report

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// written is the time of writing in all tests.
var written = time.Date(2026, 7, 1, 6, 0, 0, 0, time.UTC)

// june is the filter of the month that the tests report on.
var june = ledgersql.Filter{
	From: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
	To:   time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
}

var amountColumns = []string{
	"calls", "errors", "input_tokens", "output_tokens", "cache_read_tokens",
	"cache_write_tokens", "estimated_nanousd", "unpriced_calls",
}

// result makes an answer; the first columns are text, then come amounts.
func result(names []string, rows ...[]any) *engine.Result {
	r := &engine.Result{Rows: rows}
	for _, n := range append(names, amountColumns...) {
		r.Columns = append(r.Columns, engine.Column{Name: n})
	}
	return r
}

func (a amounts) values() []any {
	return []any{a.Calls, a.Errors, a.Input, a.Output, a.CacheRead, a.CacheWrite, a.NanoUSD, a.Unpriced}
}

// call is one call of a made-up record.
type call struct {
	user, task, vendor, model, modelID, failure string
	at                                          time.Time
	intervened                                  bool
	amounts
}

// month makes a plausible month: a few heavy users and many light ones, quiet
// weekends, some failures, some calls without a user or a price.
func month() []call {
	r := rand.New(rand.NewPCG(6, 2026))
	users := []string{"maria.keller", "o.brien", "svc-claims-triage", "svc-mail-summary", "Zoë Ångström", "山田太郎"}
	for i := range 40 {
		users = append(users, fmt.Sprintf("user-%03d", i+1))
	}
	tasks := []string{"summarise", "claims-triage", "chat", "extract-invoice", "translate"}
	models := []struct {
		vendor, model, id string
		in, out           int64 // nano-dollars per token
	}{
		{"anthropic", "claude-sonnet-4-5", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", 3300, 16500},
		{"anthropic", "claude-haiku-4-5", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", 1100, 5500},
		{"amazon", "nova-lite", "eu.amazon.nova-lite-v1:0", 78, 312},
		{"mistral", "mistral-large", "mistral.mistral-large-2407-v1:0", 2000, 6000},
		{"", "", "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/k3v9q0c1x7ab", 0, 0},
	}
	var calls []call
	for d := range 30 {
		n := 180 + d*3
		if wd := june.From.AddDate(0, 0, d).Weekday(); wd == time.Saturday || wd == time.Sunday {
			n = 25
		}
		if d == 17 {
			n = 0
		}
		for range n {
			m := models[min(int(r.ExpFloat64()*1.3), len(models)-1)]
			c := call{
				user: users[min(int(r.ExpFloat64()*5), len(users)-1)], task: tasks[min(int(r.ExpFloat64()*1.2), len(tasks)-1)],
				vendor: m.vendor, model: m.model, modelID: m.id,
				at:      june.From.AddDate(0, 0, d).Add(time.Duration(8*3600+r.IntN(36000)) * time.Second),
				amounts: amounts{Calls: 1},
			}
			if r.IntN(20) == 0 {
				c.user = ""
			}
			if r.IntN(15) == 0 {
				c.task = ""
			}
			switch r.IntN(60) {
			case 0:
				c.failure = "ValidationException"
			case 1:
				c.failure = "ThrottlingException"
			case 2:
				c.failure = "ModelTimeoutException"
			}
			if c.failure != "" {
				c.Errors = 1
			} else {
				c.Input, c.Output = int64(400+r.IntN(9000)), int64(50+r.IntN(1500))
				if r.IntN(3) == 0 {
					c.CacheRead, c.CacheWrite = int64(r.IntN(12000)), int64(r.IntN(1500))
				}
				c.intervened = r.IntN(70) == 0
			}
			if m.vendor == "" {
				c.Unpriced = 1
			} else {
				c.NanoUSD = c.Input*m.in + c.Output*m.out + c.CacheRead*m.in/10 + c.CacheWrite*m.in*5/4
			}
			calls = append(calls, c)
		}
	}
	return calls
}
