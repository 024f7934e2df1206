package alerting

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func recordsOf(stack awscdk.Stack) awslogs.ILogGroup {
	return awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String("/aws/bedrock/model-invocations"))
}

func TestSpendPaceAlarmsCompareTokensWithWhatIsUsual(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewSpendPaceAlarms(stack, jsii.String("Pace"), &SpendPaceAlarmsProps{Alarms: factory, InvocationLogGroup: recordsOf(stack)})
	cdktest.AssertImportable(t, alarms)
	assert.Equal(t, InputTokensMetricName, *alarms.MetricInputTokens(nil).MetricName())
	assert.Equal(t, OutputTokensMetricName, *alarms.MetricOutputTokens(nil).MetricName())
	template := cdktest.Synth(t, stack)

	for direction, field := range map[string]string{"Input": "$.input.inputTokenCount", "Output": "$.output.outputTokenCount"} {
		_, filter := template.Only(t, "AWS::Logs::MetricFilter", "Pace"+direction+"Filter")
		assert.Equal(t, "{ "+field+" > 0 }", filter.Properties["FilterPattern"])
		assert.Contains(t, cdktest.JSON(t, filter.Properties["MetricTransformations"]), `"MetricName":"`+direction+`Tokens","MetricNamespace":"GenAI/Metrics","MetricValue":"`+field+`"`)

		_, fast := template.Only(t, "AWS::CloudWatch::Alarm", "Pace"+direction+"FastWarning")
		assert.Equal(t, `[{"Id":"tokens","MetricStat":{"Metric":{"MetricName":"`+direction+`Tokens","Namespace":"GenAI/Metrics"},"Period":3600,"Stat":"Sum"},"ReturnData":true},`+
			`{"Expression":"ANOMALY_DETECTION_BAND(tokens, 3)","Id":"band","ReturnData":true}]`, cdktest.JSON(t, fast.Properties["Metrics"]))
		assert.Equal(t, []any{3.0, 3.0, nil, "GreaterThanUpperThreshold", "notBreaching"}, rule(fast))
		assert.Equal(t, "band", fast.Properties["ThresholdMetricId"])

		_, many := template.Only(t, "AWS::CloudWatch::Alarm", "Pace"+direction+"ManyWarning")
		assert.Equal(t, []any{3.0, 3.0, 100_000.0, "GreaterThanThreshold", "notBreaching"}, rule(many))
	}
	_, pace := template.Only(t, "AWS::CloudWatch::CompositeAlarm", "PaceWarning")
	assert.Regexp(t, `^\{"Fn::Join":\["",\["\(ALARM.*PaceInputFast.* AND ALARM.*PaceInputMany.*\) OR \(ALARM.*PaceOutputFast.* AND ALARM.*PaceOutputMany.*\)"\]\]\}$`,
		cdktest.JSON(t, pace.Properties["AlarmRule"]))
	assert.Contains(t, cdktest.JSON(t, pace.Properties["AlarmActions"]), "Mail")
	assert.Contains(t, pace.Properties["AlarmDescription"], "/aws/bedrock/model-invocations")
}

func TestSpendPaceAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	records := recordsOf(stack)
	for want, props := range map[string]*SpendPaceAlarmsProps{
		"SpendPaceAlarms needs SpendPaceAlarmsProps.Alarms, got nil":             nil,
		"SpendPaceAlarms needs SpendPaceAlarmsProps.InvocationLogGroup, got nil": {Alarms: factory},
		"StandardDeviations has to be 1 to 10, got 0":                            {Alarms: factory, InvocationLogGroup: records, Warning: &SpendPaceThreshold{StandardDeviations: jsii.Number(0)}},
		"MinTokens has to be 0 to 1e+12, got -1":                                 {Alarms: factory, InvocationLogGroup: records, Critical: &SpendPaceThreshold{MinTokens: jsii.Number(-1)}},
	} {
		message := cdktest.Panics(t, func() { NewSpendPaceAlarms(stack, jsii.String("P"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
}
