package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

// Register is what the SSM parameter holds: who took the configuration over, and
// what was there before. The newest owner comes first and keeps the earlier
// ones, because a resource can be created while another one still stands: in a
// replacement the old one is deleted after the new one is made, and a retained
// one outlives its stack.
type Register struct {
	// Owner is the stack and logical id of the resource. Without one the entry
	// counts as everybody's, so that it can be written by hand.
	Owner string `json:"owner,omitempty"`
	// Declared is what Owner put last with success. Default: nothing yet.
	Declared *logging.Config `json:"declared,omitempty"`
	// Previous is what Owner found; null means that nothing was configured.
	Previous *logging.Config `json:"previous"`
	// PreviousUnknown means that the entry was lost and made anew, so that
	// nobody knows what Owner found.
	PreviousUnknown bool `json:"previousUnknown,omitempty"`
	// Pending is what Owner is about to put, or was when it died, and until when
	// that counts. Default: nothing.
	Pending *Pending `json:"pending,omitempty"`
	// Request is the latest request of CloudFormation that Owner has taken up.
	Request string `json:"request,omitempty"`
	// Superseded are the requests before it, the latest last.
	Superseded []string `json:"superseded,omitempty"`
	// Gone are requests of owners that had an entry and have none any more.
	Gone []string `json:"gone,omitempty"`
	// Earlier is the register that Owner found.
	Earlier *Register `json:"earlier,omitempty"`
}

// Pending is a configuration that may turn up without a declaration yet.
type Pending struct {
	Config *logging.Config `json:"config"`
	// Until is when Lambda's last repetition has to be over.
	Until time.Time `json:"until"`
}

// maxCharacters is what a standard SSM parameter holds (AWS Systems Manager API
// reference, PutParameter).
const maxCharacters = 4096

// maxSuperseded is how many requests are remembered. Late copies of a request
// come within the time for which Lambda keeps an event, in which a stack makes a
// handful of them; and the register has to fit into 4096 characters.
const maxSuperseded = 8

// ErrSuperseded means that a later request has been taken up since.
var ErrSuperseded = errors.New("this request is a late copy: a later one has been taken up since, so nothing is changed for it")

// IsOf tells whether the newest entry is owner's.
func (r *Register) IsOf(owner string) bool {
	return r != nil && (r.Owner == owner || r.Owner == "")
}

// Entry is owner's, or nil.
func (r *Register) Entry(owner string) *Register {
	for entry := r; entry != nil; entry = entry.Earlier {
		if entry.IsOf(owner) {
			return entry
		}
	}
	return nil
}

// Contains tells whether owner has an entry.
func (r *Register) Contains(owner string) bool { return r.Entry(owner) != nil }

// Newest is what the newest owner declares, or nil.
func (r *Register) Newest() *logging.Config {
	if r == nil {
		return nil
	}
	return r.Declared
}

// With returns the register after change was made to owner's entry, which has to
// exist. The register itself is left as it was.
func (r *Register) With(owner string, change func(*Register)) *Register {
	changed := *r
	if r.IsOf(owner) {
		changed.Superseded = slices.Clone(r.Superseded)
		change(&changed)
	} else {
		changed.Earlier = r.Earlier.With(owner, change)
	}
	return &changed
}

// TakeUp notes that owner, whose entry this is, works on a request from now on.
// It fails with ErrSuperseded for one that has been superseded.
func (r *Register) TakeUp(owner, request string) error {
	if slices.Contains(r.Superseded, request) {
		return ErrSuperseded
	}
	if r.Request != "" && r.Request != request {
		r.Superseded = append(r.Superseded, r.Request)
		r.Superseded = r.Superseded[max(0, len(r.Superseded)-maxSuperseded):]
	}
	r.Owner, r.Request = owner, request
	return nil
}

// IsGone tells whether a request was taken up by an owner that is gone since.
func (r *Register) IsGone(request string) bool {
	return r != nil && (slices.Contains(r.Gone, request) || r.Earlier.IsGone(request))
}

// Without returns the register once owner is gone, whose requests are remembered
// as long as there is an entry. Where a newer owner took over
// from it, that one inherits what owner had found.
func (r *Register) Without(owner string) *Register {
	removed, rest := r.Entry(owner), r.without(owner)
	if removed == nil || rest == nil {
		return rest
	}
	gone := slices.Concat(r.Gone, removed.Gone, rest.Gone, removed.Superseded)
	if removed.Request != "" {
		gone = append(gone, removed.Request)
	}
	kept := *rest
	kept.Gone = slices.Compact(gone[max(0, len(gone)-maxSuperseded):])
	return &kept
}

func (r *Register) without(owner string) *Register {
	switch {
	case r == nil:
		return nil
	case r.IsOf(owner):
		return r.Earlier
	}
	changed := *r
	if r.Earlier.IsOf(owner) {
		changed.Previous, changed.PreviousUnknown, changed.Earlier = r.Earlier.Previous, r.Earlier.PreviousUnknown, r.Earlier.Earlier
	} else {
		changed.Earlier = r.Earlier.without(owner)
	}
	return &changed
}

func (r *Register) withoutOldest() *Register {
	if r.Earlier == nil {
		return nil
	}
	changed := *r
	changed.Earlier = r.Earlier.withoutOldest()
	return &changed
}

// Load returns nil where there is no register.
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
		return nil, fmt.Errorf(`SSM parameter %s holds no register of the logging configuration's owners (%v); set it to {"previous":null} to have logging switched off when the resource is deleted, or delete it to have logging left on`, name, err)
	}
	return r, nil
}

// Save writes r over the register that was loaded; none deletes the parameter.
// Where it would not fit, the oldest entries go: they are of stacks that were
// deleted without their resource, which will never ask for them.
func Save(ctx context.Context, parameters Parameters, name string, loaded, r *Register) error {
	if r == nil {
		err := parameters.DeleteParameter(ctx, name)
		if errors.Is(err, ErrParameterNotFound) {
			return nil
		}
		return err
	}
	text, err := json.Marshal(r)
	for ; err == nil && len(text) > maxCharacters && r.Earlier != nil; text, err = json.Marshal(r) {
		r = r.withoutOldest()
	}
	if err != nil {
		return err
	}
	_, err = parameters.PutParameter(ctx, name, string(text), loaded != nil)
	if errors.Is(err, ErrParameterAlreadyExists) {
		// It may be this very write, whose answer was lost.
		stored, unread := parameters.GetParameter(ctx, name)
		if unread == nil && stored.Value == string(text) {
			return nil
		}
	}
	return err
}
