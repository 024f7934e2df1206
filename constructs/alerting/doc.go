// Package alerting tells people what the paper trail notices.
//
// An [AlertTopic] is an encrypted topic, and where every notification goes: to
// e-mail addresses and, by a [ChatChannel], into a chat. An [AlarmFactory] says
// which topic hears of which [Severity], and makes alarms alike: each says what
// happened, what to do and where the runbook says more, and each tells when it is
// over.
//
// [AuditAlarms] are all of it in one construct:
//
//	factory := alerting.NewAlarmFactory(stack, jsii.String("Alarms"), &alerting.AlarmFactoryProps{
//		Critical: pager,
//		Warning:  mail,
//	})
//	alerting.NewAuditAlarms(stack, jsii.String("AuditAlarms"), &alerting.AuditAlarmsProps{
//		Alarms:             factory,
//		InvocationLogGroup: logGroup,
//	})
//
// Each kind can be had by itself. The record has no gap: [DeliveryFailureAlarms],
// [SilenceAlarms], [UnloggedEndpointAlarm]. Nobody tampers with it: [TamperRules]
// and [TamperAlarm]. What it contains: [ContentAlarms], [UnattributedAlarms],
// [CallerAlarms]. How models do: [ErrorAlarms], [QuotaAlarms], [SpendPaceAlarms]
// and the [ThrottlingAlarm]. That it can be asked about: [LedgerAlarms].
//
// A kind has a threshold for each severity, named for what it bears: above
// MaxFailures somebody is told. With none it has a default, which its props name.
//
// An [AuditDashboard] shows the same at a glance.
package alerting

const pkg = "alerting"
