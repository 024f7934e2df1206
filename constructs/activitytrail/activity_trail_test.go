package activitytrail_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/activitytrail"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func newTrail(t *testing.T, change func(awscdk.Stack, *activitytrail.ActivityTrailProps)) (awscdk.Stack, activitytrail.ActivityTrail) {
	t.Helper()
	stack := cdktest.NewStack(t)
	props := &activitytrail.ActivityTrailProps{Key: auditstore.NewAuditKey(stack, jsii.String("Key"), nil)}
	if change != nil {
		change(stack, props)
	}
	return stack, activitytrail.NewActivityTrail(stack, jsii.String("Activity"), props)
}

func disposable(stack awscdk.Stack, props *activitytrail.ActivityTrailProps) {
	props.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	props.Bucket = auditstore.NewAuditBucket(stack, jsii.String("Short"), &auditstore.AuditBucketProps{
		Key:                        props.Key,
		ObjectLockDefaultRetention: awss3.ObjectLockRetention_Governance(awscdk.Duration_Days(jsii.Number(1))),
		RemovalPolicy:              awscdk.RemovalPolicy_DESTROY,
	})
}

func TestActivityTrailIsImportable(t *testing.T) {
	stack, trail := newTrail(t, nil)
	cdktest.AssertImportable(t, trail)
	cdktest.Synth(t, stack)
}

func TestActivityTrailDefaults(t *testing.T) {
	stack, trail := newTrail(t, nil)
	assert.Equal(t, "paper-trail", *trail.TrailName())
	template := cdktest.Synth(t, stack)

	_, resource := template.Only(t, "AWS::CloudTrail::Trail", "Activity")
	p := resource.Properties
	assert.Equal(t, "paper-trail", p["TrailName"])
	for _, on := range []string{"IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation"} {
		assert.Equal(t, true, p[on], on)
	}
	assert.Contains(t, cdktest.JSON(t, p["KMSKeyId"]), "Key")
	assert.NotContains(t, p, "InsightSelectors")
	assert.NotContains(t, p, "EventSelectors", "CloudTrail takes one kind of selector")
	assert.Contains(t, cdktest.JSON(t, resource.DependsOn), "ActivityBucketPolicy", "CloudTrail tests the bucket")
	assert.Len(t, p["AdvancedEventSelectors"], 2+len(activitytrail.BedrockDataEventTypes()))
	for _, promised := range []string{"AWS::Bedrock::Model", "AWS::Bedrock::Guardrail", "AWS::Bedrock::AgentAlias", "AWS::Bedrock::KnowledgeBase", "AWS::BedrockMantle::Project"} {
		assert.Contains(t, cdktest.JSON(t, p["AdvancedEventSelectors"]), `"`+promised+`"`)
	}
	assert.NotContains(t, cdktest.JSON(t, p["AdvancedEventSelectors"]), "readOnly", "no reads")
	assert.Contains(t, cdktest.JSON(t, p["AdvancedEventSelectors"]), `"StartsWith":[{"Fn::Join":["",[{"Fn::GetAtt":["ActivityBucket`, "tampering with its own bucket")

	assert.Equal(t, "RetainExceptOnCreate", resource.DeletionPolicy, "deleting the stack does not end the recording")
	_, role := template.Only(t, "AWS::IAM::Role", "ActivityDeliveryRole")
	assert.Equal(t, "RetainExceptOnCreate", role.DeletionPolicy)

	_, logGroup := template.Only(t, "AWS::Logs::LogGroup", "Activity")
	assert.Equal(t, "/aws/cloudtrail/paper-trail", logGroup.Properties["LogGroupName"])
	assert.EqualValues(t, 2557, logGroup.Properties["RetentionInDays"])
	assert.Equal(t, true, logGroup.Properties["DeletionProtectionEnabled"])
	assert.Contains(t, logGroup.Properties, "KmsKeyId")
	assert.Equal(t, "Retain", logGroup.DeletionPolicy)
	assert.Equal(t, "Retain", logGroup.UpdateReplacePolicy)

	assert.Len(t, template.OfType("AWS::S3::Bucket"), 2, "the bucket and its access logs")
	_, key := template.Only(t, "AWS::KMS::Key", "Key")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowCloudTrailPaperTrail")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowCloudWatchLogsAwsCloudtrailPaperTrail")
	_, policy := template.Only(t, "AWS::S3::BucketPolicy", "ActivityBucketPolicy")
	cdktest.Statement(t, policy.Properties["PolicyDocument"], "AllowCloudTrailDeliveryPaperTrail")
}

func TestActivityTrailDeliveryRoleMayWriteItsStreamsOnly(t *testing.T) {
	stack, _ := newTrail(t, nil)
	template := cdktest.Synth(t, stack)

	_, role := template.Only(t, "AWS::IAM::Role", "ActivityDeliveryRole")
	trust := cdktest.JSON(t, role.Properties["AssumeRolePolicyDocument"])
	assert.Contains(t, trust, `"Service":"cloudtrail.amazonaws.com"`)

	inline := role.Properties["Policies"].([]any)
	require.Len(t, inline, 1)
	document := inline[0].(map[string]any)["PolicyDocument"]
	write := cdktest.JSON(t, cdktest.Statement(t, document, "WriteEvents"))
	assert.Contains(t, write, ":logs:eu-west-1:111122223333:log-group:/aws/cloudtrail/paper-trail:log-stream:111122223333_CloudTrail_eu-west-1*")
	assert.NotContains(t, write, `:*"`)
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, document, "EncryptEvents")), `"kms:ViaService":"logs.eu-west-1.amazonaws.com"`)
	assert.Empty(t, template.OfType("AWS::IAM::Policy"), "an inline policy needs no order of its own")
}

func TestActivityTrailLogsReadsOfTheGivenBuckets(t *testing.T) {
	stack, _ := newTrail(t, func(stack awscdk.Stack, p *activitytrail.ActivityTrailProps) {
		p.DataEventBuckets = &[]awss3.IBucket{
			awss3.Bucket_FromBucketName(stack, jsii.String("A"), jsii.String("prompts-a")),
			awss3.NewBucket(stack, jsii.String("B"), nil),
		}
	})
	_, trail := cdktest.Synth(t, stack).Only(t, "AWS::CloudTrail::Trail", "Activity")
	selectors := trail.Properties["AdvancedEventSelectors"].([]any)
	reads := cdktest.JSON(t, selectors[len(selectors)-1])
	assert.Contains(t, reads, `{"Equals":["AWS::S3::Object"],"Field":"resources.type"}`)
	assert.Contains(t, reads, `{"Equals":["true"],"Field":"readOnly"}`)
	assert.Contains(t, reads, `:s3:::prompts-a/"`)
	assert.Contains(t, reads, `{"Fn::GetAtt":["B`)
	assert.Contains(t, reads, `"StartsWith"`)
}

func TestActivityTrailOptions(t *testing.T) {
	stack, trail := newTrail(t, func(stack awscdk.Stack, p *activitytrail.ActivityTrailProps) {
		p.TrailName = jsii.String("audit")
		p.InsightsEnabled = jsii.Bool(true)
		p.LogRetention = awslogs.RetentionDays_ONE_YEAR
		p.DataEventTypes = jsii.Strings("AWS::BedrockAgentCore::Runtime")
	})
	assert.NotNil(t, trail.TrailArn())
	template := cdktest.Synth(t, stack)
	_, resource := template.Only(t, "AWS::CloudTrail::Trail", "Activity")
	assert.Equal(t, `[{"InsightType":"ApiCallRateInsight"},{"InsightType":"ApiErrorRateInsight"}]`, cdktest.JSON(t, resource.Properties["InsightSelectors"]))
	assert.Len(t, resource.Properties["AdvancedEventSelectors"], 3)
	assert.Contains(t, cdktest.JSON(t, resource.Properties), "AWS::BedrockAgentCore::Runtime")
	_, logGroup := template.Only(t, "AWS::Logs::LogGroup", "Activity")
	assert.Equal(t, "/aws/cloudtrail/audit", logGroup.Properties["LogGroupName"])
	assert.EqualValues(t, 365, logGroup.Properties["RetentionInDays"])
}

func TestActivityTrailForADisposableEnvironment(t *testing.T) {
	stack, trail := newTrail(t, disposable)
	template := cdktest.Synth(t, stack)
	_, logGroup := template.Only(t, "AWS::Logs::LogGroup", "Activity")
	assert.Equal(t, "Delete", logGroup.DeletionPolicy)
	assert.Equal(t, false, logGroup.Properties["DeletionProtectionEnabled"])
	_, resource := template.Only(t, "AWS::CloudTrail::Trail", "Activity")
	assert.Contains(t, cdktest.JSON(t, resource.DependsOn), "ShortBucketPolicy")
	assert.NotNil(t, trail.Trail())
	assert.Contains(t, strings.Join(cdktest.Warnings(stack), "\n"), "paper-trail:ActivityTrail.destroy")
}

func TestActivityTrailGrantsReadingBucketLogGroupAndKey(t *testing.T) {
	stack, trail := newTrail(t, nil)
	role := awsiam.NewRole(stack, jsii.String("Auditor"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	trail.GrantAuditRead(role)

	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::IAM::Policy", "AuditorDefaultPolicy")
	p := cdktest.JSON(t, policy.Properties)
	for _, action := range []string{"s3:GetObject*", "logs:FilterLogEvents", "kms:Decrypt"} {
		assert.Contains(t, p, action)
	}
	for _, action := range []string{"s3:Put", "s3:Delete", "logs:Put", "logs:Delete", "cloudtrail:"} {
		assert.NotContains(t, p, action)
	}
}

func TestActivityTrailMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	own := auditstore.NewAuditBucket(stack, jsii.String("Own"), &auditstore.AuditBucketProps{Key: key})
	named := auditstore.NewAuditBucket(stack, jsii.String("Named"), &auditstore.AuditBucketProps{
		ExistingBucket: awss3.Bucket_FromBucketName(stack, jsii.String("N1"), jsii.String("trail-files")),
	})
	for want, props := range map[string]*activitytrail.ActivityTrailProps{
		"ActivityTrail needs ActivityTrailProps.Key, got nil": nil,
		"ActivityTrailProps.DataEventBuckets[0], got nil":     {Key: key, DataEventBuckets: &[]awss3.IBucket{nil}},
		"ActivityTrailProps.DataEventTypes[0], got nil":       {Key: key, DataEventTypes: &[]*string{nil}},
		`TrailName "a b"`:                        {Key: key, TrailName: jsii.String("a b")},
		"holds AWS::S3::Object, got all buckets": {Key: key, DataEventTypes: jsii.Strings("AWS::S3::Object")},
		`got "Guardrail"`:                        {Key: key, DataEventTypes: jsii.Strings("Guardrail")},
		`the trail's own bucket, got "Test/Own/`: {Key: key, Bucket: own, DataEventBuckets: &[]awss3.IBucket{own.Bucket()}},
		`the trail's own bucket, got "Test/N2"`: {Key: key, Bucket: named, DataEventBuckets: &[]awss3.IBucket{
			awss3.Bucket_FromBucketName(stack, jsii.String("N2"), jsii.String("trail-files")),
		}},
	} {
		message := cdktest.Panics(t, func() { activitytrail.NewActivityTrail(stack, jsii.String("T"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/activitytrail: ")
	}
	assert.Contains(t, cdktest.Panics(t, func() { activitytrail.NewActivityTrail(nil, jsii.String("T"), nil) }), "ActivityTrail needs a scope, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { activitytrail.NewActivityTrail(stack, nil, nil) }), "ActivityTrail needs an id, got none")

	all := cdktest.Panics(t, func() {
		activitytrail.NewActivityTrail(stack, jsii.String("T"), &activitytrail.ActivityTrailProps{
			Key: key, TrailName: jsii.String("a"), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	})
	assert.Contains(t, all, "not 1")
	assert.Contains(t, all, "RemovalPolicy is DESTROY without a Bucket")
}

func TestActivityTrailOpensItsKeyWhenTheBucketHasAnother(t *testing.T) {
	stack, _ := newTrail(t, func(stack awscdk.Stack, p *activitytrail.ActivityTrailProps) {
		p.Bucket = auditstore.NewAuditBucket(stack, jsii.String("Theirs"), &auditstore.AuditBucketProps{
			ExistingBucket: awss3.Bucket_FromBucketName(stack, jsii.String("Imported"), jsii.String("their-bucket")),
		})
	})
	template := cdktest.Synth(t, stack)
	_, key := template.Only(t, "AWS::KMS::Key", "Key")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowCloudTrailPaperTrail")
	_, trail := template.Only(t, "AWS::CloudTrail::Trail", "Activity")
	assert.Equal(t, "their-bucket", trail.Properties["S3BucketName"])
	assert.Contains(t, strings.Join(cdktest.Warnings(stack), "\n"), "paper-trail:AuditBucket.existingBucketPolicy.AllowCloudTrailDelivery")
}
