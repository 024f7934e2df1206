package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func TestAlarmsAndRulesOfTheAccountPublish(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		topic := w.Topic(monitoring("kept", region), "AlertTopic")
		for service, resource := range map[string]string{"cloudwatch": "alarm:ThrottlingAlarm", "events": "rule/tamper"} {
			arn := func(region, account string) string {
				return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource
			}
			publish := policy.Case{
				Principal: policy.Service(service + ".amazonaws.com"), Action: "sns:Publish", Context: source(arn(region, account)),
			}
			topic.Expect(policy.Allow, named(service, publish))
			topic.Expect(policy.Deny,
				but(service+" of another account", publish, policy.Context{"aws:SourceAccount": stranger, "aws:SourceArn": arn(region, stranger)}),
				but(service+", another source account", publish, policy.Context{"aws:SourceAccount": stranger}),
				but(service+", another account in the ARN", publish, policy.Context{"aws:SourceArn": arn(region, stranger)}),
				but(service+" of another Region", publish, policy.Context{"aws:SourceArn": arn(elsewhere, account)}),
				but(service+", another kind of resource", publish, policy.Context{"aws:SourceArn": "arn:aws:" + service + ":" + region + ":" + account + ":other/x"}),
				but(service+" without a source", publish, policy.Context{"aws:SourceAccount": policy.Absent, "aws:SourceArn": policy.Absent}),
				but(service+" over plain HTTP", publish, plainHTTP),
			)
			topic.Expect(policy.Deny, each(publish.Principal, "", publish.Context, "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic")...)
		}
		for _, service := range []string{"s3", "budgets", "lambda", "bedrock", "cloudtrail", "codestar-notifications"} {
			topic.Expect(policy.Deny, each(policy.Service(service+".amazonaws.com"), "",
				source("arn:aws:cloudwatch:"+region+":"+account+":alarm:x"), "sns:Publish")...)
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
