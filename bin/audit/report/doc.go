// Package report writes what the record says about a time range as one HTML
// file that finance people and auditors can read, print and keep.
//
// The page opens with how complete the record is, in words, because every
// number below rests on it. Then follow the estimated spend per user, task and
// model, tokens over time, errors and throttles, guardrail interventions, and
// the calls that name no user. Each chart stands beside a table of the same
// numbers.
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
