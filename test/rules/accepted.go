package rules

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

// acceptance is a finding of cdk-nag that is left as it is. The finding has to
// come from below one of the paths, or it is reported.
type acceptance struct {
	// rule is the rule's id.
	rule string
	// below are the paths in the stack.
	below []string
	// appliesTo limits the acceptance to findings about these values, strings
	// or regular expressions between slashes. Empty: all of the rule's.
	appliesTo []string
	// reason says why.
	reason string
}

// Accepted in the Storage stack.
var storage = []acceptance{
	{"NIST.800.53.R5-S3BucketReplicationEnabled", []string{"InvocationBucket", "TrailBucket"}, nil,
		"Evidence stays in the Region it arises in: prompts may not leave it for legal reasons, and the lock already keeps every copy from being deleted. S3 stores objects in three availability zones."},
	{"NIST.800.53.R5-S3DefaultEncryptionKMS", []string{"InvocationBucket/AccessLogs", "TrailBucket/AccessLogs"}, nil,
		"Only the access-log buckets: S3 delivers server access logs to buckets with SSE-S3, not to buckets with a KMS key."},
}

// Accepted in the Capture stack.
var capture = []acceptance{
	{"NIST.800.53.R5-IAMNoInlinePolicy", []string{"InvocationLogging", "ActivityTrail"}, nil,
		"Each policy belongs to one role of one service and has no meaning apart from it. Being part of the role, it is retained with the role and cannot be attached too late."},
	{"NIST.800.53.R5-LambdaDLQ", []string{"InvocationLogging/Function"}, nil,
		"CloudFormation invokes the function and waits for its answer on a URL; an event that failed is answered as failed, so there is nothing for a queue to keep."},
	{"NIST.800.53.R5-LambdaConcurrency", []string{"InvocationLogging/Function"}, nil,
		"CloudFormation invokes the function once for each change of the stack. Reserving concurrency would take it from the account's functions and fails in accounts with the initial quota."},
	{"NIST.800.53.R5-LambdaInsideVPC", []string{"InvocationLogging/Function"}, nil,
		"The function calls AWS APIs and no private address. Inside a VPC it would depend on endpoints that could be closed, and a closed one would leave logging unmanaged."},
	{"AwsSolutions-IAM5", []string{"InvocationLogging/Role", "InvocationLogging/FunctionRole", "ActivityTrail/DeliveryRole"}, []string{"Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*"},
		"The actions that CloudWatch Logs needs of a writer to an encrypted log group, by its documentation; limited to one key and to requests through CloudWatch Logs."},
	{"AwsSolutions-IAM5", []string{"InvocationLogging/FunctionRole"}, []string{"Resource::*"},
		"The logging configuration is one per account and Region and has no ARN: Bedrock accepts no narrower resource for the three actions on it."},
	{"AwsSolutions-IAM5", []string{"ActivityTrail/DeliveryRole"}, []string{`/^Resource::arn:.*:log-stream:.*_CloudTrail_.*\*$/`},
		"CloudTrail makes log streams with this prefix and a suffix of its own choosing."},
}

// Accepted in the Monitoring stack.
var monitoring = []acceptance{
	{"NIST.800.53.R5-CloudWatchAlarmAction", []string{"ThrottlingAlarm/Records", "ThrottlingAlarm/Trail", "ThrottlingAlarm/Native", "AuditAlarms/Silence", "AuditAlarms/SpendPace"}, nil,
		"The alarms on single signals feed a composite alarm, which notifies; on their own they would say the same thing several times, or what is no news by itself."},
	{"NIST.800.53.R5-IAMNoInlinePolicy", []string{"InvocationLoggingGuard/FunctionRole"}, nil,
		"The policy belongs to the guard's role and has no meaning apart from it; being part of the role, it cannot be attached too late."},
	{"NIST.800.53.R5-LambdaDLQ", []string{"InvocationLoggingGuard/Function"}, nil,
		"An event that the guard could not handle needs no queue: the next check finds what has changed, and the alarm on missing results says when there is none."},
	{"NIST.800.53.R5-LambdaConcurrency", []string{"InvocationLoggingGuard/Function"}, nil,
		"The guard runs every few minutes and takes a lock before it acts. Reserving concurrency would take it from the account's functions and fails in accounts with the initial quota."},
	{"NIST.800.53.R5-LambdaInsideVPC", []string{"InvocationLoggingGuard/Function"}, nil,
		"The guard calls AWS APIs and no private address. Inside a VPC it would depend on endpoints, and whoever closes one would close its eyes."},
	{"AwsSolutions-IAM5", []string{"InvocationLoggingGuard/FunctionRole"}, []string{"Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*"},
		"The actions that CloudWatch Logs needs of a writer to an encrypted log group, and Amazon SNS of a publisher to an encrypted topic, by their documentation; limited to one key and to requests through the service."},
	{"AwsSolutions-IAM5", []string{"InvocationLoggingGuard/FunctionRole"}, []string{"Resource::*"},
		"The logging configuration, metrics and the list of log groups have no ARN. Metrics are limited to the namespace PaperTrail."},
}

// Accepted in the Cost stack.
var cost = []acceptance{
	{"NIST.800.53.R5-IAMNoInlinePolicy", []string{"CostTagActivation/FunctionRole"}, nil,
		"The policy belongs to the role of the function that activates cost tags and has no meaning apart from it; being part of the role, it cannot be attached too late."},
	{"NIST.800.53.R5-LambdaDLQ", []string{"CostTagActivation/Function"}, nil,
		"An event is only the tick of a schedule and says nothing that a queue could keep: six hours later the function tries again, from what AWS says then."},
	{"NIST.800.53.R5-LambdaConcurrency", []string{"CostTagActivation/Function"}, nil,
		"The function runs every six hours until the tags are active, then never. Reserving concurrency would take it from the account's functions and fails in accounts with the initial quota."},
	{"NIST.800.53.R5-LambdaInsideVPC", []string{"CostTagActivation/Function"}, nil,
		"The function calls AWS APIs and no private address, and the API of Cost Explorer is in one Region, which endpoints of a VPC elsewhere do not reach."},
	{"AwsSolutions-IAM5", []string{"CostTagActivation/FunctionRole"}, []string{"Action::kms:GenerateDataKey*", "Action::kms:ReEncrypt*"},
		"The actions that CloudWatch Logs needs of a writer to an encrypted log group, by its documentation; limited to one key and to requests through CloudWatch Logs."},
	{"AwsSolutions-IAM5", []string{"CostTagActivation/FunctionRole"}, []string{"Resource::*"},
		"Cost allocation tags and metrics have no ARN. Metrics are limited to the namespace PaperTrail."},
}

// Accepted in the Ledger stack.
var ledger = []acceptance{
	{"NIST.800.53.R5-S3BucketReplicationEnabled", []string{"Ledger"}, nil,
		"The ledger and the answers to queries are derived: the raw records, which are kept under a lock, give them again. S3 stores objects in three availability zones."},
	{"NIST.800.53.R5-S3DefaultEncryptionKMS", []string{"Ledger/AccessLogs"}, nil,
		"Only the access-log bucket: S3 delivers server access logs to buckets with SSE-S3, not to buckets with a KMS key."},
	{"NIST.800.53.R5-IAMNoInlinePolicy", []string{"Ledger/FillRole", "Ledger/ScheduleRole"}, nil,
		"Each policy belongs to the role of the fill or of its schedule and has no meaning apart from it; being part of the role, it cannot be attached too late."},
	{"AwsSolutions-IAM5", []string{"Ledger/FillRole"}, []string{"Resource::*"},
		"Metrics, traces, and the deliveries of logs that Step Functions sets up have no ARN. Metrics are limited to the namespace PaperTrail."},
	{"AwsSolutions-IAM5", []string{"Ledger/FillRole"}, []string{`/^Resource::.*InvocationBucket.*\/AWSLogs\/.*\/BedrockModelInvocationLogs\/.*\/\*$/`},
		"The raw records of one account and Region, to be read."},
	{"AwsSolutions-IAM5", []string{"Ledger/FillRole"}, []string{`/^Resource::<LedgerBucket.*\.Arn>\/.*\/(calls|unreadable)\/\*$/`, `/^Resource::<LedgerResults.*\.Arn>\/fill\/\*$/`},
		"The files of the ledger's tables, and the results of the fill's own queries, whose names Athena makes up."},
}

// accept suppresses the accepted findings, each with its reason. A path may be
// missing where a Region has no trail.
func accept(env stacks.Environment) {
	for _, region := range env.Regions() {
		for _, of := range []struct {
			stack awscdk.Stack
			list  []acceptance
		}{
			{region.Storage, storage}, {region.Capture, capture}, {region.Monitoring, monitoring}, {region.Ledger, ledger}, {region.Cost, cost},
		} {
			if of.stack == nil {
				continue
			}
			for _, a := range of.list {
				for _, path := range a.below {
					if below := find(of.stack, path); below != nil {
						cdknag.NagSuppressions_AddResourceSuppressions(below, &[]*cdknag.NagPackSuppression{a.suppression()}, jsii.Bool(true))
					}
				}
			}
		}
	}
}

func find(from constructs.IConstruct, path string) constructs.IConstruct {
	for id := range strings.SplitSeq(path, "/") {
		if from = from.Node().TryFindChild(&id); from == nil {
			return nil
		}
	}
	return from
}

func (a acceptance) suppression() *cdknag.NagPackSuppression {
	s := &cdknag.NagPackSuppression{Id: jsii.String(a.rule), Reason: jsii.String(a.reason)}
	if len(a.appliesTo) == 0 {
		return s
	}
	var values []any
	for _, value := range a.appliesTo {
		if len(value) > 1 && value[0] == '/' {
			values = append(values, &cdknag.RegexAppliesTo{Regex: jsii.String(value + "g")})
		} else {
			values = append(values, value)
		}
	}
	s.AppliesTo = &values
	return s
}
