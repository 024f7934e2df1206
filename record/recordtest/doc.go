// Package recordtest writes the logs that Amazon Bedrock's model invocation
// logging would have written for made-up traffic: any amount of it, the same for
// the same seed, in the layout in which Bedrock fills a bucket.
//
//	truth, err := recordtest.Traffic{Seed: 1, Records: 10_000}.Write(ctx, recordtest.ToDir("logs"))
//
// The records are of every operation, of every kind of body that the common
// models take and give, and of what goes wrong: errors, throttling, guardrails
// that intervene, calls that say nothing about their user. [Faults] adds what
// goes wrong with the logs themselves. [Truth] says what a reader of it all must
// find; it is counted while deciding what to write, not by reading.
//
// The package is for tests of anything that reads such logs. It knows nothing of
// the package record, so neither can hide a mistake of the other. The names of
// fields and folders are those of the Amazon Bedrock user guide and of records
// that have been published; the bodies are those of the providers' interfaces.
// Texts are random sentences, which compress about as well as prose does.
package recordtest
