package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// record is what the SSM parameter holds: who took the configuration over, and
// what was there before. The newest owner comes first and keeps the earlier
// ones, because a resource can be created while another one still stands: in a
// replacement the old one is deleted after the new one is made, and a retained
// one outlives its stack.
type record struct {
	// Owner is the stack and logical id of the resource. Without one the
	// record counts as everybody's, so that it can be written by hand.
	Owner string `json:"owner,omitempty"`
	// Previous is what Owner found; null means that nothing was configured.
	Previous *LoggingConfig `json:"previous"`
	// Earlier is the record that Owner found.
	Earlier *record `json:"earlier,omitempty"`
}

func (r *record) isOf(owner string) bool {
	return r != nil && (r.Owner == owner || r.Owner == "")
}

func (r *record) contains(owner string) bool {
	return r != nil && (r.isOf(owner) || r.Earlier.contains(owner))
}

// without returns the record once owner is gone. Where a newer owner took over
// from it, that one inherits what owner had found.
func (r *record) without(owner string) *record {
	switch {
	case r == nil:
		return nil
	case r.isOf(owner):
		return r.Earlier
	case r.Earlier.isOf(owner):
		return &record{Owner: r.Owner, Previous: r.Earlier.Previous, Earlier: r.Earlier.Earlier}
	default:
		return &record{Owner: r.Owner, Previous: r.Previous, Earlier: r.Earlier.without(owner)}
	}
}

// loadRecord returns nil where there is no record.
func loadRecord(ctx context.Context, client Client, name string) (*record, error) {
	text, err := client.GetParameter(ctx, name)
	if errors.Is(err, ErrParameterNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r *record
	if err := json.Unmarshal([]byte(text), &r); err != nil || r == nil {
		return nil, fmt.Errorf(`SSM parameter %s holds no record of a previous configuration (%v); set it to {"previous":null} to have logging switched off when the resource is deleted, or delete it to have logging left on`, name, err)
	}
	return r, nil
}

// saveRecord writes r over the record that was loaded; none deletes the
// parameter.
func saveRecord(ctx context.Context, client Client, name string, loaded, r *record) error {
	if r == nil {
		err := client.DeleteParameter(ctx, name)
		if errors.Is(err, ErrParameterNotFound) {
			return nil
		}
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return client.PutParameter(ctx, name, string(text), loaded != nil)
}
