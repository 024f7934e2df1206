package auditstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// SevenYearsInDays is the default retention: seven calendar years with their
// leap days, rounded up. 7 × 365 is two days short.
const SevenYearsInDays = 2557

// AuditBucket is an S3 bucket that keeps evidence: encrypted with an AuditKey,
// versioned, locked, closed to the public and to plain HTTP, and with a policy
// that refuses to weaken any of that.
type AuditBucket interface {
	constructs.Construct
	// Bucket is the S3 bucket, made here or given.
	Bucket() awss3.IBucket
	// AccessLogsBucket receives the server access logs. It is nil for an
	// existing bucket.
	AccessLogsBucket() awss3.IBucket
	// Key encrypts the objects. It is nil for an existing bucket for which none
	// was given and of which the CDK knows none.
	Key() AuditKey
	// ObjectLockDefaultRetention is how long objects are locked by default. It
	// is nil for an existing bucket.
	ObjectLockDefaultRetention() awss3.ObjectLockRetention
	// AllowBedrockDelivery lets Amazon Bedrock deliver model-invocation logs of
	// this account and Region below keyPrefix, which neither begins nor ends
	// with "/"; nil or empty means the root of the bucket. Calling it twice with
	// one prefix is harmless.
	AllowBedrockDelivery(keyPrefix *string)
	// AllowCloudTrailDelivery lets the named trail of this account and Region
	// deliver its log files and digests.
	AllowCloudTrailDelivery(trailName *string)
	// DeliveryReady is what has to exist before a service is told to deliver
	// here: the bucket's policy, which no reference to the bucket waits for.
	// Add it as a dependency of the resource that starts the delivery.
	DeliveryReady() constructs.IDependable
	// GrantAuditRead lets grantee list and read the objects, their older
	// versions and their retention, and decrypt them.
	GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant
}

// AuditBucketProps configures an AuditBucket.
type AuditBucketProps struct {
	// Key encrypts the objects. Required for a new bucket. With ExistingBucket
	// it is the key that bucket is encrypted with. Default there: its
	// EncryptionKey, if the CDK knows it.
	Key AuditKey
	// ExistingBucket is used instead of making a bucket. Only Key may be set
	// with it: lock, lifecycle and policy are its owner's. Where its policy
	// cannot be extended from here, the Allow methods add a warning with the
	// statements that the owner has to add. Default: a bucket is made.
	ExistingBucket awss3.IBucket
	// ObjectLockDefaultRetention locks each object from its creation on. In
	// COMPLIANCE mode nobody, the account's root included, can shorten it or
	// delete the object before; synthesis warns of it. In GOVERNANCE mode the
	// break-glass principal can. At least one day, in whole days.
	// Default: COMPLIANCE, SevenYearsInDays.
	ObjectLockDefaultRetention awss3.ObjectLockRetention
	// ExpireAfter is the age at which S3 removes objects, in days; it has to be
	// longer than the retention. Default: the retention and 30 days.
	ExpireAfter awscdk.Duration
	// BreakGlassPrincipalArn is left out of the policy's denies: it may write
	// objects, delete what the lock allows to delete, lift legal holds, and change
	// the bucket. An IAM role's ARN; "*" and "?" are wildcards in its name. The
	// role has to exist: whoever may create it is exempt otherwise.
	// Default: nobody.
	BreakGlassPrincipalArn *string
	// DeployPrincipalArns are the roles and users that deploy the stack. They may
	// change the bucket's configuration, but not write or delete objects, shorten
	// their retention or lift a legal hold. Default: the CloudFormation execution
	// role of the stack's CDK bootstrap.
	DeployPrincipalArns *[]*string
	// RemovalPolicy says what becomes of the bucket, its policy and its access
	// logs when it leaves the stack. DESTROY adds a warning, is refused with
	// COMPLIANCE, and leaves the denies of deletes and of lifting a legal hold out
	// of the policy, since S3 deletes only an empty bucket. SNAPSHOT is refused.
	// Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

type auditBucket struct {
	constructs.Construct
	bucket     awss3.IBucket
	accessLogs awss3.IBucket
	retention  awss3.ObjectLockRetention
	key        AuditKey
	place      policies.Place
	arn        string
	sids       sids
	// policy is that of a bucket made here; nil for an existing bucket.
	policy awsiam.PolicyDocument
}

var _ AuditBucket = (*auditBucket)(nil)

// NewAuditBucket makes an audit bucket and the bucket for its access logs, or
// wraps an existing bucket.
//
// It panics on a missing key and on lock props together with ExistingBucket;
// and, all in one message, on COMPLIANCE together with DESTROY, on SNAPSHOT, on
// an expiration that is not later than the lock and on principals that are not
// roles or users named by an ARN of one account.
func NewAuditBucket(scope constructs.Construct, id *string, props *AuditBucketProps) AuditBucket {
	misuse.RequireScope(pkg, "AuditBucket", scope, id)
	p := AuditBucketProps{}
	if props != nil {
		p = *props
	}
	this := &auditBucket{key: p.Key, place: policies.At(scope), sids: sids{}}
	if p.ExistingBucket != nil {
		if p.ObjectLockDefaultRetention != nil || p.ExpireAfter != nil || p.BreakGlassPrincipalArn != nil || p.DeployPrincipalArns != nil || p.RemovalPolicy != "" {
			misuse.Panicf(pkg, "AuditBucketProps.ExistingBucket comes together with lock, lifecycle, policy or removal props, which only a new bucket can have; set ExistingBucket and at most Key, or leave ExistingBucket out")
		}
		constructs.NewConstruct_Override(this, scope, id)
		this.bucket, this.arn = p.ExistingBucket, *p.ExistingBucket.BucketArn()
		if key := p.ExistingBucket.EncryptionKey(); misuse.IsNil(p.Key) && !misuse.IsNil(key) {
			// Whoever may deliver to the bucket needs its key, too.
			this.key = NewAuditKey(this, jsii.String("Key"), &AuditKeyProps{ExistingKey: key})
		}
		return this
	}
	misuse.Require(pkg, "AuditBucket", "Key", p.Key)
	if p.ObjectLockDefaultRetention == nil {
		p.ObjectLockDefaultRetention = awss3.ObjectLockRetention_Compliance(awscdk.Duration_Days(jsii.Number(SevenYearsInDays)))
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	this.retention = p.ObjectLockDefaultRetention
	rules := lockRules{
		mode:     p.ObjectLockDefaultRetention.Mode(),
		lockDays: *p.ObjectLockDefaultRetention.Duration().ToDays(nil),
		destroy:  p.RemovalPolicy == awscdk.RemovalPolicy_DESTROY,
	}
	if p.ExpireAfter != nil {
		rules.expireDays = *p.ExpireAfter.ToDays(nil)
	} else {
		rules.expireDays = rules.lockDays + 30
	}
	misuse.PanicAll(slices.Concat(
		rules.problems(),
		misuse.RemovalProblems(pkg, "AuditBucket", p.RemovalPolicy),
		principalProblems("AuditBucket", p.BreakGlassPrincipalArn, p.DeployPrincipalArns),
	))

	constructs.NewConstruct_Override(this, scope, id)
	if rules.mode == awss3.ObjectLockMode_COMPLIANCE {
		misuse.Warn(this, "AuditBucket.compliance", fmt.Sprintf(
			"Every object is locked in COMPLIANCE mode for %v days. This cannot be undone: nobody, AWS and the root user included, can delete an object or shorten its lock, and the bucket costs money until the last one expires.", rules.lockDays))
	}
	if rules.destroy {
		misuse.Warn(this, "AuditBucket.destroy", "The bucket goes with the stack (RemovalPolicy DESTROY), and its policy lets administrators delete objects once their lock allows it, and lift legal holds.")
	}
	exempt := exempt(this, "AuditBucket", p.DeployPrincipalArns, p.BreakGlassPrincipalArn)
	lifecycle := rules.lifecycle()
	closed := awss3.BlockPublicAccess_BLOCK_ALL()
	accessLogs := awss3.NewBucket(this, jsii.String("AccessLogs"), &awss3.BucketProps{
		// S3 delivers access logs to a bucket with SSE-S3 and without Object
		// Lock only.
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		Versioned:         jsii.Bool(true),
		BlockPublicAccess: closed,
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		LifecycleRules:    lifecycle,
		RemovalPolicy:     p.RemovalPolicy,
	})
	this.accessLogs = accessLogs
	bucket := awss3.NewBucket(this, jsii.String("Bucket"), &awss3.BucketProps{
		Encryption:                 awss3.BucketEncryption_KMS,
		EncryptionKey:              p.Key.Key(),
		BucketKeyEnabled:           jsii.Bool(true),
		ObjectLockEnabled:          jsii.Bool(true),
		ObjectLockDefaultRetention: p.ObjectLockDefaultRetention,
		Versioned:                  jsii.Bool(true),
		BlockPublicAccess:          closed,
		ObjectOwnership:            awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		LifecycleRules:             lifecycle,
		RemovalPolicy:              p.RemovalPolicy,
	})
	this.bucket, this.arn = bucket, *bucket.BucketArn()
	logAccess(bucket, accessLogs)
	this.policy = newPolicy(bucket, p.RemovalPolicy, append(
		protectionsOf(this.arn, rules, exempt, p.BreakGlassPrincipalArn),
		protectLock(this.arn, rules, p.BreakGlassPrincipalArn)...))

	logsArn := *accessLogs.BucketArn()
	newPolicy(accessLogs, p.RemovalPolicy, append(
		protectionsOf(logsArn, rules, exempt, p.BreakGlassPrincipalArn),
		this.place.FromSource(&this.arn, policies.Statement{
			Sid: "AllowAccessLogDelivery", Service: "logging.s3.amazonaws.com", Actions: []string{"s3:PutObject"},
			Resources: []*string{jsii.String(logsArn + "/" + accessLogPrefix + "*")},
		})))
	return this
}

// newPolicy gives a bucket its policy in one piece. What the CDK adds to the
// bucket's policy later joins it. The policy stays and goes with the bucket: a
// bucket that outlives its policy refuses the deliveries and is open to deletes.
func newPolicy(bucket awss3.Bucket, removal awscdk.RemovalPolicy, statements []policies.Statement) awsiam.PolicyDocument {
	document := policies.Document(statements...)
	bucket.SetPolicy(awss3.NewBucketPolicy(bucket, jsii.String("Policy"), &awss3.BucketPolicyProps{
		Bucket: bucket, Document: document, RemovalPolicy: removal,
	}))
	return document
}

func (b *auditBucket) Bucket() awss3.IBucket           { return b.bucket }
func (b *auditBucket) AccessLogsBucket() awss3.IBucket { return b.accessLogs }
func (b *auditBucket) Key() AuditKey                   { return b.key }
func (b *auditBucket) ObjectLockDefaultRetention() awss3.ObjectLockRetention {
	return b.retention
}

func (b *auditBucket) AllowBedrockDelivery(keyPrefix *string) {
	prefix := ""
	if keyPrefix != nil && *keyPrefix != "" {
		if strings.HasPrefix(*keyPrefix, "/") || strings.HasSuffix(*keyPrefix, "/") {
			// The slash that follows it is not part of it, and another one would
			// open a folder to which nobody delivers.
			misuse.Panicf(pkg, "AuditBucket.AllowBedrockDelivery takes a keyPrefix that neither begins nor ends with /, got %q; give %q, as in the logging configuration", *keyPrefix, strings.Trim(*keyPrefix, "/"))
		}
		prefix = *keyPrefix + "/"
	}
	if b.key != nil {
		b.key.AllowBedrock()
	}
	objects := b.arn + "/" + prefix + "AWSLogs/" + b.place.Account + "/BedrockModelInvocationLogs/*"
	// The prefix and the source are those of the Bedrock user guide, "Set up
	// an Amazon S3 destination".
	b.allow("AllowBedrockLogDelivery", prefix, "bedrock.amazonaws.com", b.place.Arn("bedrock", "*"),
		[]string{"s3:PutObject"}, objects, nil)
}

func (b *auditBucket) AllowCloudTrailDelivery(trailName *string) {
	misuse.RequireText(pkg, "AuditBucket.AllowCloudTrailDelivery", "trailName", trailName)
	name := *trailName
	if b.key != nil {
		b.key.AllowCloudTrail(trailName)
	}
	trail := b.place.Arn("cloudtrail", "trail/"+name)
	b.allow("AllowCloudTrailAclCheck", name, "cloudtrail.amazonaws.com", trail,
		[]string{"s3:GetBucketAcl"}, b.arn, nil)
	b.allow("AllowCloudTrailDelivery", name, "cloudtrail.amazonaws.com", trail,
		[]string{"s3:PutObject"}, b.arn+"/AWSLogs/"+b.place.Account+"/*",
		map[string]map[string]any{"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}})
}

func (b *auditBucket) allow(sid, name, service string, sourceArn *string, actions []string, resource string, conditions map[string]map[string]any) {
	unique, isNew := b.sids.of(sid, name)
	if !isNew {
		return
	}
	s := policies.Statement{Sid: unique, Service: service, Actions: actions, Resources: []*string{&resource}, Conditions: conditions}
	statement := b.place.FromSource(sourceArn, s).Build()
	if b.policy != nil {
		b.policy.AddStatements(statement)
		return
	}
	result := b.bucket.AddToResourcePolicy(statement)
	if !*result.StatementAdded {
		misuse.Warn(b, "AuditBucket.existingBucketPolicy."+s.Sid,
			"The policy of the existing bucket cannot be extended from this stack. Its owner has to add this statement, or the service is refused:\n"+policies.Text(b, statement))
	}
}

func (b *auditBucket) DeliveryReady() constructs.IDependable {
	if policy := b.bucket.Policy(); policy != nil {
		return policy
	}
	return b
}

func (b *auditBucket) GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant {
	grant := b.bucket.GrantRead(grantee, nil)
	if b.key != nil && b.bucket.EncryptionKey() == nil {
		grant = grant.Combine(b.key.GrantDecrypt(grantee))
	}
	return grant
}

// accessLogPrefix keeps the access logs apart from anything that may join them.
const accessLogPrefix = "access/"

// logAccess turns server access logging on. The L2's own prop writes a bucket
// ACL unless the app sets a feature flag, and with ACLs disabled that fails.
func logAccess(bucket, logs awss3.Bucket) {
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
		DestinationBucketName: logs.BucketName(),
		LogFilePrefix:         jsii.String(accessLogPrefix),
	})
}

// protectionsOf are the refusals that a bucket with evidence has.
func protectionsOf(bucketArn string, rules lockRules, exempt []*string, breakGlass *string) []policies.Statement {
	statements := append(protectTransport(bucketArn), protectConfiguration(bucketArn, exempt), protectAuthenticity(bucketArn, breakGlass))
	if !rules.destroy {
		statements = append(statements, protectObjects(bucketArn, breakGlass))
	}
	return statements
}

// protectTransport refuses plain HTTP and TLS before 1.2.
func protectTransport(bucketArn string) []policies.Statement {
	everything := []*string{&bucketArn, jsii.String(bucketArn + "/*")}
	return []policies.Statement{
		{
			Sid: "DenyPlainHttp", Deny: true, Service: "*", Actions: []string{"s3:*"}, Resources: everything,
			Conditions: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
		},
		{
			Sid: "DenyOldTls", Deny: true, Service: "*", Actions: []string{"s3:*"}, Resources: everything,
			Conditions: map[string]map[string]any{"NumericLessThan": {"s3:TlsVersion": "1.2"}},
		},
	}
}

// protectConfiguration refuses to weaken the bucket itself.
func protectConfiguration(bucketArn string, exempt []*string) policies.Statement {
	return policies.Statement{
		Sid: "DenyWeakeningTheBucket", Deny: true, Service: "*",
		Actions: []string{
			"s3:DeleteBucket",
			"s3:DeleteBucketPolicy",
			"s3:PutBucketAcl",
			"s3:PutBucketLogging",
			"s3:PutBucketObjectLockConfiguration",
			"s3:PutBucketOwnershipControls",
			"s3:PutBucketPolicy",
			"s3:PutBucketPublicAccessBlock",
			"s3:PutBucketVersioning",
			"s3:PutEncryptionConfiguration",
			"s3:PutLifecycleConfiguration",
			"s3:PutReplicationConfiguration",
		},
		Resources:  []*string{&bucketArn},
		Conditions: map[string]map[string]any{"ArnNotLike": {"aws:PrincipalArn": exempt}},
	}
}

// protectAuthenticity leaves writing to the AWS services that deliver: whoever
// else may write could forge a record, or lay a newer version over one.
func protectAuthenticity(bucketArn string, breakGlass *string) policies.Statement {
	conditions := exceptFor(breakGlass)
	// A service that writes with the permissions of its caller, as Athena does
	// with the results of a query, counts as the caller.
	conditions["Bool"] = map[string]any{"aws:PrincipalIsAWSService": "false"}
	return policies.Statement{
		Sid: "DenyForgedEvidence", Deny: true, Service: "*",
		Actions:    []string{"s3:PutObject", "s3:ReplicateObject"},
		Resources:  []*string{jsii.String(bucketArn + "/*")},
		Conditions: conditions,
	}
}

// protectObjects refuses deletes. A plain DELETE of a locked object succeeds
// otherwise: it adds a delete marker, which hides the object from readers. So
// does the replication of a delete marker from another bucket. An object that is
// encrypted anew goes with whoever may delete its new key.
func protectObjects(bucketArn string, breakGlass *string) policies.Statement {
	return policies.Statement{
		Sid: "DenyDeletingEvidence", Deny: true, Service: "*",
		Actions:    []string{"s3:DeleteObject*", "s3:BypassGovernanceRetention", "s3:ReplicateDelete", "s3:UpdateObjectEncryption"},
		Resources:  []*string{jsii.String(bucketArn + "/*")},
		Conditions: exceptFor(breakGlass),
	}
}

// protectLock are the refusals that only a bucket with Object Lock has.
func protectLock(bucketArn string, rules lockRules, breakGlass *string) []policies.Statement {
	statements := []policies.Statement{protectRetention(bucketArn, rules.lockDays, breakGlass)}
	if !rules.destroy {
		statements = append(statements, protectLegalHold(bucketArn, breakGlass))
	}
	return statements
}

// protectRetention refuses a shorter lock than the bucket's default, which a
// writer could otherwise ask for on its own new object.
func protectRetention(bucketArn string, days float64, breakGlass *string) policies.Statement {
	conditions := exceptFor(breakGlass)
	conditions["NumericLessThan"] = map[string]any{"s3:object-lock-remaining-retention-days": fmt.Sprint(days)}
	return policies.Statement{
		Sid: "DenyShorterRetention", Deny: true, Service: "*",
		Actions:    []string{"s3:PutObject", "s3:PutObjectRetention"},
		Resources:  []*string{jsii.String(bucketArn + "/*")},
		Conditions: conditions,
	}
}

// protectLegalHold refuses to lift a legal hold, which keeps an object beyond
// its retention. Placing one is left to IAM. The key and its values, ON and OFF,
// are those of the Service Authorization Reference for Amazon S3.
func protectLegalHold(bucketArn string, breakGlass *string) policies.Statement {
	conditions := exceptFor(breakGlass)
	conditions["StringEquals"] = map[string]any{"s3:object-lock-legal-hold": "OFF"}
	return policies.Statement{
		Sid: "DenyLiftingLegalHolds", Deny: true, Service: "*",
		Actions:    []string{"s3:PutObjectLegalHold"},
		Resources:  []*string{jsii.String(bucketArn + "/*")},
		Conditions: conditions,
	}
}

func exceptFor(breakGlass *string) map[string]map[string]any {
	conditions := map[string]map[string]any{}
	if breakGlass != nil {
		conditions["ArnNotLike"] = map[string]any{"aws:PrincipalArn": breakGlass}
	}
	return conditions
}

// lockRules are the plain values that decide about lock and lifecycle.
type lockRules struct {
	mode                 awss3.ObjectLockMode
	lockDays, expireDays float64
	destroy              bool
}

func (r lockRules) problems() []error {
	var found []error
	add := func(format string, args ...any) { found = append(found, misuse.Errorf(pkg, format, args...)) }
	if r.expireDays <= r.lockDays {
		add("AuditBucketProps.ExpireAfter has to be longer than the lock, got %v days with a lock of %v days; objects cannot expire while they are locked, give %v days or more", r.expireDays, r.lockDays, r.lockDays+1)
	}
	if r.destroy && r.mode == awss3.ObjectLockMode_COMPLIANCE {
		add("AuditBucketProps.RemovalPolicy is DESTROY, but a bucket locked in COMPLIANCE mode cannot be emptied, so it cannot be deleted; use RETAIN, or ObjectLockRetention_Governance for a disposable environment")
	}
	return found
}

// lifecycle moves objects that stay long enough for it to pay off to a class
// that still answers in milliseconds, as queries need, and removes them once
// the lock is over. S3 itself leaves objects under 128 KB where they are.
func (r lockRules) lifecycle() *[]*awss3.LifecycleRule {
	const transitionAfter, minimumStay = 90, 90 // days; S3 bills 90 days of Glacier Instant Retrieval at least
	rule := &awss3.LifecycleRule{
		Id:                                  jsii.String("KeepThenExpire"),
		Expiration:                          awscdk.Duration_Days(jsii.Number(r.expireDays)),
		NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(30)),
		AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)),
	}
	if r.expireDays >= transitionAfter+minimumStay {
		rule.Transitions = &[]*awss3.Transition{{
			StorageClass:    awss3.StorageClass_GLACIER_INSTANT_RETRIEVAL(),
			TransitionAfter: awscdk.Duration_Days(jsii.Number(transitionAfter)),
		}}
	}
	return &[]*awss3.LifecycleRule{rule}
}
