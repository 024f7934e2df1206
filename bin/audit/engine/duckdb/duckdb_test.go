package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// write makes a log with some of every kind of call and fault.
func write(t testing.TB, traffic recordtest.Traffic) (string, *recordtest.Truth) {
	t.Helper()
	dir := t.TempDir()
	truth, err := traffic.Write(context.Background(), recordtest.ToDir(dir))
	require.NoError(t, err)
	return dir, truth
}

var faulty = recordtest.Traffic{
	Seed: 7, Records: 4000, Hours: 12, Users: 9, RecordsPerObject: 100, Metrics: true,
	Faults: recordtest.Faults{Truncated: 2, Broken: 3, Duplicated: 2, Late: 2, Silent: 2},
}

func open(t *testing.T, options duckdb.Options) *duckdb.Engine {
	t.Helper()
	e, err := duckdb.Open(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func query(t *testing.T, e *duckdb.Engine, sql string) [][]any {
	t.Helper()
	result, err := e.Query(t.Context(), sql)
	require.NoError(t, err)
	return result.Rows
}

// sums reads an answer of ledgersql.Cost, by its first column.
func sums(rows [][]any) map[string]recordtest.Sums {
	all := map[string]recordtest.Sums{}
	for _, v := range rows {
		key, _ := v[0].(string)
		all[key] = recordtest.Sums{
			Calls: v[1].(int64), InputTokens: v[2].(int64), OutputTokens: v[3].(int64),
			CacheReadTokens: v[4].(int64), CacheWriteTokens: v[5].(int64),
		}
	}
	return all
}

// withoutErrors drops what cost does not tell.
func withoutErrors(truth map[string]recordtest.Sums) map[string]recordtest.Sums {
	all := map[string]recordtest.Sums{}
	for k, s := range truth {
		s.Errors = 0
		all[k] = s
	}
	return all
}

func TestAnswersAreThoseOfTheTruth(t *testing.T) {
	t.Parallel()
	dir, truth := write(t, faulty)
	metric, err := hours.File(filepath.Join(dir, recordtest.MetricsKey))
	require.NoError(t, err)

	for _, readOnce := range []bool{false, true} {
		t.Run(fmt.Sprintf("read once: %v", readOnce), func(t *testing.T) {
			t.Parallel()
			e := open(t, duckdb.Options{Store: logstore.Dir(dir), Metric: metric, ReadOnce: readOnce})
			for dimension, want := range map[ledgersql.Dimension]map[string]recordtest.Sums{
				ledgersql.User: truth.ByUser, ledgersql.Task: truth.ByTask, ledgersql.KB: truth.ByKnowledgeBase,
				ledgersql.Principal: truth.ByPrincipal,
			} {
				sql := ledgersql.Cost(ledgersql.Filter{}, []ledgersql.Dimension{dimension}, 0)
				require.Equal(t, withoutErrors(want), sums(query(t, e, sql)), dimension)
			}
			rows := query(t, e, "SELECT count(*), count(error_code), count(*) FILTER (guardrail_intervened), count(DISTINCT request_id) FROM calls")
			require.Equal(t, []any{truth.Total.Calls, truth.Total.Errors, truth.Intervened, truth.Total.Calls}, rows[0])

			c, err := e.Completeness(t.Context(), ledgersql.Filter{})
			require.NoError(t, err)
			require.Equal(t, truth.Objects, c.Objects)
			require.Equal(t, truth.Total.Calls, c.Records)
			require.Equal(t, truth.Duplicates, c.Duplicates)
			require.Equal(t, truth.Truncated, c.BrokenObjects)
			require.Equal(t, truth.Broken, c.BrokenLines)
			require.Len(t, c.Broken, int(truth.Truncated+truth.Broken))
			require.False(t, c.Partial)
			require.True(t, c.Hours.Checked)
			require.False(t, c.Complete())
			for _, silent := range truth.Silent {
				require.Contains(t, c.Hours.Silent, engine.Silent{Region: silent.Region, Hour: silent.Start, Calls: silent.Invocations})
			}
		})
	}
}

func TestColumnsAreTheLedgers(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, recordtest.Traffic{Records: 1})
	types := map[string]engine.Kind{"string": engine.Text, "bigint": engine.Integer, "boolean": engine.Boolean, "timestamp": engine.Timestamp}
	var want []engine.Column
	for _, c := range ledgersql.Columns() {
		want = append(want, engine.Column{Name: c.Name, Kind: types[c.Type]})
	}
	result, err := open(t, duckdb.Options{Store: logstore.Dir(dir)}).Query(t.Context(), "FROM calls LIMIT 0")
	require.NoError(t, err)
	require.Equal(t, want, result.Columns)

	// What is of interest for single calls only is not copied.
	want = slices.DeleteFunc(want, func(c engine.Column) bool {
		return slices.Contains([]string{"metadata", "input_body_s3", "output_body_s3", "rate_since", "object"}, c.Name)
	})
	result, err = open(t, duckdb.Options{Store: logstore.Dir(dir), ReadOnce: true}).Query(t.Context(), "FROM calls LIMIT 0")
	require.NoError(t, err)
	require.Equal(t, want, result.Columns)
}

func TestStreamKeepsNoRow(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, recordtest.Traffic{Records: 10})
	e := open(t, duckdb.Options{Store: logstore.Dir(dir)})
	var names []string
	begin := func(columns []engine.Column) error {
		names = append(names, columns[0].Name)
		return nil
	}
	var slice *any
	var calls int
	require.NoError(t, e.Stream(t.Context(), "SELECT request_id FROM calls", begin, func(values []any) error {
		if slice == nil {
			slice = &values[0]
		}
		require.Same(t, slice, &values[0])
		calls++
		return nil
	}))
	require.Equal(t, []string{"request_id"}, names)
	require.Equal(t, 10, calls)

	// Who takes the rows may have had enough of them, and the engine goes on.
	full := errors.New("full")
	err := e.Stream(t.Context(), "SELECT request_id FROM calls", begin, func([]any) error { return full })
	require.ErrorIs(t, err, full)
	require.Equal(t, [][]any{{int64(10)}}, query(t, e, "SELECT count(*) FROM calls"))
}

func TestOnlyCallsOfTheRangeExist(t *testing.T) {
	t.Parallel()
	dir, truth := write(t, recordtest.Traffic{Seed: 3, Records: 1000, Hours: 5, Faults: recordtest.Faults{Late: 1}})
	from := time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	e := open(t, duckdb.Options{Store: logstore.Dir(dir), Range: logstore.Range{From: from, To: from.Add(2 * time.Hour)}})
	want := truth.ByHour[from].Calls + truth.ByHour[from.Add(time.Hour)].Calls
	require.Equal(t, [][]any{{want}}, query(t, e, "SELECT count(*) FROM calls"))
	c, err := e.Completeness(t.Context(), ledgersql.Filter{})
	require.NoError(t, err)
	require.Equal(t, want, c.Records)
}

func TestAQueryMayReadTheLogSeveralTimes(t *testing.T) {
	t.Parallel()
	dir, truth := write(t, faulty)
	e := open(t, duckdb.Options{Store: logstore.Dir(dir)})
	rows := query(t, e, `
		WITH c AS (SELECT request_id, user_id FROM calls)
		SELECT count(*), count(DISTINCT a.request_id) FROM c a JOIN c b USING (request_id) JOIN calls d USING (request_id)`)
	require.Equal(t, [][]any{{truth.Total.Calls, truth.Total.Calls}}, rows)
}

func TestBodiesAreThereForWhoeverAsks(t *testing.T) {
	t.Parallel()
	dir, truth := write(t, recordtest.Traffic{Seed: 2, Records: 500})
	e := open(t, duckdb.Options{Store: logstore.Dir(dir)})
	rows := query(t, e, `SELECT count(*), count(input_body) > 0, bool_and(json_valid(input_body)) FROM records`)
	require.Equal(t, [][]any{{truth.Total.Calls, true, true}}, rows)

	_, err := e.Query(t.Context(), "SELECT input_body FROM calls")
	require.ErrorContains(t, err, "input_body")
}

func TestAnAnswerFromPartOfTheRecordSaysSo(t *testing.T) {
	t.Parallel()
	dir, truth := write(t, recordtest.Traffic{Records: 60_000, RecordsPerObject: 200, MetadataOnly: true})
	e := open(t, duckdb.Options{Store: logstore.Dir(dir)})
	query(t, e, "FROM calls LIMIT 1")
	c, err := e.Completeness(t.Context(), ledgersql.Filter{})
	require.NoError(t, err)
	require.True(t, c.Partial)

	query(t, e, "SELECT count(*) FROM calls")
	c, err = e.Completeness(t.Context(), ledgersql.Filter{})
	require.NoError(t, err)
	require.False(t, c.Partial)
	require.Equal(t, truth.Total.Calls, c.Records)
}

func TestParquetCanBeWritten(t *testing.T) {
	t.Parallel()
	dir, truth := write(t, recordtest.Traffic{Records: 300})
	e := open(t, duckdb.Options{Store: logstore.Dir(dir)})
	file := filepath.Join(t.TempDir(), "calls.parquet")
	require.Equal(t, [][]any{{truth.Total.Calls}}, query(t, e, "COPY (FROM calls) TO '"+file+"' (COMPRESSION zstd)"))
	require.Equal(t, [][]any{{truth.Total.Calls}}, query(t, e, "SELECT count(*) FROM '"+file+"'"))
}

func TestNothingIsFetchedFromANetwork(t *testing.T) {
	t.Parallel()
	e := open(t, duckdb.Options{Store: logstore.Dir(t.TempDir())})
	require.Equal(t, [][]any{{false, false}}, query(t, e,
		"SELECT current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"))
	_, err := e.Query(t.Context(), "FROM 'https://127.0.0.1:1/x.parquet'")
	require.Error(t, err)
}

// failing is a store that cannot be listed to its end.
type failing struct {
	logstore.Store
	listings int
}

var errListing = errors.New("the listing broke off")

func (f *failing) List(ctx context.Context, prefix string) (logstore.Listing, error) {
	if f.listings--; f.listings < 0 {
		return logstore.Listing{}, errListing
	}
	return f.Store.List(ctx, prefix)
}

func (f *failing) Walk(ctx context.Context, prefix string) iter.Seq2[logstore.Object, error] {
	return f.Store.Walk(ctx, prefix)
}

func (f *failing) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	return f.Store.Open(ctx, key)
}

func TestAnErrorOfReadingIsNoShorterAnswer(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, recordtest.Traffic{Records: 2000})
	for _, readOnce := range []bool{false, true} {
		e, err := duckdb.Open(t.Context(), duckdb.Options{Store: &failing{logstore.Dir(dir), 12}, ReadOnce: readOnce})
		if err == nil {
			_, err = e.Query(t.Context(), "SELECT count(*) FROM calls")
			require.NoError(t, e.Close())
		}
		require.ErrorIs(t, err, errListing)
	}
}

// slow is a store whose objects never end.
type slow struct {
	logstore.Store
	opened context.CancelFunc
}

type endless struct{ ctx context.Context }

func (e endless) Read([]byte) (int, error) { <-e.ctx.Done(); return 0, e.ctx.Err() }
func (e endless) Close() error             { return nil }

func (s *slow) Open(ctx context.Context, _ string) (io.ReadCloser, error) {
	s.opened()
	return endless{ctx}, nil
}

func TestWhoeverGivesUpNeedNotWait(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, recordtest.Traffic{Records: 100})
	ctx, giveUp := context.WithCancel(t.Context())
	e := open(t, duckdb.Options{Store: &slow{logstore.Dir(dir), giveUp}})
	_, err := e.Query(ctx, "SELECT count(*) FROM calls")
	require.ErrorIs(t, err, context.Canceled)
}

func TestTemporaryFilesGo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir, _ := write(t, recordtest.Traffic{Records: 100})
	e, err := duckdb.Open(t.Context(), duckdb.Options{Store: logstore.Dir(dir), ReadOnce: true})
	require.NoError(t, err)
	require.NoError(t, e.Close())
	left, err := filepath.Glob(filepath.Join(temp, "audit-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestEveryTypeBecomesWhatAResultHolds(t *testing.T) {
	t.Parallel()
	e := open(t, duckdb.Options{Store: logstore.Dir(t.TempDir())})
	result, err := e.Query(t.Context(), `SELECT
		'a' AS a, 1::TINYINT AS b, 2::UBIGINT AS c, sum(3::BIGINT) AS d, 170141183460469231731687303715884105727::HUGEINT AS e,
		1.5::DOUBLE AS f, 1.25::DECIMAL(10,2) AS g, true AS h, TIMESTAMP '2026-03-01 14:05:06.5' AS i,
		TIMESTAMPTZ '2026-03-01 14:05:06+02' AS j, DATE '2026-03-01' AS k, [1, 2] AS l, NULL AS m, 'x'::BLOB AS n`)
	require.NoError(t, err)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, []any{
		"a", int64(1), int64(2), int64(3), "170141183460469231731687303715884105727",
		1.5, 1.25, true, day.Add(14*time.Hour + 5*time.Minute + 6*time.Second + 500*time.Millisecond),
		day.Add(12*time.Hour + 5*time.Minute + 6*time.Second), day, "[1,2]", nil, "x",
	}, result.Rows[0])
	require.Equal(t, engine.Text, result.Columns[4].Kind)
	require.Equal(t, engine.Integer, result.Columns[3].Kind)
}

func TestNoTextIsLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1/2026/03/01/14")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	line := `{"schemaType":"ModelInvocationLog","timestamp":"2026-03-01T14:05:06Z","requestId":"r-1","modelId":"a\u0000b 世界",` +
		`"requestMetadata":{"user_id":"it's"}}` + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "20260301T140506Z_1.json"), []byte(line), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "20260301T140506Z_1.json.gz"), gz(t, line), 0o600))
	e := open(t, duckdb.Options{Store: logstore.Dir(dir)})
	require.Equal(t, [][]any{{"a\x00b 世界", "it's"}}, query(t, e, "SELECT model_id, user_id FROM calls WHERE user_id = "+ledgersql.Quote("it's")))
}
