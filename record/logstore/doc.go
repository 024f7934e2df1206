// Package logstore reads the log records of Amazon Bedrock's model invocation
// logging where Bedrock puts them: a bucket, or a folder with a copy of it.
//
// Bedrock writes batches of records, one JSON object a line, compressed, into a
// folder per hour:
//
//	[prefix/]AWSLogs/ACCOUNT/BedrockModelInvocationLogs/REGION/YYYY/MM/DD/HH/*.json.gz
//
// A [Reader] finds the folders of a time range, whatever accounts and Regions
// there are, and hands out their lines to any number of workers:
//
//	reader := logstore.Reader{Store: logstore.Dir("logs"), Range: logstore.Range{From: monday}}
//	stats, err := reader.Each(ctx, func(worker int, object string, line []byte) error {
//		…
//	})
//
// Nothing is lost silently: [Stats] counts what was read, what was skipped as no
// log, and what was broken. A broken object or line never stops the others.
//
// Memory is bounded by the number of workers, of objects decompressed in memory
// (16 MiB as stored, larger ones are streamed) and of the longest line, not by the
// amount of data.
package logstore
