// Package record reads the records that Amazon Bedrock model invocation logging writes: who called
// which model when, with how many tokens, at which estimated price, and, when asked, what was said.
//
// A log object is gzip-compressed text, one record a line. [Parse] takes one line:
//
//	r, err := record.Parse(line)
//	if err != nil {
//		return err // cut short, joined with another, not a record: says what and where
//	}
//	call := record.Rates().Call(r, object) // one row of the ledger, without a word of the bodies
//	content := r.Content()                 // prompt, completion, tool calls, media
//
// # Cheap first
//
// The bodies of a record, the request and the answer, are nearly all of it, and most questions do
// not want them. Parse checks that they are valid JSON to the last byte and goes on; it keeps them as
// a part of the line, which it does not copy. [RateCard.Call] makes a ledger row from what is
// outside of them and from three facts about the answer, which Parse reads on its way: why the model
// stopped, whether a guardrail intervened, and how long it took. Only [Record.Content] decodes bodies.
//
// # The same in SQL
//
// Ledger rows are made in two places: here, and in Amazon Athena by package internal/ledgersql. So
// that both make the same rows, the rules are few, ordered and written down: [StopReasonPaths],
// [LatencyPaths] and [GuardrailActionPath] for the answer, [NormaliseModel] for model ids,
// [RateCard.Price] for the estimate.
//
// # What to trust
//
// AWS sets identity, time, model and token counts. The caller chooses the name of its session, the
// metadata and the bodies; none of them can make a record unreadable, and none of them proves anything.
//
// The layout of a record and the meaning of its token counts are those of the Amazon Bedrock User
// Guide, "Monitor model invocation using CloudWatch Logs and Amazon S3".
package record
