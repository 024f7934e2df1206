package ledgersql_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

func TestColumnsAreTheFieldsOfACall(t *testing.T) {
	t.Parallel()
	of := reflect.TypeFor[record.Call]()
	columns := ledgersql.Columns()
	assert.Len(t, columns, of.NumField())
	for i, column := range columns {
		field := of.Field(i)
		// RequestID and request_id, KBID and kb_id, EstimatedNanoUSD and estimated_nanousd.
		assert.Equal(t, strings.ToLower(field.Name), strings.ReplaceAll(column.Name, "_", ""))
		want := map[string]string{"string": "string", "*int64": "bigint", "bool": "boolean", "time.Time": "timestamp"}[field.Type.String()]
		assert.Equal(t, want, column.Type, column.Name)
		assert.NotEmpty(t, column.Comment, column.Name)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "''",
		"u-17":                  "'u-17'",
		"O'Brien":               "'O''Brien'",
		"'; DROP TABLE calls--": "'''; DROP TABLE calls--'",
		`\'`:                    `'\'''`, // a backslash escapes nothing in either dialect
		"a\x00'b":               "'a''b'",
		"ß\n\"x\"":              "'ß\n\"x\"'",
	} {
		assert.Equal(t, want, ledgersql.Quote(text))
	}
}

func TestAFilterNarrowsEveryQuestion(t *testing.T) {
	t.Parallel()
	full := ledgersql.Filter{
		From:           time.Date(2026, 11, 2, 1, 0, 0, 0, time.FixedZone("CET", 3600)),
		To:             time.Date(2026, 11, 3, 0, 0, 0, 500_000, time.UTC),
		Users:          []string{"u-1", "u-2"},
		Tasks:          []string{"summarise"},
		KnowledgeBases: []string{"KB1"},
		Requests:       []string{"r-1"},
		Models:         []string{"anthropic.claude-sonnet-4-5"},
		Principals:     []string{"arn:aws:iam::111122223333:role/app"},
	}
	for name, ask := range questions() {
		sql := ask(full)
		for _, want := range []string{
			"called_at >= TIMESTAMP '2026-11-02 00:00:00.000000'",
			"called_at < TIMESTAMP '2026-11-03 00:00:00.000500'",
			"(user_id IN ('u-1', 'u-2'))",
			"(task_type IN ('summarise'))",
			"(kb_id IN ('KB1'))",
			"(request_id IN ('r-1') OR business_id IN ('r-1'))",
			"(model_id IN ('anthropic.claude-sonnet-4-5') OR model IN ('anthropic.claude-sonnet-4-5') OR vendor || '.' || model IN ('anthropic.claude-sonnet-4-5'))",
			"(principal IN ('arn:aws:iam::111122223333:role/app'))",
		} {
			assert.Contains(t, sql, want, name)
		}
		assert.NotContains(t, ask(ledgersql.Filter{}), "called_at >=", name)
	}
}

func TestNoValueOfAFilterGetsOutOfItsQuotes(t *testing.T) {
	t.Parallel()
	const evil = "x') OR 1=1; DELETE FROM calls; --"
	f := ledgersql.Filter{
		Users: []string{evil}, Tasks: []string{evil}, KnowledgeBases: []string{evil},
		Requests: []string{evil}, Models: []string{evil}, Principals: []string{evil},
	}
	for name, ask := range questions() {
		sql := ask(f)
		assert.Equal(t, 9, strings.Count(sql, "'x'') OR 1=1; DELETE FROM calls; --'"), name)
		assert.Equal(t, 9, strings.Count(sql, "DELETE"), name)
	}
}

func TestEveryAnswerHasOneOrder(t *testing.T) {
	t.Parallel()
	for name, ask := range questions() {
		sql := ask(ledgersql.Filter{})
		if name == "Totals" || name == "Cost of all" {
			assert.NotContains(t, sql, "ORDER BY", "%s: one row", name)
			continue
		}
		_, order, found := strings.Cut(sql, "ORDER BY ")
		assert.True(t, found, name)
		if groups, _, found := strings.Cut(order, "\nLIMIT"); found {
			order = groups
		}
		if _, groups, found := strings.Cut(sql, "GROUP BY "); found {
			groups, _, _ = strings.Cut(groups, "\n")
			assert.GreaterOrEqual(t, strings.Count(order, ",")+1, strings.Count(groups, ",")+1, "%s: ties are broken by all that is grouped by", name)
		}
	}
}

func TestTimeComesBeforeMoney(t *testing.T) {
	t.Parallel()
	sql := ledgersql.Cost(ledgersql.Filter{}, []ledgersql.Dimension{ledgersql.User, ledgersql.Day, ledgersql.User}, 10)
	assert.Equal(t, `SELECT user_id,
  CAST(called_at AS DATE) AS day,
  count(*) AS calls,
  CAST(coalesce(sum(input_tokens), 0) AS BIGINT) AS input_tokens,
  CAST(coalesce(sum(output_tokens), 0) AS BIGINT) AS output_tokens,
  CAST(coalesce(sum(cache_read_tokens), 0) AS BIGINT) AS cache_read_tokens,
  CAST(coalesce(sum(cache_write_tokens), 0) AS BIGINT) AS cache_write_tokens,
  CAST(sum(estimated_nanousd) AS BIGINT) AS estimated_nanousd,
  count(*) - count(estimated_nanousd) AS unpriced_calls
FROM calls
GROUP BY 1, 2
ORDER BY day, estimated_nanousd DESC NULLS LAST, calls DESC, user_id NULLS LAST
LIMIT 10`, sql)
}

func TestAnUnknownDimensionIsAMistakeOfTheCaller(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, `paper-trail/ledgersql: there is no such dimension, got "colour"; take one of Dimensions()`, func() {
		ledgersql.Cost(ledgersql.Filter{}, []ledgersql.Dimension{"colour"}, 0)
	})
	for _, d := range ledgersql.Dimensions() {
		assert.Contains(t, ledgersql.Cost(ledgersql.Filter{}, []ledgersql.Dimension{d}, 0), "GROUP BY 1\n", d)
	}
}

func TestTablesProjectTheirPartitions(t *testing.T) {
	t.Parallel()
	source := ledgersql.Source{
		Location: "s3://logs/trail/", Accounts: []string{"111122223333", "444455556666"}, Regions: []string{"eu-west-1", "us-east-1"},
		Since: time.Date(2026, 11, 2, 13, 30, 0, 0, time.UTC),
	}
	invocations := ledgersql.Invocations(source)
	assert.Equal(t, "s3://logs/trail/AWSLogs/", invocations.Location)
	assert.Equal(t, map[string]string{
		"EXTERNAL":                          "TRUE",
		"projection.enabled":                "true",
		"projection.log_account.type":       "enum",
		"projection.log_account.values":     "111122223333,444455556666",
		"projection.log_region.type":        "enum",
		"projection.log_region.values":      "eu-west-1,us-east-1",
		"projection.log_hour.type":          "date",
		"projection.log_hour.format":        "yyyy/MM/dd/HH",
		"projection.log_hour.range":         "2026/11/02/13,NOW",
		"projection.log_hour.interval":      "1",
		"projection.log_hour.interval.unit": "HOURS",
		"storage.location.template":         "s3://logs/trail/AWSLogs/${log_account}/BedrockModelInvocationLogs/${log_region}/${log_hour}/",
	}, invocations.Parameters)

	source.Location = "s3://trail"
	events := ledgersql.Events(source)
	assert.Equal(t, "2026/11/02,NOW", events.Parameters["projection.log_day.range"])
	assert.Equal(t, "s3://trail/AWSLogs/${log_account}/CloudTrail/${log_region}/${log_day}/", events.Parameters["storage.location.template"])
	for _, table := range []ledgersql.Table{invocations, events} {
		names := map[string]bool{}
		for _, column := range append(table.Columns, table.PartitionKeys...) {
			assert.False(t, names[column.Name], "%s: column %s is there twice", table.Name, column.Name)
			names[column.Name] = true
			assert.Equal(t, strings.ToLower(column.Name), column.Name)
		}
		for name, value := range table.Parameters {
			assert.LessOrEqual(t, len(value), 512000, "AWS Glue: the length of a parameter's value, %s", name)
		}
	}
}

func TestAWindowIsPutIntoStatementsAsItIs(t *testing.T) {
	t.Parallel()
	marked := ledgersql.Window{From: "${FROM}", To: "${TO}"}
	for _, sql := range []string{ledgersql.Fill("db", marked), ledgersql.NoteUnreadable("db", marked), ledgersql.Measure("db", marked)} {
		assert.Contains(t, sql, "log_hour BETWEEN '${FROM}' AND '${TO}'")
		assert.NotContains(t, strings.NewReplacer("'${FROM}'", "", "'${TO}'", "").Replace(sql), "${", "always between quotes")
	}
	marked.Without = []string{"${A}", "${B}"}
	assert.Equal(t, 2, strings.Count(ledgersql.Measure("db", marked), "log_hour BETWEEN '${FROM}' AND '${TO}' AND log_hour NOT IN ('${A}', '${B}')"))
	assert.Equal(t, "2026/11/02/13", ledgersql.HourFolder(time.Date(2026, 11, 2, 14, 59, 59, 0, time.FixedZone("CET", 3600))))
}

func TestAFillIsMeasuredWithOneLookAtTheRawRecords(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 1, strings.Count(ledgersql.Measure("db", ledgersql.Window{}), `"db"."records"`))
}

// No parser but Athena's own knows these two, so their text is held to the Athena User Guide's.
func TestMaintenanceIsSpeltAsAthenaHasIt(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "OPTIMIZE db.calls REWRITE DATA USING BIN_PACK", ledgersql.Optimize("db"))
	assert.Equal(t, "VACUUM db.calls", ledgersql.Vacuum("db"))
}

// Athena refuses statements over 262,144 bytes; AWS Glue keeps a view as base64 of JSON, in at most 409,600 bytes.
func TestStatementsAreShortEnough(t *testing.T) {
	t.Parallel()
	w := ledgersql.Window{From: "2026/11/02/13", To: "2026/11/02/16"}
	for _, sql := range []string{
		ledgersql.CreateCalls("db", "s3://ledger/calls/"), ledgersql.RatesView("db", record.Rates()),
		ledgersql.ModelAliasesView("db", record.Rates()), ledgersql.RecordsView("db"), ledgersql.CallsWithEventsView("db"), ledgersql.CallsWithEvents(1, 1000),
		ledgersql.Fill("db", w), ledgersql.Measure("db", w), ledgersql.NoteUnreadable("db", w), ledgersql.CreateUnreadable("db", "s3://ledger/unreadable/"), ledgersql.Optimize("db"), ledgersql.Vacuum("db"),
	} {
		assert.Less(t, len(sql), 262_144/2, sql)
	}
}

func TestUnreadableObjectsAreThoseOfTheHoursOfDelivery(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "SELECT object, lines\nFROM unreadable\nORDER BY object", ledgersql.Unreadable(ledgersql.Filter{Users: []string{"u-17"}}))
	assert.Equal(t, `SELECT object, lines
FROM unreadable
WHERE log_hour >= '2026/11/02/13'
  AND log_hour <= '2026/11/03/00'
ORDER BY object`, ledgersql.Unreadable(ledgersql.Filter{
		From: time.Date(2026, 11, 2, 14, 59, 59, 0, time.FixedZone("CET", 3600)),
		To:   time.Date(2026, 11, 2, 23, 0, 0, 0, time.UTC),
	}))
}

func questions() map[string]func(ledgersql.Filter) string {
	by := ledgersql.Dimensions()
	return map[string]func(ledgersql.Filter) string{
		"Who":           func(f ledgersql.Filter) string { return ledgersql.Who(f, by, 100) },
		"What":          func(f ledgersql.Filter) string { return ledgersql.What(f, 100) },
		"Which":         func(f ledgersql.Filter) string { return ledgersql.Which(f, by, 0) },
		"Cost":          func(f ledgersql.Filter) string { return ledgersql.Cost(f, by, 0) },
		"Cost of all":   func(f ledgersql.Filter) string { return ledgersql.Cost(f, nil, 0) },
		"Totals":        ledgersql.Totals,
		"Unpriced":      ledgersql.Unpriced,
		"Hours":         ledgersql.Hours,
		"Throttles":     ledgersql.Throttles,
		"Errors":        ledgersql.Errors,
		"Interventions": ledgersql.Interventions,
		"Unattributed":  ledgersql.Unattributed,
	}
}
