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
	// RowsMetricName is the number of calls that were added in the last hour.
	RowsMetricName = "LedgerRows"
	// LagMetricName is the longest time between a call and its arrival in the
	// ledger, of those calls, in seconds; 0 without any.
	LagMetricName = "LedgerLag"
	// UnreadableMetricName is the number of lines that no row can be made of, in
	// objects that were come upon in the last hour or belong to the measured hours. The
	// ledger lacks them; table unreadable names the objects.
	UnreadableMetricName = "LedgerUnreadable"
	// MissingMetricName is the number of calls in the measured hours that the
	// ledger lacks for another reason; it should be 0. Measured is the hour before
	// the last full one; once a day, all three days that are looked back at.
	MissingMetricName = "LedgerMissing"
	// DuplicatesMetricName is the number of rows of those calls beyond the first one
	// of each; it should be 0.
	DuplicatesMetricName = "LedgerDuplicates"
	// HoursFailedMetricName is the number of hours that could not be filled.
	HoursFailedMetricName = "LedgerHoursFailed"
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

func (l *ledger) MetricMissing(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return l.metric(MissingMetricName, "Maximum", opts)
}

func (l *ledger) MetricDuplicates(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return l.metric(DuplicatesMetricName, "Maximum", opts)
}

func (l *ledger) MetricHoursFailed(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return l.metric(HoursFailedMetricName, "Maximum", opts)
}
