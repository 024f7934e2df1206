package athena

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// results reads all pages. The first row of the first page repeats the columns'
// names if the statement was a SELECT.
func (e *Engine) results(ctx context.Context, id string) (*engine.Result, error) {
	result := &engine.Result{Rows: [][]any{}}
	pages := athena.NewGetQueryResultsPaginator(e.options.Client, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if page.ResultSet == nil {
			continue
		}
		rows := page.ResultSet.Rows
		if first {
			if page.ResultSet.ResultSetMetadata != nil {
				result.Columns = columns(page.ResultSet.ResultSetMetadata.ColumnInfo)
			}
			if len(rows) > 0 && isHeader(rows[0], result.Columns) {
				rows = rows[1:]
			}
		}
		for _, row := range rows {
			values, err := convert(row, result.Columns)
			if err != nil {
				return nil, fmt.Errorf("row %d: %w", len(result.Rows)+1, err)
			}
			result.Rows = append(result.Rows, values)
		}
	}
	return result, nil
}

func isHeader(row types.Row, columns []engine.Column) bool {
	if len(row.Data) != len(columns) {
		return false
	}
	for i, datum := range row.Data {
		if aws.ToString(datum.VarCharValue) != columns[i].Name {
			return false
		}
	}
	return true
}

func columns(infos []types.ColumnInfo) []engine.Column {
	list := make([]engine.Column, len(infos))
	for i, info := range infos {
		list[i] = engine.Column{Name: aws.ToString(info.Name), Kind: kind(aws.ToString(info.Type))}
	}
	return list
}

func kind(name string) engine.Kind {
	name, _, _ = strings.Cut(name, "(")
	switch name {
	case "tinyint", "smallint", "integer", "int", "bigint":
		return engine.Integer
	case "float", "real", "double", "decimal":
		return engine.Float
	case "boolean":
		return engine.Boolean
	case "timestamp", "timestamp with time zone":
		return engine.Timestamp
	case "date":
		return engine.Date
	default:
		return engine.Text
	}
}

func convert(row types.Row, columns []engine.Column) ([]any, error) {
	if len(row.Data) != len(columns) {
		return nil, fmt.Errorf("it has %d values for %d columns", len(row.Data), len(columns))
	}
	values := make([]any, len(columns))
	for i, datum := range row.Data {
		if datum.VarCharValue == nil {
			continue
		}
		v, err := parse(*datum.VarCharValue, columns[i].Kind)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", columns[i].Name, err)
		}
		values[i] = v
	}
	return values, nil
}

func parse(text string, k engine.Kind) (any, error) {
	switch k {
	case engine.Integer:
		return strconv.ParseInt(text, 10, 64)
	case engine.Float:
		return strconv.ParseFloat(text, 64)
	case engine.Boolean:
		return strconv.ParseBool(text)
	case engine.Date:
		return time.Parse(time.DateOnly, text)
	case engine.Timestamp:
		return parseTimestamp(text)
	default:
		return text, nil
	}
}

// parseTimestamp reads "2026-03-01 14:05:06.789", with or without a zone at its
// end: a name, or an offset.
func parseTimestamp(text string) (time.Time, error) {
	day, rest, _ := strings.Cut(text, " ")
	clock, zone, _ := strings.Cut(rest, " ")
	where := time.UTC
	if len(zone) == 6 && (zone[0] == '+' || zone[0] == '-') {
		t, err := time.Parse("2006-01-02 15:04:05 -07:00", text)
		return t.UTC(), err
	}
	if zone != "" {
		var err error
		if where, err = time.LoadLocation(zone); err != nil {
			return time.Time{}, err
		}
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05", day+" "+clock, where)
	return t.UTC(), err
}
