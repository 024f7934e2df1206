package alerting

import (
	"math"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestDeliveryFailureAlarmsFireOnAnyFailure(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewDeliveryFailureAlarms(stack, jsii.String("Delivery"), &DeliveryFailureAlarmsProps{Alarms: factory})
	cdktest.AssertImportable(t, alarms)
	template := cdktest.Synth(t, stack)

	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 3)
	for id, metric := range map[string]string{
		"DeliveryCloudWatchCritical": *alarms.MetricCloudWatchFailures(nil).MetricName(),
		"DeliveryS3Critical":         *alarms.MetricS3Failures(nil).MetricName(),
		"DeliveryLargeDataCritical":  *alarms.MetricLargeDataFailures(nil).MetricName(),
	} {
		_, alarm := template.Only(t, "AWS::CloudWatch::Alarm", id)
		p := alarm.Properties
		assert.Equal(t, metric, p["MetricName"])
		assert.Equal(t, "AWS/Bedrock", p["Namespace"])
		assert.Equal(t, "Sum", p["Statistic"])
		assert.Equal(t, 300.0, p["Period"])
		assert.Equal(t, 0.0, p["Threshold"])
		assert.Equal(t, "GreaterThanThreshold", p["ComparisonOperator"])
		assert.Equal(t, "notBreaching", p["TreatMissingData"], "no destination, no data")
		assert.NotContains(t, p, "Dimensions")
		assert.Contains(t, cdktest.JSON(t, p["AlarmActions"]), "Pager")
	}
	assert.Equal(t, "ModelInvocationLogsCloudWatchDeliveryFailure", *alarms.MetricCloudWatchFailures(nil).MetricName())
	assert.Equal(t, "ModelInvocationLogsS3DeliveryFailure", *alarms.MetricS3Failures(nil).MetricName())
	assert.Equal(t, "ModelInvocationLargeDataS3DeliveryFailure", *alarms.MetricLargeDataFailures(nil).MetricName())
}

func TestDeliveryFailureAlarmsOfTwoSeverities(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	NewDeliveryFailureAlarms(stack, jsii.String("Delivery"), &DeliveryFailureAlarmsProps{
		Alarms:   factory,
		Warning:  &DeliveryFailureThreshold{},
		Critical: &DeliveryFailureThreshold{MaxFailures: jsii.Number(10)},
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 6)
	_, critical := template.Only(t, "AWS::CloudWatch::Alarm", "DeliveryS3Critical")
	assert.Equal(t, 10.0, critical.Properties["Threshold"])
	_, warning := template.Only(t, "AWS::CloudWatch::Alarm", "DeliveryS3Warning")
	assert.Equal(t, 0.0, warning.Properties["Threshold"])
	assert.Contains(t, cdktest.JSON(t, warning.Properties["OKActions"]), "Mail")
}

func TestDeliveryFailureAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	assert.Contains(t, cdktest.Panics(t, func() { NewDeliveryFailureAlarms(stack, jsii.String("D"), nil) }),
		"paper-trail/alerting: DeliveryFailureAlarms needs DeliveryFailureAlarmsProps.Alarms, got nil")
	message := cdktest.Panics(t, func() {
		NewDeliveryFailureAlarms(stack, jsii.String("D"), &DeliveryFailureAlarmsProps{
			Alarms:   factory,
			Warning:  &DeliveryFailureThreshold{MaxFailures: jsii.Number(-1)},
			Critical: &DeliveryFailureThreshold{MaxFailures: jsii.Number(math.NaN())},
		})
	})
	assert.Contains(t, message, "DeliveryFailureThreshold.MaxFailures has to be 0 to 1e+12, got -1")
	assert.Contains(t, message, "got NaN")
}
