package alerting_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
)

// A team's own topics hear of a stopped record at night, and of half the calls
// being unattributed in office hours.
func ExampleNewAlarmFactory() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Monitoring"), nil)
	topic := func(name string) alerting.AlertTopic {
		arn := jsii.String("arn:aws:sns:eu-west-1:111122223333:" + name)
		return alerting.NewAlertTopic(stack, jsii.String(name), &alerting.AlertTopicProps{
			ExistingTopic: awssns.Topic_FromTopicArn(stack, jsii.String(name+"Topic"), arn),
		})
	}

	alarms := alerting.NewAlarmFactory(stack, jsii.String("Alarms"), &alerting.AlarmFactoryProps{
		Critical:   topic("Pager"),
		Warning:    topic("Mail"),
		RunbookURL: jsii.String("https://wiki.example.com/model-calls"),
	})
	alerting.NewSilenceAlarms(stack, jsii.String("Silence"), &alerting.SilenceAlarmsProps{Alarms: alarms})
	alerting.NewUnattributedAlarms(stack, jsii.String("Unattributed"), &alerting.UnattributedAlarmsProps{
		Alarms:             alarms,
		InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String("/aws/bedrock/model-invocations")),
		Warning:            &alerting.UnattributedThreshold{MaxPercent: jsii.Number(50)},
	})

	fmt.Println(len(*alarms.AlarmArns()), "alarms notify somebody")
	// Output: 3 alarms notify somebody
}
