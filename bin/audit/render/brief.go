package render

import (
	"slices"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// Brief is a result with only those of the named columns that have a value in
// any row.
func Brief(r *engine.Result, names []string) *engine.Result {
	var keep []int
	for _, name := range names {
		at := r.Index(name)
		if at >= 0 && slices.ContainsFunc(r.Rows, func(row []any) bool { return row[at] != nil }) {
			keep = append(keep, at)
		}
	}
	brief := &engine.Result{}
	for _, at := range keep {
		brief.Columns = append(brief.Columns, r.Columns[at])
	}
	for _, row := range r.Rows {
		values := make([]any, len(keep))
		for i, at := range keep {
			values[i] = row[at]
		}
		brief.Rows = append(brief.Rows, values)
	}
	return brief
}
