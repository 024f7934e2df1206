package alerting

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// Names under which tokens are counted, in MetricNamespace.
const (
	// InputTokensMetricName counts the tokens of prompts, without those read from
	// or written to a prompt cache, in the invocation log group.
	InputTokensMetricName = inputTokensMetric
	// OutputTokensMetricName counts the tokens of answers in the invocation log
	// group.
	OutputTokensMetricName = outputTokensMetric
)

// SpendPaceAlarms fire when far more tokens than usual are used, long before an
// invoice shows it. Usual is what CloudWatch anomaly detection learns, by hour
// and weekday, from up to two weeks. An alarm fires when the input tokens or the
// output tokens of three hours in a row are above the band, and above a number that
// is worth a look: where little is called, the band is narrow.
//
// The tokens are counted by metric filters in the invocation log group, which
// needs no list of models. Until CloudWatch has learned, nothing fires; records
// from before the filters do not count.
type SpendPaceAlarms interface {
	constructs.Construct
	// MetricInputTokens is the number of input tokens. Default of opts: the sum
	// in 5 minutes.
	MetricInputTokens(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricOutputTokens is the number of output tokens. Default of opts: the sum
	// in 5 minutes.
	MetricOutputTokens(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// SpendPaceAlarmsProps configures SpendPaceAlarms.
type SpendPaceAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// InvocationLogGroup is the log group that Amazon Bedrock delivers
	// invocation logs to, of log class Standard. Required.
	InvocationLogGroup awslogs.ILogGroup
	// Warning is when to notify with severity Warning. Default: with the defaults
	// of its fields, unless Critical is given.
	Warning *SpendPaceThreshold
	// Critical is when to notify with severity Critical. Default: never.
	Critical *SpendPaceThreshold
}

// SpendPaceThreshold is how much more than usual is borne.
type SpendPaceThreshold struct {
	// StandardDeviations is the width of the band: 1 to 10. Default: 3.
	StandardDeviations *float64
	// MinTokens is the number of tokens in an hour up to which nothing alarms,
	// for input and output each. Default: 100,000.
	MinTokens *float64
}

type spendPaceAlarms struct{ constructs.Construct }

var _ SpendPaceAlarms = (*spendPaceAlarms)(nil)

var (
	inputTokens  = ownSeries(inputTokensMetric)
	outputTokens = ownSeries(outputTokensMetric)
)

// NewSpendPaceAlarms makes two metric filters and, for each severity, one alarm
// composed of four that notify nobody.
//
// It panics without Alarms or InvocationLogGroup, and on thresholds out of
// bounds; all problems of thresholds are in one message.
func NewSpendPaceAlarms(scope constructs.Construct, id *string, props *SpendPaceAlarmsProps) SpendPaceAlarms {
	misuse.RequireScope(pkg, "SpendPaceAlarms", scope, id)
	p := SpendPaceAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "SpendPaceAlarms", "Alarms", p.Alarms)
	misuse.Require(pkg, "SpendPaceAlarms", "InvocationLogGroup", p.InvocationLogGroup)
	thresholds := grade(p.Warning, p.Critical, Severity_WARNING, SpendPaceThreshold{})
	var problems []error
	for _, g := range thresholds {
		problems = append(problems, outside("SpendPaceThreshold.StandardDeviations", g.threshold.deviations(), 1, 10)...)
		problems = append(problems, outside("SpendPaceThreshold.MinTokens", g.threshold.minTokens(), 0, maxCount)...)
	}
	misuse.PanicAll(problems)

	this := &spendPaceAlarms{}
	constructs.NewConstruct_Override(this, scope, id)
	for _, filter := range tokenFilters {
		filter.on(p.InvocationLogGroup, this)
	}
	for _, g := range thresholds {
		var rules [2]string
		for i, direction := range []struct {
			id     string
			tokens series
		}{{"Input", inputTokens}, {"Output", outputTokens}} {
			fast := p.Alarms.alarm(this, direction.id+"Fast"+string(g.severity), g.severity, g.threshold.fast(direction.tokens))
			many := p.Alarms.alarm(this, direction.id+"Many"+string(g.severity), g.severity, g.threshold.many(direction.tokens))
			rules[i] = "(" + inAlarm(fast) + " AND " + inAlarm(many) + ")"
		}
		p.Alarms.composite(this, string(g.severity), g.severity, compositePlan{
			told: g.threshold.told(*p.InvocationLogGroup.LogGroupName()),
			rule: rules[0] + " OR " + rules[1],
		})
	}
	return this
}

// tokenFilters count the records that have a number of tokens.
var tokenFilters = []filterPlan{
	{id: "InputFilter", metric: inputTokensMetric, pattern: "{ $.input.inputTokenCount > 0 }", value: "$.input.inputTokenCount"},
	{id: "OutputFilter", metric: outputTokensMetric, pattern: "{ $.output.outputTokenCount > 0 }", value: "$.output.outputTokenCount"},
}

func (t SpendPaceThreshold) deviations() float64 { return or(t.StandardDeviations, 3) }
func (t SpendPaceThreshold) minTokens() float64  { return or(t.MinTokens, 100_000) }

// spendPace is when an alarm on tokens fires: one busy hour is no pace.
func spendPace(plan alarmPlan) alarmPlan {
	plan.periodSeconds, plan.evaluationPeriods, plan.datapointsToAlarm = hour, 3, 3
	plan.silent = true
	return plan
}

func (t SpendPaceThreshold) fast(tokens series) alarmPlan {
	return spendPace(alarmPlan{
		told: told{title: tokens.name + " are above what is usual. A part of the alarm on spend pace, which notifies."},
		metrics: []mathPart{
			{id: "tokens", series: tokens, returned: true},
			{id: bandID, returned: true, expression: "ANOMALY_DETECTION_BAND(tokens, " + strconv.FormatFloat(t.deviations(), 'f', -1, 64) + ")"},
		},
		comparison: aboveBand,
	})
}

func (t SpendPaceThreshold) many(tokens series) alarmPlan {
	return spendPace(alarmPlan{
		told:       told{title: tokens.name + " are enough to be worth a look. A part of the alarm on spend pace, which notifies."},
		metric:     tokens,
		comparison: above,
		threshold:  t.minTokens(),
	})
}

func (t SpendPaceThreshold) told(logGroupName string) told {
	return told{
		title: fmt.Sprintf("Far more tokens than usual at this time of the week, above %.0f an hour.", t.minTokens()),
		steps: []string{
			"Which model: graph AWS/Bedrock InputTokenCount and OutputTokenCount by ModelId.",
			"Who: query the log group " + logGroupName + ", and add up input.inputTokenCount and output.outputTokenCount by identity.arn.",
			"A loop shows as one caller, evenly spaced. Stop it there, or deny its role bedrock:InvokeModel*.",
			"Meant to be? Nothing to do: what is usual is learned within two weeks.",
		},
		anchor: "spend-pace",
	}
}

func (a *spendPaceAlarms) MetricInputTokens(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return inputTokens.metricOf(opts)
}

func (a *spendPaceAlarms) MetricOutputTokens(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return outputTokens.metricOf(opts)
}
