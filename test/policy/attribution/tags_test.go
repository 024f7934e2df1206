package attribution_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

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
		create(map[string]string{"project": "mail", "owner": "o"}),
		create(map[string]string{"project": "chat", "owner": "o", "cost-center": "4711"}),
	)
	w.Run()
}
