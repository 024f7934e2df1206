package duckdb_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

func TestSmoke(t *testing.T) {
	e, err := duckdb.Open(t.Context(), duckdb.Options{Store: logstore.Dir(os.Getenv("LOGS")), ReadOnce: os.Getenv("ONCE") != ""})
	require.NoError(t, err)
	defer e.Close()
	for _, q := range []string{
		"SELECT user_id, count(*) n, sum(input_tokens) FROM calls GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
		"SELECT count(*) FROM calls",
		"FROM calls LIMIT 2",
		"SELECT stop_reason, latency_ms, model_id, vendor, model FROM calls LIMIT 2",
		"SELECT count(*) FROM calls a JOIN calls b USING (request_id)",
		"WITH c AS (SELECT request_id, user_id FROM calls) SELECT count(*), count(DISTINCT request_id), count(DISTINCT user_id) FROM c a JOIN c b USING (request_id)",
		"SELECT json_extract_string(input_body, '$.messages[0].role') FROM records LIMIT 1",
		"COPY (FROM calls) TO '/tmp/d/x.parquet' (FORMAT parquet, COMPRESSION zstd)",
		"EXPLAIN SELECT count(*) FROM calls",
	} {
		began := time.Now()
		r, err := e.Query(t.Context(), q)
		fmt.Println(q, time.Since(began), err)
		if err == nil {
			fmt.Println(r.Rows)
		}
		c, err := e.Completeness(t.Context(), ledgersql.Filter{})
		if err == nil {
			c.Unpriced = nil
		}
		fmt.Printf("%+v %v\n", c, err)
	}
}
