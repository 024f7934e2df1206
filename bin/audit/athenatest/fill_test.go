package athenatest

import (
	"cmp"
	"context"
	"maps"
	"slices"
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
		c.RequestID, c.CalledAt.Truncate(time.Microsecond), text(c.AccountID), text(c.Region), text(c.InferenceRegion),
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
