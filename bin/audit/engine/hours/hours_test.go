package hours_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func file(t *testing.T, text string) hours.Metric {
	t.Helper()
	path := filepath.Join(t.TempDir(), "metric.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	m, err := hours.File(path)
	require.NoError(t, err)
	return m
}

func TestAnHourWithCallsButNoRecordIsSilent(t *testing.T) {
	t.Parallel()
	m := file(t, `[
		{"region": "eu-central-1", "hour": "2026-03-01T12:00:00Z", "invocations": 5},
		{"region": "eu-central-1", "hour": "2026-03-01T13:00:00Z", "invocations": 2},
		{"region": "eu-central-1", "hour": "2026-03-01T13:00:00Z", "invocations": 3},
		{"region": "us-east-1", "hour": "2026-03-01T12:00:00Z", "invocations": 7},
		{"region": "us-east-1", "hour": "2026-03-01T13:00:00Z", "invocations": 0}]`)
	recorded := map[hours.Key]int64{
		{Region: "eu-central-1", Hour: noon}: 4,
		{Region: "us-east-1", Hour: noon}:    0, // failed calls only
	}
	require.Equal(t, engine.Hours{Checked: true, Silent: []engine.Silent{
		{Region: "us-east-1", Hour: noon, Calls: 7},
		{Region: "eu-central-1", Hour: noon.Add(time.Hour), Calls: 5},
	}}, hours.Check(t.Context(), m, time.Time{}, time.Time{}, recorded))
}

func TestOnlyWholeHoursAreCompared(t *testing.T) {
	t.Parallel()
	m := file(t, `[
		{"region": "r", "hour": "2026-03-01T12:00:00Z", "invocations": 1},
		{"region": "r", "hour": "2026-03-01T13:00:00Z", "invocations": 1},
		{"region": "r", "hour": "2026-03-01T14:00:00Z", "invocations": 1},
		{"region": "r", "hour": "2026-03-01T15:00:00Z", "invocations": 1}]`)
	got := hours.Check(t.Context(), m, noon.Add(time.Minute), noon.Add(3*time.Hour+time.Minute), nil)
	require.Equal(t, []engine.Silent{
		{Region: "r", Hour: noon.Add(time.Hour), Calls: 1},
		{Region: "r", Hour: noon.Add(2 * time.Hour), Calls: 1},
	}, got.Silent)
	require.Len(t, hours.Check(t.Context(), m, noon, noon.Add(4*time.Hour), nil).Silent, 4)
}

func TestWithoutAMetricNothingIsClaimed(t *testing.T) {
	t.Parallel()
	got := hours.Check(t.Context(), nil, time.Time{}, time.Time{}, nil)
	require.Equal(t, engine.Hours{Why: "no metric to compare with; give --metrics"}, got)
}

func TestAMetricThatKnowsNothingProvesNothing(t *testing.T) {
	t.Parallel()
	got := hours.Check(t.Context(), file(t, `[]`), noon, noon.Add(time.Hour), map[hours.Key]int64{{Region: "r", Hour: noon}: 1})
	require.False(t, got.Checked)
	require.Contains(t, got.Why, "knows of no call")
	require.True(t, hours.Check(t.Context(), file(t, `[]`), noon, noon.Add(time.Hour), nil).Checked)
}

func TestAFileThatIsNoMetricIsRefused(t *testing.T) {
	t.Parallel()
	_, err := hours.File(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	path := filepath.Join(t.TempDir(), "metric.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"Values": [1]}`), 0o600))
	_, err = hours.File(path)
	require.ErrorContains(t, err, "is no metric")
	require.ErrorContains(t, err, `"invocations":118`)
}

// watch plays CloudWatch: one page for each value.
type watch struct {
	values  []float64
	err     error
	regions []string
	asked   *cloudwatch.GetMetricDataInput
}

func (w *watch) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, opts ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	var o cloudwatch.Options
	for _, opt := range opts {
		opt(&o)
	}
	page := 0
	if in.NextToken != nil {
		page = len(*in.NextToken)
	} else {
		w.regions, w.asked = append(w.regions, o.Region), in
	}
	out := &cloudwatch.GetMetricDataOutput{MetricDataResults: []types.MetricDataResult{{
		Timestamps: []time.Time{in.StartTime.Add(time.Duration(page) * time.Hour)}, Values: []float64{w.values[page]},
	}}}
	if page+1 < len(w.values) {
		out.NextToken = aws.String("xxxxxxxx"[:page+1])
	}
	return out, w.err
}

func TestCloudWatchIsAskedInEachRegion(t *testing.T) {
	t.Parallel()
	w := &watch{values: []float64{3, 0, 2}}
	m := hours.CloudWatch(w, "eu-central-1")
	recorded := map[hours.Key]int64{{Region: "us-east-1", Hour: noon}: 1}
	got := hours.Check(t.Context(), m, noon, noon.Add(3*time.Hour), recorded)
	require.Equal(t, engine.Hours{Checked: true, Silent: []engine.Silent{
		{Region: "eu-central-1", Hour: noon, Calls: 3},
		{Region: "eu-central-1", Hour: noon.Add(2 * time.Hour), Calls: 2},
		{Region: "us-east-1", Hour: noon.Add(2 * time.Hour), Calls: 2},
	}}, got)
	require.Equal(t, []string{"us-east-1", "eu-central-1"}, w.regions)
	require.Equal(t, noon, *w.asked.StartTime)
	require.Equal(t, noon.Add(3*time.Hour), *w.asked.EndTime)
}

func TestWhatCloudWatchDoesNotTellIsNoClaim(t *testing.T) {
	t.Parallel()
	m := hours.CloudWatch(&watch{values: []float64{1}, err: errors.New("access denied")}, "eu-central-1")
	got := hours.Check(t.Context(), m, noon, time.Time{}, nil)
	require.Equal(t, engine.Hours{Why: "ask CloudWatch in eu-central-1: access denied"}, got)

	got = hours.Check(t.Context(), m, time.Time{}, time.Time{}, nil)
	require.False(t, got.Checked)
	require.Contains(t, got.Why, "give --from")
}
