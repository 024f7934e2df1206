package ledger

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

func testFill() fill {
	return fill{partition: "aws", database: "db", workGroup: "db-fill", location: "s3://bucket/calls/", lookBackHours: 3, rates: record.Rates(), events: true}
}

// machine is the definition as Step Functions reads it.
type machine struct {
	QueryLanguage string
	StartAt       string
	States        map[string]machineState
}

type machineState struct {
	Type, Next, Default, Resource string
	End                           bool
	TimeoutSeconds                int
	MaxConcurrency                int
	Retry                         []struct {
		ErrorEquals []string
		MaxAttempts int
	}
	Choices       []struct{ Condition, Next string }
	Arguments     map[string]any
	Assign        map[string]any
	Items, Cause  string
	ItemProcessor *machine
}

func parsed(t *testing.T, f fill) (machine, any) {
	t.Helper()
	var m machine
	var raw any
	require.NoError(t, json.Unmarshal([]byte(f.definition()), &m))
	require.NoError(t, json.Unmarshal([]byte(f.definition()), &raw))
	return m, raw
}

func (m machine) reachable(t *testing.T) (tasks []machineState) {
	t.Helper()
	reached := map[string]bool{}
	todo := []string{m.StartAt}
	ends := false
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if reached[name] {
			continue
		}
		reached[name] = true
		s, ok := m.States[name]
		require.True(t, ok, "there is no state %q", name)
		next := []string{s.Next, s.Default}
		for _, choice := range s.Choices {
			next = append(next, choice.Next)
		}
		for _, n := range next {
			if n != "" {
				todo = append(todo, n)
			}
		}
		ends = ends || s.End || s.Type == "Succeed"
		if s.ItemProcessor != nil {
			tasks = append(tasks, s.ItemProcessor.reachable(t)...)
		}
		if s.Type == "Task" {
			tasks = append(tasks, s)
		}
	}
	assert.Len(t, reached, len(m.States), "every state is reached")
	assert.True(t, ends, "there is an end")
	return tasks
}

func TestFillReachesEveryStateAndComesToAnEnd(t *testing.T) {
	t.Parallel()
	for _, events := range []bool{true, false} {
		f := testFill()
		f.events = events
		m, _ := parsed(t, f)
		assert.Equal(t, "JSONata", m.QueryLanguage)
		m.reachable(t)
		_, joined := m.States["DefineCallsWithEvents"]
		assert.Equal(t, events, joined, "the view needs the table of events")
	}
}

// Who starts the state machine decides about its input, so none of it may end up
// in SQL.
func TestFillRunsItsOwnQueriesOnly(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	for _, task := range m.reachable(t) {
		if !strings.HasSuffix(task.Resource, "athena:startQueryExecution.sync") {
			continue
		}
		assert.Equal(t, "db-fill", task.Arguments["WorkGroup"])
		sql := task.Arguments["QueryString"].(string)
		assert.NotEmpty(t, sql)
		if strings.HasPrefix(sql, "{%") {
			assert.Contains(t, []string{expression(spliced("fill", "$states.input")), expression(spliced("measure", "$window.settled"))}, sql)
			continue
		}
		assert.NotContains(t, sql, fromMarker)
		assert.Less(t, len(sql), 256*1024, "Athena's limit for a query")
	}
	assert.Equal(t, ledgersql.Fill("db", marked), m.States["Window"].Assign["fill"])
	assert.Equal(t, 2, strings.Count(ledgersql.Fill("db", marked), "BETWEEN '"+fromMarker)+strings.Count(ledgersql.Measure("db", marked), "BETWEEN '"+fromMarker))
	assert.Less(t, len(testFill().definition()), 1_000_000, "Step Functions' limit for a definition")
}

// Two commits to the table at once are refused, and so is more to do than one
// VACUUM takes; both are only to be tried again.
func TestFillTriesAgainAndOneAtATime(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	assert.Equal(t, 1, m.States["FillDays"].MaxConcurrency)
	for _, task := range m.reachable(t) {
		require.Len(t, task.Retry, 1, task.Resource)
		assert.Equal(t, []string{"States.TaskFailed"}, task.Retry[0].ErrorEquals)
		assert.GreaterOrEqual(t, task.Retry[0].MaxAttempts, 3)
	}
	assert.Equal(t, 20, m.States["Vacuum"].Retry[0].MaxAttempts)
	// Athena ends a query after 30 minutes.
	assert.Greater(t, m.States["Vacuum"].TimeoutSeconds, 30*60)
}

func TestFillDefinesBeforeItFills(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	var order []string
	for name := "CreateCalls"; m.States[name].Type == "Task"; name = m.States[name].Next {
		order = append(order, name)
	}
	assert.Equal(t, []string{"CreateCalls", "DefineRates", "DefineModelAliases", "DefineRecords", "DefineCallsWithEvents"}, order)
	assert.Equal(t, ledgersql.CreateCalls("db", "s3://bucket/calls/"), m.States["CreateCalls"].Arguments["QueryString"])
}

func expressionsOf(v any) (found []string) {
	switch v := v.(type) {
	case string:
		if inner, ok := strings.CutPrefix(v, "{%"); ok {
			found = append(found, strings.TrimSpace(strings.TrimSuffix(inner, "%}")))
		}
	case []any:
		for _, item := range v {
			found = append(found, expressionsOf(item)...)
		}
	case map[string]any:
		for _, item := range v {
			found = append(found, expressionsOf(item)...)
		}
	}
	return found
}

func inner(expression any) string { return expressionsOf(expression)[0] }

// states are what Step Functions calls $states.
func states(input any, startTime string) map[string]any {
	return map[string]any{"states": map[string]any{
		"input":   input,
		"context": map[string]any{"Execution": map[string]any{"StartTime": startTime}},
	}}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	window := inner(m.States["Window"].Assign["window"])
	type object = map[string]any
	between := func(from, to string) object { return object{"from": from, "to": to} }
	cases := map[string]struct {
		input    any
		now      string
		from, to string
		settled  string // the end
		parts    []any
		past     bool
		maintain bool
	}{
		"hourly": {
			object{"hours": 3}, "2026-05-17T14:25:03.123Z", "2026/05/17/11", "2026/05/17/14", "2026/05/17/13",
			[]any{between("2026/05/17/11", "2026/05/17/14")}, false, false,
		},
		"nothing said": {
			object{}, "2026-05-17T14:25:03Z", "2026/05/17/11", "2026/05/17/14", "2026/05/17/13",
			[]any{between("2026/05/17/11", "2026/05/17/14")}, false, false,
		},
		"across midnight": {
			object{"hours": 3}, "2026-05-17T01:25:00Z", "2026/05/16/22", "2026/05/17/01", "2026/05/17/00",
			[]any{between("2026/05/16/22", "2026/05/17/01")}, false, false,
		},
		"across the end of February": {
			object{"hours": 3}, "2028-03-01T00:25:00Z", "2028/02/29/21", "2028/03/01/00", "2028/02/29/23",
			[]any{between("2028/02/29/21", "2028/03/01/00")}, false, false,
		},
		"across the end of a year, daily": {
			object{"hours": 72, "maintain": true}, "2027-01-01T03:25:00Z", "2026/12/29/03", "2027/01/01/03", "2027/01/01/02",
			[]any{
				between("2026/12/29/03", "2026/12/30/02"), between("2026/12/30/03", "2026/12/31/02"),
				between("2026/12/31/03", "2027/01/01/02"), between("2027/01/01/03", "2027/01/01/03"),
			}, false, true,
		},
		"this hour only": {
			object{"hours": 0}, "2026-05-17T14:59:59Z", "2026/05/17/14", "2026/05/17/14", "2026/05/17/13",
			[]any{between("2026/05/17/14", "2026/05/17/14")}, false, false,
		},
		"part of an hour": {
			object{"hours": 1.5}, "2026-05-17T14:25:00Z", "2026/05/17/13", "2026/05/17/14", "2026/05/17/13",
			[]any{between("2026/05/17/13", "2026/05/17/14")}, false, false,
		},
		"of the past": {
			object{"from": "2025-12-31T22:10:00Z", "to": "2026-01-01T23:59:59Z"}, "2026-05-17T14:25:00Z", "2025/12/31/22", "2026/01/01/23", "2026/01/01/22",
			[]any{between("2025/12/31/22", "2026/01/01/21"), between("2026/01/01/22", "2026/01/01/23")}, true, false,
		},
		"from one time until now": {
			object{"from": "2026-05-17T02:00:00Z", "maintain": true}, "2026-05-17T14:25:00Z", "2026/05/17/02", "2026/05/17/14", "2026/05/17/13",
			[]any{between("2026/05/17/02", "2026/05/17/14")}, true, true,
		},
		"of another time zone": {
			object{"from": "2026-05-17T01:30:00+02:00", "to": "2026-05-17T02:30:00+0200"}, "2026-05-17T14:25:00Z", "2026/05/16/23", "2026/05/17/00", "2026/05/16/23",
			[]any{between("2026/05/16/23", "2026/05/17/00")}, true, false,
		},
		"of days": {
			object{"from": "2026-01-01", "to": "2026-01-02"}, "2026-05-17T14:25:00Z", "2026/01/01/00", "2026/01/02/00", "2026/01/01/23",
			[]any{between("2026/01/01/00", "2026/01/01/23"), between("2026/01/02/00", "2026/01/02/00")}, true, false,
		},
	}
	var names []string
	var questions []evaluation
	for name, c := range cases {
		names = append(names, name)
		questions = append(questions, evaluation{window, states(c.input, c.now)})
	}
	for i, got := range evaluate(t, questions...) {
		c := cases[names[i]]
		assert.Empty(t, got.Error, names[i])
		assert.Equal(t, object{
			"from": c.from, "to": c.to, "parts": c.parts, "settled": between(c.from, c.settled),
			"past": c.past, "maintain": c.maintain, "sound": true,
		}, got.Value, names[i])
	}
}

func TestWindowOfAYearIsFilledDayByDay(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	got := evaluate(t, evaluation{inner(m.States["Window"].Assign["window"]),
		states(map[string]any{"from": "2025-01-01T00:00:00Z", "to": "2025-12-31T23:00:00Z"}, "2026-05-17T14:25:00Z")})[0]
	require.Empty(t, got.Error)
	parts := got.Value.(map[string]any)["parts"].([]any)
	assert.Len(t, parts, 365)
	assert.Equal(t, map[string]any{"from": "2025/12/31/00", "to": "2025/12/31/23"}, parts[364])
}

func TestWindowThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	window, cause := inner(m.States["Window"].Assign["window"]), inner(m.States["RefuseWindow"].Cause)
	assert.Equal(t, "RefuseWindow", m.States["WindowMakesSense"].Default)
	type object = map[string]any
	inputs := []any{
		object{"from": "2026-05-02T00:00:00Z", "to": "2026-05-01T00:00:00Z"},
		object{"to": "2026-05-01T00:00:00Z"},
		object{"from": "2026-05-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}, // after now
		object{"from": "2023-01-01T00:00:00Z"},
		object{"hours": -1},
		object{"hours": 1e6},
		object{"hours": "3"},
		object{"hours": nil},
	}
	var questions []evaluation
	for _, input := range inputs {
		variables := states(input, "2026-05-17T14:25:00Z")
		questions = append(questions, evaluation{window, variables}, evaluation{cause, variables})
	}
	answers := evaluate(t, questions...)
	for i, input := range inputs {
		got := answers[2*i]
		assert.Empty(t, got.Error, "%v", input)
		assert.Equal(t, false, got.Value.(object)["sound"], "%v", input)
		assert.Empty(t, got.Value.(object)["parts"], "%v", input)
		assert.Contains(t, answers[2*i+1].Value, "makes no sense, got {")
		assert.Contains(t, answers[2*i+1].Value, `give {"from": "2026-01-01T00:00:00Z"`)
	}
	// What is no time at all, SQL among it, fails the execution.
	for _, from := range []any{"yesterday", "2026-05-01T00:00:00Z' OR 1=1 --", 7, []any{}} {
		got := evaluate(t, evaluation{window, states(object{"from": from}, "2026-05-17T14:25:00Z")})[0]
		assert.True(t, got.Error != "" || got.Value.(object)["sound"] == false, "%v", from)
	}
}

func TestSplicedQueriesAreThoseOfTheWindow(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	assign := m.States["Window"].Assign
	window := map[string]any{"from": "2026/05/16/22", "to": "2026/05/17/01"}
	answers := evaluate(t,
		evaluation{inner(m.States["FillDays"].ItemProcessor.States["FillDay"].Arguments["QueryString"]),
			map[string]any{"fill": assign["fill"], "states": map[string]any{"input": window}}},
		evaluation{inner(m.States["Measure"].Arguments["QueryString"]),
			map[string]any{"measure": assign["measure"], "window": map[string]any{"settled": window}}},
	)
	w := ledgersql.Window{From: "2026/05/16/22", To: "2026/05/17/01"}
	assert.Equal(t, evaluated{Value: ledgersql.Fill("db", w)}, answers[0])
	assert.Equal(t, evaluated{Value: ledgersql.Measure("db", w)}, answers[1])
}

// The columns are those of ledgersql.Measure, in its order.
func TestMeasuredNumbersBecomeMetrics(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	assert.Regexp(t, `(?s)AS "rows".*AS unreadable.*AS missing\nFROM`, ledgersql.Measure("db", marked)[strings.LastIndex(ledgersql.Measure("db", marked), "SELECT"):])
	row := func(values ...string) map[string]any {
		var data []any
		for _, value := range values {
			data = append(data, map[string]any{"VarCharValue": value})
		}
		return map[string]any{"Data": data}
	}
	result := map[string]any{"ResultSet": map[string]any{"Rows": []any{row("rows", "lag_seconds", "unreadable", "missing"), row("1200", "5400", "2", "0")}}}
	measured := evaluate(t, evaluation{inner(m.States["ReadMeasure"].Assign["measured"]), map[string]any{"states": map[string]any{"result": result}}})[0]
	require.Empty(t, measured.Error)

	data := m.States["Publish"].Arguments["MetricData"].([]any)
	want := map[string]float64{RowsMetricName: 1200, LagMetricName: 5400, UnreadableMetricName: 2, MissingMetricName: 0}
	assert.Len(t, data, len(want))
	for _, datum := range data {
		d := datum.(map[string]any)
		value := evaluate(t, evaluation{inner(d["Value"]), map[string]any{"measured": measured.Value}})[0]
		assert.Equal(t, want[d["MetricName"].(string)], value.Value, d["MetricName"])
		assert.Equal(t, []any{map[string]any{"Name": DatabaseDimension, "Value": "db"}}, d["Dimensions"])
	}
}

func TestEveryExpressionIsJSONata(t *testing.T) {
	t.Parallel()
	_, raw := parsed(t, testFill())
	var questions []evaluation
	for _, text := range expressionsOf(raw) {
		// Parsed, not evaluated.
		questions = append(questions, evaluation{"false ? (" + text + ") : true", map[string]any{}})
	}
	require.Greater(t, len(questions), 10)
	for i, got := range evaluate(t, questions...) {
		assert.Equal(t, evaluated{Value: true}, got, questions[i].Expression)
	}
}
