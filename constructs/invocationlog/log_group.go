package invocationlog

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// DefaultLogGroupName is the log group that invocation logs go to by default.
const DefaultLogGroupName = "/aws/bedrock/model-invocations"

// InvocationLogGroup is a CloudWatch log group for model-invocation logs. It
// is of the Standard class, which metric filters require.
type InvocationLogGroup interface {
	constructs.Construct
	// LogGroup is the log group, made here or given.
	LogGroup() awslogs.ILogGroup
	// LogGroupName is its name.
	LogGroupName() *string
	// Key encrypts it. It is nil for an existing log group without one.
	Key() auditstore.AuditKey
	// GrantAuditRead lets grantee read and query the records and decrypt them.
	// What the data-protection policy masks stays masked.
	GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant
	// GrantUnmask lets grantee see what the data-protection policy masks, in
	// addition to GrantAuditRead.
	GrantUnmask(grantee awsiam.IGrantable) awsiam.Grant
}

// InvocationLogGroupProps configures an InvocationLogGroup.
type InvocationLogGroupProps struct {
	// Key encrypts the log group. Required for a new log group; with
	// ExistingLogGroup it is the key that group is encrypted with, and
	// optional.
	Key auditstore.AuditKey
	// ExistingLogGroup is used instead of making one. Only Key may be set with
	// it. Default: a log group is made.
	ExistingLogGroup awslogs.ILogGroup
	// LogGroupName is the physical name: the key's policy names the group, and
	// only a literal name keeps that from being a circle. At most 512 letters,
	// digits and the characters _ - / . # (CloudWatch Logs API reference,
	// CreateLogGroup). Default: DefaultLogGroupName.
	LogGroupName *string
	// Retention is how long CloudWatch Logs keeps an event. Default:
	// awslogs.RetentionDays_SEVEN_YEARS (2557 days).
	Retention awslogs.RetentionDays
	// MaskedDataIdentifiers are the kinds of personal data that CloudWatch Logs
	// masks for every reader without logs:Unmask, in queries, metric filters
	// and subscriptions: names of managed data identifiers, such as
	// "EmailAddress" (CloudWatch Logs user guide, "Types of data that you can
	// protect"). The copy in S3 is not masked. Default: none.
	MaskedDataIdentifiers *[]*string
	// RemovalPolicy says what becomes of the log group when it leaves the
	// stack. RETAIN comes with deletion protection; a policy under which
	// CloudFormation may have to delete it comes without. DESTROY adds a
	// warning. SNAPSHOT is refused. Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

type invocationLogGroup struct {
	constructs.Construct
	group awslogs.ILogGroup
	key   auditstore.AuditKey
}

var _ InvocationLogGroup = (*invocationLogGroup)(nil)

// NewInvocationLogGroup makes a log group for model-invocation logs, or wraps
// an existing one. It panics on a missing key, on props of a new log group
// together with ExistingLogGroup and, with all of these in one message, on a name
// that CloudWatch Logs would reject or only the deployment knows, on what is no
// name of a managed data identifier, and on the RemovalPolicy SNAPSHOT.
func NewInvocationLogGroup(scope constructs.Construct, id *string, props *InvocationLogGroupProps) InvocationLogGroup {
	misuse.RequireScope(pkg, "InvocationLogGroup", scope, id)
	p := InvocationLogGroupProps{}
	if props != nil {
		p = *props
	}
	this := &invocationLogGroup{key: p.Key}
	if p.ExistingLogGroup != nil {
		if p.LogGroupName != nil || p.Retention != "" || p.MaskedDataIdentifiers != nil || p.RemovalPolicy != "" {
			misuse.Panicf(pkg, "InvocationLogGroupProps.ExistingLogGroup comes together with props of a new log group; set ExistingLogGroup and at most Key, or leave ExistingLogGroup out")
		}
		constructs.NewConstruct_Override(this, scope, id)
		this.group = p.ExistingLogGroup
		return this
	}
	misuse.Require(pkg, "InvocationLogGroup", "Key", p.Key)
	misuse.PanicAll(p.problems())
	if p.LogGroupName == nil {
		p.LogGroupName = jsii.String(DefaultLogGroupName)
	}
	if p.Retention == "" {
		p.Retention = awslogs.RetentionDays_SEVEN_YEARS
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}
	constructs.NewConstruct_Override(this, scope, id)
	destroy := p.RemovalPolicy == awscdk.RemovalPolicy_DESTROY
	if destroy {
		misuse.Warn(this, "InvocationLogGroup.destroy", "The log group goes with the stack (RemovalPolicy DESTROY), and nothing protects it from deletion.")
	}
	p.Key.AllowCloudWatchLogs(p.LogGroupName)
	group := awslogs.NewLogGroup(this, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		LogGroupName:              p.LogGroupName,
		LogGroupClass:             awslogs.LogGroupClass_STANDARD,
		EncryptionKey:             p.Key.Key(),
		Retention:                 p.Retention,
		DeletionProtectionEnabled: jsii.Bool(p.RemovalPolicy == awscdk.RemovalPolicy_RETAIN),
		RemovalPolicy:             p.RemovalPolicy,
	})
	this.group = group
	if p.MaskedDataIdentifiers != nil && len(*p.MaskedDataIdentifiers) > 0 {
		group.Node().DefaultChild().(awslogs.CfnLogGroup).SetDataProtectionPolicy(
			maskingPolicy(*awscdk.Aws_PARTITION(), *p.MaskedDataIdentifiers))
	}
	return this
}

var (
	// logGroupName is what CreateLogGroup takes (CloudWatch Logs API reference).
	logGroupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	// dataIdentifier is the form of all names of managed data identifiers, such
	// as EmailAddress and DriversLicense-US.
	dataIdentifier = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

func (p InvocationLogGroupProps) problems() (problems []error) {
	add := func(format string, args ...any) {
		problems = append(problems, misuse.Errorf(pkg, "InvocationLogGroupProps."+format, args...))
	}
	if name := p.LogGroupName; name != nil {
		switch {
		case *awscdk.Token_IsUnresolved(name):
			add("LogGroupName has to be a literal, got a name that only the deployment knows; write it out")
		case !logGroupName.MatchString(*name):
			add("LogGroupName has to be 1 to 512 letters, digits and characters of _-/.#, got %q; give one such as %s", *name, DefaultLogGroupName)
		case strings.HasPrefix(*name, "aws/"):
			add("LogGroupName may not begin with aws/, got %q; CloudWatch Logs keeps that for itself, so begin with another word or with /", *name)
		}
	}
	if p.MaskedDataIdentifiers != nil {
		for i, id := range *p.MaskedDataIdentifiers {
			switch {
			case id == nil:
				add("MaskedDataIdentifiers[%d] has to be the name of a managed data identifier, got nil; EmailAddress is one", i)
			case !*awscdk.Token_IsUnresolved(id) && !dataIdentifier.MatchString(*id):
				add("MaskedDataIdentifiers[%d] has to be the name of a managed data identifier, letters, digits and hyphens only, got %q; EmailAddress is one", i, *id)
			}
		}
	}
	return append(problems, misuse.RemovalProblems(pkg, "InvocationLogGroup", p.RemovalPolicy)...)
}

// maskingPolicy finds and masks the kinds of data. The two statements have to
// name the same ones (CloudWatch Logs user guide, "Data protection policy
// operations"). The L2 for it would load a table of all Regions.
func maskingPolicy(partition string, identifiers []*string) map[string]any {
	var arns []string
	for _, name := range identifiers {
		arns = append(arns, "arn:"+partition+":dataprotection::aws:data-identifier/"+*name)
	}
	return map[string]any{
		"Name":        "mask-personal-data",
		"Description": "Masks personal data in model-invocation logs",
		"Version":     "2021-06-01",
		"Statement": []any{
			map[string]any{"Sid": "find", "DataIdentifier": arns, "Operation": map[string]any{
				"Audit": map[string]any{"FindingsDestination": map[string]any{}},
			}},
			map[string]any{"Sid": "mask", "DataIdentifier": arns, "Operation": map[string]any{
				"Deidentify": map[string]any{"MaskConfig": map[string]any{}},
			}},
		},
	}
}

func (g *invocationLogGroup) LogGroup() awslogs.ILogGroup { return g.group }
func (g *invocationLogGroup) LogGroupName() *string       { return g.group.LogGroupName() }
func (g *invocationLogGroup) Key() auditstore.AuditKey    { return g.key }

func (g *invocationLogGroup) GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant {
	grant := policies.At(g).GrantLogReading(grantee, *g.LogGroupName())
	if g.key != nil {
		grant = grant.Combine(g.key.GrantDecrypt(grantee))
	}
	return grant
}

func (g *invocationLogGroup) GrantUnmask(grantee awsiam.IGrantable) awsiam.Grant {
	place := policies.At(g)
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      policies.Strings("logs:Unmask"),
		ResourceArns: place.LogGroupArns(*g.LogGroupName()),
	})
}
