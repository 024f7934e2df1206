package lifecycle

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

// The values of OnExisting.
const (
	// Refuse fails Create when a different configuration is live.
	Refuse = "Refuse"
	// Adopt replaces it, and restores it on Delete.
	Adopt = "Adopt"
)

// properties are the ResourceProperties of the custom resource. Members that
// CloudFormation itself adds, such as ServiceToken, are passed over.
type properties struct {
	// LoggingConfiguration is the wanted configuration as JSON text:
	// CloudFormation would turn its booleans into text.
	LoggingConfiguration string
	// OnExisting is Refuse or Adopt.
	OnExisting string
	// RegisterParameter is the name of the SSM parameter that keeps what Create
	// found and what was declared since. It must not change over the resource's
	// life.
	RegisterParameter string

	config logging.Config
}

// parseProperties reports every problem at once.
func parseProperties(raw json.RawMessage) (properties, error) {
	var p properties
	if err := json.Unmarshal(raw, &p); err != nil {
		return properties{}, fmt.Errorf("ResourceProperties: %w", err)
	}
	var problems []error
	var err error
	if p.config, err = logging.Parse(p.LoggingConfiguration); err != nil {
		problems = append(problems, fmt.Errorf("LoggingConfiguration: %w", err))
	}
	if p.OnExisting != Refuse && p.OnExisting != Adopt {
		problems = append(problems, fmt.Errorf("OnExisting: got %q; use %s or %s", p.OnExisting, Refuse, Adopt))
	}
	if !strings.HasPrefix(p.RegisterParameter, "/") {
		problems = append(problems, fmt.Errorf("RegisterParameter: got %q; use the name of an SSM parameter, starting with /", p.RegisterParameter))
	}
	return p, errors.Join(problems...)
}
