package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxHealsPerHour keeps the times of the heals, which the guard remembers,
// within the 4 KB of an SSM parameter.
const maxHealsPerHour = 60

// Settings say what is guarded and how it was declared.
type Settings struct {
	// RegisterParameter is the SSM parameter that holds the declared logging
	// configuration. Required.
	RegisterParameter string `json:"registerParameter"`
	// Owner is the custom resource whose entry in the register counts:
	// STACKID/LOGICALID. Required.
	Owner string `json:"owner"`
	// StateParameter is the SSM parameter in which the guard remembers what it
	// saw and did. Required.
	StateParameter string `json:"stateParameter"`
	// TopicArn is the SNS topic for messages. Required.
	TopicArn string `json:"topicArn"`
	// HandlerRoleArn is the role of the custom resource's function. Its calls
	// are deployments. Required.
	HandlerRoleArn string `json:"handlerRoleArn"`
	// HealsPerHour is how often the declared configuration is put back within an
	// hour, 0 to 60. Default: 0, never.
	HealsPerHour int `json:"healsPerHour"`
	// Buckets have to keep their Object Lock. Default: none is checked.
	Buckets []LockedBucket `json:"buckets,omitempty"`
	// TrailArn is a trail that has to be logging. Default: none is checked.
	TrailArn string `json:"trailArn,omitempty"`
	// LogGroups have to keep retention and key. Default: none is checked.
	LogGroups []KeptLogGroup `json:"logGroups,omitempty"`
	// Keys are the ARNs of KMS keys that have to be enabled. Default: none is
	// checked.
	Keys []string `json:"keys,omitempty"`
}

// LockedBucket is a bucket and the default retention it was declared with.
type LockedBucket struct {
	// Name of the bucket. Required.
	Name string `json:"name"`
	// Mode is COMPLIANCE or GOVERNANCE. Required.
	Mode string `json:"mode"`
	// Days of the default retention, at least 1. Required.
	Days int `json:"days"`
}

// KeptLogGroup is a log group and how it was declared.
type KeptLogGroup struct {
	// Name of the log group. Required.
	Name string `json:"name"`
	// RetentionDays is how long events are kept. Default: 0, for ever.
	RetentionDays int `json:"retentionDays"`
	// KeyArn is the KMS key that encrypts the log group. Default: none, the
	// log group has no key of its own.
	KeyArn string `json:"keyArn,omitempty"`
}

// The modes of S3 Object Lock.
const (
	compliance = "COMPLIANCE"
	governance = "GOVERNANCE"
)

// ParseSettings reads settings from JSON text and reports every problem in
// them. Unknown members are problems too: a check that is spelled wrong would
// not be made, and nobody would know.
func ParseSettings(text string) (Settings, error) {
	var s Settings
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Settings{}, fmt.Errorf("not the JSON text of guard.Settings: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Settings{}, errors.New("text follows the JSON object")
	}
	if err := errors.Join(s.problems()...); err != nil {
		return Settings{}, err
	}
	return s, nil
}

func (s Settings) problems() []error {
	var found []error
	refuse := func(format string, args ...any) {
		found = append(found, fmt.Errorf(format, args...))
	}
	arn := func(path, value string) {
		if !strings.HasPrefix(value, "arn:") {
			refuse("%s: got %q; give an ARN", path, value)
		}
	}
	parameter := func(path, value string) {
		if !strings.HasPrefix(value, "/") {
			refuse("%s: got %q; give the name of an SSM parameter, starting with /", path, value)
		}
	}
	name := func(path, value string) {
		if value == "" {
			refuse("%s: is required", path)
		}
	}
	parameter("registerParameter", s.RegisterParameter)
	name("owner", s.Owner)
	parameter("stateParameter", s.StateParameter)
	if s.StateParameter != "" && s.StateParameter == s.RegisterParameter {
		refuse("stateParameter: is registerParameter too; give the guard a parameter of its own")
	}
	arn("topicArn", s.TopicArn)
	arn("handlerRoleArn", s.HandlerRoleArn)
	if s.HealsPerHour < 0 || s.HealsPerHour > maxHealsPerHour {
		refuse("healsPerHour: got %d; give 0 (never) to %d", s.HealsPerHour, maxHealsPerHour)
	}
	for i, b := range s.Buckets {
		at := fmt.Sprintf("buckets[%d].", i)
		name(at+"name", b.Name)
		if b.Mode != compliance && b.Mode != governance {
			refuse("%smode: got %q; give %s or %s", at, b.Mode, compliance, governance)
		}
		if b.Days < 1 {
			refuse("%sdays: got %d; give 1 or more", at, b.Days)
		}
	}
	if s.TrailArn != "" {
		arn("trailArn", s.TrailArn)
	}
	for i, g := range s.LogGroups {
		at := fmt.Sprintf("logGroups[%d].", i)
		name(at+"name", g.Name)
		if g.RetentionDays < 0 {
			refuse("%sretentionDays: got %d; give 0 (for ever) or more", at, g.RetentionDays)
		}
		if g.KeyArn != "" {
			arn(at+"keyArn", g.KeyArn)
		}
	}
	for i, key := range s.Keys {
		arn(fmt.Sprintf("keys[%d]", i), key)
	}
	return found
}
