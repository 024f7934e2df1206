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

// An administrator is told when Bedrock throttles calls.
func ExampleNewThrottlingAlarm() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Monitoring"), nil)

	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		Key:            auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
		EmailAddresses: jsii.Strings("admin@example.com"),
	})
	throttling := alerting.NewThrottlingAlarm(stack, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{
		InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Invocations"), jsii.String("/aws/bedrock/model-invocations")),
		Topic:              topic,
	})

	template := assertions.Template_FromStack(stack, nil)
	fmt.Println("counted as", *throttling.MetricThrottles(nil).Namespace(), *throttling.MetricThrottles(nil).MetricName())
	for _, of := range []string{"AWS::SNS::Topic", "AWS::SNS::Subscription", "AWS::Logs::MetricFilter", "AWS::CloudWatch::CompositeAlarm"} {
		fmt.Println(of, len(*template.FindResources(jsii.String(of), nil)))
	}
	// Output:
	// counted as GenAI/Metrics BedrockThrottlingEvents
	// AWS::SNS::Topic 1
	// AWS::SNS::Subscription 1
	// AWS::Logs::MetricFilter 1
	// AWS::CloudWatch::CompositeAlarm 1
}
