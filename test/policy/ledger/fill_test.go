package ledger_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func TestTheFillReadsRecordsAndWritesTheLedger(t *testing.T) {
	w := load(t)
	fill := w.Role(stack, "LedgerFillRole").Principal()
	w.Expect(stack, policy.Allow, each(fill, w.fill, nil, "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution")...)
	w.prompts.Expect(policy.Allow, each(fill, w.prompts.Object(prefix+"1.json.gz"), nil, readingObjects...)...)
	w.prompts.Expect(policy.Allow, each(fill, "", nil, "s3:ListBucket", "s3:GetBucketLocation")...)
	w.promptKey.Expect(policy.Allow, each(fill, "", viaS3, "kms:Decrypt")...)
	w.calls.Expect(policy.Allow, each(fill, w.calls.Object("trail/calls/data/1.parquet"), nil, "s3:GetObject", "s3:PutObject", "s3:DeleteObject")...)
	w.calls.Expect(policy.Allow, each(fill, w.calls.Object("trail/unreadable/data/1.parquet"), nil, "s3:GetObject", "s3:PutObject", "s3:DeleteObject")...)
	w.Expect(stack, policy.Allow, each(fill, w.machine, nil, "states:ListExecutions")...)
	w.results.Expect(policy.Allow, each(fill, w.results.Object("fill/1.csv"), nil, "s3:GetObject", "s3:PutObject")...)
	w.callKey.Expect(policy.Allow, each(fill, "", viaS3, "kms:Decrypt", "kms:GenerateDataKey")...)
	for _, name := range []string{"calls", "rates", "model_aliases", "unreadable", "records", "calls_with_events"} {
		w.Expect(stack, policy.Allow, each(fill, table(name), nil, "glue:GetTable", "glue:CreateTable", "glue:UpdateTable")...)
	}
	for _, name := range []string{"invocations", "events"} {
		w.Expect(stack, policy.Allow, each(fill, table(name), nil, "glue:GetTable", "glue:GetPartitions")...)
	}
	w.Expect(stack, policy.Allow, each(fill, "*", policy.Context{"cloudwatch:namespace": "PaperTrail"}, "cloudwatch:PutMetricData")...)
	w.Expect(stack, policy.Allow, each(fill, "*", nil, "logs:CreateLogDelivery", "xray:PutTraceSegments")...)
	w.Run()
}

func TestTheFillDoesNothingElse(t *testing.T) {
	w := load(t)
	fill := w.Role(stack, "LedgerFillRole").Principal()
	for _, group := range []string{w.audit, w.read, arn("athena", "workgroup/primary")} {
		w.Expect(stack, policy.Deny, each(fill, group, nil, querying...)...)
	}
	w.Expect(stack, policy.Deny, each(fill, w.fill, nil, changingGroups...)...)
	w.prompts.Expect(policy.Deny, each(fill, w.prompts.Object(prefix+"1.json.gz"), nil, writingObjects...)...)
	for _, elsewhere := range []string{"1.json.gz", "prompts/AWSLogs/" + account + "/BedrockModelInvocationLogs/eu-north-1/1.json.gz", "prompts/AWSLogs/444455556666/BedrockModelInvocationLogs/" + region + "/1.json.gz"} {
		w.prompts.Expect(policy.Deny, each(fill, w.prompts.Object(elsewhere), nil, readingObjects...)...)
	}
	w.trail.Expect(policy.Deny, each(fill, w.trail.Object("AWSLogs/1.json.gz"), nil, readingObjects...)...)
	w.trail.Expect(policy.Deny, each(fill, "", nil, "s3:ListBucket")...)
	w.promptKey.Expect(policy.Deny, each(fill, "", viaS3, "kms:GenerateDataKey", "kms:Encrypt")...)
	w.promptKey.Expect(policy.Deny, each(fill, "", viaLogs, "kms:Decrypt")...)
	w.eventKey.Expect(policy.Deny, each(fill, "", viaS3, "kms:Decrypt")...)
	for _, folder := range []string{"audit/", "ledger/"} {
		w.results.Expect(policy.Deny, each(fill, w.results.Object(folder+"1.csv"), nil, "s3:GetObject", "s3:PutObject")...)
	}
	w.calls.Expect(policy.Deny, each(fill, w.calls.Object("trail/elsewhere/1.parquet"), nil, append(readingObjects, writingObjects...)...)...)
	w.calls.Expect(policy.Deny, each(fill, w.calls.Object("trail/calls/data/1.parquet"), nil, "s3:DeleteObjectVersion")...)
	for _, name := range []string{"invocations", "events"} {
		w.Expect(stack, policy.Deny, each(fill, table(name), nil, defining...)...)
	}
	w.Expect(stack, policy.Deny, each(fill, table("calls"), nil, "glue:DeleteTable")...)
	w.Expect(stack, policy.Deny, each(fill, "*", policy.Context{"cloudwatch:namespace": "AWS/Bedrock"}, "cloudwatch:PutMetricData")...)
	w.Expect(stack, policy.Deny, each(fill, logGroup, nil, append(readingRecords, "logs:Unmask")...)...)
	w.Run()
}

func TestTheFillRoleIsThatOfOneStateMachine(t *testing.T) {
	w := load(t)
	role := w.Role(stack, "LedgerFillRole")
	assume := func(service, source, of string) policy.Case {
		return policy.Case{
			Name: service + " for " + source, Principal: policy.Service(service), Action: "sts:AssumeRole",
			Context: policy.Context{"aws:SourceAccount": of, "aws:SourceArn": source},
		}
	}
	role.Expect(policy.Allow, assume("states.amazonaws.com", w.machine, account))
	role.Expect(policy.Deny,
		assume("states.amazonaws.com", arn("states", "stateMachine:other"), account),
		assume("states.amazonaws.com", w.machine, "444455556666"),
		assume("scheduler.amazonaws.com", w.machine, account),
		policy.Case{Principal: policy.Service("states.amazonaws.com"), Action: "sts:AssumeRole"},
		policy.Case{Principal: policy.Service("athena.amazonaws.com"), Action: "sts:AssumeRole"},
	)
	group := arn("scheduler", "schedule-group/trail-fill")
	schedule := w.Role(stack, "LedgerScheduleRole")
	schedule.Expect(policy.Allow, assume("scheduler.amazonaws.com", group, account))
	schedule.Expect(policy.Deny,
		assume("scheduler.amazonaws.com", arn("scheduler", "schedule-group/default"), account),
		assume("states.amazonaws.com", group, account),
	)
	starter := schedule.Principal()
	w.Expect(stack, policy.Allow, each(starter, w.machine, nil, "states:StartExecution")...)
	w.Expect(stack, policy.Deny, each(starter, arn("states", "stateMachine:other"), nil, "states:StartExecution")...)
	w.Expect(stack, policy.Deny, each(starter, w.machine, nil, changingMachine...)...)
	w.Run()
}

func TestTheBucketsAreClosed(t *testing.T) {
	w := load(t)
	admin := policy.Admin(account)
	for _, bucket := range []*policy.Resource{w.calls, w.results} {
		object := bucket.Object("trail/calls/data/1.parquet")
		bucket.Expect(policy.Deny, each(admin, object, plainHTTP, "s3:GetObject", "s3:PutObject")...)
		bucket.Expect(policy.Deny, each(admin, object, policy.Context{"s3:TlsVersion": "1.1"}, readingObjects...)...)
		bucket.Expect(policy.Deny, each(policy.Anonymous(), object, nil, readingObjects...)...)
		bucket.Expect(policy.Deny, each(policy.Admin("444455556666"), object, nil, readingObjects...)...)
	}
	logs := w.Bucket(stack, "LedgerAccessLogs")
	deliver := func(bucket *policy.Resource, key string) policy.Case {
		return policy.Case{
			Name: key + " of " + bucket.ARN(), Principal: policy.Service("logging.s3.amazonaws.com"), Action: "s3:PutObject", Resource: logs.Object(key),
			Context: policy.Context{"aws:SourceAccount": account, "aws:SourceArn": bucket.ARN()},
		}
	}
	logs.Expect(policy.Allow, deliver(w.calls, "ledger/1"), deliver(w.results, "results/1"))
	logs.Expect(policy.Deny, deliver(w.prompts, "ledger/1"), deliver(w.calls, "other/1"))
	w.Run()
}
