package papertrail_test

import (
	"slices"
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// weakening are the ways to change a bucket so that it keeps less, or keeps it
// less well. The last two are those that no policy refuses to the root user.
var weakening = []string{
	"s3:DeleteBucket",
	"s3:PutBucketAcl",
	"s3:PutBucketLogging",
	"s3:PutBucketObjectLockConfiguration",
	"s3:PutBucketOwnershipControls",
	"s3:PutBucketPublicAccessBlock",
	"s3:PutBucketVersioning",
	"s3:PutEncryptionConfiguration",
	"s3:PutLifecycleConfiguration",
	"s3:PutReplicationConfiguration",
	"s3:DeleteBucketPolicy",
	"s3:PutBucketPolicy",
}

// deleting are the ways to remove an object or to hide it from readers.
var deleting = []string{
	"s3:DeleteObject",
	"s3:DeleteObjectVersion",
	"s3:BypassGovernanceRetention",
	"s3:UpdateObjectEncryption",
	"s3:ReplicateDelete",
}

// The buckets of an environment with a trail, in its home Region. Those that are
// locked come first.
var buckets = []string{"InvocationBucket", "TrailBucket", "InvocationBucketAccessLogs", "TrailBucketAccessLogs"}

func locked(name string) bool { return slices.Index(buckets, name) < 2 }

func retention(days string) policy.Context {
	return policy.Context{"s3:object-lock-remaining-retention-days": days}
}

func legalHold(status string) policy.Context {
	return policy.Context{"s3:object-lock-legal-hold": status}
}

// refuseDestruction states that principals can neither weaken the bucket nor
// delete from it.
func refuseDestruction(bucket *policy.Resource, principals ...policy.Principal) {
	object := bucket.Object("AWSLogs/record.json.gz")
	for _, principal := range principals {
		bucket.Expect(policy.Deny, each(principal, object, nil, deleting...)...)
		if principal.String() != root.String() {
			bucket.Expect(policy.Deny, each(principal, "", nil, weakening...)...)
			continue
		}
		bucket.Expect(policy.Deny, each(principal, "", nil, weakening[:len(weakening)-2]...)...)
		bucket.Expect(policy.Allow, each(principal, "", nil, weakening[len(weakening)-2:]...)...)
	}
}

func TestNobodyWithoutBreakGlassTouchesTheEvidence(t *testing.T) {
	w := load(t, "kept")
	for _, bucket := range evidence(w, "kept") {
		refuseDestruction(bucket, append(breakGlassLookalikes(), admin, powerUser, root,
			policy.DeployRole(stranger, home), policy.DeployRole(account, "ap-southeast-2"))...)
		refuseDestruction(bucket, policy.Role(account, "BreakGlass"))
	}
	w.Run()
}

// Only services write, so only they could ask for a short lock on a new object.
func TestAServiceDoesNotDeliverUnderAShortLock(t *testing.T) {
	for _, env := range []string{"kept", "disposable"} {
		w := load(t, env)
		bucket := w.Bucket(storage(env, home), "InvocationBucket")
		delivery := bedrockDelivery(bucket, home)
		bucket.Expect(policy.Allow, delivery, but("under a long lock", delivery, retention("3653")))
		bucket.Expect(policy.Deny, but("under a short lock", delivery, retention("0")))
		w.Run()
	}
}

func TestALockIsExtendedButNotShortened(t *testing.T) {
	w := load(t, "kept")
	for _, name := range buckets[:2] {
		bucket := w.Bucket(storage("kept", home), name)
		object := bucket.Object("AWSLogs/record.json.gz")
		everybody := append(breakGlassLookalikes(), admin, powerUser, root, policy.DeployRole(account, home))
		for _, principal := range everybody {
			for _, days := range []string{"2556", "1"} {
				bucket.Expect(policy.Deny, each(principal, object, retention(days), "s3:PutObjectRetention")...)
			}
		}
		bucket.Expect(policy.Allow, each(admin, object, retention("3653"), "s3:PutObjectRetention")...)
		bucket.Expect(policy.Allow, each(breakGlass, object, retention("1"), "s3:PutObjectRetention")...)
	}
	w.Run()
}

func TestALegalHoldIsPlacedButNotLifted(t *testing.T) {
	w := load(t, "kept")
	for _, name := range buckets[:2] {
		bucket := w.Bucket(storage("kept", home), name)
		object := bucket.Object("AWSLogs/record.json.gz")
		everybody := append(breakGlassLookalikes(), admin, powerUser, root, policy.DeployRole(account, home))
		for _, principal := range everybody {
			bucket.Expect(policy.Deny, each(principal, object, legalHold("OFF"), "s3:PutObjectLegalHold")...)
		}
		for _, principal := range []policy.Principal{admin, powerUser, root, breakGlass} {
			bucket.Expect(policy.Allow, each(principal, object, legalHold("ON"), "s3:PutObjectLegalHold")...)
		}
		bucket.Expect(policy.Deny, each(policy.Role(account, "Nobody"), object, legalHold("ON"), "s3:PutObjectLegalHold")...)
		bucket.Expect(policy.Allow, each(breakGlass, object, legalHold("OFF"), "s3:PutObjectLegalHold")...)
	}
	w.Run()
}

func TestBreakGlassMayDoWhatTheLockAllows(t *testing.T) {
	w := load(t, "kept")
	for _, name := range buckets {
		bucket := w.Bucket(storage("kept", home), name)
		bucket.Expect(policy.Allow, each(breakGlass, bucket.Object("AWSLogs/record.json.gz"), nil, deleting...)...)
		bucket.Expect(policy.Deny, each(breakGlass, bucket.Object("AWSLogs/record.json.gz"), plainHTTP, deleting...)...)
	}
	w.Run()
}

// What CloudFormation calls to create and update what the stack declares of a
// bucket and its policy.
var updating = []string{
	"s3:CreateBucket",
	"s3:DeleteBucketPolicy",
	"s3:GetBucketPolicy",
	"s3:ListBucket",
	"s3:PutBucketLogging",
	"s3:PutBucketObjectLockConfiguration",
	"s3:PutBucketOwnershipControls",
	"s3:PutBucketPolicy",
	"s3:PutBucketPublicAccessBlock",
	"s3:PutBucketTagging",
	"s3:PutBucketVersioning",
	"s3:PutEncryptionConfiguration",
	"s3:PutLifecycleConfiguration",
}

func TestTheDeploymentUpdatesBucketsButDeletesNothingInThem(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		for _, name := range buckets {
			if region == additional && (name == "TrailBucket" || name == "TrailBucketAccessLogs") {
				continue // the trail is at home
			}
			bucket := w.Bucket(storage("kept", region), name)
			deployment := policy.DeployRole(account, region)
			bucket.Expect(policy.Allow, each(deployment, "", nil, updating...)...)
			bucket.Expect(policy.Deny, each(deployment, bucket.Object("AWSLogs/record.json.gz"), nil, deleting...)...)
			bucket.Expect(policy.Deny, each(deployment, "", plainHTTP, updating...)...)
			refuseDestruction(bucket, policy.DeployRole(account, elsewhere))
		}
	}
	w.Run()
}

func TestReadingIsLeftToIAM(t *testing.T) {
	w := load(t, "kept")
	reading := []string{"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"}
	for _, bucket := range w.All("AWS::S3::Bucket") {
		object := bucket.Object("AWSLogs/record.json.gz")
		bucket.Expect(policy.Allow, each(admin, object, nil, reading...)...)
		bucket.Expect(policy.Allow, each(admin, "", nil, "s3:ListBucket", "s3:GetBucketPolicy", "s3:GetBucketObjectLockConfiguration")...)
		bucket.Expect(policy.Deny, each(admin, object, plainHTTP, reading...)...)
		bucket.Expect(policy.Deny, each(admin, object, policy.Context{"s3:TlsVersion": "1.1"}, reading...)...)
		for _, principal := range []policy.Principal{policy.Role(account, "Nobody"), policy.Administrator(stranger, "Admin"), policy.Anonymous()} {
			bucket.Expect(policy.Deny, each(principal, object, nil, reading...)...)
			bucket.Expect(policy.Deny, each(principal, "", nil, "s3:ListBucket")...)
		}
	}
	w.Run()
}

func TestWithoutBreakGlassNobodyDeletesEvidence(t *testing.T) {
	w := load(t, "sealed")
	for _, bucket := range evidence(w, "sealed") {
		refuseDestruction(bucket, admin, powerUser, root, breakGlass, policy.DeployRole(account, home))
		bucket.Expect(policy.Deny, each(policy.DeployRole(account, sealed), bucket.Object("AWSLogs/record.json.gz"), nil, deleting...)...)
		bucket.Expect(policy.Allow, each(policy.DeployRole(account, sealed), "", nil, updating...)...)
	}
	bucket := w.Bucket(storage("sealed", sealed), "InvocationBucket")
	for _, principal := range []policy.Principal{admin, root, breakGlass, policy.DeployRole(account, sealed)} {
		bucket.Expect(policy.Deny, each(principal, bucket.Object("AWSLogs/record.json.gz"), retention("1"), "s3:PutObjectRetention")...)
		bucket.Expect(policy.Deny, each(principal, bucket.Object("AWSLogs/record.json.gz"), legalHold("OFF"), "s3:PutObjectLegalHold")...)
	}
	w.Run()
}

func TestADisposableBucketIsEmptiedByAdministratorsAndDeletedWithItsStack(t *testing.T) {
	w := load(t, "disposable")
	for _, name := range buckets {
		bucket := w.Bucket(storage("disposable", home), name)
		object := bucket.Object("AWSLogs/record.json.gz")
		bucket.Expect(policy.Allow, each(admin, object, nil, "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention")...)
		bucket.Expect(policy.Deny, each(policy.Administrator(stranger, "Admin"), object, nil, deleting...)...)
		bucket.Expect(policy.Deny, each(admin, "", nil, weakening...)...)
		bucket.Expect(policy.Allow, each(policy.DeployRole(account, home), "", nil, append([]string{"s3:DeleteBucket"}, updating...)...)...)
		if locked(name) {
			bucket.Expect(policy.Deny, each(admin, object, retention("0"), "s3:PutObjectRetention")...)
			bucket.Expect(policy.Allow, each(admin, object, legalHold("OFF"), "s3:PutObjectLegalHold")...)
		}
	}
	w.Run()
}
