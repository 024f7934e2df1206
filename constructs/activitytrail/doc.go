// Package activitytrail records who did what to the account's AI resources: a
// CloudTrail trail over all Regions, delivered to a locked bucket and to a log
// group that alarms can watch.
//
// An [ActivityTrail] logs every management event, which includes the calls of
// models through Amazon Bedrock, the data events of Bedrock's other resources
// (agents, knowledge bases, guardrails and more, see [BedrockDataEventTypes]),
// the reads of objects in buckets that hold prompts, and the deletes of objects
// and changes of their lock there and in its own bucket. An account needs one
// such trail, in its home Region; a second copy of management events is billed.
//
//	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
//	activitytrail.NewActivityTrail(stack, jsii.String("Trail"), &activitytrail.ActivityTrailProps{
//		Key:              key,
//		DataEventBuckets: &[]awss3.IBucket{prompts},
//	})
package activitytrail

const pkg = "activitytrail"
