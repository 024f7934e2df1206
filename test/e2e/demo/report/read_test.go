package report_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/demo/report"
	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

func TestFollowsTheLoggingConfiguration(t *testing.T) {
	t.Parallel()
	stand, err := emulator.Start(t.Context(), emulator.Options{Name: t.Name()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stand.Stop()) })
	config := stand.Config("eu-west-1")

	_, err = report.Read(t.Context(), config)
	require.ErrorIs(t, err, report.ErrNotLogging)

	template, err := os.ReadFile("../../emulator/testdata/types.json")
	require.NoError(t, err)
	client := cloudformation.NewFromConfig(config)
	_, err = client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("types"), TemplateBody: aws.String(string(template)),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	})
	require.NoError(t, err)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		answer, err := client.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: aws.String("types")})
		require.NoError(c, err)
		require.Equal(c, types.StackStatusCreateComplete, answer.Stacks[0].StackStatus)
	}, 2*time.Minute, 50*time.Millisecond)

	found, err := report.Read(t.Context(), config)
	require.NoError(t, err)

	assert.Equal(t, "111111111111", found.Account)
	assert.True(t, found.Logging.Text && found.Logging.Audio)
	assert.Equal(t, "/paper-trail/test", found.Logging.LogGroup)

	require.Len(t, found.Buckets, 2)
	evidence, accessLogs := found.Buckets[0], found.Buckets[1]
	key := found.Keys[0].ARN
	assert.Equal(t, report.Bucket{
		Name: found.Logging.Bucket, Holds: "prompts and completions", LockMode: "GOVERNANCE", LockDays: 30,
		Encryption: "aws:kms", Key: key, BucketKey: true, Versioned: true, PublicBlocked: true, ExpireDays: 60,
		AccessLogs: accessLogs.Name,
	}, evidence)
	assert.Equal(t, report.Bucket{Name: accessLogs.Name, Holds: "access logs of the prompts and completions", Encryption: "AES256"}, accessLogs)

	require.Len(t, found.Keys, 1, "each key once")
	assert.Equal(t, report.Key{
		ARN: key, Description: "test key", Rotates: true, RotationDays: 365, State: "Enabled",
		Encrypts: []string{"trail paper-trail-test", "bucket " + evidence.Name, "/paper-trail/test", "topic " + found.Topics[0].ARN[len("arn:aws:sns:eu-west-1:111111111111:"):]},
	}, found.Keys[0])
	require.Len(t, found.Filters, 1)
	assert.Equal(t, "ThrottlingFilter", found.Filters[0].Name)
	assert.Equal(t, "1", found.Filters[0].Value)
	require.Len(t, found.Alarms, 3)
	composite, plain, math := found.Alarms[0], found.Alarms[1], found.Alarms[2]
	assert.Equal(t, "any of these is in ALARM", composite.Condition)
	require.Len(t, composite.Watches, 2)
	assert.Regexp(t, `^types-MathAlarm-[^:]+$`, composite.Watches[1])
	assert.Equal(t, []string{"GenAI/Metrics BedrockThrottlingEvents"}, plain.Watches)
	assert.Equal(t, ">= 5 within 5 minutes, no data is fine", plain.Condition)
	assert.Contains(t, math.Watches[0], "InvocationThrottles")
	assert.Nil(t, found.Guard, "there is none")
	assert.Error(t, report.CheckNow(t.Context(), config))
	require.Len(t, found.Topics, 1)
	assert.Equal(t, []report.Subscription{{Protocol: "email", Endpoint: "admin@example.com"}}, found.Topics[0].Subscriptions)
	assert.Equal(t, []report.Trail{{
		Name: "paper-trail-test", Logging: true, MultiRegion: true, Validation: true,
		Bucket: evidence.Name, LogGroup: "/paper-trail/test", Key: key, Insights: []string{"ApiCallRateInsight"},
		Selectors: []string{
			"Management",
			"Data AWS::Bedrock::Guardrail",
		},
	}}, found.Trails)
	tagged := map[string]map[string]string{}
	for _, one := range found.Tags {
		tagged[one.Resource] = one.Tags
	}
	assert.Equal(t, map[string]string{"project": "paper-trail"}, tagged["bucket "+evidence.Name], "CloudFormation's own tags are left out")
	assert.Contains(t, tagged, "trail paper-trail-test")
}
