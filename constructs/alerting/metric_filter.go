package alerting

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// filterPlan is a metric filter as plain values. Its metric is in
// MetricNamespace.
type filterPlan struct {
	id, metric string
	pattern    string
	value      string // a number, or the selector of one; 1 unless said
	// byModel gives the metric the dimension ModelId. A metric without it is 0
	// in minutes in which only other events arrive, so that it exists before
	// there is trouble; CloudWatch Logs refuses such a default with dimensions.
	byModel bool
}

// maxFilterPattern is the number of characters of a filter pattern (CloudWatch
// Logs API reference, PutMetricFilter).
const maxFilterPattern = 1024

// modelDimension is the dimension that Amazon Bedrock's own metrics have.
const modelDimension = "ModelId"

// on makes the filter.
func (p filterPlan) on(logGroup awslogs.ILogGroup, scope constructs.Construct) {
	if p.value == "" {
		p.value = "1"
	}
	to := &awslogs.CfnMetricFilter_MetricTransformationProperty{
		MetricNamespace: jsii.String(MetricNamespace),
		MetricName:      jsii.String(p.metric),
		MetricValue:     jsii.String(p.value),
	}
	if p.byModel {
		to.Dimensions = []any{&awslogs.CfnMetricFilter_DimensionProperty{
			Key: jsii.String(modelDimension), Value: jsii.String("$.modelId"),
		}}
	} else {
		to.DefaultValue = jsii.Number(0)
	}
	awslogs.NewCfnMetricFilter(scope, jsii.String(p.id), &awslogs.CfnMetricFilterProps{
		LogGroupName:          logGroup.LogGroupName(),
		FilterPattern:         jsii.String(p.pattern),
		MetricTransformations: []any{to},
	})
}

// ownSeries is the sum of a metric of this package's filters.
func ownSeries(metric string) series {
	return series{namespace: MetricNamespace, name: metric, statistic: "Sum"}
}

// inAnHour is what alarms on rare events count: a burst is one incident, and the
// alarm is over when a whole hour was quiet. CloudWatch evaluates each minute.
const inAnHour = 3600

func hourly(metric series, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	changed := awscloudwatch.MetricOptions{}
	if opts != nil {
		changed = *opts
	}
	if changed.Period == nil {
		changed.Period = awscdk.Duration_Hours(jsii.Number(1))
	}
	return metric.metricOf(&changed)
}

// moreThan says in a title what is more than an alarm bears.
func moreThan(most float64, of string) string {
	if most == 0 {
		return of
	}
	return fmt.Sprintf("more than %v %s", most, of)
}
