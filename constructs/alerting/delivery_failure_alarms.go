package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// DeliveryFailureAlarms fire when Amazon Bedrock could not write a record of a
// model call: to CloudWatch Logs, to Amazon S3, or a large body to Amazon S3.
// Each has an alarm of its own. What is not delivered is lost there.
//
// Bedrock publishes the metrics when it delivers, without a dimension (Amazon
// Bedrock user guide, "Monitor bedrock-runtime inference using CloudWatch
// metrics"). A destination that is not configured never alarms. SilenceAlarms
// notice when nothing is delivered at all.
type DeliveryFailureAlarms interface {
	constructs.Construct
	// MetricCloudWatchFailures is the number of deliveries to CloudWatch Logs
	// that failed. Default of opts: the sum in 5 minutes.
	MetricCloudWatchFailures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricS3Failures is the number of deliveries to Amazon S3 that failed.
	// Default of opts: the sum in 5 minutes.
	MetricS3Failures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricLargeDataFailures is the number of deliveries of large bodies to
	// Amazon S3 that failed. Default of opts: the sum in 5 minutes.
	MetricLargeDataFailures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// DeliveryFailureAlarmsProps configures DeliveryFailureAlarms.
type DeliveryFailureAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// Warning is when to notify with severity Warning. Default: never.
	Warning *DeliveryFailureThreshold
	// Critical is when to notify with severity Critical. Default: on any
	// failure, unless Warning is given.
	Critical *DeliveryFailureThreshold
}

// DeliveryFailureThreshold is how many failures are borne.
type DeliveryFailureThreshold struct {
	// MaxFailures is the number of failed deliveries in 5 minutes above which an
	// alarm fires. Default: 0.
	MaxFailures *float64
}

type deliveryFailureAlarms struct{ constructs.Construct }

var _ DeliveryFailureAlarms = (*deliveryFailureAlarms)(nil)

// destination is a place that Bedrock delivers records to, as its metrics and
// people call it.
type destination struct{ id, metric, name string }

var (
	toCloudWatch = destination{"CloudWatch", "ModelInvocationLogsCloudWatchDelivery", "CloudWatch Logs"}
	toS3         = destination{"S3", "ModelInvocationLogsS3Delivery", "Amazon S3"}
	largeToS3    = destination{"LargeData", "ModelInvocationLargeDataS3Delivery", "Amazon S3 as a large body"}
)

func (d destination) failures() series {
	return series{namespace: bedrock, name: d.metric + "Failure", statistic: "Sum"}
}

func (d destination) successes() series {
	return series{namespace: bedrock, name: d.metric + "Success", statistic: "Sum"}
}

// bedrock is the namespace of the metrics of the bedrock-runtime endpoint.
const bedrock = "AWS/Bedrock"

// NewDeliveryFailureAlarms makes three alarms for each severity.
//
// It panics without Alarms, and on a threshold below 0; all problems of
// thresholds are in one message.
func NewDeliveryFailureAlarms(scope constructs.Construct, id *string, props *DeliveryFailureAlarmsProps) DeliveryFailureAlarms {
	misuse.RequireScope(pkg, "DeliveryFailureAlarms", scope, id)
	p := DeliveryFailureAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "DeliveryFailureAlarms", "Alarms", p.Alarms)
	thresholds := grade(p.Warning, p.Critical, Severity_CRITICAL, DeliveryFailureThreshold{})
	var problems []error
	for _, g := range thresholds {
		problems = append(problems, outside("DeliveryFailureThreshold.MaxFailures", or(g.threshold.MaxFailures, 0), 0, maxCount)...)
	}
	misuse.PanicAll(problems)

	this := &deliveryFailureAlarms{}
	constructs.NewConstruct_Override(this, scope, id)
	for _, g := range thresholds {
		for _, d := range []destination{toCloudWatch, toS3, largeToS3} {
			p.Alarms.alarm(this, d.id+string(g.severity), g.severity, g.threshold.plan(d))
		}
	}
	return this
}

// maxCount is far beyond what is counted in a period.
const maxCount = 1e12

func (t DeliveryFailureThreshold) plan(d destination) alarmPlan {
	return alarmPlan{
		told: told{
			title: "Amazon Bedrock could not deliver records of model calls to " + d.name + ". They are missing there.",
			steps: []string{
				"A change? Look for a message about bucket, key, log group or role from just before.",
				"Compare bucket policy, key policy and logging role with the template: a drift detection of the stacks, or cdk diff.",
				"Deploy the stacks again to put them back.",
				"Note from when to when records are missing. The other destination and the trail may have the calls.",
			},
			anchor: "delivery-failure",
		},
		metric:        d.failures(),
		comparison:    above,
		threshold:     or(t.MaxFailures, 0),
		periodSeconds: 300,
	}
}

func (a *deliveryFailureAlarms) MetricCloudWatchFailures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return toCloudWatch.failures().metricOf(opts)
}

func (a *deliveryFailureAlarms) MetricS3Failures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return toS3.failures().metricOf(opts)
}

func (a *deliveryFailureAlarms) MetricLargeDataFailures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return largeToS3.failures().metricOf(opts)
}
