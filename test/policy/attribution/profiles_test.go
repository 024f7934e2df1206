package attribution_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

const (
	sonnet = "anthropic.claude-sonnet-4-20250514-v1:0"
	nova   = "amazon.nova-pro-v1:0"
	haiku  = "anthropic.claude-3-haiku-20240307-v1:0"
)

func model(region, id string) string { return "arn:aws:bedrock:" + region + "::foundation-model/" + id }

func bedrock(region, resource string) string {
	return "arn:aws:bedrock:" + region + ":" + cdktest.Account + ":" + resource
}

// A role whose other policies allow every call of every model is still held to
// the profiles of its projects. What is said to remain, remains.
func TestARoleCallsThroughItsProfilesOnly(t *testing.T) {
	stack := cdktest.NewStack(t)
	line := func(project, model string) *attribution.InferenceProfile {
		return &attribution.InferenceProfile{Project: jsii.String(project), Model: jsii.String(model)}
	}
	profiles := attribution.NewInferenceProfiles(stack, jsii.String("Profiles"), &attribution.InferenceProfilesProps{
		Profiles: &[]*attribution.InferenceProfile{line("chat", sonnet), line("chat", "eu."+nova), line("search", "global."+sonnet), line("other", haiku)},
	})
	role := awsiam.NewRole(stack, jsii.String("Caller"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings("bedrock:*", "bedrock-mantle:*"), Resources: jsii.Strings("*")}))
	profiles.GrantInvoke(role, jsii.String("chat"), jsii.String("search"))
	// The grant has to be enough by itself, too.
	plain := awsiam.NewRole(stack, jsii.String("Plain"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)})
	profiles.GrantInvoke(plain, jsii.String("chat"), jsii.String("search"))

	w := policy.Load(t, policy.Stack{Name: "app", Account: cdktest.Account, Region: cdktest.Region, Template: cdktest.Synth(t, stack).Map()})
	profile := func(prefix string) string { return w.ARN("app", prefix) }
	chat, eu, global, other := profile("Profileschatanthropic"), profile("Profileschateuamazon"), profile("Profilessearchglobal"), profile("Profilesotheranthropic")

	for _, id := range []string{"Caller", "Plain"} {
		caller := w.Role("app", id).Principal()
		call := func(resource, through string) policy.Case {
			c := policy.Case{Principal: caller, Action: "bedrock:InvokeModel", Resource: resource}
			if through != "" {
				c.Context = policy.Context{"bedrock:InferenceProfileArn": through}
			}
			return c
		}
		var allowed, denied []policy.Case
		for _, action := range []string{"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"} {
			for _, c := range []policy.Case{
				call(chat, ""), call(eu, ""), call(global, ""),
				call(chat, chat), // whether IAM sets the key for the profile itself is not documented
				call(model("eu-west-1", sonnet), chat),
				call(model("eu-west-1", nova), eu), call(model("eu-north-1", nova), eu),
				call(model("us-east-1", sonnet), global), // the simulator knows no model without a Region
			} {
				c.Action = action
				allowed = append(allowed, c)
			}
			for _, c := range []policy.Case{
				call(model("eu-west-1", sonnet), ""), call(model("eu-west-1", nova), ""), call(model("us-east-1", haiku), ""),
				call(other, ""), call(model("eu-west-1", haiku), other), call(model("eu-west-1", sonnet), other),
				call("arn:aws:bedrock:eu-west-1:"+cdktest.Account+":application-inference-profile/theirs", ""),
				call(model("eu-west-1", nova), "arn:aws:bedrock:eu-west-1:"+cdktest.Account+":inference-profile/eu."+nova),
				call("arn:aws:bedrock:us-east-1:"+cdktest.Account+":inference-profile/us."+sonnet, ""),
				call("arn:aws:bedrock:eu-west-1:"+cdktest.Account+":provisioned-model/abcdefghijkl", ""),
			} {
				c.Action = action
				denied = append(denied, c)
			}
		}
		for _, c := range []policy.Case{
			{Action: "bedrock:InvokeModel", Resource: bedrock("eu-west-1", "async-invoke/abcdefghijkl")},
			{Action: "bedrock:InvokeModel", Resource: bedrock("eu-west-1", "prompt-router/abcdefghijkl")},
			{Action: "bedrock:CreateModelInvocationJob", Resource: model("eu-west-1", sonnet)},
			{Action: "bedrock:CreateModelInvocationJob", Resource: bedrock("eu-west-1", "model-invocation-job/abcdefghijkl")},
			{Action: "bedrock-mantle:CreateInference", Resource: "arn:aws:bedrock-mantle:eu-west-1:" + cdktest.Account + ":project/default"},
		} {
			c.Principal = caller
			denied = append(denied, c)
		}
		w.Expect("app", policy.Allow, allowed...)
		w.Expect("app", policy.Deny, denied...)
	}
	agent := bedrock("eu-west-1", "agent-alias/AGENT/ALIAS")
	flow := bedrock("eu-west-1", "flow/FLOW/alias/ALIAS")
	w.Expect("app", policy.Allow,
		policy.Case{Principal: w.Role("app", "Caller").Principal(), Action: "bedrock:InvokeAgent", Resource: agent},
		policy.Case{Principal: w.Role("app", "Caller").Principal(), Action: "bedrock:InvokeFlow", Resource: flow},
		policy.Case{Principal: w.Role("app", "Caller").Principal(), Action: "bedrock:InvokeInlineAgent", Resource: "*"},
	)
	w.Expect("app", policy.Deny,
		policy.Case{Principal: w.Role("app", "Plain").Principal(), Action: "bedrock:InvokeAgent", Resource: agent},
		policy.Case{Principal: w.Role("app", "Plain").Principal(), Action: "bedrock:InvokeFlow", Resource: flow},
	)
	w.Run()
}
