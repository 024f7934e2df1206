package duckdb

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// each hands over the columns and the rows of an answer.
func each(rows *sql.Rows, begin func([]engine.Column) error, row func([]any) error) error {
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	columns := make([]engine.Column, len(types))
	cells, values := make([]any, len(types)), make([]any, len(types))
	for i, t := range types {
		columns[i] = engine.Column{Name: t.Name(), Kind: kind(t)}
		cells[i] = &values[i]
	}
	if err := begin(columns); err != nil {
		return err
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		for i, v := range values {
			if id, ok := v.([]byte); ok && types[i].DatabaseTypeName() == "UUID" {
				v = (*driver.UUID)(id).String()
			}
			values[i] = value(v, &columns[i])
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

func kind(t *sql.ColumnType) engine.Kind {
	name := t.DatabaseTypeName()
	switch {
	case strings.HasPrefix(name, "DECIMAL"), name == "DOUBLE", name == "FLOAT":
		return engine.Float
	case strings.HasSuffix(name, "INT"), strings.HasSuffix(name, "INTEGER"):
		return engine.Integer
	case strings.HasPrefix(name, "TIMESTAMP"):
		return engine.Timestamp
	case name == "DATE":
		return engine.Date
	case name == "BOOLEAN":
		return engine.Boolean
	default:
		return engine.Text
	}
}

// value turns what the driver gives into what a Result holds. A column whose
// value does not fit its kind becomes text.
func value(v any, c *engine.Column) any {
	switch v := v.(type) {
	case nil, string, bool, int64, float64:
		return v
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case float32:
		return float64(v)
	case time.Time:
		if c.Kind != engine.Timestamp && c.Kind != engine.Date {
			return v.Format(time.TimeOnly)
		}
		return v.UTC()
	case driver.Decimal:
		return v.Float64()
	case uint64:
		return wide(new(big.Int).SetUint64(v), c)
	case *big.Int:
		return wide(v, c)
	case []byte:
		return string(v)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(text)
	}
}

func wide(n *big.Int, c *engine.Column) any {
	if n.IsInt64() {
		return n.Int64()
	}
	c.Kind = engine.Text
	return n.String()
}
