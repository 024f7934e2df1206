package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

const (
	budgets   = "budgets.amazonaws.com"
	anomalies = "costalerts.amazonaws.com"
)

// closedToCosts are the topics and keys of an environment that its budgets and
// anomaly monitors do not need: all but those of warnings in the home Region, and
// all where there are no costs.
func closedToCosts(w *policy.World, env string) []*policy.Resource {
	var closed []*policy.Resource
	for _, region := range regions[env] {
		closed = append(closed,
			w.Topic(monitoring(env, region), "AlertTopic"),
			w.Key(storage(env, region), "AlertKey"), w.Key(storage(env, region), "InvocationKey"), w.Key(ledger(env, region), "LedgerKey"))
		if env != "kept" || region != home {
			closed = append(closed, w.Topic(monitoring(env, region), "WarningTopic"), w.Key(storage(env, region), "ActivityKey"))
		}
	}
	return closed
}

func TestBudgetsOfTheAccountPublishWarnings(t *testing.T) {
	w := load(t, "kept")
	topic := w.Topic(monitoring("kept", home), "WarningTopic")
	arn := func(account string) string { return "arn:aws:budgets::" + account + ":budget/chat" }
	publish := policy.Case{Principal: policy.Service(budgets), Action: "sns:Publish", Context: source(arn(account))}
	topic.Expect(policy.Allow, named("a budget", publish))
	topic.Expect(policy.Deny,
		but("a budget of another account", publish, policy.Context{"aws:SourceAccount": stranger, "aws:SourceArn": arn(stranger)}),
		but("another source account", publish, policy.Context{"aws:SourceAccount": stranger}),
		but("another account in the ARN", publish, policy.Context{"aws:SourceArn": arn(stranger)}),
		but("another service's ARN", publish, policy.Context{"aws:SourceArn": "arn:aws:ce::" + account + ":anomalymonitor/x"}),
		but("no source ARN", publish, policy.Context{"aws:SourceArn": policy.Absent}),
		but("no source account", publish, policy.Context{"aws:SourceAccount": policy.Absent}),
		but("plain HTTP", publish, plainHTTP),
		by(policy.Service("ce.amazonaws.com"), publish),
		by(policy.Service("cloudwatch.amazonaws.com"), publish),
		by(policy.Service("billing.amazonaws.com"), publish),
		by(policy.Role(account, "Nobody"), publish),
		by(policy.Anonymous(), publish),
	)
	topic.Expect(policy.Deny, each(publish.Principal, "", publish.Context, "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic")...)
	w.Run()
}

// AWS Cost Anomaly Detection names the account and no ARN.
func TestAnomalyMonitorsOfTheAccountPublishWarnings(t *testing.T) {
	w := load(t, "kept")
	topic := w.Topic(monitoring("kept", home), "WarningTopic")
	publish := policy.Case{Principal: policy.Service(anomalies), Action: "sns:Publish", Context: policy.Context{"aws:SourceAccount": account}}
	topic.Expect(policy.Allow, named("a monitor", publish))
	topic.Expect(policy.Deny,
		but("a monitor of another account", publish, policy.Context{"aws:SourceAccount": stranger}),
		but("no source account", publish, policy.Context{"aws:SourceAccount": policy.Absent}),
		but("plain HTTP", publish, plainHTTP),
		by(policy.Service(budgets), publish), // which has to name a budget
		by(policy.Service("ce.amazonaws.com"), publish),
		by(policy.Anonymous(), publish),
	)
	topic.Expect(policy.Deny, each(publish.Principal, "", publish.Context, "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic")...)
	w.Run()
}

func TestBudgetsAndMonitorsUseTheKeyForTopicsOfTheAccountOnly(t *testing.T) {
	w := load(t, "kept")
	key := w.Key(storage("kept", home), "ActivityKey")
	topic := policy.Context{encryptionContext + "aws:sns:topicArn": w.ARN(monitoring("kept", home), "WarningTopic")}
	other := func(region, account string) policy.Context {
		return policy.Context{encryptionContext + "aws:sns:topicArn": "arn:aws:sns:" + region + ":" + account + ":topic"}
	}
	for _, name := range []string{budgets, anomalies} {
		service := policy.Service(name)
		for _, use := range each(service, "", topic, "kms:Decrypt", "kms:GenerateDataKey") {
			key.Expect(policy.Allow, use)
			key.Expect(policy.Deny,
				but(name+" "+use.Action+", another account's topic", use, other(home, stranger)),
				but(name+" "+use.Action+", another Region's topic", use, other(additional, account)),
				but(name+" "+use.Action+", no topic", use, policy.Context{encryptionContext + "aws:sns:topicArn": policy.Absent}),
				but(name+" "+use.Action+", a bucket", use, policy.Context{
					encryptionContext + "aws:sns:topicArn": policy.Absent,
					encryptionContext + "aws:s3:arn":       w.ARN(storage("kept", home), "TrailBucket"),
				}),
			)
		}
		key.Expect(policy.Deny, each(service, "", topic, "kms:Encrypt", "kms:ReEncryptFrom", "kms:CreateGrant")...)
		key.Expect(policy.Deny, each(service, "", nil, append([]string{"kms:DescribeKey"}, disabling...)...)...)
	}
	key.Expect(policy.Deny, each(policy.Service("ce.amazonaws.com"), "", topic, "kms:Decrypt", "kms:GenerateDataKey")...)
	w.Run()
}

func TestBudgetsAndMonitorsReachNothingElse(t *testing.T) {
	for _, env := range []string{"kept", "sealed"} {
		w := load(t, env)
		for _, closed := range closedToCosts(w, env) {
			actions, context := []string{"kms:Decrypt", "kms:GenerateDataKey"}, policy.Context{
				encryptionContext + "aws:sns:topicArn": w.ARN(monitoring(env, regions[env][0]), "WarningTopic"),
			}
			if closed.Type() == "AWS::SNS::Topic" {
				actions, context = []string{"sns:Publish"}, source("arn:aws:budgets::"+account+":budget/chat")
			}
			for _, service := range []string{budgets, anomalies} {
				closed.Expect(policy.Deny, each(policy.Service(service), "", context, actions...)...)
			}
		}
		w.Run()
	}
}

// activating is all that the role of the cost tags' function may do of billing.
var activating = []string{
	"ce:ListCostAllocationTags", "ce:UpdateCostAllocationTagsStatus",
	"ce:StartCostAllocationTagBackfill", "ce:ListCostAllocationTagBackfillHistory",
}

func TestTheFunctionOfCostTagsActivatesThemAndNothingElse(t *testing.T) {
	w := load(t, "kept")
	stack := cost("kept", home)
	role := w.Role(stack, "CostTagActivationFunctionRole")
	assume := policy.Case{Principal: policy.Service("lambda.amazonaws.com"), Action: "sts:AssumeRole"}
	role.Expect(policy.Allow, assume)
	for _, principal := range []policy.Principal{
		policy.Service("events.amazonaws.com"), policy.Service("scheduler.amazonaws.com"), policy.Service(budgets),
		admin, root, policy.Administrator(stranger, "Admin"), policy.Anonymous(),
	} {
		role.Expect(policy.Deny, by(principal, assume))
	}

	caller := role.Principal()
	w.Expect(stack, policy.Allow, each(caller, "*", nil, activating...)...)
	w.Expect(stack, policy.Deny, each(caller, "*", nil,
		"ce:GetCostAndUsage", "ce:CreateAnomalyMonitor", "ce:CreateCostCategoryDefinition", "billing:UpdateBillingPreferences",
		"tag:TagResources", "organizations:ListAccounts", "iam:ListRoles", "s3:ListAllMyBuckets", "kms:CreateKey")...)
	w.Expect(stack, policy.Deny, each(caller, "arn:aws:budgets::"+account+":budget/chat", nil, "budgets:ModifyBudget", "budgets:ViewBudget")...)

	put := policy.Case{Principal: caller, Action: "cloudwatch:PutMetricData", Resource: "*"}
	w.Expect(stack, policy.Allow, but("its namespace", put, policy.Context{"cloudwatch:namespace": "PaperTrail"}))
	w.Expect(stack, policy.Deny,
		but("Bedrock's namespace", put, policy.Context{"cloudwatch:namespace": "AWS/Bedrock"}),
		but("a longer namespace", put, policy.Context{"cloudwatch:namespace": "PaperTrail/Other"}),
		named("no namespace", put),
	)

	schedule := w.ARN(stack, "CostTagActivationSchedule")
	w.Expect(stack, policy.Allow, each(caller, schedule, nil, "events:DisableRule")...)
	w.Expect(stack, policy.Deny, each(caller, schedule, nil, "events:EnableRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule")...)
	for _, other := range []string{
		"arn:aws:events:" + home + ":" + account + ":rule/tamper", // the alarms' rules are not its to end
		w.ARN(monitoring("kept", home), "InvocationLoggingGuardSchedule"),
	} {
		w.Expect(stack, policy.Deny, each(caller, other, nil, "events:DisableRule")...)
	}

	own := w.ARN(stack, "CostTagActivationFunctionLogs") // ends in :*
	own = own[:len(own)-len(":*")] + ":log-stream:2026/01/31/[1]0a1b"
	w.Expect(stack, policy.Allow, each(caller, own, nil, writing...)...)
	w.Expect(stack, policy.Deny, each(caller, logStream(home, "/aws/cloudtrail/paper-trail-kept", "x"), nil, writing...)...)
	throughLogs := policy.Context{"kms:ViaService": "logs." + home + ".amazonaws.com"}
	key := w.Key(storage("kept", home), "ActivityKey")
	key.Expect(policy.Allow, each(caller, "", throughLogs, keyUse...)...)
	key.Expect(policy.Deny, each(caller, "", policy.Context{"kms:ViaService": "s3." + home + ".amazonaws.com"}, keyUse...)...)
	w.Key(storage("kept", home), "InvocationKey").Expect(policy.Deny, each(caller, "", throughLogs, keyUse...)...)
	for _, topic := range topics {
		w.Topic(monitoring("kept", home), topic).Expect(policy.Deny, each(caller, "", nil, "sns:Publish")...)
	}
	for _, name := range []string{lock, register, state} {
		w.Expect(stack, policy.Deny, each(caller, parameterARN(home, name), nil, "ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter")...)
	}
	beyond(w, home, caller)
	refuseConfiguring(w, home, caller)
	w.Run()
}

func TestTheLogOfTheFunctionOfCostTagsIsEncryptedWithTheKeyOfActivity(t *testing.T) {
	w := load(t, "kept")
	group := policy.Context{encryptionContext + "aws:logs:arn": logGroup(home, "paper-trail-kept-cost-CostTagActivationFunctionLogs0A1B2C3D-x")}
	use := each(policy.Service("logs."+home+".amazonaws.com"), "", group, "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")
	w.Key(storage("kept", home), "ActivityKey").Expect(policy.Allow, use...)
	w.Key(storage("kept", home), "InvocationKey").Expect(policy.Deny, use...)
	w.Key(storage("kept", additional), "ActivityKey").Expect(policy.Deny, use...)
	w.Run()
}
