package alerting

import (
	"fmt"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

func TestCallerAlarmsOnRootAndUsersByDefault(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewCallerAlarms(stack, jsii.String("Callers"), &CallerAlarmsProps{Alarms: factory, TrailLogGroup: logGroupOf(stack)})
	cdktest.AssertImportable(t, alarms)
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::Logs::MetricFilter"), 2)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 2)

	_, root := template.Only(t, "AWS::CloudWatch::Alarm", "CallersRootCritical")
	assert.Equal(t, *alarms.MetricRootCalls(nil).MetricName(), root.Properties["MetricName"])
	assert.Equal(t, []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}, rule(root))
	assert.Contains(t, root.Properties["AlarmDescription"], "Critical: The root user made model calls within an hour.")
	assert.Contains(t, root.Properties["AlarmDescription"], "runbook.md#callers")
	assert.Contains(t, cdktest.JSON(t, root.Properties["AlarmActions"]), "Pager")

	_, user := template.Only(t, "AWS::CloudWatch::Alarm", "CallersUserWarning")
	assert.Equal(t, *alarms.MetricUserCalls(nil).MetricName(), user.Properties["MetricName"])
	assert.Equal(t, 3600.0, user.Properties["Period"])
	assert.Contains(t, cdktest.JSON(t, user.Properties["AlarmActions"]), "Mail")
}

func TestCallerAlarmsOnWhoIsNotOnTheList(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	NewCallerAlarms(stack, jsii.String("Callers"), &CallerAlarmsProps{
		Alarms: factory, TrailLogGroup: logGroupOf(stack),
		AllowedRoleArns: policies.Strings("arn:aws:iam::111122223333:role/Assistant"),
	})
	template := cdktest.Synth(t, stack)
	_, unlisted := template.Only(t, "AWS::CloudWatch::Alarm", "CallersUnlistedWarning")
	stat := func(metric string) string {
		return `"MetricStat":{"Metric":{"MetricName":"` + metric + `","Namespace":"GenAI/Metrics"},"Period":3600,"Stat":"Sum"},"ReturnData":false}`
	}
	assert.Equal(t, `[{"Id":"calls",`+stat("ModelCalls")+`,{"Id":"listed",`+stat("ModelCallsByListedRoles")+
		`,{"Expression":"calls - FILL(listed, 0)","Id":"unlisted","ReturnData":true}]`, cdktest.JSON(t, unlisted.Properties["Metrics"]))
	assert.Equal(t, []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}, rule(unlisted))
}

func TestCallerAlarmsOfEachSeverity(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	NewCallerAlarms(stack, jsii.String("Callers"), &CallerAlarmsProps{
		Alarms: factory, TrailLogGroup: logGroupOf(stack),
		Critical: &CallerThreshold{MaxRootCalls: jsii.Number(0), MaxUserCalls: jsii.Number(500)},
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 2)
	_, user := template.Only(t, "AWS::CloudWatch::Alarm", "CallersUserCritical")
	assert.Equal(t, 500.0, user.Properties["Threshold"])
	assert.Contains(t, user.Properties["AlarmDescription"], "IAM users made more than 500 model calls within an hour.")
}

// A list longer than a pattern is divided, and each role is in one filter.
func TestListedPatternsKeepWithinTheLimit(t *testing.T) {
	t.Parallel()
	var roles []string
	for i := range 40 {
		roles = append(roles, fmt.Sprintf("arn:aws:iam::111122223333:role/teams/of-the-company/Assistant%02d", i))
	}
	patterns := listedPatterns(roles)
	assert.Greater(t, len(patterns), 1)
	var parsed []*filterpattern.Pattern
	for _, text := range patterns {
		pattern, err := filterpattern.Parse(text)
		require.NoError(t, err)
		parsed = append(parsed, pattern)
	}
	for _, role := range roles {
		event := `{"eventSource":"bedrock.amazonaws.com","eventType":"AwsApiCall","eventName":"Converse","userIdentity":` +
			`{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":"` + role + `"}}}}`
		found := 0
		for _, pattern := range parsed {
			matches, err := pattern.Match(event)
			require.NoError(t, err)
			if matches {
				found++
			}
		}
		assert.Equal(t, 1, found, role)
	}
}

func TestCallerAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	group := logGroupOf(stack)
	const role = "arn:aws:iam::111122223333:role/"
	with := func(arns ...string) *CallerAlarmsProps {
		return &CallerAlarmsProps{Alarms: factory, TrailLogGroup: group, AllowedRoleArns: policies.Strings(arns...)}
	}
	above := func(threshold CallerThreshold, arns ...string) *CallerAlarmsProps {
		props := with(arns...)
		props.Warning = &threshold
		return props
	}
	for want, props := range map[string]*CallerAlarmsProps{
		"CallerAlarms needs CallerAlarmsProps.Alarms, got nil":                                          nil,
		"CallerAlarms needs CallerAlarmsProps.TrailLogGroup, got nil":                                   {Alarms: factory},
		`AllowedRoleArns[0] has to be the ARN of a role, with at most one * and that at the end, got "`: with("arn:aws:sts::111122223333:assumed-role/A/s"),
		`and that at the end, got "arn:aws:iam::111122223333:role/a*b"`:                                 with(role + "a*b"),
		`and that at the end, got ""`:                                                                   with(""),
		"AllowedRoleArns[1] is covered by AllowedRoleArns[0], got ":                                     with(role+"a*", role+"ab*"),
		"AllowedRoleArns[0] is covered by AllowedRoleArns[1], got ":                                     with(role+"a", role+"*"),
		"AllowedRoleArns[2] is covered by AllowedRoleArns[0], got ":                                     with(role+"a", role+"b", role+"a"),
		"CallerThreshold is empty, got neither MaxRootCalls nor MaxUserCalls nor MaxUnlistedCalls; ":    above(CallerThreshold{}),
		"CallerThreshold.MaxRootCalls has to be 0 to 1e+12, got -1; ":                                   above(CallerThreshold{MaxRootCalls: jsii.Number(-1)}),
		"CallerThreshold.MaxUserCalls has to be 0 to 1e+12, got -2; ":                                   above(CallerThreshold{MaxUserCalls: jsii.Number(-2)}),
		"CallerThreshold.MaxUnlistedCalls has to be 0 to 1e+12, got -3; ":                               above(CallerThreshold{MaxUnlistedCalls: jsii.Number(-3)}, role+"a"),
		"CallerThreshold.MaxUnlistedCalls needs a list, got no CallerAlarmsProps.AllowedRoleArns; ":     above(CallerThreshold{MaxUnlistedCalls: jsii.Number(0)}),
		"CallerAlarmsProps.AllowedRoleArns alarm nobody, got no CallerThreshold.MaxUnlistedCalls; ":     above(CallerThreshold{MaxRootCalls: jsii.Number(0)}, role+"a"),
	} {
		assert.Contains(t, cdktest.Panics(t, func() { NewCallerAlarms(stack, jsii.String("C"), props) }), want)
	}
}
