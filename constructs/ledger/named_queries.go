package ledger

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// savedQuery is a query that people find under its name.
type savedQuery struct{ id, name, description, sql string }

// mostRows is how many rows the saved queries answer at most; what is longer is
// narrowed by editing the query.
const mostRows = 1000

// ledgerQueries are the questions, of all times; a query is narrowed by editing
// its WHERE clause.
func ledgerQueries() []savedQuery {
	everything := ledgersql.Filter{}
	by := func(d ...ledgersql.Dimension) []ledgersql.Dimension { return d }
	return []savedQuery{
		{"Who", "Who", "Who called models, how often, and for how much", ledgersql.Who(everything, nil, mostRows)},
		{"What", "What", "The latest calls, one a row", ledgersql.What(everything, mostRows)},
		{"Which", "Which", "Which models served calls, in which versions", ledgersql.Which(everything, nil, mostRows)},
		{"CostByUser", "How much, by user", "Tokens and estimated cost of each user", ledgersql.Cost(everything, by(ledgersql.User), mostRows)},
		{"CostByTask", "How much, by task", "Tokens and estimated cost of each task", ledgersql.Cost(everything, by(ledgersql.Task), mostRows)},
		{"CostByModel", "How much, by model", "Tokens and estimated cost of each model", ledgersql.Cost(everything, by(ledgersql.ByModel), mostRows)},
		{"CostByDay", "How much, by day", "Tokens and estimated cost of each day", ledgersql.Cost(everything, by(ledgersql.Day), mostRows)},
		{"Totals", "How much, in all", "Calls, tokens and estimated cost in all", ledgersql.Totals(everything)},
		{"Unpriced", "Without a price", "Models whose calls have no estimated cost", ledgersql.Unpriced(everything)},
		{"Throttles", "Throttled", "Calls that were refused for their rate", ledgersql.Throttles(everything)},
		{"Errors", "Failed", "Calls that failed, and how", ledgersql.Errors(everything)},
		{"Interventions", "Guardrail interventions", "Calls in which a guardrail intervened", ledgersql.Interventions(everything)},
		{"Unattributed", "Unattributed", "Calls that do not say who asked", ledgersql.Unattributed(everything)},
		{"UnreadableObjects", "Unreadable objects", "Objects of raw records with lines that the ledger lacks", ledgersql.Unreadable(everything)},
	}
}

// auditQueries are the same and those that read raw records. They name the hours
// that they read: without, Athena reads them all.
func auditQueries(events bool) []savedQuery {
	since := func(days int, layout string) string {
		return fmt.Sprintf("date_format(current_timestamp AT TIME ZONE 'UTC' - INTERVAL '%d' DAY, '%s')", days, layout)
	}
	list := append(ledgerQueries(),
		savedQuery{"One", "One call in full", "Prompt and answer of a call: put its request id and the hours around it in their places",
			`SELECT *
FROM records
WHERE log_hour BETWEEN '2026/01/31/13' AND '2026/01/31/15' AND request_id = 'REQUEST-ID'`},
		savedQuery{"Unreadable", "Unreadable lines", "Lines of the last three days that no row of the ledger can be made of",
			`SELECT object, log_hour, count(*) AS lines
FROM records
WHERE log_hour >= ` + since(3, "%Y/%m/%d/%H") + ` AND NOT readable
GROUP BY object, log_hour
ORDER BY log_hour DESC, object`},
		savedQuery{"Missing", "Missing calls", "Calls of the last three days that are in the raw records and not in the ledger",
			`SELECT r.request_id, r.called_at, r.principal, r.model_id, r.object
FROM records r LEFT JOIN calls c ON c.request_id = r.request_id
WHERE r.log_hour >= ` + since(3, "%Y/%m/%d/%H") + ` AND r.readable AND c.request_id IS NULL
ORDER BY r.called_at DESC`})
	if events {
		list = append(list, savedQuery{"CallsWithEvents", "Calls with their events", "Calls of the last day, and what the trail has of each",
			ledgersql.CallsWithEvents(1, mostRows)})
	}
	return list
}

func (l *ledger) saveQueries(id string, group awsathena.CfnWorkGroup, queries []savedQuery) {
	name, database := group.Ref(), l.tables.DatabaseName() // asked once: each is a round trip to the kernel
	for _, q := range queries {
		awsathena.NewCfnNamedQuery(l, jsii.String(id+q.id), &awsathena.CfnNamedQueryProps{
			Name:        jsii.String(q.name),
			Description: jsii.String(q.description),
			Database:    database,
			WorkGroup:   name,
			QueryString: jsii.String(q.sql),
		})
	}
}
