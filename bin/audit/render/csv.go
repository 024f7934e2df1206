package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// CSV writes the rows, names first. NULL is an empty cell; money is in
// billionths of a dollar, as in SQL.
func CSV(w io.Writer, r *engine.Result) error {
	out := csv.NewWriter(w)
	cells := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		cells[i] = Cell(c.Name)
	}
	if err := out.Write(cells); err != nil {
		return err
	}
	for _, values := range r.Rows {
		for i, v := range values {
			cells[i] = csvCell(v, r.Columns[i].Kind)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
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
