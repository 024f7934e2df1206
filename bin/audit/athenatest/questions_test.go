package athenatest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// questionTexts are all questions: on everything, narrowed in every way, and by every dimension.
func questionTexts() map[string]string {
	filters := map[string]ledgersql.Filter{
		"all": {},
		"some": {
			From: time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 3, 18, 30, 0, 0, time.UTC),
			Models: []string{"anthropic.claude-sonnet-4-5", "claude-haiku-4-5", "amazon.nova-pro-v1:0", "it's none"},
		},
		"none": {
			Users: []string{"nobody"}, Tasks: []string{"O'Brien"}, KnowledgeBases: []string{`\`},
			Requests: []string{`"x"`}, Principals: []string{"--"},
		},
	}
	texts := map[string]string{}
	for name, f := range filters {
		for question, sql := range map[string]string{
			"who":                ledgersql.Who(f, nil, 0),
			"who by model":       ledgersql.Who(f, []ledgersql.Dimension{ledgersql.ByModel}, 20),
			"what":               ledgersql.What(f, 0),
			"the newest":         ledgersql.What(f, 7),
			"which":              ledgersql.Which(f, nil, 0),
			"which by task":      ledgersql.Which(f, []ledgersql.Dimension{ledgersql.Task, ledgersql.ByModel}, 50),
			"cost":               ledgersql.Cost(f, nil, 0),
			"cost by user, hour": ledgersql.Cost(f, []ledgersql.Dimension{ledgersql.User, ledgersql.Hour}, 0),
			"totals":             ledgersql.Totals(f),
			"unpriced":           ledgersql.Unpriced(f),
			"hours":              ledgersql.Hours(f),
			"throttles":          ledgersql.Throttles(f),
			"errors":             ledgersql.Errors(f),
			"interventions":      ledgersql.Interventions(f),
			"unattributed":       ledgersql.Unattributed(f),
		} {
			texts[question+" of "+name] = sql
		}
		for _, d := range ledgersql.Dimensions() {
			texts["cost by "+string(d)+" of "+name] = ledgersql.Cost(f, []ledgersql.Dimension{d}, 0)
		}
	}
	return texts
}

// requireSameAnswers puts every question as it stands, and by way of Athena's dialect.
func (a *athena) requireSameAnswers() {
	a.t.Helper()
	texts := questionTexts()
	names := slices.Sorted(maps.Keys(texts))
	var asked []string
	for _, name := range names {
		asked = append(asked, texts[name])
	}
	// Athena's dialect is Hive's and Trino's; a query is Trino's.
	transpile(a.t, "trino", "trino", asked...)
	for i, anew := range transpile(a.t, "athena", "duckdb", asked...) {
		columns, rows := a.ask(asked[i])
		columnsAnew, rowsAnew := a.ask(anew)
		assert.Equal(a.t, columns, columnsAnew, "%s\n%s", names[i], anew)
		assert.Equal(a.t, rows, rowsAnew, "%s\n%s\n%s", names[i], asked[i], anew)
	}
}

func TestAQuestionIsAnsweredAlikeInBothDialects(t *testing.T) {
	dir, truth := generate(t, recordtest.Traffic{Seed: 12, Records: 2000, Hours: 48})
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.Fill(database, allTime))

	a.requireSameAnswers()

	_, rows := a.ask(ledgersql.Totals(ledgersql.Filter{}))
	require.Len(t, rows, 1)
	assert.EqualValues(t, truth.Total.Calls, rows[0][0])
	assert.EqualValues(t, truth.Total.Errors, rows[0][1])
	assert.EqualValues(t, truth.Intervened, rows[0][3])
	assert.EqualValues(t, truth.Total.InputTokens, rows[0][11])
	assert.EqualValues(t, truth.Total.OutputTokens, rows[0][12])
}
