package papertrail_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A disposable environment in two Regions, from its first deployment to its end.
func TestAnEnvironmentInTwoRegions(t *testing.T) {
	trail := start(t, home, other)
	trail.configure(
		"removal: destroy",
		"objectLock: {mode: GOVERNANCE, days: 1}",
		"invocationLogging: {embedding: false, video: false}",
	)
	trail.deploy()

	t.Run("every stack is created", func(t *testing.T) {
		for _, region := range trail.regions {
			for _, stack := range stacks {
				assert.Equal(t, cfntypes.StackStatusCreateComplete, trail.status(region, stack), "%s in %s", stack, region)
			}
		}
	})
	t.Run("both Regions log as declared", func(t *testing.T) {
		for _, region := range trail.regions {
			declared := trail.declared(region)
			declared.EmbeddingDataDeliveryEnabled = aws.Bool(false)
			declared.VideoDataDeliveryEnabled = aws.Bool(false)
			assert.Equal(t, declared, trail.live(region), region)
		}
		assert.NotEqual(t, trail.live(home).S3Config.BucketName, trail.live(other).S3Config.BucketName)
	})
	t.Run("the trail watches who reads the prompts of both Regions", func(t *testing.T) {
		selectors, err := cloudtrail.NewFromConfig(trail.stand.Config(home)).GetEventSelectors(
			t.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("paper-trail-e2e")})
		require.NoError(t, err)
		var objects []string
		for _, selector := range selectors.AdvancedEventSelectors {
			for _, field := range selector.FieldSelectors {
				if *field.Field == "resources.ARN" {
					objects = append(objects, field.StartsWith...)
				}
			}
		}
		assert.ElementsMatch(t, []string{
			"arn:aws:s3:::" + *trail.live(home).S3Config.BucketName + "/",
			"arn:aws:s3:::" + *trail.live(other).S3Config.BucketName + "/",
		}, objects)
	})
	t.Run("a second deployment changes nothing", func(t *testing.T) {
		before := trail.allEvents()
		trail.stand.Forget()
		out := trail.deploy()
		assert.Equal(t, len(trail.regions)*len(stacks), strings.Count(out, "(no changes)"), out)
		assert.Empty(t, trail.stand.LoggingCalls(""))
		assert.Equal(t, before, trail.allEvents())
	})
	t.Run("destroying it removes everything", func(t *testing.T) {
		trail.destroy()
		for _, region := range trail.regions {
			assert.Empty(t, trail.left(region), region)
			assert.Nil(t, trail.live(region), region)
		}
	})
}

func (t *trial) allEvents() map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, region := range t.regions {
		for _, stack := range stacks {
			all[region+" "+stack] = t.events(region, stack)
		}
	}
	return all
}

// left names everything in a Region, and in IAM and S3 everywhere, that is not
// of the bootstrap. A key that waits for its deletion is gone.
func (t *trial) left(region string) []string {
	t.Helper()
	ctx, config := t.Context(), t.stand.Config(region)
	names := append(t.logGroups(region), t.parameters(region)...)

	buckets, err := t.s3(region).ListBuckets(ctx, &s3.ListBucketsInput{})
	require.NoError(t, err)
	for _, bucket := range buckets.Buckets {
		names = append(names, *bucket.Name)
	}
	roles, err := iam.NewFromConfig(config).ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(t, err)
	for _, role := range roles.Roles {
		names = append(names, *role.RoleName)
	}
	keys := kms.NewFromConfig(config)
	listed, err := keys.ListKeys(ctx, &kms.ListKeysInput{})
	require.NoError(t, err)
	for _, entry := range listed.Keys {
		key, err := keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: entry.KeyId})
		require.NoError(t, err)
		if key.KeyMetadata.KeyState != kmstypes.KeyStatePendingDeletion {
			names = append(names, *entry.KeyArn)
		}
	}
	functions, err := lambda.NewFromConfig(config).ListFunctions(ctx, &lambda.ListFunctionsInput{})
	require.NoError(t, err)
	for _, function := range functions.Functions {
		names = append(names, *function.FunctionName)
	}
	topics, err := sns.NewFromConfig(config).ListTopics(ctx, &sns.ListTopicsInput{})
	require.NoError(t, err)
	for _, topic := range topics.Topics {
		names = append(names, *topic.TopicArn)
	}
	alarms, err := cloudwatch.NewFromConfig(config).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	require.NoError(t, err)
	for _, alarm := range alarms.MetricAlarms {
		names = append(names, *alarm.AlarmName)
	}
	for _, alarm := range alarms.CompositeAlarms {
		names = append(names, *alarm.AlarmName)
	}
	trails, err := cloudtrail.NewFromConfig(config).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	require.NoError(t, err)
	for _, trail := range trails.TrailList {
		names = append(names, *trail.Name)
	}
	return withoutCDK(names)
}
