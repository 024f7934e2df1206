package show_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/show"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

func store(t *testing.T, objects ...string) logstore.Reader {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1/2026/03/01/14")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	for i, lines := range objects {
		name := fmt.Sprintf("20260301T14%02d00000Z_1.json.gz", i)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(lines), 0o600))
	}
	return logstore.Reader{Store: logstore.Dir(dir)}
}

func line(minute int, id, own, prompt string) string {
	return fmt.Sprintf(`{"schemaType":"ModelInvocationLog","timestamp":"2026-03-01T14:%02d:00Z","requestId":%q,`+
		`"requestMetadata":{"request_id":%q},"input":{"inputBodyJson":{"prompt":%q}}}`, minute, id, own, prompt) + "\n"
}

func ids(hits []show.Hit) string {
	var all []string
	for _, h := range hits {
		all = append(all, h.Record.RequestID)
	}
	return strings.Join(all, " ")
}

func TestACallIsFoundByEitherOfItsIDs(t *testing.T) {
	t.Parallel()
	log := store(t,
		line(1, "a", "ORDER-1", "")+line(2, "b", "ORDER-2", "tell me about ORDER-1"),
		// The same call a second time, and a later one with the same id.
		line(1, "a", "ORDER-1", "")+line(3, "c", "ORDER-1", ""),
	)
	for id, want := range map[string]string{"b": "b", "ORDER-2": "b", "ORDER-1": "c a", "ORDER": "", "d": ""} {
		hits, _, err := show.Find(t.Context(), log, id)
		require.NoError(t, err)
		require.Equal(t, want, ids(hits), id)
	}
}

func TestASearchTellsWhatItCouldNotRead(t *testing.T) {
	t.Parallel()
	log := store(t, `{"requestId":"a", broken`+"\n"+line(1, "b", "", ""))
	hits, completeness, err := show.Find(t.Context(), log, "a")
	require.NoError(t, err)
	require.Empty(t, hits)
	require.EqualValues(t, 1, completeness.BrokenLines)
	require.False(t, completeness.Complete())
}
