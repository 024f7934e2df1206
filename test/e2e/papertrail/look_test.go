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
)

var stacks = []string{storage, capture, monitoring}

// logGroup is the log group for prompts and completions.
const logGroup = "/aws/bedrock/model-invocations"

func (t *trial) formation(region string) *cloudformation.Client {
	return cloudformation.NewFromConfig(t.stand.Config(region))
}

func (t *trial) s3(region string) *s3.Client {
	return s3.NewFromConfig(t.stand.Config(region), func(o *s3.Options) { o.UsePathStyle = true })
}

// status is a stack's state.
func (t *trial) status(region, stack string) cfntypes.StackStatus {
	t.Helper()
	answer, err := t.formation(region).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &stack})
	require.NoError(t, err)
	return answer.Stacks[0].StackStatus
}

// events are the ids of everything that has happened to a stack.
func (t *trial) events(region, stack string) []string {
	t.Helper()
	answer, err := t.formation(region).DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &stack})
	require.NoError(t, err)
	var ids []string
	for _, event := range answer.StackEvents {
		ids = append(ids, *event.EventId)
	}
	return ids
}

// physical is the id of the resource whose logical id is name and a hash.
func (t *trial) physical(region, stack, name string) string {
	t.Helper()
	answer, err := t.formation(region).DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &stack})
	require.NoError(t, err)
	logicalID := regexp.MustCompile("^" + name + "[0-9A-F]{8}$")
	for _, resource := range answer.StackResources {
		if logicalID.MatchString(*resource.LogicalResourceId) {
			return *resource.PhysicalResourceId
		}
	}
	require.Failf(t, "no such resource", "%s in %s of %s", name, stack, region)
	return ""
}

// live is the logging configuration of a Region, nil when there is none.
func (t *trial) live(region string) *bedrocktypes.LoggingConfig {
	t.Helper()
	answer, err := bedrock.NewFromConfig(t.stand.Config(region)).GetModelInvocationLoggingConfiguration(
		t.Context(), &bedrock.GetModelInvocationLoggingConfigurationInput{})
	require.NoError(t, err)
	return answer.LoggingConfig
}

// declared is the logging configuration that the stacks of a Region stand for,
// with every flag on.
func (t *trial) declared(region string) *bedrocktypes.LoggingConfig {
	t.Helper()
	bucket := t.physical(region, storage, "InvocationBucket")
	return &bedrocktypes.LoggingConfig{
		CloudWatchConfig: &bedrocktypes.CloudWatchConfig{
			LogGroupName: aws.String(logGroup),
			RoleArn:      aws.String("arn:aws:iam::" + t.stand.Account() + ":role/" + t.physical(region, capture, "InvocationLoggingRole")),
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
func methods(calls []emulator.LoggingCall) []string {
	var out []string
	for _, call := range calls {
		if call.Method != "GET" {
			out = append(out, call.Method)
		}
	}
	return out
}

// logGroups are the names of a Region's log groups.
func (t *trial) logGroups(region string) []string {
	t.Helper()
	answer, err := cloudwatchlogs.NewFromConfig(t.stand.Config(region)).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	require.NoError(t, err)
	var names []string
	for _, group := range answer.LogGroups {
		names = append(names, *group.LogGroupName)
	}
	return names
}

// parameters are the names of a Region's SSM parameters, without the CDK's own.
func (t *trial) parameters(region string) []string {
	t.Helper()
	answer, err := ssm.NewFromConfig(t.stand.Config(region)).DescribeParameters(t.Context(), &ssm.DescribeParametersInput{})
	require.NoError(t, err)
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
