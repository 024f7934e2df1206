package logstore

import "time"

// Range is a span of time, from From up to but without To. A zero time leaves
// that end open.
type Range struct {
	From, To time.Time
}
