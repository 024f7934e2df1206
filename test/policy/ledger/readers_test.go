package ledger_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func TestAReaderOfTheLedgerQueriesIt(t *testing.T) {
	w := load(t)
	finance := w.Role(stack, "Finance").Principal()
	w.Expect(stack, policy.Allow, each(finance, w.read, nil, querying...)...)
	for _, name := range []string{"calls", "rates", "model_aliases", "unreadable"} {
		w.Expect(stack, policy.Allow, each(finance, table(name), nil, "glue:GetTable")...)
	}
	w.Expect(stack, policy.Allow, each(finance, arn("glue", "database/trail"), nil, "glue:GetDatabase")...)
	w.Expect(stack, policy.Allow, each(finance, "*", nil, "athena:ListWorkGroups", "athena:ListDataCatalogs")...)
	w.calls.Expect(policy.Allow, each(finance, w.calls.Object("trail/calls/data/1.parquet"), nil, readingObjects...)...)
	w.calls.Expect(policy.Allow, each(finance, w.calls.Object("trail/unreadable/data/1.parquet"), nil, readingObjects...)...)
	w.calls.Expect(policy.Allow, each(finance, "", nil, "s3:ListBucket", "s3:GetBucketLocation")...)
	w.results.Expect(policy.Allow, each(finance, w.results.Object("ledger/1.csv"), nil, "s3:GetObject", "s3:PutObject")...)
	w.callKey.Expect(policy.Allow, each(finance, "", viaS3, "kms:Decrypt", "kms:GenerateDataKey")...)
	w.Run()
}

// Each of the ways to a prompt is closed by itself.
func TestAReaderOfTheLedgerReadsNoPrompt(t *testing.T) {
	w := load(t)
	finance := w.Role(stack, "Finance").Principal()

	// The records themselves, and their key.
	w.prompts.Expect(policy.Deny, each(finance, w.prompts.Object(prefix+"1.json.gz"), nil, "s3:GetObject", "s3:GetObjectVersion")...)
	w.prompts.Expect(policy.Deny, each(finance, w.prompts.Object(prefix+"data/1_input.json.gz"), nil, readingObjects...)...)
	w.prompts.Expect(policy.Deny, each(finance, "", nil, "s3:ListBucket")...)
	for _, context := range []policy.Context{nil, viaS3, viaLogs} {
		w.promptKey.Expect(policy.Deny, each(finance, "", context, "kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant")...)
		w.eventKey.Expect(policy.Deny, each(finance, "", context, "kms:Decrypt")...)
	}
	// The tables of the records, should their files ever be open.
	for _, name := range []string{"invocations", "records", "events", "calls_with_events"} {
		w.Expect(stack, policy.Deny, each(finance, table(name), nil, "glue:GetTable", "glue:GetPartitions")...)
	}
	w.trail.Expect(policy.Deny, each(finance, w.trail.Object("AWSLogs/1.json.gz"), nil, readingObjects...)...)
	// The groups of others: no query there, and no answer of theirs.
	for _, group := range []string{w.audit, w.fill, arn("athena", "workgroup/primary")} {
		w.Expect(stack, policy.Deny, each(finance, group, nil, append(querying, changingGroups...)...)...)
	}
	for _, folder := range []string{"audit/", "fill/", ""} {
		w.results.Expect(policy.Deny, each(finance, w.results.Object(folder+"1.csv"), nil, "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")...)
	}
	// The group of its own cannot be turned into another one.
	w.Expect(stack, policy.Deny, each(finance, w.read, nil, changingGroups...)...)
	// The log group.
	w.Expect(stack, policy.Deny, each(finance, logGroup, nil, append(readingRecords, "logs:Unmask")...)...)
	// The role that reads records.
	w.Expect(stack, policy.Deny, each(finance, w.machine, nil, append(changingMachine, "states:StartExecution", "states:DescribeStateMachine")...)...)
	w.Expect(stack, policy.Deny, each(finance, execution, nil, "states:GetExecutionHistory")...)
	w.Role(stack, "LedgerFillRole").Expect(policy.Deny, each(finance, "", nil, "sts:AssumeRole", "iam:PassRole")...)
	w.Run()
}

func TestAReaderOfTheLedgerChangesNothing(t *testing.T) {
	w := load(t)
	finance := w.Role(stack, "Finance").Principal()
	w.calls.Expect(policy.Deny, each(finance, w.calls.Object("trail/calls/data/1.parquet"), nil, writingObjects...)...)
	w.results.Expect(policy.Deny, each(finance, w.results.Object("ledger/1.csv"), nil, "s3:DeleteObject", "s3:DeleteObjectVersion")...)
	w.calls.Expect(policy.Deny, each(finance, w.calls.Object("trail/calls/data/1.parquet"), plainHTTP, readingObjects...)...)
	for _, name := range []string{"calls", "rates", "invocations"} {
		w.Expect(stack, policy.Deny, each(finance, table(name), nil, defining...)...)
	}
	// The key is for S3 only.
	for _, context := range []policy.Context{nil, viaLogs} {
		w.callKey.Expect(policy.Deny, each(finance, "", context, "kms:Decrypt", "kms:GenerateDataKey")...)
	}
	w.callKey.Expect(policy.Deny, each(finance, "", viaS3, "kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy")...)
	w.Run()
}

func TestAnAuditorReadsEverything(t *testing.T) {
	w := load(t)
	auditor := w.Role(stack, "Auditor").Principal()
	w.Expect(stack, policy.Allow, each(auditor, w.audit, nil, querying...)...)
	for _, name := range []string{"calls", "rates", "model_aliases", "unreadable", "invocations", "records", "events", "calls_with_events"} {
		w.Expect(stack, policy.Allow, each(auditor, table(name), nil, "glue:GetTable")...)
	}
	w.prompts.Expect(policy.Allow, each(auditor, w.prompts.Object(prefix+"1.json.gz"), nil, "s3:GetObject", "s3:GetObjectVersion")...)
	w.prompts.Expect(policy.Allow, each(auditor, "", nil, "s3:ListBucket")...)
	w.trail.Expect(policy.Allow, each(auditor, w.trail.Object("AWSLogs/1.json.gz"), nil, readingObjects...)...)
	w.calls.Expect(policy.Allow, each(auditor, w.calls.Object("trail/calls/data/1.parquet"), nil, readingObjects...)...)
	w.results.Expect(policy.Allow, each(auditor, w.results.Object("audit/1.csv"), nil, "s3:GetObject", "s3:PutObject")...)
	for _, key := range []*policy.Resource{w.promptKey, w.eventKey, w.callKey} {
		key.Expect(policy.Allow, each(auditor, "", viaS3, "kms:Decrypt")...)
	}
	w.promptKey.Expect(policy.Allow, each(auditor, "", viaS3, "kms:GenerateDataKey")...)
	w.promptKey.Expect(policy.Allow, each(auditor, "", viaLogs, "kms:Decrypt")...)
	w.Expect(stack, policy.Allow, each(auditor, logGroup, nil, append(readingRecords, "logs:Unmask")...)...)
	w.Run()
}

// What an auditor's query answers must not end where the ledger's readers look.
func TestAnAuditorLeavesNoPromptToOthersAndChangesNothing(t *testing.T) {
	w := load(t)
	auditor := w.Role(stack, "Auditor").Principal()
	for _, group := range []string{w.read, w.fill, arn("athena", "workgroup/primary")} {
		w.Expect(stack, policy.Deny, each(auditor, group, nil, append(querying, changingGroups...)...)...)
	}
	w.Expect(stack, policy.Deny, each(auditor, w.audit, nil, changingGroups...)...)
	for _, folder := range []string{"ledger/", "fill/"} {
		w.results.Expect(policy.Deny, each(auditor, w.results.Object(folder+"1.csv"), nil, "s3:GetObject", "s3:PutObject")...)
	}
	w.callKey.Expect(policy.Deny, each(auditor, "", viaS3, "kms:GenerateDataKey")...)
	w.prompts.Expect(policy.Deny, each(auditor, w.prompts.Object(prefix+"1.json.gz"), nil, writingObjects...)...)
	w.calls.Expect(policy.Deny, each(auditor, w.calls.Object("trail/calls/data/1.parquet"), nil, writingObjects...)...)
	w.Expect(stack, policy.Deny, each(auditor, table("calls"), nil, defining...)...)
	w.Expect(stack, policy.Deny, each(auditor, table("records"), nil, defining...)...)
	w.Expect(stack, policy.Deny, each(auditor, w.machine, nil, append(changingMachine, "states:StartExecution")...)...)
	w.Run()
}

func TestAnOperatorStartsFillsAndReadsNoData(t *testing.T) {
	w := load(t)
	operator := w.Role(stack, "Operator").Principal()
	w.Expect(stack, policy.Allow, each(operator, w.machine, nil, "states:StartExecution", "states:ListExecutions", "states:DescribeStateMachine")...)
	w.Expect(stack, policy.Allow, each(operator, execution, nil, "states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution")...)
	w.Expect(stack, policy.Deny, each(operator, execution, nil, "states:RedriveExecution")...)

	w.Expect(stack, policy.Deny, each(operator, arn("states", "stateMachine:other"), nil, "states:StartExecution")...)
	w.Expect(stack, policy.Deny, each(operator, arn("states", "execution:other:one"), nil, "states:StopExecution")...)
	w.Expect(stack, policy.Deny, each(operator, w.machine, nil, changingMachine...)...)
	for _, group := range []string{w.audit, w.read, w.fill} {
		w.Expect(stack, policy.Deny, each(operator, group, nil, append(querying, changingGroups...)...)...)
	}
	for _, folder := range []string{"audit/", "fill/", "ledger/"} {
		w.results.Expect(policy.Deny, each(operator, w.results.Object(folder+"1.csv"), nil, readingObjects...)...)
	}
	w.calls.Expect(policy.Deny, each(operator, w.calls.Object("trail/calls/data/1.parquet"), nil, append(readingObjects, writingObjects...)...)...)
	w.prompts.Expect(policy.Deny, each(operator, w.prompts.Object(prefix+"1.json.gz"), nil, readingObjects...)...)
	for _, key := range []*policy.Resource{w.promptKey, w.callKey} {
		key.Expect(policy.Deny, each(operator, "", viaS3, "kms:Decrypt")...)
	}
	w.Role(stack, "LedgerFillRole").Expect(policy.Deny, each(operator, "", nil, "iam:PassRole", "sts:AssumeRole")...)
	w.Run()
}
