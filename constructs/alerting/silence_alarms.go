package alerting

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// LogDestination is where Amazon Bedrock delivers invocation logs to.
type LogDestination string

const (
	// LogDestination_CLOUDWATCH is CloudWatch Logs.
	LogDestination_CLOUDWATCH LogDestination = "CloudWatch"
	// LogDestination_S3 is Amazon S3.
	LogDestination_S3 LogDestination = "S3"
)

// SilenceAlarms fire when models are called and no record arrives, for each
// destination by itself: Amazon Bedrock stopped delivering, or somebody switched
// logging off.
//
// An alarm looks at six spans of MaxDelay, three hours by default. It fires when
// calls succeeded in three of them and nothing was delivered in all six. The
// first of those calls is then older than MaxDelay, so its record is not just
// late; a night without calls is no silence. Calls that are sparser than that,
// as one in two hours, are not covered. A CloudWatch alarm on a query sees three
// hours and no more (CloudWatch user guide, "Metrics Insights quotas").
//
// After the first deployment to an account that calls models already, the alarms
// fire until the first delivery.
type SilenceAlarms interface {
	constructs.Construct
	// MetricCloudWatchDeliveries is the number of deliveries to CloudWatch Logs.
	// Default of opts: the sum in 5 minutes.
	MetricCloudWatchDeliveries(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricS3Deliveries is the number of deliveries to Amazon S3. Default of
	// opts: the sum in 5 minutes.
	MetricS3Deliveries(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// SilenceAlarmsProps configures SilenceAlarms.
type SilenceAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// Destinations are those of the logging configuration. Default: both.
	Destinations *[]LogDestination
	// Warning is when to notify with severity Warning. Default: never.
	Warning *SilenceThreshold
	// Critical is when to notify with severity Critical. Default: with the
	// default of MaxDelay, unless Warning is given.
	Critical *SilenceThreshold
}

// SilenceThreshold is how late a record may be.
type SilenceThreshold struct {
	// MaxDelay is the longest time that a record takes when all is well: whole
	// minutes, 1 to 30. Amazon Bedrock delivers to Amazon S3 in batches of some
	// minutes. Default: 30 minutes.
	MaxDelay awscdk.Duration
}

type silenceAlarms struct{ constructs.Construct }

var _ SilenceAlarms = (*silenceAlarms)(nil)

const (
	silencePeriods  = 6
	callingPeriods  = 3
	maxDelaySeconds = 3 * hour / silencePeriods
)

// callsQuery counts successful calls of all models.
const callsQuery = `SELECT SUM(Invocations) FROM SCHEMA("AWS/Bedrock", ModelId)`

// NewSilenceAlarms makes one alarm for each destination and severity, composed
// of two that notify nobody.
//
// It panics without Alarms, on destinations that are none, unknown or come
// twice, and on a delay that no alarm can wait for; all problems of values are
// in one message.
func NewSilenceAlarms(scope constructs.Construct, id *string, props *SilenceAlarmsProps) SilenceAlarms {
	misuse.RequireScope(pkg, "SilenceAlarms", scope, id)
	p := SilenceAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "SilenceAlarms", "Alarms", p.Alarms)
	thresholds := grade(p.Warning, p.Critical, Severity_CRITICAL, SilenceThreshold{})
	destinations, problems := p.destinations()
	for _, g := range thresholds {
		if s := g.threshold.seconds(); s < 60 || s > maxDelaySeconds || s%60 != 0 {
			problems = append(problems, misuse.Errorf(pkg, "SilenceThreshold.MaxDelay has to be whole minutes, 1 to %d, got %d seconds; give Duration_Minutes", maxDelaySeconds/60, s))
		}
	}
	misuse.PanicAll(problems)

	this := &silenceAlarms{}
	constructs.NewConstruct_Override(this, scope, id)
	for _, g := range thresholds {
		calls := p.Alarms.alarm(this, "Calls"+string(g.severity), g.severity, g.threshold.calls())
		for _, d := range destinations {
			silent := p.Alarms.alarm(this, d.id+"Silent"+string(g.severity), g.severity, g.threshold.silent(d))
			p.Alarms.composite(this, d.id+string(g.severity), g.severity, compositePlan{
				told: g.threshold.told(d),
				rule: inAlarm(calls) + " AND " + inAlarm(silent),
			})
		}
	}
	return this
}

func (p SilenceAlarmsProps) destinations() (list []destination, problems []error) {
	if p.Destinations == nil {
		return []destination{toCloudWatch, toS3}, nil
	}
	known := map[LogDestination]destination{LogDestination_CLOUDWATCH: toCloudWatch, LogDestination_S3: toS3}
	seen := map[LogDestination]bool{}
	for _, given := range *p.Destinations {
		d, ok := known[given]
		switch {
		case !ok:
			problems = append(problems, misuse.Errorf(pkg, "SilenceAlarmsProps.Destinations has an unknown one, got %q; use the constants LogDestination_…", given))
		case seen[given]:
			problems = append(problems, misuse.Errorf(pkg, "SilenceAlarmsProps.Destinations has one twice, got %q again; remove it", given))
		default:
			list = append(list, d)
		}
		seen[given] = true
	}
	if len(*p.Destinations) == 0 {
		problems = append(problems, misuse.Errorf(pkg, "SilenceAlarmsProps.Destinations is empty, got none; leave it out for both, or make no SilenceAlarms"))
	}
	return list, problems
}

func (t SilenceThreshold) seconds() int {
	if misuse.IsNil(t.MaxDelay) {
		return maxDelaySeconds
	}
	return int(seconds(t.MaxDelay))
}

func (t SilenceThreshold) calls() alarmPlan {
	return alarmPlan{
		told:              told{title: "Models are called. A part of the alarms on silence, which notify."},
		metrics:           []mathPart{{id: "calls", expression: callsQuery, query: true, returned: true}},
		comparison:        above,
		periodSeconds:     t.seconds(),
		evaluationPeriods: silencePeriods,
		datapointsToAlarm: callingPeriods,
		silent:            true,
	}
}

// silent takes missing data for silence: the metric does not exist before the
// first delivery, and has no data when there is none.
func (t SilenceThreshold) silent(d destination) alarmPlan {
	return alarmPlan{
		told:              told{title: "Nothing is delivered to " + d.name + ". A part of the alarm on silence, which notifies."},
		metric:            d.successes(),
		comparison:        below,
		threshold:         1,
		periodSeconds:     t.seconds(),
		evaluationPeriods: silencePeriods,
		datapointsToAlarm: silencePeriods,
		missing:           breaching,
		silent:            true,
	}
}

func (t SilenceThreshold) told(d destination) told {
	return told{
		title: fmt.Sprintf("Models are called, and for %d minutes no record arrived in %s.", silencePeriods*t.seconds()/60, d.name),
		steps: []string{
			"Is logging on? aws bedrock get-model-invocation-logging-configuration. Nothing, or without this destination: somebody changed it; see the message about it.",
			"Is an alarm on failed deliveries on, too? Then begin with that one.",
			"Compare bucket policy, key policy and logging role with the template, and deploy again to put them back.",
			"Note from when to when records are missing. The other destination and the trail may have the calls.",
		},
		anchor: "silence",
	}
}

func (a *silenceAlarms) MetricCloudWatchDeliveries(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return toCloudWatch.successes().metricOf(opts)
}

func (a *silenceAlarms) MetricS3Deliveries(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return toS3.successes().metricOf(opts)
}
