package invocationlog_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
)

// Logging of all model calls to a log group and a bucket, without the bodies of
// images, video and audio.
func Example() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Recording"), nil)

	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{Key: key}),
		Bucket:   auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{Key: key}),
		DataDelivery: &invocationlog.DataDelivery{
			Image: jsii.Bool(false),
			Video: jsii.Bool(false),
			Audio: jsii.Bool(false),
		},
	})

	template := assertions.Template_FromStack(stack, nil)
	fmt.Println(len(*template.FindResources(jsii.String(invocationlog.ResourceType), nil)), invocationlog.ResourceType)
	// Output: 1 Custom::BedrockInvocationLogging
}

// An administrator is told when somebody changes the logging configuration, or
// when nobody looks any more. The metric of one check goes on a dashboard.
func ExampleNewInvocationLoggingGuard() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Recording"), nil)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	logging := invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		Bucket: auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{Key: key}),
	})

	guard := invocationlog.NewInvocationLoggingGuard(stack, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{
		Logging:  logging,
		Topic:    awssns.NewTopic(stack, jsii.String("Alerts"), nil),
		Interval: awscdk.Duration_Minutes(jsii.Number(5)),
	})
	lock := guard.MetricDrift(&awscloudwatch.MetricOptions{
		DimensionsMap: &map[string]*string{invocationlog.CheckDimension: jsii.String("BucketLock")},
	})

	template := assertions.Template_FromStack(stack, nil)
	fmt.Println(*lock.Namespace(), *lock.MetricName(), (*lock.Dimensions())["Check"])
	for _, of := range []string{"AWS::Events::Rule", "AWS::CloudWatch::Alarm"} {
		fmt.Println(of, len(*template.FindResources(jsii.String(of), nil)))
	}
	// Output:
	// PaperTrail LoggingConfigurationDrift BucketLock
	// AWS::Events::Rule 2
	// AWS::CloudWatch::Alarm 2
}
