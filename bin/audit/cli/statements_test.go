package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAQueryIsOneStatement(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		"":                                  false,
		"FROM calls":                        false,
		"FROM calls; \n; -- all; of them":   false,
		"FROM calls; /* and;\n no more */ ": false,
		"SELECT ';x', '''; x', \"a;\"\"b\"": false,
		"SELECT $$; x$$ -- ; x\n, 1":        false,
		"SELECT 1 - 2 / 3":                  false,
		"SELECT 1; SELECT 2":                true,
		"SELECT '''';SELECT 2":              true,
		"SELECT 1 -- '\n; SELECT 2":         true,
		"SELECT 1;;'x'":                     true,
		"SELECT 'ä'; ä":                     true,
	} {
		require.Equal(t, want, several(query), query)
	}
}
