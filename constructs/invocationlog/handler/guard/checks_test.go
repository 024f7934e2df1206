package guard

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestBucketLock(t *testing.T) {
	t.Parallel()
	lock := func(mode string, days int) ObjectLock { return ObjectLock{Enabled: true, Mode: mode, Days: days} }
	for name, c := range map[string]struct {
		declared LockedBucket
		live     ObjectLock
		want     string
	}{
		"as declared":         {LockedBucket{"b", compliance, 2557}, lock(compliance, 2557), ""},
		"longer":              {LockedBucket{"b", compliance, 2557}, lock(compliance, 3000), ""},
		"stricter":            {LockedBucket{"b", governance, 1}, lock(compliance, 1), ""},
		"shorter":             {LockedBucket{"b", compliance, 2557}, lock(compliance, 2555), "days: live 2555, declared 2557"},
		"laxer":               {LockedBucket{"b", compliance, 1}, lock(governance, 1), "mode: live GOVERNANCE, declared COMPLIANCE"},
		"laxer and shorter":   {LockedBucket{"b", compliance, 2}, lock(governance, 1), "mode: live GOVERNANCE, declared COMPLIANCE, days: live 1, declared 2"},
		"without a retention": {LockedBucket{"b", compliance, 2}, ObjectLock{Enabled: true}, "no default retention, declared COMPLIANCE for 2 days"},
		"off":                 {LockedBucket{"b", compliance, 2}, ObjectLock{}, "Object Lock is off"},
	} {
		assert.Equal(t, c.want, c.declared.difference(c.live), name)
	}
}

func TestLogGroup(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		declared KeptLogGroup
		live     LogGroup
		want     string
	}{
		"as declared":       {KeptLogGroup{"g", 2557, "k"}, LogGroup{2557, "k"}, ""},
		"longer":            {KeptLogGroup{"g", 2557, "k"}, LogGroup{3653, "k"}, ""},
		"for ever":          {KeptLogGroup{"g", 2557, "k"}, LogGroup{0, "k"}, ""},
		"shorter":           {KeptLogGroup{"g", 2557, "k"}, LogGroup{30, "k"}, "retention: live 30 days, declared 2557 days"},
		"no more for ever":  {KeptLogGroup{"g", 0, ""}, LogGroup{3653, ""}, "retention: live 3653 days, declared for ever"},
		"another key":       {KeptLogGroup{"g", 1, "k"}, LogGroup{1, "x"}, "key: live x, declared k"},
		"no key":            {KeptLogGroup{"g", 1, "k"}, LogGroup{1, ""}, "key: live none, declared k"},
		"a key of somebody": {KeptLogGroup{"g", 1, ""}, LogGroup{1, "x"}, "key: live x, declared none"},
		"both":              {KeptLogGroup{"g", 2, "k"}, LogGroup{1, ""}, "retention: live 1 day, declared 2 days, key: live none, declared k"},
	} {
		assert.Equal(t, c.want, c.declared.difference(c.live), name)
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	assert.Empty(t, keyDifference("Enabled"))
	assert.Equal(t, "state: live PendingDeletion, declared Enabled", keyDifference("PendingDeletion"))
	assert.Equal(t, "state: live none, declared Enabled", keyDifference(""))
}

func TestTrailDifference(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration, err string) Delivery { return Delivery{Error: err, Latest: now.Add(-d)} }
	for name, c := range map[string]struct {
		status TrailStatus
		want   string
	}{
		"as declared":              {TrailStatus{IsLogging: true, Files: ago(time.Minute, ""), Digests: ago(time.Hour, "")}, ""},
		"new":                      {TrailStatus{IsLogging: true}, ""},
		"stopped":                  {TrailStatus{Files: ago(3*time.Hour, "AccessDenied")}, "is not logging"},
		"quiet for a day":          {TrailStatus{IsLogging: true, Files: ago(24*time.Hour, ""), Logs: ago(24*time.Hour, "")}, ""},
		"delivers after an error":  {TrailStatus{IsLogging: true, Files: ago(time.Minute, "AccessDenied"), Logs: ago(time.Hour, "Access denied")}, ""},
		"just under the limit":     {TrailStatus{IsLogging: true, Files: ago(2*time.Hour-time.Second, "AccessDenied")}, ""},
		"delivers no files":        {TrailStatus{IsLogging: true, Files: ago(2*time.Hour, "AccessDenied")}, "has delivered no log files to its bucket since 2026-01-01T10:00:00Z: AccessDenied"},
		"has never delivered":      {TrailStatus{IsLogging: true, Digests: Delivery{Error: "KMS.DisabledException"}}, "has delivered no digests to its bucket ever: KMS.DisabledException"},
		"delivers files, and only": {TrailStatus{IsLogging: true, Files: ago(time.Minute, ""), Digests: ago(5*time.Hour, "d"), Logs: ago(3*time.Hour, "l")}, "has delivered no digests to its bucket since 2026-01-01T07:00:00Z: d, has delivered no events to its log group since 2026-01-01T09:00:00Z: l"},
	} {
		assert.Equal(t, c.want, c.status.difference(now), name)
	}
}

func TestWhatDoesNotExistIsADifferenceAndWhatCannotBeReadIsNone(t *testing.T) {
	t.Parallel()
	var found result
	found.add("bucket a", "", nil)
	assert.Equal(t, Same, found.decision())
	found.add("bucket b", "", errors.New("access denied"))
	assert.Equal(t, Unknown, found.decision())
	found.add("bucket c", "", ErrNotFound)
	assert.Equal(t, Drift, found.decision())
	assert.Equal(t, "bucket c: does not exist", found.difference())
	assert.False(t, found.complete())
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	same := result{check: "a"}
	drifts := result{check: "b", differences: []string{"d"}}
	unknown := result{check: "c", failures: []error{errors.New("denied")}}
	inPart := result{check: "d", differences: []string{"d"}, failures: []error{errors.New("denied")}}
	drift := func(check string, value float64) Datum { return Datum{driftMetric, value, check} }
	made := func(check string) Datum { return Datum{checksMetric, 1, check} }
	for name, c := range map[string]struct {
		results []result
		want    []Datum
	}{
		"all well":              {[]result{same}, []Datum{drift("a", 0), made("a"), drift("", 0), made("")}},
		"drift in one":          {[]result{same, drifts}, []Datum{drift("a", 0), made("a"), drift("b", 1), made("b"), drift("", 1), made("")}},
		"one could not be made": {[]result{drifts, unknown, same}, []Datum{drift("b", 1), made("b"), drift("a", 0), made("a"), drift("", 1)}},
		"one was made in part":  {[]result{inPart}, []Datum{drift("d", 1), drift("", 1)}},
		"well as far as seen":   {[]result{same, unknown}, []Datum{drift("a", 0), made("a")}},
		"none could be made":    {[]result{unknown}, nil},
	} {
		assert.Equal(t, c.want, metrics(c.results), name)
	}
}
