package record

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

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
	// Session is the session name of an assumed role, chosen by the caller. Default: empty.
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
	// StopReason is why the model stopped, in its vendor's word of at most 64 letters, see
	// [StopReasonPaths]. Default: empty, not recorded.
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

// Call makes the ledger row of a record from [Parse]; object says where the record is from. It
// does not look at the bodies: Parse has read the answer's stop reason, guardrail action and latency.
//
// The model is the one behind the id that was passed, the card's aliases followed. The price is
// an estimate from the token counts, an absent one counting as zero. It is left out if the card
// has no rate for the model, and if the record has no input count of any kind and no error
// either: such a call cost something, but nobody knows what. A count over [MaxTokens] is left out
// with the price.
func (c *RateCard) Call(r *Record, object string) Call {
	model := c.Model(r.ModelID)
	principal, session := splitPrincipal(r.IdentityARN)
	call := Call{
		RequestID:           r.RequestID,
		CalledAt:            r.Timestamp,
		AccountID:           r.AccountID,
		Region:              r.Region,
		InferenceRegion:     r.InferenceRegion,
		Operation:           r.Operation,
		ModelID:             r.ModelID,
		Vendor:              model.Vendor,
		Model:               model.Name,
		ModelVersion:        model.Version,
		Scope:               model.Scope,
		Principal:           principal,
		Session:             session,
		UserID:              r.Metadata["user_id"],
		TaskType:            r.Metadata["task_type"],
		KBID:                r.Metadata["kb_id"],
		BusinessID:          r.Metadata["request_id"],
		Metadata:            metadataText(r.Metadata),
		InputTokens:         plausible(r.Input.Tokens),
		OutputTokens:        plausible(r.Output.Tokens),
		CacheReadTokens:     plausible(r.Input.CacheReadTokens),
		CacheWriteTokens:    plausible(r.Input.CacheWriteTokens),
		ErrorCode:           r.ErrorCode,
		StopReason:          r.answer.stopReason,
		GuardrailIntervened: r.answer.intervened,
		LatencyMS:           r.answer.latencyMS,
		InputBodyS3:         r.Input.BodyS3Path,
		OutputBodyS3:        r.Output.BodyS3Path,
		Object:              object,
	}
	in, read, write := r.Input.Tokens, r.Input.CacheReadTokens, r.Input.CacheWriteTokens
	if in == nil && read == nil && write == nil && r.ErrorCode == "" {
		return call
	}
	used := Tokens{Input: orZero(in), Output: orZero(r.Output.Tokens), CacheRead: orZero(read), CacheWrite: orZero(write)}
	if price, known := c.Price(model, r.Timestamp, used); known {
		call.EstimatedNanoUSD = &price.NanoUSD
		call.RateSince = price.Rate.Since.Format(time.DateOnly)
	}
	return call
}

// plausible leaves out a count that must be a fault: one of them would make every sum overflow.
func plausible(n *int64) *int64 {
	if n != nil && *n > MaxTokens {
		return nil
	}
	return n
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// splitPrincipal parts the ARN of an assumed role into the role and the session. A role's path is
// not in such an ARN, so it is not in the role's ARN here either. Other ARNs are left as they are.
// SQL does the same by ^arn:([^:]*):sts::([^:]*):assumed-role/([^/]+)/(.*)$.
func splitPrincipal(arn string) (principal, session string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "sts" || parts[3] != "" {
		return arn, ""
	}
	path, assumed := strings.CutPrefix(parts[5], "assumed-role/")
	role, session, found := strings.Cut(path, "/")
	if !assumed || !found || role == "" {
		return arn, ""
	}
	return "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + role, session
}

// metadataText writes metadata as compact JSON with sorted keys; nothing for none.
func metadataText(m map[string]string) string {
	if len(m) == 0 {
		return ""
	}
	var keyRoom [16]string // as many as AWS allows
	keys := keyRoom[:0]
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var room [512]byte
	text := room[:0]
	for i, key := range keys {
		text = append(text, "{,"[min(i, 1)])
		text = appendQuoted(text, key)
		text = append(text, ':')
		text = appendQuoted(text, m[key])
	}
	return string(append(text, '}'))
}

func appendQuoted(to []byte, s string) []byte {
	to = append(to, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			to = append(to, '\\', c)
		case c == '\n':
			to = append(to, `\n`...)
		case c == '\t':
			to = append(to, `\t`...)
		case c == '\r':
			to = append(to, `\r`...)
		case c == '\b':
			to = append(to, `\b`...)
		case c == '\f':
			to = append(to, `\f`...)
		case c < ' ':
			to = fmt.Appendf(to, `\u%04X`, c)
		default:
			to = append(to, c)
		}
	}
	return append(to, '"')
}
