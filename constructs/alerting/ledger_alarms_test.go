package alerting

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func ledgerOf(stack awscdk.Stack) ledger.Ledger {
	key := func(id string) auditstore.AuditKey { return auditstore.NewAuditKey(stack, jsii.String(id), nil) }
	return ledger.NewLedger(stack, jsii.String("Ledger"), &ledger.LedgerProps{
		Tables: ledger.NewTables(stack, jsii.String("Tables"), &ledger.TablesProps{
			Invocations:  auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{Key: key("PromptKey")}),
			DatabaseName: jsii.String("trail"),
		}),
		Key: key("CallKey"),
	})
}

func TestLedgerAlarmsWatchTheFill(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	watched := ledgerOf(stack)
	alarms := NewLedgerAlarms(stack, jsii.String("Calls"), &LedgerAlarmsProps{Alarms: factory, Ledger: watched})
	cdktest.AssertImportable(t, alarms)
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 6)
	assert.Len(t, *factory.AlarmArns(), 6)

	for id, want := range map[string]struct {
		metric, statistic, anchor string
		rule                      []any
	}{
		"CallsNotFilledWarning":  {"LedgerRows", "SampleCount", "ledger-not-filled", []any{3.0, 3.0, 1.0, "LessThanThreshold", "breaching"}},
		"CallsLateWarning":       {"LedgerLag", "Maximum", "ledger-late", []any{1.0, 1.0, 21600.0, "GreaterThanThreshold", "notBreaching"}},
		"CallsUnreadableWarning": {"LedgerUnreadable", "Maximum", "ledger-unreadable", []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}},
		"CallsMissingWarning":    {"LedgerMissing", "Maximum", "ledger-missing", []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}},
		"CallsDuplicatedWarning": {"LedgerDuplicates", "Maximum", "ledger-duplicated", []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}},
	} {
		_, made := template.Only(t, "AWS::CloudWatch::Alarm", id)
		p := made.Properties
		assert.Equal(t, "PaperTrail", p["Namespace"], id)
		assert.Equal(t, want.metric, p["MetricName"], id)
		assert.Equal(t, want.statistic, p["Statistic"], id)
		assert.Equal(t, 3600.0, p["Period"], id)
		assert.Equal(t, []any{map[string]any{"Name": "Database", "Value": "trail"}}, p["Dimensions"], id)
		assert.Equal(t, want.rule, rule(made), id)
		assert.Contains(t, p["AlarmDescription"], "runbook.md#"+want.anchor, id)
		assert.Contains(t, cdktest.JSON(t, p["AlarmActions"]), "Mail", id)
	}
	// The names are those that the fill publishes under.
	for metric, name := range map[string]string{
		*watched.MetricRows(nil).MetricName():       "LedgerRows",
		*watched.MetricLag(nil).MetricName():        "LedgerLag",
		*watched.MetricUnreadable(nil).MetricName(): "LedgerUnreadable",
		*watched.MetricMissing(nil).MetricName():    "LedgerMissing",
		*watched.MetricDuplicates(nil).MetricName(): "LedgerDuplicates",
		*watched.MetricDuplicates(nil).MetricName(): "LedgerDuplicates",
	} {
		assert.Equal(t, name, metric)
	}
}

func TestLedgerAlarmsFireOnEveryKindOfFailure(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewLedgerAlarms(stack, jsii.String("Calls"), &LedgerAlarmsProps{Alarms: factory, Ledger: ledgerOf(stack)})
	assert.Equal(t, "ExecutionsFailed", *alarms.MetricFailures(nil).MetricName())
	_, made := cdktest.Synth(t, stack).Only(t, "AWS::CloudWatch::Alarm", "CallsFailedWarning")
	metrics := made.Properties["Metrics"].([]any)
	assert.Len(t, metrics, 4)
	var names []any
	for _, part := range metrics[:3] {
		metric := part.(map[string]any)["MetricStat"].(map[string]any)["Metric"].(map[string]any)
		names = append(names, metric["MetricName"])
		assert.Equal(t, "AWS/States", metric["Namespace"])
		assert.Contains(t, cdktest.JSON(t, metric["Dimensions"]), ":stateMachine:trail-fill")
	}
	assert.Equal(t, []any{"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}, names)
	assert.Equal(t, "SUM([failed, timedOut, aborted])", metrics[3].(map[string]any)["Expression"])
	assert.Equal(t, []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}, rule(made))
}

func TestLedgerAlarmsOfTwoSeverities(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	NewLedgerAlarms(stack, jsii.String("Calls"), &LedgerAlarmsProps{
		Alarms: factory, Ledger: ledgerOf(stack),
		Warning: &LedgerThreshold{MaxUnreadable: jsii.Number(5)},
		Critical: &LedgerThreshold{
			MaxFailures: jsii.Number(2), MaxSilence: awscdk.Duration_Hours(jsii.Number(12)),
			MaxLag: awscdk.Duration_Days(jsii.Number(1)), MaxMissing: jsii.Number(3), MaxDuplicates: jsii.Number(4),
		},
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 12)
	for id, want := range map[string]float64{
		"CallsUnreadableWarning": 5, "CallsUnreadableCritical": 0, "CallsFailedCritical": 2,
		"CallsLateCritical": 86400, "CallsMissingCritical": 3, "CallsDuplicatedCritical": 4, "CallsDuplicatedWarning": 0,
	} {
		_, made := template.Only(t, "AWS::CloudWatch::Alarm", id)
		assert.Equal(t, want, made.Properties["Threshold"], id)
	}
	_, silent := template.Only(t, "AWS::CloudWatch::Alarm", "CallsNotFilledCritical")
	assert.Equal(t, 12.0, silent.Properties["EvaluationPeriods"])
	assert.Contains(t, silent.Properties["AlarmDescription"], "not filled for 12 hours")
}

func TestLedgerAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	watched := ledgerOf(stack)
	for want, props := range map[string]*LedgerAlarmsProps{
		"LedgerAlarms needs LedgerAlarmsProps.Alarms, got nil": {Ledger: watched},
		"LedgerAlarms needs LedgerAlarmsProps.Ledger, got nil": {Alarms: factory},
		"LedgerThreshold.MaxFailures has to be 0 to 1e+12, got -1; ": {Alarms: factory, Ledger: watched,
			Warning: &LedgerThreshold{MaxFailures: jsii.Number(-1)}},
		"LedgerThreshold.MaxSilence has to be whole hours, 2 to 24, got 3600 seconds; ": {Alarms: factory, Ledger: watched,
			Warning: &LedgerThreshold{MaxSilence: awscdk.Duration_Hours(jsii.Number(1))}},
		"LedgerThreshold.MaxLag has to be 1 hour to 7 days, got 60 seconds; ": {Alarms: factory, Ledger: watched,
			Warning: &LedgerThreshold{}, Critical: &LedgerThreshold{MaxLag: awscdk.Duration_Minutes(jsii.Number(1))}},
	} {
		assert.Contains(t, cdktest.Panics(t, func() { NewLedgerAlarms(stack, jsii.String("L"), props) }), want)
	}
}
