package logstore_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// everything is traffic with every fault.
func everything() recordtest.Traffic {
	return recordtest.Traffic{
		Seed: 5, Records: 2000, Hours: 30, Accounts: []string{"111122223333", "444455556666"}, RecordsPerObject: 25,
		Prefix: "trail", CloudTrail: true, Metrics: true,
		Faults: recordtest.Faults{Truncated: 4, Broken: 3, Duplicated: 2, Late: 2},
	}
}

// sizes adds up what is put.
func sizes(put func(string, []byte) error) (*int64, func(string, []byte) error) {
	var mu sync.Mutex
	var sum int64
	return &sum, func(key string, content []byte) error {
		if strings.Contains(key, "/BedrockModelInvocationLogs/") && !strings.Contains(key, "/data/") {
			mu.Lock()
			sum += int64(len(content))
			mu.Unlock()
		}
		return put(key, content)
	}
}

// read reads everything, and checks each line as far as to tell broken ones.
func read(t *testing.T, reader logstore.Reader) (logstore.Stats, map[string]int) {
	t.Helper()
	var mu sync.Mutex
	ids := map[string]int{}
	stats, err := reader.Each(t.Context(), func(_ int, object string, line []byte) error {
		var record struct{ RequestID string }
		if err := json.Unmarshal(line, &record); err != nil {
			return &logstore.LineError{Err: err}
		}
		assert.NotEmpty(t, object)
		mu.Lock()
		defer mu.Unlock()
		ids[record.RequestID]++
		return nil
	})
	require.NoError(t, err)
	return stats, ids
}

// requireTruth compares what was read of everything with what was written.
func requireTruth(t *testing.T, truth *recordtest.Truth, written int64, stats logstore.Stats, ids map[string]int) {
	t.Helper()
	assert.Equal(t, truth.Objects, stats.Objects)
	assert.Equal(t, truth.Total.Calls+truth.Duplicates, stats.Records)
	assert.EqualValues(t, truth.Total.Calls, len(ids))
	assert.Equal(t, truth.Broken, stats.BrokenLines)
	assert.Equal(t, truth.Truncated, stats.BrokenObjects)
	assert.Equal(t, truth.Markers+truth.SideFiles+1, stats.Skipped, "markers, side files and the metrics")
	assert.Equal(t, written, stats.Bytes)
	assert.Len(t, stats.Broken, int(truth.Broken+truth.Truncated))
}

func TestReadsAFolderWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	written, put := sizes(recordtest.ToDir(dir))
	truth, err := everything().Write(t.Context(), put)
	require.NoError(t, err)

	stats, ids := read(t, logstore.Reader{Store: logstore.Dir(dir), Workers: 3})
	requireTruth(t, truth, *written, stats, ids)
	for _, broken := range stats.Broken {
		assert.Contains(t, broken.Object, dir)
		if broken.Line == 0 {
			assert.ErrorIs(t, broken.Err, io.ErrUnexpectedEOF)
			assert.Contains(t, broken.String(), fmt.Sprintf("unexpected EOF, after %d records", broken.Records))
		} else {
			assert.Contains(t, broken.String(), fmt.Sprintf("line %d: ", broken.Line))
		}
	}
}

func TestStartsAnywhereInTheLayout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	truth, err := recordtest.Traffic{Records: 400, CloudTrail: true}.Write(t.Context(), recordtest.ToDir(dir))
	require.NoError(t, err)
	region := truth.ByRegion["eu-west-1"].Calls
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	for _, start := range []struct {
		folder string
		calls  int64
	}{
		{"", 400},
		{"AWSLogs", 400},
		{"AWSLogs/111122223333", 400},
		{"AWSLogs/111122223333/BedrockModelInvocationLogs", 400},
		{"AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1", region},
		{"AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1/2026/11/02", region},
		{"AWSLogs/111122223333/CloudTrail", 0},
	} {
		stats, ids := read(t, logstore.Reader{Store: logstore.Dir(filepath.Join(dir, filepath.FromSlash(start.folder)))})
		assert.EqualValues(t, start.calls, len(ids), start.folder)
		assert.Equal(t, start.calls, stats.Records, start.folder)
	}
	for _, folder := range []string{"eu-west-1/2026/11/02", "eu-west-1/2026/11/02/10"} {
		store := logstore.Dir(filepath.Join(dir, "AWSLogs/111122223333/BedrockModelInvocationLogs", folder))
		stats, _ := read(t, logstore.Reader{Store: store, Range: logstore.Range{From: at, To: at.Add(time.Second), Late: time.Hour}})
		assert.Positive(t, stats.Records)
		assert.Less(t, stats.Records, region)
	}
}

// watched remembers which prefixes were looked into.
type watched struct {
	logstore.Store
	mu     sync.Mutex
	walked []string
	listed []string
}

func (w *watched) List(ctx context.Context, prefix string) (logstore.Listing, error) {
	w.mu.Lock()
	w.listed = append(w.listed, prefix)
	w.mu.Unlock()
	return w.Store.List(ctx, prefix)
}

func (w *watched) Walk(ctx context.Context, prefix string) iter.Seq2[logstore.Object, error] {
	w.mu.Lock()
	w.walked = append(w.walked, prefix)
	w.mu.Unlock()
	return w.Store.Walk(ctx, prefix)
}

func TestListsOnlyTheHoursOfTheRange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := recordtest.Traffic{Records: 4000, Hours: 72, Regions: []string{"eu-west-1"}, CloudTrail: true}.Write(t.Context(), recordtest.ToDir(dir))
	require.NoError(t, err)
	day := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	const region = "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1/"
	for name, test := range map[string]struct {
		span logstore.Range
		want []string
	}{
		"within an hour": {
			logstore.Range{From: day.Add(9*time.Hour + 10*time.Minute), To: day.Add(9*time.Hour + 20*time.Minute), Late: time.Hour},
			[]string{"2026/11/03/08/", "2026/11/03/09/", "2026/11/03/10/"},
		},
		"over midnight": {
			logstore.Range{From: day.Add(-time.Hour), To: day.Add(time.Hour), Late: time.Hour},
			[]string{"2026/11/02/22/", "2026/11/02/23/", "2026/11/03/00/", "2026/11/03/01/"},
		},
		"from a time on": {
			logstore.Range{From: day.Add(47 * time.Hour)},
			[]string{"2026/11/04/22/", "2026/11/04/23/"},
		},
		"up to a time": {
			logstore.Range{To: day.Add(-23 * time.Hour), Late: time.Hour},
			[]string{"2026/11/02/00/", "2026/11/02/01/"},
		},
		"before it all": {logstore.Range{To: day.Add(-72 * time.Hour), Late: time.Hour}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := &watched{Store: logstore.Dir(dir)}
			read(t, logstore.Reader{Store: store, Range: test.span})
			var want []string
			for _, hour := range test.want {
				want = append(want, region+hour)
			}
			assert.Equal(t, want, slices.Sorted(slices.Values(store.walked)))
			for _, prefix := range store.listed {
				assert.NotContains(t, prefix, "CloudTrail")
			}
		})
	}
}

func zipped(t *testing.T, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, part := range parts {
		zip := gzip.NewWriter(&out)
		_, err := zip.Write([]byte(part))
		require.NoError(t, err)
		require.NoError(t, zip.Close())
	}
	return out.Bytes()
}

func TestSurvivesWhateverIsInAnObject(t *testing.T) {
	t.Parallel()
	noise := zipped(t, "{\"a\":1}\n{\"b\":2}\n"+strings.Repeat("{\"c\":\"0123456789\"}\n", 5000))
	flipped := bytes.Clone(noise)
	flipped[len(flipped)-5] ^= 0xff // in the checksum
	for name, test := range map[string]struct {
		file    string
		content []byte
		want    logstore.Stats
		err     string
	}{
		"plain text":             {"a.json", []byte("{}\n{}\n"), logstore.Stats{Records: 2}, ""},
		"plain text named gz":    {"a.json.gz", []byte("{}\n{}"), logstore.Stats{Records: 2}, ""},
		"no end of the last":     {"a.json.gz", zipped(t, "{}\n{}"), logstore.Stats{Records: 2}, ""},
		"empty lines, CR and LF": {"a.json.gz", zipped(t, "{}\r\n\r\n\n{}\r\n"), logstore.Stats{Records: 2}, ""},
		"several members":        {"a.json.gz", zipped(t, "{}\n{", "}\n", "", "{}\n"), logstore.Stats{Records: 3}, ""},
		"a long line":            {"a.json.gz", zipped(t, "{}\n"+strings.Repeat("x", 3000)+"\n{}\n"), logstore.Stats{Records: 2, BrokenLines: 1}, "longer than 1000 bytes"},
		"a long last line":       {"a.json.gz", zipped(t, "{}\n"+strings.Repeat("x", 3000)), logstore.Stats{Records: 1, BrokenLines: 1}, "longer than 1000 bytes"},
		"a line just short":      {"a.json.gz", zipped(t, strings.Repeat("x", 1000)+"\n"+strings.Repeat("y", 1000)), logstore.Stats{Records: 2}, ""},
		"a line just long":       {"a.json.gz", zipped(t, strings.Repeat("x", 1001)+"\n{}"), logstore.Stats{Records: 1, BrokenLines: 1}, "longer"},
		"nothing":                {"a.json.gz", nil, logstore.Stats{BrokenObjects: 1}, "empty"},
		"compressed nothing":     {"a.json.gz", zipped(t, ""), logstore.Stats{}, ""},
		"cut header":             {"a.json.gz", noise[:5], logstore.Stats{BrokenObjects: 1}, "EOF"},
		"cut":                    {"a.json.gz", noise[:len(noise)-8], logstore.Stats{Records: 5002, BrokenObjects: 1}, "unexpected EOF"},
		"wrong checksum":         {"a.json.gz", flipped, logstore.Stats{Records: 5002, BrokenObjects: 1}, "checksum"},
		"garbage after it":       {"a.json.gz", append(zipped(t, "{}\n"), "garbage, garbage"...), logstore.Stats{Records: 1, BrokenObjects: 1}, "invalid header"},
		"another name":           {"a.parquet", []byte("{}\n"), logstore.Stats{Skipped: 1}, ""},
		"a marker":               {"x-amazon-bedrock-logs-permission-check", nil, logstore.Stats{Skipped: 1}, ""},
		"a side file":            {"data/a_input.json.gz", zipped(t, "{}"), logstore.Stats{Skipped: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put := recordtest.ToDir(dir)
			const hour = "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1/2026/11/02/10/"
			require.NoError(t, put(hour+test.file, test.content))
			require.NoError(t, put(hour+"sound.json.gz", zipped(t, "{}\n"))) // goes on in any case
			stats, err := (&logstore.Reader{Store: logstore.Dir(dir), MaxLine: 1000, Workers: 1}).Each(t.Context(),
				func(_ int, _ string, line []byte) error {
					assert.NotEmpty(t, line)
					return nil
				})
			require.NoError(t, err)
			if test.err != "" {
				require.Len(t, stats.Broken, 1)
				assert.ErrorContains(t, stats.Broken[0].Err, test.err)
				assert.Contains(t, stats.Broken[0].Object, test.file)
				if stats.BrokenObjects > 0 {
					assert.Equal(t, test.want.Records, stats.Broken[0].Records)
				} else {
					assert.Positive(t, stats.Broken[0].Line)
				}
			}
			test.want.Records++
			test.want.Objects = 2 - test.want.Skipped
			stats.Bytes, stats.Broken = 0, nil
			assert.Equal(t, test.want, stats)
		})
	}
}

func TestReportsAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := (&logstore.Reader{Store: logstore.Dir(filepath.Join(t.TempDir(), "none"))}).Each(t.Context(), nil)
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = (&logstore.Reader{}).Open(t.Context())
	assert.ErrorContains(t, err, "use Dir or S3")
	now := time.Now()
	_, err = (&logstore.Reader{Store: logstore.Dir("."), Range: logstore.Range{From: now, To: now.Add(-1)}}).Open(t.Context())
	assert.ErrorContains(t, err, "swap them")
}

func TestEndsEarly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := recordtest.Traffic{Records: 3000, RecordsPerObject: 10}.Write(t.Context(), recordtest.ToDir(dir))
	require.NoError(t, err)
	reader := logstore.Reader{Store: logstore.Dir(dir)}

	enough := errors.New("enough")
	stats, err := reader.Each(t.Context(), func(int, string, []byte) error { return enough })
	assert.ErrorIs(t, err, enough)
	assert.Less(t, stats.Records, int64(10))

	ctx, cancel := context.WithCancel(t.Context())
	_, err = reader.Each(ctx, func(int, string, []byte) error {
		cancel()
		return nil
	})
	assert.ErrorIs(t, err, context.Canceled)

	scan, err := reader.Open(t.Context())
	require.NoError(t, err)
	worker := scan.Worker()
	require.True(t, worker.Next())
	assert.EqualValues(t, 1, worker.Line())
	require.NoError(t, worker.Close())
	require.True(t, worker.Next(), "goes on with another object")
	assert.EqualValues(t, 1, worker.Line())
	require.NoError(t, worker.Close())
	require.NoError(t, scan.Err())
	require.NoError(t, scan.Close())
	assert.False(t, worker.Next())
	assert.EqualValues(t, 2, scan.Stats().Records)
}

func TestNamesTheFirstThousandBrokenLinesAndCountsAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, recordtest.ToDir(dir)("a.json", bytes.Repeat([]byte("?\n"), 1500)))
	stats, _ := read(t, logstore.Reader{Store: logstore.Dir(dir)})
	assert.Zero(t, stats.Records)
	assert.EqualValues(t, 1500, stats.BrokenLines)
	assert.Len(t, stats.Broken, 1000)
}

func TestFollowsLinksToFilesAndReportsThoseToNothing(t *testing.T) {
	t.Parallel()
	dir, elsewhere := t.TempDir(), t.TempDir()
	require.NoError(t, recordtest.ToDir(elsewhere)("b.json", []byte("{}\n")))
	require.NoError(t, os.Symlink(filepath.Join(elsewhere, "b.json"), filepath.Join(dir, "a.json")))
	require.NoError(t, os.Symlink(filepath.Join(elsewhere, "none"), filepath.Join(dir, "none.json")))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(dir, "folder")))
	stats, _ := read(t, logstore.Reader{Store: logstore.Dir(dir)})
	assert.EqualValues(t, 1, stats.Records)
	assert.EqualValues(t, 1, stats.BrokenObjects)
	assert.ErrorIs(t, stats.Broken[0].Err, os.ErrNotExist)
}

func TestStreamsLargeObjects(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x", 1023) + "\n"
	var object bytes.Buffer
	zip, err := gzip.NewWriterLevel(&object, gzip.NoCompression)
	require.NoError(t, err)
	for range 17 << 10 { // 17 MiB
		_, err := io.WriteString(zip, line)
		require.NoError(t, err)
	}
	require.NoError(t, zip.Close())
	for _, lost := range []int{0, 1 << 20} {
		dir := t.TempDir()
		require.NoError(t, recordtest.ToDir(dir)("a.json.gz", object.Bytes()[:object.Len()-lost]))
		stats, err := (&logstore.Reader{Store: logstore.Dir(dir)}).Each(t.Context(), func(_ int, _ string, got []byte) error {
			if len(got) != len(line)-1 {
				return fmt.Errorf("a line of %d bytes", len(got))
			}
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, lost > 0, stats.BrokenObjects > 0)
		assert.InDelta(t, (17<<20-lost)/1024, stats.Records, 2)
		assert.EqualValues(t, object.Len()-lost, stats.Bytes)
	}
}
