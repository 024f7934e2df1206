package render

import (
	"slices"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// Answer is a question with its answer.
type Answer struct {
	// Question is the command: who, what, which, cost, sql.
	Question string

	// Filter is what the question was narrowed to.
	Filter Filter

	// Brief names the columns of a table. Default: all of the result's.
	Brief []string

	// Result is the answer's rows.
	Result *engine.Result

	// Truncated says that there are more rows than the filter's limit let
	// through. Default: false, these are all.
	Truncated bool

	// Completeness says what it rests on.
	Completeness *engine.Completeness
}

// Cut takes away the rows beyond the filter's limit, if it has one.
func (a *Answer) Cut() {
	if limit := a.Filter.Limit; limit > 0 && len(a.Result.Rows) > limit {
		a.Result.Rows = a.Result.Rows[:limit]
		a.Truncated = true
	}
}

// Table is the result with the columns for people only: those of Brief, and of
// these, if it is given, the ones that have a value in any row.
func (a *Answer) Table() *engine.Result {
	if a.Brief == nil {
		return a.Result
	}
	var keep []int
	for _, name := range a.Brief {
		at := a.Result.Index(name)
		if at >= 0 && slices.ContainsFunc(a.Result.Rows, func(row []any) bool { return row[at] != nil }) {
			keep = append(keep, at)
		}
	}
	table := &engine.Result{}
	for _, at := range keep {
		table.Columns = append(table.Columns, a.Result.Columns[at])
	}
	for _, row := range a.Result.Rows {
		values := make([]any, len(keep))
		for i, at := range keep {
			values[i] = row[at]
		}
		table.Rows = append(table.Rows, values)
	}
	return table
}

// Filter is what a question was narrowed to, as its JSON shows it.
type Filter struct {
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
	Users      []string   `json:"users,omitempty"`
	Tasks      []string   `json:"tasks,omitempty"`
	KBs        []string   `json:"kbs,omitempty"`
	Requests   []string   `json:"requests,omitempty"`
	Models     []string   `json:"models,omitempty"`
	Principals []string   `json:"principals,omitempty"`
	By         []string   `json:"by,omitempty"`
	Limit      int        `json:"limit,omitempty"`
	SQL        string     `json:"sql,omitempty"`
}
