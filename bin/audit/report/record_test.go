package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// madeUp writes traffic and opens it.
func madeUp(t *testing.T, traffic recordtest.Traffic) (*duckdb.Engine, *recordtest.Truth) {
	t.Helper()
	dir := t.TempDir()
	truth, err := traffic.Write(t.Context(), recordtest.ToDir(dir))
	require.NoError(t, err)
	metric, err := hours.File(dir + "/" + recordtest.MetricsKey)
	require.NoError(t, err)
	e, err := duckdb.Open(t.Context(), duckdb.Options{Store: logstore.Dir(dir), Metric: metric, ReadOnce: true})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, e.Close()) })
	return e, truth
}

// The traffic's own account of itself comes from no code that the report rests on.
func TestTheReportTellsTheTruth(t *testing.T) {
	e, truth := madeUp(t, recordtest.Traffic{
		Seed: 3, Records: 4000, Hours: 72, Users: 30, Metrics: true, RecordsPerObject: 50,
		Faults: recordtest.Faults{Truncated: 2, Broken: 3, Duplicated: 2, Late: 2, Silent: 1},
	})
	c, p := composed(t, e, ledgersql.Filter{})
	addUp(t, p)

	sums := func(a amounts) recordtest.Sums {
		return recordtest.Sums{Calls: a.Calls, InputTokens: a.Input, OutputTokens: a.Output, CacheReadTokens: a.CacheRead, CacheWriteTokens: a.CacheWrite}
	}
	want := truth.Total
	want.Errors = 0
	assert.Equal(t, want, sums(c.Totals.amounts))
	assert.Equal(t, truth.Total.Errors, c.Totals.Errors)
	assert.Equal(t, truth.ByError["ThrottlingException"].Calls, c.Totals.Throttles)
	assert.Positive(t, c.Totals.Throttles)
	assert.Equal(t, truth.Intervened, c.Totals.Interventions)
	assert.Positive(t, c.Totals.Interventions)
	assert.Equal(t, truth.ByUser[""].Calls, c.Totals.Unattributed)
	assert.Positive(t, c.Totals.Unattributed)
	assert.Positive(t, c.Totals.NanoUSD)

	for name, split := range map[string]struct {
		truth map[string]recordtest.Sums
		said  breakdown
	}{"user": {truth.ByUser, c.Users}, "task": {truth.ByTask, c.Tasks}} {
		require.NotEmpty(t, split.said.Rows)
		all := amounts{}
		for _, row := range split.said.Rows {
			want := split.truth[row.Text]
			want.Errors = 0
			assert.Equal(t, want, sums(row.amounts), "%s %s", name, row.Text)
			all = all.plus(row.amounts)
		}
		if split.said.Others != nil {
			all = all.plus(*split.said.Others)
		}
		assert.Equal(t, c.Totals.amounts, all)
	}
	assert.NotNil(t, c.Users.Others)
	for _, code := range by(c.Errors, 0) {
		assert.Equal(t, truth.ByError[code.Names[0].Text].Calls, code.Calls, code.Names)
	}
	days := map[string]int64{}
	for hour, s := range truth.ByHour {
		days[hour.Format("2 Jan 2006")] += s.Errors
	}
	require.Equal(t, "day", c.Series.Step)
	for _, d := range c.Series.Points {
		assert.Equal(t, days[day(d.Start)], d.Failed+d.Throttled, day(d.Start))
	}

	k := c.Completeness
	assert.Equal(t, truth.Objects, k.Objects)
	assert.Equal(t, truth.Duplicates, k.Duplicates)
	assert.Equal(t, truth.Truncated, k.BrokenObjects)
	assert.Equal(t, truth.Broken, k.BrokenLines)
	assert.Len(t, k.Hours.Silent, len(truth.Silent))
	assert.Equal(t, "gaps", p.Statement.State)
}
