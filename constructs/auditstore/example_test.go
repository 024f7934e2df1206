package auditstore_test

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
)

// A bucket that keeps evidence for 30 days and lets Bedrock deliver to it.
func Example() {
	outdir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(outdir)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir})
	stack := awscdk.NewStack(app, jsii.String("Evidence"), nil)

	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{
		Key:                        key,
		ObjectLockDefaultRetention: awss3.ObjectLockRetention_Governance(awscdk.Duration_Days(jsii.Number(30))),
	})
	bucket.AllowBedrockDelivery(nil)

	template := assertions.Template_FromStack(stack, nil)
	for _, of := range []string{"AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"} {
		fmt.Println(of, len(*template.FindResources(jsii.String(of), nil)))
	}
	// Output:
	// AWS::KMS::Key 1
	// AWS::S3::Bucket 2
	// AWS::S3::BucketPolicy 2
}
