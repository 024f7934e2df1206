package papertrail_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/activitytrail"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// loadGrants makes a stack of single constructs, as an importer has it, with a
// role for each grant.
func loadGrants(t *testing.T) *policy.World {
	t.Helper()
	stack := cdktest.NewStack(t)
	role := func(id string) awsiam.Role {
		return awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	}
	key := auditstore.NewAuditKey(stack, jsii.String("PromptKey"), nil)
	activityKey := auditstore.NewAuditKey(stack, jsii.String("EventKey"), nil)
	bucket := auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{Key: key})
	group := invocationlog.NewInvocationLogGroup(stack, jsii.String("Records"), &invocationlog.InvocationLogGroupProps{Key: key})
	trail := activitytrail.NewActivityTrail(stack, jsii.String("Trail"), &activitytrail.ActivityTrailProps{Key: activityKey})

	bucket.GrantAuditRead(role("BucketReader"))
	group.GrantAuditRead(role("RecordReader"))
	group.GrantUnmask(role("Unmasker"))
	trail.GrantAuditRead(role("EventReader"))
	key.GrantDecrypt(role("Decrypter"))
	return policy.Load(t, policy.Stack{Name: "grants", Account: account, Region: home, Template: cdktest.Synth(t, stack).Map()})
}

var (
	readingObjects = []string{"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"}
	writingObjects = append([]string{"s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:PutObjectTagging"}, deleting...)
	writingKeys    = append([]string{"kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo", "kms:CreateGrant"}, disabling...)
	readingRecords = []string{"logs:FilterLogEvents", "logs:StartQuery", "logs:GetLogGroupFields", "logs:DescribeLogStreams"}
	// IAM knows no resource for a query: what limits it is where it may be started.
	usingQueries  = []string{"logs:GetQueryResults", "logs:StopQuery"}
	writingGroups = []string{"logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:PutSubscriptionFilter", "logs:DeleteDataProtectionPolicy", "logs:DisassociateKmsKey"}
)

func TestAReaderOfABucketReadsAndDecryptsIt(t *testing.T) {
	w := loadGrants(t)
	reader := w.Role("grants", "BucketReader").Principal()
	bucket := w.Bucket("grants", "PromptsBucket")
	object := bucket.Object("AWSLogs/record.json.gz")
	bucket.Expect(policy.Allow, each(reader, object, nil, readingObjects...)...)
	bucket.Expect(policy.Allow, each(reader, "", nil, "s3:ListBucket", "s3:ListBucketVersions")...)
	bucket.Expect(policy.Deny, each(reader, object, plainHTTP, readingObjects...)...)
	bucket.Expect(policy.Deny, each(reader, object, nil, writingObjects...)...)
	bucket.Expect(policy.Deny, each(reader, "", nil, weakening...)...)
	key := w.Key("grants", "PromptKey")
	key.Expect(policy.Allow, each(reader, "", nil, "kms:Decrypt")...)
	key.Expect(policy.Deny, each(reader, "", nil, writingKeys...)...)

	other := w.Bucket("grants", "TrailBucket")
	other.Expect(policy.Deny, each(reader, other.Object("AWSLogs/log.json.gz"), nil, readingObjects...)...)
	w.Key("grants", "EventKey").Expect(policy.Deny, each(reader, "", nil, "kms:Decrypt")...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(home, records), nil, readingRecords...)...)
	w.Expect("grants", policy.Deny, each(reader, "*", nil, usingQueries...)...)
	w.Run()
}

func TestAReaderOfRecordsReadsThemMasked(t *testing.T) {
	w := loadGrants(t)
	reader := w.Role("grants", "RecordReader").Principal()
	stream := logStream(home, records, "aws/bedrock/modelinvocations")
	w.Expect("grants", policy.Allow, each(reader, logGroup(home, records), nil, readingRecords...)...)
	w.Expect("grants", policy.Allow, each(reader, stream, nil, "logs:GetLogEvents")...)
	w.Expect("grants", policy.Allow, each(reader, "*", nil, usingQueries...)...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(home, records), nil, append([]string{"logs:Unmask"}, writingGroups...)...)...)
	w.Expect("grants", policy.Deny, each(reader, stream, nil, "logs:PutLogEvents", "logs:CreateLogStream", "logs:DeleteLogStream")...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(home, records+"-2"), nil, readingRecords...)...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(additional, records), nil, readingRecords...)...)
	key := w.Key("grants", "PromptKey")
	key.Expect(policy.Allow, each(reader, "", nil, "kms:Decrypt")...)
	key.Expect(policy.Deny, each(reader, "", nil, writingKeys...)...)
	bucket := w.Bucket("grants", "PromptsBucket")
	bucket.Expect(policy.Deny, each(reader, bucket.Object("AWSLogs/record.json.gz"), nil, readingObjects...)...)
	w.Run()
}

func TestUnmaskingIsAGrantOfItsOwn(t *testing.T) {
	w := loadGrants(t)
	unmasker := w.Role("grants", "Unmasker").Principal()
	w.Expect("grants", policy.Allow, each(unmasker, logGroup(home, records), nil, "logs:Unmask")...)
	w.Expect("grants", policy.Deny, each(unmasker, logGroup(home, "/aws/other"), nil, "logs:Unmask")...)
	w.Expect("grants", policy.Deny, each(unmasker, logGroup(home, records), nil, append(readingRecords, writingGroups...)...)...)
	w.Expect("grants", policy.Deny, each(unmasker, "*", nil, usingQueries...)...)
	w.Key("grants", "PromptKey").Expect(policy.Deny, each(unmasker, "", nil, "kms:Decrypt")...)
	w.Run()
}

func TestAReaderOfEventsReadsNoPrompts(t *testing.T) {
	w := loadGrants(t)
	reader := w.Role("grants", "EventReader").Principal()
	bucket := w.Bucket("grants", "TrailBucket")
	object := bucket.Object("AWSLogs/log.json.gz")
	bucket.Expect(policy.Allow, each(reader, object, nil, readingObjects...)...)
	bucket.Expect(policy.Deny, each(reader, object, nil, writingObjects...)...)
	bucket.Expect(policy.Deny, each(reader, "", nil, weakening...)...)
	const events = "/aws/cloudtrail/paper-trail"
	stream := logStream(home, events, account+"_CloudTrail_"+home)
	w.Expect("grants", policy.Allow, each(reader, logGroup(home, events), nil, readingRecords...)...)
	w.Expect("grants", policy.Allow, each(reader, stream, nil, "logs:GetLogEvents")...)
	w.Expect("grants", policy.Allow, each(reader, "*", nil, usingQueries...)...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(home, events), nil, append([]string{"logs:Unmask"}, writingGroups...)...)...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(home, events+"-2"), nil, readingRecords...)...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(additional, events), nil, readingRecords...)...)
	w.Expect("grants", policy.Deny, each(reader, stream, nil, "logs:PutLogEvents", "logs:DeleteLogStream")...)
	key := w.Key("grants", "EventKey")
	key.Expect(policy.Allow, each(reader, "", nil, "kms:Decrypt")...)
	key.Expect(policy.Deny, each(reader, "", nil, writingKeys...)...)

	prompts := w.Bucket("grants", "PromptsBucket")
	prompts.Expect(policy.Deny, each(reader, prompts.Object("AWSLogs/record.json.gz"), nil, readingObjects...)...)
	w.Key("grants", "PromptKey").Expect(policy.Deny, each(reader, "", nil, "kms:Decrypt")...)
	w.Expect("grants", policy.Deny, each(reader, logGroup(home, records), nil, readingRecords...)...)
	w.Run()
}

func TestDecryptingGivesNoAccessToObjects(t *testing.T) {
	w := loadGrants(t)
	decrypter := w.Role("grants", "Decrypter").Principal()
	key := w.Key("grants", "PromptKey")
	key.Expect(policy.Allow, each(decrypter, "", nil, "kms:Decrypt")...)
	key.Expect(policy.Deny, each(decrypter, "", nil, writingKeys...)...)
	w.Expect("grants", policy.Deny, each(decrypter, "*", nil, usingQueries...)...)
	bucket := w.Bucket("grants", "PromptsBucket")
	bucket.Expect(policy.Deny, each(decrypter, bucket.Object("AWSLogs/record.json.gz"), nil, readingObjects...)...)
	w.Run()
}
