package duckdb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func TestCallsWithoutAPriceAreCountedAsTheLogIsRead(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, recordtest.Traffic{Records: 500})
	log := &failing{logstore.Dir(dir), 1000}
	f := ledgersql.Filter{Tasks: []string{"classify", "summarise"}}
	e := open(t, duckdb.Options{Store: log, Filter: f})
	query(t, e, ledgersql.Cost(f, nil, 0))

	log.listings = 0
	c, err := e.Completeness(t.Context(), f)
	require.NoError(t, err)
	require.NotEmpty(t, c.Unpriced)
	_, err = e.Completeness(t.Context(), ledgersql.Filter{})
	require.ErrorIs(t, err, errListing)
}

func TestCallsWithoutAPriceAreThoseAskedAbout(t *testing.T) {
	t.Parallel()
	dir, _ := write(t, recordtest.Traffic{Seed: 7, Records: 1500, Hours: 6, RecordsPerObject: 200, Faults: recordtest.Faults{Duplicated: 1}})
	log := logstore.Dir(dir)
	all := open(t, duckdb.Options{Store: log})
	copied := open(t, duckdb.Options{Store: log, ReadOnce: true})

	// A call without a price that has everything to ask for.
	sample := query(t, all, `SELECT user_id, task_type, kb_id, principal, request_id, business_id, model_id, model, vendor || '.' || model, called_at
		FROM calls WHERE estimated_nanousd IS NULL AND user_id || task_type || kb_id || business_id || vendor || model IS NOT NULL
		ORDER BY request_id LIMIT 1`)
	require.Len(t, sample, 1)
	text := func(at int) []string { return []string{sample[0][at].(string)} }
	at := sample[0][9].(time.Time)

	for name, f := range map[string]ledgersql.Filter{
		"all":               {},
		"from":              {From: at},
		"to":                {To: at},
		"user":              {Users: text(0)},
		"users":             {Users: append(text(0), "nobody")},
		"task":              {Tasks: text(1)},
		"knowledge base":    {KnowledgeBases: text(2)},
		"principal":         {Principals: text(3)},
		"request":           {Requests: text(4)},
		"the caller's id":   {Requests: text(5)},
		"model id":          {Models: text(6)},
		"model's name":      {Models: text(7)},
		"vendor and name":   {Models: text(8)},
		"user and task":     {Users: text(0), Tasks: text(1)},
		"nobody":            {Users: []string{"nobody"}},
		"no user":           {Users: []string{""}},
		"everything at all": {Users: text(0), Tasks: text(1), KnowledgeBases: text(2), Principals: text(3), Requests: text(4), Models: text(6), From: at},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := all.Query(t.Context(), ledgersql.Cost(f, nil, 0))
			require.NoError(t, err)
			want := result.Rows[0][result.Index("unpriced_calls")]
			require.Equal(t, strings.HasPrefix(name, "no"), want == int64(0), want)

			asked := open(t, duckdb.Options{Store: log, Filter: f})
			query(t, asked, ledgersql.Cost(f, nil, 0))
			counted, err := asked.Completeness(t.Context(), f)
			require.NoError(t, err)
			var sum int64
			for _, u := range counted.Unpriced {
				sum += u.Calls
			}
			require.Equal(t, want, sum)

			// What an engine tells that was opened for all calls.
			for _, e := range []*duckdb.Engine{all, copied} {
				queried, err := e.Completeness(t.Context(), f)
				require.NoError(t, err)
				require.Equal(t, counted, queried)
			}
		})
	}
}
