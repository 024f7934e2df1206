// Command importer is an application that already has a stack of its own and
// adds a record of its model calls to it.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Assistant"), nil)

	key := auditstore.NewAuditKey(stack, jsii.String("AuditKey"), nil)
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{Key: key})
	invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{Key: key}),
		Bucket:   bucket,
	})

	auditors := awsiam.NewRole(stack, jsii.String("Auditors"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewAccountRootPrincipal(),
	})
	bucket.GrantAuditRead(auditors)

	app.Synth(nil)
}
