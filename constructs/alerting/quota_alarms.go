package alerting

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// QuotaAlarms fire when a watched model nears its quota of tokens a minute, and
// when Amazon Bedrock refuses calls of it because a quota is used up.
//
// A ThrottlingAlarm watches all models together. This one tells which, and the
// use of a quota before anybody is refused: above the threshold in three of five
// minutes. Bedrock estimates the use from calls that succeeded, with output
// tokens weighed as the quota does (Amazon Bedrock user guide, "Monitor
// bedrock-runtime inference using CloudWatch metrics").
type QuotaAlarms interface {
	constructs.Construct
	// MetricThrottles is the number of refused calls of a model. Models are named
	// as in the props. Default of opts: the sum in 5 minutes.
	MetricThrottles(model *string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricTokens is the estimated number of tokens of a model that count
	// against its quota. Models are named as in the props. Default of opts: the
	// sum in 5 minutes; the quota is by the minute.
	MetricTokens(model *string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// QuotaAlarmsProps configures QuotaAlarms.
type QuotaAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// Models are watched, each by itself; the use of a quota where it is given.
	// Required.
	Models *[]*WatchedModel
	// Warning is when to notify with severity Warning. Default, unless Critical
	// is given: above 80 percent of the quota, or 4 refused calls in 5 minutes.
	Warning *QuotaThreshold
	// Critical is when to notify with severity Critical. Default: never.
	Critical *QuotaThreshold
}

// QuotaThreshold is how near a quota may come.
type QuotaThreshold struct {
	// MaxUsePercent is the share of the quota of tokens a minute, in percent:
	// above 0, at most 100. Default: not watched.
	MaxUsePercent *float64
	// MaxThrottles is the number of calls in 5 minutes that may be refused.
	// Default: not watched.
	MaxThrottles *float64
}

type quotaAlarms struct {
	constructs.Construct
	models map[string]watchedModel
}

var _ QuotaAlarms = (*quotaAlarms)(nil)

// NewQuotaAlarms makes an alarm for each model, severity and threshold.
//
// It panics without Alarms or Models, on models that are unnamed or come twice,
// and on thresholds that watch nothing or could never fire; all problems of
// values are in one message.
func NewQuotaAlarms(scope constructs.Construct, id *string, props *QuotaAlarmsProps) QuotaAlarms {
	misuse.RequireScope(pkg, "QuotaAlarms", scope, id)
	p := QuotaAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "QuotaAlarms", "Alarms", p.Alarms)
	thresholds := grade(p.Warning, p.Critical, Severity_WARNING, QuotaThreshold{MaxUsePercent: jsii.Number(80), MaxThrottles: jsii.Number(4)})
	models, problems := watchedModels("QuotaAlarms", p.Models)
	for _, g := range thresholds {
		problems = append(problems, g.threshold.problems()...)
	}
	misuse.PanicAll(problems)

	this := &quotaAlarms{models: map[string]watchedModel{}}
	constructs.NewConstruct_Override(this, scope, id)
	for _, model := range models {
		this.models[model.name] = model
		for _, g := range thresholds {
			if percent := g.threshold.MaxUsePercent; percent != nil && model.quota > 0 {
				p.Alarms.alarm(this, model.name+"Quota"+string(g.severity), g.severity, model.quotaPlan(*percent))
			}
			if throttles := g.threshold.MaxThrottles; throttles != nil {
				p.Alarms.alarm(this, model.name+"Throttles"+string(g.severity), g.severity, model.throttlesPlan(*throttles))
			}
		}
	}
	return this
}

func (t QuotaThreshold) problems() []error {
	var found []error
	if t.MaxUsePercent == nil && t.MaxThrottles == nil {
		found = append(found, misuse.Errorf(pkg, "QuotaThreshold watches nothing, got neither MaxUsePercent nor MaxThrottles; set one, or leave the threshold out"))
	}
	if t.MaxUsePercent != nil && !(*t.MaxUsePercent > 0 && *t.MaxUsePercent <= 100) {
		found = append(found, misuse.Errorf(pkg, "QuotaThreshold.MaxUsePercent has to be above 0 and at most 100, got %v; give a share of the quota in percent", *t.MaxUsePercent))
	}
	return append(found, outside("QuotaThreshold.MaxThrottles", or(t.MaxThrottles, 0), 0, maxCount)...)
}

func (m watchedModel) tokens() series    { return m.series("EstimatedTPMQuotaUsage", "Sum") }
func (m watchedModel) throttles() series { return m.series("InvocationThrottles", "Sum") }

func (m watchedModel) quotaPlan(percent float64) alarmPlan {
	return alarmPlan{
		told: told{
			title: fmt.Sprintf("%s uses more than %v percent of its quota of %.0f tokens a minute; throttling comes next.", m.name, percent, m.quota),
			steps: []string{
				"Who: count tokens by identity.arn in the invocation log group.",
				"Have callers ask for fewer tokens: max_tokens counts against the quota when a call begins.",
				"Use a cross-Region inference profile, or ask for a higher quota in Service Quotas, Amazon Bedrock.",
			},
			anchor: "quota",
		},
		metric:            m.tokens(),
		comparison:        above,
		threshold:         m.quota * percent / 100,
		periodSeconds:     60,
		evaluationPeriods: 5,
		datapointsToAlarm: 3,
	}
}

func (m watchedModel) throttlesPlan(maxThrottles float64) alarmPlan {
	return alarmPlan{
		told: told{
			title: fmt.Sprintf("Amazon Bedrock refused more than %v calls of %s in 5 minutes: a quota is used up.", maxThrottles, m.name),
			steps: []string{
				"Who: count by identity.arn in the invocation log group.",
				"A single caller: have it retry with backoff and jitter, and ask for fewer tokens (max_tokens).",
				"Everybody: use a cross-Region inference profile, or ask for a higher quota in Service Quotas, Amazon Bedrock.",
			},
			anchor: "throttled-model",
		},
		metric:        m.throttles(),
		comparison:    above,
		threshold:     maxThrottles,
		periodSeconds: 300,
	}
}

func (a *quotaAlarms) MetricThrottles(model *string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return a.model("MetricThrottles", text(model)).throttles().metricOf(opts)
}

func (a *quotaAlarms) MetricTokens(model *string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return a.model("MetricTokens", text(model)).tokens().metricOf(opts)
}

func (a *quotaAlarms) model(method, name string) watchedModel {
	model, ok := a.models[name]
	if !ok {
		misuse.Panicf(pkg, "QuotaAlarms.%s needs a watched model, got %q; name it as in QuotaAlarmsProps.Models", method, name)
	}
	return model
}
