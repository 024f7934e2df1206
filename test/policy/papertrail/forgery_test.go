package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// forging are the ways to write a record that no service delivered.
var forging = []string{"s3:PutObject", "s3:ReplicateObject"}

// throughAService is what is known of a request that a service makes with the
// permissions of whoever called it.
var throughAService = policy.Context{"aws:ViaAWSService": "true"}

// placesOf are objects that a forger would write: where services deliver, and
// where nobody does.
func placesOf(bucket *policy.Resource) []string {
	return []string{
		bucket.Object("AWSLogs/" + account + "/BedrockModelInvocationLogs/" + home + "/2026/01/31/23/record.json.gz"),
		bucket.Object("AWSLogs/" + account + "/CloudTrail/" + home + "/2026/01/31/log.json.gz"),
		bucket.Object("access/2026-01-31-23-59-59-0A1B2C3D"),
		bucket.Object("record.json.gz"),
	}
}

func refuseForging(bucket *policy.Resource, principals ...policy.Principal) {
	for _, object := range placesOf(bucket) {
		for _, principal := range principals {
			bucket.Expect(policy.Deny, each(principal, object, nil, forging...)...)
		}
	}
}

// allowDeliveries states that the services deliver to all buckets of a Region
// with a trail.
func allowDeliveries(w *policy.World, env, region string) {
	prompts, events := w.Bucket(storage(env, region), "InvocationBucket"), w.Bucket(storage(env, region), "TrailBucket")
	prompts.Expect(policy.Allow, bedrockDelivery(prompts, region))
	events.Expect(policy.Allow, cloudTrailDelivery(events, w.ARN(capture(env, region), "ActivityTrail")))
	for name, bucket := range map[string]*policy.Resource{"InvocationBucket": prompts, "TrailBucket": events} {
		logs := w.Bucket(storage(env, region), name+"AccessLogs")
		logs.Expect(policy.Allow, accessLogDelivery(logs, bucket))
	}
}

func TestOnlyServicesWriteEvidence(t *testing.T) {
	w := load(t, "kept")
	allowDeliveries(w, "kept", home)
	for _, bucket := range evidence(w, "kept") {
		refuseForging(bucket, append(breakGlassLookalikes(), admin, powerUser, root,
			policy.DeployRole(account, home), policy.DeployRole(account, additional),
			policy.Role(account, "BreakGlass"), policy.Anonymous())...)
	}
	w.Run()
}

func TestBreakGlassMayWrite(t *testing.T) {
	w := load(t, "kept")
	for _, bucket := range evidence(w, "kept") {
		for _, object := range placesOf(bucket) {
			bucket.Expect(policy.Allow, each(breakGlass, object, nil, forging...)...)
			bucket.Expect(policy.Deny, each(breakGlass, object, plainHTTP, forging...)...)
		}
	}
	w.Run()
}

// Athena, for one, writes the results of a query with the permissions of whoever
// asked, to a bucket of the asker's choice.
func TestAServiceWritesForNoCaller(t *testing.T) {
	w := load(t, "kept")
	for _, bucket := range evidence(w, "kept") {
		object := bucket.Object("AWSLogs/record.json.gz")
		for _, principal := range []policy.Principal{admin, powerUser, root, policy.DeployRole(account, home), policy.Role(account, "Nobody"), policy.Administrator(stranger, "Admin"), policy.Anonymous()} {
			bucket.Expect(policy.Deny, each(principal, object, throughAService, forging...)...)
		}
	}
	w.Run()
}

func TestWithoutBreakGlassOnlyServicesWriteEvidence(t *testing.T) {
	w := load(t, "sealed")
	prompts := w.Bucket(storage("sealed", sealed), "InvocationBucket")
	prompts.Expect(policy.Allow, bedrockDelivery(prompts, sealed))
	for _, bucket := range evidence(w, "sealed") {
		refuseForging(bucket, admin, powerUser, root, breakGlass, policy.DeployRole(account, sealed))
	}
	w.Run()
}

func TestOnlyServicesWriteDisposableEvidence(t *testing.T) {
	w := load(t, "disposable")
	allowDeliveries(w, "disposable", home)
	for _, bucket := range evidence(w, "disposable") {
		refuseForging(bucket, admin, powerUser, root, breakGlass, policy.DeployRole(account, home))
	}
	w.Run()
}
