package papertrail_test

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

// The stacks of a Region, in the order of their deployment.
const (
	storage    = "paper-trail-e2e-storage"
	capture    = "paper-trail-e2e-capture"
	monitoring = "paper-trail-e2e-monitoring"
	ledger     = "paper-trail-e2e-ledger"
)

// A test has the Ledger stack if it says `ledger: {mode: create}`, which those of
// whole environments do.
var (
	stacks     = []string{storage, capture, monitoring}
	everyStack = append(slices.Clone(stacks), ledger)
)

// logGroup is the log group for prompts and completions.
const logGroup = "/aws/bedrock/model-invocations"

func (e *environment) formation(region string) *cloudformation.Client {
	return cloudformation.NewFromConfig(e.stand.Config(region))
}

func (e *environment) s3(region string) *s3.Client {
	return s3.NewFromConfig(e.stand.Config(region), func(o *s3.Options) { o.UsePathStyle = true })
}

// status is a stack's state.
func (e *environment) status(region, stack string) cfntypes.StackStatus {
	e.Helper()
	answer, err := e.formation(region).DescribeStacks(e.Context(), &cloudformation.DescribeStacksInput{StackName: &stack})
	require.NoError(e, err)
	return answer.Stacks[0].StackStatus
}

// events are the ids of everything that has happened to a stack.
func (e *environment) events(region, stack string) []string {
	e.Helper()
	answer, err := e.formation(region).DescribeStackEvents(e.Context(), &cloudformation.DescribeStackEventsInput{StackName: &stack})
	require.NoError(e, err)
	var ids []string
	for _, event := range answer.StackEvents {
		ids = append(ids, *event.EventId)
	}
	return ids
}

// physical is the id of the resource whose logical id is name and a hash.
func (e *environment) physical(region, stack, name string) string {
	e.Helper()
	answer, err := e.formation(region).DescribeStackResources(e.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &stack})
	require.NoError(e, err)
	logicalID := regexp.MustCompile("^" + name + "[0-9A-F]{8}$")
	for _, resource := range answer.StackResources {
		if logicalID.MatchString(*resource.LogicalResourceId) {
			return *resource.PhysicalResourceId
		}
	}
	require.Failf(e, "no such resource", "%s in %s of %s", name, stack, region)
	return ""
}

// live is the logging configuration of a Region, nil when there is none.
func (e *environment) live(region string) *bedrocktypes.LoggingConfig {
	e.Helper()
	answer, err := bedrock.NewFromConfig(e.stand.Config(region)).GetModelInvocationLoggingConfiguration(
		e.Context(), &bedrock.GetModelInvocationLoggingConfigurationInput{})
	require.NoError(e, err)
	return answer.LoggingConfig
}

// declared is the logging configuration that the stacks of a Region stand for,
// with every flag on.
func (e *environment) declared(region string) *bedrocktypes.LoggingConfig {
	e.Helper()
	bucket := e.physical(region, storage, "InvocationBucket")
	return &bedrocktypes.LoggingConfig{
		CloudWatchConfig: &bedrocktypes.CloudWatchConfig{
			LogGroupName: aws.String(logGroup),
			RoleArn:      aws.String("arn:aws:iam::" + e.stand.Account() + ":role/" + e.physical(region, capture, "InvocationLoggingRole")),
			LargeDataDeliveryS3Config: &bedrocktypes.S3Config{
				BucketName: aws.String(bucket), KeyPrefix: aws.String("large-data"),
			},
		},
		S3Config:                     &bedrocktypes.S3Config{BucketName: aws.String(bucket)},
		TextDataDeliveryEnabled:      aws.Bool(true),
		ImageDataDeliveryEnabled:     aws.Bool(true),
		EmbeddingDataDeliveryEnabled: aws.Bool(true),
		VideoDataDeliveryEnabled:     aws.Bool(true),
		AudioDataDeliveryEnabled:     aws.Bool(true),
	}
}

// methods are the HTTP methods of the recorded calls, in order, without those
// that only read.
func methods(calls []emulator.Call) []string {
	var out []string
	for _, call := range calls {
		if call.Method != "GET" {
			out = append(out, call.Method)
		}
	}
	return out
}

// logGroups are the names of a Region's log groups.
func (e *environment) logGroups(region string) []string {
	e.Helper()
	answer, err := cloudwatchlogs.NewFromConfig(e.stand.Config(region)).DescribeLogGroups(e.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	require.NoError(e, err)
	var names []string
	for _, group := range answer.LogGroups {
		names = append(names, *group.LogGroupName)
	}
	return names
}

// parameters are the names of a Region's SSM parameters, without the CDK's own.
func (e *environment) parameters(region string) []string {
	e.Helper()
	answer, err := ssm.NewFromConfig(e.stand.Config(region)).DescribeParameters(e.Context(), &ssm.DescribeParametersInput{})
	require.NoError(e, err)
	var names []string
	for _, parameter := range answer.Parameters {
		names = append(names, *parameter.Name)
	}
	return withoutCDK(names)
}

// withoutCDK drops what `cdk bootstrap` made.
func withoutCDK(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		return strings.HasPrefix(strings.TrimPrefix(name, "/"), "cdk-")
	})
}
