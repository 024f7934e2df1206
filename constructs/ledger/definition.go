package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

const (
	// dailyHours is how far back the fill looks once a day.
	dailyHours = 72
	// mostDays is the longest window of one execution: a Standard execution has
	// at most 25,000 events, and each day takes about ten.
	mostDays = 366
)

// fill is what the state machine does, as plain values.
type fill struct {
	partition, database, workGroup string
	// location is that of the ledger's files, s3://bucket/prefix/.
	location      string
	lookBackHours int
	rates         *record.RateCard
	// events says that there is a table of them.
	events bool
}

// The markers stand in SQL for the hour folders of a window.
const (
	fromMarker = "{from}"
	toMarker   = "{to}"
)

var marked = ledgersql.Window{From: fromMarker, To: toMarker}

type state = map[string]any

// definition is the state machine in the Amazon States Language, with JSONata.
//
// A window is a range of hour folders. The texts that go into SQL are made of
// numbers here, never taken from the input.
func (f fill) definition() string {
	states := map[string]state{
		"Window": {
			"Type":    "Pass",
			"Comment": "Which hour folders: those of the last hours, or from and to of the input",
			"Assign": state{
				"window":  expression(windowExpression(f.lookBackHours)),
				"fill":    ledgersql.Fill(f.database, marked),
				"measure": ledgersql.Measure(f.database, marked),
			},
			"Next": "WindowMakesSense",
		},
		"WindowMakesSense": {
			"Type":    "Choice",
			"Choices": []state{{"Condition": expression("$window.sound"), "Next": "CreateCalls"}},
			"Default": "RefuseWindow",
		},
		"RefuseWindow": {
			"Type":  "Fail",
			"Error": "LedgerFill.Window",
			"Cause": expression(fmt.Sprintf(`"The window makes no sense, got " & $string($states.input) & "; give {\"from\": \"2026-01-01T00:00:00Z\", \"to\": \"2026-02-01T00:00:00Z\"} with from before to, to not in the future and at most %d days, or {\"hours\": 0 to %d}, or {}"`, mostDays, 24*mostDays)),
		},
		"FillDays": {
			"Type":           "Map",
			"Comment":        "One day after the other: Athena writes to a limited number of partitions at once",
			"Items":          expression("$window.parts"),
			"MaxConcurrency": 1,
			"ItemProcessor": state{
				"ProcessorConfig": state{"Mode": "INLINE"},
				"StartAt":         "FillDay",
				"States": map[string]state{
					"FillDay": f.query(expression(spliced("fill", "$states.input")), state{"Output": state{}, "End": true}),
				},
			},
			"Output": state{},
			"Next":   "IsOfThePast",
		},
		"IsOfThePast": {
			"Type":    "Choice",
			"Comment": "How late calls of the past come in says nothing about today",
			"Choices": []state{{"Condition": expression("$window.past"), "Next": "Maintain"}},
			"Default": "Measure",
		},
		"Measure": f.query(expression(spliced("measure", "$window.settled")), state{
			"Assign": state{"measured": expression("$states.result.QueryExecution.QueryExecutionId")},
			"Next":   "ReadMeasure",
		}),
		"ReadMeasure": {
			"Type":      "Task",
			"Resource":  f.service("athena:getQueryResults"),
			"Arguments": state{"QueryExecutionId": expression("$measured")},
			"Assign": state{"measured": expression(
				`( $of := function($i) { $number($states.result.ResultSet.Rows[1].Data[$i].VarCharValue) }; {"rows": $of(0), "lag": $of(1), "unreadable": $of(2), "missing": $of(3)} )`)},
			"Output": state{},
			"Retry":  retry(3, 10, 2),
			"Next":   "Publish",
		},
		"Publish": {
			"Type":     "Task",
			"Resource": f.service("aws-sdk:cloudwatch:putMetricData"),
			"Arguments": state{
				"Namespace": MetricNamespace,
				"MetricData": []state{
					f.datum(LagMetricName, "$measured.lag", "Seconds"),
					f.datum(RowsMetricName, "$measured.rows", "Count"),
					f.datum(UnreadableMetricName, "$measured.unreadable", "Count"),
					f.datum(MissingMetricName, "$measured.missing", "Count"),
				},
			},
			"Output": state{},
			"Retry":  retry(3, 10, 2),
			"Next":   "Maintain",
		},
		"Maintain": {
			"Type":    "Choice",
			"Comment": "Once a day small files are joined and old snapshots removed",
			"Choices": []state{{"Condition": expression("$window.maintain"), "Next": "Optimize"}},
			"Default": "Done",
		},
		// Both stop with an error when there is more to do than one run takes, and
		// go on in the next one (Athena user guide, "OPTIMIZE", "VACUUM").
		"Optimize": f.query(ledgersql.Optimize(f.database), state{"Retry": retry(10, 10, 1), "Next": "Vacuum"}),
		"Vacuum":   f.query(ledgersql.Vacuum(f.database), state{"Retry": retry(20, 10, 1), "Next": "Done"}),
		"Done":     {"Type": "Succeed", "Output": state{"from": expression("$window.from"), "to": expression("$window.to")}},
	}
	for _, s := range f.chain("FillDays", f.definitions()) {
		states[s.name] = s.state
	}
	return asJSON(state{
		"Comment":        "Fills the ledger of model calls from the raw records",
		"QueryLanguage":  "JSONata",
		"StartAt":        "Window",
		"TimeoutSeconds": 24 * 60 * 60,
		"States":         states,
	})
}

// statement is SQL that defines something.
type statement struct{ name, sql string }

// definitions are the table and the views, in the order in which they build on
// each other. They are run each time, so a deployment that changes one takes
// effect with the next fill.
func (f fill) definitions() []statement {
	list := []statement{
		{"CreateCalls", ledgersql.CreateCalls(f.database, f.location)},
		{"DefineRates", ledgersql.RatesView(f.database, f.rates)},
		{"DefineModelAliases", ledgersql.ModelAliasesView(f.database, f.rates)},
		{"DefineRecords", ledgersql.RecordsView(f.database)},
	}
	if f.events {
		list = append(list, statement{"DefineCallsWithEvents", ledgersql.CallsWithEventsView(f.database)})
	}
	return list
}

type named struct {
	name  string
	state state
}

// chain runs statements one after the other, and goes on with next.
func (f fill) chain(next string, statements []statement) []named {
	var chained []named
	for i, s := range statements {
		following := next
		if i+1 < len(statements) {
			following = statements[i+1].name
		}
		chained = append(chained, named{s.name, f.query(s.sql, state{"Next": following})})
	}
	return chained
}

// query runs SQL and waits for its end. Where two executions overlap, the later
// commit to the table fails and is tried again; filling twice adds nothing.
func (f fill) query(sql string, with state) state {
	task := state{
		"Type":     "Task",
		"Resource": f.service("athena:startQueryExecution.sync"),
		"Arguments": state{
			"QueryString":           sql,
			"WorkGroup":             f.workGroup,
			"QueryExecutionContext": state{"Database": f.database},
		},
		// Athena itself ends a query after 30 minutes by default.
		"TimeoutSeconds": 60 * 60,
		"Output":         state{},
		"Retry":          retry(3, 30, 2),
	}
	for key, value := range with {
		task[key] = value
	}
	return task
}

// service is what a task calls.
func (f fill) service(integration string) string {
	return "arn:" + f.partition + ":states:::" + integration
}

func (f fill) datum(name, value, unit string) state {
	return state{
		"MetricName": name,
		"Value":      expression(value),
		"Unit":       unit,
		"Dimensions": []state{{"Name": DatabaseDimension, "Value": f.database}},
	}
}

func retry(attempts, seconds int, backoff float64) []state {
	return []state{{
		"ErrorEquals":     []string{"States.TaskFailed"},
		"MaxAttempts":     attempts,
		"IntervalSeconds": seconds,
		"BackoffRate":     backoff,
		"MaxDelaySeconds": 300,
		"JitterStrategy":  "FULL",
	}}
}

// windowExpression computes from the input and the start of the execution:
//
//   - from, to: the first and the last hour folder, 2026/01/31/23
//   - parts: the same in parts of at most 24 hours
//   - settled: the same without the last hour, to which records are still added
//   - past: whether the input names the window
//   - maintain: whether to join files and remove snapshots
//   - sound: whether the window makes sense; if not, it has no parts
//
// It counts in hours since 1970. A time that is none fails the execution.
func windowExpression(lookBackHours int) string {
	return fmt.Sprintf(`(
  $in := $states.input;
  $hour := function($millis) { $floor($millis / 3600000) };
  $folder := function($hours) { $fromMillis($hours * 3600000, "[Y0001]/[M01]/[D01]/[H01]") };
  $between := function($first, $last) { {"from": $folder($first), "to": $folder($last)} };
  $present := $hour($toMillis($states.context.Execution.StartTime));
  $past := $exists($in.from) or $exists($in.to);
  $to := $exists($in.to) ? $hour($toMillis($in.to)) : $present;
  $back := $exists($in.hours) ? $in.hours : %d;
  $from := $exists($in.from) ? $hour($toMillis($in.from)) : ($past ? $to + 1 : ($type($back) = "number" ? $to - $floor($back) : $to + 1));
  $sound := $from <= $to and $to <= $present and $to - $from <= %d;
  $merge([$between($from, $to), {
    "parts": $sound ? [[0..$floor(($to - $from) / 24)].$between($from + $ * 24, $min([$from + $ * 24 + 23, $to]))] : [],
    "settled": $between($from, $to - 1),
    "past": $past,
    "maintain": $in.maintain = true,
    "sound": $sound
  }])
)`, lookBackHours, 24*mostDays)
}

// spliced is the SQL in a variable with the window's folders.
func spliced(variable, window string) string {
	return fmt.Sprintf(`$replace($replace($%s, %q, %s.from), %q, %s.to)`, variable, fromMarker, window, toMarker, window)
}

func expression(jsonata string) string { return "{% " + jsonata + " %}" }

// asJSON leaves the characters of SQL as they are.
func asJSON(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // plain values only
	}
	return b.String()
}
