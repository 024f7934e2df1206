package show

import (
	"reflect"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

// columns are the call's columns that have a value. The fields of a record.Call
// are the ledger's columns in their order.
func columns(call *record.Call) map[string]any {
	values := map[string]any{}
	fields := reflect.ValueOf(call).Elem()
	for i, column := range ledgersql.Columns() {
		field := fields.Field(i)
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				continue
			}
			field = field.Elem()
		}
		if field.Kind() == reflect.String && field.Len() == 0 {
			continue
		}
		values[column.Name] = field.Interface()
	}
	return values
}
