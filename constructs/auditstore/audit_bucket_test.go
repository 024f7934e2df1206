package auditstore_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func newBucket(t *testing.T, change func(*auditstore.AuditBucketProps)) (awscdk.Stack, auditstore.AuditBucket) {
	t.Helper()
	stack := cdktest.NewStack(t)
	props := &auditstore.AuditBucketProps{Key: auditstore.NewAuditKey(stack, jsii.String("Key"), nil)}
	if change != nil {
		change(props)
	}
	return stack, auditstore.NewAuditBucket(stack, jsii.String("Audit"), props)
}

func bucketOf(t *testing.T) auditstore.AuditBucket {
	t.Helper()
	_, bucket := newBucket(t, nil)
	return bucket
}

func days(n float64) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }

func TestAuditBucketIsImportable(t *testing.T) {
	stack, bucket := newBucket(t, nil)
	cdktest.AssertImportable(t, bucket)
	cdktest.Synth(t, stack)
}

func TestAuditBucketDefaults(t *testing.T) {
	stack, _ := newBucket(t, nil)
	template := cdktest.Synth(t, stack)

	_, bucket := template.Only(t, "AWS::S3::Bucket", "AuditBucket")
	p := cdktest.JSON(t, bucket.Properties)
	assert.Equal(t, "Retain", bucket.DeletionPolicy)
	assert.Equal(t, "Retain", bucket.UpdateReplacePolicy)
	assert.Equal(t, true, bucket.Properties["ObjectLockEnabled"])
	assert.Contains(t, p, `"DefaultRetention":{"Days":2557,"Mode":"COMPLIANCE"}`)
	assert.Contains(t, p, `"BucketKeyEnabled":true`)
	assert.Contains(t, p, `"SSEAlgorithm":"aws:kms"`)
	assert.Contains(t, p, `"VersioningConfiguration":{"Status":"Enabled"}`)
	assert.Contains(t, p, `"ObjectOwnership":"BucketOwnerEnforced"`)
	assert.Contains(t, p, `"RestrictPublicBuckets":true`)
	assert.Contains(t, p, `"ExpirationInDays":2587`)
	assert.Contains(t, p, `"StorageClass":"GLACIER_IR"`)
	assert.Contains(t, p, `"LogFilePrefix":"access/"`)
	assert.NotContains(t, bucket.Properties, "BucketName", "no physical name")

	for id, policy := range template.OfType("AWS::S3::BucketPolicy") {
		assert.Equal(t, "Retain", policy.DeletionPolicy, "%s: a bucket without its policy is open to deletes and closed to deliveries", id)
	}

	_, logs := template.Only(t, "AWS::S3::Bucket", "AuditAccessLogs")
	assert.Contains(t, cdktest.JSON(t, logs.Properties), `"SSEAlgorithm":"AES256"`, "S3 delivers access logs to SSE-S3 only")
	assert.NotContains(t, logs.Properties, "ObjectLockEnabled", "S3 delivers no access logs to a locked bucket")
	assert.NotContains(t, logs.Properties, "AccessControl", "ACLs are disabled")

	warnings := cdktest.Warnings(stack)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "cannot be undone")
	assert.Contains(t, warnings[0], "paper-trail:AuditBucket.compliance")
}

func TestAuditBucketPolicyProtectsTheEvidence(t *testing.T) {
	stack, _ := newBucket(t, func(p *auditstore.AuditBucketProps) {
		p.BreakGlassPrincipalArn = jsii.String("arn:aws:iam::111122223333:role/BreakGlass")
	})
	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::S3::BucketPolicy", "AuditBucketPolicy")
	document := policy.Properties["PolicyDocument"]

	weakening := cdktest.JSON(t, cdktest.Statement(t, document, "DenyWeakeningTheBucket"))
	for _, action := range []string{"s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration"} {
		assert.Contains(t, weakening, action)
	}
	assert.Contains(t, weakening, "cfn-exec-role", "the stack stays deployable")
	assert.Contains(t, weakening, "role/BreakGlass")

	deleting := cdktest.JSON(t, cdktest.Statement(t, document, "DenyDeletingEvidence"))
	assert.NotContains(t, deleting, "cfn-exec-role", "deploying is no reason to delete evidence")
	assert.Contains(t, deleting, "role/BreakGlass")

	forging := cdktest.JSON(t, cdktest.Statement(t, document, "DenyForgedEvidence"))
	assert.Contains(t, forging, `"Bool":{"aws:PrincipalIsAWSService":"false"}`, "services deliver")
	assert.Contains(t, forging, "role/BreakGlass")

	shorter := cdktest.JSON(t, cdktest.Statement(t, document, "DenyShorterRetention"))
	assert.Contains(t, shorter, `"s3:object-lock-remaining-retention-days":"2557"`)
	assert.Contains(t, cdktest.JSON(t, document), `"s3:TlsVersion":"1.2"`)
}

func TestAuditBucketDeliveries(t *testing.T) {
	stack, bucket := newBucket(t, nil)
	bucket.AllowBedrockDelivery(nil)
	bucket.AllowBedrockDelivery(jsii.String("large"))
	bucket.AllowBedrockDelivery(jsii.String("large"))
	bucket.AllowCloudTrailDelivery(jsii.String("trail"))
	template := cdktest.Synth(t, stack)

	_, policy := template.Only(t, "AWS::S3::BucketPolicy", "AuditBucketPolicy")
	document := policy.Properties["PolicyDocument"]
	root := cdktest.JSON(t, cdktest.Statement(t, document, "AllowBedrockLogDelivery"))
	assert.Contains(t, root, `"/AWSLogs/111122223333/BedrockModelInvocationLogs/*"`)
	large := cdktest.JSON(t, cdktest.Statement(t, document, "AllowBedrockLogDeliveryLarge"))
	assert.Contains(t, large, `"/large/AWSLogs/111122223333/BedrockModelInvocationLogs/*"`)
	assert.Equal(t, 1, strings.Count(cdktest.JSON(t, document), `"AllowBedrockLogDeliveryLarge"`))
	cdktest.Statement(t, document, "AllowCloudTrailAclCheckTrail")
	trail := cdktest.JSON(t, cdktest.Statement(t, document, "AllowCloudTrailDeliveryTrail"))
	assert.Contains(t, trail, "bucket-owner-full-control")
	assert.Contains(t, trail, "trail/trail")

	_, key := template.Only(t, "AWS::KMS::Key", "Key")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowBedrockLogDelivery")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowCloudTrailTrail")
}

func TestAuditBucketGrantsReadingWithTheKey(t *testing.T) {
	stack, bucket := newBucket(t, nil)
	role := awsiam.NewRole(stack, jsii.String("Auditor"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	bucket.GrantAuditRead(role)

	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::IAM::Policy", "AuditorDefaultPolicy")
	p := cdktest.JSON(t, policy.Properties)
	assert.Contains(t, p, "s3:GetObject*")
	assert.Contains(t, p, "kms:Decrypt")
	assert.NotContains(t, p, "s3:Put")
	assert.NotContains(t, p, "s3:Delete")
}

func TestAuditBucketForADisposableEnvironment(t *testing.T) {
	stack, _ := newBucket(t, func(p *auditstore.AuditBucketProps) {
		p.ObjectLockDefaultRetention = awss3.ObjectLockRetention_Governance(days(1))
		p.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	})
	template := cdktest.Synth(t, stack)
	for _, prefix := range []string{"AuditBucket", "AuditAccessLogs"} {
		_, bucket := template.Only(t, "AWS::S3::Bucket", prefix)
		assert.Equal(t, "Delete", bucket.DeletionPolicy)
		assert.NotContains(t, cdktest.JSON(t, bucket.Properties), "Transitions", "a class with a minimum stay does not pay off")
	}
	_, policy := template.Only(t, "AWS::S3::BucketPolicy", "AuditBucketPolicy")
	assert.NotContains(t, cdktest.JSON(t, policy.Properties), "DenyDeletingEvidence")
	cdktest.Statement(t, policy.Properties["PolicyDocument"], "DenyWeakeningTheBucket")
	require.Len(t, cdktest.Warnings(stack), 1)
	assert.Contains(t, cdktest.Warnings(stack)[0], "paper-trail:AuditBucket.destroy")
}

func TestAuditBucketAroundAnExistingBucket(t *testing.T) {
	stack := cdktest.NewStack(t)
	imported := awss3.Bucket_FromBucketName(stack, jsii.String("Imported"), jsii.String("their-bucket"))
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{ExistingBucket: imported})
	bucket.AllowBedrockDelivery(nil)

	assert.Nil(t, bucket.AccessLogsBucket())
	assert.NotNil(t, bucket.DeliveryReady())
	warnings := cdktest.Warnings(stack)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "Its owner has to add this statement")
	assert.Contains(t, warnings[0], "their-bucket/AWSLogs/111122223333/BedrockModelInvocationLogs/*")
	assert.Empty(t, cdktest.Synth(t, stack).OfType("AWS::S3::Bucket"))
}

func TestAuditBucketMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	imported := awss3.Bucket_FromBucketName(stack, jsii.String("Imported"), jsii.String("their-bucket"))
	ids := 0
	make := func(props *auditstore.AuditBucketProps) func() {
		ids++
		id := jsii.String("B" + string(rune('A'+ids)))
		return func() { auditstore.NewAuditBucket(stack, id, props) }
	}
	for want, misuse := range map[string]func(){
		"AuditBucket needs a scope, got nil":                                                             func() { auditstore.NewAuditBucket(nil, jsii.String("B"), nil) },
		"AuditBucket needs an id, got none":                                                              func() { auditstore.NewAuditBucket(stack, nil, nil) },
		"AuditBucket needs AuditBucketProps.Key":                                                         make(nil),
		`BreakGlassPrincipalArn has to be the ARN of an IAM principal, got "*"`:                          make(&auditstore.AuditBucketProps{Key: key, BreakGlassPrincipalArn: jsii.String("*")}),
		`got "arn:aws:iam::*:role/admin"; give one such as arn:aws:iam::111122223333:role/break-glass`:   make(&auditstore.AuditBucketProps{Key: key, BreakGlassPrincipalArn: jsii.String("arn:aws:iam::*:role/admin")}),
		`got "arn:aws:iam::111122223333:role/*"; give one`:                                               make(&auditstore.AuditBucketProps{Key: key, BreakGlassPrincipalArn: jsii.String("arn:aws:iam::111122223333:role/*")}),
		`DeployPrincipalArns[0] has to be the ARN of an IAM principal, got ""`:                           make(&auditstore.AuditBucketProps{Key: key, DeployPrincipalArns: jsii.Strings("")}),
		"AllowCloudTrailDelivery needs trailName, got none":                                              func() { bucketOf(t).AllowCloudTrailDelivery(nil) },
		"ExistingBucket comes together with lock":                                                        make(&auditstore.AuditBucketProps{ExistingBucket: imported, ExpireAfter: days(3)}),
		"cannot be emptied, so it cannot be deleted":                                                     make(&auditstore.AuditBucketProps{Key: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY}),
		"got 2557 days with a lock of 2557 days; objects cannot expire while they are locked, give 2558": make(&auditstore.AuditBucketProps{Key: key, ExpireAfter: days(2557)}),
	} {
		message := cdktest.Panics(t, misuse)
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/auditstore: ")
	}
}

func TestObjectLockRetentionOfLessThanADayCannotBeMade(t *testing.T) {
	assert.Contains(t, cdktest.Panics(t, func() { awss3.ObjectLockRetention_Governance(days(0)) }), "least 1 day")
	assert.Contains(t, cdktest.Panics(t, func() {
		awss3.ObjectLockRetention_Governance(awscdk.Duration_Hours(jsii.Number(12)))
	}), "whole number of days")
}

func TestAuditBucketReportsAllProblemsAtOnce(t *testing.T) {
	stack := cdktest.NewStack(t)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	message := cdktest.Panics(t, func() {
		auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{
			Key: key, ExpireAfter: days(1), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		})
	})
	assert.Contains(t, message, "ExpireAfter")
	assert.Contains(t, message, "RemovalPolicy")
}

func TestAuditBucketKeepsItsKeyElsewhere(t *testing.T) {
	stack := cdktest.NewStack(t)
	imported := awskms.Key_FromKeyArn(stack, jsii.String("Imported"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/abc"))
	auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{ExistingKey: imported}),
	})
	_, bucket := cdktest.Synth(t, stack).Only(t, "AWS::S3::Bucket", "AuditBucket")
	assert.Contains(t, cdktest.JSON(t, bucket.Properties), "key/abc")
}
