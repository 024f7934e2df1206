package alerting

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestSilenceAlarmsJoinCallsAndMissingDeliveries(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewSilenceAlarms(stack, jsii.String("Silence"), &SilenceAlarmsProps{Alarms: factory})
	cdktest.AssertImportable(t, alarms)
	template := cdktest.Synth(t, stack)

	callsID, calls := template.Only(t, "AWS::CloudWatch::Alarm", "SilenceCallsCritical")
	assert.Equal(t, `[{"Expression":"SELECT SUM(Invocations) FROM SCHEMA(\"AWS/Bedrock\", ModelId)","Id":"calls","Period":1800,"ReturnData":true}]`,
		cdktest.JSON(t, calls.Properties["Metrics"]))
	assert.Equal(t, []any{6.0, 3.0, 0.0, "GreaterThanThreshold", "notBreaching"}, rule(calls))

	for id, metric := range map[string]string{
		"SilenceCloudWatch": *alarms.MetricCloudWatchDeliveries(nil).MetricName(),
		"SilenceS3":         *alarms.MetricS3Deliveries(nil).MetricName(),
	} {
		silentID, silent := template.Only(t, "AWS::CloudWatch::Alarm", id+"SilentCritical")
		assert.Equal(t, metric, silent.Properties["MetricName"])
		assert.Equal(t, 1800.0, silent.Properties["Period"])
		assert.Equal(t, []any{6.0, 6.0, 1.0, "LessThanThreshold", "breaching"}, rule(silent))
		assert.NotContains(t, silent.Properties, "AlarmActions")

		_, both := template.Only(t, "AWS::CloudWatch::CompositeAlarm", id+"Critical")
		assert.Equal(t, `{"Fn::Join":["",["ALARM(\"",{"Fn::GetAtt":["`+callsID+`","Arn"]},"\") AND ALARM(\"",{"Fn::GetAtt":["`+silentID+`","Arn"]},"\")"]]}`,
			cdktest.JSON(t, both.Properties["AlarmRule"]))
		assert.Contains(t, both.Properties["AlarmDescription"], "for 180 minutes no record arrived in ")
		assert.Contains(t, cdktest.JSON(t, both.Properties["AlarmActions"]), "Pager")
	}
	assert.Equal(t, "ModelInvocationLogsCloudWatchDeliverySuccess", *alarms.MetricCloudWatchDeliveries(nil).MetricName())
	assert.Equal(t, "ModelInvocationLogsS3DeliverySuccess", *alarms.MetricS3Deliveries(nil).MetricName())
}

// rule is when an alarm fires.
func rule(alarm cdktest.Resource) []any {
	p := alarm.Properties
	return []any{p["EvaluationPeriods"], p["DatapointsToAlarm"], p["Threshold"], p["ComparisonOperator"], p["TreatMissingData"]}
}

func TestSilenceAlarmsOfOneDestinationAndAShorterDelay(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	NewSilenceAlarms(stack, jsii.String("Silence"), &SilenceAlarmsProps{
		Alarms:       factory,
		Destinations: &[]LogDestination{LogDestination_CLOUDWATCH},
		Warning:      &SilenceThreshold{MaxDelay: awscdk.Duration_Minutes(jsii.Number(5))},
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 2)
	_, silent := template.Only(t, "AWS::CloudWatch::Alarm", "SilenceCloudWatchSilentWarning")
	assert.Equal(t, 300.0, silent.Properties["Period"])
	_, both := template.Only(t, "AWS::CloudWatch::CompositeAlarm", "SilenceCloudWatchWarning")
	assert.Contains(t, both.Properties["AlarmDescription"], "for 30 minutes no record arrived in CloudWatch Logs")
}

func TestSilenceAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	minutes := func(n float64) *SilenceThreshold {
		return &SilenceThreshold{MaxDelay: awscdk.Duration_Minutes(jsii.Number(n))}
	}
	for want, props := range map[string]*SilenceAlarmsProps{
		"SilenceAlarms needs SilenceAlarmsProps.Alarms, got nil":      nil,
		"MaxDelay has to be whole minutes, 1 to 30, got 1860 seconds": {Alarms: factory, Warning: minutes(31)},
		"MaxDelay has to be whole minutes, 1 to 30, got 0 seconds":    {Alarms: factory, Critical: minutes(0)},
		"got 90 seconds": {Alarms: factory, Critical: &SilenceThreshold{MaxDelay: awscdk.Duration_Seconds(jsii.Number(90))}},
		"SilenceAlarmsProps.Destinations has an unknown one, got \"Firehose\"":          {Alarms: factory, Destinations: &[]LogDestination{"Firehose"}},
		"SilenceAlarmsProps.Destinations has one twice, got \"S3\" again":               {Alarms: factory, Destinations: &[]LogDestination{LogDestination_S3, LogDestination_S3}},
		"SilenceAlarmsProps.Destinations is empty, got none; leave it out for both, or": {Alarms: factory, Destinations: &[]LogDestination{}},
	} {
		message := cdktest.Panics(t, func() { NewSilenceAlarms(stack, jsii.String("S"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
}
