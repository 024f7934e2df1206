package invocationlog

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/internal/lambdafunction"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// Names under which the guard publishes what it found.
const (
	// MetricNamespace holds the metrics below.
	MetricNamespace = "PaperTrail"
	// DriftMetricName is 1 when something is not as it was declared, else 0:
	// without dimension for all checks together, and for each check with the
	// dimension CheckDimension.
	DriftMetricName = "LoggingConfigurationDrift"
	// ChecksMetricName counts checks that gave a result: with CheckDimension
	// each of them, without dimension the runs in which all of them did.
	ChecksMetricName = "LoggingConfigurationChecks"
	// CheckDimension names the check: LoggingConfiguration, BucketLock,
	// TrailLogging, LogGroup or Key.
	CheckDimension = "Check"
)

// InvocationLoggingGuard notices when the logging configuration, or what it
// relies on, is no longer as it was declared. It looks at fixed intervals and
// whenever CloudTrail reports that somebody called for another configuration.
//
// It checks the logging configuration, the lock of the buckets, that the trail
// is logging and what it logs arrives (an error counts two hours after the latest
// delivery), retention and key of the log group, and that the keys are enabled.
// What was declared is what the last deployment put; a deployment is not mistaken
// for tampering.
//
// EventBridge hears of a call only where a trail records management events. In
// an account without any, the next interval shows the change, and not who made
// it.
type InvocationLoggingGuard interface {
	constructs.Construct
	// Function does the checks.
	Function() awslambda.CfnFunction
	// FunctionRole is what the function calls AWS with.
	FunctionRole() awsiam.IRole
	// DriftAlarm notifies the topic when something is not as declared.
	DriftAlarm() awscloudwatch.Alarm
	// SilenceAlarm notifies the topic when the checks give no result. After the
	// first deployment it is in alarm until the first check.
	SilenceAlarm() awscloudwatch.Alarm
	// MetricDrift is 1 when something is not as declared. CheckDimension in the
	// DimensionsMap of opts limits it to one check. Default of opts: all checks,
	// the maximum in one interval.
	MetricDrift(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricChecks counts runs in which every check gave a result. CheckDimension
	// in the DimensionsMap of opts makes it the results of one check. Default of
	// opts: the sum in one interval.
	MetricChecks(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// InvocationLoggingGuardProps configures an InvocationLoggingGuard.
type InvocationLoggingGuardProps struct {
	// Logging is guarded, with its buckets, its log group and their keys. It is
	// of the same account and Region. Required.
	Logging InvocationLogging
	// Topic is notified by the alarms, and told who changed the configuration,
	// when, from where, and how. Required.
	Topic awssns.ITopic
	// Trail has to be logging and to deliver. Default: no trail is checked.
	Trail awscloudtrail.CfnTrail
	// Buckets are further buckets that have to keep their lock, such as the
	// trail's; their keys have to be enabled. Existing buckets declare no lock,
	// so none is checked. Default: none.
	Buckets *[]auditstore.AuditBucket
	// Keys are further keys that have to be enabled. Default: none.
	Keys *[]auditstore.AuditKey
	// LogKey encrypts the log group of the guard, and has to be enabled.
	// Default: the key of Logging.
	LogKey auditstore.AuditKey
	// Interval is the time between two checks, in whole minutes, 1 to 480.
	// Default: 15 minutes.
	Interval awscdk.Duration
	// Heal has the guard put the declared logging configuration back. It adds a
	// warning. Default: the guard changes nothing.
	Heal *HealProps
	// Function configures the Lambda function behind the guard.
	// Default: see FunctionProps.
	Function *FunctionProps
}

// HealProps configures how the guard puts the declared logging configuration
// back.
type HealProps struct {
	// MaxPerHour is how often it does so within an hour, 1 to 60. After that it
	// says on the topic that it gives up, and the alarm stays. Default: 3.
	MaxPerHour *float64
}

type invocationLoggingGuard struct {
	constructs.Construct
	function      awslambda.CfnFunction
	role          awsiam.IRole
	drift, checks awscloudwatch.Metric
	driftAlarm    awscloudwatch.Alarm
	silenceAlarm  awscloudwatch.Alarm
}

var _ InvocationLoggingGuard = (*invocationLoggingGuard)(nil)

// guardTimeoutSeconds is enough for every check with retries.
const guardTimeoutSeconds = 60

// NewInvocationLoggingGuard makes the function, its schedule and rule, and the
// alarms. One guard is enough for an account and Region.
//
// It panics on missing Logging or Topic, on nil among Buckets or Keys, when the
// Lambda function cannot be compiled and on more buckets and keys than the
// function's environment can hold; and, all in one message, on an interval or a
// number of heals out of range and on Logging of another account or Region.
func NewInvocationLoggingGuard(scope constructs.Construct, id *string, props *InvocationLoggingGuardProps) InvocationLoggingGuard {
	misuse.RequireScope(pkg, "InvocationLoggingGuard", scope, id)
	p := InvocationLoggingGuardProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "InvocationLoggingGuard", "Logging", p.Logging)
	misuse.Require(pkg, "InvocationLoggingGuard", "Topic", p.Topic)
	p.requireEntries()
	limits, guarded := p.limits(), p.Logging.guarded()
	misuse.PanicAll(append(limits.problems(), placeProblems(policies.At(scope), guarded.place)...))

	this := &invocationLoggingGuard{}
	constructs.NewConstruct_Override(this, scope, id)
	if limits.healsPerHour > 0 {
		misuse.Warn(this, "InvocationLoggingGuard.heal", fmt.Sprintf(
			"The guard undoes changes of the logging configuration up to %v times an hour, those that an administrator means included.", limits.healsPerHour))
	}
	made := this.newFunction(p, guarded, limits)
	this.function, this.role = made.Function, made.Role
	this.newTriggers(p.Logging, limits)
	this.newAlarms(p.Topic, limits, *made.Logs.LogGroupName())
	return this
}

func (g *invocationLoggingGuard) Function() awslambda.CfnFunction   { return g.function }
func (g *invocationLoggingGuard) FunctionRole() awsiam.IRole        { return g.role }
func (g *invocationLoggingGuard) DriftAlarm() awscloudwatch.Alarm   { return g.driftAlarm }
func (g *invocationLoggingGuard) SilenceAlarm() awscloudwatch.Alarm { return g.silenceAlarm }

func (g *invocationLoggingGuard) MetricDrift(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return with(g.drift, opts)
}

func (g *invocationLoggingGuard) MetricChecks(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return with(g.checks, opts)
}

func with(metric awscloudwatch.Metric, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if opts == nil {
		return metric
	}
	return metric.With(opts)
}

func (g *invocationLoggingGuard) newFunction(p InvocationLoggingGuardProps, guarded guarded, limits guardLimits) lambdafunction.Made {
	place := policies.At(g)
	settings := p.settings(guarded, limits)
	settings.StateParameter = "/paper-trail/" + place.StackName + "/logging-guard"
	text := settings.text()
	misuse.PanicAll(environmentProblems(text))
	if guarded.removal == awscdk.RemovalPolicy_DESTROY {
		// Only where the stack has to go without a trace: elsewhere
		// CloudFormation would report what the guard writes to it as drift.
		awsssm.NewCfnParameter(g, jsii.String("State"), &awsssm.CfnParameterProps{
			Name:        &settings.StateParameter,
			Type:        jsii.String("String"),
			Value:       jsii.String("{}"),
			Description: jsii.String("What the guard of the Bedrock logging configuration remembers"),
		})
	}
	key := p.LogKey
	if key == nil {
		key = guarded.key
	}
	return lambdafunction.Function{
		Package:        pkg,
		Description:    "Notices changes of the Bedrock model-invocation logging configuration of this account and Region",
		Handler:        "guard",
		TimeoutSeconds: guardTimeoutSeconds,
		Environment:    map[string]*string{"GUARD": &text},
		Key:            key,
		RemovalPolicy:  guarded.removal,
		May:            settings.may(place, guarded, p),
	}.In(g, (*lambdafunction.Props)(p.Function))
}

// newTriggers calls the function at each interval, and when CloudTrail reports
// a call that is meant to change the configuration.
func (g *invocationLoggingGuard) newTriggers(logging InvocationLogging, limits guardLimits) {
	target := []any{&awsevents.CfnRule_TargetProperty{Arn: g.function.AttrArn(), Id: jsii.String("Guard")}}
	schedule := awsevents.NewCfnRule(g, jsii.String("Schedule"), &awsevents.CfnRuleProps{
		Description:        jsii.String("Checks the Bedrock model-invocation logging configuration"),
		ScheduleExpression: jsii.String(limits.rate()),
		Targets:            target,
	})
	// Nothing is declared before the configuration has been put.
	schedule.Node().AddDependency(logging.Resource())
	changes := awsevents.NewCfnRule(g, jsii.String("Changes"), &awsevents.CfnRuleProps{
		Description: jsii.String("Reports calls that change the Bedrock model-invocation logging configuration"),
		EventPattern: map[string]any{
			"source":      []string{"aws.bedrock"},
			"detail-type": []string{"AWS API Call via CloudTrail"},
			"detail": map[string]any{
				"eventSource": []string{"bedrock.amazonaws.com"},
				"eventName": []string{
					"DeleteModelInvocationLoggingConfiguration",
					"PutModelInvocationLoggingConfiguration",
				},
			},
		},
		Targets: target,
	})
	for _, rule := range []awsevents.CfnRule{schedule, changes} {
		awslambda.NewCfnPermission(rule, jsii.String("Permission"), &awslambda.CfnPermissionProps{
			Action:       jsii.String("lambda:InvokeFunction"),
			FunctionName: g.function.AttrArn(),
			Principal:    jsii.String("events.amazonaws.com"),
			SourceArn:    rule.AttrArn(),
		})
	}
}

func (g *invocationLoggingGuard) newAlarms(topic awssns.ITopic, limits guardLimits, logGroupName string) {
	metric := func(name, statistic string) awscloudwatch.Metric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace:  jsii.String(MetricNamespace),
			MetricName: jsii.String(name),
			Statistic:  jsii.String(statistic),
			Period:     awscdk.Duration_Minutes(jsii.Number(limits.minutes)),
		})
	}
	g.drift = metric(DriftMetricName, "Maximum")
	g.checks = metric(ChecksMetricName, "Sum")
	g.driftAlarm = awscloudwatch.NewAlarm(g, jsii.String("Drift"), &awscloudwatch.AlarmProps{
		Metric:             g.drift.With(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Minutes(jsii.Number(limits.minutes * driftIntervals))}),
		Threshold:          jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		EvaluationPeriods:  jsii.Number(1),
		// A guard that no longer looks has not seen that all is well again.
		TreatMissingData: awscloudwatch.TreatMissingData_IGNORE,
		AlarmDescription: jsii.String(limits.driftDescription(logGroupName)),
	})
	g.silenceAlarm = awscloudwatch.NewAlarm(g, jsii.String("Silence"), &awscloudwatch.AlarmProps{
		Metric:             g.checks,
		Threshold:          jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		EvaluationPeriods:  jsii.Number(silentIntervals),
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
		AlarmDescription:   jsii.String(limits.silenceDescription(logGroupName)),
	})
	action := awscloudwatchactions.NewSnsAction(topic)
	for _, alarm := range []awscloudwatch.Alarm{g.driftAlarm, g.silenceAlarm} {
		alarm.AddAlarmAction(action)
		alarm.AddOkAction(action)
	}
}
