// Package logging is the model invocation logging configuration of Amazon
// Bedrock: reading it, telling two of them apart, and calling the API with
// patience.
//
//	client := logging.Patient(awsclient.NewLogging(config))
//	live, err := client.GetModelInvocationLoggingConfiguration(ctx)
//	if found := logging.Difference(live, wanted); found != "" { … }
package logging
