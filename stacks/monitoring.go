package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
)

// Monitoring tells people what needs them in one Region.
type Monitoring interface {
	awscdk.Stack
	// AlertTopic reaches the addresses of environments.yaml.
	AlertTopic() alerting.AlertTopic
	// ThrottlingAlarm fires when Bedrock refuses calls for their rate.
	ThrottlingAlarm() alerting.ThrottlingAlarm
	// InvocationLoggingGuard notices when somebody changes the logging
	// configuration or what it relies on.
	InvocationLoggingGuard() invocationlog.InvocationLoggingGuard
}

type monitoring struct {
	awscdk.Stack
	topic      alerting.AlertTopic
	throttling alerting.ThrottlingAlarm
	guard      invocationlog.InvocationLoggingGuard
}

var _ Monitoring = (*monitoring)(nil)

func newMonitoring(place placement, storage Storage, capture Capture, function *invocationlog.FunctionProps) Monitoring {
	this := &monitoring{}
	awscdk.NewStack_Override(this, place.scope, jsii.String("Monitoring"),
		place.stackProps("monitoring", "the alert topic, the alarms and the guard of the logging configuration"))

	emails := make([]*string, len(place.env.Alerts.Emails))
	for i := range emails {
		emails[i] = &place.env.Alerts.Emails[i]
	}
	this.topic = alerting.NewAlertTopic(this, jsii.String("AlertTopic"), &alerting.AlertTopicProps{
		Key:            storage.ActivityKey(),
		EmailAddresses: &emails,
	})
	var trailLogs awslogs.ILogGroup
	if trail := capture.ActivityTrail(); trail != nil {
		trailLogs = trail.LogGroup()
	}
	this.throttling = alerting.NewThrottlingAlarm(this, jsii.String("ThrottlingAlarm"), &alerting.ThrottlingAlarmProps{
		InvocationLogGroup: storage.InvocationLogGroup().LogGroup(),
		TrailLogGroup:      trailLogs,
		Topic:              this.topic,
		Threshold:          jsii.Number(place.env.Throttling.Threshold),
		Period:             awscdk.Duration_Minutes(jsii.Number(place.env.Throttling.PeriodMinutes)),
	})
	this.guard = newGuard(this, place, storage, capture, function)
	return this
}

func newGuard(m *monitoring, place placement, storage Storage, capture Capture, function *invocationlog.FunctionProps) invocationlog.InvocationLoggingGuard {
	props := &invocationlog.InvocationLoggingGuardProps{
		Logging: capture.InvocationLogging(),
		Topic:   m.topic.Topic(),
		// Whoever is on call reads the guard's log, and no prompts.
		LogKey:   storage.ActivityKey(),
		Interval: awscdk.Duration_Minutes(jsii.Number(place.env.Guard.IntervalMinutes)),
		Function: function,
	}
	if trail := capture.ActivityTrail(); trail != nil {
		props.Trail = trail.Trail()
		props.Buckets = &[]auditstore.AuditBucket{trail.Bucket()}
	}
	if n := place.env.Guard.HealsPerHour; n > 0 {
		props.Heal = &invocationlog.HealProps{MaxPerHour: jsii.Number(n)}
	}
	return invocationlog.NewInvocationLoggingGuard(m, jsii.String("InvocationLoggingGuard"), props)
}

func (m *monitoring) AlertTopic() alerting.AlertTopic                              { return m.topic }
func (m *monitoring) ThrottlingAlarm() alerting.ThrottlingAlarm                    { return m.throttling }
func (m *monitoring) InvocationLoggingGuard() invocationlog.InvocationLoggingGuard { return m.guard }
