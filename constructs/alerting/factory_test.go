package alerting

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func factoryOf(t *testing.T, change func(*AlarmFactoryProps)) (awscdk.Stack, AlarmFactory) {
	t.Helper()
	stack := cdktest.NewStack(t)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	topic := func(id string) AlertTopic {
		return NewAlertTopic(stack, jsii.String(id), &AlertTopicProps{Key: key})
	}
	props := &AlarmFactoryProps{Critical: topic("Pager"), Warning: topic("Mail")}
	if change != nil {
		change(props)
	}
	return stack, NewAlarmFactory(stack, jsii.String("Alarms"), props)
}

func TestAlarmFactoryMakesAlarmsAlike(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	cdktest.AssertImportable(t, factory)
	told := told{title: "It happened.", steps: []string{"Look.", "Mend."}, anchor: "silence"}
	silent := factory.alarm(stack, "Part", Severity_WARNING, alarmPlan{
		told:          told,
		metrics:       []mathPart{{id: "calls", expression: `SELECT SUM(A) FROM B`, query: true, returned: true}},
		periodSeconds: 300, evaluationPeriods: 6, datapointsToAlarm: 3,
		comparison: above, missing: breaching, silent: true,
	})
	factory.alarm(stack, "Plain", Severity_CRITICAL, alarmPlan{
		told:          told,
		metric:        series{namespace: "N", name: "M", statistic: "p99", dimensions: map[string]string{"B": "2", "A": "1"}},
		periodSeconds: 60, threshold: 7,
	})
	factory.alarm(stack, "Band", Severity_WARNING, alarmPlan{
		told: told,
		metrics: []mathPart{
			{id: "m", series: series{namespace: "N", name: "M", statistic: "Sum"}, returned: true},
			{id: bandID, expression: "ANOMALY_DETECTION_BAND(m, 2)", returned: true},
		},
		periodSeconds: 60, comparison: aboveBand,
	})
	factory.composite(stack, "Both", Severity_WARNING, compositePlan{told: told, rule: inAlarm(silent)})
	assert.Len(t, *factory.AlarmArns(), 3, "those that notify somebody")
	template := cdktest.Synth(t, stack)

	_, part := template.Only(t, "AWS::CloudWatch::Alarm", "Part")
	assert.Equal(t, map[string]any{
		"AlarmDescription":   "It happened.",
		"ComparisonOperator": "GreaterThanThreshold",
		"DatapointsToAlarm":  3.0, "EvaluationPeriods": 6.0, "Threshold": 0.0,
		"Metrics":          []any{map[string]any{"Id": "calls", "Expression": "SELECT SUM(A) FROM B", "Period": 300.0, "ReturnData": true}},
		"TreatMissingData": "breaching",
	}, part.Properties)

	_, plain := template.Only(t, "AWS::CloudWatch::Alarm", "Plain")
	pager := plain.Properties["AlarmActions"]
	assert.Contains(t, cdktest.JSON(t, pager), "Pager")
	assert.Equal(t, map[string]any{
		"AlarmActions": pager, "OKActions": pager,
		"AlarmDescription":   "Critical: It happened.\n\n1. Look.\n2. Mend.\n\nhttps://github.com/bedrock-paper-trail/paper-trail/blob/main/docs/runbook.md#silence",
		"ComparisonOperator": "GreaterThanOrEqualToThreshold",
		"DatapointsToAlarm":  1.0, "EvaluationPeriods": 1.0, "Threshold": 7.0,
		"Namespace": "N", "MetricName": "M", "ExtendedStatistic": "p99", "Period": 60.0,
		"Dimensions":       []any{map[string]any{"Name": "A", "Value": "1"}, map[string]any{"Name": "B", "Value": "2"}},
		"TreatMissingData": "notBreaching",
	}, plain.Properties)

	_, band := template.Only(t, "AWS::CloudWatch::Alarm", "Band")
	assert.Equal(t, "band", band.Properties["ThresholdMetricId"])
	assert.NotContains(t, band.Properties, "Threshold")
	assert.Equal(t, `[{"Id":"m","MetricStat":{"Metric":{"MetricName":"M","Namespace":"N"},"Period":60,"Stat":"Sum"},"ReturnData":true},`+
		`{"Expression":"ANOMALY_DETECTION_BAND(m, 2)","Id":"band","ReturnData":true}]`, cdktest.JSON(t, band.Properties["Metrics"]))

	_, both := template.Only(t, "AWS::CloudWatch::CompositeAlarm", "Both")
	assert.Equal(t, `{"Fn::Join":["",["ALARM(\"",{"Fn::GetAtt":["Part","Arn"]},"\")"]]}`, cdktest.JSON(t, both.Properties["AlarmRule"]))
	for _, action := range []string{"AlarmActions", "OKActions"} {
		assert.Contains(t, cdktest.JSON(t, both.Properties[action]), "Mail")
	}
	assert.NotContains(t, both.Properties, "AlarmName")
}

func TestAlarmFactoryWarnsTheCriticalTopicByDefault(t *testing.T) {
	_, factory := factoryOf(t, func(p *AlarmFactoryProps) { p.Warning = nil })
	assert.Equal(t, factory.Topic(Severity_CRITICAL), factory.Topic(Severity_WARNING))
}

func TestAlarmFactoryMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	assert.Contains(t, cdktest.Panics(t, func() { NewAlarmFactory(stack, jsii.String("A"), nil) }), "paper-trail/alerting: AlarmFactory needs AlarmFactoryProps.Critical, got nil")
	for _, url := range []string{"", "https://wiki.example.com#here"} {
		assert.Contains(t, cdktest.Panics(t, func() {
			factoryOf(t, func(p *AlarmFactoryProps) { p.RunbookURL = &url })
		}), "give it without #")
	}
	stack, factory := factoryOf(t, func(p *AlarmFactoryProps) { p.RunbookURL = jsii.String(strings.Repeat("u", 1020)) })
	assert.Contains(t, cdktest.Panics(t, func() {
		factory.alarm(stack, "Long", Severity_WARNING, alarmPlan{told: told{anchor: "silence"}, periodSeconds: 60})
	}), "at most 1024 characters, got about 10")
}

func TestGradeTakesWhatIsGivenAndElseTheDefault(t *testing.T) {
	t.Parallel()
	one, two := 1, 2
	assert.Equal(t, []graded[int]{{Severity_CRITICAL, 9}}, grade(nil, nil, Severity_CRITICAL, 9))
	assert.Equal(t, []graded[int]{{Severity_WARNING, 1}}, grade(&one, nil, Severity_CRITICAL, 9))
	assert.Equal(t, []graded[int]{{Severity_WARNING, 1}, {Severity_CRITICAL, 2}}, grade(&one, &two, Severity_CRITICAL, 9))
}

func TestSeriesAsAMetric(t *testing.T) {
	metric := series{namespace: "N", name: "M", statistic: "Sum", dimensions: map[string]string{"D": "d"}}.metricOf(nil)
	assert.Equal(t, "M", *metric.MetricName())
	changed := series{namespace: "N", name: "M", statistic: "Sum"}.metricOf(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum")})
	assert.Equal(t, "Maximum", *changed.Statistic())
}
