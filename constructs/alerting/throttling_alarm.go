package alerting

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// Names under which throttled calls are counted.
const (
	// MetricNamespace holds the metrics below.
	MetricNamespace = "GenAI/Metrics"
	// ThrottlingMetricName counts throttled calls in the invocation log group.
	ThrottlingMetricName = "BedrockThrottlingEvents"
	// TrailThrottlingMetricName counts throttled calls in the trail's log
	// group. It is a metric of its own because it is about the same calls:
	// in one metric each would count twice.
	TrailThrottlingMetricName = "BedrockThrottlingTrailEvents"
	// ThrottlingFilterName names the metric filter of the invocation log group.
	ThrottlingFilterName = "ThrottlingFilter"
)

const (
	// A failed call is recorded with the name of its exception. The HTTP
	// status is in no record that is known, and costs nothing to look for.
	recordPattern = `{ ($.errorCode = "ThrottlingException") || ($.status = 429) || ($.status = "429") }`
	// Each endpoint of Bedrock has an event source of its own, and all of them
	// start alike. Streamed calls add an event of another type, which is not a
	// call.
	trailPattern = `{ ($.eventSource = "bedrock*") && ($.eventType = "AwsApiCall") && ($.errorCode = "ThrottlingException") }`
	// Bedrock publishes the metric by model; the query needs no list of models.
	nativeQuery = `SELECT SUM(InvocationThrottles) FROM SCHEMA("AWS/Bedrock", ModelId)`
)

// evaluatedPeriods is how far back an alarm looks. CloudTrail delivers events
// up to 15 minutes late (CloudTrail user guide, "How CloudTrail works"), so the
// latest period alone is often still empty when it is evaluated.
const evaluatedPeriods = 3

// ThrottlingAlarm fires when Amazon Bedrock throttles calls. Three signals
// count the same calls, and one is enough: the invocation log group, the
// trail's log group and the native AWS/Bedrock metric.
type ThrottlingAlarm interface {
	constructs.Construct
	// Alarm notifies the topic, once for all signals, when it fires and when it
	// is over.
	Alarm() awscloudwatch.CompositeAlarm
	// MetricThrottles is the number of throttled calls in the invocation log
	// group. Default of opts: the sum in the alarm's period.
	MetricThrottles(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// ThrottlingAlarmProps configures a ThrottlingAlarm.
type ThrottlingAlarmProps struct {
	// InvocationLogGroup is the log group that Amazon Bedrock delivers
	// invocation logs to, of log class Standard. Required.
	InvocationLogGroup awslogs.ILogGroup
	// TrailLogGroup is the log group of a CloudTrail trail. That of a
	// multi-Region trail holds the calls of all Regions. Default: this signal
	// is left out.
	TrailLogGroup awslogs.ILogGroup
	// Topic is notified. Required.
	Topic AlertTopic
	// Threshold is the number of throttled calls in one Period from which on
	// the alarm fires; at least 1. Default: 5.
	Threshold *float64
	// Period is the time in which calls are counted: whole minutes, at most an
	// hour. The alarm is over after three periods below Threshold.
	// Default: 5 minutes.
	Period awscdk.Duration
}

type throttlingAlarm struct {
	constructs.Construct
	alarm   awscloudwatch.CompositeAlarm
	metric  awscloudwatch.Metric
	signals []awscloudwatch.IAlarmRule
	limits  throttlingLimits
}

var _ ThrottlingAlarm = (*throttlingAlarm)(nil)

// NewThrottlingAlarm makes the metric filters and the alarm.
//
// It panics on a missing log group or topic, and on a threshold or period that
// CloudWatch could not evaluate; all problems are in one message.
func NewThrottlingAlarm(scope constructs.Construct, id *string, props *ThrottlingAlarmProps) ThrottlingAlarm {
	misuse.RequireScope(pkg, "ThrottlingAlarm", scope, id)
	p := ThrottlingAlarmProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "ThrottlingAlarm", "InvocationLogGroup", p.InvocationLogGroup)
	misuse.Require(pkg, "ThrottlingAlarm", "Topic", p.Topic)
	limits := throttlingLimits{threshold: 5, seconds: 300}
	if p.Threshold != nil {
		limits.threshold = *p.Threshold
	}
	if p.Period != nil {
		limits.seconds = *p.Period.ToSeconds(nil)
	}
	misuse.PanicAll(limits.problems())

	this := &throttlingAlarm{limits: limits}
	constructs.NewConstruct_Override(this, scope, id)
	this.metric = this.count("Filter", p.InvocationLogGroup, jsii.String(ThrottlingFilterName), recordPattern, ThrottlingMetricName)
	this.watch("Records", "the invocation log group", this.metric)
	if p.TrailLogGroup != nil {
		this.watch("Trail", "the trail's log group",
			this.count("TrailFilter", p.TrailLogGroup, nil, trailPattern, TrailThrottlingMetricName))
	}
	this.watch("Native", "the metric InvocationThrottles of AWS/Bedrock", awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(nativeQuery),
		Label:      jsii.String("InvocationThrottles of all models"),
		Period:     limits.period(),
	}))

	// A composite alarm joins the signals. Metric math could do so in one alarm
	// only if it took the result of a Metrics Insights query, which CloudWatch
	// documents for graphs and not for alarms.
	this.alarm = awscloudwatch.NewCompositeAlarm(this, jsii.String("Alarm"), &awscloudwatch.CompositeAlarmProps{
		AlarmRule:        awscloudwatch.AlarmRule_AnyOf(this.signals...),
		AlarmDescription: jsii.String(limits.description(*p.InvocationLogGroup.LogGroupName())),
	})
	// CDK would name it, CloudFormation does better: two stacks cannot collide.
	this.alarm.Node().DefaultChild().(awscloudwatch.CfnCompositeAlarm).AddPropertyDeletionOverride(jsii.String("AlarmName"))
	this.alarm.AddAlarmAction(p.Topic.AlarmAction())
	this.alarm.AddOkAction(p.Topic.AlarmAction())
	return this
}

func (a *throttlingAlarm) Alarm() awscloudwatch.CompositeAlarm { return a.alarm }

func (a *throttlingAlarm) MetricThrottles(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if opts == nil {
		return a.metric
	}
	return a.metric.With(opts)
}

// count makes a metric of the log events that match. The default value makes
// the metric visible before the first throttled call.
func (a *throttlingAlarm) count(id string, logGroup awslogs.ILogGroup, name *string, pattern, metricName string) awscloudwatch.Metric {
	return awslogs.NewMetricFilter(a, jsii.String(id), &awslogs.MetricFilterProps{
		LogGroup:        logGroup,
		FilterName:      name,
		FilterPattern:   awslogs.FilterPattern_Literal(jsii.String(pattern)),
		MetricNamespace: jsii.String(MetricNamespace),
		MetricName:      jsii.String(metricName),
		MetricValue:     jsii.String("1"),
		DefaultValue:    jsii.Number(0),
	}).Metric(&awscloudwatch.MetricOptions{
		Statistic: jsii.String("Sum"),
		Period:    a.limits.period(),
	})
}

// watch adds a signal. It notifies nobody: the composite alarm does.
func (a *throttlingAlarm) watch(id, source string, metric awscloudwatch.IMetric) {
	alarm := awscloudwatch.NewAlarm(a, jsii.String(id), &awscloudwatch.AlarmProps{
		Metric:             metric,
		Threshold:          jsii.Number(a.limits.threshold),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		EvaluationPeriods:  jsii.Number(evaluatedPeriods),
		DatapointsToAlarm:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		AlarmDescription:   jsii.String("Throttled calls to Amazon Bedrock, counted by " + source + ". A part of the throttling alarm, which notifies."),
	})
	a.signals = append(a.signals, awscloudwatch.AlarmRule_FromAlarm(alarm, awscloudwatch.AlarmState_ALARM))
}

// throttlingLimits are the plain values that decide when the alarm fires.
type throttlingLimits struct {
	threshold, seconds float64
}

// maxSeconds keeps the evaluated periods within the three hours that an alarm
// on a Metrics Insights query can see (CloudWatch user guide, "Metrics Insights
// quotas").
const maxSeconds = 3 * 3600 / evaluatedPeriods

func (l throttlingLimits) problems() []error {
	var found []error
	// Written so that NaN is refused too.
	if !(l.threshold >= 1) {
		found = append(found, misuse.Errorf(pkg, "ThrottlingAlarmProps.Threshold has to be 1 or more, got %v; give a number of calls", l.threshold))
	}
	if l.seconds < 60 || l.seconds > maxSeconds || int(l.seconds)%60 != 0 {
		found = append(found, misuse.Errorf(pkg, "ThrottlingAlarmProps.Period has to be whole minutes, 1 to %d, got %v seconds; give Duration_Minutes", maxSeconds/60, l.seconds))
	}
	return found
}

func (l throttlingLimits) period() awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(l.seconds))
}

// description has at most 1024 characters, of which the name of a log group takes
// up to 512 (Amazon CloudWatch API reference, PutCompositeAlarm; CloudWatch Logs
// API reference, CreateLogGroup).
func (l throttlingLimits) description(logGroupName string) string {
	return fmt.Sprintf("Amazon Bedrock throttled %v or more calls within %v minutes: a quota per minute is used up, "+
		"and calls fail with ThrottlingException.\n\n"+
		"1. Which model: AWS/Bedrock InvocationThrottles by ModelId.\n"+
		"2. Who calls it: query the log group %s for errorCode ThrottlingException, count by identity.arn.\n"+
		"3. A single caller: back off with jitter, ask for fewer tokens (max_tokens counts).\n"+
		"4. Everybody: a cross-Region inference profile, or more quota in Service Quotas.\n\n"+
		"Over after %d periods in a row below the threshold.", l.threshold, l.seconds/60, logGroupName, evaluatedPeriods)
}
