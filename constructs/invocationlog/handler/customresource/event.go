package customresource

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// RequestType says what CloudFormation wants done.
type RequestType string

// The three kinds of request.
const (
	Create RequestType = "Create"
	Update RequestType = "Update"
	Delete RequestType = "Delete"
)

// Event is a custom resource request, named as in the AWS CloudFormation user
// guide, "Custom resource request objects". Property values that are no text in
// the template still arrive as text: true comes as "true".
type Event struct {
	// RequestType is Create, Update or Delete.
	RequestType RequestType
	// ResponseURL is the presigned address for the answer. It is a secret, so
	// [Work] does not get it.
	ResponseURL string
	// StackID is the ARN of the stack.
	StackID string
	// RequestID is unique among the requests of the stack.
	RequestID string
	// LogicalResourceID is the resource's name in the template.
	LogicalResourceID string
	// PhysicalResourceID is what the answer to Create named. Empty on Create.
	PhysicalResourceID string
	// ResourceProperties are the wanted properties, a JSON object.
	ResourceProperties json.RawMessage
	// OldResourceProperties are the properties before an Update, a JSON object.
	OldResourceProperties json.RawMessage
}

// decode reads an event. With an error the event holds whatever could be read:
// a ResponseURL among it means that the error can be answered.
func decode(payload []byte) (Event, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(payload, &members); err != nil {
		return Event{}, fmt.Errorf("not a CloudFormation event: %w", err)
	}
	event := Event{
		ResourceProperties:    members["ResourceProperties"],
		OldResourceProperties: members["OldResourceProperties"],
	}
	var problems []error
	text := func(name string, required bool) (value string) {
		if raw, ok := members[name]; ok {
			if err := json.Unmarshal(raw, &value); err != nil {
				problems = append(problems, fmt.Errorf("event: %s: %w", name, err))
				return ""
			}
		}
		if required && value == "" {
			problems = append(problems, fmt.Errorf("event: %s is missing", name))
		}
		return value
	}
	event.StackID = text("StackId", true)
	event.RequestID = text("RequestId", true)
	event.LogicalResourceID = text("LogicalResourceId", true)
	event.RequestType = RequestType(text("RequestType", true))
	event.PhysicalResourceID = text("PhysicalResourceId", event.RequestType == Update || event.RequestType == Delete)
	switch event.RequestType {
	case Create, Update, Delete, "":
	default:
		problems = append(problems, fmt.Errorf("event: RequestType: got %q, want Create, Update or Delete", event.RequestType))
	}
	event.ResponseURL = text("ResponseURL", true)
	if address, err := url.Parse(event.ResponseURL); err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
		event.ResponseURL = ""
		problems = append(problems, errors.New("event: ResponseURL is no web address, so there is nobody to answer"))
	}
	return event, errors.Join(problems...)
}
