package logstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// BenchmarkEach reads a folder; MB/s are of compressed bytes.
func BenchmarkEach(b *testing.B) {
	dir := b.TempDir()
	truth, err := recordtest.Traffic{Records: 20_000}.Write(b.Context(), recordtest.ToDir(dir))
	require.NoError(b, err)
	reader := logstore.Reader{Store: logstore.Dir(dir)}
	b.ReportAllocs()
	for b.Loop() {
		stats, err := reader.Each(b.Context(), func(int, string, []byte) error { return nil })
		require.NoError(b, err)
		require.Equal(b, truth.Total.Calls, stats.Records)
		b.SetBytes(stats.Bytes)
	}
}
