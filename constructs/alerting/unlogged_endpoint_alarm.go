package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// UnloggedEndpointAlarm fires when models are called on the bedrock-mantle
// endpoint. Model invocation logging does not capture it, so nobody can read
// later what was asked and answered.
//
// The metric is the one that Amazon Bedrock publishes for the whole account,
// without dimensions (Amazon Bedrock user guide, "Monitor bedrock-mantle
// inference using CloudWatch metrics").
type UnloggedEndpointAlarm interface {
	constructs.Construct
	// MetricInferences is the number of completed calls. Default of opts: the
	// sum in 5 minutes.
	MetricInferences(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// UnloggedEndpointAlarmProps configures an UnloggedEndpointAlarm.
type UnloggedEndpointAlarmProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// Warning is when to notify with severity Warning. Default: never.
	Warning *UnloggedEndpointThreshold
	// Critical is when to notify with severity Critical. Default: on any call,
	// unless Warning is given.
	Critical *UnloggedEndpointThreshold
}

// UnloggedEndpointThreshold is how many unlogged calls are borne.
type UnloggedEndpointThreshold struct {
	// MaxInferences is the number of completed calls in 5 minutes above which
	// the alarm fires. Default: 0.
	MaxInferences *float64
}

type unloggedEndpointAlarm struct{ constructs.Construct }

var _ UnloggedEndpointAlarm = (*unloggedEndpointAlarm)(nil)

var unloggedInferences = series{namespace: "AWS/BedrockMantle", name: "Inferences", statistic: "Sum"}

// NewUnloggedEndpointAlarm makes one alarm for each severity.
//
// It panics without Alarms, and on a threshold below 0; all problems of
// thresholds are in one message.
func NewUnloggedEndpointAlarm(scope constructs.Construct, id *string, props *UnloggedEndpointAlarmProps) UnloggedEndpointAlarm {
	misuse.RequireScope(pkg, "UnloggedEndpointAlarm", scope, id)
	p := UnloggedEndpointAlarmProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "UnloggedEndpointAlarm", "Alarms", p.Alarms)
	thresholds := grade(p.Warning, p.Critical, Severity_CRITICAL, UnloggedEndpointThreshold{})
	var problems []error
	for _, g := range thresholds {
		problems = append(problems, outside("UnloggedEndpointThreshold.MaxInferences", or(g.threshold.MaxInferences, 0), 0, maxCount)...)
	}
	misuse.PanicAll(problems)

	this := &unloggedEndpointAlarm{}
	constructs.NewConstruct_Override(this, scope, id)
	for _, g := range thresholds {
		p.Alarms.alarm(this, string(g.severity), g.severity, alarmPlan{
			told: told{
				title: "Models are called on the bedrock-mantle endpoint, which model invocation logging does not capture.",
				steps: []string{
					"Who: the trail's data events of type AWS::BedrockMantle::Project, without prompts and answers.",
					"Have that caller use the bedrock-runtime endpoint.",
					"Deny the other endpoint to everybody with a service control policy.",
				},
				anchor: "unlogged-endpoint",
			},
			metric:        unloggedInferences,
			comparison:    above,
			threshold:     or(g.threshold.MaxInferences, 0),
			periodSeconds: 300,
		})
	}
	return this
}

func (a *unloggedEndpointAlarm) MetricInferences(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return unloggedInferences.metricOf(opts)
}
