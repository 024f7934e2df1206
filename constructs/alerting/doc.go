// Package alerting tells people what the paper trail notices: an encrypted
// topic that only the alarms and rules of its own account may publish to, and
// the alarms that use it.
//
// An [AlertTopic] is where every notification goes, with e-mail subscriptions.
// A [ThrottlingAlarm] fires when Amazon Bedrock refuses calls because a quota
// is used up.
//
//	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
//		Key:            key,
//		EmailAddresses: jsii.Strings("admin@example.com"),
//	})
//	alerting.NewThrottlingAlarm(stack, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{
//		InvocationLogGroup: logGroup,
//		Topic:              topic,
//	})
package alerting

const pkg = "alerting"
