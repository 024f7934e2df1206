package alerting_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func newTopic(t *testing.T, addresses ...string) (awscdk.Stack, alerting.AlertTopic) {
	t.Helper()
	stack := cdktest.NewStack(t)
	return stack, alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		Key:            auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
		EmailAddresses: jsii.Strings(addresses...),
	})
}

func TestAlertTopicIsImportable(t *testing.T) {
	stack, topic := newTopic(t)
	cdktest.AssertImportable(t, topic)
	cdktest.Synth(t, stack)
}

func TestAlertTopicIsEncryptedAndOpenToAlarmsOfTheAccountAndToEventBridge(t *testing.T) {
	stack, _ := newTopic(t)
	template := cdktest.Synth(t, stack)

	_, topic := template.Only(t, "AWS::SNS::Topic", "Alerts")
	assert.Contains(t, cdktest.JSON(t, topic.Properties["KmsMasterKeyId"]), "Key")
	assert.NotContains(t, topic.Properties, "TopicName", "no physical name")

	_, policy := template.Only(t, "AWS::SNS::TopicPolicy", "Alerts")
	document := policy.Properties["PolicyDocument"]
	alarms := cdktest.JSON(t, cdktest.Statement(t, document, "AllowAlarms"))
	for _, part := range []string{
		`"aws:SourceAccount":"111122223333"`, `"Action":"sns:Publish"`,
		`"cloudwatch.amazonaws.com"`, ":cloudwatch:eu-west-1:111122223333:alarm:*",
	} {
		assert.Contains(t, alarms, part)
	}
	rules := cdktest.Statement(t, document, "AllowRules")
	assert.Equal(t, "sns:Publish", rules["Action"])
	assert.Equal(t, map[string]any{"Service": "events.amazonaws.com"}, rules["Principal"])
	assert.NotContains(t, rules, "Condition", "with one EventBridge loses the message")
	statements := document.(map[string]any)["Statement"].([]any)
	assert.Len(t, statements, 3, "alarms, rules and the deny of plain HTTP")
	assert.Contains(t, cdktest.JSON(t, statements), `"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"`)

	_, key := template.Only(t, "AWS::KMS::Key", "Key")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowAlarmNotifications")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowRuleNotifications")
}

func TestAlertTopicSubscribesAddresses(t *testing.T) {
	stack, topic := newTopic(t, "admin@example.com")
	topic.AddEmail(jsii.String("audit@example.com"))

	subscriptions := cdktest.Synth(t, stack).OfType("AWS::SNS::Subscription")
	require.Len(t, subscriptions, 2)
	all := cdktest.JSON(t, subscriptions)
	assert.Contains(t, all, `"Endpoint":"admin@example.com"`)
	assert.Contains(t, all, `"Endpoint":"audit@example.com"`)
	assert.Equal(t, 2, strings.Count(all, `"Protocol":"email"`))

	assert.Contains(t, cdktest.Panics(t, func() { topic.AddEmail(jsii.String("Admin@Example.com")) }), "called twice")
	assert.Contains(t, cdktest.Panics(t, func() { topic.AddEmail(nil) }), `got ""`)
}

func TestAlertTopicIsAnAlarmAction(t *testing.T) {
	stack, topic := newTopic(t)
	alarm := awscloudwatch.NewAlarm(stack, jsii.String("Alarm"), &awscloudwatch.AlarmProps{
		Metric:            awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("N"), MetricName: jsii.String("M")}),
		Threshold:         jsii.Number(1),
		EvaluationPeriods: jsii.Number(1),
	})
	alarm.AddAlarmAction(topic.AlarmAction())

	_, resource := cdktest.Synth(t, stack).Only(t, "AWS::CloudWatch::Alarm", "Alarm")
	assert.Contains(t, cdktest.JSON(t, resource.Properties["AlarmActions"]), "AlertsTopic")
}

func TestAlertTopicAroundAnImportedTopicWarnsWithTheStatements(t *testing.T) {
	stack := cdktest.NewStack(t)
	imported := awssns.Topic_FromTopicArn(stack, jsii.String("Imported"), jsii.String("arn:aws:sns:eu-west-1:111122223333:theirs"))
	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		ExistingTopic:  imported,
		EmailAddresses: jsii.Strings("admin@example.com"),
	})
	assert.NotNil(t, topic.AlarmAction())

	warnings := strings.Join(cdktest.Warnings(stack), "\n")
	assert.Contains(t, warnings, "paper-trail:AlertTopic.existingTopicPolicy.AllowAlarms")
	assert.Contains(t, warnings, "paper-trail:AlertTopic.existingTopicPolicy.AllowRules")
	assert.Contains(t, warnings, `"Service": "cloudwatch.amazonaws.com"`)
	assert.Contains(t, warnings, "arn:aws:sns:eu-west-1:111122223333:theirs")
	template := cdktest.Synth(t, stack)
	assert.Empty(t, template.OfType("AWS::SNS::Topic"))
	assert.Len(t, template.OfType("AWS::SNS::Subscription"), 1)
}

func TestAlertTopicExtendsAnExistingTopicOfTheApp(t *testing.T) {
	stack := cdktest.NewStack(t)
	own := awssns.NewTopic(stack, jsii.String("Own"), nil)
	alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{ExistingTopic: own})

	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::SNS::TopicPolicy", "Own")
	cdktest.Statement(t, policy.Properties["PolicyDocument"], "AllowAlarms")
	assert.Empty(t, cdktest.Warnings(stack))
}

// Without its key an encrypted topic takes the message of an alarm from nobody.
func TestAlertTopicOpensTheKeyOfAnExistingTopic(t *testing.T) {
	stack := cdktest.NewStack(t)
	own := awssns.NewTopic(stack, jsii.String("Own"), &awssns.TopicProps{MasterKey: awskms.NewKey(stack, jsii.String("OwnKey"), nil)})
	alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{ExistingTopic: own}).AllowBudgets()
	_, key := cdktest.Synth(t, stack).Only(t, "AWS::KMS::Key", "OwnKey")
	for _, sid := range []string{"AllowAlarmNotifications", "AllowRuleNotifications", "AllowBudgetNotifications"} {
		cdktest.Statement(t, key.Properties["KeyPolicy"], sid)
	}

	stack = cdktest.NewStack(t)
	theirs := awssns.Topic_FromTopicAttributes(stack, jsii.String("Theirs"), &awssns.TopicAttributes{
		TopicArn: jsii.String("arn:aws:sns:eu-west-1:111122223333:theirs"),
		KeyArn:   jsii.String("arn:aws:kms:eu-west-1:111122223333:key/abc"),
	})
	alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{ExistingTopic: theirs})
	assert.Contains(t, strings.Join(cdktest.Warnings(stack), "\n"), "AllowAlarmNotifications", "its owner has to open it")
}

func TestAlertTopicMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	own := awssns.NewTopic(stack, jsii.String("Own"), nil)
	for want, props := range map[string]*alerting.AlertTopicProps{
		"AlertTopic needs AlertTopicProps.Key, got nil": nil,
		`got "nobody"; write it plainly`:                {Key: key, EmailAddresses: jsii.Strings("nobody")},
		`got "A <a@b.c>"; write it plainly`:             {Key: key, EmailAddresses: jsii.Strings("A <a@b.c>")},
		`has an address twice, got "A@b.c" again`:       {Key: key, EmailAddresses: jsii.Strings("a@b.c", "A@b.c")},
		"has to be literal":                             {Key: key, EmailAddresses: &[]*string{own.TopicName()}},
		"longer than 100 characters, got 101":           {Key: key, DisplayName: jsii.String(strings.Repeat("é", 101))},
		"ExistingTopic comes together with DisplayName": {ExistingTopic: own, DisplayName: jsii.String("d")},
	} {
		message := cdktest.Panics(t, func() { alerting.NewAlertTopic(stack, jsii.String("A"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewAlertTopic(nil, jsii.String("A"), nil) }), "AlertTopic needs a scope, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewAlertTopic(stack, nil, nil) }), "AlertTopic needs an id, got none")

	both := cdktest.Panics(t, func() {
		alerting.NewAlertTopic(stack, jsii.String("A"), &alerting.AlertTopicProps{Key: key, EmailAddresses: jsii.Strings("x", "y")})
	})
	assert.Contains(t, both, `"x"`)
	assert.Contains(t, both, `"y"`)
}
