package docs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/activitytrail"
	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// The functions below are the blocks of import.md, in its order.

func keysAndBuckets(stack awscdk.Stack, auditors awsiam.IGrantable) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{
		Key:                        key,
		ObjectLockDefaultRetention: awss3.ObjectLockRetention_Governance(awscdk.Duration_Days(jsii.Number(30))),
		BreakGlassPrincipalArn:     jsii.String("arn:aws:iam::111122223333:role/break-glass"),
	})
	bucket.AllowBedrockDelivery(nil)
	bucket.GrantAuditRead(auditors)
}

func modelCalls(stack awscdk.Stack, application constructs.Construct) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	logging := invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{
			Key:                   key,
			MaskedDataIdentifiers: jsii.Strings("EmailAddress"),
		}),
		Bucket:       auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{Key: key}),
		DataDelivery: &invocationlog.DataDelivery{Video: jsii.Bool(false)},
		OnExisting:   invocationlog.OnExisting_ADOPT,
	})
	application.Node().AddDependency(logging)
}

func activity(stack awscdk.Stack, prompts auditstore.AuditBucket, auditors awsiam.IGrantable) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	trail := activitytrail.NewActivityTrail(stack, jsii.String("Trail"), &activitytrail.ActivityTrailProps{
		Key:              key,
		DataEventBuckets: &[]awss3.IBucket{prompts.Bucket()},
	})
	trail.GrantAuditRead(auditors)
}

func alarms(stack awscdk.Stack, logGroup invocationlog.InvocationLogGroup) {
	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		Key:            auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
		EmailAddresses: jsii.Strings("admin@example.com"),
	})
	throttling := alerting.NewThrottlingAlarm(stack, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{
		InvocationLogGroup: logGroup.LogGroup(),
		Topic:              topic,
		Threshold:          jsii.Number(10),
	})
	throttling.MetricThrottles(nil) // for a dashboard of your own
}

func costTags(stack awscdk.Stack) {
	attribution.NewCostTags(stack, jsii.String("CostTags"), &attribution.CostTagsProps{
		Project:     jsii.String("assistant"),
		Environment: jsii.String("prod"),
		Owner:       jsii.String("platform@example.com"),
		CostCenter:  jsii.String("4711"),
	})
}

func existingResources(stack awscdk.Stack) (auditstore.AuditBucket, invocationlog.InvocationLogGroup, alerting.AlertTopic) {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{
		ExistingKey: awskms.Key_FromKeyArn(stack, jsii.String("TheirKey"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c")),
	})
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{
		Key:            key,
		ExistingBucket: awss3.Bucket_FromBucketName(stack, jsii.String("TheirBucket"), jsii.String("their-bucket")),
	})
	logGroup := invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{
		Key:              key,
		ExistingLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("TheirLogGroup"), jsii.String("/their/log-group")),
	})
	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		ExistingTopic: awssns.Topic_FromTopicArn(stack, jsii.String("TheirTopic"), jsii.String("arn:aws:sns:eu-west-1:111122223333:their-topic")),
	})
	return bucket, logGroup, topic
}

func withoutBootstrapRoles(stack awscdk.Stack) {
	deployers := jsii.Strings("arn:aws:iam::111122223333:role/deployer")
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{DeployPrincipalArns: deployers})
	auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{
		Key:                 key,
		DeployPrincipalArns: deployers,
	})
}

func wholeEnvironment(app awscdk.App) error {
	file, err := config.Load("environments.yaml")
	if err != nil {
		return err
	}
	environment, err := file.Select("prod")
	if err != nil {
		return err
	}
	stacks.NewEnvironment(app, environment, nil)
	return nil
}

func prebuiltFunction(stack awscdk.Stack, bucket auditstore.AuditBucket) {
	invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
		Bucket: bucket,
		Function: &invocationlog.FunctionProps{
			Code:         awslambda.Code_FromAsset(jsii.String("build"), nil),
			Architecture: awslambda.Architecture_ARM_64(),
		},
	})
}

// Only compiled: the folder "build" is the reader's.
var _ = prebuiltFunction

func TestImportPageSynthesises(t *testing.T) {
	for name, run := range map[string]struct {
		build func(awscdk.Stack)
		want  string
	}{
		"keys and buckets": {func(s awscdk.Stack) { keysAndBuckets(s, role(s)) }, "AWS::S3::Bucket"},
		"model calls":      {func(s awscdk.Stack) { modelCalls(s, role(s)) }, invocationlog.ResourceType},
		"activity":         {func(s awscdk.Stack) { activity(s, bucket(s), role(s)) }, "AWS::CloudTrail::Trail"},
		"alarms":           {func(s awscdk.Stack) { alarms(s, logGroup(s)) }, "AWS::CloudWatch::CompositeAlarm"},
		"cost tags":        {func(s awscdk.Stack) { costTags(s); role(s) }, "AWS::IAM::Role"},
		"existing resources": {func(s awscdk.Stack) {
			bucket, logGroup, topic := existingResources(s)
			bucket.AllowBedrockDelivery(nil)
			alerting.NewThrottlingAlarm(s, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{InvocationLogGroup: logGroup.LogGroup(), Topic: topic})
		}, "AWS::CloudWatch::CompositeAlarm"},
	} {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.NewStack(t)
			run.build(stack)
			assert.NotEmpty(t, cdktest.Synth(t, stack).OfType(run.want))
		})
	}
}

func TestImportPageSynthesisesWithoutBootstrapRoles(t *testing.T) {
	stack := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Test"), &awscdk.StackProps{
		Synthesizer: awscdk.NewCliCredentialsStackSynthesizer(nil),
	})
	withoutBootstrapRoles(stack)
	_, key := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "")
	assert.Contains(t, cdktest.JSON(t, key.Properties["KeyPolicy"]), "role/deployer")
}

func TestImportPageSynthesisesTheWholeEnvironment(t *testing.T) {
	t.Chdir("..")
	require.NoError(t, wholeEnvironment(cdktest.NewApp(t)))
}

func role(stack awscdk.Stack) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
}

func bucket(stack awscdk.Stack) auditstore.AuditBucket {
	return auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("BucketKey"), nil),
	})
}

func logGroup(stack awscdk.Stack) invocationlog.InvocationLogGroup {
	return invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("LogGroupKey"), nil),
	})
}
