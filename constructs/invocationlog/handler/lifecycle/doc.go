// Package lifecycle creates, updates and deletes the model invocation logging
// configuration of Amazon Bedrock for the custom resource
// Custom::BedrockInvocationLogging.
//
// There is one such configuration per account and Region. Put overwrites
// whoever had it, Delete switches logging off for everybody. The rules therefore
// are:
//
//   - Create leaves a different configuration alone and fails, naming the
//     differences, unless OnExisting is Adopt. Before it writes, it records in an
//     SSM parameter what it found and who took over.
//   - Update writes the new configuration over its own. Logging is never off in
//     between. What somebody else has put in the meantime it leaves alone and
//     fails, unless OnExisting is Adopt.
//   - Delete acts only if the record says that this resource took over and the
//     live configuration is still the resource's own and no other stack's as
//     well. It then restores what Create found, which may be nothing. In every
//     other case it touches nothing and succeeds, and the log says why.
//
// Every write is read back. If AWS stored something else, the configuration
// from before is put back and the request fails with the differences.
//
// Running the same event twice, one after the other or at once, has the outcome
// of running it once.
//
//	function := lifecycle.New(awsclient.NewLogging(config), awsclient.NewParameters(config))
//	lambda.Start(customresource.NewHandler(lifecycle.PhysicalResourceID, function.Handle))
package lifecycle
