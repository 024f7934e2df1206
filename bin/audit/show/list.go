package show

import "github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"

// List is a table of calls, to choose one from.
func List(calls []*Call) *engine.Result {
	r := &engine.Result{Columns: []engine.Column{
		{Name: "called_at", Kind: engine.Timestamp}, {Name: "request_id"}, {Name: "user_id"}, {Name: "principal"},
		{Name: "model_id"}, {Name: "error_code"}, {Name: "estimated_nanousd", Kind: engine.Integer},
	}}
	for _, c := range calls {
		values := make([]any, len(r.Columns))
		for i, column := range r.Columns {
			values[i] = c.Columns[column.Name]
		}
		r.Rows = append(r.Rows, values)
	}
	return r
}
