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
	env := start(t, home, other)
	env.configureDisposable("invocationLogging: {embedding: false, video: false}")
	env.deploy()

	env.step("every stack is created", func(env *environment) {
		for _, region := range env.regions {
			for _, stack := range stacks {
				assert.Equal(env, cfntypes.StackStatusCreateComplete, env.status(region, stack), "%s in %s", stack, region)
			}
		}
	})
	env.step("both Regions log as declared", func(env *environment) {
		for _, region := range env.regions {
			declared := env.declared(region)
			declared.EmbeddingDataDeliveryEnabled = aws.Bool(false)
			declared.VideoDataDeliveryEnabled = aws.Bool(false)
			assert.Equal(env, declared, env.live(region), region)
		}
		assert.NotEqual(env, env.live(home).S3Config.BucketName, env.live(other).S3Config.BucketName)
	})
	env.step("the trail watches who reads the prompts of both Regions", func(env *environment) {
		selectors, err := cloudtrail.NewFromConfig(env.stand.Config(home)).GetEventSelectors(
			env.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("paper-trail-e2e")})
		require.NoError(env, err)
		var objects []string
		for _, selector := range selectors.AdvancedEventSelectors {
			if *selector.Name != "Reads of audited objects" {
				continue
			}
			for _, field := range selector.FieldSelectors {
				if *field.Field == "resources.ARN" {
					objects = append(objects, field.StartsWith...)
				}
			}
		}
		assert.ElementsMatch(env, []string{
			"arn:aws:s3:::" + *env.live(home).S3Config.BucketName + "/",
			"arn:aws:s3:::" + *env.live(other).S3Config.BucketName + "/",
		}, objects)
	})
	env.step("a second deployment changes nothing", func(env *environment) {
		before := env.allEvents()
		env.stand.Forget()
		out := env.deploy()
		assert.Equal(env, len(env.regions)*len(stacks), strings.Count(out, "(no changes)"), out)
		assert.Empty(env, env.stand.LoggingCalls(""))
		assert.Equal(env, before, env.allEvents())
	})
	env.step("destroying it removes everything", func(env *environment) {
		env.destroy()
		for _, region := range env.regions {
			assert.Empty(env, env.left(region), region)
			assert.Nil(env, env.live(region), region)
		}
	})
}

func (e *environment) allEvents() map[string][]string {
	e.Helper()
	all := map[string][]string{}
	for _, region := range e.regions {
		for _, stack := range stacks {
			all[region+" "+stack] = e.events(region, stack)
		}
	}
	return all
}

// left names everything in a Region, and in IAM and S3 everywhere, that is not
// of the bootstrap. A key that waits for its deletion is gone.
func (e *environment) left(region string) []string {
	e.Helper()
	ctx, config := e.Context(), e.stand.Config(region)
	names := append(e.logGroups(region), e.parameters(region)...)

	buckets, err := e.s3(region).ListBuckets(ctx, &s3.ListBucketsInput{})
	require.NoError(e, err)
	for _, bucket := range buckets.Buckets {
		names = append(names, *bucket.Name)
	}
	roles, err := iam.NewFromConfig(config).ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(e, err)
	for _, role := range roles.Roles {
		names = append(names, *role.RoleName)
	}
	keys := kms.NewFromConfig(config)
	listed, err := keys.ListKeys(ctx, &kms.ListKeysInput{})
	require.NoError(e, err)
	for _, entry := range listed.Keys {
		key, err := keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: entry.KeyId})
		require.NoError(e, err)
		if key.KeyMetadata.KeyState != kmstypes.KeyStatePendingDeletion {
			names = append(names, *entry.KeyArn)
		}
	}
	functions, err := lambda.NewFromConfig(config).ListFunctions(ctx, &lambda.ListFunctionsInput{})
	require.NoError(e, err)
	for _, function := range functions.Functions {
		names = append(names, *function.FunctionName)
	}
	topics, err := sns.NewFromConfig(config).ListTopics(ctx, &sns.ListTopicsInput{})
	require.NoError(e, err)
	for _, topic := range topics.Topics {
		names = append(names, *topic.TopicArn)
	}
	alarms, err := cloudwatch.NewFromConfig(config).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	require.NoError(e, err)
	for _, alarm := range alarms.MetricAlarms {
		names = append(names, *alarm.AlarmName)
	}
	for _, alarm := range alarms.CompositeAlarms {
		names = append(names, *alarm.AlarmName)
	}
	trails, err := cloudtrail.NewFromConfig(config).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	require.NoError(e, err)
	for _, trail := range trails.TrailList {
		names = append(names, *trail.Name)
	}
	return withoutCDK(names)
}
