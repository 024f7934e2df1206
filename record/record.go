package record

import (
	"encoding/json"
	"time"
)

// Record is one model invocation log record. Text that the record does not carry is empty.
//
// The bodies alias the line given to [Parse] and live as long as it does; everything else is
// copied.
type Record struct {
	// SchemaType is "ModelInvocationLog". Default: empty.
	SchemaType string
	// SchemaVersion is the version of the record's layout, such as "1.0". Default: empty.
	SchemaVersion string
	// Timestamp is when the call was made, in UTC. Always set: [Parse] refuses a record without it.
	Timestamp time.Time
	// AccountID is the twelve-digit account that made the call. Default: empty.
	AccountID string
	// Region is the Region that was called, which is where the record is written, too. Default: empty.
	Region string
	// RequestID is the identifier that the caller got with the answer; CloudTrail has the same one.
	// Always set: [Parse] refuses a record without it.
	RequestID string
	// Operation is Converse, ConverseStream, InvokeModel or InvokeModelWithResponseStream. Default: empty.
	Operation string
	// ModelID is what the caller passed: [NormaliseModel] takes it apart. Default: empty.
	ModelID string
	// IdentityARN is the caller as AWS saw it (identity.arn). The session name at its end is the
	// caller's own choice. Default: empty.
	IdentityARN string
	// ErrorCode is the name of the exception that the call ended with. Default: empty, the call succeeded.
	ErrorCode string
	// InferenceRegion is where a cross-Region call was served. Default: empty, served in Region.
	InferenceRegion string
	// Metadata is requestMetadata, which the caller supplies and nobody verifies. Default: nil.
	Metadata map[string]string
	// Input is what was sent to the model. Default: the zero Input.
	Input Input
	// Output is what the model answered. Default: the zero Output.
	Output Output
	// Unknown holds the fields that this package has no name for, by path ("input.newField"), as
	// JSON that aliases the line. Default: nil.
	Unknown map[string]json.RawMessage

	answer outcome // what Parse read of Output.Body
}

// Input is the part of a record about the request.
type Input struct {
	// ContentType is the media type of the body. Default: empty.
	ContentType string
	// Body is the request as JSON. Default: nil, as in records whose body is too large, binary, or not logged.
	Body json.RawMessage
	// BodyS3Path is the s3:// address of a body that is too large for the record (over 100 KB) or binary. Default: empty.
	BodyS3Path string
	// Tokens is the number of input tokens, those read from or written to a cache not among them. Default: nil.
	Tokens *int64
	// CacheReadTokens is the number of tokens read from a prompt cache. Default: nil.
	CacheReadTokens *int64
	// CacheWriteTokens is the number of tokens written to a prompt cache. Default: nil.
	CacheWriteTokens *int64
}

// Output is the part of a record about the answer.
type Output struct {
	// ContentType is the media type of the body. Default: empty.
	ContentType string
	// Body is the answer as JSON; for InvokeModelWithResponseStream an array of chunks. Default: nil.
	Body json.RawMessage
	// BodyS3Path is the s3:// address of a body that is too large for the record (over 100 KB) or binary. Default: empty.
	BodyS3Path string
	// Tokens is the number of output tokens. Default: nil, as for embeddings and failed calls.
	Tokens *int64
}
