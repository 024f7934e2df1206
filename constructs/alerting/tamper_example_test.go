package alerting_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
)

// People hear of whoever changes the trail or the bucket with its evidence.
func ExampleNewTamperRules() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Monitoring"), nil)
	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
	})

	tamper := alerting.NewTamperRules(stack, jsii.String("Tamper"), &alerting.TamperRulesProps{
		Alarms:     alerting.NewAlarmFactory(stack, jsii.String("Alarms"), &alerting.AlarmFactoryProps{Critical: topic}),
		TrailNames: jsii.Strings("audit"),
		Buckets:    &[]awss3.IBucket{awss3.Bucket_FromBucketName(stack, jsii.String("Evidence"), jsii.String("evidence"))},
	})
	for _, rule := range *tamper.Rules() {
		fmt.Println(*rule.Node().Id())
	}
	// Output:
	// Recording
	// RecordingByDeployment
	// Trails
	// TrailsByDeployment
	// Stacks
	// StacksByDeployment
	// Updates
	// UpdatesByDeployment
	// Buckets
	// BucketsByDeployment
	// LogPolicies
	// LogPoliciesByDeployment
	// Alarms
	// AlarmsByDeployment
	// Rules
	// RulesByDeployment
	// Topics
	// TopicsByDeployment
	// Parameters
	// ParametersByDeployment
}
