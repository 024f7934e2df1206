package logstore_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// requireBodies fetches the bodies that records point to.
func requireBodies(t *testing.T, store logstore.Store) {
	t.Helper()
	var mu sync.Mutex
	var urls []string
	_, err := (&logstore.Reader{Store: store}).Each(t.Context(), func(_ int, _ string, line []byte) error {
		var record struct {
			Input  struct{ InputBodyS3Path string }
			Output struct{ OutputBodyS3Path string }
		}
		if json.Unmarshal(line, &record) != nil {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		for _, url := range []string{record.Input.InputBodyS3Path, record.Output.OutputBodyS3Path} {
			if url != "" {
				urls = append(urls, url)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(urls), 3)
	for _, url := range urls {
		body, err := logstore.Body(t.Context(), store, url, 1<<20)
		require.NoError(t, err)
		assert.True(t, json.Valid(body))
		assert.Greater(t, len(body), 100_000)
		_, err = logstore.Body(t.Context(), store, url, 100_000)
		assert.ErrorContains(t, err, "longer than 100000 bytes")
	}
}

func TestFindsBodiesWhateverPartOfTheBucketWasCopied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	traffic := recordtest.Traffic{Records: 1000, Hours: 1, Regions: []string{"eu-west-1"}, Prefix: "trail"}
	_, err := traffic.Write(t.Context(), recordtest.ToDir(dir))
	require.NoError(t, err)
	for _, folder := range []string{"", "trail", "trail/AWSLogs/111122223333", "trail/AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1/2026/11/02/00"} {
		requireBodies(t, logstore.Dir(filepath.Join(dir, filepath.FromSlash(folder))))
	}

	store := logstore.Dir(filepath.Join(dir, "trail"))
	_, err = logstore.Body(t.Context(), store, "s3://invocation-logs/trail/none.json.gz", 1)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "copy its data folder as well")
	for _, url := range []string{"", "none", "s3://", "s3://bucket", "https://example.com/x"} {
		_, err = logstore.Body(t.Context(), store, url, 1)
		assert.ErrorContains(t, err, "not of the form s3://BUCKET/KEY")
	}
}

func TestBodiesAreNotLookedForOutsideTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, recordtest.ToDir(dir)("secret", []byte("secret")))
	require.NoError(t, recordtest.ToDir(dir)("logs/body", []byte("body")))
	store := logstore.Dir(filepath.Join(dir, "logs"))
	body, err := logstore.Body(t.Context(), store, "s3://bucket/logs/body", 100)
	require.NoError(t, err)
	assert.Equal(t, "body", string(body))
	for _, url := range []string{"s3://bucket/../secret", "s3://bucket/logs/../../secret", "s3://bucket//" + dir + "/secret"} {
		_, err := logstore.Body(t.Context(), store, url, 100)
		assert.ErrorIs(t, err, fs.ErrNotExist, url)
	}
}

func TestFindsTheEventsOfACall(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	traffic := everything()
	truth, err := traffic.Write(t.Context(), recordtest.ToDir(dir))
	require.NoError(t, err)
	for _, example := range truth.Examples[:10] {
		span := logstore.Range{From: example.At, To: example.At.Add(1)}
		events, stats, err := logstore.FindEvents(t.Context(), logstore.Dir(dir), span, example.RequestID)
		require.NoError(t, err)
		require.NotEmpty(t, events)
		assert.Less(t, stats.Objects, truth.Objects, "one day of several")
		calls := 0
		for _, event := range events {
			var said struct{ RequestID, EventType, EventSource string }
			require.NoError(t, json.Unmarshal(event.Raw, &said))
			assert.Equal(t, example.RequestID, said.RequestID)
			assert.Contains(t, event.Object, "/CloudTrail/")
			if said.EventType == "AwsApiCall" {
				calls++
			}
		}
		assert.Equal(t, 1, calls)
	}
	none, _, err := logstore.FindEvents(t.Context(), logstore.Dir(dir), logstore.Range{}, "not-an-id")
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestReportsLogFilesOfCloudTrailThatAreBroken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := recordtest.ToDir(dir)
	const day = "AWSLogs/o-abc123/111122223333/CloudTrail/eu-west-1/2026/11/02/"
	require.NoError(t, put(day+"a.json.gz", zipped(t, `{"Records":[{"requestID":"id-1"},{"requestID":"id-2"}]}`)))
	require.NoError(t, put(day+"b.json.gz", zipped(t, `{"Records":[{"requestID":"id-1"}`)))
	require.NoError(t, put(day+"c.json.gz", zipped(t, `{"Records":[{"requestID":"id-1"}]}`)[:20]))
	require.NoError(t, put("AWSLogs/o-abc123/111122223333/CloudTrail-Digest/eu-west-1/2026/11/02/d.json.gz", zipped(t, `{"Records":[{"requestID":"id-1"}]}`)))
	events, stats, err := logstore.FindEvents(t.Context(), logstore.Dir(dir), logstore.Range{}, "id-1")
	require.NoError(t, err)
	require.Len(t, events, 1)
	assert.JSONEq(t, `{"requestID":"id-1"}`, string(events[0].Raw))
	assert.EqualValues(t, 3, stats.Objects)
	assert.EqualValues(t, 2, stats.BrokenObjects)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = logstore.FindEvents(ctx, logstore.Dir(dir), logstore.Range{}, "id-1")
	assert.ErrorIs(t, err, context.Canceled)
	assert.True(t, strings.HasPrefix(events[0].Object, filepath.ToSlash(dir)))
}
