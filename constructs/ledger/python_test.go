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
	results := make([]evaluated, 0, len(cases))
	python(t, "evaluate.py", cases, &results)
	require.Len(t, results, len(cases))
	return results
}

// python runs a script of testdata that takes and gives JSON.
func python(t *testing.T, script string, question, answer any) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Dir(here)
	asked, err := json.Marshal(question)
	require.NoError(t, err)
	command := exec.Command(filepath.Join(folder, "..", "..", ".venv", "bin", "python"), filepath.Join(folder, "testdata", script))
	var said bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(asked), &said
	answered, err := command.Output()
	require.NoError(t, err, "%s did not run; `make install` makes .venv\n%s", script, said.String())
	require.NoError(t, json.Unmarshal(answered, answer))
}
