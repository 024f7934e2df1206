package alerting

import (
	"fmt"
	"strings"
)

// dashboardContent is what differs between dashboards, as plain values.
type dashboardContent struct {
	stackName, region  string
	invocationLogGroup string
	trailLogGroup      string // empty: none
	alarmArns          []string
}

// What the logging guard, the metric filters of this package and their alarms
// publish.
const (
	guardNamespace = "PaperTrail"
	driftMetric    = "LoggingConfigurationDrift"
	checksMetric   = "LoggingConfigurationChecks"

	interventionsMetric = "GuardrailInterventions"
	unattributedMetric  = "UnattributedCalls"
	inputTokensMetric   = "InputTokens"
	outputTokensMetric  = "OutputTokens"
)

const (
	hour = 3600
	day  = 24 * hour

	green  = "#2ca02c"
	blue   = "#1f77b4"
	orange = "#ff7f0e"
	red    = "#d62728"
	purple = "#9467bd"
	grey   = "#7f7f7f"
)

func (c dashboardContent) body() dashboardBody {
	// A week shows nights and a weekend beside each other. The periods are
	// always those of the graphs, or the axes would not say what they show.
	b := dashboardBody{Start: "-P7D", PeriodOverride: "inherit"}
	b.row(3, textWidget(c.welcome()))
	if n := len(c.alarmArns); n > 0 {
		// The console puts about six alarms side by side.
		b.row(1+(n+5)/6, dashboardWidget{Type: "alarm", Properties: alarmProperties{Title: "Alarms", Alarms: c.alarmArns}})
	}
	c.recording(&b)
	c.traffic(&b)
	c.trouble(&b)
	c.pace(&b)
	return b
}

func (c dashboardContent) welcome() string {
	var links []string
	for _, q := range invocationQueries {
		links = append(links, fmt.Sprintf("[%s](%s)", q.name, q.link(c.region, c.invocationLogGroup)))
	}
	if c.trailLogGroup != "" {
		for _, q := range trailQueries {
			links = append(links, fmt.Sprintf("[%s](%s)", q.name, q.link(c.region, c.trailLogGroup)))
		}
	}
	return fmt.Sprintf("# Model calls on record in %s\n"+
		"Healthy: no alarm, deliveries rise and fall with the calls, and every line that counts failures lies on zero. "+
		"Times are UTC. Stack %s owns this dashboard and overwrites changes; save a copy to experiment.\n\n"+
		"**Ask the logs:** %s. Logs Insights keeps them in the folder %s.",
		c.region, c.stackName, strings.Join(links, " · "), c.stackName)
}

// recording answers whether calls are written down.
func (c dashboardContent) recording(b *dashboardBody) {
	b.row(2, textWidget("## Is it recording?\n"+
		"Healthy: deliveries follow the calls below, an hour behind at most; drift stays on 0; the guard's last complete check is younger than half an hour; "+
		"nothing escapes, which leaves that graph empty."))
	failure := func(name, label, color string) []any {
		return named("AWS/Bedrock", "ModelInvocation"+name+"DeliveryFailure", metricOptions{Label: label, Stat: "Sum", Color: color})
	}
	success := func(name, label, color string) []any {
		return named("AWS/Bedrock", "ModelInvocation"+name+"DeliverySuccess", metricOptions{Label: label, Stat: "Sum", Color: color})
	}
	b.row(6,
		c.lines("Log deliveries", "deliveries an hour", hour,
			success("LogsCloudWatch", "to CloudWatch Logs", blue),
			success("LogsS3", "to Amazon S3, in batches", green),
			success("LargeDataS3", "large bodies to Amazon S3", purple)),
		c.lines("What escapes the record", "cases an hour", hour,
			failure("LogsCloudWatch", "failed: CloudWatch Logs", orange),
			failure("LogsS3", "failed: Amazon S3", red),
			failure("LargeDataS3", "failed: large bodies", purple),
			named("AWS/BedrockMantle", "Inferences", metricOptions{Label: "unlogged endpoint", Stat: "Sum", Color: blue})),
		c.switches("Drift from what is declared", "0 = as declared, 1 = differs", hour,
			search(guardNamespace, "Check", driftMetric, "Maximum", hour)),
		c.lines("Checks by the guard", "complete checks in 15 minutes", 900,
			named(guardNamespace, checksMetric, metricOptions{Label: "last one ${LAST_TIME_RELATIVE}", Stat: "Sum", Color: green})),
	)
}

// traffic shows who would be missed if recording stopped.
func (c dashboardContent) traffic(b *dashboardBody) {
	b.row(2, textWidget("## Traffic\n"+
		"Healthy: the usual rhythm of days and nights, models that somebody approved, and p99 latency without a step. "+
		"A model with no call for two weeks is left out."))
	b.row(6,
		c.areas("Calls by model", "successful calls an hour", hour, search("AWS/Bedrock", "ModelId", "Invocations", "Sum", hour)),
		c.lines("Tokens", "tokens an hour", hour,
			total("InputTokenCount", "input", blue, hour),
			total("OutputTokenCount", "output", orange, hour)),
		c.lines("Prompt cache", "tokens an hour", hour,
			total("CacheReadInputTokenCount", "read from the cache", green, hour),
			total("CacheWriteInputTokenCount", "written to the cache", purple, hour)),
		c.lines("Latency by model, p99", "milliseconds", hour, search("AWS/Bedrock", "ModelId", "InvocationLatency", "p99", hour)),
	)
}

// trouble shows what somebody has to look at.
func (c dashboardContent) trouble(b *dashboardBody) {
	b.row(2, textWidget("## Trouble\n"+
		"Healthy: all four close to zero. A burst of throttles is a used-up quota; interventions and findings are protection at work, and a sudden rise is worth a look; "+
		"unattributed calls carry evidence that names no user."))
	own := func(name, label, color string) []any {
		return named(MetricNamespace, name, metricOptions{Label: label, Stat: "Sum", Color: color})
	}
	b.row(6,
		c.areas("Throttled calls by model", "throttled calls an hour", hour, search("AWS/Bedrock", "ModelId", "InvocationThrottles", "Sum", hour)),
		c.lines("Errors", "failed calls an hour", hour,
			total("InvocationClientErrors", "the caller's (4xx)", orange, hour),
			total("InvocationServerErrors", "Amazon Bedrock's (5xx)", red, hour)),
		c.lines("Content", "cases an hour", hour,
			own(interventionsMetric, "guardrail interventions", purple),
			c.findings("sensitive data found", orange)),
		c.lines("Unattributed calls", "calls an hour", hour, own(unattributedMetric, "calls without the required metadata", red)),
	)
}

// pace shows what the bill follows.
func (c dashboardContent) pace(b *dashboardBody) {
	b.row(2, textWidget("## Cost pace\n"+
		"Healthy: inside the grey band, which CloudWatch learns from the two weeks before. "+
		"Amazon Bedrock bills on-demand calls by the token, output dearer than input. The last day is not over."))
	banded := func(title, metric, color string) dashboardWidget {
		return c.lines(title, "tokens an hour", hour,
			named(MetricNamespace, metric, metricOptions{ID: "tokens", Label: "recorded", Stat: "Sum", Color: color}),
			computed(metricOptions{Expression: "ANOMALY_DETECTION_BAND(tokens, 3)", ID: "band", Label: "usual", Color: grey}))
	}
	b.row(6,
		banded("Input tokens against what is usual", inputTokensMetric, blue),
		banded("Output tokens against what is usual", outputTokensMetric, orange),
		c.areas("Input tokens by day and model", "tokens a day", day, search("AWS/Bedrock", "ModelId", "InputTokenCount", "Sum", day)),
		c.areas("Output tokens by day and model", "tokens a day", day, search("AWS/Bedrock", "ModelId", "OutputTokenCount", "Sum", day)),
	)
}

func (c dashboardContent) graph(title, axis string, period int, series ...[]any) *graphProperties {
	return &graphProperties{Title: title, Region: c.region, View: "timeSeries", Period: period, Metrics: series,
		YAxis: graphAxes{Left: graphAxis{Label: axis}}}
}

func (c dashboardContent) lines(title, axis string, period int, series ...[]any) dashboardWidget {
	return graphWidget(c.graph(title, axis, period, series...))
}

// areas stacks its series: the upper edge is their sum.
func (c dashboardContent) areas(title, axis string, period int, series ...[]any) dashboardWidget {
	g := c.graph(title, axis, period, series...)
	g.Stacked = true
	return graphWidget(g)
}

// switches shows series that are 0 or 1.
func (c dashboardContent) switches(title, axis string, period int, series ...[]any) dashboardWidget {
	g := c.graph(title, axis, period, series...)
	one := 1.0
	g.YAxis.Left.Max = &one
	return graphWidget(g)
}

// search finds the series of a metric for all values of its only dimension,
// without a list of them. It is labelled with the value.
func search(namespace, dimension, metric, statistic string, period int) []any {
	return computed(metricOptions{
		Expression: searchExpression(namespace, dimension, metric, statistic, period),
		ID:         "found",
		Label:      fmt.Sprintf("${PROP('Dim.%s')}", dimension),
	})
}

// total adds the series of a metric of AWS/Bedrock for all models. That the
// metric exists without a dimension as well is not documented.
func total(metric, label, color string, period int) []any {
	return computed(metricOptions{
		Expression: "SUM(" + searchExpression("AWS/Bedrock", "ModelId", metric, "Sum", period) + ")",
		ID:         strings.ToLower(metric[:1]) + metric[1:],
		Label:      label,
		Color:      color,
	})
}

// findings are the log events in which the log group's data-protection policy
// found something. Policies of a log group and of an account publish the metric
// with different dimensions, and about the same events: hence the maximum.
func (c dashboardContent) findings(label, color string) []any {
	return computed(metricOptions{
		Expression: fmt.Sprintf(`MAX(SEARCH('Namespace="AWS/Logs" MetricName="LogEventsWithFindings" LogGroupName="%s"', 'Sum', %d))`, c.invocationLogGroup, hour),
		ID:         "findings",
		Label:      label,
		Color:      color,
	})
}

func searchExpression(namespace, dimension, metric, statistic string, period int) string {
	return fmt.Sprintf(`SEARCH('{%s,%s} MetricName="%s"', '%s', %d)`, namespace, dimension, metric, statistic, period)
}
