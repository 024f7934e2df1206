package record

import "time"

// Call is one row of the ledger: who called what, when, at which estimated price, without a word
// of the prompt or the answer. Its fields are the ledger's columns, in their order; text that is
// absent is empty here and NULL there.
type Call struct {
	// RequestID is the identifier of the call and the key of the ledger. Default: none, always set.
	RequestID string
	// CalledAt is when the call was made, in UTC. Default: none, always set.
	CalledAt time.Time
	// AccountID is the account that called. Default: empty.
	AccountID string
	// Region is the Region that was called. Default: empty.
	Region string
	// InferenceRegion is where a cross-Region call was served. Default: empty, served in Region.
	InferenceRegion string
	// Operation is the API operation. Default: empty.
	Operation string
	// ModelID is what the caller passed. Default: empty.
	ModelID string
	// Vendor is [Model.Vendor]. Default: empty, not known from the id.
	Vendor string
	// Model is [Model.Name]. Default: empty, not known from the id.
	Model string
	// ModelVersion is [Model.Version]. Default: empty.
	ModelVersion string
	// Scope is [Model.Scope]. Default: empty, in-Region.
	Scope string
	// Principal is the ARN of the role, user or root that called, without the session. Default: empty.
	Principal string
	// Session is the session name of an assumed role or a federated user, chosen by the caller. Default: empty.
	Session string
	// UserID is the metadata entry "user_id". Default: empty.
	UserID string
	// TaskType is the metadata entry "task_type". Default: empty.
	TaskType string
	// KBID is the metadata entry "kb_id". Default: empty.
	KBID string
	// BusinessID is the metadata entry "request_id". Default: empty.
	BusinessID string
	// Metadata is all of requestMetadata as compact JSON with its keys sorted. Default: empty, none was supplied.
	Metadata string
	// InputTokens is the number of input tokens outside the cache. Default: nil, not recorded.
	InputTokens *int64
	// OutputTokens is the number of output tokens. Default: nil, not recorded.
	OutputTokens *int64
	// CacheReadTokens is the number of tokens read from a prompt cache. Default: nil, not recorded.
	CacheReadTokens *int64
	// CacheWriteTokens is the number of tokens written to a prompt cache. Default: nil, not recorded.
	CacheWriteTokens *int64
	// ErrorCode is the exception that the call ended with. Default: empty, the call succeeded.
	ErrorCode string
	// StopReason is why the model stopped, in its vendor's words. Default: empty, not recorded.
	StopReason string
	// GuardrailIntervened tells whether a guardrail blocked or masked something. Default: false.
	GuardrailIntervened bool
	// LatencyMS is how long the call took, in milliseconds, where the answer says it. Default: nil.
	LatencyMS *int64
	// InputBodyS3 is the s3:// address of a request kept outside the record. Default: empty.
	InputBodyS3 string
	// OutputBodyS3 is the s3:// address of an answer kept outside the record. Default: empty.
	OutputBodyS3 string
	// EstimatedNanoUSD is the estimated price in billionths of a US dollar. Default: nil, unpriced.
	EstimatedNanoUSD *int64
	// RateSince is the day (YYYY-MM-DD) from which the applied rate holds. Default: empty, unpriced.
	RateSince string
	// Object names the object or file that the raw record is in. Default: empty.
	Object string
}
