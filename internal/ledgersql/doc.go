// Package ledgersql holds the SQL of the ledger: the columns of a call, the
// questions that are put to calls, and the statements with which Amazon Athena
// makes calls of the raw records.
//
// A question is one text for two engines, DuckDB on a laptop and Athena (engine
// version 3, which is Trino) in AWS, over a relation named calls:
//
//	sql := ledgersql.Cost(ledgersql.Filter{Users: []string{"u-17"}}, []ledgersql.Dimension{ledgersql.ByModel}, 0)
//
// It keeps to what both dialects read alike, orders its rows to the last tie, and
// makes every sum a bigint, so that the same calls give the same answer.
//
// What is for Athena only repeats in SQL the rules by which package record makes
// a ledger row of a record (record.RateCard.Call). The rules are stated there;
// here they are followed. The module bin/audit runs both on generated traffic
// and compares them row by row (athenatest).
//
// Estimates of cost are in billionths of a US dollar; NULL means that no rate is
// known for a call, which is not the same as nothing to pay.
package ledgersql
