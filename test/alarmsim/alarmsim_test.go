package alarmsim_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/alarmsim"
)

const week = 7 * 24 * 60

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var template map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &template))
	return template
}

func alarms(t *testing.T, resources string) *alarmsim.Alarms {
	t.Helper()
	loaded, err := alarmsim.Load(parse(t, `{"Resources": {`+resources+`}}`))
	require.NoError(t, err)
	return loaded
}

const calls = `"Calls": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
	"AlarmActions": ["topic"], "Namespace": "N", "MetricName": "Calls", "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1,
	"Threshold": 3, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"}}`

func spans(t *testing.T, a *alarmsim.Alarms, d *alarmsim.Data, to int, id string, further int) []alarmsim.Span {
	t.Helper()
	history, err := a.Run(d, 0, to, alarmsim.Options{FurtherPeriods: further})
	require.NoError(t, err)
	return history.Spans(id)
}

// Periods slide by a minute.
func TestAlarmFiresForAsLongAsAPeriodHasWhatBreaches(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	for _, minute := range []int{10, 11, 12, 40, 45, 50} {
		data.Put(alarmsim.Metric{Namespace: "N", Name: "Calls"}, minute, minute, 1)
	}
	assert.Equal(t, []alarmsim.Span{{From: 13, To: 16}}, spans(t, alarms(t, calls), data, 100, "Calls", 0))
}

func TestAlarmSeesOnlyWhatHasArrived(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	data.Put(alarmsim.Metric{Namespace: "N", Name: "Calls"}, 10, 13, 3)
	assert.Equal(t, []alarmsim.Span{{From: 14, To: 16}}, spans(t, alarms(t, calls), data, 100, "Calls", 0))
}

func TestDimensionsAreOtherMetrics(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	data.Put(alarmsim.Metric{Namespace: "N", Name: "Calls", Dimensions: map[string]string{"D": "1"}}, 10, 10, 9)
	assert.Empty(t, spans(t, alarms(t, calls), data, 100, "Calls", 0))
}

func alarm(metrics, rest string) string {
	return `"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [` + metrics + `], "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", ` + rest + `}}`
}

func stat(id, name, statistic, returned string) string {
	return `{"Id": "` + id + `", "ReturnData": ` + returned + `, "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "` + name + `"}, "Period": 60, "Stat": "` + statistic + `"}}`
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	for _, v := range []float64{1, 2, 3, 6} {
		data.Put(alarmsim.Metric{Namespace: "N", Name: "M"}, 5, 5, v)
	}
	for statistic, want := range map[string]string{"Sum": "12", "Average": "3", "Maximum": "6", "Minimum": "1", "SampleCount": "4", "p99": "6", "p50": "2"} {
		at := alarms(t, alarm(stat("m", "M", statistic, "true"), `"Threshold": `+want+`, "TreatMissingData": "notBreaching"`))
		assert.Empty(t, spans(t, at, data, 10, "A", 0), "%s is not above %s", statistic, want)
		below := alarms(t, alarm(stat("m", "M", statistic, "true"), `"Threshold": `+want+`.0e0, "TreatMissingData": "notBreaching", "ComparisonOperator": "GreaterThanOrEqualToThreshold"`))
		assert.Equal(t, []alarmsim.Span{{From: 6, To: 7}}, spans(t, below, data, 10, "A", 0), "%s is %s", statistic, want)
	}
}

func TestMetricMath(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	data.Put(alarmsim.Metric{Namespace: "N", Name: "Failed"}, 5, 5, 3)
	data.Put(alarmsim.Metric{Namespace: "N", Name: "Calls"}, 5, 5, 10)
	a := alarms(t, alarm(stat("failed", "Failed", "Sum", "false")+","+stat("calls", "Calls", "Sum", "false")+
		`,{"Id": "share", "Expression": "IF(calls >= 10, 100 * failed / calls, 0)"}`, `"Threshold": 29, "TreatMissingData": "notBreaching"`))
	assert.Equal(t, []alarmsim.Span{{From: 6, To: 7}}, spans(t, a, data, 10, "A", 0))
}

func TestQueries(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	put := func(minute int, number float64, dimensions map[string]string) {
		data.Put(alarmsim.Metric{Namespace: "AWS/Bedrock", Name: "Invocations", Dimensions: dimensions}, minute, minute, number)
	}
	put(5, 1, map[string]string{"ModelId": "a"})
	put(5, 2, map[string]string{"ModelId": "b"})
	put(5, 4, map[string]string{"ModelId": "a", "Region": "r"})
	put(5, 8, nil)
	for query, want := range map[string]string{
		`SELECT SUM(Invocations) FROM SCHEMA(\"AWS/Bedrock\", ModelId)`:                     "3",
		`SELECT MAX(Invocations) FROM SCHEMA(\"AWS/Bedrock\", ModelId)`:                     "2",
		`SELECT SUM(Invocations) FROM SCHEMA(\"AWS/Bedrock\")`:                              "8",
		`SELECT SUM(Invocations) FROM SCHEMA(\"AWS/Bedrock\", Region, ModelId)`:             "4",
		`SELECT COUNT(Invocations) FROM \"AWS/Bedrock\"`:                                    "4",
		`SELECT SUM(Invocations) FROM \"AWS/Bedrock\" WHERE ModelId = 'a'`:                  "5",
		`SELECT SUM(Invocations) FROM \"AWS/Bedrock\" WHERE ModelId = 'a' AND Region = 'r'`: "4",
	} {
		for operator, fires := range map[string]bool{"GreaterThanOrEqualToThreshold": true, "GreaterThanThreshold": false} {
			a := alarms(t, alarm(`{"Id": "q", "Period": 60, "Expression": "`+query+`"}`,
				`"Threshold": `+want+`, "TreatMissingData": "notBreaching", "ComparisonOperator": "`+operator+`"`))
			assert.Equal(t, fires, len(spans(t, a, data, 10, "A", 0)) == 1, "%s %s %s", query, operator, want)
		}
	}
}

// A query does not see a fourth hour, whatever else could be retrieved.
func TestQueriesSeeThreeHours(t *testing.T) {
	t.Parallel()
	a := alarms(t, alarm(`{"Id": "q", "Period": 3600, "Expression": "SELECT SUM(M) FROM \"N\""}`,
		`"Threshold": 0, "TreatMissingData": "notBreaching", "EvaluationPeriods": 3, "DatapointsToAlarm": 1`))
	data := alarmsim.NewData()
	data.Put(alarmsim.Metric{Namespace: "N", Name: "M"}, 0, 0, 1)
	assert.Equal(t, []alarmsim.Span{{From: 1, To: 181}}, spans(t, a, data, 400, "A", 2))
}

func TestFurtherPeriodsStandInForMissingData(t *testing.T) {
	t.Parallel()
	a := alarms(t, alarm(stat("m", "M", "Sum", "true"), `"Threshold": 1, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"`))
	data := alarmsim.NewData()
	for _, minute := range []int{0, 1, 2, 4, 8} {
		data.Put(alarmsim.Metric{Namespace: "N", Name: "M"}, minute, minute, 1)
	}
	assert.Equal(t, []alarmsim.Span{{0, 1}, {4, 5}, {6, 9}, {10, 12}}, spans(t, a, data, 12, "A", 0))
	assert.Equal(t, []alarmsim.Span{{0, 1}}, spans(t, a, data, 12, "A", 3))
}

const bandAlarm = `"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"EvaluationPeriods": 1, "TreatMissingData": "notBreaching",
	"ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "band", "Metrics": [
	{"Id": "m", "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 3600, "Stat": "Sum"}},
	{"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m, 3)"}]}}`

func TestAnomalyBandIsThatOfTheWeekdayAndHour(t *testing.T) {
	t.Parallel()
	metric := alarmsim.Metric{Namespace: "N", Name: "M"}
	data := alarmsim.NewData()
	for minute := 0; minute < 4*week; minute += 60 {
		data.Put(metric, minute, minute, 100+float64(minute%(24*60))/10+float64(minute/week%2))
	}
	a := alarms(t, bandAlarm)
	history, err := a.Run(data, 3*week, 4*week, alarmsim.Options{})
	require.NoError(t, err)
	assert.Empty(t, history.Fired())

	data.Put(metric, 3*week+3000, 0, 10)
	history, err = a.Run(data, 3*week, 4*week, alarmsim.Options{})
	require.NoError(t, err)
	assert.Equal(t, []alarmsim.Span{{3*week + 3001, 3*week + 3061}}, history.Spans("A"))

	history, err = a.Run(data, 0, 2*week, alarmsim.Options{})
	require.NoError(t, err)
	assert.Empty(t, history.Fired(), "nothing is learned yet")
}

func TestCompositesFollowTheirRules(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	data.Put(alarmsim.Metric{Namespace: "N", Name: "Calls"}, 10, 10, 3)
	fires, quiet := []alarmsim.Span{{11, 16}}, []alarmsim.Span{{0, 11}, {16, 30}}
	for rule, want := range map[string][]alarmsim.Span{
		`ALARM(\"${Calls.Arn}\")`:                         fires,
		`ALARM(\"${Calls.Arn}\") OR FALSE`:                fires,
		`ALARM(${Calls}) AND (TRUE AND NOT OK(${Calls}))`: fires,
		`NOT ALARM(\"${Calls.Arn}\")`:                     quiet,
		`OK('${Calls}')`:                                  quiet,
		`INSUFFICIENT_DATA(${Calls}) OR FALSE AND TRUE`:   nil,
		`TRUE AND (ALARM(${Calls}) OR NOT TRUE) AND TRUE`: fires,
	} {
		a := alarms(t, calls+`,"C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "`+rule+`"}}`)
		assert.Equal(t, want, spans(t, a, data, 30, "C", 0), rule)
	}
}

func TestCompositesOfComposites(t *testing.T) {
	t.Parallel()
	data := alarmsim.NewData()
	data.Put(alarmsim.Metric{Namespace: "N", Name: "Calls"}, 10, 10, 3)
	a := alarms(t, calls+`,
		"B": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": {"Fn::Join": ["", ["ALARM(\"", {"Fn::GetAtt": ["Z", "Arn"]}, "\")"]]}}},
		"Z": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": {"Fn::Join": ["", ["ALARM(\"", {"Fn::GetAtt": ["Calls", "Arn"]}, "\")"]]}}}`)
	assert.Equal(t, []alarmsim.Span{{11, 16}}, spans(t, a, data, 30, "B", 0))
	assert.True(t, a.Notifies("Calls"))
	assert.False(t, a.Notifies("B"))
	assert.Equal(t, []string{"B", "Calls", "Z"}, a.IDs())
}

// What is not evaluated in full is an error, never a state.
func TestWhatIsNotKnownIsAnError(t *testing.T) {
	t.Parallel()
	metric := stat("m", "M", "Sum", "true")
	good := `"Threshold": 1`
	for resources, want := range map[string]string{
		alarm(metric, `"Threshold": 1, "Unit": "Count"`):                                                                   `unknown field "Unit"`,
		alarm(metric, `"TreatMissingData": "ok", "Threshold": 1`):                                                          `treats missing data as "ok"`,
		alarm(metric, `"TreatMissingData": "ignore"`):                                                                      "has neither Threshold nor ThresholdMetricId",
		alarm(metric, `"Threshold": 1, "DatapointsToAlarm": 2`):                                                            "alarms on 2 of 1",
		alarm(metric, `"ThresholdMetricId": "band"`):                                                                       `has no band "band"`,
		alarm(metric, `"Threshold": 1, "EvaluationPeriods": 1441`):                                                         "more than a day",
		alarm(metric+","+stat("n", "M", "Sum", "true"), good):                                                              "returns the data of more than one",
		alarm(stat("m", "M", "Sum", "false"), good):                                                                        "returns no data",
		alarm(stat("m", "M", "TM(10%:90%)", "true"), good):                                                                 "unknown statistic",
		alarm(metric+`,{"Id": "e", "Expression": "RATE(m)"}`, good):                                                        "cannot be evaluated",
		alarm(`{"Id": "e", "Expression": "m + 1"}`, good):                                                                  `refers to "m"`,
		alarm(metric+`,{"Id": "band", "ReturnData": true, "Expression": "ANOMALY_DETECTION_BAND(n)"}`, good):               `refers to "n"`,
		alarm(`{"Id": "q", "Period": 60, "Expression": "SELECT SUM(M) FROM \"N\" GROUP BY D"}`, good):                      "is of no known form",
		alarm(`{"Id": "q", "Period": 60, "Expression": "SELECT SUM(M) FROM \"N\" WHERE D != 'x'"}`, good):                  "the condition",
		alarm(`{"Id": "q", "Period": 60, "Expression": "SELECT SUM(M) FROM \"N\"", "AccountId": "1"}`, good):               `unknown field "AccountId"`,
		alarm(stat("m", "M", "Sum", "false")+`,{"Id": "q", "Period": 60, "Expression": "SELECT SUM(M) FROM \"N\""}`, good): "has a query beside other metrics",
		`"C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "ALARM(other)"}}`:                    `refers to "other"`,
		`"C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "ALARM(${C})"}}`:                     "in a circle",
		`"C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "AT_LEAST(1, ALARM: (a))"}}`:         "no known meaning",
		`"C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "TRUE AND"}}`:                        "cannot be evaluated",
		`"C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "TRUE", "ActionsSuppressor": "a"}}`:  `unknown field "ActionsSuppressor"`,
	} {
		_, err := alarmsim.Load(parse(t, `{"Resources": {`+resources+`}}`))
		assert.ErrorContains(t, err, want, resources)
	}
}
