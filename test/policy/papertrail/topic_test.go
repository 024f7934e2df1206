package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// topics are those of an environment in each Region.
var topics = []string{"AlertTopic", "WarningTopic"}

func TestAlarmsOfTheAccountPublish(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		for _, name := range topics {
			topic := w.Topic(monitoring("kept", region), name)
			arn := func(region, account string) string {
				return "arn:aws:cloudwatch:" + region + ":" + account + ":alarm:ThrottlingAlarm"
			}
			publish := policy.Case{
				Principal: policy.Service("cloudwatch.amazonaws.com"), Action: "sns:Publish", Context: source(arn(region, account)),
			}
			topic.Expect(policy.Allow, named("an alarm", publish))
			topic.Expect(policy.Deny,
				but("an alarm of another account", publish, policy.Context{"aws:SourceAccount": stranger, "aws:SourceArn": arn(region, stranger)}),
				but("another source account", publish, policy.Context{"aws:SourceAccount": stranger}),
				but("another account in the ARN", publish, policy.Context{"aws:SourceArn": arn(region, stranger)}),
				but("an alarm of another Region", publish, policy.Context{"aws:SourceArn": arn(elsewhere, account)}),
				but("another kind of resource", publish, policy.Context{"aws:SourceArn": "arn:aws:cloudwatch:" + region + ":" + account + ":other/x"}),
				but("no source", publish, policy.Context{"aws:SourceAccount": policy.Absent, "aws:SourceArn": policy.Absent}),
				but("plain HTTP", publish, plainHTTP),
			)
			topic.Expect(policy.Deny, each(publish.Principal, "", publish.Context, "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic")...)
			for _, service := range []string{"s3", "budgets", "lambda", "bedrock", "cloudtrail", "codestar-notifications"} {
				topic.Expect(policy.Deny, each(policy.Service(service+".amazonaws.com"), "",
					source("arn:aws:cloudwatch:"+region+":"+account+":alarm:x"), "sns:Publish")...)
			}
		}
	}
	w.Run()
}

// EventBridge sends no source account or ARN with a message, so the policy asks
// for none. Where it did, it would change nothing.
func TestRulesPublishWhateverEventBridgeSaysAboutThem(t *testing.T) {
	w := load(t, "kept")
	for _, region := range []string{home, additional} {
		for _, name := range topics {
			topic := w.Topic(monitoring("kept", region), name)
			publish := policy.Case{Principal: policy.Service("events.amazonaws.com"), Action: "sns:Publish"}
			rule := source("arn:aws:events:" + region + ":" + account + ":rule/tamper")
			topic.Expect(policy.Allow, named("a rule", publish), but("a rule with a source", publish, rule))
			topic.Expect(policy.Deny, but("a rule over plain HTTP", publish, plainHTTP))
			topic.Expect(policy.Deny, each(publish.Principal, "", rule, "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic")...)
		}
	}
	w.Run()
}

func TestPeopleNeedAPermissionOfTheirOwnForTheTopic(t *testing.T) {
	w := load(t, "kept")
	topic := w.Topic(monitoring("kept", home), "AlertTopic")
	listening := []string{"sns:Subscribe", "sns:ListSubscriptionsByTopic", "sns:GetTopicAttributes"}
	managing := []string{"sns:Publish", "sns:SetTopicAttributes", "sns:AddPermission", "sns:DeleteTopic", "sns:TagResource"}
	for _, principal := range []policy.Principal{admin, powerUser, policy.DeployRole(account, home)} {
		topic.Expect(policy.Allow, each(principal, "", nil, append(listening, managing...)...)...)
		topic.Expect(policy.Deny, each(principal, "", plainHTTP, "sns:Publish")...)
	}
	for _, principal := range []policy.Principal{
		policy.Role(account, "Nobody"), policy.Administrator(stranger, "Admin"), policy.Root(stranger), policy.Anonymous(),
	} {
		topic.Expect(policy.Deny, each(principal, "", nil, append(listening, managing...)...)...)
	}
	w.Run()
}
