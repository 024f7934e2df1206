// Package report writes what the record says about a time range as one HTML
// file that finance people and auditors can read, print and keep.
//
// The page opens with how complete the record is, in words, because every
// number below rests on it. Then follow tokens over time, the estimated spend per
// user, task and model, throttled and failed calls, guardrail interventions, the
// calls that name no user, all numbers step by step, and what exactly is missing
// from the record. Whatever a chart shows is in a table, too.
//
// All numbers come from few questions to one engine. If their answers do not add
// up to the same totals, as when a ledger is filled in between, there is no report.
//
// The file loads nothing, runs no script, and forbids both by a Content
// Security Policy of its own. User ids, model ids and the like come from whoever
// made the calls: they are escaped, and characters that do not print, or that
// would turn the direction of the text round them, are written as escapes.
//
//	err := report.Write(ctx, file, e, ledgersql.Filter{From: from, To: to},
//		report.Options{Written: time.Now(), Source: "s3://log-bucket/"})
//
// The same answers and options give the same bytes.
package report
