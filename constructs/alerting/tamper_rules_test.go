package alerting_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/activitytrail"
	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestTamperRulesAreImportable(t *testing.T) {
	stack, topic := newTopic(t)
	cdktest.AssertImportable(t, alerting.NewTamperRules(stack, jsii.String("Tamper"), &alerting.TamperRulesProps{Alarms: alarmsOf(stack, topic)}))
	cdktest.Synth(t, stack)
}

func TestTamperRulesOfATopicAlone(t *testing.T) {
	stack, topic := newTopic(t)
	rules := alerting.NewTamperRules(stack, jsii.String("Tamper"), &alerting.TamperRulesProps{Alarms: alarmsOf(stack, topic)})
	template := cdktest.Synth(t, stack)

	made := template.OfType("AWS::Events::Rule")
	assert.Len(t, *rules.Rules(), 16, "recording, stack and its updates, log policies of the account, alarms, rules, topics and parameters, twice each")
	assert.Equal(t, 16, len(made))
	for _, rule := range made {
		assert.NotContains(t, rule.Properties, "Name", "no physical name")
		targets := rule.Properties["Targets"].([]any)
		require.Len(t, targets, 1)
		assert.NotContains(t, targets[0], "RoleArn")
		assert.Contains(t, cdktest.JSON(t, targets[0]), `"Arn":{"Ref":"AlertsTopic`)
	}
	_, alarms := template.Only(t, "AWS::Events::Rule", "TamperAlarmsByDeployment")
	text := cdktest.JSON(t, alarms.Properties["EventPattern"])
	assert.Contains(t, text, `{"prefix":"Test-"}`, "the alarms of the stack")
	_, topics := template.Only(t, "AWS::Events::Rule", "TamperTopicsByDeployment")
	assert.Contains(t, cdktest.JSON(t, topics.Properties["EventPattern"]), `"topicArn":[{"Ref":"AlertsTopic`, "the topic itself")
	assert.Contains(t, text, "cdk-hnb659fds-cfn-exec-role", "the bootstrap's role deploys")
	_, updates := template.Only(t, "AWS::Events::Rule", "TamperUpdatesByDeployment")
	assert.Contains(t, cdktest.JSON(t, updates.Properties["EventPattern"]), ":role/cdk-hnb659fds-deploy-role-111122223333-eu-west-1", "the bootstrap's other role starts that")
}

func TestTamperRulesProtectWhatTheyAreGiven(t *testing.T) {
	app := cdktest.NewApp(t)
	stack := awscdk.NewStack(app, jsii.String("A-stack-with-a-name-of-some-length"), nil)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	topics := chatTopicsOf(stack, key)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	group := awslogs.NewLogGroup(stack, jsii.String("Group"), nil)
	alerting.NewTamperRules(stack, jsii.String("Tamper"), &alerting.TamperRulesProps{
		Alarms: alerting.NewAlarmFactory(stack, jsii.String("Alarms"), &alerting.AlarmFactoryProps{
			Critical: topics[0], Warning: topics[1], RunbookURL: jsii.String("https://wiki.example.com/runbook"),
		}),
		ChatTopic:      topics[2],
		TrailNames:     jsii.Strings("our-trail"),
		Buckets:        &[]awss3.IBucket{bucket},
		Keys:           &[]awskms.IKey{key.Key()},
		LogGroups:      &[]awslogs.ILogGroup{group},
		FunctionNames:  jsii.Strings("our-function"),
		RoleNames:      jsii.Strings("our-role", "ours-*"),
		OwnRoleArns:    jsii.Strings("arn:aws:iam::111122223333:role/our-role"),
		DeployRoleArns: jsii.Strings("arn:aws:iam::111122223333:role/deploy"),
	})
	template := cdktest.Synth(t, stack)
	assert.Equal(t, 28, len(template.OfType("AWS::Events::Rule")), "in an unknown Region IAM may be heard")

	pattern := func(prefix string) string {
		id := ""
		for name := range template.OfType("AWS::Events::Rule") {
			if strings.HasPrefix(name, prefix) && (strings.Contains(prefix, "ByDeployment") || !strings.Contains(name, "ByDeployment")) {
				id = name
			}
		}
		require.NotEmpty(t, id, prefix)
		return cdktest.JSON(t, template.Resources[id].Properties["EventPattern"])
	}
	assert.Contains(t, pattern("TamperTrails"), `"name":["our-trail",{"Fn::Join"`)
	assert.Contains(t, pattern("TamperBuckets"), `"bucketName":[{"Ref":"Bucket`)
	assert.Contains(t, pattern("TamperKeys"), `"keyId":[{"Ref":"Key`)
	assert.Contains(t, pattern("TamperLogGroups"), `"logGroupName":[{"Ref":"Group`)
	assert.Contains(t, pattern("TamperFunctions"), `"functionName":["our-function",{"prefix":"our-function:"},{"suffix":":our-function"},{"wildcard":"*:our-function:*"}]`)
	assert.Contains(t, pattern("TamperRoles"), `"roleName":["our-role",{"prefix":"ours-"}]`)
	assert.Contains(t, pattern("TamperRules"), `{"prefix":"A-stack-with-a-n"}`, "CloudFormation shortens it for rules")
	assert.Contains(t, pattern("TamperAlarms"), `{"prefix":"A-stack-with-a-name-of-some-length-"}`, "not for alarms")
	assert.Contains(t, pattern("TamperRecordingByDeployment"), `role/our-role`)
	assert.NotContains(t, pattern("TamperBucketsByDeployment"), `role/our-role`)
	assert.NotContains(t, pattern("TamperParametersByDeployment"), `role/our-role`, "the functions' own writes are no news")

	for id, rule := range template.OfType("AWS::Events::Rule") {
		targets := rule.Properties["Targets"].([]any)
		text := cdktest.JSON(t, targets)
		if strings.HasPrefix(id, "TamperTopics") || strings.HasPrefix(id, "TamperKeys") {
			require.Len(t, targets, 3)
			assert.Contains(t, text, `{"Ref":"DeploymentsTopic`, "one topic tells of the other's deletion, or of its key's")
			assert.Contains(t, text, `{"Ref":"CriticalTopic`)
			continue
		}
		require.Len(t, targets, 2)
		if strings.Contains(id, "ByDeployment") {
			assert.Contains(t, text, `{"Ref":"DeploymentsTopic`)
			assert.Contains(t, text, ", by a deployment")
		} else {
			assert.Contains(t, text, `{"Ref":"CriticalTopic`)
			assert.Contains(t, text, ", NOT by a deployment")
		}
		assert.Contains(t, text, `{"Ref":"ChatTopic`)
		assert.Contains(t, text, "https://wiki.example.com/runbook#tamper")
	}
}

func chatTopicsOf(stack awscdk.Stack, key auditstore.AuditKey) []alerting.AlertTopic {
	var topics []alerting.AlertTopic
	for _, id := range []string{"Critical", "Deployments", "Chat"} {
		topics = append(topics, alerting.NewAlertTopic(stack, jsii.String(id), &alerting.AlertTopicProps{Key: key}))
	}
	return topics
}

func TestTamperRulesLeaveRolesOutWhereTheirEventsDoNotArrive(t *testing.T) {
	stack, topic := newTopic(t) // in eu-west-1
	alerting.NewTamperRules(stack, jsii.String("Tamper"), &alerting.TamperRulesProps{Alarms: alarmsOf(stack, topic), RoleNames: jsii.Strings("r")})
	for id := range cdktest.Synth(t, stack).OfType("AWS::Events::Rule") {
		assert.NotContains(t, id, "Roles")
	}
}

func TestTamperRulesMisuse(t *testing.T) {
	stack, topic := newTopic(t)
	alarms := alarmsOf(stack, topic)
	odd := alerting.NewAlarmFactory(stack, jsii.String("Odd"), &alerting.AlarmFactoryProps{Critical: topic, RunbookURL: jsii.String(`https://a"b`)})
	many := make([]string, 40)
	for i := range many {
		many[i] = strings.Repeat("f", 60)
	}
	for want, props := range map[string]*alerting.TamperRulesProps{
		"TamperRules needs TamperRulesProps.Alarms, got nil":     nil,
		"TamperRulesProps.RoleNames[1] is empty":                 {Alarms: alarms, RoleNames: jsii.Strings("r", "")},
		"TamperRules needs TamperRulesProps.Buckets[0], got nil": {Alarms: alarms, Buckets: &[]awss3.IBucket{nil}},
		"RunbookURL is put into the template of a message":       {Alarms: odd},
		"at most 2048 characters":                                {Alarms: alarms, FunctionNames: jsii.Strings(many...)},
	} {
		message := cdktest.Panics(t, func() { alerting.NewTamperRules(stack, jsii.String("T"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewTamperRules(nil, jsii.String("T"), nil) }), "TamperRules needs a scope, got nil")
}

// A call that CloudTrail logs as a data event is heard of only where the trail
// selects it.
func TestTheTrailSelectsTheDataEventsOfTamperCalls(t *testing.T) {
	stack := cdktest.NewStack(t)
	activitytrail.NewActivityTrail(stack, jsii.String("Trail"), &activitytrail.ActivityTrailProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
	})
	_, trail := cdktest.Synth(t, stack).Only(t, "AWS::CloudTrail::Trail", "Trail")
	selectors := cdktest.JSON(t, trail.Properties["AdvancedEventSelectors"])
	some := false
	for _, call := range alerting.TamperCalls() {
		if call.DataEvent {
			some = true
			assert.Contains(t, selectors, `"`+call.Event+`"`)
		}
	}
	assert.True(t, some)
}
