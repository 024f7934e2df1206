package alerting

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// maxDescription is the number of characters of an alarm's description
// (CloudWatch API reference, PutMetricAlarm and PutCompositeAlarm).
const maxDescription = 1024

// told is what an alarm tells people.
type told struct {
	title  string   // a sentence: what happened
	steps  []string // what to do, in this order
	anchor string   // the section of the runbook
}

func (t told) description(severity Severity, runbook string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", severity, t.title)
	for i, step := range t.steps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, step)
	}
	fmt.Fprintf(&b, "\n%s#%s", runbook, t.anchor)
	return b.String()
}

// alarmPlan is an alarm as plain values: on metric, or else on metrics.
type alarmPlan struct {
	told
	metric     series
	metrics    []mathPart
	comparison comparison // atLeast unless said
	threshold  float64    // not with aboveBand
	// The alarm fires when datapointsToAlarm of the latest evaluationPeriods
	// breach; 0 is 1.
	periodSeconds, evaluationPeriods, datapointsToAlarm int
	missing                                             missingData // notBreaching unless said
	silent                                              bool        // a part of a composite: notifies nobody
}

// compositePlan is an alarm on the states of others.
type compositePlan struct {
	told
	rule string
}

// series is a metric with a statistic: Sum, Maximum, p99 …
type series struct {
	namespace, name, statistic string
	dimensions                 map[string]string
}

// mathPart is a line of metric math: an expression, a Metrics Insights query, or
// a series.
type mathPart struct {
	id, expression string
	query          bool // expression is a Metrics Insights query
	series         series
	returned       bool // the alarm is on this one
}

type comparison string

const (
	atLeast   comparison = "GreaterThanOrEqualToThreshold"
	above     comparison = "GreaterThanThreshold"
	below     comparison = "LessThanThreshold"
	aboveBand comparison = "GreaterThanUpperThreshold"
)

// bandID is the id of the math part that aboveBand compares with.
const bandID = "band"

type missingData string

const (
	notBreaching missingData = "notBreaching"
	breaching    missingData = "breaching"
)

// inAlarm is the term of a composite's rule that is true while an alarm fires.
func inAlarm(a awscloudwatch.CfnAlarm) string { return `ALARM("` + *a.AttrArn() + `")` }

func (a alarmPlan) props() *awscloudwatch.CfnAlarmProps {
	if a.comparison == "" {
		a.comparison = atLeast
	}
	if a.missing == "" {
		a.missing = notBreaching
	}
	props := &awscloudwatch.CfnAlarmProps{
		ComparisonOperator: jsii.String(string(a.comparison)),
		EvaluationPeriods:  jsii.Number(max(1, a.evaluationPeriods)),
		DatapointsToAlarm:  jsii.Number(max(1, a.datapointsToAlarm)),
		TreatMissingData:   jsii.String(string(a.missing)),
	}
	if a.comparison == aboveBand {
		props.ThresholdMetricId = jsii.String(bandID)
	} else {
		props.Threshold = jsii.Number(a.threshold)
	}
	if len(a.metrics) > 0 {
		var queries []any
		for _, part := range a.metrics {
			queries = append(queries, part.property(a.periodSeconds))
		}
		props.Metrics = queries
		return props
	}
	props.Namespace, props.MetricName = jsii.String(a.metric.namespace), jsii.String(a.metric.name)
	props.Period = jsii.Number(a.periodSeconds)
	if len(a.metric.dimensions) > 0 {
		props.Dimensions = a.metric.dimensionProperties()
	}
	if a.metric.isPercentile() {
		props.ExtendedStatistic = jsii.String(a.metric.statistic)
	} else {
		props.Statistic = jsii.String(a.metric.statistic)
	}
	return props
}

func (p mathPart) property(seconds int) any {
	property := &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id:         jsii.String(p.id),
		ReturnData: jsii.Bool(p.returned),
	}
	if p.expression != "" {
		property.Expression = jsii.String(p.expression)
		if p.query {
			property.Period = jsii.Number(seconds)
		}
		return property
	}
	metric := &awscloudwatch.CfnAlarm_MetricProperty{
		Namespace:  jsii.String(p.series.namespace),
		MetricName: jsii.String(p.series.name),
	}
	if len(p.series.dimensions) > 0 {
		metric.Dimensions = p.series.dimensionProperties()
	}
	property.MetricStat = &awscloudwatch.CfnAlarm_MetricStatProperty{
		Metric: metric,
		Period: jsii.Number(seconds),
		Stat:   jsii.String(p.series.statistic),
	}
	return property
}

func (s series) isPercentile() bool { return strings.HasPrefix(s.statistic, "p") }

func (s series) dimensionProperties() []any {
	var names []string
	for name := range s.dimensions {
		names = append(names, name)
	}
	slices.Sort(names)
	var properties []any
	for _, name := range names {
		properties = append(properties, &awscloudwatch.CfnAlarm_DimensionProperty{
			Name: jsii.String(name), Value: jsii.String(s.dimensions[name]),
		})
	}
	return properties
}

// metricOf is the series as graphs take it, changed by opts where given.
func (s series) metricOf(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	props := &awscloudwatch.MetricProps{
		Namespace:  jsii.String(s.namespace),
		MetricName: jsii.String(s.name),
		Statistic:  jsii.String(s.statistic),
	}
	if len(s.dimensions) > 0 {
		dimensions := map[string]*string{}
		for name, value := range s.dimensions {
			dimensions[name] = jsii.String(value)
		}
		props.DimensionsMap = &dimensions
	}
	metric := awscloudwatch.NewMetric(props)
	if opts == nil {
		return metric
	}
	return metric.With(opts)
}
