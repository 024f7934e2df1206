package ledger

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// evaluation is a JSONata expression with the variables that it sees.
type evaluation struct {
	Expression string         `json:"expression"`
	Variables  map[string]any `json:"variables"`
}

type evaluated struct {
	Value any    `json:"value"`
	Error string `json:"error"`
}

// evaluate runs expressions in the JSONata engine of .venv.
func evaluate(t *testing.T, cases ...evaluation) []evaluated {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Dir(here)
	python := filepath.Join(folder, "..", "..", ".venv", "bin", "python")
	question, err := json.Marshal(cases)
	require.NoError(t, err)
	command := exec.Command(python, filepath.Join(folder, "testdata", "evaluate.py"))
	var said bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(question), &said
	answer, err := command.Output()
	require.NoError(t, err, "the JSONata engine did not run; `make install` makes .venv\n%s", said.String())
	var results []evaluated
	require.NoError(t, json.Unmarshal(answer, &results))
	require.Len(t, results, len(cases))
	return results
}
