package ledger

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// Names under which the hourly fill says how it went. It does so once for each
// scheduled run, and not when it fills the past.
const (
	// MetricNamespace holds the metrics below.
	MetricNamespace = "PaperTrail"
	// LagMetricName is the longest time between a call and its arrival in the
	// ledger, of the calls in the run's window, in seconds; 0 without calls.
	LagMetricName = "LedgerLag"
	// RowsMetricName is the number of the ledger's rows in the run's window.
	RowsMetricName = "LedgerRows"
	// UnreadableMetricName is the number of lines in the run's window that are no
	// records. The ledger lacks them.
	UnreadableMetricName = "LedgerUnreadable"
	// DatabaseDimension is the metrics' only dimension: the Glue database.
	DatabaseDimension = "Database"
)

func (l *ledger) metric(name, statistic string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	metric := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String(MetricNamespace),
		MetricName:    jsii.String(name),
		DimensionsMap: &map[string]*string{DatabaseDimension: l.tables.DatabaseName()},
		Statistic:     jsii.String(statistic),
		Period:        awscdk.Duration_Hours(jsii.Number(1)),
	})
	if opts == nil {
		return metric
	}
	return metric.With(opts)
}

func (l *ledger) MetricLag(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return l.metric(LagMetricName, "Maximum", opts)
}

func (l *ledger) MetricRows(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return l.metric(RowsMetricName, "Maximum", opts)
}

func (l *ledger) MetricUnreadable(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return l.metric(UnreadableMetricName, "Maximum", opts)
}
