package report

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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

// call is one call of a made-up record.
type call struct {
	user, task, model, failure string
	at                         time.Time
	intervened                 bool
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
		name    string
		in, out int64 // nano-dollars per token
	}{
		{"anthropic.claude-sonnet-4-5", 3300, 16500},
		{"anthropic.claude-haiku-4-5", 1100, 5500},
		{"amazon.nova-lite", 78, 312},
		{"mistral.mistral-large", 2000, 6000},
		{"arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/k3v9q0c1x7ab", 0, 0},
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
				user: users[min(int(r.ExpFloat64()*5), len(users)-1)], task: tasks[min(int(r.ExpFloat64()*1.2), len(tasks)-1)], model: m.name,
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
			if c.failure == "" {
				c.Input, c.Output = int64(400+r.IntN(9000)), int64(50+r.IntN(1500))
				if r.IntN(3) == 0 {
					c.CacheRead, c.CacheWrite = int64(r.IntN(12000)), int64(r.IntN(1500))
				}
				c.intervened = r.IntN(70) == 0
			}
			if m.in == 0 {
				c.Unpriced = 1
			} else {
				c.NanoUSD = c.Input*m.in + c.Output*m.out + c.CacheRead*m.in/10 + c.CacheWrite*m.in*5/4
			}
			calls = append(calls, c)
		}
	}
	return calls
}

const principal = "arn:aws:iam::111122223333:role/assistant"

// fake answers from made-up calls, as an engine does.
type fake struct {
	calls  []call
	record engine.Completeness
	// spoil changes the answers, by the beginning of the question's name.
	spoil map[string]func(*engine.Result)
	asked int
}

func (f *fake) Close() error { return nil }

func (f *fake) Completeness(context.Context, ledgersql.Filter) (*engine.Completeness, error) {
	return &f.record, nil
}

func (f *fake) Query(_ context.Context, sql string) (*engine.Result, error) {
	f.asked++
	by := func(d ledgersql.Dimension, top int) string {
		return ledgersql.Cost(june, []ledgersql.Dimension{d}, top)
	}
	everything := func(call) bool { return true }
	throttled := func(c call) bool { return c.failure == "ThrottlingException" }
	user := func(c call) any { return null(c.user) }
	task := func(c call) any { return null(c.task) }
	model := func(c call) any { return null(c.model) }
	hour := func(c call) any { return c.at.Truncate(time.Hour) }
	always := func(v any) func(call) any { return func(call) any { return v } }
	type keys = []func(call) any
	for _, q := range []struct {
		name, sql, columns string
		top                int
		keep               func(call) bool
		keys               keys
	}{
		{"totals", ledgersql.Totals(june), "", 0, everything, nil},
		{"users", by(ledgersql.User, 10), "user_id", 10, everything, keys{user}},
		{"tasks", by(ledgersql.Task, 10), "task_type", 10, everything, keys{task}},
		{"models", by(ledgersql.ByModel, 10), "model", 10, everything, keys{model}},
		{"spend", by(ledgersql.Hour, 0), "hour", 0, everything, keys{hour}},
		{"hours", ledgersql.Hours(june), "hour region", 0, everything, keys{hour, always("eu-central-1")}},
		{"throttles", ledgersql.Throttles(june), "hour region model", 0, throttled, keys{hour, always("eu-central-1"), model}},
		{"errors", ledgersql.Errors(june), "error_code model", 0, func(c call) bool { return c.failure != "" }, keys{func(c call) any { return c.failure }, model}},
		{"interventions", ledgersql.Interventions(june), "principal user_id task_type model", 0, func(c call) bool { return c.intervened }, keys{always(principal), user, task, model}},
		{"unattributed", ledgersql.Unattributed(june), "principal model", 0, func(c call) bool { return c.user == "" }, keys{always(principal), model}},
	} {
		if q.sql != sql {
			continue
		}
		answer := sums(f.calls, strings.Fields(q.columns), q.top, q.keep, q.keys)
		if !slices.Contains([]string{"totals", "users", "tasks", "models", "spend", "unattributed"}, q.name) {
			answer.Columns[answer.Index("estimated_nanousd")].Name = "not asked for"
		}
		if q.name == "totals" {
			answer.Rows[0][answer.Index("users")] = int64(46)
			answer.Rows[0][answer.Index("models")] = int64(5)
		}
		if spoil := f.spoil[q.name]; spoil != nil {
			spoil(answer)
		}
		return answer, nil
	}
	return nil, fmt.Errorf("the fake knows no answer to %s", sql)
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// sums adds up calls by keys into rows that have all columns of all questions,
// the dearest first.
func sums(calls []call, columns []string, top int, keep func(call) bool, keys []func(call) any) *engine.Result {
	values := []string{
		"calls", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "estimated_nanousd", "unpriced_calls",
		"errors", "throttles", "interventions", "unattributed_calls", "served", "users", "principals", "models",
	}
	r := &engine.Result{}
	for _, c := range append(append(columns, values...), "first_call", "last_call") {
		r.Columns = append(r.Columns, engine.Column{Name: c})
	}
	rows := map[string]int{}
	if len(keys) == 0 {
		// Without GROUP BY there is a row even of nothing.
		rows["[]"] = 0
		r.Rows = [][]any{append(make([]any, 0), slices.Repeat([]any{int64(0)}, len(values))...)}
		r.Rows[0] = append(r.Rows[0], nil, nil)
	}
	one := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	for _, c := range calls {
		if !keep(c) {
			continue
		}
		key := []any{}
		for _, k := range keys {
			key = append(key, k(c))
		}
		i, known := rows[fmt.Sprintf("%q", key)]
		if !known {
			i = len(r.Rows)
			rows[fmt.Sprintf("%q", key)] = i
			r.Rows = append(r.Rows, append(append(key, slices.Repeat([]any{int64(0)}, len(values))...), nil, nil))
		}
		row := r.Rows[i]
		for j, v := range []int64{
			c.Calls, c.Input, c.Output, c.CacheRead, c.CacheWrite, c.NanoUSD, c.Unpriced,
			one(c.failure != ""), one(c.failure == "ThrottlingException"), one(c.intervened), one(c.user == ""), one(c.failure == ""),
		} {
			row[len(columns)+j] = row[len(columns)+j].(int64) + v
		}
		first, last := len(row)-2, len(row)-1
		if t, ok := row[first].(time.Time); !ok || c.at.Before(t) {
			row[first] = c.at
		}
		if t, ok := row[last].(time.Time); !ok || c.at.After(t) {
			row[last] = c.at
		}
	}
	dollars, n := r.Index("estimated_nanousd"), r.Index("calls")
	slices.SortFunc(r.Rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(b[dollars].(int64), a[dollars].(int64)), cmp.Compare(b[n].(int64), a[n].(int64)),
			cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	if top > 0 && len(r.Rows) > top {
		r.Rows = r.Rows[:top]
	}
	return r
}
