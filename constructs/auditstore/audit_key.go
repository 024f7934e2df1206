package auditstore

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// AuditKey is a KMS key that encrypts audit data. Its policy delegates to IAM
// for the principals of the account; AWS services get in through the Allow
// methods only. Calling one of them twice with the same argument is harmless.
type AuditKey interface {
	constructs.Construct
	// Key is the KMS key, made here or given.
	Key() awskms.IKey
	// AllowBedrock lets Amazon Bedrock encrypt the invocation logs that it
	// delivers to a bucket, in several parts where they are large, which S3
	// joins by decrypting them (kms:GenerateDataKey, kms:Decrypt).
	AllowBedrock()
	// AllowCloudTrail lets the named trail of this account and Region encrypt
	// its log files and digests, and read them back as a bucket with an S3
	// Bucket Key requires.
	AllowCloudTrail(trailName *string)
	// AllowCloudWatchLogs lets CloudWatch Logs encrypt the log groups of this
	// account and Region whose name is logGroupName; "*" stands for any run of
	// characters.
	AllowCloudWatchLogs(logGroupName *string)
	// AllowCloudWatchAlarms lets the alarms of this account and Region publish
	// to a topic that the key encrypts. Without it CloudWatch drops the
	// notification and nobody is told.
	AllowCloudWatchAlarms()
	// AllowEventBridge lets EventBridge rules publish to topics of this account
	// and Region that the key encrypts. Without it EventBridge drops the
	// notification and nobody is told.
	AllowEventBridge()
	// AllowBudgets lets AWS Budgets publish to topics of this account and Region
	// that the key encrypts.
	AllowBudgets()
	// AllowCostAnomalyDetection lets AWS Cost Anomaly Detection publish to
	// topics of this account and Region that the key encrypts.
	AllowCostAnomalyDetection()
	// GrantDecrypt lets grantee read what the key encrypts.
	GrantDecrypt(grantee awsiam.IGrantable) awsiam.Grant
}

// AuditKeyProps configures an AuditKey. All fields are optional, and so is the
// struct.
type AuditKeyProps struct {
	// ExistingKey is used instead of making a key. No other prop may be set
	// with it. The policy of a key that another stack or team owns cannot be
	// extended from here: each Allow method then adds a warning with the
	// statement that its owner has to add. Default: a key is made.
	ExistingKey awskms.IKey
	// Description is what the KMS console shows. Default: names the stack.
	Description *string
	// BreakGlassPrincipalArn may disable the key, schedule its deletion and
	// change its policy and rotation, which the policy denies to everyone but it
	// and DeployPrincipalArns. An IAM role's ARN; "*" and "?" are wildcards in its
	// name. The role has to exist: whoever may create it is exempt otherwise.
	// Default: nobody.
	BreakGlassPrincipalArn *string
	// DeployPrincipalArns are the roles and users that deploy the stack; the
	// denies leave them out. Default: the CloudFormation execution role of the
	// stack's CDK bootstrap.
	DeployPrincipalArns *[]*string
	// RemovalPolicy says what becomes of the key when it leaves the stack.
	// Audit data without its key is lost, so DESTROY adds a warning. KMS deletes
	// a key 30 days after it was told to. SNAPSHOT is refused. Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

type auditKey struct {
	constructs.Construct
	key   awskms.IKey
	place policies.Place
	sids  sids
	// policy is that of a key made here; nil for an existing key.
	policy awsiam.PolicyDocument
}

var _ AuditKey = (*auditKey)(nil)

// NewAuditKey makes a KMS key with yearly rotation and a 30-day deletion
// window, or wraps an existing one. props may be nil.
//
// It panics when ExistingKey comes together with another prop, on SNAPSHOT, on a
// principal that is not the ARN of a role or user, and when it cannot tell which
// role deploys the stack and DeployPrincipalArns is unset.
func NewAuditKey(scope constructs.Construct, id *string, props *AuditKeyProps) AuditKey {
	misuse.RequireScope(pkg, "AuditKey", scope, id)
	p := AuditKeyProps{}
	if props != nil {
		p = *props
	}
	if p.ExistingKey != nil && (p.Description != nil || p.BreakGlassPrincipalArn != nil || p.DeployPrincipalArns != nil || p.RemovalPolicy != "") {
		misuse.Panicf(pkg, "AuditKeyProps.ExistingKey comes together with props of a new key; set ExistingKey alone, or leave it out")
	}
	misuse.PanicAll(append(
		misuse.RemovalProblems(pkg, "AuditKey", p.RemovalPolicy),
		principalProblems("AuditKey", p.BreakGlassPrincipalArn, p.DeployPrincipalArns)...))
	this := &auditKey{sids: sids{}, place: policies.At(scope)}
	constructs.NewConstruct_Override(this, scope, id)
	if p.ExistingKey != nil {
		this.key = p.ExistingKey
		return this
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	if p.Description == nil {
		p.Description = jsii.String("Encrypts the audit data of " + this.place.StackName)
	}
	if p.RemovalPolicy == awscdk.RemovalPolicy_DESTROY {
		misuse.Warn(this, "AuditKey.destroy", "The key goes with the stack (RemovalPolicy DESTROY): 30 days later nothing that it encrypted can be read again.")
	}
	this.policy = policies.Document(
		// The account's IAM policies decide about its principals. It covers no
		// service principal.
		policies.Statement{
			Sid: "DelegateToIam", Root: "arn:" + this.place.Partition + ":iam::" + this.place.Account + ":root",
			Actions: []string{"kms:*"}, Resources: *policies.Strings("*"),
		},
		denyDisabling(exempt(this, "AuditKey", p.DeployPrincipalArns, p.BreakGlassPrincipalArn)),
	)
	this.key = awskms.NewKey(this, jsii.String("Key"), &awskms.KeyProps{
		Policy:            this.policy,
		Description:       p.Description,
		EnableKeyRotation: jsii.Bool(true),
		PendingWindow:     awscdk.Duration_Days(jsii.Number(30)),
		RemovalPolicy:     p.RemovalPolicy,
	})
	return this
}

// denyDisabling keeps the account's administrators, whom the default statement
// lets do everything, from making the evidence unreadable. kms:PutKeyPolicy is
// among them because it would remove the deny itself.
func denyDisabling(exempt []*string) policies.Statement {
	return policies.Statement{
		Sid: "DenyDisablingTheKey", Deny: true, Service: "*",
		Actions: []string{
			"kms:DeleteImportedKeyMaterial",
			"kms:DisableKey",
			"kms:DisableKeyRotation",
			"kms:PutKeyPolicy",
			"kms:ScheduleKeyDeletion",
		},
		Resources:  *policies.Strings("*"),
		Conditions: map[string]map[string]any{"ArnNotLike": {"aws:PrincipalArn": exempt}},
	}
}

func (k *auditKey) Key() awskms.IKey { return k.key }

func (k *auditKey) AllowBedrock() {
	k.allow("AllowBedrockLogDelivery", "", "bedrock.amazonaws.com",
		k.place.Arn("bedrock", "*"), []string{"kms:GenerateDataKey", "kms:Decrypt"}, nil)
}

func (k *auditKey) AllowCloudTrail(trailName *string) {
	misuse.RequireText(pkg, "AuditKey.AllowCloudTrail", "trailName", trailName)
	// No encryption context is required, although CloudTrail's own example
	// does so: with an S3 Bucket Key, S3 calls KMS in the context of the
	// bucket, which names no trail. The source ARN names it in both cases.
	k.allow("AllowCloudTrail", *trailName, "cloudtrail.amazonaws.com", k.place.Arn("cloudtrail", "trail/"+*trailName),
		[]string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"}, nil)
}

func (k *auditKey) AllowCloudWatchLogs(logGroupName *string) {
	misuse.RequireText(pkg, "AuditKey.AllowCloudWatchLogs", "logGroupName", logGroupName)
	name := *logGroupName
	// CloudWatch Logs sends no source account or ARN to KMS; the encryption
	// context names the log group, account and Region included.
	k.add("AllowCloudWatchLogs", name, policies.Statement{
		Service: "logs." + k.place.Region + ".amazonaws.com",
		Actions: []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"},
		Conditions: map[string]map[string]any{"ArnLike": {
			"kms:EncryptionContext:aws:logs:arn": k.place.Arn("logs", "log-group:"+name),
		}},
	})
}

func (k *auditKey) AllowCloudWatchAlarms() {
	k.allow("AllowAlarmNotifications", "", "cloudwatch.amazonaws.com",
		k.place.Arn("cloudwatch", "alarm:*"), []string{"kms:Decrypt", "kms:GenerateDataKey*"}, nil)
}

func (k *auditKey) AllowEventBridge() {
	// With aws:SourceAccount or aws:SourceArn the notification is lost: KMS does
	// not get them from EventBridge (Amazon SNS developer guide, "Key
	// management"). The encryption context names the topic, account and Region
	// included.
	k.allowTopics("AllowRuleNotifications", "events.amazonaws.com")
}

func (k *auditKey) AllowBudgets() {
	k.allowTopics("AllowBudgetNotifications", "budgets.amazonaws.com")
}

func (k *auditKey) AllowCostAnomalyDetection() {
	k.allowTopics("AllowCostAnomalyNotifications", "costalerts.amazonaws.com")
}

// allowTopics lets a service publish to encrypted topics.
func (k *auditKey) allowTopics(sid, service string) {
	k.add(sid, "", policies.Statement{
		Service: service,
		Actions: []string{"kms:Decrypt", "kms:GenerateDataKey*"},
		Conditions: map[string]map[string]any{"ArnLike": {
			"kms:EncryptionContext:aws:sns:topicArn": k.place.Arn("sns", "*"),
		}},
	})
}

func (k *auditKey) GrantDecrypt(grantee awsiam.IGrantable) awsiam.Grant {
	return k.key.GrantDecrypt(grantee)
}

// allow adds a statement for a service that acts for a resource of the account.
func (k *auditKey) allow(sid, name, service string, sourceArn *string, actions []string, conditions map[string]map[string]any) {
	k.add(sid, name, k.place.FromSource(sourceArn, policies.Statement{Service: service, Actions: actions, Conditions: conditions}))
}

func (k *auditKey) add(sid, name string, s policies.Statement) {
	unique, isNew := k.sids.of(sid, name)
	if !isNew {
		return
	}
	s.Sid = unique
	s.Resources = *policies.Strings("*")
	statement := s.Build()
	if k.policy != nil {
		k.policy.AddStatements(statement)
		return
	}
	result := k.key.AddToResourcePolicy(statement, jsii.Bool(true))
	if !*result.StatementAdded {
		misuse.Warn(k, "AuditKey.existingKeyPolicy."+s.Sid,
			"The policy of the existing key cannot be extended from this stack. Its owner has to add this statement, or the service is refused:\n"+policies.Text(k, statement))
	}
}
