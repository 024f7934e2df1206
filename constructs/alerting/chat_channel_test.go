package alerting_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

const (
	aUUID          = "01234567-89ab-cdef-0123-456789abcdef"
	aTeamsChannel  = "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"
	denyEverything = `{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/AWSDenyAll"]]}`
)

func chatTopics(stack awscdk.Stack) *[]alerting.AlertTopic {
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	return &[]alerting.AlertTopic{
		alerting.NewAlertTopic(stack, jsii.String("Critical"), &alerting.AlertTopicProps{Key: key}),
		alerting.NewAlertTopic(stack, jsii.String("Warning"), &alerting.AlertTopicProps{Key: key}),
	}
}

func assertPowerless(t *testing.T, template cdktest.Template, of string) cdktest.Resource {
	t.Helper()
	_, role := template.Only(t, "AWS::IAM::Role", "Chat")
	assert.NotContains(t, role.Properties, "Policies")
	assert.NotContains(t, role.Properties, "ManagedPolicyArns")
	assert.Empty(t, template.OfType("AWS::IAM::Policy"))
	assert.Contains(t, cdktest.JSON(t, role.Properties), `"Principal":{"Service":"chatbot.amazonaws.com"}`)

	_, channel := template.Only(t, of, "Chat")
	policies := channel.Properties["GuardrailPolicies"].([]any)
	require.Len(t, policies, 1)
	assert.JSONEq(t, denyEverything, cdktest.JSON(t, policies[0]))
	assert.Equal(t, "ERROR", channel.Properties["LoggingLevel"])
	assert.Equal(t, "Test-Chat-eu-west-1", channel.Properties["ConfigurationName"])
	topics := cdktest.JSON(t, channel.Properties["SnsTopicArns"])
	assert.Equal(t, 2, strings.Count(topics, `{"Ref":`), topics)
	return channel
}

func TestASlackChannelSeesEverySeverityAndCanDoNothing(t *testing.T) {
	stack := cdktest.NewStack(t)
	chat := alerting.NewChatChannel(stack, jsii.String("Chat"), &alerting.ChatChannelProps{
		Topics: chatTopics(stack),
		Slack:  &alerting.SlackChannel{WorkspaceID: jsii.String("T0123ABCD"), ChannelID: jsii.String("C0123ABCD")},
	})
	cdktest.AssertImportable(t, chat)
	assert.NotEmpty(t, *chat.ConfigurationArn())
	assert.NotNil(t, chat.Role())
	channel := assertPowerless(t, cdktest.Synth(t, stack), "AWS::Chatbot::SlackChannelConfiguration")
	assert.Equal(t, "T0123ABCD", channel.Properties["SlackWorkspaceId"])
	assert.Equal(t, "C0123ABCD", channel.Properties["SlackChannelId"])
}

func TestATeamsChannelSeesEverySeverityAndCanDoNothing(t *testing.T) {
	stack := cdktest.NewStack(t)
	alerting.NewChatChannel(stack, jsii.String("Chat"), &alerting.ChatChannelProps{
		Topics: chatTopics(stack),
		Teams:  &alerting.TeamsChannel{TenantID: jsii.String(aUUID), TeamID: jsii.String(aUUID), ChannelID: jsii.String(aTeamsChannel)},
	})
	channel := assertPowerless(t, cdktest.Synth(t, stack), "AWS::Chatbot::MicrosoftTeamsChannelConfiguration")
	assert.Equal(t, aUUID, channel.Properties["TeamsTenantId"])
	assert.Equal(t, aUUID, channel.Properties["TeamId"])
	assert.Equal(t, aTeamsChannel, channel.Properties["TeamsChannelId"])
}

func TestAChatChannelTakesIdsFromParameters(t *testing.T) {
	stack := cdktest.NewStack(t)
	parameter := awscdk.NewCfnParameter(stack, jsii.String("Id"), nil).ValueAsString()
	assert.NotPanics(t, func() {
		alerting.NewChatChannel(stack, jsii.String("Chat"), &alerting.ChatChannelProps{
			Topics:            chatTopics(stack),
			Slack:             &alerting.SlackChannel{WorkspaceID: parameter, ChannelID: parameter},
			ConfigurationName: parameter,
		})
	})
}

func TestAChatChannelIsRefused(t *testing.T) {
	stack := cdktest.NewStack(t)
	topics := *chatTopics(stack)
	slack := &alerting.SlackChannel{WorkspaceID: jsii.String("T0123ABCD"), ChannelID: jsii.String("C0123ABCD")}
	for name, test := range map[string]struct {
		props *alerting.ChatChannelProps
		want  []string
	}{
		"nothing given": {nil, []string{"ChatChannel needs ChatChannelProps.Topics, got none", "ChatChannel needs ChatChannelProps.Slack or Teams, got neither"}},
		"both": {&alerting.ChatChannelProps{Topics: &topics, Slack: slack, Teams: &alerting.TeamsChannel{}},
			[]string{"ChatChannelProps.Slack comes together with Teams, got both"}},
		"topics missing and twice": {&alerting.ChatChannelProps{Topics: &[]alerting.AlertTopic{topics[0], nil, topics[0]}, Slack: slack},
			[]string{"ChatChannelProps.Topics[1] is missing", "ChatChannelProps.Topics has a topic twice, got Test/Critical again"}},
		"names instead of ids": {&alerting.ChatChannelProps{Topics: &topics, Slack: &alerting.SlackChannel{WorkspaceID: jsii.String("our team")}, ConfigurationName: jsii.String("")},
			[]string{`ChatChannelProps.Slack.WorkspaceID has to be like T0123ABCD, got "our team"`, `ChatChannelProps.Slack.ChannelID has to be like C0123ABCD, got ""`,
				`ChatChannelProps.ConfigurationName has to be 1 to 128 letters, digits, - and _, got ""`}},
		"decoded ids of Teams": {&alerting.ChatChannelProps{Topics: &topics, Teams: &alerting.TeamsChannel{TenantID: jsii.String("contoso"), TeamID: jsii.String(aUUID), ChannelID: jsii.String("19:b6ef@thread.tacv2")}},
			[]string{`ChatChannelProps.Teams.TenantID has to be like 01234567-89ab`, `ChatChannelProps.Teams.ChannelID has to be like 19%3a0123abcd%40thread.tacv2, got "19:b6ef@thread.tacv2"`}},
	} {
		t.Run(name, func(t *testing.T) {
			message := cdktest.Panics(t, func() { alerting.NewChatChannel(stack, jsii.String("Chat"), test.props) })
			for _, want := range test.want {
				assert.Contains(t, message, want)
			}
		})
	}
}
