package duckdb

import (
	"strings"
	"time"
	"unicode/utf8"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/bedrock-paper-trail/paper-trail/record"
)

// row is what a column is computed from.
type row struct {
	call   *record.Call
	record *record.Record
}

// column is a column of the table function: exactly one of its functions is set.
type column struct {
	name    string
	text    func(row) string // empty is NULL
	integer func(row) *int64 // nil is NULL
	moment  func(row) time.Time
	boolean func(row) bool

	// single says that questions that sum calls up have no use for it.
	single bool
	// body says that the column is part of records, not of calls.
	body bool
}

var columns = []column{
	{name: "request_id", text: func(r row) string { return r.call.RequestID }},
	{name: "called_at", moment: func(r row) time.Time { return r.call.CalledAt }},
	{name: "account_id", text: func(r row) string { return r.call.AccountID }},
	{name: "region", text: func(r row) string { return r.call.Region }},
	{name: "inference_region", text: func(r row) string { return r.call.InferenceRegion }},
	{name: "operation", text: func(r row) string { return r.call.Operation }},
	{name: "model_id", text: func(r row) string { return r.call.ModelID }},
	{name: "vendor", text: func(r row) string { return r.call.Vendor }},
	{name: "model", text: func(r row) string { return r.call.Model }},
	{name: "model_version", text: func(r row) string { return r.call.ModelVersion }},
	{name: "scope", text: func(r row) string { return r.call.Scope }},
	{name: "principal", text: func(r row) string { return r.call.Principal }},
	{name: "session", text: func(r row) string { return r.call.Session }},
	{name: "user_id", text: func(r row) string { return r.call.UserID }},
	{name: "task_type", text: func(r row) string { return r.call.TaskType }},
	{name: "kb_id", text: func(r row) string { return r.call.KBID }},
	{name: "business_id", text: func(r row) string { return r.call.BusinessID }},
	{name: "metadata", text: func(r row) string { return r.call.Metadata }, single: true},
	{name: "input_tokens", integer: func(r row) *int64 { return r.call.InputTokens }},
	{name: "output_tokens", integer: func(r row) *int64 { return r.call.OutputTokens }},
	{name: "cache_read_tokens", integer: func(r row) *int64 { return r.call.CacheReadTokens }},
	{name: "cache_write_tokens", integer: func(r row) *int64 { return r.call.CacheWriteTokens }},
	{name: "error_code", text: func(r row) string { return r.call.ErrorCode }},
	{name: "stop_reason", text: func(r row) string { return r.call.StopReason }},
	{name: "guardrail_intervened", boolean: func(r row) bool { return r.call.GuardrailIntervened }},
	{name: "latency_ms", integer: func(r row) *int64 { return r.call.LatencyMS }},
	{name: "input_body_s3", text: func(r row) string { return r.call.InputBodyS3 }, single: true},
	{name: "output_body_s3", text: func(r row) string { return r.call.OutputBodyS3 }, single: true},
	{name: "estimated_nanousd", integer: func(r row) *int64 { return r.call.EstimatedNanoUSD }},
	{name: "rate_since", text: func(r row) string { return r.call.RateSince }, single: true},
	{name: "object", text: func(r row) string { return r.call.Object }, single: true},
	{name: "input_body", text: func(r row) string { return string(r.record.Input.Body) }, body: true},
	{name: "output_body", text: func(r row) string { return string(r.record.Output.Body) }, body: true},
}

// info is what DuckDB is told of the columns.
func info() []driver.ColumnInfo {
	infos := make([]driver.ColumnInfo, len(columns))
	for i, c := range columns {
		infos[i] = driver.ColumnInfo{Name: c.name, T: c.duckType()}
	}
	return infos
}

func (c column) duckType() driver.TypeInfo {
	t := driver.TYPE_VARCHAR
	switch {
	case c.integer != nil:
		t = driver.TYPE_BIGINT
	case c.moment != nil:
		t = driver.TYPE_TIMESTAMP
	case c.boolean != nil:
		t = driver.TYPE_BOOLEAN
	}
	info, err := driver.NewTypeInfo(t)
	if err != nil {
		panic("paper-trail/duckdb: DuckDB does not know its own type: " + err.Error())
	}
	return info
}

// set writes the column's value into row i of a chunk.
func (c column) set(chunk driver.DataChunk, at, i int, r row) error {
	switch {
	case c.text != nil:
		v := c.text(r)
		if v == "" {
			return chunk.SetValue(at, i, nil)
		}
		if !utf8.ValidString(v) {
			// DuckDB would take it for NULL.
			v = strings.ToValidUTF8(v, "\uFFFD")
		}
		return driver.SetChunkValue(chunk, at, i, v)
	case c.integer != nil:
		v := c.integer(r)
		if v == nil {
			return chunk.SetValue(at, i, nil)
		}
		return driver.SetChunkValue(chunk, at, i, *v)
	case c.moment != nil:
		return driver.SetChunkValue(chunk, at, i, c.moment(r))
	default:
		return driver.SetChunkValue(chunk, at, i, c.boolean(r))
	}
}
