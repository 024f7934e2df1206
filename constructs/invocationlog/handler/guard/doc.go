// Package guard notices when the model invocation logging configuration of
// Amazon Bedrock, or what it relies on, is no longer as it was declared.
//
// A [Guard] handles the events of a schedule and those of EventBridge that tell
// of a call for another configuration. Each run makes all checks:
//
//   - LoggingConfiguration compares the live configuration with the one that the
//     last deployment put, which the register holds;
//   - BucketLock, TrailLogging, LogGroup and Key look at what Bedrock cannot tell:
//     that the buckets are still locked, that the trail is logging, that the log
//     groups keep retention and key, that the keys are enabled.
//
// What it finds becomes metrics and lines in the log; a check that cannot be made
// becomes neither "as declared" nor "drift", but is missing. A call that was not
// a deployment becomes a message on the topic.
//
// Where [Settings] allow it, the guard puts the declared configuration back, at
// most so many times an hour. It never fights: after that it gives up, says so
// once, and heals again only when the declared configuration was live without its
// doing.
//
// It reads and writes the live configuration under the lock that the custom
// resource takes too, so that it never mistakes a deployment for tampering.
// Running the same event twice, one after the other or at once, heals no more
// often than the settings allow, and sends its message at least once.
//
//	settings, err := guard.ParseSettings(os.Getenv("GUARD"))
//	lambda.Start(guard.New(settings, functionName, logging, parameters, client))
package guard
