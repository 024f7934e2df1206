package auditstore_test

import (
	"regexp"
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

	lifting := cdktest.JSON(t, cdktest.Statement(t, document, "DenyLiftingLegalHolds"))
	assert.Contains(t, lifting, `"Action":"s3:PutObjectLegalHold"`)
	assert.Contains(t, lifting, `"StringEquals":{"s3:object-lock-legal-hold":"OFF"}`, "placing one is left to IAM")
	assert.NotContains(t, lifting, "cfn-exec-role", "deploying is no reason to lift a hold")
	assert.Contains(t, lifting, "role/BreakGlass")
}

// A bucket policy holds 20 KB at most (Amazon S3 user guide, "Bucket policies").
// The longest ARN of a role has 64 characters of name and 512 of path.
func TestAuditBucketPolicyFitsIntoItsLimit(t *testing.T) {
	stack, bucket := newBucket(t, func(p *auditstore.AuditBucketProps) {
		p.BreakGlassPrincipalArn = jsii.String("arn:aws:iam::111122223333:role/" + strings.Repeat("p", 511) + "/" + strings.Repeat("n", 64))
	})
	bucket.AllowBedrockDelivery(nil)
	bucket.AllowBedrockDelivery(jsii.String("large"))
	bucket.AllowCloudTrailDelivery(jsii.String(strings.Repeat("t", 128)))

	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::S3::BucketPolicy", "AuditBucketPolicy")
	document := regexp.MustCompile(`\{"Fn::GetAtt":\[[^]]*\]\}`).ReplaceAllString(
		cdktest.JSON(t, policy.Properties["PolicyDocument"]), "arn:aws-us-gov:s3:::"+strings.Repeat("b", 63))
	require.Contains(t, document, "bbb")
	assert.Less(t, len(document), 20*1024/2, "half of it is left for what the CDK and the owner add")
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
	assert.NotContains(t, cdktest.JSON(t, policy.Properties), "DenyLiftingLegalHolds", "an object on hold keeps the bucket from being emptied")
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

// Without the key's statement the service is refused, whatever the bucket says.
func TestAuditBucketOpensTheKeyOfAnExistingBucket(t *testing.T) {
	t.Run("of the app", func(t *testing.T) {
		stack := cdktest.NewStack(t)
		own := awss3.NewBucket(stack, jsii.String("Own"), &awss3.BucketProps{Encryption: awss3.BucketEncryption_KMS})
		bucket := auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{ExistingBucket: own})
		require.NotNil(t, bucket.Key())
		bucket.AllowBedrockDelivery(nil)
		bucket.AllowCloudTrailDelivery(jsii.String("trail"))

		_, key := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "Own")
		cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowBedrockLogDelivery")
		cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowCloudTrailTrail")
		assert.Empty(t, cdktest.Warnings(stack))
	})
	t.Run("of somebody else", func(t *testing.T) {
		stack := cdktest.NewStack(t)
		imported := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Imported"), &awss3.BucketAttributes{
			BucketName:    jsii.String("their-bucket"),
			EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("ImportedKey"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/abc")),
		})
		auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{ExistingBucket: imported}).AllowBedrockDelivery(nil)

		warnings := cdktest.Warnings(stack)
		require.Len(t, warnings, 2)
		both := strings.Join(warnings, "\n")
		assert.Contains(t, both, "paper-trail:AuditKey.existingKeyPolicy.AllowBedrockLogDelivery")
		assert.Contains(t, both, "paper-trail:AuditBucket.existingBucketPolicy.AllowBedrockLogDelivery")
		assert.Contains(t, both, `"kms:GenerateDataKey"`)
	})
	t.Run("given as well", func(t *testing.T) {
		stack := cdktest.NewStack(t)
		own := awss3.NewBucket(stack, jsii.String("Own"), &awss3.BucketProps{Encryption: awss3.BucketEncryption_KMS})
		key := auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{ExistingKey: own.EncryptionKey()})
		bucket := auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{ExistingBucket: own, Key: key})
		bucket.AllowBedrockDelivery(nil)
		assert.Equal(t, key, bucket.Key())
	})
	t.Run("there is none", func(t *testing.T) {
		stack := cdktest.NewStack(t)
		own := awss3.NewBucket(stack, jsii.String("Own"), nil)
		bucket := auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{ExistingBucket: own})
		bucket.AllowBedrockDelivery(nil)
		assert.Nil(t, bucket.Key())
	})
}

func TestAuditBucketTellsPrefixesApart(t *testing.T) {
	stack, bucket := newBucket(t, nil)
	bucket.AllowBedrockDelivery(jsii.String("a-b"))
	bucket.AllowBedrockDelivery(jsii.String("a/b"))
	bucket.AllowBedrockDelivery(jsii.String("a/b"))

	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::S3::BucketPolicy", "AuditBucketPolicy")
	document := policy.Properties["PolicyDocument"]
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, document, "AllowBedrockLogDeliveryAB")), "/a-b/AWSLogs/")
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, document, "AllowBedrockLogDeliveryAB2")), "/a/b/AWSLogs/")
	assert.NotContains(t, cdktest.JSON(t, document), "AllowBedrockLogDeliveryAB3")
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
		"AuditBucket needs a scope, got nil":                                                                   func() { auditstore.NewAuditBucket(nil, jsii.String("B"), nil) },
		"AuditBucket needs an id, got none":                                                                    func() { auditstore.NewAuditBucket(stack, nil, nil) },
		"AuditBucket needs AuditBucketProps.Key":                                                               make(nil),
		`BreakGlassPrincipalArn has to be the ARN of an IAM principal, got "*"`:                                make(&auditstore.AuditBucketProps{Key: key, BreakGlassPrincipalArn: jsii.String("*")}),
		`got "arn:aws:iam::*:role/admin"; give one such as arn:aws:iam::111122223333:role/break-glass`:         make(&auditstore.AuditBucketProps{Key: key, BreakGlassPrincipalArn: jsii.String("arn:aws:iam::*:role/admin")}),
		`got "arn:aws:iam::111122223333:role/*"; give one`:                                                     make(&auditstore.AuditBucketProps{Key: key, BreakGlassPrincipalArn: jsii.String("arn:aws:iam::111122223333:role/*")}),
		`DeployPrincipalArns[0] has to be the ARN of an IAM principal, got ""`:                                 make(&auditstore.AuditBucketProps{Key: key, DeployPrincipalArns: jsii.Strings("")}),
		"AllowCloudTrailDelivery needs trailName, got none":                                                    func() { bucketOf(t).AllowCloudTrailDelivery(nil) },
		`neither begins nor ends with /, got "pre/"; give "pre"`:                                               func() { bucketOf(t).AllowBedrockDelivery(jsii.String("pre/")) },
		`neither begins nor ends with /, got "/pre"; give "pre"`:                                               func() { bucketOf(t).AllowBedrockDelivery(jsii.String("/pre")) },
		`neither begins nor ends with /, got "/"; give ""`:                                                     func() { bucketOf(t).AllowBedrockDelivery(jsii.String("/")) },
		"AuditBucketProps.RemovalPolicy has to be RETAIN, RETAIN_ON_UPDATE_OR_DELETE or DESTROY, got SNAPSHOT": make(&auditstore.AuditBucketProps{Key: key, RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT}),
		"ExistingBucket comes together with lock":                                                              make(&auditstore.AuditBucketProps{ExistingBucket: imported, ExpireAfter: days(3)}),
		"cannot be emptied, so it cannot be deleted":                                                           make(&auditstore.AuditBucketProps{Key: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY}),
		"got 2557 days with a lock of 2557 days; objects cannot expire while they are locked, give 2558":       make(&auditstore.AuditBucketProps{Key: key, ExpireAfter: days(2557)}),
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
			Key: key, ExpireAfter: days(1), RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT, BreakGlassPrincipalArn: jsii.String("*"),
		})
	})
	assert.Contains(t, message, "ExpireAfter")
	assert.Contains(t, message, "RemovalPolicy")
	assert.Contains(t, message, "BreakGlassPrincipalArn")
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
