package render

import "github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"

// Rows writes an answer as its rows come, however many: Begin once, Row for each,
// End once. It keeps none of them.
type Rows interface {
	// Begin is given the columns.
	Begin(columns []engine.Column) error

	// Row is given a value for each column.
	Row(values []any) error

	// End is told whether a limit kept rows out, and what the answer rests on.
	End(truncated bool, c *engine.Completeness) error
}
