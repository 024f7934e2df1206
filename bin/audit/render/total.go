package render

import "github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"

// Total is a row with the sums of the columns of whole numbers. In the first
// column it says so, if that is another. A sum of NULLs is NULL.
func Total(r *engine.Result) []any {
	row := make([]any, len(r.Columns))
	for i, c := range r.Columns {
		switch {
		case c.Kind == engine.Integer:
			row[i] = sum(r.Rows, i)
		case i == 0:
			row[i] = "total"
		default:
			row[i] = ""
		}
	}
	return row
}

func sum(rows [][]any, at int) any {
	var all any
	for _, values := range rows {
		if n, ok := values[at].(int64); ok {
			before, _ := all.(int64)
			all = before + n
		}
	}
	return all
}
