package ledger

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

func testFill() fill {
	return fill{partition: "aws", database: "db", workGroup: "db-fill", machineArn: "arn:machine", location: "s3://bucket/db/", lookBackHours: 3, rates: record.Rates(), events: true}
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
	Catch []struct {
		ErrorEquals []string
		Output      any
		Next        string
	}
	Choices       []struct{ Condition, Next string }
	Output        any
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
		for _, caught := range s.Catch {
			next = append(next, caught.Next)
		}
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
			assert.Regexp(t, `^\{% \$replace\(.*\$(fill|note|measure), "\{from\}", \$(states\.input|window\.settled)\.from\), "\{to\}", \$(states\.input|window\.settled)\.to\)`, sql)
			continue
		}
		assert.NotContains(t, sql, fromMarker)
		assert.Less(t, len(sql), 256*1024, "Athena's limit for a query")
	}
	for variable, want := range map[string]string{
		"fill": ledgersql.Fill("db", marked), "note": ledgersql.NoteUnreadable("db", marked), "measure": ledgersql.Measure("db", measuredMarked),
	} {
		assert.Equal(t, want, m.States["Window"].Assign[variable])
	}
	assert.Less(t, len(testFill().definition()), 1_000_000, "Step Functions' limit for a definition")
}

// More to do than one VACUUM takes is only to be tried again, and so is what may
// go by.
func TestFillTriesAgainAndOneAtATime(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	assert.Equal(t, 1, m.States["FillDays"].MaxConcurrency)
	assert.Equal(t, 1, m.States["FillDays"].ItemProcessor.States["FillHours"].MaxConcurrency)
	for _, task := range m.reachable(t) {
		require.NotEmpty(t, task.Retry, task.Resource)
		last := task.Retry[len(task.Retry)-1]
		assert.Equal(t, []string{"States.TaskFailed"}, last.ErrorEquals)
		assert.GreaterOrEqual(t, last.MaxAttempts, 1)
	}
	assert.Equal(t, 20, m.States["Vacuum"].Retry[0].MaxAttempts)
	// Athena ends a query after 30 minutes.
	assert.Greater(t, m.States["Vacuum"].TimeoutSeconds, 30*60)
}

func TestFillDefinesWhatIsNotThereAndOnceADay(t *testing.T) {
	t.Parallel()
	f := testFill()
	m, _ := parsed(t, f)
	var order []string
	for name := "CreateCalls"; m.States[name].Type == "Task"; name = m.States[name].Next {
		order = append(order, name)
	}
	assert.Equal(t, []string{"CreateCalls", "CreateUnreadable", "DefineRates", "DefineModelAliases", "DefineRecords", "DefineCallsWithEvents"}, order)
	assert.Equal(t, ledgersql.CreateCalls("db", "s3://bucket/db/calls/"), m.States["CreateCalls"].Arguments["QueryString"])
	assert.Equal(t, ledgersql.CreateUnreadable("db", "s3://bucket/db/unreadable/"), m.States["CreateUnreadable"].Arguments["QueryString"])

	assert.Equal(t, []struct{ Condition, Next string }{{expression("$window.maintain"), "CreateCalls"}}, m.States["IsDaily"].Choices)
	look := m.States[m.States["IsDaily"].Default]
	assert.Equal(t, "FillDays", look.Next, "what is there is not defined again")
	require.Len(t, look.Catch, 1)
	assert.Equal(t, []string{"Glue.EntityNotFoundException"}, look.Catch[0].ErrorEquals)
	assert.Equal(t, "CreateCalls", look.Catch[0].Next)
	assert.Equal(t, []string{"Glue.EntityNotFoundException"}, look.Retry[0].ErrorEquals)
	assert.Zero(t, look.Retry[0].MaxAttempts, "that is no reason to wait")
	// The last definition is there only if those before it are.
	for events, last := range map[bool]string{true: "calls_with_events", false: "records"} {
		f.events = events
		definitions := f.definitions()
		assert.Contains(t, definitions[len(definitions)-1].sql, `CREATE OR REPLACE VIEW "db"."`+last+`"`)
		m, _ := parsed(t, f)
		assert.Equal(t, map[string]any{"DatabaseName": "db", "Name": last}, m.States["LookForDefinitions"].Arguments)
	}
}

func TestRatesThatAthenaDoesNotTakeAreRefused(t *testing.T) {
	t.Parallel()
	f := testFill()
	assert.Empty(t, f.problems())
	rows := "alias,model,scope,above,since,input,output,cache_read,cache_write,source,retrieved\n"
	for i := range 3_000 {
		rows += fmt.Sprintf(",acme.model%d-v1:0,,,,1,1,,,contract,2026-01-01\n", i)
	}
	card, err := record.ReadRates(strings.NewReader(rows))
	require.NoError(t, err)
	f.rates = record.Rates().With(card)
	problems := f.problems()
	require.Len(t, problems, 1)
	assert.Regexp(t, `^paper-trail/ledger: LedgerProps.Rates make statement DefineRates of the fill longer than Athena takes, 262144 bytes, got \d{6}; leave out`, problems[0].Error())
}

func TestFillWaitsForOlderOnesOnly(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	assert.Equal(t, "LookForOthers", m.States["WindowMakesSense"].Choices[0].Next)
	look := m.States["LookForOthers"]
	assert.Equal(t, map[string]any{"StateMachineArn": "arn:machine", "StatusFilter": "RUNNING", "MaxResults": 1000.0}, look.Arguments)

	running := func(started ...string) map[string]any {
		executions := []any{}
		for i, at := range started {
			executions = append(executions, map[string]any{"ExecutionArn": "arn:" + string(rune('a'+i)), "StartDate": at})
		}
		return map[string]any{"states": map[string]any{
			"result":  map[string]any{"Executions": executions},
			"context": map[string]any{"Execution": map[string]any{"Id": "arn:b", "StartTime": "2026-05-17T14:25:00.500Z"}},
		}}
	}
	const before, now, after = "2026-05-17T14:25:00.499Z", "2026-05-17T14:25:00.5Z", "2026-05-17T14:26:00Z"
	others := inner(look.Assign["others"])
	answers := evaluate(t,
		evaluation{others, running(before, now, after)},
		evaluation{others, running(after, now, before)},
		evaluation{others, running(now, now, now)},
		evaluation{others, running(after, now)},
		evaluation{others, running()},
		evaluation{others, running(before, now, before, before)},
	)
	for i, want := range [][]any{{"arn:a"}, {"arn:c"}, {"arn:a"}, {}, {}, {"arn:a", "arn:c", "arn:d"}} {
		assert.Equal(t, evaluated{Value: want}, answers[i], i)
	}

	alone := m.States["IsAlone"]
	require.Len(t, alone.Choices, 2)
	next := func(looks int, others ...any) string {
		variables := map[string]any{"looks": looks, "others": append([]any{}, others...)}
		for _, choice := range alone.Choices {
			if evaluate(t, evaluation{inner(choice.Condition), variables})[0].Value == true {
				return choice.Next
			}
		}
		return alone.Default
	}
	assert.Equal(t, "IsDaily", next(1))
	assert.Equal(t, "WaitForOthers", next(1, "arn:a"))
	assert.Equal(t, "IsDaily", next(60))
	assert.Equal(t, "GiveWay", next(55, "arn:a"))
	assert.Equal(t, "LookForOthers", m.States["WaitForOthers"].Next)
	answers = evaluate(t,
		evaluation{inner(m.States["GiveWay"].Cause), map[string]any{"others": []any{"arn:a"}}},
		evaluation{inner(look.Assign["looks"]), map[string]any{"looks": 3}},
	)
	assert.Contains(t, answers[0].Value, "running all the time: arn:a; ")
	assert.EqualValues(t, 4, answers[1].Value)
}

// An object that cannot be read fails every query that reads it.
func TestADayThatFailsIsFilledHourByHour(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	day := m.States["FillDays"].ItemProcessor
	hour := day.States["FillHours"].ItemProcessor
	for otherwise, tasks := range map[string][]machineState{
		"FillHours": {day.States["FillDay"], day.States["NoteDay"]},
		"MissHour":  {hour.States["FillHour"], hour.States["NoteHour"]},
	} {
		for _, task := range tasks {
			require.Len(t, task.Catch, 1)
			assert.Equal(t, []string{"States.ALL"}, task.Catch[0].ErrorEquals)
			assert.Equal(t, expression("$states.input"), task.Catch[0].Output)
			assert.Equal(t, otherwise, task.Catch[0].Next)
		}
	}
	assert.Equal(t, expression("$states.input"), day.States["FillDay"].Output, "the hours are given on")
	assert.Equal(t, expression("$states.input"), hour.States["FillHour"].Output)
	assert.Equal(t, "NoteDay", day.States["FillDay"].Next)
	assert.Equal(t, "NoteHour", hour.States["FillHour"].Next)

	window := evaluate(t, evaluation{inner(m.States["Window"].Assign["window"]), states(map[string]any{"hours": 30}, "2026-05-17T01:25:00Z")})[0]
	parts := window.Value.(map[string]any)["parts"].([]any)
	require.Len(t, parts, 2)
	of := func(values ...any) map[string]any {
		return map[string]any{"states": map[string]any{"result": append([]any{}, values...)}}
	}
	missedHours, missed := inner(day.States["FillHours"].Output), inner(m.States["FillDays"].Assign["missed"])
	lack, whole := inner(m.States["LackHours"].Cause), inner(m.States["IsWhole"].Choices[0].Condition)
	miss := inner(hour.States["MissHour"].Output)
	answers := evaluate(t,
		evaluation{inner(day.States["FillHours"].Items), map[string]any{"states": map[string]any{"input": parts[1]}}},
		evaluation{miss, map[string]any{"states": map[string]any{"input": map[string]any{"from": "h1", "to": "h1"}}}},
		evaluation{missedHours, of("", "h1", "", "h2")},
		evaluation{missedHours, of("", "h1")},
		evaluation{missedHours, of("", "")},
		evaluation{missed, of([]any{}, []any{"h1"}, []any{}, []any{"h2", "h3"})},
		evaluation{missed, of([]any{}, []any{"h1"})},
		evaluation{missed, of([]any{"h1"})},
		evaluation{missed, of([]any{}, []any{})},
		evaluation{missed, of([]any{})},
		evaluation{lack, map[string]any{"missed": []any{"h1", "h2"}}},
		evaluation{lack, map[string]any{"missed": []any{"h1"}}},
		evaluation{whole, map[string]any{"missed": []any{}}},
		evaluation{whole, map[string]any{"missed": []any{"h1"}}},
	)
	window1 := func(hour string) any { return map[string]any{"from": hour, "to": hour} }
	hours := answers[0].Value.([]any)
	assert.Len(t, hours, 7)
	assert.Equal(t, window1("2026/05/16/19"), hours[0])
	assert.Equal(t, window1("2026/05/17/01"), hours[6])
	for i, want := range []any{
		"h1", []any{"h1", "h2"}, []any{"h1"}, []any{}, []any{"h1", "h2", "h3"}, []any{"h1"}, []any{"h1"}, []any{}, []any{},
	} {
		assert.Equal(t, evaluated{Value: want}, answers[i+1], i+1)
	}
	assert.Contains(t, answers[10].Value, "2 hours, which the ledger lacks: h1, h2. ")
	assert.Contains(t, answers[11].Value, "1 hours, which the ledger lacks: h1. ")
	assert.Equal(t, true, answers[12].Value)
	assert.Equal(t, false, answers[13].Value)
	assert.Equal(t, "LackHours", m.States["IsWhole"].Default)
	assert.Equal(t, "IsWhole", m.States["Vacuum"].Next)
	assert.Equal(t, "IsWhole", m.States["Maintain"].Default)
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
	hours := func(folder string) float64 {
		at, err := time.Parse("2006/01/02/15", folder)
		require.NoError(t, err)
		return float64(at.Unix() / 3600)
	}
	part := func(from, to string) object {
		return object{"from": from, "to": to, "first": hours(from), "last": hours(to)}
	}
	later := func(folder string, by int) string {
		at, err := time.Parse("2006/01/02/15", folder)
		require.NoError(t, err)
		return ledgersql.HourFolder(at.Add(time.Duration(by) * time.Hour))
	}
	cases := map[string]struct {
		input    any
		now      string
		from, to string
		parts    []any
		past     bool
		maintain bool
	}{
		"hourly": {
			object{"hours": 3}, "2026-05-17T14:25:03.123Z", "2026/05/17/11", "2026/05/17/14",
			[]any{part("2026/05/17/11", "2026/05/17/14")}, false, false,
		},
		"nothing said": {
			object{}, "2026-05-17T14:25:03Z", "2026/05/17/11", "2026/05/17/14",
			[]any{part("2026/05/17/11", "2026/05/17/14")}, false, false,
		},
		"across midnight": {
			object{"hours": 3}, "2026-05-17T01:25:00Z", "2026/05/16/22", "2026/05/17/01",
			[]any{part("2026/05/16/22", "2026/05/17/01")}, false, false,
		},
		"across the end of February": {
			object{"hours": 3}, "2028-03-01T00:25:00Z", "2028/02/29/21", "2028/03/01/00",
			[]any{part("2028/02/29/21", "2028/03/01/00")}, false, false,
		},
		"across the end of a year, daily": {
			object{"hours": 72, "maintain": true}, "2027-01-01T03:25:00Z", "2026/12/29/03", "2027/01/01/03",
			[]any{
				part("2026/12/29/03", "2026/12/30/02"), part("2026/12/30/03", "2026/12/31/02"),
				part("2026/12/31/03", "2027/01/01/02"), part("2027/01/01/03", "2027/01/01/03"),
			}, false, true,
		},
		"this hour only": {
			object{"hours": 0}, "2026-05-17T14:59:59Z", "2026/05/17/14", "2026/05/17/14",
			[]any{part("2026/05/17/14", "2026/05/17/14")}, false, false,
		},
		"part of an hour": {
			object{"hours": 1.5}, "2026-05-17T14:25:00Z", "2026/05/17/13", "2026/05/17/14",
			[]any{part("2026/05/17/13", "2026/05/17/14")}, false, false,
		},
		"of the past": {
			object{"from": "2025-12-31T22:10:00Z", "to": "2026-01-01T23:59:59Z"}, "2026-05-17T14:25:00Z", "2025/12/31/22", "2026/01/01/23",
			[]any{part("2025/12/31/22", "2026/01/01/21"), part("2026/01/01/22", "2026/01/01/23")}, true, false,
		},
		"from one time until now": {
			object{"from": "2026-05-17T02:00:00Z", "maintain": true}, "2026-05-17T14:25:00Z", "2026/05/17/02", "2026/05/17/14",
			[]any{part("2026/05/17/02", "2026/05/17/14")}, true, true,
		},
		"of another time zone": {
			object{"from": "2026-05-17T01:30:00+02:00", "to": "2026-05-17T02:30:00+0200"}, "2026-05-17T14:25:00Z", "2026/05/16/23", "2026/05/17/00",
			[]any{part("2026/05/16/23", "2026/05/17/00")}, true, false,
		},
		"of days": {
			object{"from": "2026-01-01", "to": "2026-01-02"}, "2026-05-17T14:25:00Z", "2026/01/01/00", "2026/01/02/00",
			[]any{part("2026/01/01/00", "2026/01/01/23"), part("2026/01/02/00", "2026/01/02/00")}, true, false,
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
		settled := between(later(c.to, -2), later(c.to, -2))
		if c.maintain {
			settled["from"] = c.from
		}
		assert.Equal(t, object{
			"from": c.from, "to": c.to, "parts": c.parts, "settled": settled,
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
	last := parts[364].(map[string]any)
	assert.Equal(t, "2025/12/31/00", last["from"])
	assert.Equal(t, "2025/12/31/23", last["to"])
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
	day := m.States["FillDays"].ItemProcessor.States
	hour := day["FillHours"].ItemProcessor.States
	sql := func(of machineState) string { return inner(of.Arguments["QueryString"]) }
	item := map[string]any{"fill": assign["fill"], "note": assign["note"], "states": map[string]any{"input": window}}
	measured := func(missed ...any) map[string]any {
		return map[string]any{"measure": assign["measure"], "window": map[string]any{"settled": window}, "missed": append([]any{}, missed...)}
	}
	answers := evaluate(t,
		evaluation{sql(day["FillDay"]), item}, evaluation{sql(day["NoteDay"]), item},
		evaluation{sql(hour["FillHour"]), item}, evaluation{sql(hour["NoteHour"]), item},
		evaluation{sql(m.States["Measure"]), measured()},
		evaluation{sql(m.States["Measure"]), measured("2026/05/16/23", "2026/05/17/00")},
	)
	w := ledgersql.Window{From: "2026/05/16/22", To: "2026/05/17/01"}
	fill, note := evaluated{Value: ledgersql.Fill("db", w)}, evaluated{Value: ledgersql.NoteUnreadable("db", w)}
	assert.Equal(t, []evaluated{fill, note, fill, note}, answers[:4])
	w.Without = []string{""}
	assert.Equal(t, evaluated{Value: ledgersql.Measure("db", w)}, answers[4])
	w.Without = []string{"2026/05/16/23", "2026/05/17/00"}
	assert.Equal(t, evaluated{Value: ledgersql.Measure("db", w)}, answers[5], "what could not be read is not read again")
}

// The columns are those of ledgersql.Measure, in its order.
func TestMeasuredNumbersBecomeMetrics(t *testing.T) {
	t.Parallel()
	m, _ := parsed(t, testFill())
	assert.Regexp(t, `(?s)AS "rows", filled.lag_seconds, noted.unreadable, entered.missing, entered.duplicates\nFROM`, ledgersql.Measure("db", marked)[strings.LastIndex(ledgersql.Measure("db", marked), "SELECT"):])
	row := func(values ...string) map[string]any {
		var data []any
		for _, value := range values {
			data = append(data, map[string]any{"VarCharValue": value})
		}
		return map[string]any{"Data": data}
	}
	result := map[string]any{"ResultSet": map[string]any{"Rows": []any{row("rows", "lag_seconds", "unreadable", "missing", "duplicates"), row("1200", "5400", "2", "0", "4")}}}
	measured := evaluate(t, evaluation{inner(m.States["ReadMeasure"].Assign["measured"]), map[string]any{"states": map[string]any{"result": result}}})[0]
	require.Empty(t, measured.Error)

	data := m.States["Publish"].Arguments["MetricData"].([]any)
	want := map[string]float64{RowsMetricName: 1200, LagMetricName: 5400, UnreadableMetricName: 2, MissingMetricName: 0, DuplicatesMetricName: 4, HoursFailedMetricName: 2}
	assert.Len(t, data, len(want))
	for _, datum := range data {
		d := datum.(map[string]any)
		value := evaluate(t, evaluation{inner(d["Value"]), map[string]any{"measured": measured.Value, "missed": []any{"h1", "h2"}}})[0]
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
