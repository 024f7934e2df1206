package invocationlog_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

// prebuilt stands in for the compiled function where the test is not about it.
func prebuilt(t *testing.T) *invocationlog.FunctionProps {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	return &invocationlog.FunctionProps{Code: awslambda.Code_FromAsset(jsii.String(dir), nil)}
}

func newLogging(t *testing.T, change func(awscdk.Stack, *invocationlog.InvocationLoggingProps)) (awscdk.Stack, invocationlog.InvocationLogging) {
	t.Helper()
	stack := cdktest.NewStack(t)
	key := newKey(stack)
	props := &invocationlog.InvocationLoggingProps{
		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{Key: key}),
		Bucket:   auditstore.NewAuditBucket(stack, jsii.String("Audit"), &auditstore.AuditBucketProps{Key: key}),
		Function: prebuilt(t),
	}
	if change != nil {
		change(stack, props)
	}
	return stack, invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), props)
}

// configuration reads the JSON text that the custom resource is given, with
// "<LogicalId>" for what CloudFormation fills in.
func configuration(t *testing.T, resource cdktest.Resource) map[string]any {
	t.Helper()
	text, ok := resource.Properties["LoggingConfiguration"].(string)
	if !ok {
		parts := resource.Properties["LoggingConfiguration"].(map[string]any)["Fn::Join"].([]any)[1].([]any)
		for _, part := range parts {
			if s, ok := part.(string); ok {
				text += s
				continue
			}
			text += regexp.MustCompile(`[A-Z][A-Za-z0-9]{8,}`).FindString(cdktest.JSON(t, part))
		}
	}
	var config map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &config), text)
	return config
}

func TestInvocationLoggingIsImportable(t *testing.T) {
	stack, logging := newLogging(t, nil)
	cdktest.AssertImportable(t, logging)
	cdktest.Synth(t, stack)
}

func TestInvocationLoggingDefaults(t *testing.T) {
	stack, _ := newLogging(t, nil)
	template := cdktest.Synth(t, stack)

	_, resource := template.Only(t, "Custom::BedrockInvocationLogging", "Logging")
	config := configuration(t, resource)
	for _, flag := range []string{"text", "image", "embedding", "video", "audio"} {
		assert.Equal(t, true, config[flag+"DataDeliveryEnabled"], "%s is sent, since Bedrock turns on what is left out", flag)
	}
	cloudWatch := config["cloudWatchConfig"].(map[string]any)
	assert.Equal(t, "large-data", cloudWatch["largeDataDeliveryS3Config"].(map[string]any)["keyPrefix"])
	assert.Contains(t, config["s3Config"].(map[string]any)["bucketName"], "AuditBucket")
	assert.Equal(t, "Refuse", resource.Properties["OnExisting"])
	assert.Equal(t, "/paper-trail/Test/logging-configuration", resource.Properties["RegisterParameter"])
	assert.Equal(t, "RetainExceptOnCreate", resource.DeletionPolicy)
	assert.Equal(t, "Retain", resource.UpdateReplacePolicy)
	_, function := template.Only(t, "AWS::Lambda::Function", "LoggingFunction")
	assert.EqualValues(t, 180, function.Properties["Timeout"])
	assert.EqualValues(t, "900", resource.Properties["ServiceTimeout"], "three runs of the function and the minutes between them")

	_, role := template.Only(t, "AWS::IAM::Role", "LoggingRole")
	assert.Equal(t, "RetainExceptOnCreate", role.DeletionPolicy, "the role outlives the stack with the configuration that names it")
	trust := cdktest.JSON(t, role.Properties["AssumeRolePolicyDocument"])
	assert.Contains(t, trust, `"Service":"bedrock.amazonaws.com"`)
	assert.Contains(t, trust, `"aws:SourceAccount":"111122223333"`)
	policy := cdktest.JSON(t, role.Properties["Policies"])
	assert.Contains(t, policy, ":log-stream:aws/bedrock/modelinvocations")
	assert.NotContains(t, policy, ":*:log-stream")
	assert.Contains(t, policy, `"kms:ViaService":"logs.eu-west-1.amazonaws.com"`)
}

func TestInvocationLoggingWaitsForWhatBedrockTriesOut(t *testing.T) {
	stack, _ := newLogging(t, nil)
	template := cdktest.Synth(t, stack)
	_, resource := template.Only(t, "Custom::BedrockInvocationLogging", "Logging")
	waits := cdktest.JSON(t, resource.DependsOn)
	for _, what := range []struct{ kind, prefix string }{
		{"AWS::S3::BucketPolicy", "AuditBucketPolicy"},
		{"AWS::Logs::LogGroup", "Group"},
	} {
		id, _ := template.Only(t, what.kind, what.prefix)
		assert.Contains(t, waits, id)
	}
	// Lambda would keep an event that it cannot run for hours, and run it when the
	// stack has gone on.
	id, events := template.Only(t, "AWS::Lambda::EventInvokeConfig", "Logging")
	assert.Contains(t, waits, id)
	assert.EqualValues(t, 900, events.Properties["MaximumEventAgeInSeconds"])
}

func TestInvocationLoggingFunctionMayDoLittle(t *testing.T) {
	stack, _ := newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) {
		p.AdoptedRoleArn = jsii.String("arn:aws:iam::111122223333:role/theirs")
	})
	template := cdktest.Synth(t, stack)
	_, role := template.Only(t, "AWS::IAM::Role", "LoggingFunctionRole")
	require.Len(t, role.Properties["Policies"], 1)
	assert.NotContains(t, role.Properties, "ManagedPolicyArns")
	assert.Empty(t, template.OfType("AWS::IAM::Policy"))
	document := role.Properties["Policies"].([]any)[0].(map[string]any)["PolicyDocument"]
	pass := cdktest.JSON(t, cdktest.Statement(t, document, "HandLoggingRoleToBedrock"))
	assert.Contains(t, pass, "LoggingRole")
	assert.Contains(t, pass, "role/theirs")
	assert.Contains(t, pass, `"iam:PassedToService":"bedrock.amazonaws.com"`)
	remember := cdktest.JSON(t, cdktest.Statement(t, document, "TakeTurnsAndRemember"))
	assert.Contains(t, remember, ":parameter/paper-trail/Test/logging-configuration")
	assert.NotContains(t, cdktest.JSON(t, document), "BucketPolicy", "Bedrock would write a bucket policy of its own")

	_, function := template.Only(t, "AWS::Lambda::Function", "LoggingFunction")
	assert.Equal(t, "provided.al2023", function.Properties["Runtime"])
	assert.Equal(t, []any{"arm64"}, function.Properties["Architectures"])
	_, logs := template.Only(t, "AWS::Logs::LogGroup", "LoggingFunctionLogs")
	assert.Contains(t, logs.Properties, "KmsKeyId")
}

func TestInvocationLoggingDeliversOnlyWhatItIsTold(t *testing.T) {
	stack, _ := newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) {
		p.DataDelivery = &invocationlog.DataDelivery{Text: jsii.Bool(false), Audio: jsii.Bool(false)}
		p.OnExisting = invocationlog.OnExisting_ADOPT
	})
	_, resource := cdktest.Synth(t, stack).Only(t, "Custom::BedrockInvocationLogging", "Logging")
	config := configuration(t, resource)
	assert.Equal(t, false, config["textDataDeliveryEnabled"])
	assert.Equal(t, false, config["audioDataDeliveryEnabled"])
	assert.Equal(t, true, config["imageDataDeliveryEnabled"])
	assert.Equal(t, "Adopt", resource.Properties["OnExisting"])
}

func TestInvocationLoggingToOneDestination(t *testing.T) {
	t.Run("bucket", func(t *testing.T) {
		stack, logging := newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) { p.LogGroup = nil })
		assert.Nil(t, logging.Role())
		_, resource := cdktest.Synth(t, stack).Only(t, "Custom::BedrockInvocationLogging", "Logging")
		assert.NotContains(t, configuration(t, resource), "cloudWatchConfig")
	})
	t.Run("log group", func(t *testing.T) {
		stack, _ := newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) { p.Bucket = nil })
		_, resource := cdktest.Synth(t, stack).Only(t, "Custom::BedrockInvocationLogging", "Logging")
		assert.NotContains(t, configuration(t, resource), "s3Config")
		assert.Contains(t, strings.Join(cdktest.Warnings(stack), "\n"), "paper-trail:InvocationLogging.largeData")
	})
}

func TestInvocationLoggingOfADisposableEnvironment(t *testing.T) {
	stack, _ := newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) {
		p.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	})
	template := cdktest.Synth(t, stack)
	_, resource := template.Only(t, "Custom::BedrockInvocationLogging", "Logging")
	assert.Equal(t, "Delete", resource.DeletionPolicy)
	_, role := template.Only(t, "AWS::IAM::Role", "LoggingRole")
	assert.Equal(t, "Delete", role.DeletionPolicy)
	assert.Contains(t, strings.Join(cdktest.Warnings(stack), "\n"), "paper-trail:InvocationLogging.destroy")
}

func TestAStackHasOneInvocationLogging(t *testing.T) {
	stack, _ := newLogging(t, nil)
	message := cdktest.Panics(t, func() {
		invocationlog.NewInvocationLogging(stack, jsii.String("Again"), &invocationlog.InvocationLoggingProps{
			Bucket: auditstore.NewAuditBucket(stack, jsii.String("Other"), &auditstore.AuditBucketProps{
				Key: auditstore.NewAuditKey(stack, jsii.String("OtherKey"), nil),
			}),
			Function: prebuilt(t),
		})
	})
	assert.Contains(t, message, `one logging configuration, got a second InvocationLogging "Again" beside "Logging" in stack Test; make one`)
}

func TestInvocationLoggingCompilesItsFunction(t *testing.T) {
	stack, _ := newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) { p.Function = nil })
	_, function := cdktest.Synth(t, stack).Only(t, "AWS::Lambda::Function", "LoggingFunction")
	key := cdktest.JSON(t, function.Properties["Code"])
	assert.Regexp(t, `"S3Key":"[0-9a-f]{64}\.zip"`, key)
}

func TestInvocationLoggingWithoutGo(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	message := cdktest.Panics(t, func() {
		newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) { p.Function = nil })
	})
	assert.Contains(t, message, "paper-trail/invocationlog: ")
	assert.Contains(t, message, "no go command on PATH")
	assert.Contains(t, message, "install Go, or pass Code with a prebuilt bootstrap")
}

func TestInvocationLoggingMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	group := invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{
		ExistingLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Theirs"), jsii.String("/theirs")),
	})
	for want, misuse := range map[string]func(){
		"InvocationLogging needs a scope, got nil": func() { invocationlog.NewInvocationLogging(nil, jsii.String("L"), nil) },
		"InvocationLogging needs an id, got none":  func() { invocationlog.NewInvocationLogging(stack, nil, nil) },
		"InvocationLogging has no destination":     func() { invocationlog.NewInvocationLogging(stack, jsii.String("L1"), nil) },
		"FunctionProps.Code has to be a folder or zip file": func() {
			invocationlog.NewInvocationLogging(stack, jsii.String("L3"), &invocationlog.InvocationLoggingProps{
				LogGroup: group, Function: &invocationlog.FunctionProps{Code: awslambda.Code_FromInline(jsii.String("x"))},
			})
		},
		`OnExisting got "Overwrite"; use`: func() {
			invocationlog.NewInvocationLogging(stack, jsii.String("L2"), &invocationlog.InvocationLoggingProps{LogGroup: group, OnExisting: "Overwrite"})
		},
		"LargeDataBucket has no LogGroup whose large bodies it would take; set LogGroup": func() {
			newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) {
				p.LogGroup, p.LargeDataBucket = nil, p.Bucket
			})
		},
		"InvocationLoggingProps.RemovalPolicy has to be RETAIN, RETAIN_ON_UPDATE_OR_DELETE or DESTROY, got SNAPSHOT": func() {
			invocationlog.NewInvocationLogging(stack, jsii.String("L4"), &invocationlog.InvocationLoggingProps{LogGroup: group, RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT})
		},
	} {
		message := cdktest.Panics(t, misuse)
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/invocationlog: ")
	}
}

func TestInvocationLoggingTellsAllProblemsAtOnce(t *testing.T) {
	stack := cdktest.NewStack(t)
	message := cdktest.Panics(t, func() {
		invocationlog.NewInvocationLogging(stack, jsii.String("L"), &invocationlog.InvocationLoggingProps{
			OnExisting: "Overwrite", AdoptedRoleArn: jsii.String("*"), RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT,
		})
	})
	assert.Equal(t, 4, strings.Count(message, "paper-trail/invocationlog: "), message)
}

// The function may hand the role to Bedrock, so it has to be the one.
func TestInvocationLoggingHandsOverOneRole(t *testing.T) {
	for _, arn := range []string{
		"", "*", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/theirs", "arn:aws:iam::111122223333:role/their?",
		"arn:aws:iam::111122223333:user/theirs", "theirs", "arn:aws:iam::" + *awscdk.Aws_ACCOUNT_ID() + ":role/*",
	} {
		message := cdktest.Panics(t, func() {
			newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) { p.AdoptedRoleArn = &arn })
		})
		assert.Contains(t, message, "AdoptedRoleArn has to be the ARN of one role, got ", arn)
	}
	for _, arn := range []string{"arn:aws:iam::111122223333:role/service-role/their.logging", "arn:aws-us-gov:iam::111122223333:role/theirs"} {
		newLogging(t, func(_ awscdk.Stack, p *invocationlog.InvocationLoggingProps) { p.AdoptedRoleArn = &arn })
	}
	stack, _ := newLogging(t, func(stack awscdk.Stack, p *invocationlog.InvocationLoggingProps) {
		p.AdoptedRoleArn = awscdk.NewCfnParameter(stack, jsii.String("Theirs"), nil).ValueAsString()
	})
	_, role := cdktest.Synth(t, stack).Only(t, "AWS::IAM::Role", "LoggingFunctionRole")
	assert.Contains(t, cdktest.JSON(t, role.Properties["Policies"]), `{"Ref":"Theirs"}`)
}
