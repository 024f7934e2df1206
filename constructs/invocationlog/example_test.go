package invocationlog_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
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
