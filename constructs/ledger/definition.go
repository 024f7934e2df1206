package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

const (
	// dailyHours is how far back the fill looks once a day.
	dailyHours = 72
	// mostDays is the longest window of one execution: a Standard execution has
	// at most 25,000 events, and each day takes about fifteen, or some hundreds
	// when it has to be filled hour by hour.
	mostDays = 366
	// mostLooks is how often an execution looks whether others have come to their
	// end, once a minute, before it gives up: the next one is about to start then.
	mostLooks = 55
)

// fill is what the state machine does, as plain values.
type fill struct {
	partition, database, workGroup, machineArn string
	// location is that of the tables' folders, s3://bucket/prefix/.
	location      string
	lookBackHours int
	rates         *record.RateCard
	// events says that there is a table of them.
	events bool
}

// The markers stand in SQL for the hour folders of a window.
const (
	fromMarker    = "{from}"
	toMarker      = "{to}"
	withoutMarker = "{without}"
)

var (
	marked         = ledgersql.Window{From: fromMarker, To: toMarker}
	measuredMarked = ledgersql.Window{From: fromMarker, To: toMarker, Without: []string{withoutMarker}}
)

type state = map[string]any

// definition is the state machine in the Amazon States Language, with JSONata.
//
// A window is a range of hour folders. The texts that go into SQL are made of
// numbers here, never taken from the input.
//
// An object that Athena cannot read, such as one that is cut short, fails the
// query of its day. That day is filled hour by hour then, and the execution fails
// at its end, with the names of the hours that the ledger lacks.
func (f fill) definition() string {
	states := map[string]state{
		"Window": {
			"Type":    "Pass",
			"Comment": "Which hour folders: those of the last hours, or from and to of the input",
			"Assign": state{
				"window":  expression(windowExpression(f.lookBackHours)),
				"fill":    ledgersql.Fill(f.database, marked),
				"note":    ledgersql.NoteUnreadable(f.database, marked),
				"measure": ledgersql.Measure(f.database, measuredMarked),
				"looks":   0,
			},
			"Next": "WindowMakesSense",
		},
		"WindowMakesSense": {
			"Type":    "Choice",
			"Choices": []state{{"Condition": expression("$window.sound"), "Next": "LookForOthers"}},
			"Default": "RefuseWindow",
		},
		"RefuseWindow": {
			"Type":  "Fail",
			"Error": "LedgerFill.Window",
			"Cause": expression(fmt.Sprintf(`"The window makes no sense, got " & $string($states.input) & "; give {\"from\": \"2026-01-01T00:00:00Z\", \"to\": \"2026-02-01T00:00:00Z\"} with from before to, to not in the future and at most %d days, or {\"hours\": 0 to %d}, or {}"`, mostDays, 24*mostDays)),
		},
		"LookForOthers": {
			"Type":     "Task",
			"Comment":  "Two fills at once may enter a call twice, so the later one waits",
			"Resource": f.service("aws-sdk:sfn:listExecutions"),
			"Arguments": state{
				"StateMachineArn": f.machineArn, "StatusFilter": "RUNNING", "MaxResults": 1000,
			},
			"Assign": state{"others": expression(olderExecutions), "looks": expression("$looks + 1")},
			"Output": state{},
			"Retry":  retry(3, 10, 2),
			"Next":   "IsAlone",
		},
		"IsAlone": {
			"Type": "Choice",
			"Choices": []state{
				{"Condition": expression("$count($others) = 0"), "Next": "IsDaily"},
				{"Condition": expression(fmt.Sprintf("$looks >= %d", mostLooks)), "Next": "GiveWay"},
			},
			"Default": "WaitForOthers",
		},
		"WaitForOthers": {"Type": "Wait", "Seconds": 60, "Next": "LookForOthers"},
		"GiveWay": {
			"Type":  "Fail",
			"Error": "LedgerFill.NotAlone",
			"Cause": expression(`"Another fill was running all the time: " & $join($others, ", ") & "; nothing was done. Wait for its end, or stop it, and start this one again with the same input"`),
		},
		"IsDaily": {
			"Type":    "Choice",
			"Comment": "Once a day, and in an account where nothing is there, tables and views are defined",
			"Choices": []state{{"Condition": expression("$window.maintain"), "Next": "CreateCalls"}},
			"Default": "LookForDefinitions",
		},
		"LookForDefinitions": {
			"Type":      "Task",
			"Resource":  f.service("aws-sdk:glue:getTable"),
			"Arguments": state{"DatabaseName": f.database, "Name": f.lastDefined()},
			"Output":    state{},
			"Retry":     retryBut("Glue.EntityNotFoundException", retry(3, 10, 2)),
			"Catch":     []state{{"ErrorEquals": []string{"Glue.EntityNotFoundException"}, "Output": state{}, "Next": "CreateCalls"}},
			"Next":      "FillDays",
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
					"FillDay": f.part("fill", retry(3, 30, 2), "FillHours", state{"Next": "NoteDay"}),
					"NoteDay": f.part("note", retry(3, 30, 2), "FillHours", state{"Output": expression("[]"), "End": true}),
					"FillHours": {
						"Type":           "Map",
						"Comment":        "The hours of a day that could not be filled as a whole",
						"Items":          expression(hoursOfPart),
						"MaxConcurrency": 1,
						"ItemProcessor": state{
							"ProcessorConfig": state{"Mode": "INLINE"},
							"StartAt":         "FillHour",
							"States": map[string]state{
								"FillHour": f.part("fill", retry(1, 30, 1), "MissHour", state{"Next": "NoteHour"}),
								"NoteHour": f.part("note", retry(1, 30, 1), "MissHour", state{"Output": "", "End": true}),
								"MissHour": {"Type": "Pass", "Output": expression("$states.input.from"), "End": true},
							},
						},
						"Output": expression(`[$states.result[$ != ""]]`),
						"End":    true,
					},
				},
			},
			"Assign": state{"missed": expression(`[$reduce($states.result, function($all, $of) { $append($all, $of) }, [])]`)},
			"Output": state{},
			"Next":   "IsOfThePast",
		},
		"IsOfThePast": {
			"Type":    "Choice",
			"Comment": "How late calls of the past come in says nothing about today",
			"Choices": []state{{"Condition": expression("$window.past"), "Next": "Maintain"}},
			"Default": "Measure",
		},
		"Measure": f.query(expression(fmt.Sprintf(`$replace(%s, %q, $join($missed, "', '"))`, spliced("measure", "$window.settled"), withoutMarker)), state{
			"Assign": state{"measured": expression("$states.result.QueryExecution.QueryExecutionId")},
			"Next":   "ReadMeasure",
		}),
		"ReadMeasure": {
			"Type":      "Task",
			"Resource":  f.service("athena:getQueryResults"),
			"Arguments": state{"QueryExecutionId": expression("$measured")},
			"Assign": state{"measured": expression(
				`( $of := function($i) { $number($states.result.ResultSet.Rows[1].Data[$i].VarCharValue) }; {"rows": $of(0), "lag": $of(1), "unreadable": $of(2), "missing": $of(3), "duplicates": $of(4)} )`)},
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
					f.datum(DuplicatesMetricName, "$measured.duplicates", "Count"),
					f.datum(HoursFailedMetricName, "$count($missed)", "Count"),
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
			"Default": "IsWhole",
		},
		// Both stop with an error when there is more to do than one run takes, and
		// go on in the next one (Athena user guide, "OPTIMIZE", "VACUUM").
		"Optimize": f.query(ledgersql.Optimize(f.database), state{"Retry": retry(10, 10, 1), "Next": "Vacuum"}),
		"Vacuum":   f.query(ledgersql.Vacuum(f.database), state{"Retry": retry(20, 10, 1), "Next": "IsWhole"}),
		"IsWhole": {
			"Type":    "Choice",
			"Choices": []state{{"Condition": expression("$count($missed) = 0"), "Next": "Done"}},
			"Default": "LackHours",
		},
		"LackHours": {
			"Type":  "Fail",
			"Error": "LedgerFill.Hours",
			"Cause": expression(`"Athena could not read the records of " & $string($count($missed)) & " hours, which the ledger lacks: " & $join([$missed][[0..99]], ", ") & ". Why is in the failed queries of these hours; the others were filled"`),
		},
		"Done": {"Type": "Succeed", "Output": state{"from": expression("$window.from"), "to": expression("$window.to")}},
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

// olderExecutions are the ARNs of running executions that were started before
// this one; of those of one moment that with the lower ARN counts as older.
const olderExecutions = `(
  $this := $states.context.Execution;
  $started := $toMillis($this.StartTime);
  [$states.result.Executions[ExecutionArn != $this.Id and ($toMillis(StartDate) < $started or $toMillis(StartDate) = $started and ExecutionArn < $this.Id)].ExecutionArn]
)`

// folderOfHour is the JSONata function of the folder of an hour, counted from 1970.
const folderOfHour = `  $folder := function($hours) { $fromMillis($hours * 3600000, "[Y0001]/[M01]/[D01]/[H01]") };
`

// hoursOfPart makes windows of single hours of a part of the window.
const hoursOfPart = `(
` + folderOfHour + `  [[$states.input.first..$states.input.last].{"from": $folder($), "to": $folder($)}]
)`

// part runs the SQL in a variable for the hours that its input names, and gives the
// input on; to otherwise, too, if Athena cannot do it.
func (f fill) part(variable string, retries []state, otherwise string, with state) state {
	task := f.query(expression(spliced(variable, "$states.input")), state{
		"Output": expression("$states.input"),
		"Retry":  retries,
		"Catch": []state{{
			"ErrorEquals": []string{"States.ALL"}, "Output": expression("$states.input"), "Next": otherwise,
		}},
	})
	maps.Copy(task, with)
	return task
}

// statement is SQL that defines something.
type statement struct{ name, sql string }

// definitions are the tables and the views, in the order in which they build on
// each other. They are run once a day, so that is when a deployment that changes one
// takes effect; or at once when the input says maintain.
func (f fill) definitions() []statement {
	list := []statement{
		{"CreateCalls", ledgersql.CreateCalls(f.database, f.location+"calls/")},
		{"CreateUnreadable", ledgersql.CreateUnreadable(f.database, f.location+"unreadable/")},
		{"DefineRates", ledgersql.RatesView(f.database, f.rates)},
		{"DefineModelAliases", ledgersql.ModelAliasesView(f.database, f.rates)},
		{"DefineRecords", ledgersql.RecordsView(f.database)},
	}
	if f.events {
		list = append(list, statement{"DefineCallsWithEvents", ledgersql.CallsWithEventsView(f.database)})
	}
	return list
}

// longestStatement is Athena's limit for a query, in bytes (Athena user guide,
// "Service Quotas").
const longestStatement = 262_144

// problems are statements that Athena does not take. Only those that hold the
// rates have no length of their own.
func (f fill) problems() (found []error) {
	for _, s := range f.definitions() {
		if len(s.sql) > longestStatement {
			found = append(found, misuse.Errorf(pkg, "LedgerProps.Rates make statement %s of the fill longer than Athena takes, %d bytes, got %d; leave out rates and aliases that no call has", s.name, longestStatement, len(s.sql)))
		}
	}
	return found
}

// lastDefined is the view that is there only when everything is.
func (f fill) lastDefined() string {
	if f.events {
		return eventsView
	}
	return "records"
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

// query runs SQL and waits for its end. One that failed is tried again: filling
// twice, one after the other, adds nothing.
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
	maps.Copy(task, with)
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

// retryBut is retries of every error but one.
func retryBut(name string, retries []state) []state {
	return append([]state{{"ErrorEquals": []string{name}, "MaxAttempts": 0}}, retries...)
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
//   - parts: the same in parts of at most 24 hours, with first and last in hours since 1970
//   - settled: the hours to measure: the one before the last full one, to which
//     records are hardly added any more; with maintain all from the first one to it
//   - past: whether the input names the window
//   - maintain: whether to join files and remove snapshots
//   - sound: whether the window makes sense; if not, it has no parts
//
// It counts in hours since 1970. A time that is none fails the execution.
func windowExpression(lookBackHours int) string {
	return fmt.Sprintf(`(
  $in := $states.input;
  $hour := function($millis) { $floor($millis / 3600000) };
`+folderOfHour+`  $between := function($first, $last) { {"from": $folder($first), "to": $folder($last)} };
  $part := function($first, $last) { $merge([$between($first, $last), {"first": $first, "last": $last}]) };
  $present := $hour($toMillis($states.context.Execution.StartTime));
  $past := $exists($in.from) or $exists($in.to);
  $to := $exists($in.to) ? $hour($toMillis($in.to)) : $present;
  $back := $exists($in.hours) ? $in.hours : %d;
  $from := $exists($in.from) ? $hour($toMillis($in.from)) : ($past ? $to + 1 : ($type($back) = "number" ? $to - $floor($back) : $to + 1));
  $sound := $from <= $to and $to <= $present and $to - $from <= %d;
  $merge([$between($from, $to), {
    "parts": $sound ? [[0..$floor(($to - $from) / 24)].$part($from + $ * 24, $min([$from + $ * 24 + 23, $to]))] : [],
    "settled": $between($in.maintain = true ? $from : $to - 2, $to - 2),
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
