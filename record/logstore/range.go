package logstore

import "time"

// Range is a span of time, from From up to but without To. A zero time leaves
// that end open.
//
// A record is in the folder of the hour of its delivery, which is in batches and can
// be late. So folders are read from an hour before From until Late after To: a
// record that was delivered later than that is not found without opening To.
type Range struct {
	From, To time.Time
	// Late is how long after To a record may have been delivered. Default: 24 hours.
	Late time.Duration
}

const (
	early       = time.Hour // clocks differ
	defaultLate = 24 * time.Hour
)

// touches says whether a folder that spans a time can hold records of the range.
func (r Range) touches(start, end time.Time) bool {
	late := r.Late
	if late == 0 {
		late = defaultLate
	}
	return (r.From.IsZero() || end.Add(early).After(r.From)) &&
		(r.To.IsZero() || start.Add(-late).Before(r.To))
}
