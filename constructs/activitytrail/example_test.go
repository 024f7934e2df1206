package activitytrail_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/activitytrail"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
)

// A trail that also tells who read the prompts.
func Example() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Activity"), nil)

	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	prompts := awss3.Bucket_FromBucketName(stack, jsii.String("Prompts"), jsii.String("prompts"))
	trail := activitytrail.NewActivityTrail(stack, jsii.String("Trail"), &activitytrail.ActivityTrailProps{
		Key:              key,
		DataEventBuckets: &[]awss3.IBucket{prompts},
	})

	template := assertions.Template_FromStack(stack, nil)
	fmt.Println("trail", *trail.TrailName())
	for _, of := range []string{"AWS::CloudTrail::Trail", "AWS::Logs::LogGroup", "AWS::IAM::Role", "AWS::S3::Bucket"} {
		fmt.Println(of, len(*template.FindResources(jsii.String(of), nil)))
	}
	// Output:
	// trail paper-trail
	// AWS::CloudTrail::Trail 1
	// AWS::Logs::LogGroup 1
	// AWS::IAM::Role 1
	// AWS::S3::Bucket 2
}
