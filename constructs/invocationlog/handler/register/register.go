package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

// Register is what the SSM parameter holds: who took the configuration over, and
// what was there before. The newest owner comes first and keeps the earlier
// ones, because a resource can be created while another one still stands: in a
// replacement the old one is deleted after the new one is made, and a retained
// one outlives its stack.
type Register struct {
	// Owner is the stack and logical id of the resource. Without one the
	// record counts as everybody's, so that it can be written by hand.
	Owner string `json:"owner,omitempty"`
	// Previous is what Owner found; null means that nothing was configured.
	Previous *logging.Config `json:"previous"`
	// Earlier is the record that Owner found.
	Earlier *Register `json:"earlier,omitempty"`
}

// IsOf tells whether the newest entry is owner's.
func (r *Register) IsOf(owner string) bool {
	return r != nil && (r.Owner == owner || r.Owner == "")
}

// Contains tells whether owner has an entry.
func (r *Register) Contains(owner string) bool {
	return r != nil && (r.IsOf(owner) || r.Earlier.Contains(owner))
}

// Without returns the record once owner is gone. Where a newer owner took over
// from it, that one inherits what owner had found.
func (r *Register) Without(owner string) *Register {
	switch {
	case r == nil:
		return nil
	case r.IsOf(owner):
		return r.Earlier
	case r.Earlier.IsOf(owner):
		return &Register{Owner: r.Owner, Previous: r.Earlier.Previous, Earlier: r.Earlier.Earlier}
	default:
		return &Register{Owner: r.Owner, Previous: r.Previous, Earlier: r.Earlier.Without(owner)}
	}
}

// Load returns nil where there is no record.
func Load(ctx context.Context, parameters Parameters, name string) (*Register, error) {
	parameter, err := parameters.GetParameter(ctx, name)
	if errors.Is(err, ErrParameterNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r *Register
	if err := json.Unmarshal([]byte(parameter.Value), &r); err != nil || r == nil {
		return nil, fmt.Errorf(`SSM parameter %s holds no record of a previous configuration (%v); set it to {"previous":null} to have logging switched off when the resource is deleted, or delete it to have logging left on`, name, err)
	}
	return r, nil
}

// Save writes r over the record that was loaded; none deletes the parameter.
func Save(ctx context.Context, parameters Parameters, name string, loaded, r *Register) error {
	if r == nil {
		err := parameters.DeleteParameter(ctx, name)
		if errors.Is(err, ErrParameterNotFound) {
			return nil
		}
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = parameters.PutParameter(ctx, name, string(text), loaded != nil)
	return err
}
