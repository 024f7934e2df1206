package ledgersql

import (
	"strings"
	"time"
)

// Window is a range of the hour folders of the raw records, both ends included.
// The texts go between single quotes as they are, so that a state machine can put its
// own in the place of markers.
type Window struct {
	// From and To are hours such as 2026/01/31/23, see [HourFolder]. Default: none, both required.
	From, To string
	// Without are hours in between that are left out. Default: none.
	Without []string
}

// HourFolder is the folder of the hour that a moment is in.
func HourFolder(t time.Time) string { return t.UTC().Format("2006/01/02/15") }

// A record's folder is the hour of its delivery. What is further from it than this is not
// entered into the ledger but counted by [Measure]: a fill that looked for
// duplicates in the whole ledger would read all of it every hour.
const (
	longestDelay = "INTERVAL '31' DAY"
	fastestClock = "INTERVAL '2' DAY"
)

// deliverable is the condition that a call can be of the window.
func (w Window) deliverable(called string) string {
	moment := func(hour string) string { return "date_parse('" + hour + "', '%Y/%m/%d/%H')" }
	return called + " >= " + moment(w.From) + " - " + longestDelay + " AND " + called + " < " + moment(w.To) + " + " + fastestClock
}

func (w Window) folders() string {
	folders := "log_hour BETWEEN '" + w.From + "' AND '" + w.To + "'"
	if len(w.Without) > 0 {
		folders += " AND log_hour NOT IN ('" + strings.Join(w.Without, "', '") + "')"
	}
	return folders
}

// CreateCalls is the statement that makes the ledger: an Iceberg table, partitioned
// by the day of the call. location is a folder in S3. db, here and in all statements, is
// the name of the Glue database: lower-case letters, digits and underscores.
//
// Files are Parquet with Zstandard. VACUUM removes snapshots older than five days; until then
// the ledger can be read as it was.
func CreateCalls(db, location string) string {
	return iceberg(db, "calls", append(Columns(), FilledAt()), "\nPARTITIONED BY (day(called_at))", location)
}

func iceberg(db, table string, of []Column, partitions, location string) string {
	columns := make([]string, len(of))
	for i, column := range of {
		columns[i] = "  `" + column.Name + "` " + column.Type + " COMMENT " + Quote(column.Comment)
	}
	return "CREATE TABLE IF NOT EXISTS `" + db + "`.`" + table + "` (\n" + strings.Join(columns, ",\n") + "\n)" + partitions + `
LOCATION '` + location + `'
TBLPROPERTIES (
  'table_type' = 'ICEBERG',
  'format' = 'parquet',
  'write_compression' = 'zstd',
  'optimize_rewrite_data_file_threshold' = '5',
  'vacuum_max_snapshot_age_seconds' = '432000',
  'vacuum_min_snapshots_to_keep' = '1'
)`
}

// now is the present moment as the tables hold it.
const now = "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP(6))"

// Fill is the statement that enters the records of a window into the ledger. A
// request id is entered once, however often it was delivered and however often its
// window is filled, one fill after the other; of duplicates the one in the first object counts. Two
// fills at the same time can enter it twice: Iceberg refuses a commit on what another one
// changed, not one that only adds.
func Fill(db string, w Window) string {
	columns := Columns()
	return `MERGE INTO ` + qualified(db, "calls") + ` t
USING (
  SELECT ` + columnNames("", columns) + `
  FROM (
    SELECT *, row_number() OVER (PARTITION BY request_id ORDER BY object, called_at, model_id, input_tokens, output_tokens) AS delivery
    FROM ` + qualified(db, "records") + `
    WHERE ` + w.folders() + ` AND readable AND ` + w.deliverable("called_at") + `
  )
  WHERE delivery = 1
) s
ON t.request_id = s.request_id
  AND ` + w.deliverable("t.called_at") + `
WHEN NOT MATCHED THEN INSERT (` + columnNames("", columns) + `, ` + FilledAt().Name + `)
VALUES (` + columnNames("s.", columns) + `, ` + now + `)`
}

// Measure asks how a fill went, in one row of numbers that are never NULL:
//
//   - rows: calls that the last hour's fills entered
//   - lag_seconds: the longest time from a call to its entry among those rows, 0 if there are none
//   - unreadable: lines that no call could be made of, in objects of the window or
//     that the last hour's fills came upon
//   - missing: calls in the raw records of the window that are not in the ledger
//   - duplicates: rows in the ledger beyond the first one of each of those calls; fills that overlap make them
//
// It reads the raw records of the window once.
func Measure(db string, w Window) string {
	lately := " > " + now + " - INTERVAL '1' HOUR"
	return `WITH filled AS (
  SELECT count(*) AS rows_filled, coalesce(max(date_diff('second', called_at, filled_at)), 0) AS lag_seconds
  FROM ` + qualified(db, "calls") + `
  WHERE filled_at` + lately + `
    AND ` + w.deliverable("called_at") + `
), noted AS (
  SELECT CAST(coalesce(sum(lines), 0) AS BIGINT) AS unreadable
  FROM ` + qualified(db, "unreadable") + `
  WHERE ` + w.folders() + ` OR seen_at` + lately + `
), delivered AS (
  SELECT DISTINCT request_id
  FROM ` + qualified(db, "records") + `
  WHERE ` + w.folders() + ` AND readable AND ` + w.deliverable("called_at") + `
), entered AS (
  SELECT count(*) - count(c.request_id) AS missing, count(c.request_id) - count(DISTINCT c.request_id) AS duplicates
  FROM delivered d LEFT JOIN ` + qualified(db, "calls") + ` c
    ON c.request_id = d.request_id AND ` + w.deliverable("c.called_at") + `
)
SELECT filled.rows_filled AS "rows", filled.lag_seconds, noted.unreadable, entered.missing, entered.duplicates
FROM filled CROSS JOIN noted CROSS JOIN entered`
}

// Optimize is the statement that compacts the many small files that hourly fills write. It
// names no days: AWS passes over those that have too few small files to be worth it, and takes
// no condition but one of whole partitions.
func Optimize(db string) string { return "OPTIMIZE " + db + ".calls REWRITE DATA USING BIN_PACK" }

// Vacuum is the statement that removes snapshots past their age, and the files that only they need.
func Vacuum(db string) string { return "VACUUM " + db + ".calls" }
