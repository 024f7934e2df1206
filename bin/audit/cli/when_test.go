package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimesAreDaysMomentsAndAges(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-03-01":                day,
		"2026-03-01T14:00:00Z":      day.Add(14 * time.Hour),
		"2026-03-01T14:00:00+02:00": day.Add(12 * time.Hour),
		"7d":                        day.Add(12 * time.Hour),
		"24h":                       now.Add(-24 * time.Hour),
		"0m":                        now,
	} {
		got, err := parseTime(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "d", "7", "-7d", "7w", "7.5h", "99999999d", "yesterday", "2026-02-30", "01.03.2026"} {
		_, err := parseTime(text, now)
		require.ErrorContains(t, err, "is no time", text)
	}
}
