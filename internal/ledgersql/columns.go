package ledgersql

import "strings"

// Column is one column of a table.
type Column struct {
	// Name is in lower case. Default: none, always set.
	Name string
	// Type is the type in a table's definition: string, bigint, boolean, timestamp, or a nested
	// one. Default: none, always set.
	Type string
	// Comment says what is in the column. Default: empty.
	Comment string
}

// Columns returns the columns of relation calls, which are the fields of
// record.Call in their order. The ledger in AWS has [FilledAt] after them.
// Timestamps are in UTC; what a record does not tell is NULL.
func Columns() []Column {
	return []Column{
		{"request_id", "string", "identifier of the call, the same as in CloudTrail"},
		{"called_at", "timestamp", "when the call was made, UTC"},
		{"account_id", "string", "account that called"},
		{"region", "string", "Region that was called"},
		{"inference_region", "string", "Region that served a cross-Region call"},
		{"operation", "string", "operation of the Bedrock runtime"},
		{"model_id", "string", "model id as the caller passed it"},
		{"vendor", "string", "vendor of the model"},
		{"model", "string", "name of the model without version"},
		{"model_version", "string", "version of the model"},
		{"scope", "string", "prefix of the cross-Region profile, such as eu or global"},
		{"principal", "string", "ARN of the role or user that called"},
		{"session", "string", "session name, chosen by the caller"},
		{"user_id", "string", "request metadata user_id"},
		{"task_type", "string", "request metadata task_type"},
		{"kb_id", "string", "request metadata kb_id"},
		{"business_id", "string", "request metadata request_id"},
		{"metadata", "string", "all request metadata, as JSON with sorted keys"},
		{"input_tokens", "bigint", "tokens of the prompt outside a cache"},
		{"output_tokens", "bigint", "tokens of the answer"},
		{"cache_read_tokens", "bigint", "tokens read from a prompt cache"},
		{"cache_write_tokens", "bigint", "tokens written to a prompt cache"},
		{"error_code", "string", "exception with which the call failed"},
		{"stop_reason", "string", "why the model stopped, in its own word of at most 64 letters"},
		{"guardrail_intervened", "boolean", "whether a guardrail stepped in"},
		{"latency_ms", "bigint", "milliseconds that the model took"},
		{"input_body_s3", "string", "where a prompt is that was too long for the record"},
		{"output_body_s3", "string", "where an answer is that was too long for the record"},
		{"estimated_nanousd", "bigint", "estimated cost in billionths of a US dollar, NULL if no rate is known"},
		{"rate_since", "string", "first day of the rate of the estimate, 0001-01-01 if it has none"},
		{"object", "string", "object that the raw record is in"},
	}
}

// FilledAt is the ledger's column for when a row was written.
func FilledAt() Column {
	return Column{"filled_at", "timestamp", "when this row was written, UTC"}
}

func columnNames(prefix string, columns []Column) string {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = prefix + column.Name
	}
	return strings.Join(names, ", ")
}
