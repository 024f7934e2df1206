package attribution_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func TestNothingIsMadeWithoutItsTags(t *testing.T) {
	stack := cdktest.NewStack(t)
	tags := attribution.NewCostTags(stack, jsii.String("CostTags"), &attribution.CostTagsProps{
		Project: jsii.String("chat"), Environment: jsii.String("prod"), Owner: jsii.String("platform"), CostCenter: jsii.String("cc-1"),
		Policy: &attribution.TagPolicy{
			RequiredKeys:  jsii.Strings("project", "owner"),
			AllowedValues: &map[string]*[]*string{"project": jsii.Strings("chat", "search"), "cost-center": jsii.Strings("cc-*")},
		},
	})
	role := awsiam.NewRole(stack, jsii.String("Developer"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("bedrock:*"), Resources: jsii.Strings("*")}))
	for _, statement := range *tags.DenyUntaggedCreation() {
		role.AddToPolicy(statement)
	}
	w := policy.Load(t, policy.Stack{Name: "app", Account: cdktest.Account, Region: cdktest.Region, Template: cdktest.Synth(t, stack).Map()})
	developer := w.Role("app", "Developer").Principal()
	create := func(tags map[string]string) policy.Case {
		context := policy.Context{}
		for key, value := range tags {
			context["aws:RequestTag/"+key] = value
		}
		return policy.Case{
			Principal: developer, Action: "bedrock:CreateKnowledgeBase", Context: context,
			Resource: "*",
		}
	}
	w.Expect("app", policy.Allow,
		create(map[string]string{"project": "chat", "owner": "o"}),
		create(map[string]string{"project": "search", "owner": "o", "cost-center": "cc-2", "more": "x"}),
	)
	w.Expect("app", policy.Deny,
		create(nil),
		create(map[string]string{"project": "chat"}),
		create(map[string]string{"owner": "o"}),
		create(map[string]string{"project": "Chat", "owner": "o"}),
		// To aws:RequestTag, Project is project; to the bill, it is another key.
		create(map[string]string{"Project": "chat", "owner": "o"}),
		create(map[string]string{"project": "mail", "owner": "o"}),
		create(map[string]string{"project": "chat", "owner": "o", "cost-center": "4711"}),
	)
	evaluation := create(map[string]string{"project": "chat"})
	evaluation.Action, evaluation.Resource = "bedrock:CreateEvaluationJob", model("eu-west-1", nova)
	w.Expect("app", policy.Deny, evaluation)
	evaluation.Context = policy.Context{"aws:RequestTag/project": "chat", "aws:RequestTag/owner": "o"}
	w.Expect("app", policy.Allow, evaluation)
	w.Run()
}

// Amazon Bedrock gains creations; each is either denied without tags or named
// here, with the reason why it cannot be.
func TestEveryTaggedCreationIsDeniedOrNamed(t *testing.T) {
	excluded := []string{
		"bedrock:CreateAgentActionGroup", // its request has no tags
	}
	known, err := policy.ActionsWith("bedrock", "aws:RequestTag/${TagKey}")
	require.NoError(t, err)
	creations := slices.DeleteFunc(known, func(action string) bool {
		return !strings.HasPrefix(action, "bedrock:Create") || slices.Contains(excluded, action)
	})
	require.NotEmpty(t, creations)

	tags := attribution.NewCostTags(cdktest.NewStack(t), jsii.String("CostTags"), &attribution.CostTagsProps{
		Project: jsii.String("chat"), Environment: jsii.String("prod"), Owner: jsii.String("platform"), CostCenter: jsii.String("cc-1"),
	})
	for _, statement := range *tags.DenyUntaggedCreation() {
		var denied []string
		for _, action := range *statement.Actions() {
			denied = append(denied, *action)
		}
		assert.ElementsMatch(t, creations, denied, *statement.Sid())
	}
}
