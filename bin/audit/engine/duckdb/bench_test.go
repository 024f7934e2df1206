package duckdb_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// BenchmarkCost asks for the cost by user; MB are those of the compressed log.
func BenchmarkCost(b *testing.B) {
	dir, truth := write(b, recordtest.Traffic{Records: 20_000})
	e, err := duckdb.Open(b.Context(), duckdb.Options{Store: logstore.Dir(dir)})
	require.NoError(b, err)
	defer e.Close()
	b.SetBytes(truth.Bytes)
	for b.Loop() {
		_, err := e.Query(b.Context(), ledgersql.Cost(ledgersql.Filter{}, []ledgersql.Dimension{ledgersql.User}, 5))
		require.NoError(b, err)
	}
}

func gz(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}
