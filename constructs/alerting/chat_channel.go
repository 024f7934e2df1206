package alerting

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awschatbot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// ChatChannel shows notifications in a channel of Slack or Microsoft Teams,
// through Amazon Q Developer in chat applications (formerly AWS Chatbot).
// Nobody can act on AWS from the channel: its role has no permission, and its
// guardrail policy denies everything. So alarms come without their graph.
//
// Some things no template can do; an administrator does them first:
//
//   - In the console of Amazon Q Developer in chat applications, configure a
//     new client, Slack or Microsoft Teams, and grant it access. That links the
//     workspace or team with the account, and shows the ids that the props take.
//   - Invite the app into the channel, @Amazon Q, where the channel is private
//     or of Microsoft Teams.
//
// Send a test message from the console afterwards: a channel that is not linked
// drops notifications, and only the service's log says so, in us-east-1 in the
// log group /aws/chatbot/NAME that it makes itself and keeps for ever.
//
// An account has one configuration for a channel. So make one ChatChannel for
// all Regions, with their topics. The service shows CloudWatch alarms and events
// of AWS services; of other messages only those in the form of its custom
// notifications.
type ChatChannel interface {
	constructs.Construct
	// Role is what the channel acts with. Whatever it is granted, the guardrail
	// policy denies.
	Role() awsiam.IRole
	// ConfigurationArn is the ARN of the channel's configuration.
	ConfigurationArn() *string
}

// ChatChannelProps configures a ChatChannel. Exactly one of Slack and Teams is
// needed.
type ChatChannelProps struct {
	// Topics are shown in the channel, those of every severity and Region; each
	// once. At least one is required.
	Topics *[]AlertTopic
	// Slack is a channel of Slack. Default: Teams.
	Slack *SlackChannel
	// Teams is a channel of Microsoft Teams. Default: Slack.
	Teams *TeamsChannel
	// ConfigurationName is 1 to 128 letters, digits, hyphens and underscores,
	// unique in the account. Default: the stack's name, the construct's id and
	// the Region, with hyphens between.
	ConfigurationName *string
}

// SlackChannel names a channel of Slack.
type SlackChannel struct {
	// WorkspaceID is the id of the linked workspace, as T0123ABCD. Required.
	WorkspaceID *string
	// ChannelID is the last part of the channel's link, as C0123ABCD. Required.
	ChannelID *string
}

// TeamsChannel names a channel of Microsoft Teams.
type TeamsChannel struct {
	// TenantID is the id of the tenant, a UUID. Required.
	TenantID *string
	// TeamID is the id of the linked team, a UUID. Required.
	TeamID *string
	// ChannelID is the part of the channel's link that begins with 19%3a and
	// ends with %40thread.tacv2, written as it is there. Required.
	ChannelID *string
}

type chatChannel struct {
	constructs.Construct
	role awsiam.Role
	arn  *string
}

var _ ChatChannel = (*chatChannel)(nil)

// NewChatChannel makes the channel's configuration and its powerless role.
//
// It panics on missing or repeated topics, on both or none of Slack and Teams,
// and on ids and a name that the service would reject; all problems are in one
// message.
func NewChatChannel(scope constructs.Construct, id *string, props *ChatChannelProps) ChatChannel {
	misuse.RequireScope(pkg, "ChatChannel", scope, id)
	p := ChatChannelProps{}
	if props != nil {
		p = *props
	}
	place := policies.At(scope)
	if p.ConfigurationName == nil {
		p.ConfigurationName = jsii.String(nameInAccount(place.StackName, *id, place.Region))
	}
	misuse.PanicAll(p.problems())

	this := &chatChannel{}
	constructs.NewConstruct_Override(this, scope, id)
	this.role = awsiam.NewRole(this, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("chatbot.amazonaws.com"), nil),
		Description: jsii.String("What the chat channel acts with: nothing is allowed"),
	})
	// Without a guardrail policy the service takes AdministratorAccess, and the
	// role alone would stand between the channel and the account.
	guardrails := jsii.Strings("arn:" + place.Partition + ":iam::aws:policy/AWSDenyAll")
	if p.Slack != nil {
		topics := []any{}
		for _, topic := range *p.Topics {
			topics = append(topics, topic.arn())
		}
		this.arn = awschatbot.NewCfnSlackChannelConfiguration(this, jsii.String("Slack"), &awschatbot.CfnSlackChannelConfigurationProps{
			ConfigurationName: p.ConfigurationName,
			IamRoleArn:        this.role.RoleArn(),
			SlackWorkspaceId:  p.Slack.WorkspaceID,
			SlackChannelId:    p.Slack.ChannelID,
			GuardrailPolicies: guardrails,
			LoggingLevel:      jsii.String("ERROR"),
			SnsTopicArns:      &topics,
		}).AttrArn()
		return this
	}
	topics := []*string{}
	for _, topic := range *p.Topics {
		topics = append(topics, topic.arn())
	}
	this.arn = awschatbot.NewCfnMicrosoftTeamsChannelConfiguration(this, jsii.String("Teams"), &awschatbot.CfnMicrosoftTeamsChannelConfigurationProps{
		ConfigurationName: p.ConfigurationName,
		IamRoleArn:        this.role.RoleArn(),
		TeamsTenantId:     p.Teams.TenantID,
		TeamId:            p.Teams.TeamID,
		TeamsChannelId:    p.Teams.ChannelID,
		GuardrailPolicies: guardrails,
		LoggingLevel:      jsii.String("ERROR"),
		SnsTopicArns:      &topics,
	}).AttrArn()
	return this
}

func (c *chatChannel) Role() awsiam.IRole        { return c.role }
func (c *chatChannel) ConfigurationArn() *string { return c.arn }

// What the service takes (Amazon Q Developer in chat applications API
// reference, CreateSlackChannelConfiguration and
// CreateMicrosoftTeamsChannelConfiguration).
var (
	slackID        = regexp.MustCompile(`^[0-9A-Z]{1,255}$`)
	uuid           = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	teamsChannelID = regexp.MustCompile(`^([a-zA-Z0-9-_=+/.,])*%3[aA]([a-zA-Z0-9-_=+/.,])*%40([a-zA-Z0-9-_=+/.,])*$`)
	chatName       = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
)

func (p ChatChannelProps) problems() []error {
	var found []error
	refuse := func(format string, args ...any) { found = append(found, misuse.Errorf(pkg, format, args...)) }
	// What is known at deployment only is left to the service.
	check := func(field string, value *string, form *regexp.Regexp, like string) {
		if got := text(value); !form.MatchString(got) && !(got != "" && *awscdk.Token_IsUnresolved(got)) {
			refuse("ChatChannelProps.%s has to be like %s, got %q; take it from the console", field, like, got)
		}
	}
	if p.Topics == nil || len(*p.Topics) == 0 {
		refuse("ChatChannel needs ChatChannelProps.Topics, got none; give those whose notifications the channel shall show")
	} else {
		seen := map[AlertTopic]bool{}
		for i, topic := range *p.Topics {
			switch {
			case misuse.IsNil(topic):
				refuse("ChatChannelProps.Topics[%d] is missing, got nil; leave it out", i)
			case seen[topic]:
				refuse("ChatChannelProps.Topics has a topic twice, got %s again; give each once", *topic.Node().Path())
			default:
				seen[topic] = true
			}
		}
	}
	switch {
	case p.Slack == nil && p.Teams == nil:
		refuse("ChatChannel needs ChatChannelProps.Slack or Teams, got neither; set one")
	case p.Slack != nil && p.Teams != nil:
		refuse("ChatChannelProps.Slack comes together with Teams, got both; make a ChatChannel for each")
	case p.Slack != nil:
		check("Slack.WorkspaceID", p.Slack.WorkspaceID, slackID, "T0123ABCD")
		check("Slack.ChannelID", p.Slack.ChannelID, slackID, "C0123ABCD")
	default:
		check("Teams.TenantID", p.Teams.TenantID, uuid, "01234567-89ab-cdef-0123-456789abcdef")
		check("Teams.TeamID", p.Teams.TeamID, uuid, "01234567-89ab-cdef-0123-456789abcdef")
		check("Teams.ChannelID", p.Teams.ChannelID, teamsChannelID, "19%3a0123abcd%40thread.tacv2")
	}
	if name := text(p.ConfigurationName); !chatName.MatchString(name) && !*awscdk.Token_IsUnresolved(name) {
		refuse("ChatChannelProps.ConfigurationName has to be 1 to 128 letters, digits, - and _, got %q; give another one", name)
	}
	return found
}
