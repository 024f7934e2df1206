package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// Monitoring tells people what needs them in one Region.
type Monitoring interface {
	awscdk.Stack
	// AlertTopic reaches the addresses of environments.yaml.
	AlertTopic() alerting.AlertTopic
	// ThrottlingAlarm fires when Bedrock refuses calls for their rate.
	ThrottlingAlarm() alerting.ThrottlingAlarm
	// WarningTopic reaches the addresses for what can wait, which are those of
	// AlertTopic where environments.yaml has no others. Its key is another one, so
	// that no key silences both.
	WarningTopic() alerting.AlertTopic
	// AuditAlarms are the other alarms and the rules.
	AuditAlarms() alerting.AuditAlarms
	// Dashboard shows it all.
	Dashboard() alerting.AuditDashboard
	// InvocationLoggingGuard notices when somebody changes the logging
	// configuration or what it relies on.
	InvocationLoggingGuard() invocationlog.InvocationLoggingGuard
}

type monitoring struct {
	awscdk.Stack
	topic      alerting.AlertTopic
	warnings   alerting.AlertTopic
	throttling alerting.ThrottlingAlarm
	alarms     alerting.AuditAlarms
	guard      invocationlog.InvocationLoggingGuard
	dashboard  alerting.AuditDashboard
}

var _ Monitoring = (*monitoring)(nil)

// newMonitoring makes the stack. deployers are the roles with which CloudFormation
// deploys the environment's other Regions.
func newMonitoring(place placement, storage Storage, capture Capture, deployers []*string, function *invocationlog.FunctionProps) Monitoring {
	this := &monitoring{}
	awscdk.NewStack_Override(this, place.scope, jsii.String("Monitoring"),
		place.stackProps("monitoring", "the alert topics, the alarms, the dashboard and the guard of the logging configuration"))

	this.topic = this.newTopic("AlertTopic", storage.AlertKey(), place.env.Alerts.Emails)
	warned := place.env.Alerts.WarningEmails
	if len(warned) == 0 {
		warned = place.env.Alerts.Emails
	}
	this.warnings = this.newTopic("WarningTopic", storage.ActivityKey(), warned)
	var trailLogs awslogs.ILogGroup
	if trail := capture.ActivityTrail(); trail != nil {
		trailLogs = trail.LogGroup()
	}
	this.throttling = alerting.NewThrottlingAlarm(this, jsii.String("ThrottlingAlarm"), &alerting.ThrottlingAlarmProps{
		InvocationLogGroup: storage.InvocationLogGroup().LogGroup(),
		TrailLogGroup:      trailLogs,
		Topic:              this.warnings,
		Threshold:          jsii.Number(place.env.Throttling.Threshold),
		Period:             awscdk.Duration_Minutes(jsii.Number(place.env.Throttling.PeriodMinutes)),
	})
	this.guard = newGuard(this, place, storage, capture, function)
	factory := alerting.NewAlarmFactory(this, jsii.String("AlarmFactory"), &alerting.AlarmFactoryProps{
		Critical: this.topic,
		Warning:  this.warnings,
	})
	this.alarms = alerting.NewAuditAlarms(this, jsii.String("AuditAlarms"), &alerting.AuditAlarmsProps{
		Alarms:             factory,
		InvocationLogGroup: storage.InvocationLogGroup().LogGroup(),
		TrailLogGroup:      trailLogs,
		Models:             watchedModels(place.env.WatchedModels),
		Kinds:              this.kinds(place, storage, capture, deployers),
		Without:            without(place.env.Alarms.Without),
	})
	if place.rolesWatchedElsewhere() {
		awscdk.Annotations_Of(this.alarms).AcknowledgeWarning(jsii.String("paper-trail:AuditAlarms.tamper.iam"),
			jsii.String("The environment's roles begin with one name, and another of its Regions watches for it."))
	}
	shown := append(*factory.AlarmArns(), this.throttling.Alarm().AlarmArn(), this.guard.DriftAlarm().AlarmArn(), this.guard.SilenceAlarm().AlarmArn())
	this.dashboard = alerting.NewAuditDashboard(this, jsii.String("Dashboard"), &alerting.AuditDashboardProps{
		InvocationLogGroup: storage.InvocationLogGroup().LogGroup(),
		TrailLogGroup:      trailLogs,
		AlarmArns:          &shown,
	})
	return this
}

func (m *monitoring) newTopic(id string, key auditstore.AuditKey, addresses []string) alerting.AlertTopic {
	emails := jsii.Strings(addresses...)
	return alerting.NewAlertTopic(m, jsii.String(id), &alerting.AlertTopicProps{Key: key, EmailAddresses: emails})
}

// kinds says what the alarms are about in this Region.
func (m *monitoring) kinds(place placement, storage Storage, capture Capture, deployers []*string) *alerting.AuditAlarmKinds {
	left := func(kind config.AlarmKind) bool { return slices.Contains(place.env.Alarms.Without, kind) }
	kinds := &alerting.AuditAlarmKinds{}
	if !left("Tamper") {
		kinds.Tamper = m.protected(place, storage, capture, deployers)
	}
	if keys := place.env.Alarms.RequiredMetadata; !left("Unattributed") {
		kinds.Unattributed = &alerting.UnattributedAlarmsProps{RequiredKeys: jsii.Strings(keys...)}
	}
	if callers := place.env.Alarms.AllowedCallers; len(callers) > 0 && capture.ActivityTrail() != nil && !left("Callers") {
		kinds.Callers = &alerting.CallerAlarmsProps{AllowedRoleArns: jsii.Strings(callers...)}
	}
	return kinds
}

// protected is what nobody changes unnoticed: all that the environment has in
// this Region, and its roles, which are of no Region.
func (m *monitoring) protected(place placement, storage Storage, capture Capture, deployers []*string) *alerting.TamperRulesProps {
	var names []*string
	for _, kind := range []string{"storage", "capture", "monitoring"} {
		names = append(names, place.stackProps(kind, "").StackName)
	}
	alarms := []*string{jsii.String(*names[2] + "-")}
	if place.env.Ledger.Mode == config.CreateLedger {
		name := place.stackProps("ledger", "").StackName
		names = append(names, name)
		alarms = append(alarms, jsii.String(*name+"-"))
	}
	var buckets []awss3.IBucket
	for _, bucket := range []auditstore.AuditBucket{storage.InvocationBucket(), storage.TrailBucket()} {
		if bucket != nil {
			buckets = append(buckets, bucket.Bucket(), bucket.AccessLogsBucket())
		}
	}
	props := &alerting.TamperRulesProps{
		StackNames:        &names,
		AlarmNamePrefixes: &alarms,
		Buckets:           &buckets,
		Keys:              &[]awskms.IKey{storage.InvocationKey().Key(), storage.ActivityKey().Key(), storage.AlertKey().Key()},
		FunctionNames:     &[]*string{capture.InvocationLogging().Function().Ref(), m.guard.Function().Ref()},
		RoleNames:         &[]*string{jsii.String(place.rolePrefix() + "*")},
		OwnRoleArns:       &[]*string{capture.InvocationLogging().FunctionRole().RoleArn(), m.guard.FunctionRole().RoleArn()},
	}
	if len(deployers) > 0 {
		props.FurtherDeployRoleArns = &deployers
	}
	logGroups := []awslogs.ILogGroup{storage.InvocationLogGroup().LogGroup()}
	if trail := capture.ActivityTrail(); trail != nil {
		props.TrailNames = &[]*string{trail.TrailName()}
		logGroups = append(logGroups, trail.LogGroup())
	}
	props.LogGroups = &logGroups
	return props
}

// rolesWatchedElsewhere tells whether another Region of the environment hears of
// changes to its roles, which are of no Region: that with the trail, or that in
// which the events of IAM arrive.
func (p placement) rolesWatchedElsewhere() bool {
	if !p.home && p.env.Trail.Mode == config.CreateTrail {
		return true
	}
	return slices.ContainsFunc(p.env.Regions(), func(region string) bool {
		return region != p.region && policies.HearsOfIAM(region)
	})
}

// rolePrefix begins the names of all roles of the environment, in all Regions:
// CloudFormation begins them with the name of the stack, and shortens it where
// the rest needs the room. How much of it stays is not documented; 16 characters
// are what TamperRules count on, too.
func (p placement) rolePrefix() string {
	const kept = 16
	name := "paper-trail-" + p.env.Name + "-"
	return name[:min(kept, len(name))]
}

func watchedModels(models []config.WatchedModel) *[]*alerting.WatchedModel {
	var watched []*alerting.WatchedModel
	for _, model := range models {
		w := &alerting.WatchedModel{ModelID: jsii.String(model.ID)}
		if model.TokensPerMinuteQuota > 0 {
			w.TokensPerMinuteQuota = jsii.Number(model.TokensPerMinuteQuota)
		}
		watched = append(watched, w)
	}
	if watched == nil {
		return nil
	}
	return &watched
}

func without(kinds []config.AlarmKind) *[]alerting.AlarmKind {
	if len(kinds) == 0 {
		return nil
	}
	var left []alerting.AlarmKind
	for _, kind := range kinds {
		left = append(left, alerting.AlarmKind(kind))
	}
	return &left
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
func (m *monitoring) WarningTopic() alerting.AlertTopic                            { return m.warnings }
func (m *monitoring) AuditAlarms() alerting.AuditAlarms                            { return m.alarms }
func (m *monitoring) Dashboard() alerting.AuditDashboard                           { return m.dashboard }
func (m *monitoring) ThrottlingAlarm() alerting.ThrottlingAlarm                    { return m.throttling }
func (m *monitoring) InvocationLoggingGuard() invocationlog.InvocationLoggingGuard { return m.guard }
