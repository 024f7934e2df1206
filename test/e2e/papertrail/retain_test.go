package papertrail_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
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
	env.configure("removal: retain", "terminationProtection: false", "ledger: {mode: create}")
	env.deploy()
	declared := env.declared(home)
	require.Equal(env, declared, env.live(home))
	env.seen(home, everyStack...)
	evidence, policies := env.evidence()

	env.step("its bucket keeps evidence", func(env *environment) {
		lock, err := env.s3(home).GetObjectLockConfiguration(env.Context(), &s3.GetObjectLockConfigurationInput{Bucket: declared.S3Config.BucketName})
		require.NoError(env, err)
		retention := lock.ObjectLockConfiguration.Rule.DefaultRetention
		assert.Equal(env, s3types.ObjectLockRetentionModeCompliance, retention.Mode)
		assert.EqualValues(env, 2557, *retention.Days)
		objectlock.Prove(env.T, objectlock.Bucket{
			Name: *declared.S3Config.BucketName, Region: home, Mode: retention.Mode, Days: *retention.Days,
			Policy:     policies[*declared.S3Config.BucketName],
			DeployRole: "cdk-hnb659fds-cfn-exec-role-" + env.stand.Account() + "-" + home,
		})
	})
	env.step("destroying it leaves logging on and the evidence in place", func(env *environment) {
		env.stand.Forget()
		env.destroy()
		assert.Empty(env, env.stand.LoggingCalls(home), "CloudFormation does not hand the Delete on")
		assert.Equal(env, declared, env.live(home))
		assert.ElementsMatch(env, evidence, env.left(home))
		for bucket, policy := range policies {
			assert.Equal(env, policy, env.bucketPolicy(bucket))
		}
		status, err := cloudtrail.NewFromConfig(env.stand.Config(home)).GetTrailStatus(env.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String("paper-trail-e2e")})
		require.NoError(env, err)
		assert.True(env, *status.IsLogging)
		_, role, _ := strings.Cut(*declared.CloudWatchConfig.RoleArn, ":role/")
		granted, err := iam.NewFromConfig(env.stand.Config(home)).ListRolePolicies(env.Context(), &iam.ListRolePoliciesInput{RoleName: &role})
		require.NoError(env, err)
		assert.NotEmpty(env, granted.PolicyNames, "what Bedrock writes with")
	})
	env.step("it is deployed again over what it left", func(env *environment) {
		env.configure("removal: retain", "terminationProtection: false", "ledger: {mode: create}", "invocationLogging: {onExisting: adopt}")
		env.deploy("--import-existing-resources")
		for _, stack := range everyStack {
			assert.Equal(env, cfntypes.StackStatusCreateComplete, env.status(home, stack), stack)
		}
		assert.Equal(env, logGroup, env.physical(home, storage, "InvocationLogGroup"))
		assert.Equal(env, "/aws/cloudtrail/paper-trail-e2e", env.physical(home, capture, "ActivityTrailLogGroup"))
		assert.Equal(env, "paper-trail-e2e", env.physical(home, capture, "ActivityTrail"))
		assert.NotContains(env, evidence, "AWS::S3::Bucket "+env.physical(home, ledger, "LedgerBucket"))
		assert.Equal(env, []string{"paper_trail_e2e"}, env.databases(home))
		again := env.declared(home)
		assert.Equal(env, again, env.live(home))
		assert.NotEqual(env, declared.S3Config.BucketName, again.S3Config.BucketName, "a bucket has no name that could collide")
	})
}

// evidence is what outlives the stacks, in the words of left, with the policies of
// its buckets.
func (e *environment) evidence() (kept []string, policies map[string]string) {
	e.Helper()
	policies = map[string]string{}
	kept = []string{ // the function's own notes
		"AWS::SSM::Parameter /paper-trail/logging-configuration-lock",
		"AWS::SSM::Parameter /paper-trail/" + capture + "/logging-configuration",
	}
	for _, resource := range []struct {
		stack, kind string
		names       []string
	}{
		{storage, "AWS::KMS::Key", []string{"InvocationKey", "ActivityKey", "AlertKey"}},
		{storage, "AWS::Logs::LogGroup", []string{"InvocationLogGroup"}},
		{storage, "AWS::S3::Bucket", []string{"InvocationBucket", "InvocationBucketAccessLogs", "TrailBucket", "TrailBucketAccessLogs"}},
		{capture, "AWS::CloudTrail::Trail", []string{"ActivityTrail"}},
		{capture, "AWS::IAM::Role", []string{"InvocationLoggingRole", "ActivityTrailDeliveryRole"}},
		{capture, "AWS::Logs::LogGroup", []string{"ActivityTrailLogGroup", "InvocationLoggingFunctionLogs"}},
		{monitoring, "AWS::Logs::LogGroup", []string{"InvocationLoggingGuardFunctionLogs"}},
		{ledger, "AWS::KMS::Key", []string{"LedgerKey"}},
		{ledger, "AWS::Logs::LogGroup", []string{"LedgerFillLogs"}},
		{ledger, "AWS::S3::Bucket", []string{"LedgerBucket", "LedgerResults", "LedgerAccessLogs"}},
	} {
		for _, name := range resource.names {
			id := e.physical(home, resource.stack, name)
			kept = append(kept, resource.kind+" "+id)
			if resource.kind == "AWS::S3::Bucket" {
				policies[id] = e.bucketPolicy(id)
			}
		}
	}
	return kept, policies
}

func (e *environment) bucketPolicy(bucket string) string {
	e.Helper()
	answer, err := e.s3(home).GetBucketPolicy(e.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	require.NoError(e, err)
	return aws.ToString(answer.Policy)
}
