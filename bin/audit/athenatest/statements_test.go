package athenatest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func TestEveryStatementIsAthenas(t *testing.T) {
	card := record.Rates().With(aliases(t))
	transpile(t, "athena", "athena", ledgersql.CreateCalls(database, "s3://ledger/calls/"), ledgersql.CreateUnreadable(database, "s3://ledger/unreadable/"))
	statements := []string{
		ledgersql.RatesView(database, card), ledgersql.ModelAliasesView(database, card), ledgersql.ModelAliasesView(database, record.Rates()),
		ledgersql.RecordsView(database), ledgersql.CallsWithEventsView(database),
		ledgersql.Fill(database, allTime), ledgersql.NoteUnreadable(database, allTime), ledgersql.Measure(database, allTime),
		ledgersql.Unreadable(ledgersql.Filter{From: time.Unix(0, 0), To: time.Unix(0, 0)}), ledgersql.CallsWithEvents(1, 10),
	}
	transpile(t, "athena", "athena", statements...)
	// All but the definition of a table go to Trino.
	transpile(t, "trino", "trino", statements...)
}

func TestCallsAreJoinedWithTheirEvents(t *testing.T) {
	dir, truth := generate(t, recordtest.Traffic{Seed: 17, Records: 300, Hours: 30})
	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(record.Rates())
	a.run(ledgersql.Fill(database, allTime))
	a.duckdb(`CREATE TABLE events AS
		SELECT request_id AS requestid, 'e-' || request_id AS eventid, operation AS eventname, CAST(called_at AS VARCHAR) AS eventtime,
			'bedrock.amazonaws.com' AS eventsource, kind AS eventtype, '198.51.100.7' AS sourceipaddress, 'sdk' AS useragent,
			NULL AS vpcendpointid, error_code AS errorcode, NULL AS errormessage,
			{'type': 'AssumedRole', 'arn': principal, 'accesskeyid': 'ASIA', 'invokedby': NULL} AS useridentity,
			strftime(called_at + INTERVAL 6 HOUR, '%Y/%m/%d') AS log_day
		FROM calls, (VALUES ('AwsApiCall'), ('AwsServiceEvent')) AS kinds(kind)
		WHERE operation LIKE 'Converse%'`)
	a.run(ledgersql.CallsWithEventsView(database))

	_, rows := a.ask("SELECT count(*), count(DISTINCT request_id), count(event_id), count(CASE WHEN event_id <> 'e-' || request_id THEN 1 END) FROM calls_with_events")
	require.Len(t, rows, 1)
	assert.EqualValues(t, truth.Total.Calls, rows[0][0], "calls without an event are there, too, and none is there twice")
	assert.EqualValues(t, truth.Total.Calls, rows[0][1])
	assert.EqualValues(t, truth.ByOperation["Converse"].Calls+truth.ByOperation["ConverseStream"].Calls, rows[0][2])
	assert.EqualValues(t, 0, rows[0][3])

	// The same for the calls of the last days, with constant bounds.
	a.duckdb("UPDATE calls SET called_at = called_at + (SELECT now()::TIMESTAMP - max(called_at) FROM calls)")
	a.duckdb("UPDATE events SET log_day = (SELECT strftime(called_at, '%Y/%m/%d') FROM calls WHERE request_id = requestid)")
	_, rows = a.ask("SELECT count(*), count(event_id), (SELECT count(*) FROM calls WHERE called_at >= now()::TIMESTAMP - INTERVAL 1 DAY) FROM (" +
		transpile(t, "athena", "duckdb", ledgersql.CallsWithEvents(1, 0))[0] + ")")
	assert.Equal(t, rows[0][2], rows[0][0], "calls without an event, too")
	assert.Less(t, rows[0][1], rows[0][0])
	assert.Positive(t, rows[0][1])
}
