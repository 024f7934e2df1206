package alerting

import (
	"net/mail"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// AlertTopic is an SNS topic for alerts. The CloudWatch alarms of this account
// and Region may publish to it, and EventBridge, which cannot be held to rules
// of this account. Principals of the account need a permission of their own. A
// topic that is made here refuses what does not come over TLS; an existing one
// keeps the rules of its owner.
type AlertTopic interface {
	constructs.Construct
	// Topic is the SNS topic, made here or given.
	Topic() awssns.ITopic
	// AlarmAction is what an alarm calls to notify the topic.
	AlarmAction() awscloudwatch.IAlarmAction
	// AddEmail subscribes an e-mail address. Amazon SNS asks the recipient to
	// confirm and delivers nothing before that. It panics when address is none
	// or is subscribed already.
	AddEmail(address *string)
	// AllowBudgets lets the budgets of this account publish, too.
	AllowBudgets()
	// AllowCostAnomalyDetection lets the cost anomaly monitors of this account
	// publish, too.
	AllowCostAnomalyDetection()

	// arn is the topic's, asked for once: each question to the CDK is a round
	// trip to another process.
	arn() *string
}

// AlertTopicProps configures an AlertTopic.
type AlertTopicProps struct {
	// Key encrypts the messages; CloudWatch alarms and EventBridge rules are
	// let in to it. Required for a new topic; with ExistingTopic it is the key
	// that topic is encrypted with. Default: the existing topic's key, where
	// ExistingTopic tells it.
	Key auditstore.AuditKey
	// EmailAddresses are subscribed to the topic; each is a literal, written
	// plainly, as in "admin@example.com". Default: nobody.
	EmailAddresses *[]*string
	// DisplayName is the sender's name in e-mails, at most 100 characters.
	// Default: the topic's name.
	DisplayName *string
	// ExistingTopic is used instead of making a topic. DisplayName cannot be
	// set with it. Where its policy cannot be extended from here, a warning
	// names the statements that its owner has to add. Default: a topic is made.
	ExistingTopic awssns.ITopic
}

type alertTopic struct {
	constructs.Construct
	topic      awssns.ITopic
	topicArn   *string
	key        auditstore.AuditKey // nil where it is unknown
	action     awscloudwatch.IAlarmAction
	subscribed map[string]bool
	allowed    map[string]bool
}

var _ AlertTopic = (*alertTopic)(nil)

// NewAlertTopic makes an encrypted topic, or wraps an existing one.
//
// It panics on a missing key, on DisplayName together with ExistingTopic, and
// on addresses that are none or come twice; all problems are in one message.
func NewAlertTopic(scope constructs.Construct, id *string, props *AlertTopicProps) AlertTopic {
	misuse.RequireScope(pkg, "AlertTopic", scope, id)
	p := AlertTopicProps{}
	if props != nil {
		p = *props
	}
	if p.ExistingTopic == nil {
		misuse.Require(pkg, "AlertTopic", "Key", p.Key)
	}
	var addresses []string
	if p.EmailAddresses != nil {
		for _, address := range *p.EmailAddresses {
			addresses = append(addresses, text(address))
		}
	}
	misuse.PanicAll(topicProblems(addresses, text(p.DisplayName), p.ExistingTopic != nil))

	this := &alertTopic{topic: p.ExistingTopic, key: p.Key, subscribed: map[string]bool{}, allowed: map[string]bool{}}
	constructs.NewConstruct_Override(this, scope, id)
	if this.key == nil {
		if key := this.topic.MasterKey(); !misuse.IsNil(key) {
			this.key = auditstore.NewAuditKey(this, jsii.String("Key"), &auditstore.AuditKeyProps{ExistingKey: key})
		}
	}
	if this.key != nil {
		this.key.AllowCloudWatchAlarms()
		this.key.AllowEventBridge()
	}
	if this.topic == nil {
		this.topic = awssns.NewTopic(this, jsii.String("Topic"), &awssns.TopicProps{
			DisplayName: p.DisplayName,
			MasterKey:   p.Key.Key(),
			EnforceSSL:  jsii.Bool(true),
		})
	}
	place := policies.At(this)
	this.allowPublish(place.FromSource(place.Arn("cloudwatch", "alarm:*"),
		policies.Statement{Sid: "AllowAlarms", Service: "cloudwatch.amazonaws.com"}))
	// Without conditions: EventBridge cannot use them in a topic's policy
	// (EventBridge user guide, "Using resource-based policies", Amazon SNS
	// permissions), so its message would be lost. What remains is that a rule of
	// another account that names the topic can publish to it.
	this.allowPublish(policies.Statement{Sid: "AllowRules", Service: "events.amazonaws.com"})
	this.action = awscloudwatchactions.NewSnsAction(this.topic)
	for _, address := range addresses {
		this.AddEmail(&address)
	}
	return this
}

func (t *alertTopic) arn() *string {
	if t.topicArn == nil {
		t.topicArn = t.topic.TopicArn()
	}
	return t.topicArn
}

func (t *alertTopic) Topic() awssns.ITopic                    { return t.topic }
func (t *alertTopic) AlarmAction() awscloudwatch.IAlarmAction { return t.action }

func (t *alertTopic) AddEmail(address *string) {
	email := text(address)
	if problem := addressProblem(email); problem != nil {
		panic(problem.Error())
	}
	if t.subscribed[strings.ToLower(email)] {
		misuse.Panicf(pkg, "AlertTopic.AddEmail was called twice, got %q again; call it once for each address", email)
	}
	t.subscribed[strings.ToLower(email)] = true
	awssns.NewSubscription(t, jsii.String(email), &awssns.SubscriptionProps{
		Topic:    t.topic,
		Protocol: awssns.SubscriptionProtocol_EMAIL,
		Endpoint: jsii.String(email),
	})
}

func (t *alertTopic) AllowBudgets() {
	if t.key != nil {
		t.key.AllowBudgets()
	}
	place := policies.At(t)
	t.allowOnce(place.FromSource(jsii.String("arn:"+place.Partition+":budgets::"+place.Account+":*"),
		policies.Statement{Sid: "AllowBudgets", Service: "budgets.amazonaws.com"}))
}

func (t *alertTopic) AllowCostAnomalyDetection() {
	if t.key != nil {
		t.key.AllowCostAnomalyDetection()
	}
	// It names the account, and no source ARN (AWS Cost Management user guide,
	// "Creating an Amazon SNS topic for anomaly notifications").
	t.allowOnce(policies.Statement{
		Sid: "AllowCostAnomalyDetection", Service: "costalerts.amazonaws.com",
		Conditions: map[string]map[string]any{"StringEquals": {"aws:SourceAccount": policies.At(t).Account}},
	})
}

// allowOnce keeps a second budget from repeating the statement of the first.
func (t *alertTopic) allowOnce(s policies.Statement) {
	if !t.allowed[s.Sid] {
		t.allowed[s.Sid] = true
		t.allowPublish(s)
	}
}

// allowPublish adds a statement that says who, and under which conditions.
func (t *alertTopic) allowPublish(s policies.Statement) {
	s.Actions, s.Resources = []string{"sns:Publish"}, []*string{t.arn()}
	statement := s.Build()
	if result := t.topic.AddToResourcePolicy(statement); !*result.StatementAdded {
		misuse.Warn(t, "AlertTopic.existingTopicPolicy."+s.Sid,
			"The policy of the existing topic cannot be extended from this stack. Its owner has to add this statement, or nobody is alerted:\n"+policies.Text(t, statement))
	}
}

// maxDisplayName is the limit of the SNS attribute DisplayName (Amazon SNS API
// reference, CreateTopic).
const maxDisplayName = 100

func topicProblems(addresses []string, displayName string, existing bool) []error {
	var found []error
	seen := map[string]bool{}
	for _, address := range addresses {
		if problem := addressProblem(address); problem != nil {
			found = append(found, problem)
		} else if seen[strings.ToLower(address)] {
			found = append(found, misuse.Errorf(pkg, "AlertTopicProps.EmailAddresses has an address twice, got %q again; remove one", address))
		}
		seen[strings.ToLower(address)] = true
	}
	if n := len([]rune(displayName)); n > maxDisplayName {
		found = append(found, misuse.Errorf(pkg, "AlertTopicProps.DisplayName is longer than %d characters, got %d; shorten it", maxDisplayName, n))
	}
	if existing && displayName != "" {
		found = append(found, misuse.Errorf(pkg, "AlertTopicProps.ExistingTopic comes together with DisplayName, got %q; leave DisplayName to the topic's owner", displayName))
	}
	return found
}

func addressProblem(address string) error {
	if strings.Contains(address, "${Token[") {
		return misuse.Errorf(pkg, "an e-mail address has to be literal, got a value known at deployment only; subscribe that to AlertTopic.Topic")
	}
	if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
		return misuse.Errorf(pkg, "an e-mail address is needed, got %q; write it plainly, like admin@example.com", address)
	}
	return nil
}

// text is the value of an optional string, empty when it is not given.
func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
