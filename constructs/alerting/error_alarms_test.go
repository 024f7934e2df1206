package alerting

import (
	"errors"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

const aModel = "eu.anthropic.claude-sonnet-4-20250514-v1:0"

func modelsOf(ids ...string) *[]*WatchedModel {
	var models []*WatchedModel
	for _, id := range ids {
		models = append(models, &WatchedModel{ModelID: jsii.String(id)})
	}
	return &models
}

func TestErrorAlarmsWatchEachModel(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewErrorAlarms(stack, jsii.String("Errors"), &ErrorAlarmsProps{Alarms: factory, Models: modelsOf(aModel, "amazon.nova-lite-v1:0")})
	cdktest.AssertImportable(t, alarms)
	assert.Equal(t, "100 * failed / SUM([calls, failed])", *alarms.MetricClientErrorPercent(jsii.String(aModel)).Expression())
	assert.Contains(t, cdktest.Panics(t, func() { alarms.MetricServerErrorPercent(jsii.String("other")) }), `needs a watched model, got "other"`)
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 2*4)

	const of = "Errorseuanthropicclaudesonnet420250514v10"
	stat := func(metric string) string {
		return `"MetricStat":{"Metric":{"Dimensions":[{"Name":"ModelId","Value":"` + aModel + `"}],"MetricName":"` + metric + `","Namespace":"AWS/Bedrock"},"Period":300,"Stat":"Sum"},"ReturnData":false}`
	}
	for id, want := range map[string]struct {
		metric    string
		threshold float64
	}{"ClientErrors": {"InvocationClientErrors", 20}, "ServerErrors": {"InvocationServerErrors", 5}} {
		_, alarm := template.Only(t, "AWS::CloudWatch::Alarm", of+id+"Warning")
		assert.Equal(t, `[{"Id":"calls",`+stat("Invocations")+`,{"Id":"failed",`+stat(want.metric)+`,`+
			`{"Expression":"IF(SUM([calls, failed]) \u003e= 20, 100 * failed / SUM([calls, failed]), 0)","Id":"share","ReturnData":true}]`,
			cdktest.JSON(t, alarm.Properties["Metrics"]))
		assert.Equal(t, []any{3.0, 2.0, want.threshold, "GreaterThanThreshold", "notBreaching"}, rule(alarm))
		assert.Contains(t, alarm.Properties["AlarmDescription"], aModel)
	}
	for id, want := range map[string]struct {
		metric    string
		threshold float64
	}{"Latency": {"InvocationLatency", 120_000}, "TimeToFirstToken": {"TimeToFirstToken", 15_000}} {
		_, alarm := template.Only(t, "AWS::CloudWatch::Alarm", of+id+"Warning")
		assert.Equal(t, want.metric, alarm.Properties["MetricName"])
		assert.Equal(t, "p99", alarm.Properties["ExtendedStatistic"])
		assert.Equal(t, []any{3.0, 2.0, want.threshold, "GreaterThanThreshold", "notBreaching"}, rule(alarm))
	}
}

func TestErrorAlarmsWatchWhatIsSet(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	token := *awscdk.NewCfnParameter(stack, jsii.String("Profile"), nil).ValueAsString()
	NewErrorAlarms(stack, jsii.String("Errors"), &ErrorAlarmsProps{
		Alarms:   factory,
		Models:   &[]*WatchedModel{{ModelID: &token, Name: jsii.String("chat")}},
		Critical: &ErrorThreshold{MaxServerErrorPercent: jsii.Number(10), MinCalls: jsii.Number(50)},
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 1)
	_, alarm := template.Only(t, "AWS::CloudWatch::Alarm", "ErrorschatServerErrorsCritical")
	assert.Contains(t, cdktest.JSON(t, alarm.Properties["Metrics"]), `"Value":{"Ref":"Profile"}`)
	assert.Contains(t, cdktest.JSON(t, alarm.Properties["Metrics"]), `= 50, `)
	assert.Contains(t, alarm.Properties["AlarmDescription"], "10 percent of the calls of chat")
}

func TestErrorAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	token := *awscdk.NewCfnParameter(stack, jsii.String("Profile"), nil).ValueAsString()
	for want, props := range map[string]*ErrorAlarmsProps{
		"ErrorAlarms needs ErrorAlarmsProps.Alarms, got nil":                                        nil,
		"ErrorAlarmsProps.Models is empty, got none; name the models to watch, or make no ErrorAla": {Alarms: factory},
		"ErrorAlarmsProps.Models[1] has no ModelID, got none":                                       {Alarms: factory, Models: modelsOf(aModel, "")},
		"ErrorAlarmsProps.Models[1] has the name of another, got \"" + aModel + "\" again":          {Alarms: factory, Models: modelsOf(aModel, aModel)},
		"ErrorAlarmsProps.Models[0] has an id that is known at deployment only, got no Name":        {Alarms: factory, Models: modelsOf(token)},
		"ErrorAlarmsProps.Models[0].TokensPerMinuteQuota has to be 1 or more, got 0":                {Alarms: factory, Models: &[]*WatchedModel{{ModelID: jsii.String("m"), TokensPerMinuteQuota: jsii.Number(0)}}},
		"ErrorThreshold watches nothing":                                                            {Alarms: factory, Models: modelsOf(aModel), Warning: &ErrorThreshold{}},
	} {
		message := cdktest.Panics(t, func() { NewErrorAlarms(stack, jsii.String("E"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
}

func TestErrorLimitsProblems(t *testing.T) {
	t.Parallel()
	fine := errorLimits{clientPercent: 0, serverPercent: 49.9, minCalls: 1, latency: 1, firstToken: notWatched}
	assert.Empty(t, fine.problems())
	wrong := errorLimits{clientPercent: 50, serverPercent: -2, minCalls: 0, latency: 0, firstToken: 0}
	found := errors.Join(wrong.problems()...)
	assert.Len(t, wrong.problems(), 5)
	for _, want := range []string{
		"MinCalls has to be 1 to", "MaxClientErrorPercent has to be 0 or more and below 50, got 50", "MaxServerErrorPercent", "got -2",
		"MaxLatency has to be longer than nothing", "MaxTimeToFirstToken has to be longer than nothing",
	} {
		assert.ErrorContains(t, found, want)
	}
}
