package alerting_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
)

// An administrator hears of whatever blinds the record or does not belong in it.
// Guardrails are the business of another team here, which synthesis warns of.
func Example() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Monitoring"), nil)

	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		Key:            auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
		EmailAddresses: jsii.Strings("admin@example.com"),
	})
	alerting.NewAuditAlarms(stack, jsii.String("AuditAlarms"), &alerting.AuditAlarmsProps{
		Alarms:             alerting.NewAlarmFactory(stack, jsii.String("Alarms"), &alerting.AlarmFactoryProps{Critical: topic}),
		InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String("/aws/bedrock/model-invocations")),
		TrailLogGroup:      awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Trail"), jsii.String("/aws/cloudtrail/paper-trail")),
		Models:             &[]*alerting.WatchedModel{{ModelID: jsii.String("amazon.nova-lite-v1:0"), TokensPerMinuteQuota: jsii.Number(4_000_000)}},
		Without:            &[]alerting.AlarmKind{alerting.AlarmKind_CONTENT},
	})

	template := assertions.Template_FromStack(stack, nil)
	for _, of := range []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::Logs::MetricFilter", "AWS::Events::Rule"} {
		fmt.Println(of, len(*template.FindResources(jsii.String(of), nil)))
	}
	// Output:
	// AWS::CloudWatch::Alarm 22
	// AWS::CloudWatch::CompositeAlarm 3
	// AWS::Logs::MetricFilter 8
	// AWS::Events::Rule 18
}
