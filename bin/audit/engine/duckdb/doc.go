// Package duckdb answers questions about the raw log with DuckDB, in this
// process and without a network of its own.
//
// Nothing is imported first: the log's objects are read, decompressed and parsed
// in parallel while the query runs, and rows go straight into DuckDB's vectors.
// Columns that a query does not use are not written. Each request id counts once,
// however often Bedrock delivered its record.
//
// Where several queries are to run, [Options].ReadOnce reads the log once into a
// temporary database on disk.
//
// The relations are `calls`, the columns of package ledgersql, and `records`,
// the same with input_body and output_body (JSON text) besides.
package duckdb
