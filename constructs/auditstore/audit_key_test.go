package auditstore_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestAuditKeyIsImportable(t *testing.T) {
	stack := cdktest.NewStack(t)
	cdktest.AssertImportable(t, auditstore.NewAuditKey(stack, jsii.String("Key"), nil))
	cdktest.Synth(t, stack)
}

func TestAuditKeyRotatesAndIsRetained(t *testing.T) {
	stack := cdktest.NewStack(t)
	auditstore.NewAuditKey(stack, jsii.String("Key"), nil)

	_, key := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "Key")
	assert.Equal(t, true, key.Properties["EnableKeyRotation"])
	assert.EqualValues(t, 30, key.Properties["PendingWindowInDays"])
	assert.Equal(t, "Retain", key.DeletionPolicy)
	assert.Equal(t, "Retain", key.UpdateReplacePolicy)
	deny := cdktest.Statement(t, key.Properties["KeyPolicy"], "DenyDisablingTheKey")
	assert.Contains(t, cdktest.JSON(t, deny["Condition"]), "cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1")
	assert.Empty(t, cdktest.Warnings(stack))
}

func TestAuditKeyLetsInOnlyTheServicesThatWereAllowed(t *testing.T) {
	allow := map[string]struct {
		call func(auditstore.AuditKey)
		sids []string
	}{
		"bedrock":    {func(k auditstore.AuditKey) { k.AllowBedrock() }, []string{"AllowBedrockLogDelivery"}},
		"cloudtrail": {func(k auditstore.AuditKey) { k.AllowCloudTrail(jsii.String("t-1")) }, []string{"AllowCloudTrailT1"}},
		"logs":       {func(k auditstore.AuditKey) { k.AllowCloudWatchLogs(jsii.String("/a/b*")) }, []string{"AllowCloudWatchLogsABAny"}},
		"cloudwatch": {func(k auditstore.AuditKey) { k.AllowCloudWatchAlarms() }, []string{"AllowAlarmNotifications"}},
		"events":     {func(k auditstore.AuditKey) { k.AllowEventBridge() }, []string{"AllowRuleNotifications"}},
	}
	for name, test := range allow {
		t.Run(name, func(t *testing.T) {
			stack := cdktest.NewStack(t)
			key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
			test.call(key)
			test.call(key) // a second call adds nothing

			_, resource := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "Key")
			statements := resource.Properties["KeyPolicy"].(map[string]any)["Statement"].([]any)
			require.Len(t, statements, 2+len(test.sids), "the account's, the deny and what was allowed")
			for _, sid := range test.sids {
				condition := cdktest.JSON(t, cdktest.Statement(t, resource.Properties["KeyPolicy"], sid)["Condition"])
				assert.Contains(t, condition, cdktest.Account, "bound to the account")
				if name == "logs" || name == "events" {
					assert.Contains(t, condition, "kms:EncryptionContext")
					assert.NotContains(t, condition, "aws:Source", "the service sends none to KMS")
				} else {
					assert.Contains(t, condition, "aws:SourceAccount")
					assert.Contains(t, condition, "aws:SourceArn")
				}
			}
		})
	}
}

// A policy takes each Sid once, and a name holds what a Sid cannot.
func TestAuditKeyTellsNamesApart(t *testing.T) {
	stack := cdktest.NewStack(t)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	// What only the deployment knows has no name at synthesis.
	unknown := func(id string) *string {
		return awscdk.NewCfnParameter(stack, jsii.String(id), nil).ValueAsString()
	}
	one, other := unknown("One"), unknown("Other")
	for range 2 {
		for _, name := range []*string{jsii.String("/a/b"), jsii.String("/a-b"), jsii.String("/a/b2"), one, other} {
			key.AllowCloudWatchLogs(name)
		}
	}

	_, resource := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "Key")
	policy := resource.Properties["KeyPolicy"]
	require.Len(t, policy.(map[string]any)["Statement"], 2+5)
	for sid, group := range map[string]string{
		"AllowCloudWatchLogsAB": "log-group:/a/b\"", "AllowCloudWatchLogsAB2": "log-group:/a-b\"", "AllowCloudWatchLogsAB22": "log-group:/a/b2\"",
		"AllowCloudWatchLogs": `"One"`, "AllowCloudWatchLogs2": `"Other"`,
	} {
		assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, policy, sid)), group, sid)
	}
}

func TestAuditKeyExemptsRolesAndUsersOnly(t *testing.T) {
	stack := cdktest.NewStack(t)
	for i, arn := range []string{
		"arn:aws:iam::111122223333:role/BreakGlass",
		"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_*",
		"arn:aws-us-gov:iam::111122223333:user/team/deployer",
		*awscdk.NewCfnParameter(stack, jsii.String("Role"), nil).ValueAsString(),
	} {
		auditstore.NewAuditKey(stack, jsii.String(fmt.Sprintf("K%d", i)), &auditstore.AuditKeyProps{BreakGlassPrincipalArn: &arn})
	}
	for _, arn := range []string{
		"arn:aws:s3::1:foo/bar",
		"arn:aws:s3::111122223333:role/BreakGlass",
		"arn:aws:iam::1:role/BreakGlass",
		"arn:aws:iam:eu-west-1:111122223333:role/BreakGlass",
		"arn:aws:iam::111122223333:root",
		"arn:aws:iam::111122223333:group/Admins",
		"arn:aws:iam::111122223333:role/",
		"arn:aws:iam::111122223333:role/*/*",
		"arn:aws:iam::111122223333:*/BreakGlass",
		"arn:*:iam::111122223333:role/BreakGlass",
		// aws:PrincipalArn never holds that of a session.
		"arn:aws:sts::111122223333:assumed-role/BreakGlass/me",
	} {
		message := cdktest.Panics(t, func() {
			auditstore.NewAuditKey(stack, jsii.String("Refused"), &auditstore.AuditKeyProps{BreakGlassPrincipalArn: &arn})
		})
		assert.Contains(t, message, `got "`+arn+`"; give one such as arn:aws:iam::111122223333:role/break-glass, of a role or user, and for a session that of its role`)
	}
}

func TestAuditKeyWarnsWithTheStatementThatAnExistingKeyLacks(t *testing.T) {
	stack := cdktest.NewStack(t)
	imported := awskms.Key_FromKeyArn(stack, jsii.String("Imported"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/abc"))
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{ExistingKey: imported})
	key.AllowBedrock()

	warnings := cdktest.Warnings(stack)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "Its owner has to add this statement")
	assert.Contains(t, warnings[0], `"Service": "bedrock.amazonaws.com"`)
	assert.Contains(t, warnings[0], "arn:${AWS::Partition}:bedrock:eu-west-1:111122223333:*")
	assert.Contains(t, warnings[0], "paper-trail:AuditKey.existingKeyPolicy.AllowBedrockLogDelivery")
}

func TestAuditKeyExtendsAnExistingKeyOfTheApp(t *testing.T) {
	stack := cdktest.NewStack(t)
	own := awskms.NewKey(stack, jsii.String("Own"), nil)
	auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{ExistingKey: own}).AllowBedrock()

	_, resource := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "Own")
	cdktest.Statement(t, resource.Properties["KeyPolicy"], "AllowBedrockLogDelivery")
	assert.Empty(t, cdktest.Warnings(stack))
}

func TestAuditKeyMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	imported := awskms.Key_FromKeyArn(stack, jsii.String("Imported"), jsii.String("arn:aws:kms:eu-west-1:111122223333:key/abc"))
	ownCredentials := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Cli"), &awscdk.StackProps{
		Synthesizer: awscdk.NewCliCredentialsStackSynthesizer(nil),
	})
	for want, misuse := range map[string]func(){
		"AuditKey needs a scope, got nil": func() { auditstore.NewAuditKey(nil, jsii.String("K"), nil) },
		"AuditKey needs an id, got none":  func() { auditstore.NewAuditKey(stack, nil, nil) },
		"ExistingKey comes together with props of a new key": func() {
			auditstore.NewAuditKey(stack, jsii.String("K1"), &auditstore.AuditKeyProps{ExistingKey: imported, RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
		},
		"AuditKey.AllowCloudTrail needs trailName, got none": func() {
			auditstore.NewAuditKey(stack, jsii.String("K3"), nil).AllowCloudTrail(nil)
		},
		"AuditKey.AllowCloudWatchLogs needs logGroupName, got none": func() {
			auditstore.NewAuditKey(stack, jsii.String("K4"), nil).AllowCloudWatchLogs(nil)
		},
		`BreakGlassPrincipalArn has to be the ARN of an IAM principal, got "admin"`: func() {
			auditstore.NewAuditKey(stack, jsii.String("K5"), &auditstore.AuditKeyProps{BreakGlassPrincipalArn: jsii.String("admin")})
		},
		"AuditKeyProps.RemovalPolicy has to be RETAIN, RETAIN_ON_UPDATE_OR_DELETE or DESTROY, got SNAPSHOT": func() {
			auditstore.NewAuditKey(stack, jsii.String("K6"), &auditstore.AuditKeyProps{RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT})
		},
		"set AuditKeyProps.DeployPrincipalArns": func() { auditstore.NewAuditKey(ownCredentials, jsii.String("K2"), nil) },
	} {
		message := cdktest.Panics(t, misuse)
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/auditstore: ")
	}
}

func TestAuditKeyWarnsWhenItIsDisposable(t *testing.T) {
	stack := cdktest.NewStack(t)
	auditstore.NewAuditKey(stack, jsii.String("Key"), &auditstore.AuditKeyProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	require.Len(t, cdktest.Warnings(stack), 1)
	assert.Contains(t, cdktest.Warnings(stack)[0], "paper-trail:AuditKey.destroy")
}
