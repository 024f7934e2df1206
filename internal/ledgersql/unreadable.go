package ledgersql

import (
	"strings"
	"time"
)

// unreadableColumns are those of table unreadable.
var unreadableColumns = []Column{
	{"object", "string", "object of raw records"},
	{"log_hour", "string", "hour of its delivery, UTC, such as 2026/01/31/23"},
	{"lines", "bigint", "how many of its lines no call can be made of"},
	{"seen_at", "timestamp", "when the fill came upon them, UTC"},
}

// CreateUnreadable is the statement that makes table unreadable, an Iceberg table
// beside the ledger: one row per object of raw records that has lines which no call can
// be made of. It holds names of objects and none of their content. location is a
// folder in S3 of its own.
func CreateUnreadable(db, location string) string {
	return iceberg(db, "unreadable", unreadableColumns, "", location)
}

// NoteUnreadable is the statement that enters the objects of a window with lines that
// [Fill] cannot enter into table unreadable. An object is entered once, however often
// its window is filled: objects do not change.
func NoteUnreadable(db string, w Window) string {
	return `MERGE INTO ` + qualified(db, "unreadable") + ` t
USING (
  SELECT object, log_hour, count(*) AS lines
  FROM ` + qualified(db, "records") + `
  WHERE ` + w.folders() + ` AND NOT coalesce(readable AND ` + w.deliverable("called_at") + `, false)
  GROUP BY object, log_hour
) s
ON t.object = s.object
WHEN NOT MATCHED THEN INSERT (object, log_hour, lines, seen_at)
VALUES (s.object, s.log_hour, s.lines, ` + now + `)`
}

// Unreadable asks for the objects that the ledger lacks lines of: object, lines; in the
// order of their names. It is for Athena only, over relation unreadable. Of the filter only the
// time counts, since nobody knows what such a line is about: an object is in the
// answer if its hour of delivery is that of From or later, and no more than an hour after To.
func Unreadable(f Filter) string {
	var hours []string
	if !f.From.IsZero() {
		hours = append(hours, "log_hour >= "+Quote(HourFolder(f.From)))
	}
	if !f.To.IsZero() {
		hours = append(hours, "log_hour <= "+Quote(HourFolder(f.To.Add(time.Hour))))
	}
	where := ""
	if len(hours) > 0 {
		where = "\nWHERE " + strings.Join(hours, "\n  AND ")
	}
	return "SELECT object, lines\nFROM unreadable" + where + "\nORDER BY object"
}
