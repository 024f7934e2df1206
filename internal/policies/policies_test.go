package policies_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

func TestPlaceNamesPartitionRegionAndAccount(t *testing.T) {
	stack := cdktest.NewStack(t)
	place := policies.At(stack)
	assert.Equal(t, map[string]any{"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":logs:eu-west-1:111122223333:log-group:/a"}}},
		stack.Resolve(place.Arn("logs", "log-group:/a")))

	open := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Open"), nil)
	assert.Contains(t, cdktest.JSON(t, open.Resolve(policies.At(open).Arn("logs", "x"))), `{"Ref":"AWS::Region"}`)
}

func TestEachStackHasItsOwnPlace(t *testing.T) {
	app := cdktest.NewApp(t)
	here := cdktest.NewStackIn(app, "Here")
	there := awscdk.NewStack(app, jsii.String("There"), &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("444455556666"), Region: jsii.String("us-east-1")}})
	for range 2 { // the second time from memory
		assert.Equal(t, "eu-west-1", policies.At(here).Region)
		assert.Equal(t, "us-east-1", policies.At(there).Region)
		assert.Equal(t, "There", policies.At(there).StackName)
	}
}

func TestAStatementFromASourceKeepsItsOwnConditions(t *testing.T) {
	stack := cdktest.NewStack(t)
	statement := policies.At(stack).FromSource(jsii.String("arn:source"), policies.Statement{
		Sid: "S", Service: "bedrock.amazonaws.com", Actions: []string{"s3:PutObject"}, Resources: *policies.Strings("*"),
		Conditions: map[string]map[string]any{"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
	}).Build()
	assert.JSONEq(t, `{
		"Sid": "S", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
		"Principal": {"Service": "bedrock.amazonaws.com"},
		"Condition": {
			"ArnLike": {"aws:SourceArn": "arn:source"},
			"StringEquals": {"aws:SourceAccount": "111122223333", "s3:x-amz-acl": "bucket-owner-full-control"}
		}
	}`, policies.Text(stack, statement))
}

func TestTextIsReadyToPaste(t *testing.T) {
	stack := cdktest.NewStack(t)
	statement := policies.Statement{
		Sid: "S", Deny: true, Service: "*", Actions: []string{"s3:*"},
		Resources: []*string{policies.At(stack).Arn("s3", "x")},
	}.Build()
	assert.JSONEq(t, `{"Sid": "S", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:${AWS::Partition}:s3:eu-west-1:111122223333:x"}`,
		policies.Text(stack, statement))
}

func TestDeployRoleIsTheBootstrapsWhereItCanBeTold(t *testing.T) {
	assert.Contains(t, cdktest.JSON(t, cdktest.NewStack(t).Resolve(policies.At(cdktest.NewStack(t)).DeployRoleArn)),
		"cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1")
	qualified := cdktest.NewApp(t)
	qualified.Node().SetContext(jsii.String("@aws-cdk/core:bootstrapQualifier"), "mine")
	mine := cdktest.NewStackIn(qualified, "Mine")
	assert.Contains(t, cdktest.JSON(t, mine.Resolve(policies.At(mine).DeployRoleArn)), "cdk-mine-cfn-exec-role")

	for name, synthesizer := range map[string]awscdk.IStackSynthesizer{
		"of the caller":       awscdk.NewCliCredentialsStackSynthesizer(nil),
		"without a bootstrap": awscdk.NewBootstraplessSynthesizer(nil),
		"made by the program": awscdk.NewDefaultStackSynthesizer(&awscdk.DefaultStackSynthesizerProps{Qualifier: jsii.String("mine")}),
	} {
		stack := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Stack"), &awscdk.StackProps{Synthesizer: synthesizer})
		assert.Nil(t, policies.At(stack).DeployRoleArn, name)
		assert.Nil(t, policies.Synthesizer(stack), name)
	}

	parent := cdktest.NewStack(t)
	nested := awscdk.NewNestedStack(awscdk.NewNestedStack(parent, jsii.String("Nested"), nil), jsii.String("Deeper"), nil)
	assert.Equal(t, parent.Resolve(policies.At(parent).DeployRoleArn), nested.Resolve(policies.At(nested).DeployRoleArn))
}
