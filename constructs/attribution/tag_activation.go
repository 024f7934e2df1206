package attribution

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/internal/lambdafunction"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

// FunctionProps configures the Lambda function of this package: its code and its
// instruction set.
type FunctionProps struct {
	// Code is a prebuilt function: a folder or zip file with a file "bootstrap"
	// for provided.al2023 and Architecture. Default: compiled at synthesis from
	// the source in this library with the go command on PATH; the result is kept
	// in the user's cache folder.
	Code awslambda.Code
	// Architecture is the instruction set. Default: arm64.
	Architecture awslambda.Architecture
}

// Names of the metrics of CostTagActivation, without dimensions.
const (
	// TagMetricNamespace holds both.
	TagMetricNamespace = "PaperTrail"
	// ActiveTagsMetricName is how many of the keys split the bill.
	ActiveTagsMetricName = "CostTagsActive"
	// PendingTagsMetricName is how many do not, yet.
	PendingTagsMetricName = "CostTagsPending"
)

// CostTagActivation activates cost allocation tags, without which a tag is on a
// resource and not on the bill. No CloudFormation type does it and no deployment
// can: AWS knows a key up to a day after the first resource that carries it was
// billed, and takes up to another day to activate it. So a Lambda function tries
// every six hours, never fails a deployment, and disables its own schedule when
// all keys are active and the backfill, if any, was requested or refused.
//
// Only the account that pays may activate tags. In a member account of an
// organisation the function logs the command to run in the management account,
// and ends its schedule.
type CostTagActivation interface {
	constructs.Construct
	// Function activates the tags.
	Function() awslambda.CfnFunction
	// MetricPending is how many keys are not active yet. Default of opts: the
	// maximum in six hours.
	MetricPending(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// CostTagActivationProps configures a CostTagActivation.
type CostTagActivationProps struct {
	// Keys are the tag keys to activate. Default: project, environment, owner
	// and cost-center.
	Keys *[]*string
	// BackfillMonths is how many past months are counted again with the tags
	// that their resources carried, once, when all keys are active: 0 to 12. AWS
	// takes the first day of a month that is not more than twelve months ago, so
	// 12 begins with the month after it unless today is a first.
	//
	// AWS counts all tag keys of the account again, not only Keys: a key that is
	// inactive now disappears from the past months in which it was active (AWS
	// Billing user guide, "Backfill cost allocation tags"). Default: 0, the past
	// stays as it is.
	BackfillMonths *float64
	// LogKey encrypts the function's log group. Default: CloudWatch Logs' own
	// key.
	LogKey auditstore.AuditKey
	// Function configures the Lambda function. Default: see FunctionProps.
	Function *FunctionProps
	// RemovalPolicy says what becomes of the function's log group. Default:
	// RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

type costTagActivation struct {
	constructs.Construct
	function awslambda.CfnFunction
}

var _ CostTagActivation = (*costTagActivation)(nil)

// tagSettings are the function's environment variable COST_TAGS.
type tagSettings struct {
	Keys           []string `json:"keys"`
	BackfillMonths int      `json:"backfillMonths"`
}

// NewCostTagActivation makes the function and its schedule. props may be nil.
//
// It panics on keys that AWS would reject, on more than 500, which is what an
// account can have active, on more text than a function's environment variables
// hold, 4 KB, and on months that AWS does not count again.
func NewCostTagActivation(scope constructs.Construct, id *string, props *CostTagActivationProps) CostTagActivation {
	misuse.RequireScope(pkg, "CostTagActivation", scope, id)
	p := CostTagActivationProps{}
	if props != nil {
		p = *props
	}
	settings, problems := activationSettings(p)
	misuse.PanicAll(problems)

	this := &costTagActivation{}
	constructs.NewConstruct_Override(this, scope, id)
	made := lambdafunction.Function{
		Package:        pkg,
		Description:    "Activates cost allocation tags",
		Handler:        "costtags",
		TimeoutSeconds: 120,
		Environment:    map[string]*string{"COST_TAGS": jsii.String(text(settings))},
		Key:            p.LogKey,
		RemovalPolicy:  p.RemovalPolicy,
		May: []policies.Statement{
			{
				Sid: "ActivateCostAllocationTags",
				Actions: []string{
					"ce:ListCostAllocationTagBackfillHistory",
					"ce:ListCostAllocationTags",
					"ce:StartCostAllocationTagBackfill",
					"ce:UpdateCostAllocationTagsStatus",
				},
				Resources: *policies.Strings("*"), // they have no ARN
			},
			{
				Sid:        "PublishMetrics",
				Actions:    []string{"cloudwatch:PutMetricData"},
				Resources:  *policies.Strings("*"), // metrics have no ARN
				Conditions: map[string]map[string]any{"StringEquals": {"cloudwatch:namespace": TagMetricNamespace}},
			},
		},
	}.In(this, (*lambdafunction.Props)(p.Function))
	this.function = made.Function
	rule := awsevents.NewCfnRule(this, jsii.String("Schedule"), &awsevents.CfnRuleProps{
		// The function disables the rule when it has finished. Other keys change
		// the description, so that CloudFormation writes the rule again and
		// enables it.
		Description:        jsii.String("Activates cost allocation tags until all are active, " + fingerprint(text(settings))),
		ScheduleExpression: jsii.String("rate(6 hours)"),
		State:              jsii.String("ENABLED"),
		Targets:            []any{&awsevents.CfnRule_TargetProperty{Arn: this.function.AttrArn(), Id: jsii.String("Function")}},
	})
	awslambda.NewCfnPermission(this, jsii.String("Permission"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: this.function.AttrArn(),
		Principal:    jsii.String("events.amazonaws.com"),
		SourceArn:    rule.AttrArn(),
	})
	// A policy of its own: in the role it would make a circle of rule, function
	// and role.
	made.Role.AddToPolicy(policies.Statement{
		Sid: "EndOwnSchedule", Actions: []string{"events:DisableRule"}, Resources: []*string{rule.AttrArn()},
	}.Build())
	return this
}

func (a *costTagActivation) Function() awslambda.CfnFunction { return a.function }

func (a *costTagActivation) MetricPending(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	metric := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:  jsii.String(TagMetricNamespace),
		MetricName: jsii.String(PendingTagsMetricName),
		Statistic:  jsii.String("Maximum"),
		Period:     awscdk.Duration_Hours(jsii.Number(6)),
	})
	if opts == nil {
		return metric
	}
	return metric.With(opts)
}

// fingerprint changes with the settings.
func fingerprint(settings string) string {
	sum := sha256.Sum256([]byte(settings))
	return hex.EncodeToString(sum[:4])
}

const (
	// maxActiveTags is how many an account can have active (AWS Billing user
	// guide, "Quotas and restrictions").
	maxActiveTags = 500
	// maxSettings is what is sure to fit into the environment variables of a
	// function, 4 KB together (AWS Lambda developer guide, "Lambda quotas").
	maxSettings = 4000
	// maxBackfillMonths is AWS's limit (AWS Cost Explorer API reference,
	// StartCostAllocationTagBackfill).
	maxBackfillMonths = 12
)

func activationSettings(p CostTagActivationProps) (tagSettings, []error) {
	s := tagSettings{Keys: tagrules.Required()}
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, misuse.Errorf(pkg, "CostTagActivationProps."+format, args...))
	}
	if p.Keys != nil {
		s.Keys = nil
		for _, key := range *p.Keys {
			s.Keys = append(s.Keys, value(key))
		}
	}
	if len(s.Keys) == 0 {
		add("Keys is empty; name a tag key, or leave it out for %v", tagrules.Required())
	}
	if len(s.Keys) > maxActiveTags {
		add("Keys has %d keys, and an account can have %d active; leave some out", len(s.Keys), maxActiveTags)
	}
	spelled := map[string]string{}
	for i, key := range s.Keys {
		for _, problem := range tagrules.Invalid(map[string]string{key: "any"}) {
			add("Keys[%d]: %s", i, problem.Text)
		}
		if other, ok := spelled[strings.ToLower(key)]; ok {
			add("Keys[%d]: %q is there as %q already; the bill would tell them apart, so keep one", i, key, other)
		}
		spelled[strings.ToLower(key)] = key
	}
	if p.BackfillMonths != nil {
		months := *p.BackfillMonths
		if !(months >= 0 && months <= maxBackfillMonths) || months != float64(int(months)) {
			add("BackfillMonths has to be a whole number from 0 to %d, got %v; AWS counts no earlier month again", maxBackfillMonths, months)
		}
		s.BackfillMonths = int(months)
	}
	if size := len(text(s)); size > maxSettings {
		add("Keys has %d keys that take %d bytes, and the function's environment variables hold %d; leave some out, and activate those in the Billing console", len(s.Keys), size, maxSettings)
	}
	return s, problems
}
