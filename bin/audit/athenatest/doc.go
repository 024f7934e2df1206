// Package athenatest holds the tests that Athena's SQL of the ledger (package
// ledgersql) says the same as Go's reading of the records (package record).
//
// No Athena is at hand where tests run. sqlglot, a parser of SQL dialects, reads
// each statement as Athena's and writes it anew as DuckDB's; DuckDB runs it on
// generated traffic, line by line as Athena would see it; and the rows that come
// into the ledger are compared with those that Go makes, column by column. Questions are
// put twice, as they stand and by way of Athena's dialect, and must be answered alike.
//
// This shows that rules agree and that texts are well-formed. What it cannot show is
// whether Athena's functions do what DuckDB's counterparts do; ledgersql keeps to
// functions whose behaviour Trino documents.
//
// The tests need .venv in the root of the repository (make install).
package athenatest
