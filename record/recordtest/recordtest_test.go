package recordtest_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// store keeps objects in memory.
type store struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (s *store) put(key string, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.objects[key]; exists {
		return errors.New("twice: " + key)
	}
	s.objects[key] = bytes.Clone(content)
	return nil
}

func write(t *testing.T, traffic recordtest.Traffic) (map[string][]byte, *recordtest.Truth) {
	t.Helper()
	s := &store{objects: map[string][]byte{}}
	truth, err := traffic.Write(t.Context(), s.put)
	require.NoError(t, err)
	return s.objects, truth
}

// lines returns the whole lines that can be read of an object, and how that
// ended.
func lines(t *testing.T, object []byte) (whole [][]byte, end error) {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(object))
	require.NoError(t, err)
	plain, end := io.ReadAll(reader)
	for line := range bytes.Lines(plain) {
		if bytes.HasSuffix(line, []byte("\n")) {
			whole = append(whole, line)
		}
	}
	return whole, end
}

// record is what this test looks at.
type record struct {
	SchemaType string    `json:"schemaType"`
	Timestamp  time.Time `json:"timestamp"`
	AccountID  string    `json:"accountId"`
	Region     string    `json:"region"`
	RequestID  string    `json:"requestId"`
	Operation  string    `json:"operation"`
	ModelID    string    `json:"modelId"`
	ErrorCode  string    `json:"errorCode"`
	Identity   struct {
		ARN string `json:"arn"`
	} `json:"identity"`
	Metadata map[string]string `json:"requestMetadata"`
	Input    struct {
		Body       json.RawMessage `json:"inputBodyJson"`
		Path       string          `json:"inputBodyS3Path"`
		Tokens     int64           `json:"inputTokenCount"`
		CacheRead  int64           `json:"cacheReadInputTokenCount"`
		CacheWrite int64           `json:"cacheWriteInputTokenCount"`
	} `json:"input"`
	Output struct {
		Body   json.RawMessage `json:"outputBodyJson"`
		Path   string          `json:"outputBodyS3Path"`
		Tokens int64           `json:"outputTokenCount"`
	} `json:"output"`
}

var logKey = regexp.MustCompile(`^trail/AWSLogs/\d{12}/BedrockModelInvocationLogs/[a-z]+-[a-z]+-\d/\d{4}/\d{2}/\d{2}/\d{2}/\d{8}T\d{9}Z_[0-9a-f]{16}\.json\.gz$`)

func everything() recordtest.Traffic {
	return recordtest.Traffic{
		Seed: 7, Records: 3000, Hours: 30, Accounts: []string{"111122223333", "444455556666"}, RecordsPerObject: 40,
		Prefix: "trail", CloudTrail: true, Metrics: true,
		Faults: recordtest.Faults{Truncated: 3, Broken: 4, Duplicated: 2, Late: 5, Silent: 2},
	}
}

func TestWritesWhatTheTruthSays(t *testing.T) {
	t.Parallel()
	objects, truth := write(t, everything())

	got := recordtest.Truth{
		ByUser: map[string]recordtest.Sums{}, ByTask: map[string]recordtest.Sums{}, ByKnowledgeBase: map[string]recordtest.Sums{},
		ByRegion: map[string]recordtest.Sums{}, ByOperation: map[string]recordtest.Sums{}, ByError: map[string]recordtest.Sums{},
		ByPrincipal: map[string]recordtest.Sums{}, ByModelID: map[string]recordtest.Sums{},
		ByUserModel: map[recordtest.UserModel]recordtest.Sums{}, ByHour: map[time.Time]recordtest.Sums{},
	}
	seen := map[string]bool{}
	late := 0
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		object := objects[key]
		switch {
		case strings.HasSuffix(key, "amazon-bedrock-logs-permission-check"):
			assert.Empty(t, object)
			got.Markers++
			continue
		case strings.Contains(key, "/data/"):
			got.SideFiles++
			got.Bytes += int64(len(object))
			continue
		case key == "trail/"+recordtest.MetricsKey, strings.Contains(key, "/CloudTrail/"):
			continue
		}
		require.Regexp(t, logKey, key)
		got.Objects++
		got.Bytes += int64(len(object))
		whole, end := lines(t, object)
		if end != nil {
			got.Truncated++
		}
		hour, err := time.Parse("2006/01/02/15", path.Dir(key)[len(path.Dir(key))-13:])
		require.NoError(t, err)
		isLate := false
		for _, line := range whole {
			var r record
			if json.Unmarshal(line, &r) != nil {
				got.Broken++
				continue
			}
			if seen[r.RequestID] {
				got.Duplicates++
				continue
			}
			seen[r.RequestID] = true
			isLate = isLate || hour.Sub(r.Timestamp.Truncate(time.Hour)) == time.Hour
			assert.LessOrEqual(t, hour.Sub(r.Timestamp.Truncate(time.Hour)), time.Hour)
			count(&got, r)
		}
		if isLate {
			late++
		}
	}

	assert.Equal(t, 5, late)
	assert.EqualValues(t, 3000, got.Total.Calls+truth.Lost)
	want := *truth
	want.RawBytes, want.Lost, want.Events, want.Hours, want.Silent, want.Examples, want.ByFoundation = 0, 0, 0, nil, nil, nil, nil
	assert.Equal(t, want, got)
	assert.Positive(t, truth.Lost)
	assert.Positive(t, truth.SideFiles)
	for _, example := range truth.Examples {
		assert.True(t, seen[example.RequestID])
	}
}

func count(got *recordtest.Truth, r record) {
	sums := recordtest.Sums{
		Calls: 1, InputTokens: r.Input.Tokens, OutputTokens: r.Output.Tokens,
		CacheReadTokens: r.Input.CacheRead, CacheWriteTokens: r.Input.CacheWrite,
	}
	if r.ErrorCode != "" {
		sums.Errors = 1
	}
	principal := regexp.MustCompile(`^arn:aws:sts::(\d+):assumed-role/([^/]+)/.*$`).ReplaceAllString(r.Identity.ARN, "arn:aws:iam::$1:role/$2")
	add(&got.Total, sums)
	for _, by := range []struct {
		sums map[string]recordtest.Sums
		key  string
	}{
		{got.ByUser, r.Metadata["user_id"]}, {got.ByTask, r.Metadata["task_type"]}, {got.ByKnowledgeBase, r.Metadata["kb_id"]},
		{got.ByRegion, r.Region}, {got.ByOperation, r.Operation}, {got.ByError, r.ErrorCode},
		{got.ByPrincipal, principal}, {got.ByModelID, r.ModelID},
	} {
		addTo(by.sums, by.key, sums)
	}
	addTo(got.ByUserModel, recordtest.UserModel{User: r.Metadata["user_id"], ModelID: r.ModelID}, sums)
	addTo(got.ByHour, r.Timestamp.Truncate(time.Hour), sums)
	body := string(r.Output.Body)
	if strings.Contains(body, `"stopReason":"guardrail_intervened"`) || strings.Contains(body, `"amazon-bedrock-guardrailAction":"INTERVENED"`) {
		got.Intervened++
	}
	if strings.HasSuffix(body, `"[DONE]"]`) {
		got.StreamedDone++
	}
}

func addTo[K comparable](sums map[K]recordtest.Sums, key K, more recordtest.Sums) {
	sum := sums[key]
	add(&sum, more)
	sums[key] = sum
}

func add(sum *recordtest.Sums, more recordtest.Sums) {
	sum.Calls += more.Calls
	sum.Errors += more.Errors
	sum.InputTokens += more.InputTokens
	sum.OutputTokens += more.OutputTokens
	sum.CacheReadTokens += more.CacheReadTokens
	sum.CacheWriteTokens += more.CacheWriteTokens
}

func TestSmallSetsHaveOneOfEveryKind(t *testing.T) {
	t.Parallel()
	objects, truth := write(t, recordtest.Traffic{Records: 120})
	assert.Len(t, truth.ByOperation, 4)
	assert.Len(t, truth.ByError, 11, "ten errors, and none")
	foundations := slices.DeleteFunc(slices.Collect(maps.Keys(truth.ByFoundation)), func(id string) bool { return strings.HasPrefix(id, "arn:") })
	assert.Len(t, foundations, 20)
	assert.GreaterOrEqual(t, truth.Intervened, int64(4))
	assert.Positive(t, truth.StreamedDone)
	assert.Positive(t, truth.ByUser[""].Calls)

	var all []byte
	for key, object := range objects {
		if logKey.MatchString("trail/" + key) {
			whole, err := lines(t, object)
			require.NoError(t, err)
			all = append(all, bytes.Join(whole, nil)...)
		}
	}
	for _, want := range []string{
		`"modelId":"us.anthropic`, `"modelId":"eu.`, `"modelId":"apac.`, `"modelId":"global.`,
		`::foundation-model/`, `:inference-profile/`, `:application-inference-profile/`, `:provisioned-model/`,
		`:custom-model-deployment/`, `:imported-model/`, `:default-prompt-router/`,
		`"toolConfig"`, `"toolUse"`, `"tool_use"`, `"input_json_delta"`, `"document"`, `"cachePoint"`, `"cache_control"`,
		`"inputBodyS3Path":"s3://invocation-logs/AWSLogs/`, `"outputBodyS3Path":"s3://invocation-logs/AWSLogs/`,
		`"stopReason":"guardrail_intervened"`, `"amazon-bedrock-guardrailAction":"INTERVENED"`, `"[DONE]"`,
		`"inferenceRegion"`, `"serviceTier"`, `"embedding":[`, `"input":{}`, `"output":{}`, `:root"`,
	} {
		assert.Contains(t, string(all), want)
	}
}

func TestLinesAreJSONWithValidBodies(t *testing.T) {
	t.Parallel()
	objects, _ := write(t, recordtest.Traffic{Records: 2000, Seed: 3})
	for key, object := range objects {
		if strings.HasSuffix(key, "check") || strings.HasSuffix(key, ".pdf") {
			continue
		}
		whole, err := lines(t, object)
		require.NoError(t, err)
		for _, line := range whole {
			require.True(t, json.Valid(line), "%s: %s", key, line)
		}
		if logKey.MatchString("trail/" + key) {
			for _, line := range whole {
				var r record
				require.NoError(t, json.Unmarshal(line, &r))
				assert.Equal(t, "ModelInvocationLog", r.SchemaType)
				assert.LessOrEqual(t, len(line), 400_000)
				for _, path := range []string{r.Input.Path, r.Output.Path} {
					if path != "" {
						assert.Contains(t, objects, strings.TrimPrefix(path, "s3://invocation-logs/"))
					}
				}
			}
		}
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	digest := func(seed uint64) string {
		traffic := everything()
		traffic.Seed = seed
		objects, _ := write(t, traffic)
		hash := sha256.New()
		for _, key := range slices.Sorted(maps.Keys(objects)) {
			io.WriteString(hash, key)
			hash.Write(objects[key])
		}
		return string(hash.Sum(nil))
	}
	assert.Equal(t, digest(1), digest(1))
	assert.NotEqual(t, digest(1), digest(2))
}

func TestMetadataOnlyRecordsHaveNoBodies(t *testing.T) {
	t.Parallel()
	objects, truth := write(t, recordtest.Traffic{Records: 500, MetadataOnly: true})
	assert.Zero(t, truth.SideFiles)
	for key, object := range objects {
		if strings.HasSuffix(key, "check") {
			continue
		}
		whole, err := lines(t, object)
		require.NoError(t, err)
		for _, line := range whole {
			assert.NotContains(t, string(line), "Body")
		}
	}
}

func TestEveryCallHasAnEventInCloudTrail(t *testing.T) {
	t.Parallel()
	objects, truth := write(t, everything())
	layout := regexp.MustCompile(`^trail/AWSLogs/(\d{12})/CloudTrail/([a-z0-9-]+)/2026/11/0\d/(\d{12})_CloudTrail_([a-z0-9-]+)_\d{8}T\d{4}Z_[0-9A-F]{16}\.json\.gz$`)
	ids := map[string]bool{}
	for key, object := range objects {
		if !strings.Contains(key, "/CloudTrail/") {
			continue
		}
		assert.Regexp(t, layout, key)
		reader, err := gzip.NewReader(bytes.NewReader(object))
		require.NoError(t, err)
		var file struct {
			Records []struct {
				EventSource, EventName, EventType, RequestID string
			}
		}
		require.NoError(t, json.NewDecoder(reader).Decode(&file))
		for _, event := range file.Records {
			assert.Equal(t, "bedrock.amazonaws.com", event.EventSource)
			if event.EventType == "AwsApiCall" {
				assert.False(t, ids[event.RequestID])
				ids[event.RequestID] = true
			}
		}
	}
	assert.Len(t, ids, 3000)
	assert.EqualValues(t, 3000, truth.Events)
	for _, example := range truth.Examples {
		assert.True(t, ids[example.RequestID])
	}
}

func TestMetricsCountWhatTheLogsLack(t *testing.T) {
	t.Parallel()
	objects, truth := write(t, everything())
	var hours []struct {
		Region      string
		Hour        time.Time
		Invocations int64
	}
	require.NoError(t, json.Unmarshal(objects["trail/"+recordtest.MetricsKey], &hours))
	require.Len(t, truth.Silent, 2)
	sum, silent := int64(0), 0
	for _, hour := range hours {
		sum += hour.Invocations
		logged := slices.ContainsFunc(slices.Collect(maps.Keys(objects)), func(key string) bool {
			return strings.Contains(key, hour.Region+hour.Hour.Format("/2006/01/02/15/2006"))
		})
		if slices.ContainsFunc(truth.Silent, func(s recordtest.Hour) bool { return s.Region == hour.Region && s.Start.Equal(hour.Hour) }) {
			silent++
			assert.False(t, logged)
		}
	}
	assert.Equal(t, 2, silent)
	errorsReadable := truth.Total.Errors
	assert.LessOrEqual(t, sum, 3000+truth.Silent[0].Invocations+truth.Silent[1].Invocations-errorsReadable)
	assert.True(t, slices.IsSortedFunc(truth.Hours, func(a, b recordtest.Hour) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Region, b.Region))
	}))
}

func TestNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := recordtest.Traffic{
		From: time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC), Hours: -1, Accounts: []string{"12"}, Faults: recordtest.Faults{Late: -1},
	}.Write(t.Context(), nil)
	for _, want := range []string{"Records is at least 1, got 0", "Hours is at least 1, got -1", `got "12"`, "a full hour", "Faults are counts"} {
		assert.ErrorContains(t, err, want)
	}
	_, err = recordtest.Traffic{Records: 10, Faults: recordtest.Faults{Late: 100}}.Write(t.Context(), nil)
	assert.ErrorContains(t, err, "lower RecordsPerObject or add Records")
}

func TestStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	_, err := recordtest.Traffic{Records: 1000}.Write(t.Context(), func(string, []byte) error { return full })
	assert.ErrorIs(t, err, full)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = recordtest.Traffic{Records: 1000}.Write(ctx, func(string, []byte) error { return nil })
	assert.ErrorIs(t, err, context.Canceled)
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		truth, err := recordtest.Traffic{Records: 20_000}.Write(b.Context(), func(string, []byte) error { return nil })
		require.NoError(b, err)
		b.SetBytes(truth.RawBytes)
		b.ReportMetric(float64(truth.RawBytes)/float64(truth.Bytes), "ratio")
		b.ReportMetric(float64(truth.RawBytes)/20_000, "B/record")
	}
	b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
