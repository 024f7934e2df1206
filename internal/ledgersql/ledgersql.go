// Package ledgersql is the SQL of the ledger.
package ledgersql

import (
	"time"

	"github.com/bedrock-paper-trail/paper-trail/record"
)

// Column is one column of a table. Type is the type of a Hive or Iceberg
// definition: string, bigint, boolean, timestamp.
type Column struct {
	Name, Type, Comment string
}

// Columns returns the columns of relation calls, in their order. The ledger in
// AWS has one more at the end: filled_at, timestamp.
func Columns() []Column { return nil }

// Filter narrows a question. Each list is a choice: a call fits when any value
// fits. Empty lists and zero times narrow nothing.
type Filter struct {
	// From is inclusive, To exclusive.
	From, To                     time.Time
	Users, Tasks, KnowledgeBases []string
	// Requests match the request id and the business id.
	Requests []string
	// Models match the model id as passed, the model's name, and vendor.name.
	Models     []string
	Principals []string
}

// Dimension is what an answer is split by.
type Dimension string

// The dimensions.
const (
	User      Dimension = "user"
	Task      Dimension = "task"
	KB        Dimension = "kb"
	ByModel   Dimension = "model"
	Principal Dimension = "principal"
	Day       Dimension = "day"
	Hour      Dimension = "hour"
)

// Dimensions returns all dimensions.
func Dimensions() []Dimension { return []Dimension{User, Task, KB, ByModel, Principal, Day, Hour} }

// The questions. A limit of 0 is none.
func Who(f Filter, by []Dimension, limit int) string   { return "" }
func What(f Filter, limit int) string                  { return "" }
func Which(f Filter, by []Dimension, limit int) string { return "" }
func Cost(f Filter, by []Dimension, limit int) string  { return "" }
func Totals(f Filter) string                           { return "" }
func Unpriced(f Filter) string                         { return "" }
func Hours(f Filter) string                            { return "" }
func Throttles(f Filter) string                        { return "" }
func Errors(f Filter) string                           { return "" }
func Interventions(f Filter) string                    { return "" }
func Unattributed(f Filter) string                     { return "" }

// Quote makes a string literal.
func Quote(s string) string { return "" }

// Table describes an external table as AWS Glue wants it.
type Table struct {
	Name, Location            string
	Columns, PartitionKeys    []Column
	InputFormat, OutputFormat string
	SerDe                     string
	SerDeParameters           map[string]string
	Parameters                map[string]string
}

// Source says where raw files are.
type Source struct {
	// Location is s3://bucket or s3://bucket/prefix, the folder that holds AWSLogs/.
	Location string
	// Accounts and Regions are those whose folders are read.
	Accounts, Regions []string
	// Since is the first hour that is read.
	Since time.Time
}

// Invocations and Events describe the external tables of the raw records and of
// CloudTrail's files.
func Invocations(s Source) Table { return Table{} }
func Events(s Source) Table      { return Table{} }

// Window is a range of hour folders, both ends included, 'YYYY/MM/DD/HH'. The
// texts go between single quotes as they are, so that a state machine can put
// its own in the place of a marker.
type Window struct{ From, To string }

// HourFolder is the folder of an hour, for a Window.
func HourFolder(t time.Time) string { return t.UTC().Format("2006/01/02/15") }

// Statements for Athena, in the order in which they are run. db is the name of
// the Glue database.
func CreateCalls(db, location string) string                   { return "" }
func RatesView(db string, card *record.RateCard) string        { return "" }
func ModelAliasesView(db string, card *record.RateCard) string { return "" }
func RecordsView(db string) string                             { return "" }
func CallsWithEventsView(db string) string                     { return "" }
func Fill(db string, w Window) string                          { return "" }

// Measure answers one row: lag_seconds, rows, unreadable (of the window).
func Measure(db string, w Window) string  { return "" }
func Optimize(db string, w Window) string { return "" }
func Vacuum(db string) string             { return "" }
