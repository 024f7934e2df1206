package alerting

import (
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

func TestUnattributedAlarmsWarnOfAShareByDefault(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewUnattributedAlarms(stack, jsii.String("Unattributed"), &UnattributedAlarmsProps{Alarms: factory, InvocationLogGroup: logGroupOf(stack)})
	cdktest.AssertImportable(t, alarms)
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 1)

	_, filter := template.Only(t, "AWS::Logs::MetricFilter", "UnattributedUnattributedFilter")
	assert.Equal(t, map[string]any{
		"LogGroupName": "/given",
		"FilterPattern": `{ ($.schemaType = "ModelInvocationLog") && ($.errorCode NOT EXISTS)` +
			` && (($.requestMetadata.user_id NOT EXISTS) || ($.requestMetadata.task_type NOT EXISTS) || ($.requestMetadata.request_id NOT EXISTS)) }`,
		"MetricTransformations": []any{map[string]any{
			"MetricNamespace": "GenAI/Metrics", "MetricName": "UnattributedCalls", "MetricValue": "1", "DefaultValue": 0.0,
		}},
	}, filter.Properties)

	_, share := template.Only(t, "AWS::CloudWatch::Alarm", "UnattributedPercentWarning")
	stat := func(metric string) string {
		return `"MetricStat":{"Metric":{"MetricName":"` + metric + `","Namespace":"GenAI/Metrics"},"Period":3600,"Stat":"Sum"},"ReturnData":false}`
	}
	assert.Equal(t, `[{"Id":"unattributed",`+stat("UnattributedCalls")+`,{"Id":"calls",`+stat("RecordedCalls")+
		`,{"Expression":"IF(calls \u003e= 1, 100 * unattributed / calls, 0)","Id":"percent","ReturnData":true}]`, cdktest.JSON(t, share.Properties["Metrics"]))
	assert.Equal(t, []any{1.0, 1.0, 1.0, "GreaterThanThreshold", "notBreaching"}, rule(share))
	assert.Contains(t, share.Properties["AlarmDescription"], "More than 1 percent")
	assert.Contains(t, share.Properties["AlarmDescription"], "user_id, task_type, request_id")
	assert.Contains(t, share.Properties["AlarmDescription"], "runbook.md#unattributed-calls")
	assert.Equal(t, "UnattributedCalls", *alarms.MetricUnattributedCalls(nil).MetricName())
	assert.Equal(t, "RecordedCalls", *alarms.MetricRecordedCalls(nil).MetricName())
}

func TestUnattributedAlarmsOfACountAndOtherKeys(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	NewUnattributedAlarms(stack, jsii.String("U"), &UnattributedAlarmsProps{
		Alarms: factory, InvocationLogGroup: logGroupOf(stack),
		RequiredKeys: policies.Strings("cost-center"),
		Warning:      &UnattributedThreshold{MaxPercent: jsii.Number(5), MinCalls: jsii.Number(20)},
		Critical:     &UnattributedThreshold{MaxCalls: jsii.Number(100)},
	})
	template := cdktest.Synth(t, stack)
	_, filter := template.Only(t, "AWS::Logs::MetricFilter", "UUnattributedFilter")
	assert.Contains(t, filter.Properties["FilterPattern"], `&& (($.requestMetadata.cost-center NOT EXISTS)) }`)
	_, share := template.Only(t, "AWS::CloudWatch::Alarm", "UPercentWarning")
	assert.Contains(t, cdktest.JSON(t, share.Properties["Metrics"]), "IF(calls \\u003e= 20,")
	_, count := template.Only(t, "AWS::CloudWatch::Alarm", "UCallsCritical")
	assert.Equal(t, "UnattributedCalls", count.Properties["MetricName"])
	assert.Equal(t, []any{1.0, 1.0, 100.0, "GreaterThanThreshold", "notBreaching"}, rule(count))
}

func TestUnattributedAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	group := logGroupOf(stack)
	with := func(keys ...string) *UnattributedAlarmsProps {
		return &UnattributedAlarmsProps{Alarms: factory, InvocationLogGroup: group, RequiredKeys: policies.Strings(keys...)}
	}
	above := func(threshold UnattributedThreshold) *UnattributedAlarmsProps {
		return &UnattributedAlarmsProps{Alarms: factory, InvocationLogGroup: group, Critical: &threshold}
	}
	for want, props := range map[string]*UnattributedAlarmsProps{
		"UnattributedAlarms needs UnattributedAlarmsProps.Alarms, got nil":             nil,
		"UnattributedAlarms needs UnattributedAlarmsProps.InvocationLogGroup, got nil": {Alarms: factory},
		"UnattributedAlarmsProps.RequiredKeys names no key, got an empty list; ":       with(),
		`RequiredKeys[1] has to be letters, digits, - and _, got "a.b"; `:              with("a", "a.b"),
		`RequiredKeys[0] has to be letters, digits, - and _, got ""; `:                 with(""),
		"make a filter pattern of more than 1024 characters, got 1":                    with(strings.Repeat("k", 1000)),
		"UnattributedThreshold is empty, got neither MaxCalls nor MaxPercent; ":        above(UnattributedThreshold{MinCalls: jsii.Number(1)}),
		"UnattributedThreshold.MaxCalls has to be 0 to 1e+12, got -1; ":                above(UnattributedThreshold{MaxCalls: jsii.Number(-1)}),
		"UnattributedThreshold.MaxPercent has to be 0 to 100, got 101; ":               above(UnattributedThreshold{MaxPercent: jsii.Number(101)}),
		"UnattributedThreshold.MinCalls has to be 1 to 1e+12, got 0; ":                 above(UnattributedThreshold{MaxPercent: jsii.Number(1), MinCalls: jsii.Number(0)}),
	} {
		assert.Contains(t, cdktest.Panics(t, func() { NewUnattributedAlarms(stack, jsii.String("U"), props) }), want)
	}
}
