package logstore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestARangeReachesFoldersOfLateDeliveries(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC)
	hour := Range{From: at, To: at.Add(time.Hour)}
	folder := func(r Range, hours int) bool {
		start := at.Add(time.Duration(hours) * time.Hour)
		return r.touches(start, start.Add(time.Hour))
	}
	assert.True(t, folder(hour, -1))
	assert.False(t, folder(hour, -2))
	assert.True(t, folder(hour, 24), "a day late")
	assert.False(t, folder(hour, 25))
	hour.Late = 2 * time.Hour
	assert.True(t, folder(hour, 2))
	assert.False(t, folder(hour, 3))
	assert.True(t, folder(Range{From: at}, 10_000), "To is open")
}
