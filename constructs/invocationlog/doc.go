// Package invocationlog turns Amazon Bedrock model-invocation logging on and
// keeps it on: every call of a model through bedrock-runtime leaves a record
// of who called, what was sent and answered, and how many tokens it took.
//
// The logging configuration is one setting per account and Region, and
// CloudFormation has no resource type for it. [InvocationLogging] owns it
// through a custom resource: it refuses to overwrite a configuration that
// somebody else made unless told to adopt it, reads back what AWS stored, and
// on deletion touches only what is still its own. By default deleting the
// stack leaves logging on, with everything that it needs.
//
// [InvocationLogGroup] is the log group for it, encrypted and kept for seven
// years. Together with a bucket of package auditstore:
//
//	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
//	logging := invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
//		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{Key: key}),
//		Bucket:   auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{Key: key}),
//	})
//
// [InvocationLoggingGuard] watches it from then on: whoever changes the
// configuration, the lock of a bucket, the retention of the log group or a key
// is noticed within minutes, and an alarm says so. It says as well when the
// guard itself no longer looks:
//
//	invocationlog.NewInvocationLoggingGuard(stack, jsii.String("Guard"), &invocationlog.InvocationLoggingGuardProps{
//		Logging: logging,
//		Topic:   alerts.Topic(),
//	})
//
// What is not recorded: calls through the bedrock-mantle endpoint, which
// Bedrock does not log.
package invocationlog

const pkg = "invocationlog"
