package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// CSV writes rows, the columns' names first. NULL is an empty cell; money is in
// billionths of a dollar, as in SQL. What the answer rests on has no place in it.
func CSV(w io.Writer) Rows { return &csvRows{out: csv.NewWriter(w)} }

type csvRows struct {
	out     *csv.Writer
	columns []engine.Column
	cells   []string
}

func (r *csvRows) Begin(columns []engine.Column) error {
	r.columns, r.cells = columns, make([]string, len(columns))
	for i, c := range columns {
		r.cells[i] = Cell(c.Name)
	}
	return r.out.Write(r.cells)
}

func (r *csvRows) Row(values []any) error {
	for i, v := range values {
		r.cells[i] = csvCell(v, r.columns[i].Kind)
	}
	return r.out.Write(r.cells)
}

func (r *csvRows) End(bool, *engine.Completeness) error {
	r.out.Flush()
	return r.out.Error()
}

func csvCell(v any, kind engine.Kind) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return Cell(v)
	case time.Time:
		if kind == engine.Date {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339Nano)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}
