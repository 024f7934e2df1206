package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
)

// Monitoring tells people what needs them in one Region.
type Monitoring interface {
	awscdk.Stack
	// AlertTopic reaches the addresses of environments.yaml.
	AlertTopic() alerting.AlertTopic
	// ThrottlingAlarm fires when Bedrock refuses calls for their rate.
	ThrottlingAlarm() alerting.ThrottlingAlarm
}

type monitoring struct {
	awscdk.Stack
	topic      alerting.AlertTopic
	throttling alerting.ThrottlingAlarm
}

var _ Monitoring = (*monitoring)(nil)

func newMonitoring(place placement, storage Storage, capture Capture) Monitoring {
	this := &monitoring{}
	awscdk.NewStack_Override(this, place.scope, jsii.String("Monitoring"),
		place.stackProps("monitoring", "the alert topic and the alarms"))

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
	return this
}

func (m *monitoring) AlertTopic() alerting.AlertTopic           { return m.topic }
func (m *monitoring) ThrottlingAlarm() alerting.ThrottlingAlarm { return m.throttling }
