package rules

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

// acceptance is a finding of cdk-nag that is left as it is. The finding has to
// come from below one of the paths, or it is reported.
type acceptance struct {
	// rule is the rule's id.
	rule string
	// appliesTo limits the acceptance to findings about these values, strings
	// or regular expressions between slashes. Empty: all of the rule's.
	appliesTo []string
	// reason says why.
	reason string
}

// Accepted in the Storage stack.
var storage = []acceptance{
	{"NIST.800.53.R5-S3BucketReplicationEnabled", nil,
		"Evidence stays in the Region it arises in: prompts may not leave it for legal reasons, and the lock already keeps every copy from being deleted. S3 stores objects in three availability zones."},
	{"NIST.800.53.R5-S3DefaultEncryptionKMS", nil,
		"Only the access-log buckets: S3 delivers server access logs to buckets with SSE-S3, not to buckets with a KMS key."},
}

// Accepted in the Capture stack.
var capture = []acceptance{
	{"NIST.800.53.R5-IAMNoInlinePolicy", nil,
		"Each policy belongs to one role of one service and has no meaning apart from it. Being part of the role, it is retained with the role and cannot be attached too late."},
	{"NIST.800.53.R5-LambdaDLQ", nil,
		"CloudFormation invokes the function and waits for its answer on a URL; an event that failed is answered as failed, so there is nothing for a queue to keep."},
	{"NIST.800.53.R5-LambdaConcurrency", nil,
		"CloudFormation invokes the function once for each change of the stack. Reserving concurrency would take it from the account's functions and fails in accounts with the initial quota."},
	{"NIST.800.53.R5-LambdaInsideVPC", nil,
		"The function calls AWS APIs and no private address. Inside a VPC it would depend on endpoints that could be closed, and a closed one would leave logging unmanaged."},
	{"AwsSolutions-IAM5", []string{"Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*"},
		"The actions that CloudWatch Logs needs of a writer to an encrypted log group, by its documentation; limited to one key and to requests through CloudWatch Logs."},
	{"AwsSolutions-IAM5", []string{"Resource::*"},
		"The logging configuration is one per account and Region and has no ARN: Bedrock accepts no narrower resource for the three actions on it."},
	{"AwsSolutions-IAM5", []string{`/^Resource::arn:.*:log-stream:.*_CloudTrail_.*\*$/`},
		"CloudTrail makes log streams with this prefix and a suffix of its own choosing."},
}

// Accepted in the Monitoring stack.
var monitoring = []acceptance{
	{"NIST.800.53.R5-CloudWatchAlarmAction", nil,
		"The alarms on single signals feed one composite alarm, which notifies; on their own they would say the same thing three times."},
	{"NIST.800.53.R5-IAMNoInlinePolicy", nil,
		"The policy belongs to the guard's role and has no meaning apart from it; being part of the role, it cannot be attached too late."},
	{"NIST.800.53.R5-LambdaDLQ", nil,
		"An event that the guard could not handle needs no queue: the next check finds what has changed, and the alarm on missing results says when there is none."},
	{"NIST.800.53.R5-LambdaConcurrency", nil,
		"The guard runs every few minutes and takes a lock before it acts. Reserving concurrency would take it from the account's functions and fails in accounts with the initial quota."},
	{"NIST.800.53.R5-LambdaInsideVPC", nil,
		"The guard calls AWS APIs and no private address. Inside a VPC it would depend on endpoints, and whoever closes one would close its eyes."},
	{"AwsSolutions-IAM5", []string{"Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*"},
		"The actions that CloudWatch Logs needs of a writer to an encrypted log group, and Amazon SNS of a publisher to an encrypted topic, by their documentation; limited to one key and to requests through the service."},
	{"AwsSolutions-IAM5", []string{"Resource::*"},
		"The logging configuration, metrics and the list of log groups have no ARN. Metrics are limited to the namespace PaperTrail."},
}

// Accepted in the Cost stack.
var cost = []acceptance{
	{"NIST.800.53.R5-IAMNoInlinePolicy", nil,
		"The policy belongs to the role of the function that activates cost tags and has no meaning apart from it; being part of the role, it cannot be attached too late."},
	{"NIST.800.53.R5-LambdaDLQ", nil,
		"An event is only the tick of a schedule and says nothing that a queue could keep: six hours later the function tries again, from what AWS says then."},
	{"NIST.800.53.R5-LambdaConcurrency", nil,
		"The function runs every six hours until the tags are active, then never. Reserving concurrency would take it from the account's functions and fails in accounts with the initial quota."},
	{"NIST.800.53.R5-LambdaInsideVPC", nil,
		"The function calls AWS APIs and no private address, and the API of Cost Explorer is in one Region, which endpoints of a VPC elsewhere do not reach."},
	{"AwsSolutions-IAM5", []string{"Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*"},
		"The actions that CloudWatch Logs needs of a writer to an encrypted log group, by its documentation; limited to one key and to requests through CloudWatch Logs."},
	{"AwsSolutions-IAM5", []string{"Resource::*"},
		"Cost allocation tags and metrics have no ARN. Metrics are limited to the namespace PaperTrail."},
}

// Accepted in the Ledger stack.
var ledger = []acceptance{
	{"NIST.800.53.R5-S3BucketReplicationEnabled", nil,
		"The ledger and the answers to queries are derived: the raw records, which are kept under a lock, give them again. S3 stores objects in three availability zones."},
	{"NIST.800.53.R5-S3DefaultEncryptionKMS", nil,
		"Only the access-log bucket: S3 delivers server access logs to buckets with SSE-S3, not to buckets with a KMS key."},
	{"NIST.800.53.R5-IAMNoInlinePolicy", nil,
		"Each policy belongs to the role of the fill or of its schedule and has no meaning apart from it; being part of the role, it cannot be attached too late."},
	{"AwsSolutions-IAM5", []string{"Resource::*"},
		"Metrics, traces, and the deliveries of logs that Step Functions sets up have no ARN. Metrics are limited to the namespace PaperTrail."},
	{"AwsSolutions-IAM5", []string{`/^Resource::.*InvocationBucket.*\/AWSLogs\/.*\/BedrockModelInvocationLogs\/.*\/\*$/`},
		"The raw records of one account and Region, to be read."},
	{"AwsSolutions-IAM5", []string{`/^Resource::<LedgerBucket.*\.Arn>\/.*\/(calls|unreadable)\/\*$/`, `/^Resource::<LedgerResults.*\.Arn>\/fill\/\*$/`},
		"The files of the ledger's tables, and the results of the fill's own queries, whose names Athena makes up."},
}

// accept suppresses the accepted findings, each with its reason.
func accept(env stacks.Environment) {
	suppressions := func(list []acceptance) *[]*cdknag.NagPackSuppression {
		var out []*cdknag.NagPackSuppression
		for _, a := range list {
			s := &cdknag.NagPackSuppression{Id: jsii.String(a.rule), Reason: jsii.String(a.reason)}
			if len(a.appliesTo) > 0 {
				var values []any
				for _, value := range a.appliesTo {
					if len(value) > 1 && value[0] == '/' {
						values = append(values, &cdknag.RegexAppliesTo{Regex: jsii.String(value + "g")})
					} else {
						values = append(values, value)
					}
				}
				s.AppliesTo = &values
			}
			out = append(out, s)
		}
		return &out
	}
	for _, region := range env.Regions() {
		cdknag.NagSuppressions_AddStackSuppressions(region.Storage, suppressions(storage), nil)
		cdknag.NagSuppressions_AddStackSuppressions(region.Capture, suppressions(capture), nil)
		cdknag.NagSuppressions_AddStackSuppressions(region.Monitoring, suppressions(monitoring), nil)
		if region.Ledger != nil {
			cdknag.NagSuppressions_AddStackSuppressions(region.Ledger, suppressions(ledger), nil)
		}
		if region.Cost != nil {
			cdknag.NagSuppressions_AddStackSuppressions(region.Cost, suppressions(cost), nil)
		}
	}
}
