package athenatest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// fields are the values of a ledger row as a database gives them.
func fields(c *record.Call) []any {
	text := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	number := func(n *int64) any {
		if n == nil {
			return nil
		}
		return *n
	}
	return []any{
		c.RequestID, c.CalledAt.Truncate(time.Millisecond), text(c.AccountID), text(c.Region), text(c.InferenceRegion),
		text(c.Operation), text(c.ModelID), text(c.Vendor), text(c.Model), text(c.ModelVersion), text(c.Scope),
		text(c.Principal), text(c.Session), text(c.UserID), text(c.TaskType), text(c.KBID), text(c.BusinessID), text(c.Metadata),
		number(c.InputTokens), number(c.OutputTokens), number(c.CacheReadTokens), number(c.CacheWriteTokens),
		text(c.ErrorCode), text(c.StopReason), c.GuardrailIntervened, number(c.LatencyMS),
		text(c.InputBodyS3), text(c.OutputBodyS3), number(c.EstimatedNanoUSD), text(c.RateSince), text(c.Object),
	}
}

// goRows are the ledger rows that Go makes of a folder, by request id; of duplicates that of the first object.
func goRows(t *testing.T, dir string, card *record.RateCard) map[string][]any {
	t.Helper()
	var mu sync.Mutex
	calls := map[string]record.Call{}
	reader := logstore.Reader{Store: logstore.Dir(dir)}
	_, err := reader.Each(context.Background(), func(_ int, object string, line []byte) error {
		parsed, err := record.Parse(line)
		if err != nil {
			return &logstore.LineError{Err: err}
		}
		call := card.Call(parsed, object)
		mu.Lock()
		defer mu.Unlock()
		if other, found := calls[call.RequestID]; !found || cmp.Less(call.Object, other.Object) {
			calls[call.RequestID] = call
		}
		return nil
	})
	require.NoError(t, err)
	rows := map[string][]any{}
	for id, call := range calls {
		rows[id] = fields(&call)
	}
	return rows
}

// ledger returns the rows of table calls by request id.
func (a *athena) ledger() map[string][]any {
	a.t.Helper()
	names, rows := a.ask("SELECT * EXCLUDE (filled_at) FROM calls")
	var want []string
	for _, column := range ledgersql.Columns() {
		want = append(want, column.Name)
	}
	require.Equal(a.t, want, names)
	byID := map[string][]any{}
	for _, row := range rows {
		id := row[0].(string)
		require.NotContains(a.t, byID, id, "a request id is there once")
		byID[id] = row
	}
	return byID
}

func requireSameRows(t *testing.T, want, got map[string][]any) {
	t.Helper()
	assert.Len(t, got, len(want))
	differences := 0
	for _, id := range slices.Sorted(maps.Keys(want)) {
		for i, column := range ledgersql.Columns() {
			if row, found := got[id]; !found || !assert.ObjectsAreEqual(want[id][i], row[i]) {
				if !found {
					row = make([]any, len(want[id]))
				}
				t.Errorf("%s: column %s: Go says %#v, Athena's SQL %#v (model id %v)", id, column.Name, want[id][i], row[i], want[id][6])
				if differences++; differences > 20 {
					t.FailNow()
				}
			}
		}
	}
}

func TestTheFillWritesTheRowsThatGoMakes(t *testing.T) {
	dir, truth := generate(t, recordtest.Traffic{Seed: 11, Records: 3000, Hours: 48, Accounts: []string{"111122223333", "444455556666"}})
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.Fill(database, allTime))

	got := a.ledger()
	require.EqualValues(t, truth.Total.Calls, len(got))
	requireSameRows(t, goRows(t, dir, record.Rates()), got)
}

func TestAFillIsIdempotent(t *testing.T) {
	dir, _ := generate(t, recordtest.Traffic{Seed: 13, Records: 800, Hours: 6})
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.Fill(database, allTime))
	once := a.ledger()
	_, filled := a.ask("SELECT max(filled_at) FROM calls")

	a.run(ledgersql.Fill(database, allTime), ledgersql.CreateCalls(database, "s3://ledger/calls/"), ledgersql.Fill(database, allTime))
	assert.Equal(t, once, a.ledger())
	_, filledAgain := a.ask("SELECT max(filled_at) FROM calls")
	assert.Equal(t, filled, filledAgain, "rows that are there are not touched")
}

func TestDuplicatesAreEnteredOnce(t *testing.T) {
	dir, truth := generate(t, recordtest.Traffic{Seed: 14, Records: 800, Hours: 6, RecordsPerObject: 50, Faults: recordtest.Faults{Duplicated: 5}})
	require.NotZero(t, truth.Duplicates)
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	// Hour by hour, so that some duplicates come in another fill.
	for hour := range 8 {
		folder := ledgersql.HourFolder(time.Date(2026, 11, 2, hour, 0, 0, 0, time.UTC))
		a.run(ledgersql.Fill(database, ledgersql.Window{From: folder, To: folder}))
	}
	got := a.ledger()
	require.EqualValues(t, truth.Total.Calls, len(got))
	requireSameRows(t, goRows(t, dir, record.Rates()), got)
}

func TestLateArrivalsAreCaughtByTheNextFillThatLooksBack(t *testing.T) {
	dir, truth := generate(t, recordtest.Traffic{Seed: 15, Records: 800, Hours: 4, RecordsPerObject: 50, Faults: recordtest.Faults{Late: 4}})
	a := newAthena(t)
	a.setUp(record.Rates())
	// At the first fill about half of the objects are there, by the last digit of their names.
	arrived := func(key string) bool { return strings.ContainsAny(key[len(key)-len("0.json.gz"):][:1], "01234567") }
	a.see(dir, arrived)
	a.run(ledgersql.Fill(database, allTime))
	early := a.ledger()
	require.NotEmpty(t, early)
	require.Less(t, len(early), int(truth.Total.Calls))

	a.see(dir, func(key string) bool { return !arrived(key) })
	assert.EqualValues(t, int(truth.Total.Calls)-len(early), a.measure(allTime)[3], "Measure tells what is missing")
	assert.EqualValues(t, 0, a.measure(allTime)[4])

	a.run(ledgersql.Fill(database, allTime))
	got := a.ledger()
	require.EqualValues(t, truth.Total.Calls, len(got))
	requireSameRows(t, goRows(t, dir, record.Rates()), got)
	assert.EqualValues(t, 0, a.measure(allTime)[3])
}

func TestBrokenLinesAreCountedAndKeepNothingOut(t *testing.T) {
	dir, truth := generate(t, recordtest.Traffic{Seed: 16, Records: 500, Hours: 3, Faults: recordtest.Faults{Broken: 3}})
	require.NotZero(t, truth.Broken)
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.Fill(database, allTime))
	require.EqualValues(t, truth.Total.Calls, len(a.ledger()))

	a.run(ledgersql.NoteUnreadable(database, allTime), ledgersql.NoteUnreadable(database, allTime))
	measured := a.measure(allTime)
	assert.EqualValues(t, truth.Total.Calls, measured[0])
	assert.Positive(t, measured[1])
	assert.EqualValues(t, truth.Broken, measured[2], "each object is noted once")
	assert.EqualValues(t, 0, measured[3])
	assert.EqualValues(t, 0, measured[4])

	// Of an hour without anything there are numbers, too; and what fills came upon lately is told anyhow.
	longAgo := ledgersql.Window{From: "2020/01/01/00", To: "2020/01/01/03"}
	assert.Equal(t, []any{int64(0), int64(0), truth.Broken, int64(0), int64(0)}, a.measure(longAgo))
	a.duckdb("UPDATE unreadable SET seen_at = seen_at - INTERVAL 2 HOUR")
	assert.Equal(t, []any{int64(0), int64(0), int64(0), int64(0), int64(0)}, a.measure(longAgo))
	assert.EqualValues(t, truth.Broken, a.measure(allTime)[2])
}

func TestUnreadableObjectsAreNamed(t *testing.T) {
	dir := t.TempDir()
	good := `{"requestId":"%s","timestamp":"2026-11-02T09:29:00Z"}`
	put(t, dir, "2026/11/02/09", "a.json.gz", fmt.Sprintf(good, "1"))
	put(t, dir, "2026/11/02/09", "b.json.gz", fmt.Sprintf(good, "2"), "nonsense", "{}")
	put(t, dir, "2026/11/02/10", "c.json.gz", "nonsense")
	put(t, dir, "2026/11/02/11", "d.json.gz", "nonsense", strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000))
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.NoteUnreadable(database, ledgersql.Window{From: "2026/11/02/09", To: "2026/11/02/10"}))
	a.run(ledgersql.NoteUnreadable(database, ledgersql.Window{From: "2026/11/02/10", To: "2026/11/02/11"}))

	named := func(f ledgersql.Filter) (found []string) {
		names, rows := a.ask(transpile(t, "athena", "duckdb", ledgersql.Unreadable(f))[0])
		require.Equal(t, []string{"object", "lines"}, names)
		for _, row := range rows {
			object := row[0].(string)
			found = append(found, fmt.Sprint(object[strings.LastIndex(object, "/")+1:], " ", row[1]))
		}
		return found
	}
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 2, hour, minute, 0, 0, time.UTC) }
	assert.Equal(t, []string{"b.json.gz 2", "c.json.gz 1", "d.json.gz 2"}, named(ledgersql.Filter{}))
	assert.Equal(t, []string{"c.json.gz 1", "d.json.gz 2"}, named(ledgersql.Filter{From: at(10, 59)}))
	assert.Equal(t, []string{"b.json.gz 2", "c.json.gz 1"}, named(ledgersql.Filter{To: at(9, 1)}), "delivery takes up to an hour")
	assert.Empty(t, named(ledgersql.Filter{From: at(12, 0)}))
}

func TestFillsThatOverlapAreFoundOut(t *testing.T) {
	dir, truth := generate(t, recordtest.Traffic{Seed: 19, Records: 300, Hours: 3})
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.Fill(database, allTime))
	a.duckdb("INSERT INTO calls SELECT * FROM calls LIMIT 7")
	measured := a.measure(allTime)
	assert.EqualValues(t, truth.Total.Calls+7, measured[0])
	assert.EqualValues(t, 0, measured[3])
	assert.EqualValues(t, 7, measured[4])
}

func TestARecordFarFromItsFolderIsCountedAndNotEntered(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "2026/11/02/09", "20261102T093000000Z_00.json.gz",
		`{"requestId":"in time","timestamp":"2026-11-02T09:29:00Z"}`,
		`{"requestId":"a month late","timestamp":"2026-09-30T09:29:00Z"}`,
		`{"requestId":"from the future","timestamp":"2026-11-05T09:29:00Z"}`)
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	hour := ledgersql.Window{From: "2026/11/02/09", To: "2026/11/02/09"}
	a.run(ledgersql.Fill(database, hour), ledgersql.Fill(database, hour))
	assert.Equal(t, []string{"in time"}, slices.Collect(maps.Keys(a.ledger())))
	a.run(ledgersql.NoteUnreadable(database, hour))
	assert.EqualValues(t, 2, a.measure(hour)[2], "unreadable")
	assert.EqualValues(t, 0, a.measure(hour)[3], "missing")
}

func TestANewRateCardPricesNewCallsOnly(t *testing.T) {
	dir := t.TempDir()
	line := `{"requestId":"%s","timestamp":"2026-11-02T09:29:00Z","modelId":"acme.in-house-v2","input":{"inputTokenCount":1000000}}`
	put(t, dir, "2026/11/02/09", "20261102T093000000Z_00.json.gz", fmt.Sprintf(line, "before"))
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.Fill(database, allTime))

	put(t, dir, "2026/11/02/10", "20261102T103000000Z_00.json.gz", fmt.Sprintf(line, "after"))
	a.see(dir, func(key string) bool { return strings.Contains(key, "/10/") })
	a.setUp(record.Rates().With(aliases(t)))
	a.run(ledgersql.Fill(database, allTime))
	_, rows := a.ask("SELECT request_id, estimated_nanousd FROM calls ORDER BY request_id")
	assert.Equal(t, [][]any{{"after", int64(1000)}, {"before", nil}}, rows)
}
