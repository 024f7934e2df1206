package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// The keys of the metadata that the paper trail reads.
const (
	// UserID is on whose behalf a model is called; a pseudonym, not a name.
	UserID = "user_id"
	// TaskType is what the call is for, such as summarise-contract.
	TaskType = "task_type"
	// KnowledgeBaseID is the knowledge base that the prompt was built from.
	KnowledgeBaseID = "kb_id"
	// RequestID is the request of the application that led to the call.
	RequestID = "request_id"
)

// Request is the metadata of a call. Empty fields are left out.
type Request struct {
	// UserID has the key user_id. Default: none.
	UserID string
	// TaskType has the key task_type. Default: none.
	TaskType string
	// KnowledgeBaseID has the key kb_id. Default: none.
	KnowledgeBaseID string
	// RequestID has the key request_id. Default: none here; the client made
	// with WithRequestMetadata generates one.
	RequestID string
	// Extra holds further keys, so that there are 16 at most. A key that has a
	// field above belongs there. Default: none.
	Extra map[string]string
}

// Map is the metadata in the form that Converse and ConverseStream take. It
// fails with every problem at once: AWS's limits (16 entries; keys of 1 to 256
// and values of up to 256 characters; letters, digits, white space and
// _:@$#=/+,-. only), keys that [Require] names and that are missing, and values
// that look like personal data.
//
// It is nil where there is nothing to say: Amazon Bedrock takes no metadata, but
// refuses empty ones.
func (r Request) Map(options ...Option) (map[string]string, error) {
	s := newSettings(options)
	entries, err := r.entries(s)
	if len(entries) == 0 {
		entries = nil
	}
	return entries, errors.Join(err, s.check(entries))
}

// JSON is the metadata in the form that InvokeModel and
// InvokeModelWithResponseStream take, the text of a JSON object. It fails as
// Map does, and where the text has more than 8500 characters: line breaks and
// tabs take two to six of them. It is empty where there is nothing to say: leave
// the field RequestMetadata of the call nil then.
func (r Request) JSON(options ...Option) (string, error) {
	entries, err := r.Map(options...)
	if err != nil || entries == nil {
		return "", err
	}
	return toJSON(entries)
}

// entries is the metadata by its keys on the wire.
func (r Request) entries(s *settings) (map[string]string, error) {
	entries := make(map[string]string, len(r.Extra)+4)
	maps.Copy(entries, r.Extra)
	var problems []error
	for _, field := range []struct{ name, key, value string }{
		{"UserID", UserID, r.UserID},
		{"TaskType", TaskType, r.TaskType},
		{"KnowledgeBaseID", KnowledgeBaseID, r.KnowledgeBaseID},
		{"RequestID", RequestID, r.RequestID},
	} {
		if other, ok := entries[field.key]; ok && field.value != "" && field.value != other {
			problems = append(problems, fmt.Errorf("metadata: key %q is in Extra and has a field of its own, got %q and %q; set the field %s only", field.key, s.shown(field.key, other), s.shown(field.key, field.value), field.name))
		}
		if field.value != "" {
			entries[field.key] = field.value
		}
	}
	return entries, errors.Join(problems...)
}

func fromEntries(entries map[string]string) Request {
	r := Request{
		UserID:          entries[UserID],
		TaskType:        entries[TaskType],
		KnowledgeBaseID: entries[KnowledgeBaseID],
		RequestID:       entries[RequestID],
	}
	for key, value := range entries {
		switch key {
		case UserID, TaskType, KnowledgeBaseID, RequestID:
		default:
			if r.Extra == nil {
				r.Extra = map[string]string{}
			}
			r.Extra[key] = value
		}
	}
	return r
}

// toJSON writes the text form. What it takes has passed the check.
func toJSON(entries map[string]string) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(entries) // a map of texts always encodes
	form := string(bytes.TrimSpace(text.Bytes()))
	if len(form) > MaxJSONLength {
		return "", &Problem{Rule: fmt.Sprintf("the keys and values have %d characters as JSON, and Amazon Bedrock takes %d at most; shorten them or leave some out", len(form), MaxJSONLength)}
	}
	return form, nil
}

// parseJSON reads the text form. Bedrock takes an object of texts only. The
// error leaves the text out: nothing has looked for personal data in it.
func parseJSON(text string) (map[string]string, error) {
	var entries map[string]string
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		return nil, fmt.Errorf("metadata: RequestMetadata of the call has to be a JSON object of texts: %w", err)
	}
	return entries, nil
}
