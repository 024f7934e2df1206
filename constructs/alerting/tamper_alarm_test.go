package alerting_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

func alarmsOf(stack awscdk.Stack, topic alerting.AlertTopic) alerting.AlarmFactory {
	return alerting.NewAlarmFactory(stack, jsii.String("Alarms"), &alerting.AlarmFactoryProps{Critical: topic})
}

func trailLogs(stack awscdk.Stack) awslogs.ILogGroup {
	return awslogs.LogGroup_FromLogGroupName(stack, jsii.String("TrailLogs"), jsii.String("/aws/cloudtrail/paper-trail"))
}

func TestTamperAlarm(t *testing.T) {
	stack, topic := newTopic(t)
	alarm := alerting.NewTamperAlarm(stack, jsii.String("Tamper"), &alerting.TamperAlarmProps{
		TrailLogGroup: trailLogs(stack),
		Alarms:        alarmsOf(stack, topic),
		RoleNames:     jsii.Strings("role-a", "role-b"),
	})
	cdktest.AssertImportable(t, alarm)
	assert.Equal(t, alerting.TamperMetricName, *alarm.MetricCalls(nil).MetricName())
	assert.Equal(t, "calls", *alarm.MetricCalls(&awscloudwatch.MetricOptions{Label: jsii.String("calls")}).Label())
	template := cdktest.Synth(t, stack)

	const people = `($.readOnly IS FALSE) && (($.userIdentity.invokedBy NOT EXISTS) || ($.userIdentity.invokedBy != "cloudformation.amazonaws.com"))`
	for id, want := range map[string]string{
		"TamperRoles": `{ ($.eventSource = "iam.amazonaws.com") && ` + people + ` && (($.requestParameters.roleName = "role-a") || ($.requestParameters.roleName = "role-b")) }`,
		"TamperRules": `{ ($.eventSource = "events.amazonaws.com") && ` + people + ` && (($.requestParameters.name = "Test*") || ($.requestParameters.rule = "Test*")) }`,
	} {
		_, filter := template.Only(t, "AWS::Logs::MetricFilter", id)
		assert.Equal(t, want, filter.Properties["FilterPattern"])
		assert.Equal(t, "/aws/cloudtrail/paper-trail", filter.Properties["LogGroupName"])
		assert.NotContains(t, filter.Properties, "FilterName")
		assert.Equal(t, `[{"DefaultValue":0,"MetricName":"PaperTrailTamperCalls","MetricNamespace":"GenAI/Metrics","MetricValue":"1"}]`,
			cdktest.JSON(t, filter.Properties["MetricTransformations"]))
	}
	_, resource := template.Only(t, "AWS::CloudWatch::Alarm", "TamperAlarm")
	p := resource.Properties
	assert.NotContains(t, p, "AlarmName")
	assert.Equal(t, "notBreaching", p["TreatMissingData"])
	assert.EqualValues(t, 1, p["Threshold"])
	for _, action := range []string{"AlarmActions", "OKActions"} {
		assert.Contains(t, cdktest.JSON(t, p[action]), "AlertsTopic")
	}
	description := p["AlarmDescription"].(string)
	assert.Contains(t, description, "/aws/cloudtrail/paper-trail")
	assert.Contains(t, description, "runbook.md#tamper")
	assert.LessOrEqual(t, len(description), 1024)
}

func TestTamperAlarmCountsWhatPeopleChange(t *testing.T) {
	stack, topic := newTopic(t)
	alerting.NewTamperAlarm(stack, jsii.String("Tamper"), &alerting.TamperAlarmProps{
		TrailLogGroup: trailLogs(stack), Alarms: alarmsOf(stack, topic), RoleNames: jsii.Strings("role-a", "role-b"),
	})
	var patterns []*filterpattern.Pattern
	for _, filter := range cdktest.Synth(t, stack).OfType("AWS::Logs::MetricFilter") {
		pattern, err := filterpattern.Parse(filter.Properties["FilterPattern"].(string))
		require.NoError(t, err)
		patterns = append(patterns, pattern)
	}
	require.Len(t, patterns, 2)
	const (
		person    = `"readOnly": false, "userIdentity": {"type": "IAMUser"}`
		service   = `"readOnly": false, "userIdentity": {"type": "AssumedRole", "invokedBy": "config.amazonaws.com"}`
		deploying = `"readOnly": false, "userIdentity": {"type": "AssumedRole", "invokedBy": "cloudformation.amazonaws.com"}`
		reader    = `"readOnly": true, "userIdentity": {"type": "IAMUser"}`
	)
	for event, want := range map[string]int{
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-b"}, ` + person:              1,
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-a"}, ` + service:             1,
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-a"}, ` + deploying:           0,
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-a"}, ` + reader:              0,
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-ab"}, ` + person:             0,
		`"eventSource": "iam.amazonaws.com", "requestParameters": null, ` + person:                                0,
		`"eventSource": "events.amazonaws.com", "requestParameters": {"name": "Test-TamperKeys-1A2B"}, ` + person: 1,
		`"eventSource": "events.amazonaws.com", "requestParameters": {"rule": "Test-TamperKeys-1A2B"}, ` + person: 1,
		`"eventSource": "events.amazonaws.com", "requestParameters": {"name": "other"}, ` + person:                0,
		`"eventSource": "ssm.amazonaws.com", "requestParameters": {"name": "Test-TamperKeys-1A2B"}, ` + person:    0,
	} {
		counted := 0
		for _, pattern := range patterns {
			matches, err := pattern.Match("{" + event + "}")
			require.NoError(t, err, event)
			if matches {
				counted++
			}
		}
		assert.Equal(t, want, counted, event)
	}
}

func TestTamperAlarmOfRulesAlone(t *testing.T) {
	stack, topic := newTopic(t)
	alerting.NewTamperAlarm(stack, jsii.String("Tamper"), &alerting.TamperAlarmProps{
		TrailLogGroup: trailLogs(stack), Alarms: alarmsOf(stack, topic), RuleNamePrefixes: jsii.Strings("ours-"),
	})
	template := cdktest.Synth(t, stack)
	_, filter := template.Only(t, "AWS::Logs::MetricFilter", "Tamper")
	assert.Contains(t, filter.Properties["FilterPattern"], `"ours-*"`)
}

func TestTamperAlarmMisuse(t *testing.T) {
	stack, topic := newTopic(t)
	logs, alarms := trailLogs(stack), alarmsOf(stack, topic)
	for want, props := range map[string]*alerting.TamperAlarmProps{
		"TamperAlarm needs TamperAlarmProps.TrailLogGroup, got nil": {Alarms: alarms},
		"TamperAlarm needs TamperAlarmProps.Alarms, got nil":        {TrailLogGroup: logs},
		"TamperAlarmProps.RoleNames[0] is empty":                    {TrailLogGroup: logs, Alarms: alarms, RoleNames: jsii.Strings("")},
		"at most 1024 characters":                                   {TrailLogGroup: logs, Alarms: alarms, RoleNames: jsii.Strings(strings.Repeat("r", 900))},
	} {
		message := cdktest.Panics(t, func() { alerting.NewTamperAlarm(stack, jsii.String("T"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewTamperAlarm(stack, nil, nil) }), "TamperAlarm needs an id")
}
