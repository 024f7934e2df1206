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
//	invocationlog.NewInvocationLogging(stack, jsii.String("Logging"), &invocationlog.InvocationLoggingProps{
//		LogGroup: invocationlog.NewInvocationLogGroup(stack, jsii.String("LogGroup"), &invocationlog.InvocationLogGroupProps{Key: key}),
//		Bucket:   auditstore.NewAuditBucket(stack, jsii.String("Bucket"), &auditstore.AuditBucketProps{Key: key}),
//	})
//
// What is not recorded: calls through the bedrock-mantle endpoint, which
// Bedrock does not log.
package invocationlog

const pkg = "invocationlog"
