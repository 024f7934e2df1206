package guard

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

func TestTheStateIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	s := state{GaveUp: true}
	s.see(toBucket("a"), noon)
	s.see(nil, noon.Add(time.Minute))
	s.Heals = []time.Time{noon}
	s.tell("event")
	got, err := parseState(s.encode(), noon.Add(2*time.Minute))
	require.NoError(t, err)
	assert.Equal(t, s, got)
}

func TestAnEmptyStateIsTheFirstRun(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", "null"} {
		s, err := parseState(text, noon)
		require.NoError(t, err)
		assert.Zero(t, s, text)
	}
	_, known := state{}.before(noon)
	assert.False(t, known)
}

func TestASightingLastsUntilAnotherIsMade(t *testing.T) {
	t.Parallel()
	var s state
	s.see(toBucket("a"), noon)
	s.see(toBucket("a"), noon.Add(time.Hour))
	s.see(nil, noon.Add(2*time.Hour))
	s.see(nil, noon.Add(3*time.Hour))
	require.Len(t, s.Seen, 2)
	for after, want := range map[time.Duration]string{
		time.Minute: "a", 2 * time.Hour: "a", 2*time.Hour + time.Second: "none", 9 * time.Hour: "none",
	} {
		seen, known := s.before(noon.Add(after))
		assert.True(t, known, after)
		assert.Equal(t, want, bucketOf(seen.Config), after)
	}
	_, known := s.before(noon)
	assert.False(t, known, "nobody looked before")
	_, known = s.before(time.Time{})
	assert.False(t, known, "CloudTrail did not say when")
}

func TestTheStateFitsIntoItsParameter(t *testing.T) {
	t.Parallel()
	var s state
	for i := range 20 {
		s.see(&logging.Config{S3Config: &logging.S3Config{BucketName: strings.Repeat(string(rune('a'+i)), 700)}}, noon)
		s.tell(strings.Repeat("e", 36) + string(rune('a'+i)))
	}
	for range maxHealsPerHour {
		require.True(t, s.mayHeal(maxHealsPerHour, noon))
	}
	assert.LessOrEqual(t, len(s.encode()), 4096)
	got, err := parseState(s.encode(), noon)
	require.NoError(t, err)
	assert.Len(t, got.Heals, maxHealsPerHour, "what is forgotten is what was seen")
	assert.Equal(t, s.Seen[0], got.Seen[0])
	assert.False(t, got.mayHeal(maxHealsPerHour, noon))
}

func TestAHealCountsForAnHour(t *testing.T) {
	t.Parallel()
	s := state{Heals: []time.Time{noon}}
	for after, want := range map[time.Duration]int{0: 1, time.Hour: 1, time.Hour + time.Second: 1, time.Hour + 2*time.Second: 0, -time.Minute: 1} {
		got, err := parseState(s.encode(), noon.Add(after))
		require.NoError(t, err)
		assert.Len(t, got.Heals, want, after)
	}
}

func TestTimesToComeCountAsNow(t *testing.T) {
	t.Parallel()
	later := noon.Add(365 * 24 * time.Hour)
	s := state{Heals: []time.Time{later}, Seen: []sighting{{Since: later}}}
	got, err := parseState(s.encode(), noon)
	require.NoError(t, err)
	assert.Equal(t, []time.Time{noon}, got.Heals)
	assert.Equal(t, noon, got.Seen[0].Since)
}

func FuzzParseState(f *testing.F) {
	f.Add(`{"seen":[{"since":"2026-11-24T12:00:05Z","config":null}],"heals":["2026-11-24T12:00:05Z"],"gaveUp":true,"told":["e"]}`)
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseState(text, noon)
		if err != nil {
			return
		}
		for _, at := range s.Heals {
			assert.False(t, at.After(noon))
		}
		before := len(s.Heals)
		if s.mayHeal(3, noon) {
			assert.Less(t, before, 3)
		}
	})
}
