package invocationlog_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func newKey(stack awscdk.Stack) auditstore.AuditKey {
	return auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
}

func TestInvocationLogGroupIsImportable(t *testing.T) {
	stack := cdktest.NewStack(t)
	cdktest.AssertImportable(t, invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{Key: newKey(stack)}))
	cdktest.Synth(t, stack)
}

func TestInvocationLogGroupDefaults(t *testing.T) {
	stack := cdktest.NewStack(t)
	invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{Key: newKey(stack)})
	template := cdktest.Synth(t, stack)

	_, group := template.Only(t, "AWS::Logs::LogGroup", "Group")
	assert.Equal(t, "/aws/bedrock/model-invocations", group.Properties["LogGroupName"])
	assert.EqualValues(t, 2557, group.Properties["RetentionInDays"])
	assert.Equal(t, true, group.Properties["DeletionProtectionEnabled"])
	assert.Equal(t, "STANDARD", group.Properties["LogGroupClass"], "metric filters exist in this class only")
	assert.Contains(t, group.Properties, "KmsKeyId")
	assert.NotContains(t, group.Properties, "DataProtectionPolicy")
	assert.Equal(t, "Retain", group.DeletionPolicy)

	_, key := template.Only(t, "AWS::KMS::Key", "Key")
	allowed := cdktest.JSON(t, cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowCloudWatchLogsAwsBedrockModelInvocations"))
	assert.Contains(t, allowed, "log-group:/aws/bedrock/model-invocations\"", "the ARN without :*")
}

func TestInvocationLogGroupMasksWhatItIsTold(t *testing.T) {
	stack := cdktest.NewStack(t)
	invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{
		Key:                   newKey(stack),
		MaskedDataIdentifiers: jsii.Strings("EmailAddress"),
		Retention:             awslogs.RetentionDays_ONE_WEEK,
		RemovalPolicy:         awscdk.RemovalPolicy_DESTROY,
	})
	_, group := cdktest.Synth(t, stack).Only(t, "AWS::Logs::LogGroup", "Group")
	policy := cdktest.JSON(t, group.Properties["DataProtectionPolicy"])
	assert.Equal(t, 2, strings.Count(policy, "data-identifier/EmailAddress"), "found and masked")
	assert.Contains(t, policy, `"Deidentify":{"MaskConfig":{}}`)
	assert.EqualValues(t, 7, group.Properties["RetentionInDays"])
	assert.Equal(t, false, group.Properties["DeletionProtectionEnabled"])
	assert.Equal(t, "Delete", group.DeletionPolicy)
	require.Len(t, cdktest.Warnings(stack), 1)
	assert.Contains(t, cdktest.Warnings(stack)[0], "paper-trail:InvocationLogGroup.destroy")
}

// CloudFormation deletes such a group when the deployment that makes it is
// rolled back, which deletion protection would refuse.
func TestInvocationLogGroupIsUnprotectedWhereItMayHaveToBeDeleted(t *testing.T) {
	stack := cdktest.NewStack(t)
	invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{
		Key: newKey(stack), RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	})
	_, group := cdktest.Synth(t, stack).Only(t, "AWS::Logs::LogGroup", "Group")
	assert.Equal(t, false, group.Properties["DeletionProtectionEnabled"])
}

func TestInvocationLogGroupGrants(t *testing.T) {
	stack := cdktest.NewStack(t)
	group := invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{Key: newKey(stack)})
	role := awsiam.NewRole(stack, jsii.String("Auditor"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	group.GrantAuditRead(role)
	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::IAM::Policy", "AuditorDefaultPolicy")
	read := cdktest.JSON(t, policy.Properties)
	assert.Contains(t, read, "logs:StartQuery")
	assert.Contains(t, read, "kms:Decrypt")
	assert.NotContains(t, read, "logs:Unmask", "seeing personal data is a grant of its own")
	assert.NotContains(t, read, ":*:log-stream", "no malformed ARN from LogGroupArn's :*")

	other := cdktest.NewStack(t)
	group = invocationlog.NewInvocationLogGroup(other, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{Key: newKey(other)})
	group.GrantUnmask(awsiam.NewRole(other, jsii.String("Officer"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()}))
	_, policy = cdktest.Synth(t, other).Only(t, "AWS::IAM::Policy", "OfficerDefaultPolicy")
	assert.Contains(t, cdktest.JSON(t, policy.Properties), "logs:Unmask")
}

func TestInvocationLogGroupMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	existing := awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Theirs"), jsii.String("/theirs"))
	for want, misuse := range map[string]func(){
		"InvocationLogGroup needs a scope, got nil": func() { invocationlog.NewInvocationLogGroup(nil, jsii.String("G"), nil) },
		"InvocationLogGroup needs an id, got none":  func() { invocationlog.NewInvocationLogGroup(stack, nil, nil) },
		"needs InvocationLogGroupProps.Key":         func() { invocationlog.NewInvocationLogGroup(stack, jsii.String("G1"), nil) },
		"InvocationLogGroupProps.RemovalPolicy has to be RETAIN": func() {
			invocationlog.NewInvocationLogGroup(stack, jsii.String("G3"), &invocationlog.InvocationLogGroupProps{Key: newKey(stack), RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT})
		},
		"ExistingLogGroup comes together with props": func() {
			invocationlog.NewInvocationLogGroup(stack, jsii.String("G2"), &invocationlog.InvocationLogGroupProps{
				ExistingLogGroup: existing, Retention: awslogs.RetentionDays_ONE_DAY,
			})
		},
	} {
		message := cdktest.Panics(t, misuse)
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/invocationlog: ")
	}
}

func TestInvocationLogGroupRefusesNames(t *testing.T) {
	stack := cdktest.NewStack(t)
	key := newKey(stack)
	for _, test := range []struct{ name, want string }{
		{"", `LogGroupName has to be 1 to 512 letters, digits and characters of _-/.#, got ""`},
		{"bad name*", `got "bad name*"`},
		{strings.Repeat("x", 513), "LogGroupName has to be 1 to 512 letters"},
		{"aws/bedrock", "LogGroupName may not begin with aws/"},
		{"/" + *awscdk.Aws_STACK_NAME(), "LogGroupName has to be a literal, got a name that only the deployment knows; write it out"},
	} {
		message := cdktest.Panics(t, func() {
			invocationlog.NewInvocationLogGroup(stack, jsii.String("Group"), &invocationlog.InvocationLogGroupProps{
				Key: key, LogGroupName: &test.name,
				MaskedDataIdentifiers: &[]*string{nil, jsii.String(""), jsii.String("DriversLicense-US"), jsii.String("Email Address")},
			})
		})
		assert.Contains(t, message, "paper-trail/invocationlog: InvocationLogGroupProps.")
		assert.Contains(t, message, test.want)
		assert.Contains(t, message, "MaskedDataIdentifiers[0] has to be the name of a managed data identifier, got nil; EmailAddress is one")
		assert.Contains(t, message, `MaskedDataIdentifiers[1] has to be the name of a managed data identifier, letters, digits and hyphens only, got ""`)
		assert.Contains(t, message, `MaskedDataIdentifiers[3] `)
		assert.NotContains(t, message, "MaskedDataIdentifiers[2]")
	}
}
