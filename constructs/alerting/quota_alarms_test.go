package alerting

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestQuotaAlarmsWatchUseAndThrottles(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewQuotaAlarms(stack, jsii.String("Quota"), &QuotaAlarmsProps{Alarms: factory, Models: &[]*WatchedModel{
		{ModelID: jsii.String(aModel), Name: jsii.String("sonnet"), TokensPerMinuteQuota: jsii.Number(2_000_000)},
		{ModelID: jsii.String("amazon.nova-lite-v1:0"), Name: jsii.String("nova")},
	}})
	cdktest.AssertImportable(t, alarms)
	assert.Equal(t, aModel, (*alarms.MetricTokens(jsii.String("sonnet"), nil).Dimensions())["ModelId"])
	assert.Equal(t, "InvocationThrottles", *alarms.MetricThrottles(jsii.String("nova"), nil).MetricName())
	assert.Contains(t, cdktest.Panics(t, func() { alarms.MetricTokens(jsii.String("opus"), nil) }), `QuotaAlarms.MetricTokens needs a watched model, got "opus"`)
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 3, "no use without a quota")

	_, use := template.Only(t, "AWS::CloudWatch::Alarm", "QuotasonnetQuotaWarning")
	assert.Equal(t, "EstimatedTPMQuotaUsage", use.Properties["MetricName"])
	assert.Equal(t, 60.0, use.Properties["Period"], "the quota is by the minute")
	assert.Equal(t, []any{5.0, 3.0, 1_600_000.0, "GreaterThanThreshold", "notBreaching"}, rule(use))
	assert.Contains(t, use.Properties["AlarmDescription"], "sonnet uses more than 80 percent of its quota of 2000000 tokens a minute")

	_, throttles := template.Only(t, "AWS::CloudWatch::Alarm", "QuotanovaThrottlesWarning")
	assert.Equal(t, "InvocationThrottles", throttles.Properties["MetricName"])
	assert.Equal(t, `[{"Name":"ModelId","Value":"amazon.nova-lite-v1:0"}]`, cdktest.JSON(t, throttles.Properties["Dimensions"]))
	assert.Equal(t, []any{1.0, 1.0, 4.0, "GreaterThanThreshold", "notBreaching"}, rule(throttles))
}

func TestQuotaAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	for want, props := range map[string]*QuotaAlarmsProps{
		"QuotaAlarms needs QuotaAlarmsProps.Alarms, got nil": nil,
		"QuotaAlarmsProps.Models is empty":                   {Alarms: factory},
		"QuotaThreshold watches nothing":                     {Alarms: factory, Models: modelsOf(aModel), Critical: &QuotaThreshold{}},
		"MaxUsePercent has to be above 0 and at most 100":    {Alarms: factory, Models: modelsOf(aModel), Critical: &QuotaThreshold{MaxUsePercent: jsii.Number(101)}},
		"MaxThrottles has to be 0 to 1e+12, got -1":          {Alarms: factory, Models: modelsOf(aModel), Critical: &QuotaThreshold{MaxThrottles: jsii.Number(-1)}},
	} {
		message := cdktest.Panics(t, func() { NewQuotaAlarms(stack, jsii.String("Q"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
}
