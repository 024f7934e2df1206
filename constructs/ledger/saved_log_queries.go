package ledger

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// SavedLogQueries are the questions for CloudWatch Logs Insights, on the log
// group of the records and on that of the trail. They answer for the last
// minutes, and for as long as the log groups keep events.
//
// Logs Insights finds the first 200 fields of a record; what comes after a large
// body may be missing in an answer. The ledger has no such limit.
type SavedLogQueries interface {
	constructs.Construct
	// Names are those of the queries, as the console lists them.
	Names() []string
}

// SavedLogQueriesProps configures SavedLogQueries.
type SavedLogQueriesProps struct {
	// InvocationLogGroup is the log group that Amazon Bedrock delivers invocation
	// logs to. Required.
	InvocationLogGroup awslogs.ILogGroup
	// TrailLogGroup is the log group of a CloudTrail trail. Default: there are no
	// queries on events.
	TrailLogGroup awslogs.ILogGroup
	// Folder is what the console lists the queries under. Default: the name of
	// the stack.
	Folder *string
}

type savedLogQueries struct {
	constructs.Construct
	names []string
}

var _ SavedLogQueries = (*savedLogQueries)(nil)

// NewSavedLogQueries saves the queries. It panics without InvocationLogGroup, and
// on an empty Folder.
func NewSavedLogQueries(scope constructs.Construct, id *string, props *SavedLogQueriesProps) SavedLogQueries {
	misuse.RequireScope(pkg, "SavedLogQueries", scope, id)
	p := SavedLogQueriesProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "SavedLogQueries", "InvocationLogGroup", p.InvocationLogGroup)
	if p.Folder != nil && *p.Folder == "" {
		misuse.Panicf(pkg, "SavedLogQueriesProps.Folder is empty, got %q; give a name, or leave it out for the stack's", *p.Folder)
	}
	this := &savedLogQueries{}
	constructs.NewConstruct_Override(this, scope, id)
	if p.Folder == nil {
		p.Folder = jsii.String(policies.At(this).StackName)
	}
	this.save(*p.Folder, p.InvocationLogGroup, recordQueries)
	if !misuse.IsNil(p.TrailLogGroup) {
		this.save(*p.Folder, p.TrailLogGroup, eventQueries)
	}
	return this
}

func (s *savedLogQueries) Names() []string { return s.names }

func (s *savedLogQueries) save(folder string, group awslogs.ILogGroup, queries []logQuery) {
	names := &[]any{group.LogGroupName()} // asked once: it is a round trip to the kernel
	for _, q := range queries {
		name := folder + "/" + q.name
		awslogs.NewCfnQueryDefinition(s, jsii.String(q.id), &awslogs.CfnQueryDefinitionProps{
			Name:          &name,
			LogGroupNames: names,
			QueryString:   jsii.String(q.text),
		})
		s.names = append(s.names, name)
	}
}

// logQuery is a query in the language of Logs Insights.
type logQuery struct{ id, name, text string }

// recordQueries read invocation logs.
var recordQueries = []logQuery{
	{"Who", "Who called models", `stats count(*) as calls, min(@timestamp) as first, max(@timestamp) as last, sum(input.inputTokenCount) as inputTokens, sum(output.outputTokenCount) as outputTokens by identity.arn, requestMetadata.user_id
| sort calls desc`},
	{"What", "What was called last, without prompts and answers", `fields @timestamp, requestId, identity.arn, requestMetadata.user_id, requestMetadata.task_type, operation, modelId, input.inputTokenCount, output.outputTokenCount, errorCode
| sort @timestamp desc
| limit 200`},
	{"One", "One call in full", `# Put the request id in the place of REQUEST-ID.
filter requestId = "REQUEST-ID"
| fields @timestamp, @message`},
	{"Which", "Which models served calls", `stats count(*) as calls, min(@timestamp) as first, max(@timestamp) as last by modelId, inferenceRegion
| sort calls desc`},
	{"Cost", "Tokens by user, task and model", `stats count(*) as calls, sum(input.inputTokenCount) as input, sum(input.cacheReadInputTokenCount) as cacheRead, sum(input.cacheWriteInputTokenCount) as cacheWrite, sum(output.outputTokenCount) as output by requestMetadata.user_id, requestMetadata.task_type, modelId
| sort output desc`},
	{"Throttles", "Throttled calls", `filter errorCode = "ThrottlingException" or status = 429
| stats count(*) as calls, max(@timestamp) as last by bin(5m), modelId, identity.arn
| sort last desc`},
	{"Failures", "Failed calls", `filter ispresent(errorCode)
| stats count(*) as calls, max(@timestamp) as last by errorCode, modelId, identity.arn
| sort calls desc`},
	{"Interventions", "Guardrail interventions", `filter @message like /"guardrail_intervened"/ or @message like /"amazon-bedrock-guardrailAction":\s*"INTERVENED"/
| fields @timestamp, requestId, identity.arn, requestMetadata.user_id, operation, modelId
| sort @timestamp desc`},
	{"Unattributed", "Calls that do not say who asked", `filter not ispresent(requestMetadata.user_id)
| stats count(*) as calls, max(@timestamp) as last by identity.arn, modelId
| sort calls desc`},
}

// eventQueries read the trail's events.
var eventQueries = []logQuery{
	{"EventCalls", "Who called models, by the trail", `filter eventSource = "bedrock.amazonaws.com" and eventType = "AwsApiCall" and eventName in ["InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream"]
| stats count(*) as calls, max(@timestamp) as last by userIdentity.arn, requestParameters.modelId, awsRegion
| sort calls desc`},
	{"EventRefusals", "Refused calls, by the trail", `filter eventSource = "bedrock.amazonaws.com" and ispresent(errorCode)
| stats count(*) as calls, max(@timestamp) as last by errorCode, eventName, userIdentity.arn, awsRegion
| sort calls desc`},
	{"EventThrottles", "Throttled calls, by the trail", `filter eventSource = "bedrock.amazonaws.com" and errorCode = "ThrottlingException"
| stats count(*) as calls by bin(5m), eventName, userIdentity.arn
| sort calls desc`},
	{"EventReaders", "Who read prompts from the bucket", `filter eventSource = "s3.amazonaws.com" and eventName in ["GetObject", "HeadObject", "ListObjects", "ListObjectsV2"]
| stats count(*) as reads, max(@timestamp) as last by userIdentity.arn, requestParameters.bucketName, eventName
| sort reads desc`},
	{"EventQueries", "Who queried with Athena", `filter eventSource = "athena.amazonaws.com" and eventName = "StartQueryExecution"
| fields @timestamp, userIdentity.arn, requestParameters.workGroup, requestParameters.queryExecutionContext.database, errorCode
| sort @timestamp desc`},
}
