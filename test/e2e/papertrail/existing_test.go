package papertrail_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Somebody else in the account has switched logging on before.
func TestAnExistingConfiguration(t *testing.T) {
	env := start(t, home)
	foreign := env.somebodyElseLogs()

	env.step("is refused with the difference and the way out, and left untouched", func(env *environment) {
		env.configureDisposable("trail: {mode: none}", "invocationLogging: {onExisting: refuse}")
		env.stand.Forget()
		_, err := env.cdk("deploy")
		require.Error(env, err)
		for _, said := range []string{
			"already logs model invocations in this Region, in a different way",
			`s3Config.bucketName`, `"somebody-elses"`, // the difference
			"textDataDeliveryEnabled",
			"set OnExisting to Adopt", // the way out
		} {
			assert.ErrorContains(env, err, said)
		}
		assert.Equal(env, cfntypes.StackStatusRollbackComplete, env.status(home, capture))
		assert.Empty(env, methods(env.stand.LoggingCalls(home)))
		assert.Equal(env, foreign, env.live(home))
		assert.Empty(env, env.parameters(home))
	})
	env.step("is replaced when the environment adopts it", func(env *environment) {
		env.configureDisposable("trail: {mode: none}", "invocationLogging: {onExisting: adopt}")
		env.deploy()
		assert.Equal(env, env.declared(home), env.live(home))
	})
	env.step("is restored when the environment is destroyed", func(env *environment) {
		env.destroy()
		assert.Equal(env, foreign, env.live(home))
		assert.Empty(env, env.parameters(home), "the memory of it")
	})
}

// somebodyElseLogs puts a logging configuration that is not the stacks'.
func (e *environment) somebodyElseLogs() *bedrocktypes.LoggingConfig {
	e.Helper()
	foreign := e.somebodyElsesConfiguration()
	_, err := bedrock.NewFromConfig(e.stand.Config(home)).PutModelInvocationLoggingConfiguration(e.Context(),
		&bedrock.PutModelInvocationLoggingConfigurationInput{LoggingConfig: foreign})
	require.NoError(e, err)
	return foreign
}

// somebodyElsesConfiguration makes a bucket and returns a logging configuration
// that uses it.
func (e *environment) somebodyElsesConfiguration() *bedrocktypes.LoggingConfig {
	e.Helper()
	bucket := aws.String("somebody-elses")
	_, err := e.s3(home).CreateBucket(e.Context(), &s3.CreateBucketInput{
		Bucket:                    bucket,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: home},
	})
	require.NoError(e, err)
	_, err = e.s3(home).PutBucketPolicy(e.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"bedrock.amazonaws.com"},` +
			`"Action":"s3:PutObject","Resource":"arn:aws:s3:::somebody-elses/*"}]}`)})
	require.NoError(e, err)
	return &bedrocktypes.LoggingConfig{
		S3Config:                     &bedrocktypes.S3Config{BucketName: bucket, KeyPrefix: aws.String("theirs")},
		TextDataDeliveryEnabled:      aws.Bool(false),
		ImageDataDeliveryEnabled:     aws.Bool(true),
		EmbeddingDataDeliveryEnabled: aws.Bool(false),
		VideoDataDeliveryEnabled:     aws.Bool(true),
		AudioDataDeliveryEnabled:     aws.Bool(true),
	}
}
