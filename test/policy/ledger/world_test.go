package ledger_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

const (
	account = cdktest.Account
	region  = cdktest.Region
	stack   = "calls"
	// prefix is where Amazon Bedrock delivers the records of the Region to.
	prefix = "prompts/AWSLogs/" + account + "/BedrockModelInvocationLogs/" + region + "/2026/05/17/14/"
)

// world is a stack with a ledger and a role for each grant.
type world struct {
	*policy.World
	prompts, trail, calls, results *policy.Resource
	promptKey, eventKey, callKey   *policy.Resource
	audit, read, fill, machine     string // ARNs of work groups and state machine
}

func load(t *testing.T) world {
	t.Helper()
	s := cdktest.NewStack(t)
	key := func(id string) auditstore.AuditKey { return auditstore.NewAuditKey(s, jsii.String(id), nil) }
	bucket := func(id string, key auditstore.AuditKey) auditstore.AuditBucket {
		return auditstore.NewAuditBucket(s, jsii.String(id), &auditstore.AuditBucketProps{Key: key})
	}
	promptKey := key("PromptKey")
	tables := ledger.NewTables(s, jsii.String("Tables"), &ledger.TablesProps{
		Invocations:      bucket("Prompts", promptKey),
		InvocationPrefix: jsii.String("prompts"),
		Trail:            bucket("Trail", key("EventKey")),
		DatabaseName:     jsii.String("trail"),
	})
	calls := ledger.NewLedger(s, jsii.String("Ledger"), &ledger.LedgerProps{
		Tables: tables,
		Key:    key("CallKey"),
		InvocationLogGroup: invocationlog.NewInvocationLogGroup(s, jsii.String("Records"), &invocationlog.InvocationLogGroupProps{
			Key: promptKey,
		}),
	})
	role := func(id string) awsiam.IGrantable {
		return awsiam.NewRole(s, jsii.String(id), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	}
	calls.GrantLedgerRead(role("Finance"))
	calls.GrantAuditRead(role("Auditor"))
	calls.GrantOperate(role("Operator"))

	w := policy.Load(t, policy.Stack{Name: stack, Account: account, Region: region, Template: cdktest.Synth(t, s).Map()})
	group := func(name *string) string { return arn("athena", "workgroup/"+*name) }
	return world{
		World:     w,
		prompts:   w.Bucket(stack, "PromptsBucket"),
		trail:     w.Bucket(stack, "TrailBucket"),
		calls:     w.Bucket(stack, "LedgerBucket"),
		results:   w.Bucket(stack, "LedgerResults"),
		promptKey: w.Key(stack, "PromptKey"),
		eventKey:  w.Key(stack, "EventKey"),
		callKey:   w.Key(stack, "CallKey"),
		audit:     group(calls.AuditWorkGroup()),
		read:      group(calls.LedgerWorkGroup()),
		fill:      group(calls.FillWorkGroup()),
		machine:   arn("states", "stateMachine:trail-fill"),
	}
}

func arn(service, resource string) string {
	return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource
}

func table(name string) string { return arn("glue", "table/trail/"+name) }

// each states the same of several actions.
func each(principal policy.Principal, resource string, context policy.Context, actions ...string) []policy.Case {
	cases := make([]policy.Case, len(actions))
	for i, action := range actions {
		cases[i] = policy.Case{Name: principal.String() + " " + action + " " + resource, Principal: principal, Action: action, Resource: resource, Context: context}
	}
	return cases
}

var (
	viaS3     = policy.Context{"kms:ViaService": "s3." + region + ".amazonaws.com"}
	viaLogs   = policy.Context{"kms:ViaService": "logs." + region + ".amazonaws.com"}
	plainHTTP = policy.Context{"aws:SecureTransport": "false"}
)

var (
	querying = []string{
		"athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution",
		"athena:ListQueryExecutions", "athena:GetWorkGroup", "athena:GetNamedQuery", "athena:ListNamedQueries",
	}
	changingGroups  = []string{"athena:UpdateWorkGroup", "athena:DeleteWorkGroup", "athena:CreateNamedQuery", "athena:DeleteNamedQuery"}
	defining        = []string{"glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable"}
	readingObjects  = []string{"s3:GetObject"}
	writingObjects  = []string{"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"}
	readingRecords  = []string{"logs:FilterLogEvents", "logs:StartQuery", "logs:GetLogRecord", "logs:StartLiveTail"}
	changingMachine = []string{"states:UpdateStateMachine", "states:DeleteStateMachine"}
	execution       = arn("states", "execution:trail-fill:one")
	logGroup        = arn("logs", "log-group:/aws/bedrock/model-invocations")
)
