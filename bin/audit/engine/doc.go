// Package engine is where questions about the record are answered: an
// [Engine] runs SQL over the relation `calls` (one row per model call, without
// bodies; its columns are those of package ledgersql) and says how complete
// the record is that the answer was read from.
//
// There are two engines. Package engine/duckdb reads the raw log, from a folder
// or an S3 prefix, in this process; package engine/athena asks the ledger in
// Amazon Athena. The same SQL runs on both and gives the same rows.
package engine
