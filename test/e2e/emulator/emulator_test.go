package emulator_test

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

const region = "eu-west-1"

//go:embed testdata/types.json
var typesTemplate string

func start(t *testing.T) *emulator.Emulator {
	t.Helper()
	stand, err := emulator.Start(t.Context(), emulator.Options{Name: t.Name()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stand.Stop()) })
	return stand
}

func s3Client(config aws.Config) *s3.Client {
	return s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
}

// await polls until the stack is in the wanted state and returns its outputs.
func await(t *testing.T, client *cloudformation.Client, name string, wanted cfntypes.StackStatus) map[string]string {
	t.Helper()
	var stack cfntypes.Stack
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		answer, err := client.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
		require.NoError(c, err)
		stack = answer.Stacks[0]
		require.Falsef(c, strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS"), "still %s", stack.StackStatus)
	}, 2*time.Minute, 50*time.Millisecond)
	require.Equal(t, wanted, stack.StackStatus, aws.ToString(stack.StackStatusReason))
	outputs := map[string]string{}
	for _, output := range stack.Outputs {
		outputs[*output.OutputKey] = *output.OutputValue
	}
	return outputs
}

func create(t *testing.T, client *cloudformation.Client, name, template string) map[string]string {
	t.Helper()
	answer, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName:    aws.String(name),
		TemplateBody: aws.String(template),
		Tags:         []cfntypes.Tag{{Key: aws.String("environment"), Value: aws.String("test")}},
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	})
	require.NoError(t, err)
	return await(t, client, *answer.StackId, cfntypes.StackStatusCreateComplete)
}

func update(t *testing.T, client *cloudformation.Client, name, template string, parameters map[string]string) {
	t.Helper()
	input := &cloudformation.UpdateStackInput{
		StackName:    aws.String(name),
		TemplateBody: aws.String(template),
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	}
	for key, value := range parameters {
		input.Parameters = append(input.Parameters, cfntypes.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(value)})
	}
	_, err := client.UpdateStack(t.Context(), input)
	require.NoError(t, err)
}

func destroy(t *testing.T, client *cloudformation.Client, name string, wanted cfntypes.StackStatus) {
	t.Helper()
	answer, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	require.NoError(t, err)
	_, err = client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String(name)})
	require.NoError(t, err)
	await(t, client, *answer.Stacks[0].StackId, wanted)
}

// What the template says is what the APIs show.
func TestTheAPIsShowWhatTheTemplateSays(t *testing.T) {
	t.Parallel()
	stand := start(t)
	config := stand.Config(region)
	ctx := t.Context()
	out := create(t, cloudformation.NewFromConfig(config), "types", typesTemplate)
	bucket := aws.String(out["Bucket"])

	t.Run("bucket", func(t *testing.T) {
		client := s3Client(config)

		lock, err := client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: bucket})
		require.NoError(t, err)
		assert.Equal(t, s3types.ObjectLockRetentionModeGovernance, lock.ObjectLockConfiguration.Rule.DefaultRetention.Mode)
		assert.EqualValues(t, 30, *lock.ObjectLockConfiguration.Rule.DefaultRetention.Days)

		encryption, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
		require.NoError(t, err)
		rule := encryption.ServerSideEncryptionConfiguration.Rules[0]
		assert.True(t, *rule.BucketKeyEnabled)
		assert.Equal(t, s3types.ServerSideEncryptionAwsKms, rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm)
		assert.Equal(t, out["Key"], *rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID)

		lifecycle, err := client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
		require.NoError(t, err)
		require.Len(t, lifecycle.Rules, 1)
		assert.EqualValues(t, 60, *lifecycle.Rules[0].Expiration.Days)
		assert.EqualValues(t, 31, *lifecycle.Rules[0].Transitions[0].Days)
		assert.EqualValues(t, 61, *lifecycle.Rules[0].NoncurrentVersionExpiration.NoncurrentDays)
		assert.EqualValues(t, 7, *lifecycle.Rules[0].AbortIncompleteMultipartUpload.DaysAfterInitiation)

		logging, err := client.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: bucket})
		require.NoError(t, err)
		assert.Equal(t, out["AccessLogs"], *logging.LoggingEnabled.TargetBucket)
		assert.Equal(t, "access/", *logging.LoggingEnabled.TargetPrefix)

		ownership, err := client.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket})
		require.NoError(t, err)
		assert.Equal(t, s3types.ObjectOwnershipBucketOwnerEnforced, ownership.OwnershipControls.Rules[0].ObjectOwnership)

		public, err := client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket})
		require.NoError(t, err)
		assert.True(t, *public.PublicAccessBlockConfiguration.RestrictPublicBuckets)

		versioning, err := client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: bucket})
		require.NoError(t, err)
		assert.Equal(t, s3types.BucketVersioningStatusEnabled, versioning.Status)

		policy, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
		require.NoError(t, err)
		assert.Contains(t, *policy.Policy, "bedrock.amazonaws.com")

		tags, err := client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: bucket})
		require.NoError(t, err)
		assert.Contains(t, tags.TagSet, s3types.Tag{Key: aws.String("project"), Value: aws.String("paper-trail")})
		assert.Contains(t, tags.TagSet, s3types.Tag{Key: aws.String("environment"), Value: aws.String("test")})
	})

	t.Run("key", func(t *testing.T) {
		client := kms.NewFromConfig(config)
		rotation, err := client.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: aws.String(out["Key"])})
		require.NoError(t, err)
		assert.True(t, rotation.KeyRotationEnabled)
		tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: aws.String(out["Key"])})
		require.NoError(t, err)
		assert.NotEmpty(t, tags.Tags)
	})

	t.Run("log group", func(t *testing.T) {
		client := cloudwatchlogs.NewFromConfig(config)
		groups, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/paper-trail/")})
		require.NoError(t, err)
		require.Len(t, groups.LogGroups, 2)
		protected, plain := groups.LogGroups[0], groups.LogGroups[1]
		assert.True(t, *protected.DeletionProtectionEnabled)
		assert.False(t, *plain.DeletionProtectionEnabled)
		assert.EqualValues(t, 2557, *plain.RetentionInDays)
		assert.Equal(t, out["Key"], *plain.KmsKeyId)

		policy, err := client.GetDataProtectionPolicy(ctx, &cloudwatchlogs.GetDataProtectionPolicyInput{LogGroupIdentifier: aws.String("/paper-trail/test")})
		require.NoError(t, err)
		assert.Contains(t, *policy.PolicyDocument, `"mask"`)

		filters, err := client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("/paper-trail/test")})
		require.NoError(t, err)
		require.Len(t, filters.MetricFilters, 1)
		assert.Equal(t, "ThrottlingFilter", *filters.MetricFilters[0].FilterName)
		assert.Equal(t, "BedrockThrottlingEvents", *filters.MetricFilters[0].MetricTransformations[0].MetricName)

		_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/paper-trail/protected")})
		assert.ErrorContains(t, err, "protected")
	})

	t.Run("alarms", func(t *testing.T) {
		client := cloudwatch.NewFromConfig(config)
		alarms, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{out["Alarm"], out["MathAlarm"]}})
		require.NoError(t, err)
		require.Len(t, alarms.MetricAlarms, 2)
		alarm, math := alarms.MetricAlarms[0], alarms.MetricAlarms[1]
		assert.Equal(t, "notBreaching", *alarm.TreatMissingData)
		assert.Equal(t, []string{out["Topic"]}, alarm.AlarmActions)
		assert.Equal(t, []string{out["Topic"]}, alarm.OKActions)
		require.Len(t, math.Metrics, 1)
		assert.Contains(t, *math.Metrics[0].Expression, "InvocationThrottles")
		assert.EqualValues(t, 300, *math.Metrics[0].Period)
		assert.Nil(t, math.MetricName)

		composites, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm}})
		require.NoError(t, err)
		require.Len(t, composites.CompositeAlarms, 1)
		composite := composites.CompositeAlarms[0]
		assert.Equal(t, out["Composite"], *composite.AlarmName)
		assert.Contains(t, *composite.AlarmRule, *math.AlarmArn)
		assert.Equal(t, []string{out["Topic"]}, composite.AlarmActions)
		tags, err := client.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: composite.AlarmArn})
		require.NoError(t, err)
		assert.Contains(t, tags.Tags, cwtypes.Tag{Key: aws.String("environment"), Value: aws.String("test")})
	})

	t.Run("topic", func(t *testing.T) {
		client := sns.NewFromConfig(config)
		topic, err := client.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(out["Topic"])})
		require.NoError(t, err)
		assert.Equal(t, out["Key"], topic.Attributes["KmsMasterKeyId"])
		assert.Contains(t, topic.Attributes["Policy"], "cloudwatch.amazonaws.com")
		assert.Equal(t, "1", topic.Attributes["SubscriptionsPending"])
		subscriptions, err := client.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(out["Topic"])})
		require.NoError(t, err)
		require.Len(t, subscriptions.Subscriptions, 1)
		assert.Equal(t, "admin@example.com", *subscriptions.Subscriptions[0].Endpoint)
		tags, err := client.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: aws.String(out["Topic"])})
		require.NoError(t, err)
		assert.NotEmpty(t, tags.Tags)
	})

	t.Run("trail", func(t *testing.T) {
		client := cloudtrail.NewFromConfig(config)
		trails, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
		require.NoError(t, err)
		require.Len(t, trails.TrailList, 1)
		trail := trails.TrailList[0]
		assert.True(t, *trail.IsMultiRegionTrail)
		assert.True(t, *trail.LogFileValidationEnabled)
		assert.True(t, *trail.HasInsightSelectors)
		assert.Equal(t, out["Key"], *trail.KmsKeyId)
		assert.Contains(t, *trail.CloudWatchLogsLogGroupArn, "/paper-trail/test")

		status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: trail.Name})
		require.NoError(t, err)
		assert.True(t, *status.IsLogging)

		selectors, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: trail.Name})
		require.NoError(t, err)
		require.Len(t, selectors.AdvancedEventSelectors, 2)
		assert.Equal(t, []string{"AWS::Bedrock::Guardrail"}, selectors.AdvancedEventSelectors[1].FieldSelectors[1].Equals)

		insights, err := client.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: trail.Name})
		require.NoError(t, err)
		assert.Equal(t, trailtypes.InsightTypeApiCallRateInsight, insights.InsightSelectors[0].InsightType)

		tags, err := client.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{*trail.TrailARN}})
		require.NoError(t, err)
		assert.Contains(t, tags.ResourceTagList[0].TagsList, trailtypes.Tag{Key: aws.String("environment"), Value: aws.String("test")})
	})

	t.Run("function", func(t *testing.T) {
		client := lambda.NewFromConfig(config)
		function, err := client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(out["Function"])})
		require.NoError(t, err)
		assert.Equal(t, "/paper-trail/test", *function.Configuration.LoggingConfig.LogGroup)
		assert.Equal(t, "test", function.Configuration.Environment.Variables["STAGE"])
		assert.EqualValues(t, 1, *function.Concurrency.ReservedConcurrentExecutions)

		written, err := stand.LogEvents(ctx, region)
		require.NoError(t, err)
		assert.Contains(t, written, "/paper-trail/test\n")
		assert.Contains(t, written, "handling Create")
	})

	t.Run("logging", func(t *testing.T) {
		assert.Equal(t, "bedrock-model-invocation-logging", out["Logging"])
		live := loggingConfig(t, stand, region)
		require.NotNil(t, live)
		assert.Equal(t, "/paper-trail/test", *live.CloudWatchConfig.LogGroupName)
		assert.Equal(t, out["Bucket"], *live.S3Config.BucketName)
		assert.True(t, *live.AudioDataDeliveryEnabled, "a flag left out is on")
		assert.Nil(t, loggingConfig(t, stand, "us-east-1"), "one configuration a Region")

		calls := stand.LoggingCalls(region)
		require.NotEmpty(t, calls)
		assert.Equal(t, http.MethodPut, calls[0].Method)
		assert.Equal(t, http.StatusOK, calls[0].Status)
		assert.Contains(t, calls[0].Body, "/paper-trail/test")
		stand.Forget()
		assert.Empty(t, stand.LoggingCalls(""))
	})
}

func loggingConfig(t *testing.T, stand *emulator.Emulator, region string) *bedrocktypes.LoggingConfig {
	t.Helper()
	answer, err := bedrock.NewFromConfig(stand.Config(region)).GetModelInvocationLoggingConfiguration(
		t.Context(), &bedrock.GetModelInvocationLoggingConfigurationInput{})
	require.NoError(t, err)
	return answer.LoggingConfig
}

// An update reaches the resource in place, and one that fails is rolled back.
func TestUpdatesAndRollsBack(t *testing.T) {
	t.Parallel()
	stand := start(t)
	config := stand.Config(region)
	formation := cloudformation.NewFromConfig(config)
	out := create(t, formation, "types", typesTemplate)

	update(t, formation, "types", typesTemplate, map[string]string{"TextFlag": "false", "ExpireAfterDays": "90"})
	after := await(t, formation, "types", cfntypes.StackStatusUpdateComplete)
	assert.Equal(t, out, after)
	assert.False(t, *loggingConfig(t, stand, region).TextDataDeliveryEnabled)
	lifecycle, err := s3Client(config).GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: aws.String(out["Bucket"])})
	require.NoError(t, err)
	assert.EqualValues(t, 90, *lifecycle.Rules[0].Expiration.Days)

	_, err = formation.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("types"), UsePreviousTemplate: aws.Bool(true),
		Parameters: []cfntypes.Parameter{
			{ParameterKey: aws.String("TextFlag"), UsePreviousValue: aws.Bool(true)},
			{ParameterKey: aws.String("ExpireAfterDays"), UsePreviousValue: aws.Bool(true)},
		},
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	})
	require.ErrorContains(t, err, "No updates are to be performed")

	stand.InjectFaults(func(call emulator.Call) *emulator.Fault {
		if call.Method == http.MethodPut && strings.Contains(call.Body, `"textDataDeliveryEnabled": true`) {
			return &emulator.Fault{Status: http.StatusBadRequest, Code: "ValidationException", Message: "refused by the test"}
		}
		return nil
	})
	update(t, formation, "types", typesTemplate, map[string]string{"TextFlag": "true", "ExpireAfterDays": "120"})
	assert.Equal(t, out, await(t, formation, "types", cfntypes.StackStatusUpdateRollbackComplete))
	assert.False(t, *loggingConfig(t, stand, region).TextDataDeliveryEnabled)
	lifecycle, err = s3Client(config).GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: aws.String(out["Bucket"])})
	require.NoError(t, err)
	assert.EqualValues(t, 90, *lifecycle.Rules[0].Expiration.Days)
}

// A change set that changes only outputs is executed, as on AWS; one that changes
// nothing fails.
func TestExecutesAChangeOfOutputs(t *testing.T) {
	t.Parallel()
	stand := start(t)
	formation := cloudformation.NewFromConfig(stand.Config(region))
	const one = `{"Resources":{"B":{"Type":"AWS::S3::Bucket"}},"Outputs":{"One":{"Value":"1"}}}`
	const two = `{"Resources":{"B":{"Type":"AWS::S3::Bucket"}},"Outputs":{"One":{"Value":"1"},"Two":{"Value":"2"}}}`
	create(t, formation, "outputs", one)
	change := func(name, template string) cfntypes.ChangeSetStatus {
		t.Helper()
		_, err := formation.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: aws.String("outputs"), ChangeSetName: &name, TemplateBody: &template,
		})
		require.NoError(t, err)
		made, err := formation.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{StackName: aws.String("outputs"), ChangeSetName: &name})
		require.NoError(t, err)
		assert.Empty(t, made.Changes)
		return made.Status
	}
	assert.Equal(t, cfntypes.ChangeSetStatusFailed, change("same", one))
	assert.Equal(t, cfntypes.ChangeSetStatusCreateComplete, change("more", two))
	_, err := formation.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{StackName: aws.String("outputs"), ChangeSetName: aws.String("more")})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"One": "1", "Two": "2"}, await(t, formation, "outputs", cfntypes.StackStatusUpdateComplete))
}

// A custom resource whose creation fails gets a Delete, as on AWS, and its answers
// pass the proxy.
func TestDeletesACustomResourceThatFailsToBeCreated(t *testing.T) {
	t.Parallel()
	stand := start(t)
	var answers []string
	stand.InjectFaults(func(call emulator.Call) *emulator.Fault {
		switch {
		case call.Operation == emulator.AnswerResponseURL:
			answers = append(answers, call.Body)
		case call.Method == http.MethodPut:
			return &emulator.Fault{Status: http.StatusBadRequest, Code: "ValidationException", Message: "refused by the test"}
		}
		return nil
	})
	formation := cloudformation.NewFromConfig(stand.Config(region))
	stack, err := formation.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("types"), TemplateBody: aws.String(typesTemplate),
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	})
	require.NoError(t, err)
	await(t, formation, *stack.StackId, cfntypes.StackStatusRollbackComplete)
	stand.InjectFaults(nil)

	require.Len(t, answers, 2)
	assert.Contains(t, answers[0], "FAILED")
	assert.Contains(t, answers[1], "SUCCESS")
	var methods []string
	for _, call := range stand.LoggingCalls(region) {
		methods = append(methods, call.Method)
	}
	assert.Equal(t, []string{http.MethodPut, http.MethodDelete}, methods)
}

// Two Regions hold stacks of one name that know nothing of each other, and
// destroying one leaves what it retains.
func TestDestroysWhatIsNotRetained(t *testing.T) {
	t.Parallel()
	stand := start(t)
	config := stand.Config(region)
	formation := cloudformation.NewFromConfig(config)
	elsewhere := cloudformation.NewFromConfig(stand.Config("us-east-1"))
	out := create(t, formation, "types", typesTemplate)
	plain := `{"Resources":{"Plain":{"Type":"AWS::S3::Bucket"}},"Outputs":{"Bucket":{"Value":{"Ref":"Plain"}}}}`
	other := create(t, elsewhere, "types", plain)

	destroy(t, formation, "types", cfntypes.StackStatusDeleteComplete)
	_, err := s3Client(config).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String(out["Bucket"])})
	require.NoError(t, err, "retained")
	_, err = s3Client(config).GetObjectLockConfiguration(t.Context(), &s3.GetObjectLockConfigurationInput{Bucket: aws.String(out["Bucket"])})
	require.NoError(t, err, "retained with its lock")
	key, err := kms.NewFromConfig(config).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String(out["Key"])})
	require.NoError(t, err)
	assert.Equal(t, "Enabled", string(key.KeyMetadata.KeyState))
	_, err = s3Client(config).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String(out["AccessLogs"])})
	require.Error(t, err, "not retained")
	trails, err := cloudtrail.NewFromConfig(config).DescribeTrails(t.Context(), &cloudtrail.DescribeTrailsInput{})
	require.NoError(t, err)
	assert.Empty(t, trails.TrailList)
	assert.Nil(t, loggingConfig(t, stand, region))

	client := s3Client(stand.Config("us-east-1"))
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(other["Bucket"]), Key: aws.String("k"), Body: strings.NewReader("v")})
	require.NoError(t, err)
	destroy(t, elsewhere, "types", cfntypes.StackStatusDeleteFailed)
}

// A log group that an earlier stack retained is in the way of the next one, as on
// AWS, and the failed stack does not take it down.
func TestRefusesALogGroupThatExists(t *testing.T) {
	t.Parallel()
	stand := start(t)
	formation := cloudformation.NewFromConfig(stand.Config(region))
	const template = `{"Resources":{"G":{"Type":"AWS::Logs::LogGroup","DeletionPolicy":"Retain","Properties":{"LogGroupName":"/kept"}}}}`
	create(t, formation, "first", template)
	destroy(t, formation, "first", cfntypes.StackStatusDeleteComplete)

	second, err := formation.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("second"), TemplateBody: aws.String(template)})
	require.NoError(t, err)
	await(t, formation, *second.StackId, cfntypes.StackStatusRollbackComplete)
	groups, err := cloudwatchlogs.NewFromConfig(stand.Config(region)).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/kept")})
	require.NoError(t, err)
	assert.Len(t, groups.LogGroups, 1)
}

// What AWS refuses when resources come in the wrong order is refused here too.
func TestRefusesWhatIsNotReady(t *testing.T) {
	t.Parallel()
	stand := start(t)
	client := bedrock.NewFromConfig(stand.Config(region))

	put := func(config *bedrocktypes.LoggingConfig) error {
		_, err := client.PutModelInvocationLoggingConfiguration(t.Context(), &bedrock.PutModelInvocationLoggingConfigurationInput{LoggingConfig: config})
		return err
	}
	assert.ErrorContains(t, put(&bedrocktypes.LoggingConfig{
		CloudWatchConfig: &bedrocktypes.CloudWatchConfig{LogGroupName: aws.String("none"), RoleArn: aws.String("arn:aws:iam::111111111111:role/none")},
	}), "Failed to validate permissions for log group: none")
	assert.ErrorContains(t, put(&bedrocktypes.LoggingConfig{
		S3Config: &bedrocktypes.S3Config{BucketName: aws.String("none")},
	}), "Failed to validate permissions for bucket: none")
	assert.Nil(t, loggingConfig(t, stand, region))
}

// Fn::GetStackOutput reads the live value, of another Region's stack too.
func TestReadsAnotherStacksOutput(t *testing.T) {
	t.Parallel()
	stand := start(t)
	formation := cloudformation.NewFromConfig(stand.Config(region))
	const producer = `{"Resources":{"B":{"Type":"AWS::S3::Bucket"}},"Outputs":{"Name":{"Value":{"Ref":"B"}}}}`
	here := create(t, formation, "producer", producer)
	there := create(t, cloudformation.NewFromConfig(stand.Config("us-east-1")), "producer", producer)
	require.NotEqual(t, here["Name"], there["Name"])
	read := create(t, formation, "consumer", `{
		"Resources": {
			"Here": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Name"}}}},
			"There": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::Join": ["", ["of ", {"Fn::GetStackOutput": {"StackName": "producer", "OutputName": "Name", "Region": "us-east-1"}}]]}}}
		},
		"Outputs": {"Here": {"Value": {"Fn::GetAtt": ["Here", "Value"]}}, "There": {"Value": {"Fn::GetAtt": ["There", "Value"]}}}
	}`)
	assert.Equal(t, map[string]string{"Here": here["Name"], "There": "of " + there["Name"]}, read)
}

// The emulator and the function it runs end with their parent, even when that
// one is killed.
func TestEndsWithItsParent(t *testing.T) {
	t.Parallel()
	if os.Getenv("EMULATOR_TEST_PARENT") != "" {
		stand, err := emulator.Start(t.Context(), emulator.Options{Name: t.Name()})
		require.NoError(t, err)
		create(t, cloudformation.NewFromConfig(stand.Config(region)), "types", typesTemplate)
		fmt.Printf("group %d has %d\n", stand.PID(), alive(t, strconv.Itoa(stand.PID())))
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGKILL))
	}
	parent := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	parent.Env = append(os.Environ(), "EMULATOR_TEST_PARENT=1")
	out, err := parent.Output()
	require.ErrorContains(t, err, "killed", string(out))
	match := regexp.MustCompile(`group (\d+) has (\d+)`).FindStringSubmatch(string(out))
	require.NotNil(t, match, string(out))
	assert.Equal(t, "2", match[2], "the emulator and its function")
	assert.Eventually(t, func() bool { return alive(t, match[1]) == 0 }, 10*time.Second, 50*time.Millisecond)
}

// alive counts the processes of a group that still run.
func alive(t *testing.T, group string) int {
	t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pgid=,stat=").Output()
	require.NoError(t, err)
	count := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if fields[0] == group && !strings.HasPrefix(fields[1], "Z") {
			count++
		}
	}
	return count
}
