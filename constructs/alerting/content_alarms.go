package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// InterventionsMetricName counts the recorded calls in which a guardrail
// intervened: once without a dimension, and once by ModelId.
const InterventionsMetricName = interventionsMetric

// ContentAlarms fire on what prompts and answers contain: when guardrails
// intervene, and when CloudWatch Logs finds sensitive data that the log group's
// data-protection policy looks for.
//
// Interventions are counted in the records of Converse, ConverseStream,
// InvokeModel and InvokeModelWithResponseStream. A record has the guardrail's
// verdict in its body, so that those without are not counted: where delivery of
// text is off, and where Amazon Bedrock put a body above 100 KB into Amazon S3.
// The metric InvocationsIntervened of AWS/Bedrock/Guardrails has them too.
//
// Findings are those of the metric LogEventsWithFindings of AWS/Logs, of the
// policy of the log group and that of the account. Without a policy there are
// none (CloudWatch Logs user guide, "Help protect sensitive log data with
// masking").
type ContentAlarms interface {
	constructs.Construct
	// MetricInterventions is the number of calls in which a guardrail
	// intervened. Default of opts: the sum in an hour.
	MetricInterventions(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricInterventionsOf is the same for one model, by the id or ARN that
	// callers give. Default of opts: the sum in an hour.
	MetricInterventionsOf(modelID *string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricFindings is the number of records in which the log group's own
	// policy found sensitive data. Default of opts: the sum in an hour.
	MetricFindings(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// ContentAlarmsProps configures ContentAlarms.
type ContentAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// InvocationLogGroup is the log group that Amazon Bedrock delivers
	// invocation logs to, of log class Standard. Required.
	InvocationLogGroup awslogs.ILogGroup
	// Warning is when to notify with severity Warning. Default: above 10
	// interventions in an hour and on any finding, unless Critical is given.
	Warning *ContentThreshold
	// Critical is when to notify with severity Critical. Default: never.
	Critical *ContentThreshold
}

// ContentThreshold is how much is borne.
type ContentThreshold struct {
	// MaxInterventions is the number of calls in an hour, in which a guardrail
	// intervened, above which an alarm fires. Default: no such alarm.
	MaxInterventions *float64
	// MaxFindings is the number of records in an hour, in which there is
	// sensitive data, above which an alarm fires. Where the account has a policy
	// that finds the same as that of the log group, each counts twice. Default:
	// no such alarm.
	MaxFindings *float64
}

type contentAlarms struct {
	constructs.Construct
	logGroupName string
}

var _ ContentAlarms = (*contentAlarms)(nil)

var contentDefaults = ContentThreshold{MaxInterventions: jsii.Number(10), MaxFindings: jsii.Number(0)}

// NewContentAlarms makes the metric filters and the alarms.
//
// It panics without Alarms or InvocationLogGroup, and on a threshold that is
// empty or below 0; all problems of thresholds are in one message.
func NewContentAlarms(scope constructs.Construct, id *string, props *ContentAlarmsProps) ContentAlarms {
	misuse.RequireScope(pkg, "ContentAlarms", scope, id)
	p := ContentAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "ContentAlarms", "Alarms", p.Alarms)
	misuse.Require(pkg, "ContentAlarms", "InvocationLogGroup", p.InvocationLogGroup)
	thresholds := grade(p.Warning, p.Critical, Severity_WARNING, contentDefaults)
	var problems []error
	for _, g := range thresholds {
		problems = append(problems, g.threshold.problems()...)
	}
	misuse.PanicAll(problems)

	this := &contentAlarms{logGroupName: *p.InvocationLogGroup.LogGroupName()}
	constructs.NewConstruct_Override(this, scope, id)
	for _, filter := range interventionFilters {
		filter.on(p.InvocationLogGroup, this)
	}
	for _, g := range thresholds {
		if most := g.threshold.MaxInterventions; most != nil {
			p.Alarms.alarm(this, "Interventions"+string(g.severity), g.severity, this.interventions(*most))
		}
		if most := g.threshold.MaxFindings; most != nil {
			p.Alarms.alarm(this, "Findings"+string(g.severity), g.severity, this.findings(*most))
		}
	}
	return this
}

func (t ContentThreshold) problems() []error {
	if t.MaxInterventions == nil && t.MaxFindings == nil {
		return []error{misuse.Errorf(pkg, "ContentThreshold is empty, got neither MaxInterventions nor MaxFindings; set one, or leave the threshold out")}
	}
	return append(outside("ContentThreshold.MaxInterventions", or(t.MaxInterventions, 0), 0, maxCount),
		outside("ContentThreshold.MaxFindings", or(t.MaxFindings, 0), 0, maxCount)...)
}

const (
	// Converse and ConverseStream have one body, with the reason why the answer
	// ended. InvokeModel has the provider's, with the guardrail's key at the top.
	oneBody = `{ ($.output.outputBodyJson.stopReason = "guardrail_intervened") || ($.output.outputBodyJson.amazon-bedrock-guardrailAction = "INTERVENED") }`
	// InvokeModelWithResponseStream has a body for each chunk of the answer, and
	// the key in one of them. It is looked for in the text of the record: that a
	// wildcard selector may go on after the wildcard, AWS does not say. In a
	// prompt or an answer the quotation marks would be escaped, and no match.
	chunksAsText = `"\"InvokeModelWithResponseStream\"" "\"amazon-bedrock-guardrailAction\"" "\"INTERVENED\""`
	// Terms allow no dimension, so the count by model takes the wildcard. Should
	// AWS not read it so, streamed calls are missing from that count only.
	chunksAsJSON = `{ $.output.outputBodyJson[*].amazon-bedrock-guardrailAction = "INTERVENED" }`
)

// interventionFilters count a call once in the total and once by model: its body
// is one object, or else a list of chunks.
var interventionFilters = []filterPlan{
	{id: "InterventionsFilter", metric: interventionsMetric, pattern: oneBody},
	{id: "StreamedInterventionsFilter", metric: interventionsMetric, pattern: chunksAsText},
	{id: "InterventionsByModelFilter", metric: interventionsMetric, pattern: oneBody, byModel: true},
	{id: "StreamedInterventionsByModelFilter", metric: interventionsMetric, pattern: chunksAsJSON, byModel: true},
}

func (a *contentAlarms) interventions(most float64) alarmPlan {
	return alarmPlan{
		told: told{
			title: "Guardrails intervened in " + moreThan(most, "model calls") + " within an hour.",
			steps: []string{
				"Which: graph InvocationsIntervened of AWS/Bedrock/Guardrails by GuardrailArn, and " + interventionsMetric + " of " + MetricNamespace + " by ModelId.",
				"Who: query the log group " + a.logGroupName + " for guardrail_intervened and amazon-bedrock-guardrailAction, and count by identity.arn and requestMetadata.user_id.",
				"One caller: misuse, or a use that the guardrail was not made for. Many: a changed guardrail or prompt.",
			},
			anchor: "guardrail-interventions",
		},
		metric:        ownSeries(interventionsMetric),
		comparison:    above,
		threshold:     most,
		periodSeconds: inAnHour,
	}
}

func (a *contentAlarms) findings(most float64) alarmPlan {
	return alarmPlan{
		told: told{
			title: "CloudWatch Logs found sensitive data in " + moreThan(most, "records of model calls") + " within an hour.",
			steps: []string{
				"Which records: query the log group " + a.logGroupName + " for runs of asterisks; logs:Unmask shows what is behind them.",
				"Which application: identity.arn of those records. Have it leave out what the model does not need.",
				"Who may read it: the log group is masked, the copy in Amazon S3 is not.",
			},
			anchor: "sensitive-data",
		},
		// CloudWatch Logs publishes the metric with other dimensions for the
		// policy of an account than for that of a log group. A query needs to
		// know neither.
		metrics: []mathPart{{
			id:         "findings",
			expression: `SELECT SUM(` + findingsMetric + `) FROM "AWS/Logs" WHERE LogGroupName = '` + a.logGroupName + `'`,
			query:      true,
			returned:   true,
		}},
		comparison:    above,
		threshold:     most,
		periodSeconds: inAnHour,
	}
}

const findingsMetric = "LogEventsWithFindings"

func (a *contentAlarms) MetricInterventions(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return hourly(ownSeries(interventionsMetric), opts)
}

func (a *contentAlarms) MetricInterventionsOf(modelID *string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	misuse.RequireText(pkg, "ContentAlarms.MetricInterventionsOf", "modelID", modelID)
	s := ownSeries(interventionsMetric)
	s.dimensions = map[string]string{modelDimension: *modelID}
	return hourly(s, opts)
}

func (a *contentAlarms) MetricFindings(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return hourly(series{namespace: "AWS/Logs", name: findingsMetric, statistic: "Sum", dimensions: map[string]string{
		"DataProtectionOperation": "Audit",
		"LogGroupName":            a.logGroupName,
	}}, opts)
}
