package alerting

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func logGroupOf(stack awscdk.Stack) awslogs.ILogGroup {
	return awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Given"), jsii.String("/given"))
}

func TestContentAlarmsWarnByDefault(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewContentAlarms(stack, jsii.String("Content"), &ContentAlarmsProps{Alarms: factory, InvocationLogGroup: logGroupOf(stack)})
	cdktest.AssertImportable(t, alarms)
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::Logs::MetricFilter"), 4)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 2)

	_, byModel := template.Only(t, "AWS::Logs::MetricFilter", "ContentStreamedInterventionsByModelFilter")
	assert.Equal(t, map[string]any{
		"LogGroupName":  "/given",
		"FilterPattern": `{ $.output.outputBodyJson[*].amazon-bedrock-guardrailAction = "INTERVENED" }`,
		"MetricTransformations": []any{map[string]any{
			"MetricNamespace": "GenAI/Metrics", "MetricName": "GuardrailInterventions", "MetricValue": "1",
			"Dimensions": []any{map[string]any{"Key": "ModelId", "Value": "$.modelId"}},
		}},
	}, byModel.Properties)

	_, interventions := template.Only(t, "AWS::CloudWatch::Alarm", "ContentInterventionsWarning")
	p := interventions.Properties
	assert.Equal(t, "GenAI/Metrics", p["Namespace"])
	assert.Equal(t, *alarms.MetricInterventions(nil).MetricName(), p["MetricName"])
	assert.NotContains(t, p, "Dimensions", "the total of all models")
	assert.Equal(t, 3600.0, p["Period"])
	assert.Equal(t, []any{1.0, 1.0, 10.0, "GreaterThanThreshold", "notBreaching"}, rule(interventions))
	assert.Contains(t, p["AlarmDescription"], "Guardrails intervened in more than 10 model calls within an hour.")
	assert.Contains(t, p["AlarmDescription"], "runbook.md#guardrail-interventions")
	assert.Contains(t, cdktest.JSON(t, p["AlarmActions"]), "Mail")

	_, findings := template.Only(t, "AWS::CloudWatch::Alarm", "ContentFindingsWarning")
	assert.Equal(t, `[{"Expression":"SELECT SUM(LogEventsWithFindings) FROM \"AWS/Logs\" WHERE LogGroupName = '/given'","Id":"findings","Period":3600,"ReturnData":true}]`,
		cdktest.JSON(t, findings.Properties["Metrics"]))
	assert.Equal(t, []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}, rule(findings))
	assert.Contains(t, findings.Properties["AlarmDescription"], "found sensitive data in records of model calls within an hour.")
	assert.Contains(t, findings.Properties["AlarmDescription"], "runbook.md#sensitive-data")
}

func TestContentAlarmsOfEachSeverity(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	NewContentAlarms(stack, jsii.String("Content"), &ContentAlarmsProps{
		Alarms: factory, InvocationLogGroup: logGroupOf(stack),
		Warning:  &ContentThreshold{MaxInterventions: jsii.Number(5)},
		Critical: &ContentThreshold{MaxInterventions: jsii.Number(50)},
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::CloudWatch::Alarm"), 2, "none on findings")
	_, critical := template.Only(t, "AWS::CloudWatch::Alarm", "ContentInterventionsCritical")
	assert.Equal(t, 50.0, critical.Properties["Threshold"])
	assert.Contains(t, cdktest.JSON(t, critical.Properties["AlarmActions"]), "Pager")
}

func TestContentMetrics(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarms := NewContentAlarms(stack, jsii.String("Content"), &ContentAlarmsProps{Alarms: factory, InvocationLogGroup: logGroupOf(stack)})
	of := alarms.MetricInterventionsOf(jsii.String("model"), &awscloudwatch.MetricOptions{Period: awscdk.Duration_Minutes(jsii.Number(5))})
	assert.Equal(t, "model", (*of.Dimensions())["ModelId"])
	assert.Equal(t, 300.0, *of.Period().ToSeconds(nil))
	findings := alarms.MetricFindings(nil)
	assert.Equal(t, map[string]any{"DataProtectionOperation": "Audit", "LogGroupName": "/given"}, *findings.Dimensions())
	assert.Equal(t, 3600.0, *findings.Period().ToSeconds(nil))
	assert.Contains(t, cdktest.Panics(t, func() { alarms.MetricInterventionsOf(nil, nil) }), "ContentAlarms.MetricInterventionsOf needs modelID")
}

func TestContentAlarmsMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	group := logGroupOf(stack)
	for want, props := range map[string]*ContentAlarmsProps{
		"ContentAlarms needs ContentAlarmsProps.Alarms, got nil":                                nil,
		"ContentAlarms needs ContentAlarmsProps.InvocationLogGroup, got nil":                    {Alarms: factory},
		"ContentThreshold is empty, got neither MaxInterventions nor MaxFindings; set one, or ": {Alarms: factory, InvocationLogGroup: group, Warning: &ContentThreshold{}},
		"ContentThreshold.MaxInterventions has to be 0 to 1e+12, got -1; ":                      {Alarms: factory, InvocationLogGroup: group, Warning: &ContentThreshold{MaxInterventions: jsii.Number(-1)}},
		"ContentThreshold.MaxFindings has to be 0 to 1e+12, got -2; ":                           {Alarms: factory, InvocationLogGroup: group, Critical: &ContentThreshold{MaxFindings: jsii.Number(-2)}},
	} {
		assert.Contains(t, cdktest.Panics(t, func() { NewContentAlarms(stack, jsii.String("C"), props) }), want)
	}
}
