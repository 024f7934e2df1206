package alerting_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func newThrottling(t *testing.T, change func(awscdk.Stack, *alerting.ThrottlingAlarmProps)) (awscdk.Stack, alerting.ThrottlingAlarm) {
	t.Helper()
	stack, topic := newTopic(t)
	props := &alerting.ThrottlingAlarmProps{
		InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Invocations"), jsii.String("/aws/bedrock/model-invocations")),
		Topic:              topic,
	}
	if change != nil {
		change(stack, props)
	}
	return stack, alerting.NewThrottlingAlarm(stack, jsii.String("Throttling"), props)
}

func withTrail(stack awscdk.Stack, props *alerting.ThrottlingAlarmProps) {
	props.TrailLogGroup = awslogs.LogGroup_FromLogGroupName(stack, jsii.String("TrailLogs"), jsii.String("/aws/cloudtrail/t"))
}

func TestThrottlingAlarmIsImportable(t *testing.T) {
	stack, alarm := newThrottling(t, nil)
	cdktest.AssertImportable(t, alarm)
	cdktest.Synth(t, stack)
}

func TestThrottlingAlarmFiltersTheInvocationLogGroup(t *testing.T) {
	stack, _ := newThrottling(t, nil)
	_, filter := cdktest.Synth(t, stack).Only(t, "AWS::Logs::MetricFilter", "Throttling")
	assert.Equal(t, map[string]any{
		"FilterName":    "ThrottlingFilter",
		"FilterPattern": `{ ($.errorCode = "ThrottlingException") || ($.status = 429) || ($.status = "429") }`,
		"LogGroupName":  "/aws/bedrock/model-invocations",
		"MetricTransformations": []any{map[string]any{
			"DefaultValue":    float64(0),
			"MetricName":      "BedrockThrottlingEvents",
			"MetricNamespace": "GenAI/Metrics",
			"MetricValue":     "1",
		}},
	}, filter.Properties)
}

func TestThrottlingAlarmFiltersTheTrailIntoAMetricOfItsOwn(t *testing.T) {
	stack, _ := newThrottling(t, withTrail)
	template := cdktest.Synth(t, stack)
	_, filter := template.Only(t, "AWS::Logs::MetricFilter", "ThrottlingTrailFilter")
	assert.Equal(t, "/aws/cloudtrail/t", filter.Properties["LogGroupName"])
	assert.Equal(t, `{ ($.eventSource = "bedrock*") && ($.eventType = "AwsApiCall") && ($.errorCode = "ThrottlingException") }`, filter.Properties["FilterPattern"])
	assert.Contains(t, cdktest.JSON(t, filter.Properties), `"MetricName":"BedrockThrottlingTrailEvents"`)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 3)
}

func TestThrottlingAlarmNotifiesOnceForAllSignals(t *testing.T) {
	stack, _ := newThrottling(t, withTrail)
	template := cdktest.Synth(t, stack)

	for id, signal := range template.OfType("AWS::CloudWatch::Alarm") {
		p := signal.Properties
		assert.EqualValues(t, 5, p["Threshold"], id)
		assert.Equal(t, "GreaterThanOrEqualToThreshold", p["ComparisonOperator"], id)
		assert.Equal(t, "notBreaching", p["TreatMissingData"], id)
		assert.EqualValues(t, 3, p["EvaluationPeriods"], id)
		assert.EqualValues(t, 1, p["DatapointsToAlarm"], id)
		assert.NotContains(t, p, "AlarmActions", id)
		assert.NotContains(t, p, "AlarmName", id)
	}
	_, records := template.Only(t, "AWS::CloudWatch::Alarm", "ThrottlingRecords")
	assert.Equal(t, "BedrockThrottlingEvents", records.Properties["MetricName"])
	assert.Equal(t, "GenAI/Metrics", records.Properties["Namespace"])
	assert.Equal(t, "Sum", records.Properties["Statistic"])
	assert.EqualValues(t, 300, records.Properties["Period"])
	_, native := template.Only(t, "AWS::CloudWatch::Alarm", "ThrottlingNative")
	query := native.Properties["Metrics"].([]any)
	require.Len(t, query, 1)
	assert.Equal(t, `SELECT SUM(InvocationThrottles) FROM SCHEMA("AWS/Bedrock", ModelId)`, query[0].(map[string]any)["Expression"])
	assert.EqualValues(t, 300, query[0].(map[string]any)["Period"])

	_, alarm := template.Only(t, "AWS::CloudWatch::CompositeAlarm", "Throttling")
	rule := cdktest.JSON(t, alarm.Properties["AlarmRule"])
	for id := range template.OfType("AWS::CloudWatch::Alarm") {
		assert.Contains(t, rule, id)
	}
	assert.Contains(t, rule, " OR ")
	assert.Contains(t, cdktest.JSON(t, alarm.Properties["AlarmActions"]), "AlertsTopic")
	assert.Contains(t, cdktest.JSON(t, alarm.Properties["OKActions"]), "AlertsTopic")
	assert.Contains(t, alarm.Properties["AlarmDescription"], "Service Quotas")
	assert.NotContains(t, alarm.Properties, "AlarmName", "no physical name")
	assert.Empty(t, cdktest.Warnings(stack))
}

func TestThrottlingAlarmThresholdAndPeriod(t *testing.T) {
	stack, _ := newThrottling(t, func(_ awscdk.Stack, p *alerting.ThrottlingAlarmProps) {
		p.Threshold = jsii.Number(20)
		p.Period = awscdk.Duration_Minutes(jsii.Number(1))
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 2, "no trail, no signal of it")
	_, records := template.Only(t, "AWS::CloudWatch::Alarm", "ThrottlingRecords")
	assert.EqualValues(t, 20, records.Properties["Threshold"])
	assert.EqualValues(t, 60, records.Properties["Period"])
}

func TestMetricThrottles(t *testing.T) {
	_, alarm := newThrottling(t, nil)
	metric := alarm.MetricThrottles(nil)
	assert.Equal(t, "BedrockThrottlingEvents", *metric.MetricName())
	assert.Equal(t, "Sum", *metric.Statistic())
	assert.Equal(t, 300.0, *metric.Period().ToSeconds(nil))

	hourly := alarm.MetricThrottles(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Hours(jsii.Number(1))})
	assert.Equal(t, 3600.0, *hourly.Period().ToSeconds(nil))
	assert.Equal(t, "Sum", *hourly.Statistic())
	assert.NotNil(t, alarm.Alarm())
}

func TestThrottlingAlarmMisuse(t *testing.T) {
	stack, topic := newTopic(t)
	logGroup := awslogs.LogGroup_FromLogGroupName(stack, jsii.String("L"), jsii.String("l"))
	for want, props := range map[string]*alerting.ThrottlingAlarmProps{
		"needs ThrottlingAlarmProps.InvocationLogGroup, got nil": nil,
		"needs ThrottlingAlarmProps.Topic, got nil":              {InvocationLogGroup: logGroup},
		"Threshold has to be 1 or more, got 0":                   {InvocationLogGroup: logGroup, Topic: topic, Threshold: jsii.Number(0)},
		"got 90 seconds":                                         {InvocationLogGroup: logGroup, Topic: topic, Period: awscdk.Duration_Seconds(jsii.Number(90))},
	} {
		message := cdktest.Panics(t, func() { alerting.NewThrottlingAlarm(stack, jsii.String("T"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewThrottlingAlarm(nil, jsii.String("T"), nil) }), "ThrottlingAlarm needs a scope, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewThrottlingAlarm(stack, nil, nil) }), "ThrottlingAlarm needs an id, got none")
}
