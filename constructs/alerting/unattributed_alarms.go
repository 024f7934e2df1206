package alerting

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

const (
	// UnattributedMetricName counts the recorded calls that lack a required key
	// of request metadata.
	UnattributedMetricName = unattributedMetric
	// RecordedCallsMetricName counts the recorded calls among which they are.
	RecordedCallsMetricName = "RecordedCalls"
)

// UnattributedAlarms fire on model calls that do not say on whose behalf, or
// what for, they are made: whose record lacks a required key of request
// metadata. They count them, and their share of all recorded calls.
//
// Nothing in Amazon Bedrock can require request metadata, and a record has only
// what the caller gave. A key with an empty value is there, and so is one whose
// value the log group's data-protection policy masks: filters read records as
// they are masked. Calls that failed are left out on both sides: they used no
// model, and whether Bedrock records their metadata is not documented.
type UnattributedAlarms interface {
	constructs.Construct
	// MetricUnattributedCalls is the number of recorded calls that lack a
	// required key. Default of opts: the sum in an hour.
	MetricUnattributedCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricRecordedCalls is the number of all recorded calls. Default of opts:
	// the sum in an hour.
	MetricRecordedCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// UnattributedAlarmsProps configures UnattributedAlarms.
type UnattributedAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// InvocationLogGroup is the log group that Amazon Bedrock delivers
	// invocation logs to, of log class Standard. Required.
	InvocationLogGroup awslogs.ILogGroup
	// RequiredKeys are the keys of request metadata that each call has to have:
	// letters, digits, hyphens and underscores. Default: user_id, task_type and
	// request_id.
	RequiredKeys *[]*string
	// Warning is when to notify with severity Warning. Default: above 1 percent
	// of the calls, unless Critical is given.
	Warning *UnattributedThreshold
	// Critical is when to notify with severity Critical. Default: never.
	Critical *UnattributedThreshold
}

// UnattributedThreshold is how many unattributed calls are borne.
type UnattributedThreshold struct {
	// MaxCalls is their number in an hour above which an alarm fires. Default:
	// no such alarm.
	MaxCalls *float64
	// MaxPercent is their share of the recorded calls of an hour, in percent, 0
	// to 100, above which an alarm fires. Default: no such alarm.
	MaxPercent *float64
	// MinCalls is the number of recorded calls in an hour below which MaxPercent
	// does not count. Default: 1.
	MinCalls *float64
}

type unattributedAlarms struct {
	constructs.Construct
	logGroupName string
	keys         []string
}

var _ UnattributedAlarms = (*unattributedAlarms)(nil)

var unattributedDefaults = UnattributedThreshold{MaxPercent: jsii.Number(1)}

// NewUnattributedAlarms makes the metric filters and the alarms.
//
// It panics without Alarms or InvocationLogGroup, on keys that a filter pattern
// cannot name or that are too many for one, and on a threshold that is empty or
// out of its bounds; all problems of keys and thresholds are in one message.
func NewUnattributedAlarms(scope constructs.Construct, id *string, props *UnattributedAlarmsProps) UnattributedAlarms {
	misuse.RequireScope(pkg, "UnattributedAlarms", scope, id)
	p := UnattributedAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "UnattributedAlarms", "Alarms", p.Alarms)
	misuse.Require(pkg, "UnattributedAlarms", "InvocationLogGroup", p.InvocationLogGroup)
	if p.RequiredKeys == nil {
		p.RequiredKeys = policies.Strings("user_id", "task_type", "request_id")
	}
	var keys []string
	for _, key := range *p.RequiredKeys {
		keys = append(keys, text(key))
	}
	thresholds := grade(p.Warning, p.Critical, Severity_WARNING, unattributedDefaults)
	problems := requiredKeyProblems(keys)
	for _, g := range thresholds {
		problems = append(problems, g.threshold.problems()...)
	}
	misuse.PanicAll(problems)

	this := &unattributedAlarms{logGroupName: *p.InvocationLogGroup.LogGroupName(), keys: keys}
	constructs.NewConstruct_Override(this, scope, id)
	for _, filter := range []filterPlan{
		{id: "UnattributedFilter", metric: unattributedMetric, pattern: unattributedPattern(keys)},
		{id: "RecordedFilter", metric: RecordedCallsMetricName, pattern: "{ " + recordedCall + " }"},
	} {
		filter.on(p.InvocationLogGroup, this)
	}
	for _, g := range thresholds {
		if most := g.threshold.MaxCalls; most != nil {
			p.Alarms.alarm(this, "Calls"+string(g.severity), g.severity, this.count(*most))
		}
		if most := g.threshold.MaxPercent; most != nil {
			p.Alarms.alarm(this, "Percent"+string(g.severity), g.severity, this.share(*most, or(g.threshold.MinCalls, 1)))
		}
	}
	return this
}

// recordedCall matches the record of a call that did not fail. The log group
// may hold other events.
const recordedCall = `($.schemaType = "ModelInvocationLog") && ($.errorCode NOT EXISTS)`

func unattributedPattern(keys []string) string {
	missing := make([]string, len(keys))
	for i, key := range keys {
		missing[i] = "($.requestMetadata." + key + " NOT EXISTS)"
	}
	return "{ " + recordedCall + " && (" + strings.Join(missing, " || ") + ") }"
}

var selectableKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func requiredKeyProblems(keys []string) []error {
	if len(keys) == 0 {
		return []error{misuse.Errorf(pkg, "UnattributedAlarmsProps.RequiredKeys names no key, got an empty list; name at least one, or leave it out")}
	}
	var found []error
	for i, key := range keys {
		if !selectableKey.MatchString(key) {
			found = append(found, misuse.Errorf(pkg, "UnattributedAlarmsProps.RequiredKeys[%d] has to be letters, digits, - and _, got %q; a filter pattern can name no other", i, key))
		}
	}
	if n := len(unattributedPattern(keys)); n > maxFilterPattern {
		found = append(found, misuse.Errorf(pkg, "UnattributedAlarmsProps.RequiredKeys make a filter pattern of more than %d characters, got %d; require fewer", maxFilterPattern, n))
	}
	return found
}

func (t UnattributedThreshold) problems() []error {
	if t.MaxCalls == nil && t.MaxPercent == nil {
		return []error{misuse.Errorf(pkg, "UnattributedThreshold is empty, got neither MaxCalls nor MaxPercent; set one, or leave the threshold out")}
	}
	found := outside("UnattributedThreshold.MaxCalls", or(t.MaxCalls, 0), 0, maxCount)
	found = append(found, outside("UnattributedThreshold.MaxPercent", or(t.MaxPercent, 0), 0, 100)...)
	return append(found, outside("UnattributedThreshold.MinCalls", or(t.MinCalls, 1), 1, maxCount)...)
}

func (a *unattributedAlarms) told(title string) told {
	return told{
		title: title,
		steps: []string{
			"Whose: query the log group " + a.logGroupName + " with filter not ispresent(requestMetadata.KEY) for each required key, and count by identity.arn and modelId.",
			"The required keys are " + strings.Join(a.keys, ", ") + ". Have that application give them with each call.",
			"Until then the session name in identity.arn and the trail's event are all there is.",
		},
		anchor: "unattributed-calls",
	}
}

func (a *unattributedAlarms) count(most float64) alarmPlan {
	return alarmPlan{
		told:          a.told("There were " + moreThan(most, "model calls") + " without required request metadata within an hour: nobody can say on whose behalf they were made."),
		metric:        ownSeries(unattributedMetric),
		comparison:    above,
		threshold:     most,
		periodSeconds: inAnHour,
	}
}

func (a *unattributedAlarms) share(most, least float64) alarmPlan {
	return alarmPlan{
		told: a.told(fmt.Sprintf("More than %v percent of the model calls of an hour lack required request metadata: nobody can say on whose behalf they were made.", most)),
		metrics: []mathPart{
			{id: "unattributed", series: ownSeries(unattributedMetric)},
			{id: "calls", series: ownSeries(RecordedCallsMetricName)},
			{id: "percent", expression: fmt.Sprintf("IF(calls >= %v, 100 * unattributed / calls, 0)", least), returned: true},
		},
		comparison:    above,
		threshold:     most,
		periodSeconds: inAnHour,
	}
}

func (a *unattributedAlarms) MetricUnattributedCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return hourly(ownSeries(unattributedMetric), opts)
}

func (a *unattributedAlarms) MetricRecordedCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return hourly(ownSeries(RecordedCallsMetricName), opts)
}
