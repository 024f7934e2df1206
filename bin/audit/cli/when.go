package cli

import (
	"strconv"
	"time"
)

// parseTime reads a point in time: RFC 3339, a day (its beginning, UTC), or a
// number of days, hours or minutes before now.
func parseTime(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	if len(text) > 1 {
		unit := map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}[text[len(text)-1]]
		n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
		if err == nil && unit > 0 {
			return now.Add(-time.Duration(n) * unit).UTC(), nil
		}
	}
	return time.Time{}, usagef("%q is no time; give a day (2026-03-01), a time (2026-03-01T14:00:00Z), or how long ago (7d, 24h, 30m)", text)
}

// moment is a flag that holds a point in time.
type moment struct {
	time time.Time
	text string
}

func (m *moment) String() string { return m.text }
func (m *moment) Type() string   { return "time" }

func (m *moment) Set(text string) error {
	t, err := parseTime(text, time.Now())
	m.time, m.text = t, text
	return err
}
