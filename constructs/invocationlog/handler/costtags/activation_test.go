package costtags

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// billing is AWS's side: keys become known some time after they were first
// billed.
type billing struct {
	now       time.Time
	known     map[string]time.Time // from when AWS knows a key
	active    map[string]time.Time
	backfills []time.Time
	from      []time.Time
	batches   [][]string
	metrics   []map[string]float64
	disabled  []string
	fails     map[string]error
	refuses   map[string]Refusal
}

func (b *billing) ListCostAllocationTags(_ context.Context, keys []string) ([]Tag, error) {
	if err := b.fails["List"]; err != nil {
		return nil, err
	}
	var tags []Tag
	for _, key := range keys {
		if since, ok := b.known[key]; ok && !b.now.Before(since) {
			updated, active := b.active[key]
			tags = append(tags, Tag{Key: key, Active: active, Updated: updated})
		}
	}
	return tags, nil
}

func (b *billing) UpdateCostAllocationTagsStatus(_ context.Context, keys []string) (map[string]Refusal, error) {
	b.batches = append(b.batches, keys)
	if err := b.fails["Update"]; err != nil {
		return nil, err
	}
	notDone := map[string]Refusal{}
	for _, key := range keys {
		if refusal, ok := b.refuses[key]; ok {
			notDone[key] = refusal
			continue
		}
		b.active[key] = b.now
	}
	return notDone, nil
}

func (b *billing) ListCostAllocationTagBackfillHistory(context.Context) ([]time.Time, error) {
	return b.backfills, b.fails["History"]
}

func (b *billing) StartCostAllocationTagBackfill(_ context.Context, from time.Time) error {
	if err := b.fails["Backfill"]; err != nil {
		return err
	}
	if n := len(b.backfills); n > 0 && b.now.Sub(b.backfills[n-1]) < 24*time.Hour {
		return ErrBackfillLimit
	}
	b.backfills, b.from = append(b.backfills, b.now), append(b.from, from)
	return nil
}

func (b *billing) PutMetricData(_ context.Context, namespace string, values map[string]float64) error {
	values[namespace] = 1
	b.metrics = append(b.metrics, values)
	return b.fails["Metrics"]
}

func (b *billing) DisableRule(_ context.Context, name string) error {
	if err := b.fails["Disable"]; err != nil {
		return err
	}
	b.disabled = append(b.disabled, name)
	return nil
}

var start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func newBilling() *billing {
	return &billing{now: start, known: map[string]time.Time{}, active: map[string]time.Time{}, fails: map[string]error{}, refuses: map[string]Refusal{}}
}

// run runs the function and returns its log.
func (b *billing) run(t *testing.T, s Settings) (string, error) {
	t.Helper()
	var log bytes.Buffer
	a := New(s, b)
	a.now, a.log = func() time.Time { return b.now }, slog.New(slog.NewJSONHandler(&log, nil))
	_, err := a.Invoke(t.Context(), []byte(`{"source":"aws.events","resources":["arn:aws:events:eu-west-1:111122223333:rule/rule"]}`))
	return log.String(), err
}

var settings = Settings{Keys: []string{"project", "owner"}, BackfillMonths: 12}

func TestActivatesAKeyThatAppearsOnTheThirdDay(t *testing.T) {
	t.Parallel()
	b := newBilling()
	b.known["project"], b.known["owner"] = start.Add(24*time.Hour), start.Add(72*time.Hour)
	for hour := 0; hour <= 24*7 && len(b.disabled) == 0; hour += 6 {
		b.now = start.Add(time.Duration(hour) * time.Hour)
		_, err := b.run(t, settings)
		require.NoError(t, err)
	}
	assert.Equal(t, start.Add(24*time.Hour), b.active["project"])
	assert.Equal(t, start.Add(72*time.Hour), b.active["owner"])
	assert.Equal(t, []time.Time{start.Add(78 * time.Hour)}, b.backfills, "once, when all are active")
	assert.Equal(t, []time.Time{time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)}, b.from)
	assert.Equal(t, []string{"rule"}, b.disabled)
	assert.Equal(t, map[string]float64{Namespace: 1, ActiveMetric: 0, PendingMetric: 2}, b.metrics[0])
	assert.Equal(t, map[string]float64{Namespace: 1, ActiveMetric: 2, PendingMetric: 0}, b.metrics[len(b.metrics)-1])
}

func TestNeitherRepeatsABackfillNorForgetsOneThatHadToWait(t *testing.T) {
	t.Parallel()
	b := newBilling()
	b.known["project"], b.known["owner"] = start, start
	b.active["project"], b.active["owner"] = start, start.Add(-time.Hour)
	b.backfills = []time.Time{start.Add(-2 * time.Hour)} // somebody else's, before the last key was active
	log, err := b.run(t, settings)
	require.NoError(t, err)
	assert.Contains(t, log, "the backfill has to wait")
	assert.Empty(t, b.disabled)

	b.now = start.Add(24 * time.Hour)
	_, err = b.run(t, settings)
	require.NoError(t, err)
	assert.Len(t, b.backfills, 2)
	assert.Len(t, b.disabled, 1)

	b.now = start.Add(100 * time.Hour)
	_, err = b.run(t, settings)
	require.NoError(t, err)
	assert.Len(t, b.backfills, 2)
}

// AWS takes the first day of a month, and none before the previous twelve months.
func TestBackfillBeginsWithAMonthWithinTheLastTwelve(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		now    string
		months int
		want   string
	}{
		{"2026-11-24T10:00:00Z", 1, "2026-10-01"},
		{"2026-11-24T10:00:00Z", 11, "2025-12-01"},
		{"2026-11-24T10:00:00Z", 12, "2025-12-01"},
		{"2026-11-01T10:00:00Z", 12, "2025-11-01"},
		{"2028-02-29T23:59:59Z", 12, "2027-03-01"},
		{"2027-01-31T00:00:00Z", 11, "2026-02-01"},
	} {
		now, err := time.Parse(time.RFC3339, test.now)
		require.NoError(t, err)
		a := New(Settings{BackfillMonths: test.months}, nil)
		a.now = func() time.Time { return now }
		assert.Equal(t, test.want, a.backfillFrom().Format(time.DateOnly), "%s, %d months", test.now, test.months)
	}
}

func TestARefusedBackfillIsLoggedAndNotTriedForever(t *testing.T) {
	t.Parallel()
	b := newBilling()
	b.known["project"], b.known["owner"] = start, start
	b.active["project"], b.active["owner"] = start, start
	b.fails["Backfill"] = errors.Join(ErrBackfillRefused, errors.New("ValidationException: no"))
	log, err := b.run(t, settings)
	require.NoError(t, err)
	assert.Contains(t, log, "ValidationException: no")
	assert.Contains(t, log, "aws ce start-cost-allocation-tag-backfill --backfill-from 2025-12-01T00:00:00Z")
	assert.Equal(t, []string{"rule"}, b.disabled)
}

func TestWithoutBackfillItEndsWhenAllAreActive(t *testing.T) {
	t.Parallel()
	b := newBilling()
	b.known["project"], b.known["owner"] = start, start
	_, err := b.run(t, Settings{Keys: settings.Keys})
	require.NoError(t, err)
	assert.Len(t, b.active, 2)
	assert.Empty(t, b.backfills)
	assert.Len(t, b.disabled, 1)
}

func TestAnAccountThatDoesNotPaySaysWhatToRun(t *testing.T) {
	t.Parallel()
	b := newBilling()
	b.fails["List"] = fmt.Errorf("listing: %w", ErrNotPayer)
	log, err := b.run(t, settings)
	require.NoError(t, err)
	assert.Contains(t, log, `aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey='project',Status=Active TagKey='owner',Status=Active`)
	assert.Equal(t, []string{"rule"}, b.disabled)
	assert.Empty(t, b.batches)
}

func TestPartialFailures(t *testing.T) {
	t.Parallel()
	denied := errors.New("access denied")
	for name, test := range map[string]struct {
		prepare func(*billing)
		want    string // of the error, none for success
		pending float64
	}{
		"a key that is not known after all": {func(b *billing) { b.refuses["owner"] = Refusal{Code: "TagKeysNotFoundException"} }, "", 1},
		"a key that AWS refuses":            {func(b *billing) { b.refuses["owner"] = Refusal{"ValidationException", "no"} }, "activating owner: ValidationException: no", 1},
		"an update that is throttled":       {func(b *billing) { b.fails["Update"] = denied }, "activating project, owner: access denied", 2},
		"metrics that are refused":          {func(b *billing) { b.fails["Metrics"] = denied }, "publishing the metrics: access denied", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBilling()
			b.known["project"], b.known["owner"] = start, start
			test.prepare(b)
			_, err := b.run(t, settings)
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
			assert.Equal(t, test.pending, b.metrics[0][PendingMetric])
			assert.Empty(t, b.disabled, "it comes again")
		})
	}
}

func TestFailuresOfWhatComesAfter(t *testing.T) {
	t.Parallel()
	denied := errors.New("access denied")
	for operation, want := range map[string]string{
		"List": "listing the cost allocation tags: access denied", "History": "listing the backfills: access denied",
		"Backfill": "requesting a backfill from 2025-12-01: access denied", "Disable": "ending the schedule, rule rule: access denied",
	} {
		b := newBilling()
		b.known["project"], b.known["owner"] = start, start
		b.active["project"], b.active["owner"] = start, start
		b.fails[operation] = denied
		log, err := b.run(t, settings)
		require.ErrorContains(t, err, want)
		assert.Contains(t, log, want)
		assert.Empty(t, b.disabled)
		assert.Equal(t, operation != "List", len(b.metrics) == 1, "the metrics are published all the same")
	}
}

func TestActivatesTwentyAtATime(t *testing.T) {
	t.Parallel()
	b, s := newBilling(), Settings{}
	for i := range 45 {
		key := fmt.Sprint("key", i)
		s.Keys = append(s.Keys, key)
		b.known[key] = start
	}
	_, err := b.run(t, s)
	require.NoError(t, err)
	assert.Len(t, b.batches, 3)
	assert.Len(t, b.batches[0], 20)
	assert.Len(t, b.active, 45)
}

func TestParseSettings(t *testing.T) {
	t.Parallel()
	s, err := ParseSettings(`{"keys":["project"],"backfillMonths":3}`)
	require.NoError(t, err)
	assert.Equal(t, Settings{Keys: []string{"project"}, BackfillMonths: 3}, s)
	_, err = ParseSettings(`{"keys":["a","","a"],"backfillMonths":13}`)
	for _, want := range []string{"keys[1] is empty", `keys[2]: "a" comes twice`, "backfillMonths: got 13; use 0 to 12"} {
		assert.ErrorContains(t, err, want)
	}
	for text, want := range map[string]string{"{}": "keys is required", `{"key":[]}`: `unknown field "key"`, "{}{}": "text follows", "": "EOF"} {
		_, err := ParseSettings(text)
		assert.ErrorContains(t, err, want)
	}
}

func TestRuleOf(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"resources":["arn:aws:events:eu-west-1:111122223333:rule/stack-Rule-1"]}`: "stack-Rule-1",
		`{"resources":[]}`: "", `{"resources":["arn:aws:s3:::b"]}`: "", `{}`: "", `"x"`: "", ``: "", `null`: "",
	} {
		assert.Equal(t, want, ruleOf([]byte(event)), event)
	}
}
