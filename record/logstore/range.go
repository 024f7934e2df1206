package logstore

import "time"

// Range is a span of time, from From up to but without To. A zero time leaves
// that end open.
type Range struct {
	From, To time.Time
}

// slack is how far from a record's time the folder may lie that it is in:
// Bedrock delivers in batches, under the time of the delivery.
const slack = time.Hour

// touches says whether a folder that spans a time can hold records of the range.
func (r Range) touches(start, end time.Time) bool {
	return (r.From.IsZero() || end.Add(slack).After(r.From)) &&
		(r.To.IsZero() || start.Add(-slack).Before(r.To))
}
