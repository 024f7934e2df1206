package ledger

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSavedQueriesAreSQLOfAthena(t *testing.T) {
	t.Parallel()
	queries := auditQueries(true)
	ids, names := map[string]bool{}, map[string]bool{}
	var sql []string
	for _, q := range queries {
		assert.False(t, ids[q.id] || names[q.name], "%s is there once", q.name)
		ids[q.id], names[q.name] = true, true
		sql = append(sql, q.sql)
	}
	var problems []string
	python(t, "parse.py", append(sql, "SELECT FROM WHERE"), &problems)
	for i, q := range queries {
		assert.Empty(t, problems[i], q.name)
	}
	assert.NotEmpty(t, problems[len(queries)], "what is no SQL is found")
}
