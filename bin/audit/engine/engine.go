package engine

import (
	"context"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// Engine answers questions. Its methods may be called one after the other, not
// at the same time.
type Engine interface {
	// Query runs one SQL statement. It fails if the record could not be
	// read to its end for another reason than a broken object; broken
	// objects are in Completeness.
	Query(ctx context.Context, sql string) (*Result, error)

	// Completeness says what the answers within the filter's time range
	// rest on, whatever else the filter narrows. Only Unpriced is of the
	// calls that meet all of the filter's conditions.
	Completeness(ctx context.Context, f ledgersql.Filter) (*Completeness, error)

	// Close gives back what the engine holds: memory, temporary files.
	Close() error
}

// Kind is the type of a column's values.
type Kind int

const (
	Text      Kind = iota // string
	Integer               // int64
	Float                 // float64
	Boolean               // bool
	Timestamp             // time.Time, UTC
	Date                  // time.Time, midnight UTC
)

// Column is one column of an answer.
type Column struct {
	Name string
	Kind Kind
}

// Result is an answer. Values are nil (NULL) or of the type that the column's
// Kind names.
type Result struct {
	Columns []Column
	Rows    [][]any
}

// Index returns the position of the column of that name, -1 if there is none.
func (r *Result) Index(name string) int {
	for i, c := range r.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// Completeness says what an answer rests on: how much of the record was read,
// what of it could not be, and which calls are known from elsewhere to be
// missing from it.
type Completeness struct {
	// Unchecked says why nobody looked, in which case all else but the cost
	// is zero. Default: empty, it was looked at.
	Unchecked string `json:"unchecked,omitempty"`

	// Objects is the number of log objects that were read, broken ones
	// included. Athena does not tell: 0 there.
	Objects int64 `json:"objects"`

	// Empty is true if there was no log object at all in the source and time: it
	// is hardly what somebody meant to ask.
	Empty bool `json:"empty,omitempty"`

	// Records is the number of calls that the answer could see, each
	// request id once.
	Records int64 `json:"records"`

	// Duplicates is the number of records left out because their request
	// id had been read before.
	Duplicates int64 `json:"duplicates"`

	// Skipped is the number of objects that hold no records: markers and
	// bodies stored beside the log.
	Skipped int64 `json:"skipped"`

	// BrokenObjects and BrokenLines count what could not be read.
	BrokenObjects int64 `json:"brokenObjects"`
	BrokenLines   int64 `json:"brokenLines"`

	// Broken names the first thousand of them.
	Broken []Broken `json:"broken,omitempty"`

	// Partial is true if the question was answered before the record was
	// read to its end, as a LIMIT without an order is; the counts are then
	// of what was read.
	Partial bool `json:"partial,omitempty"`

	// Searched is true if the record was looked through for one call, and
	// only lines that may mention it were parsed: Records is then the number
	// of lines, repeated ones included, and BrokenLines is of the lines that
	// may mention it. Default: false, all was parsed.
	Searched bool `json:"searched,omitempty"`

	// Unpriced lists by model the calls that meet the conditions and have no
	// price, since the rate card has no rate or the record no tokens. They
	// are in no sum of money. Default: empty, as for answers without money.
	Unpriced []Unpriced `json:"unpriced,omitempty"`

	// Hours compares the record with the number of calls that Amazon
	// CloudWatch counted.
	Hours Hours `json:"hours"`

	// ScannedBytes is what Athena read for the queries so far. 0 for an
	// engine that is not paid by the byte.
	ScannedBytes int64 `json:"scannedBytes,omitempty"`

	// ScanNanoUSD is what those queries cost at Athena's list price, in
	// billionths of a dollar.
	ScanNanoUSD int64 `json:"scanNanoUSD,omitempty"`
}

// Complete reports whether nothing is known to be missing. Hours that were not
// compared are not known to be missing, and neither is the price of a model.
func (c *Completeness) Complete() bool {
	return !c.Empty && c.BrokenObjects == 0 && c.BrokenLines == 0 && len(c.Hours.Silent) == 0
}

// Broken is an object, or one line of it, that could not be read. What stands
// before and, for a line, behind it is in the answer.
type Broken struct {
	// Object is the object's path in the source.
	Object string `json:"object"`

	// Line counts from 1; 0 if the rest of the object is lost.
	Line int64 `json:"line,omitempty"`

	// Lines is how many lines of the object could not be read, where they are
	// not named one by one, as in the ledger; else 0.
	Lines int64 `json:"lines,omitempty"`

	// Records is the number of records read from the object before it broke.
	Records int64 `json:"records"`

	// Problem says what is wrong with it.
	Problem string `json:"problem"`
}

// Unpriced is a model with calls that have no price.
type Unpriced struct {
	ModelID string `json:"modelId"`
	Calls   int64  `json:"calls"`
}

// Hours is the comparison of the record with the metric
// AWS/Bedrock Invocations, hour by hour.
type Hours struct {
	// Checked is false if there was nothing to compare with; Why says so.
	Checked bool   `json:"checked"`
	Why     string `json:"why,omitempty"`

	// Silent lists the hours in which CloudWatch counted calls and the
	// record has none.
	Silent []Silent `json:"silent,omitempty"`
}

// Silent is an hour with calls that left no record.
type Silent struct {
	Region string    `json:"region"`
	Hour   time.Time `json:"hour"`
	Calls  int64     `json:"calls"`
}
