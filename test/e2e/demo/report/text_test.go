package report_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/demo/report"
)

func text(t *testing.T, r *report.Report) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Text(&out, r, false))
	return out.String()
}

const stack = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:trail-dev-"

func TestThrottlingIsShownInFullAndOtherAlarmsAsATable(t *testing.T) {
	t.Parallel()
	actions := []string{"arn:aws:sns:eu-west-1:111111111111:alerts"}
	out := text(t, &report.Report{
		Filters: []report.Filter{
			{Name: "ThrottlingFilter", LogGroup: "calls", Pattern: "{ a }", Metric: "Throttled", Namespace: "N", Value: "1"},
			{Name: "RootFilter0A1B2C3D-x", LogGroup: "events", Pattern: "{ b }", Metric: "Root", Namespace: "N", Value: "1"},
		},
		Alarms: []report.Alarm{
			{ARN: stack + "Throttling0A1B2C3D-1", Watches: []string{"N Throttled"}, Condition: ">= 5", Actions: actions, State: "OK"},
			{ARN: stack + "RootCritical0A1B2C3D-1", Severity: "Critical", Description: "Critical: Root called.\n\n1. Look.", Watches: []string{"N Root"}, Condition: "> 0", Actions: actions, State: "ALARM"},
			{ARN: stack + "Drift0A1B2C3D-1", Watches: []string{"N Drift"}, Condition: "> 1", Actions: actions, State: "OK"},
			{ARN: stack + "Part0A1B2C3D-1", Watches: []string{"N Part"}, Condition: "> 2", State: "OK"},
		},
	})
	assert.Contains(t, out, "counts { a }")
	assert.NotContains(t, out, "{ b }")
	assert.Contains(t, out, "for Root\n")
	assert.Contains(t, out, "Alarm trail-dev-Throttling0A1B2C3D-1\n  state            OK\n  fires when       >= 5\n")
	assert.Contains(t, out, "Other alarms that notify: 2, made of 1 more\n"+
		"  Root   Critical  ALARM  Root called\n"+
		"  Drift  -         OK     > 1\n")
}

func TestWhatTwoRulesTellIsShownOnce(t *testing.T) {
	t.Parallel()
	out := text(t, &report.Report{Rules: []report.Rule{
		{Name: "a", Description: "Tells when a key is changed, by a deployment", State: "ENABLED"},
		{Name: "b", Description: "Tells when a key is changed, but not by a deployment", State: "DISABLED"},
		{Name: "c", Description: "Tells when a topic, or its key is changed, by a deployment", State: "ENABLED"},
		{Name: "d", Description: "Tells when a topic, or its key is changed, but not by a deployment", State: "ENABLED"},
		{Name: "e", Description: "Tells when a trail, or its key is changed", State: "ENABLED"},
	}})
	assert.Contains(t, out, "Rules that notify: 5, two a line: one of changes by a deployment, one of all others\n"+
		"  NOT ENABLED: b\n"+
		"  Tells when a key is changed\n"+
		"  Tells when a topic, or its key is changed\n"+
		"  Tells when a trail, or its key is changed (by anybody)\n\n")
}

func TestOneRuleIsNotShownAsTwo(t *testing.T) {
	t.Parallel()
	out := text(t, &report.Report{Rules: []report.Rule{
		{Name: "a", Description: "Tells when a key is changed, by a deployment", State: "ENABLED"},
	}})
	assert.Contains(t, out, "Rules that notify: 1\n  Tells when a key is changed (by a deployment)\n\n")
}

func TestTheGistBeginsWithACapital(t *testing.T) {
	t.Parallel()
	out := text(t, &report.Report{Alarms: []report.Alarm{
		{ARN: stack + "Tamper0A1B2C3D-1", Severity: "Critical", Description: "Critical: école changed.", Actions: []string{"a"}, State: "OK"},
	}})
	assert.Contains(t, out, "OK  École changed\n")
}

func TestManyResourcesOfAKindAreCounted(t *testing.T) {
	t.Parallel()
	var tagged []report.Tagged
	for i := range 6 {
		tagged = append(tagged, report.Tagged{Resource: fmt.Sprint("alarm ", i), Tags: map[string]string{"k": "v"}})
	}
	tagged = append(tagged, report.Tagged{Resource: "log group g", Tags: map[string]string{"k": "v"}})
	assert.Contains(t, text(t, &report.Report{Tags: tagged}), "  k=v\n    on 6 alarms\n    on log group g\n")
}

func TestWhatIsNotAsDeclaredStandsOut(t *testing.T) {
	t.Parallel()
	out := text(t, &report.Report{Guard: &report.Guard{Function: "guard", Checks: []report.Check{{Name: "Key"}}}})
	assert.Contains(t, out, "Key NOT AS DECLARED")
}
