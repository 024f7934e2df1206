package papertrail_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/objectlock"
)

// An environment that keeps its evidence, from its first deployment to the one
// after its end.
func TestAnEnvironmentThatRetains(t *testing.T) {
	env := start(t, home)
	env.configure("removal: retain", "terminationProtection: false")
	env.deploy()
	declared := env.declared(home)
	require.Equal(env, declared, env.live(home))
	groups := env.logGroups(home)
	keys := []string{env.physical(home, storage, "InvocationKey"), env.physical(home, storage, "ActivityKey")}
	buckets := map[string]string{}
	for _, name := range []string{"InvocationBucket", "InvocationBucketAccessLogs", "TrailBucket", "TrailBucketAccessLogs"} {
		bucket := env.physical(home, storage, name)
		buckets[bucket] = env.bucketPolicy(bucket)
	}

	env.step("its bucket keeps evidence", func(env *environment) {
		lock, err := env.s3(home).GetObjectLockConfiguration(env.Context(), &s3.GetObjectLockConfigurationInput{Bucket: declared.S3Config.BucketName})
		require.NoError(env, err)
		retention := lock.ObjectLockConfiguration.Rule.DefaultRetention
		assert.Equal(env, s3types.ObjectLockRetentionModeCompliance, retention.Mode)
		assert.EqualValues(env, 2557, *retention.Days)
		objectlock.Prove(env.T, objectlock.Bucket{
			Name: *declared.S3Config.BucketName, Region: home, Mode: retention.Mode, Days: *retention.Days,
			Policy:     buckets[*declared.S3Config.BucketName],
			DeployRole: "cdk-hnb659fds-cfn-exec-role-" + env.stand.Account() + "-" + home,
		})
	})
	env.step("destroying it leaves logging on and the evidence in place", func(env *environment) {
		env.stand.Forget()
		env.destroy()
		assert.Empty(env, env.stand.LoggingCalls(home), "CloudFormation does not hand the Delete on")
		assert.Equal(env, declared, env.live(home))
		assert.ElementsMatch(env, groups, env.logGroups(home))
		for bucket, policy := range buckets {
			assert.Equal(env, policy, env.bucketPolicy(bucket))
		}
		for _, id := range keys {
			key, err := kms.NewFromConfig(env.stand.Config(home)).DescribeKey(env.Context(), &kms.DescribeKeyInput{KeyId: &id})
			require.NoError(env, err)
			assert.Equal(env, kmstypes.KeyStateEnabled, key.KeyMetadata.KeyState)
		}
		status, err := cloudtrail.NewFromConfig(env.stand.Config(home)).GetTrailStatus(env.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String("paper-trail-e2e")})
		require.NoError(env, err)
		assert.True(env, *status.IsLogging)
		_, role, _ := strings.Cut(*declared.CloudWatchConfig.RoleArn, ":role/")
		policies, err := iam.NewFromConfig(env.stand.Config(home)).ListRolePolicies(env.Context(), &iam.ListRolePoliciesInput{RoleName: &role})
		require.NoError(env, err)
		assert.NotEmpty(env, policies.PolicyNames, "what Bedrock writes with")
	})
	env.step("it is deployed again over what it left", func(env *environment) {
		env.configure("removal: retain", "terminationProtection: false", "invocationLogging: {onExisting: adopt}")
		env.deploy("--import-existing-resources")
		for _, stack := range stacks {
			assert.Equal(env, cfntypes.StackStatusCreateComplete, env.status(home, stack), stack)
		}
		assert.Equal(env, logGroup, env.physical(home, storage, "InvocationLogGroup"))
		assert.Equal(env, "/aws/cloudtrail/paper-trail-e2e", env.physical(home, capture, "ActivityTrailLogGroup"))
		assert.Equal(env, "paper-trail-e2e", env.physical(home, capture, "ActivityTrail"))
		again := env.declared(home)
		assert.Equal(env, again, env.live(home))
		assert.NotEqual(env, declared.S3Config.BucketName, again.S3Config.BucketName, "a bucket has no name that could collide")
	})
}

func (e *environment) bucketPolicy(bucket string) string {
	e.Helper()
	answer, err := e.s3(home).GetBucketPolicy(e.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	require.NoError(e, err)
	return aws.ToString(answer.Policy)
}
