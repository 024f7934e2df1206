package invocationlog

import (
	"regexp"
	"strings"
	"sync"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// ResourceType is the CloudFormation type of the custom resource that owns the
// logging configuration.
const ResourceType = "Custom::BedrockInvocationLogging"

// largeDataPrefix keeps the bodies over 100 KB of records in CloudWatch Logs
// apart from the records in S3.
const largeDataPrefix = "large-data"

// OnExisting says what to do about a logging configuration that is live when
// the resource is created and differs from the declared one.
type OnExisting string

const (
	// OnExisting_REFUSE fails the deployment, shows the difference and leaves
	// the live configuration alone.
	OnExisting_REFUSE OnExisting = "Refuse"
	// OnExisting_ADOPT remembers the live configuration in an SSM parameter
	// and replaces it. Deleting the resource under RemovalPolicy DESTROY puts
	// it back.
	OnExisting_ADOPT OnExisting = "Adopt"
)

// DataDelivery says which bodies Bedrock delivers. Records of all calls, with
// identity, model, token counts and request metadata, are delivered in any
// case.
type DataDelivery struct {
	// Text delivers text bodies. Default: true.
	Text *bool
	// Image delivers image bodies. Default: true.
	Image *bool
	// Embedding delivers embeddings. Default: true.
	Embedding *bool
	// Video delivers video bodies. Default: true.
	Video *bool
	// Audio delivers audio bodies. Default: true.
	Audio *bool
}

// InvocationLogging is the model-invocation logging configuration of the
// stack's account and Region.
type InvocationLogging interface {
	constructs.Construct
	// Resource is the custom resource that owns the configuration. What has to
	// wait for logging to be on depends on it.
	Resource() awscdk.CustomResource
	// Role is what Bedrock writes to the log group with. It is nil without a
	// log group.
	Role() awsiam.IRole
	// Function puts the configuration.
	Function() awslambda.CfnFunction
	// FunctionRole is what the function calls AWS with.
	FunctionRole() awsiam.IRole
	// guarded is what InvocationLoggingGuard checks.
	guarded() guarded
}

// InvocationLoggingProps configures InvocationLogging. A log group, a bucket or
// both are required.
type InvocationLoggingProps struct {
	// LogGroup receives the records for metric filters and queries. Bodies over
	// 100 KB go to LargeDataBucket. Default: no delivery to CloudWatch Logs.
	LogGroup InvocationLogGroup
	// Bucket receives the records and all bodies. Default: no delivery to S3.
	Bucket auditstore.AuditBucket
	// LargeDataBucket receives the bodies over 100 KB of the records in
	// LogGroup, without which it may not be set, below the prefix large-data.
	// Without a bucket they are lost, and a warning says so. Default: Bucket.
	LargeDataBucket auditstore.AuditBucket
	// DataDelivery says which bodies are delivered. Default: all of them.
	DataDelivery *DataDelivery
	// OnExisting says what to do about a configuration that is already there
	// and different. Default: OnExisting_REFUSE.
	OnExisting OnExisting
	// AdoptedRoleArn is the role in the configuration that OnExisting_ADOPT
	// replaces. Restoring it hands that role to Bedrock again, which IAM allows
	// only for a role named here. It has to name one role. Default: none; a
	// configuration with a log group cannot be restored then.
	AdoptedRoleArn *string
	// Function configures the Lambda function behind the custom resource.
	// Default: see FunctionProps.
	Function *FunctionProps
	// RemovalPolicy says what becomes of logging when it leaves the stack.
	// RETAIN and RETAIN_ON_UPDATE_OR_DELETE leave it on, role included.
	// DESTROY switches it off, or back to what OnExisting_ADOPT found, unless
	// another stack declares the same configuration, and adds a warning.
	// SNAPSHOT is refused. A first deployment that is rolled back leaves the
	// account as it was, except under RETAIN. Default:
	// RETAIN_ON_UPDATE_OR_DELETE.
	RemovalPolicy awscdk.RemovalPolicy
}

type invocationLogging struct {
	constructs.Construct
	place    policies.Place
	resource awscdk.CustomResource
	role     awsiam.IRole
	function awslambda.CfnFunction
	watched  guarded
}

var _ InvocationLogging = (*invocationLogging)(nil)

// NewInvocationLogging declares the logging configuration of the stack's
// account and Region. There can be one of it in an account and Region; a
// second one in another stack, if it differs, fails to deploy with the difference
// in its message.
//
// It panics on a second one in the stack, and with all problems in one message without any destination, on a
// LargeDataBucket without LogGroup, on an unknown OnExisting, on an
// AdoptedRoleArn that is not that of one role and on the RemovalPolicy SNAPSHOT;
// and when the Lambda function cannot be compiled.
func NewInvocationLogging(scope constructs.Construct, id *string, props *InvocationLoggingProps) InvocationLogging {
	misuse.RequireScope(pkg, "InvocationLogging", scope, id)
	p := InvocationLoggingProps{}
	if props != nil {
		p = *props
	}
	misuse.PanicAll(p.problems())
	refuseSecond(awscdk.Stack_Of(scope), *id)
	if p.OnExisting == "" {
		p.OnExisting = OnExisting_REFUSE
	}
	if p.LargeDataBucket == nil {
		p.LargeDataBucket = p.Bucket
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	this := &invocationLogging{place: policies.At(scope)}
	constructs.NewConstruct_Override(this, scope, id)
	if p.RemovalPolicy == awscdk.RemovalPolicy_DESTROY {
		misuse.Warn(this, "InvocationLogging.destroy", "Deleting the stack switches model-invocation logging off for the whole account and Region (RemovalPolicy DESTROY).")
	}
	config := p.dataDelivery()
	var ready []constructs.IDependable
	if p.LogGroup != nil {
		role := this.newRole(p.LogGroup, p.RemovalPolicy)
		this.role = role
		cloudWatch := map[string]any{"logGroupName": p.LogGroup.LogGroupName(), "roleArn": role.RoleArn()}
		if p.LargeDataBucket != nil {
			p.LargeDataBucket.AllowBedrockDelivery(jsii.String(largeDataPrefix))
			cloudWatch["largeDataDeliveryS3Config"] = map[string]any{
				"bucketName": p.LargeDataBucket.Bucket().BucketName(), "keyPrefix": largeDataPrefix,
			}
			ready = append(ready, p.LargeDataBucket.DeliveryReady())
		} else {
			misuse.Warn(this, "InvocationLogging.largeData", "Bodies over 100 KB are lost: Bedrock does not write them to a log group. Set Bucket or LargeDataBucket.")
		}
		config["cloudWatchConfig"] = cloudWatch
		ready = append(ready, p.LogGroup)
	}
	if p.Bucket != nil {
		p.Bucket.AllowBedrockDelivery(nil)
		config["s3Config"] = map[string]any{"bucketName": p.Bucket.Bucket().BucketName()}
		ready = append(ready, p.Bucket.DeliveryReady())
	}
	this.newResource(p, config, ready)
	return this
}

// firsts are the ids of the InvocationLogging of each stack. The kernel hands out
// one Go value for a stack, so it serves as the key.
var firsts sync.Map

// refuseSecond says at synthesis what would fail the deployment otherwise. Of two
// stacks the Regions may not be known before.
func refuseSecond(stack awscdk.Stack, id string) {
	if first, taken := firsts.LoadOrStore(stack, id); taken {
		misuse.Panicf(pkg, "an account and Region have one logging configuration, got a second InvocationLogging %q beside %q in stack %s; make one", id, first, *stack.StackName())
	}
}

func (l *invocationLogging) Resource() awscdk.CustomResource { return l.resource }
func (l *invocationLogging) Role() awsiam.IRole              { return l.role }
func (l *invocationLogging) Function() awslambda.CfnFunction { return l.function }
func (l *invocationLogging) FunctionRole() awsiam.IRole      { return l.watched.functionRole }
func (l *invocationLogging) guarded() guarded                { return l.watched }

// roleArn is the ARN of one IAM role (AWS IAM API reference, Role).
var roleArn = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+$`)

func (p InvocationLoggingProps) problems() (problems []error) {
	add := func(format string, args ...any) {
		problems = append(problems, misuse.Errorf(pkg, format, args...))
	}
	if p.LogGroup == nil && p.Bucket == nil {
		add("InvocationLogging has no destination; set InvocationLoggingProps.LogGroup, Bucket or both")
	}
	if p.LogGroup == nil && p.LargeDataBucket != nil {
		add("InvocationLoggingProps.LargeDataBucket has no LogGroup whose large bodies it would take; set LogGroup, or Bucket instead of it")
	}
	if p.OnExisting != "" && p.OnExisting != OnExisting_REFUSE && p.OnExisting != OnExisting_ADOPT {
		add("InvocationLoggingProps.OnExisting got %q; use OnExisting_REFUSE or OnExisting_ADOPT", p.OnExisting)
	}
	if arn := p.AdoptedRoleArn; arn != nil && !roleArn.MatchString(*arn) && (!*awscdk.Token_IsUnresolved(arn) || strings.ContainsAny(*arn, "*?")) {
		add("InvocationLoggingProps.AdoptedRoleArn has to be the ARN of one role, got %q; give the role in the configuration that is live, such as arn:aws:iam::111122223333:role/their-logging", *arn)
	}
	return append(problems, misuse.RemovalProblems(pkg, "InvocationLogging", p.RemovalPolicy)...)
}

// dataDelivery holds all five flags: Bedrock switches on those left out.
func (p InvocationLoggingProps) dataDelivery() map[string]any {
	d := DataDelivery{}
	if p.DataDelivery != nil {
		d = *p.DataDelivery
	}
	onUnlessOff := func(flag *bool) bool { return flag == nil || *flag }
	return map[string]any{
		"textDataDeliveryEnabled":      onUnlessOff(d.Text),
		"imageDataDeliveryEnabled":     onUnlessOff(d.Image),
		"embeddingDataDeliveryEnabled": onUnlessOff(d.Embedding),
		"videoDataDeliveryEnabled":     onUnlessOff(d.Video),
		"audioDataDeliveryEnabled":     onUnlessOff(d.Audio),
	}
}

// newRole makes the role that Bedrock writes to the log group with. Its policy
// is part of the role resource: Bedrock tries the role out when the
// configuration is put, and a policy resource of its own could come too late,
// or be left behind when the role is retained.
func (l *invocationLogging) newRole(group InvocationLogGroup, removal awscdk.RemovalPolicy) awsiam.IRole {
	// Bedrock writes to this one stream (Amazon Bedrock user guide, "Set up
	// CloudWatch Logs destination").
	stream := l.place.Arn("logs",
		"log-group:"+*group.LogGroupName()+":log-stream:aws/bedrock/modelinvocations")
	statements := []policies.Statement{{
		Sid:       "WriteInvocationLogs",
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []*string{stream},
	}}
	if group.Key() != nil {
		statements = append(statements, l.place.UseKeyThroughLogs("UseLogGroupKey", group.Key().Key().KeyArn()))
	}
	role := awsiam.NewRole(l, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("Lets Amazon Bedrock write model-invocation logs to " + *group.LogGroupName()),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("bedrock.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: l.place.SourceConditions(l.place.Arn("bedrock", "*")),
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"InvocationLogs": policies.Document(statements...),
		},
	})
	role.ApplyRemovalPolicy(removal)
	return role
}

func (l *invocationLogging) newResource(p InvocationLoggingProps, config map[string]any, ready []constructs.IDependable) {
	// One name for the stack, not for the construct's path: a resource that
	// takes another's place under a new logical id has to find its record.
	parameter := "/paper-trail/" + l.place.StackName + "/logging-configuration"
	made := l.newFunction(p, parameter)
	l.function = made.Function
	// Lambda keeps an event for up to six hours where it cannot run it. What is
	// older than CloudFormation waits is about a stack that has gone on.
	events := awslambda.NewCfnEventInvokeConfig(l, jsii.String("FunctionEvents"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName:             l.function.Ref(),
		Qualifier:                jsii.String("$LATEST"),
		MaximumEventAgeInSeconds: jsii.Number(serviceTimeoutMinutes * 60),
	})
	l.resource = awscdk.NewCustomResource(l, jsii.String("Resource"), &awscdk.CustomResourceProps{
		ResourceType: jsii.String(ResourceType),
		ServiceToken: l.function.AttrArn(),
		// The function answers before its own timeout; this is for the case
		// that its answer never arrives, which would block the stack an hour.
		ServiceTimeout: awscdk.Duration_Minutes(jsii.Number(serviceTimeoutMinutes)),
		Properties: &map[string]any{
			"LoggingConfiguration": awscdk.Stack_Of(l).ToJsonString(config, nil),
			"OnExisting":           string(p.OnExisting),
			"RegisterParameter":    parameter,
		},
		RemovalPolicy: p.RemovalPolicy,
	})
	// Of the first event and the last as well.
	l.resource.Node().AddDependency(append(ready, events)...)
	l.watched = guarded{
		place:             l.place,
		registerParameter: parameter,
		// As the function names it: CloudFormation's ids of stack and resource.
		owner:        *awscdk.Stack_Of(l).StackId() + "/" + *l.resource.Node().DefaultChild().(awscdk.CfnResource).LogicalId(),
		functionRole: made.Role,
		loggingRole:  l.role,
		logGroup:     p.LogGroup,
		key:          p.key(),
		removal:      p.RemovalPolicy,
	}
	for _, bucket := range []auditstore.AuditBucket{p.Bucket, p.LargeDataBucket} {
		if bucket != nil {
			l.watched.buckets = append(l.watched.buckets, bucket)
		}
	}
}

func (p InvocationLoggingProps) key() auditstore.AuditKey {
	if p.LogGroup != nil && p.LogGroup.Key() != nil {
		return p.LogGroup.Key()
	}
	if p.Bucket != nil {
		return p.Bucket.Key()
	}
	return nil
}
