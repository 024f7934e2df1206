package duckdb

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachIDIsNewOnce(t *testing.T) {
	t.Parallel()
	var s seen
	for _, id := range []string{
		"00000000-0000-0000-0000-000000000000",
		"0f6f7a3e-5d0a-4e6e-9c1b-3f1f6a7d9f10",
		"0F6F7A3E-5D0A-4E6E-9C1B-3F1F6A7D9F10", // SQL tells it from the one before
		"0f6f7a3e-5d0a-4e6e-9c1b-3f1f6a7d9f1x",
		"0f6f7a3e5d0a4e6e9c1b3f1f6a7d9f10",
		"", "short",
	} {
		require.True(t, s.add(id), id)
		require.False(t, s.add(id), id)
	}
}

func TestManyThreadsShareTheSet(t *testing.T) {
	t.Parallel()
	const ids, threads = 50_000, 4
	var s seen
	var fresh atomic.Int64
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			for i := range ids {
				// Ids that differ in their last digits only.
				if s.add(fmt.Sprintf("0f6f7a3e-5d0a-4e6e-9c1b-%012x", i)) {
					fresh.Add(1)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, ids, fresh.Load())
}
