package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// The deliveries of the services, as they are allowed.

func bedrockDelivery(bucket *policy.Resource, region string) policy.Case {
	return policy.Case{
		Name: "a batch of records", Principal: policy.Service("bedrock.amazonaws.com"), Action: "s3:PutObject",
		Resource: bucket.Object("AWSLogs/" + account + "/BedrockModelInvocationLogs/" + region + "/2026/01/31/23/20260131T235959000Z_0a1b.json.gz"),
		Context:  source("arn:aws:bedrock:" + region + ":" + account + ":*"),
	}
}

func cloudTrailDelivery(bucket *policy.Resource, trail string) policy.Case {
	return but("a log file", policy.Case{
		Principal: policy.Service("cloudtrail.amazonaws.com"), Action: "s3:PutObject",
		Resource: bucket.Object("AWSLogs/" + account + "/CloudTrail/" + additional + "/2026/01/31/log.json.gz"),
		Context:  source(trail),
	}, policy.Context{"s3:x-amz-acl": "bucket-owner-full-control"})
}

func accessLogDelivery(logs, bucket *policy.Resource) policy.Case {
	return policy.Case{
		Name: "an access log", Principal: policy.Service("logging.s3.amazonaws.com"), Action: "s3:PutObject",
		Resource: logs.Object("access/2026-01-31-23-59-59-0A1B2C3D"), Context: source(bucket.ARN()),
	}
}

func TestBedrockDeliversToItsPrefixesOnly(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		bucket := w.Bucket(storage("kept", region), "InvocationBucket")
		const prefix = "AWSLogs/" + account + "/BedrockModelInvocationLogs/"
		record := bedrockDelivery(bucket, region)
		bucket.Expect(policy.Allow,
			record,
			on("a body over 100 KB", record, bucket.Object(prefix+region+"/2026/01/31/23/data/id_input.json.gz")),
			on("a body over 100 KB of a record in CloudWatch Logs", record, bucket.Object("large-data/"+prefix+region+"/2026/01/31/23/data/id_input.json.gz")),
			on("the permission check", record, bucket.Object(prefix+"amazon-bedrock-logs-permission-check")),
			on("the permission check for large data", record, bucket.Object("large-data/"+prefix+"amazon-bedrock-logs-permission-check")),
			but("over TLS 1.2", record, policy.Context{"s3:TlsVersion": "1.2"}),
		)
		bucket.Expect(policy.Deny,
			but("for another account", record, policy.Context{"aws:SourceAccount": stranger, "aws:SourceArn": "arn:aws:bedrock:" + region + ":" + stranger + ":*"}),
			but("another source account", record, policy.Context{"aws:SourceAccount": stranger}),
			but("another account in the source ARN", record, policy.Context{"aws:SourceArn": "arn:aws:bedrock:" + region + ":" + stranger + ":*"}),
			but("another Region", record, policy.Context{"aws:SourceArn": "arn:aws:bedrock:" + elsewhere + ":" + account + ":*"}),
			but("another service in the source ARN", record, policy.Context{"aws:SourceArn": "arn:aws:sagemaker:" + region + ":" + account + ":*"}),
			but("no source account", record, policy.Context{"aws:SourceAccount": policy.Absent}),
			but("no source ARN", record, policy.Context{"aws:SourceArn": policy.Absent}),
			but("plain HTTP", record, plainHTTP),
			but("TLS 1.1", record, policy.Context{"s3:TlsVersion": "1.1"}),
			but("a shorter lock than the default", record, policy.Context{"s3:object-lock-remaining-retention-days": "2556"}),
			on("the root of the bucket", record, bucket.Object("record.json.gz")),
			on("another account's prefix", record, bucket.Object("AWSLogs/"+stranger+"/BedrockModelInvocationLogs/record.json.gz")),
			on("another service's prefix", record, bucket.Object("AWSLogs/"+account+"/CloudTrail/record.json.gz")),
			on("a prefix nobody configured", record, bucket.Object("other/"+prefix+"record.json.gz")),
			by(policy.Service("s3.amazonaws.com"), record),
			by(policy.Service("cloudtrail.amazonaws.com"), record),
			by(policy.Service("logging.s3.amazonaws.com"), record),
			by(policy.Service("delivery.logs.amazonaws.com"), record),
			by(policy.Administrator(stranger, "Admin"), record),
			by(policy.Anonymous(), record),
		)
		bucket.Expect(policy.Deny, each(record.Principal, record.Resource, record.Context,
			"s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl", "s3:PutObjectRetention", "s3:BypassGovernanceRetention")...)
		bucket.Expect(policy.Deny, each(record.Principal, "", record.Context,
			"s3:ListBucket", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:GetBucketAcl")...)

		logs := w.Bucket(storage("kept", region), "InvocationBucketAccessLogs")
		logs.Expect(policy.Deny, on("into the access logs", record, logs.Object(prefix+"record.json.gz")))
	}
	trail := w.Bucket(storage("kept", home), "TrailBucket")
	trail.Expect(policy.Deny, policy.Case{
		Name: "Bedrock into the trail's bucket", Principal: policy.Service("bedrock.amazonaws.com"), Action: "s3:PutObject",
		Resource: trail.Object("AWSLogs/" + account + "/BedrockModelInvocationLogs/record.json.gz"),
		Context:  source("arn:aws:bedrock:" + home + ":" + account + ":*"),
	})
	w.Run()
}

func TestCloudTrailDeliversForTheTrailOnly(t *testing.T) {
	w := load(t, "kept")
	bucket := w.Bucket(storage("kept", home), "TrailBucket")
	trail := w.ARN(capture("kept", home), "ActivityTrail")
	log := cloudTrailDelivery(bucket, trail)
	acl := policy.Case{Principal: log.Principal, Action: "s3:GetBucketAcl", Context: source(trail)}
	bucket.Expect(policy.Allow,
		log,
		on("a digest", log, bucket.Object("AWSLogs/"+account+"/CloudTrail-Digest/"+home+"/2026/01/31/digest.json.gz")),
		on("insights", log, bucket.Object("AWSLogs/"+account+"/CloudTrail-Insight/"+home+"/2026/01/31/insight.json.gz")),
		named("the ACL check", acl),
	)
	wrong := map[string]policy.Context{
		"another trail":          {"aws:SourceArn": trail + "-2"},
		"another account":        {"aws:SourceAccount": stranger},
		"another account's ARN":  {"aws:SourceArn": "arn:aws:cloudtrail:" + home + ":" + stranger + ":trail/paper-trail-kept"},
		"a trail of that Region": {"aws:SourceArn": "arn:aws:cloudtrail:" + additional + ":" + account + ":trail/paper-trail-kept"},
		"no source ARN":          {"aws:SourceArn": policy.Absent},
		"no source account":      {"aws:SourceAccount": policy.Absent},
		"plain HTTP":             plainHTTP,
	}
	for name, change := range wrong {
		bucket.Expect(policy.Deny, but("log file, "+name, log, change), but("ACL check, "+name, acl, change))
	}
	bucket.Expect(policy.Deny,
		but("without an ACL", log, policy.Context{"s3:x-amz-acl": policy.Absent}),
		but("with a public ACL", log, policy.Context{"s3:x-amz-acl": "public-read"}),
		but("a shorter lock than the default", log, policy.Context{"s3:object-lock-remaining-retention-days": "1"}),
		on("another account's prefix", log, bucket.Object("AWSLogs/"+stranger+"/CloudTrail/log.json.gz")),
		on("the root of the bucket", log, bucket.Object("log.json.gz")),
		by(policy.Service("config.amazonaws.com"), log),
		by(policy.Service("bedrock.amazonaws.com"), log),
	)
	bucket.Expect(policy.Deny, each(log.Principal, log.Resource, source(trail), "s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl")...)

	for _, region := range []string{home, additional} {
		prompts := w.Bucket(storage("kept", region), "InvocationBucket")
		prompts.Expect(policy.Deny, on("into the prompts", log, prompts.Object("AWSLogs/"+account+"/CloudTrail/log.json.gz")))
	}
	w.Run()
}

func TestS3DeliversTheAccessLogsOfTheOwnBucketOnly(t *testing.T) {
	w := load(t, "kept")
	for _, name := range []string{"InvocationBucket", "TrailBucket"} {
		bucket := w.Bucket(storage("kept", home), name)
		logs := w.Bucket(storage("kept", home), name+"AccessLogs")
		log := accessLogDelivery(logs, bucket)
		logs.Expect(policy.Allow, log)
		logs.Expect(policy.Deny,
			but("of another bucket", log, policy.Context{"aws:SourceArn": "arn:aws:s3:::somebody-elses-bucket"}),
			but("of the access logs themselves", log, policy.Context{"aws:SourceArn": logs.ARN()}),
			but("another account", log, policy.Context{"aws:SourceAccount": stranger}),
			but("no source account", log, policy.Context{"aws:SourceAccount": policy.Absent}),
			but("no source ARN", log, policy.Context{"aws:SourceArn": policy.Absent}),
			but("plain HTTP", log, plainHTTP),
			on("another prefix", log, logs.Object("2026-01-31-23-59-59-0A1B2C3D")),
			by(policy.Service("s3.amazonaws.com"), log),
		)
		bucket.Expect(policy.Deny, on("into the evidence", log, bucket.Object("access/2026-01-31-23-59-59-0A1B2C3D")))
	}
	w.Run()
}
