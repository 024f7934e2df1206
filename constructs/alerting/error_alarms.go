package alerting

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// ErrorAlarms fire when a watched model fails or is slow: by the share of calls
// that the caller got wrong, by that which Amazon Bedrock did, by the time to the
// whole answer and, of streamed calls, by that to its first token. The times are
// 99th percentiles. An alarm fires when two of three periods of 5 minutes are
// above its threshold.
//
// The metrics are those of AWS/Bedrock by ModelId (Amazon Bedrock user guide,
// "Monitor bedrock-runtime inference using CloudWatch metrics"). Versions of that
// page disagree on whether Invocations counts failed calls too. The share is that
// of failed calls in Invocations and failed calls together: exact where it does
// not, and where it does, smaller, up to a half when all calls fail.
type ErrorAlarms interface {
	constructs.Construct
	// MetricClientErrorPercent is the share of a model's calls that the caller
	// got wrong, in 5 minutes. Models are named as in the props.
	MetricClientErrorPercent(model *string) awscloudwatch.MathExpression
	// MetricServerErrorPercent is the share of a model's calls that Amazon
	// Bedrock failed, in 5 minutes. Models are named as in the props.
	MetricServerErrorPercent(model *string) awscloudwatch.MathExpression
}

// ErrorAlarmsProps configures ErrorAlarms.
type ErrorAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// Models are watched, each by itself. Required.
	Models *[]*WatchedModel
	// Warning is when to notify with severity Warning. Default, unless Critical
	// is given: above 20 percent client errors, 5 percent server errors, 2
	// minutes to the answer, or 15 seconds to the first token.
	Warning *ErrorThreshold
	// Critical is when to notify with severity Critical. Default: never.
	Critical *ErrorThreshold
}

// ErrorThreshold is how many errors and how much waiting is borne.
type ErrorThreshold struct {
	// MaxClientErrorPercent is the share of calls, in percent, that may be
	// refused as the caller's error: 0 or more, below 50. Default: not watched.
	MaxClientErrorPercent *float64
	// MaxServerErrorPercent is the share of calls, in percent, that Amazon
	// Bedrock may fail: 0 or more, below 50. Default: not watched.
	MaxServerErrorPercent *float64
	// MinCalls is the number of calls in 5 minutes below which a share says
	// nothing, and no error alarms. Default: 20.
	MinCalls *float64
	// MaxLatency is the time to the whole answer. Default: not watched.
	MaxLatency awscdk.Duration
	// MaxTimeToFirstToken is the time to the first token of a streamed answer.
	// Default: not watched.
	MaxTimeToFirstToken awscdk.Duration
}

type errorAlarms struct {
	constructs.Construct
	models map[string]watchedModel
}

var _ ErrorAlarms = (*errorAlarms)(nil)

func defaultErrorThreshold() ErrorThreshold {
	return ErrorThreshold{
		MaxClientErrorPercent: jsii.Number(20),
		MaxServerErrorPercent: jsii.Number(5),
		MaxLatency:            awscdk.Duration_Minutes(jsii.Number(2)),
		MaxTimeToFirstToken:   awscdk.Duration_Seconds(jsii.Number(15)),
	}
}

// NewErrorAlarms makes an alarm for each model, severity and threshold.
//
// It panics without Alarms or Models, on models that are unnamed or come twice,
// and on thresholds that watch nothing or could never fire; all problems of
// values are in one message.
func NewErrorAlarms(scope constructs.Construct, id *string, props *ErrorAlarmsProps) ErrorAlarms {
	misuse.RequireScope(pkg, "ErrorAlarms", scope, id)
	p := ErrorAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "ErrorAlarms", "Alarms", p.Alarms)
	models, problems := watchedModels("ErrorAlarms", p.Models)
	var limits []graded[errorLimits]
	for _, g := range grade(p.Warning, p.Critical, Severity_WARNING, defaultErrorThreshold()) {
		l := g.threshold.limits()
		limits = append(limits, graded[errorLimits]{g.severity, l})
		problems = append(problems, l.problems()...)
	}
	misuse.PanicAll(problems)

	this := &errorAlarms{models: map[string]watchedModel{}}
	constructs.NewConstruct_Override(this, scope, id)
	for _, model := range models {
		this.models[model.name] = model
		for _, g := range limits {
			for _, part := range g.threshold.plans(model) {
				p.Alarms.alarm(this, model.name+part.id+string(g.severity), g.severity, part.plan)
			}
		}
	}
	return this
}

// notWatched stands for a limit that is not set.
const notWatched = -1

// errorLimits are the plain values of an ErrorThreshold.
type errorLimits struct {
	clientPercent, serverPercent, minCalls float64
	latency, firstToken                    float64 // milliseconds
}

const (
	clientErrors = "InvocationClientErrors"
	serverErrors = "InvocationServerErrors"
)

func (t ErrorThreshold) limits() errorLimits {
	milliseconds := func(given awscdk.Duration) float64 {
		if misuse.IsNil(given) {
			return notWatched
		}
		return *given.ToMilliseconds(nil)
	}
	return errorLimits{
		clientPercent: or(t.MaxClientErrorPercent, notWatched),
		serverPercent: or(t.MaxServerErrorPercent, notWatched),
		minCalls:      or(t.MinCalls, 20),
		latency:       milliseconds(t.MaxLatency),
		firstToken:    milliseconds(t.MaxTimeToFirstToken),
	}
}

func (l errorLimits) problems() []error {
	found := outside("ErrorThreshold.MinCalls", l.minCalls, 1, maxCount)
	share := func(prop string, percent float64) {
		if percent != notWatched && !(percent >= 0 && percent < 50) {
			found = append(found, misuse.Errorf(pkg, "ErrorThreshold.%s has to be 0 or more and below 50, got %v; above that it might never fire", prop, percent))
		}
	}
	share("MaxClientErrorPercent", l.clientPercent)
	share("MaxServerErrorPercent", l.serverPercent)
	limit := func(prop string, milliseconds float64) {
		if milliseconds == 0 {
			found = append(found, misuse.Errorf(pkg, "ErrorThreshold.%s has to be longer than nothing, got 0; leave it out not to watch it", prop))
		}
	}
	limit("MaxLatency", l.latency)
	limit("MaxTimeToFirstToken", l.firstToken)
	if l.clientPercent == notWatched && l.serverPercent == notWatched && l.latency == notWatched && l.firstToken == notWatched {
		found = append(found, misuse.Errorf(pkg, "ErrorThreshold watches nothing, got no percentage and no time; set one, or leave the threshold out"))
	}
	return found
}

type errorPart struct {
	id   string
	plan alarmPlan
}

func (l errorLimits) plans(model watchedModel) []errorPart {
	var parts []errorPart
	add := func(id string, threshold float64, plan alarmPlan) {
		if threshold == notWatched {
			return
		}
		plan.comparison, plan.threshold = above, threshold
		plan.periodSeconds, plan.evaluationPeriods, plan.datapointsToAlarm = 300, 3, 2
		parts = append(parts, errorPart{id, plan})
	}
	add("ClientErrors", l.clientPercent, alarmPlan{
		told: told{
			title: fmt.Sprintf("More than %v percent of the calls of %s are refused as the caller's error.", l.clientPercent, model.name),
			steps: []string{
				"Which error, and whose: query the invocation log group, and count by errorCode and identity.arn.",
				"AccessDenied: a permission or the access to the model. Validation: a parameter that the model does not know.",
				"One caller: a release of that application. All callers: a policy, or a model that was retired.",
			},
			anchor: "client-errors",
		},
		metrics: errorShare(model, clientErrors, l.minCalls),
	})
	add("ServerErrors", l.serverPercent, alarmPlan{
		told: told{
			title: fmt.Sprintf("Amazon Bedrock fails more than %v percent of the calls of %s.", l.serverPercent, model.name),
			steps: []string{
				"AWS Health Dashboard: is Amazon Bedrock in trouble in this Region?",
				"Callers retry with backoff and jitter; a cross-Region inference profile avoids the Region.",
				"If it lasts, open a support case with request ids from the invocation log group.",
			},
			anchor: "server-errors",
		},
		metrics: errorShare(model, serverErrors, l.minCalls),
	})
	add("Latency", l.latency, alarmPlan{
		told: told{
			title: fmt.Sprintf("One in a hundred calls of %s takes longer than %v seconds.", model.name, l.latency/1000),
			steps: []string{
				"Longer answers? Compare with OutputTokenCount of the model.",
				"Otherwise the model is busy: another model, a cross-Region inference profile, or provisioned throughput.",
			},
			anchor: "latency",
		},
		metric: model.series("InvocationLatency", "p99"),
	})
	add("TimeToFirstToken", l.firstToken, alarmPlan{
		told: told{
			title: fmt.Sprintf("One in a hundred streamed calls of %s waits longer than %v seconds for its first token.", model.name, l.firstToken/1000),
			steps: []string{
				"Longer prompts? Compare with InputTokenCount of the model; prompt caching shortens the wait.",
				"Otherwise the model is busy: another model, a cross-Region inference profile, or provisioned throughput.",
			},
			anchor: "time-to-first-token",
		},
		metric: model.series("TimeToFirstToken", "p99"),
	})
	return parts
}

// errorShare is the share of failed calls in percent. SUM takes a metric without
// data for 0: Invocations has none where all calls fail. Where no call fails the
// share has no data.
func errorShare(model watchedModel, errors string, minCalls float64) []mathPart {
	return []mathPart{
		{id: "calls", series: model.series("Invocations", "Sum")},
		{id: "failed", series: model.series(errors, "Sum")},
		{id: "share", returned: true, expression: "IF(SUM([calls, failed]) >= " + strconv.FormatFloat(minCalls, 'f', -1, 64) +
			", 100 * failed / SUM([calls, failed]), 0)"},
	}
}

func (a *errorAlarms) MetricClientErrorPercent(model *string) awscloudwatch.MathExpression {
	return a.share("MetricClientErrorPercent", text(model), clientErrors)
}

func (a *errorAlarms) MetricServerErrorPercent(model *string) awscloudwatch.MathExpression {
	return a.share("MetricServerErrorPercent", text(model), serverErrors)
}

func (a *errorAlarms) share(method, name, errors string) awscloudwatch.MathExpression {
	model, ok := a.models[name]
	if !ok {
		misuse.Panicf(pkg, "ErrorAlarms.%s needs a watched model, got %q; name it as in ErrorAlarmsProps.Models", method, name)
	}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("100 * failed / SUM([calls, failed])"),
		Label:      jsii.String(name),
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			"calls":  model.series("Invocations", "Sum").metricOf(nil),
			"failed": model.series(errors, "Sum").metricOf(nil),
		},
	})
}
