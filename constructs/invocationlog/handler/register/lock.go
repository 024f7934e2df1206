package register

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

// LockParameter is the SSM parameter that is the lock: one for an account and
// Region, as the logging configuration is, whatever the stack.
const LockParameter = "/paper-trail/logging-configuration-lock"

// Lock keeps all functions of the account and Region but one away from the
// logging configuration, which Amazon Bedrock lets anybody overwrite. People and
// other tools do not take it.
type Lock struct {
	attempt  *attempt
	declared []Declaration
}

// lease is the value of the parameter. A free lock has no holder.
type lease struct {
	Holder string    `json:"holder"`
	Until  time.Time `json:"until,omitzero"`
	// Attempt tells the writes of one attempt from all others.
	Attempt string `json:"attempt,omitempty"`
	// Declared are the declarations, the oldest first. They outlive the lease.
	Declared []Declaration `json:"declared,omitempty"`
}

// maxLease is more than any function runs.
const maxLease = time.Hour

// HeldError means that somebody else is at work.
type HeldError struct {
	// Holder is who: a stack and logical id, or a guard.
	Holder string
	// Until is when the lock is free at the latest.
	Until time.Time
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is changing the logging configuration of this account and Region, until %s at the latest; try again when it has finished",
		e.Holder, e.Until.UTC().Format(time.RFC3339))
}

// errOvertaken means that another one took the lock in the same moment.
var errOvertaken = errors.New("another function took the lock of the logging configuration in the same moment; try again")

// Acquire takes the lock for holder and waits for it until the deadline of ctx.
// It is free again at until, released or not, so that a function that dies does
// not block the others. A holder waits for itself as well: Lambda may run one
// event twice at once. It fails with a HeldError, or with the error of SSM.
//
// What holder is about to declare counts from now on beside all that is declared
// already, so that it counts should holder die; [Lock.Declare] makes it last.
//
// SSM has no conditional write, but it numbers the versions of a parameter: of
// two that overwrite the same version, only one gets the next number.
func Acquire(ctx context.Context, parameters Parameters, holder string, until time.Time, about ...Declaration) (*Lock, error) {
	a := newAttempt(parameters, holder, until)
	a.about = about
	again := func(err error) bool {
		_, held := errors.AsType[*HeldError](err)
		return held || errors.Is(err, errOvertaken) || a.transient(err)
	}
	if err := retry.Do(ctx, again, a.take); err != nil {
		return nil, named("taking the lock, SSM parameter "+LockParameter, err)
	}
	return &Lock{a, a.found}, nil
}

// TryAcquire is Acquire without waiting for somebody else.
func TryAcquire(ctx context.Context, parameters Parameters, holder string, until time.Time) (*Lock, error) {
	a := newAttempt(parameters, holder, until)
	if err := retry.Do(ctx, a.transient, a.take); err != nil {
		return nil, named("taking the lock, SSM parameter "+LockParameter, err)
	}
	return &Lock{a, a.found}, nil
}

// attempt is what one who wants the lock knows. It repeats calls itself: whether
// a write without an answer was done is for it to find out.
type attempt struct {
	parameters Parameters
	transient  func(error) bool
	lease      lease
	about      []Declaration
	// found are the declarations that the last write kept.
	found []Declaration
	// next is the version that the last write has to have made, 0 before one.
	next int64
}

func newAttempt(parameters Parameters, holder string, until time.Time) *attempt {
	a := &attempt{parameters: parameters, transient: func(error) bool { return false }}
	if p, ok := parameters.(patient); ok {
		a.parameters, a.transient = p.parameters, p.transient
	}
	a.lease = lease{Holder: holder, Until: until.UTC(), Attempt: rand.Text()}
	return a
}

func (a *attempt) take(ctx context.Context) error {
	if a.next == 0 {
		a.next = 1
		if _, err := a.write(ctx, nil, false); !errors.Is(err, ErrParameterAlreadyExists) {
			return err
		}
	}
	seen, err := a.parameters.GetParameter(ctx, LockParameter)
	if errors.Is(err, ErrParameterNotFound) {
		a.next = 0
		return errOvertaken
	}
	if err != nil {
		return err
	}
	// A value that cannot be read, or that no function wrote, must not block
	// logging for ever.
	var held lease
	_ = json.Unmarshal([]byte(seen.Value), &held)
	if held.Attempt == a.lease.Attempt && seen.Version == a.next {
		return nil // the write whose answer was lost
	}
	if left := time.Until(held.Until); held.Holder != "" && left > 0 && left <= maxLease {
		return &HeldError{held.Holder, held.Until}
	}
	a.next = seen.Version + 1
	version, err := a.write(ctx, held.Declared, true)
	if err == nil && version != a.next {
		return errOvertaken
	}
	return err
}

// write takes the parameter over from one that holds the declarations found.
func (a *attempt) write(ctx context.Context, found []Declaration, overwrite bool) (version int64, err error) {
	a.found = found
	a.lease.Declared = slices.Concat(found, a.about)
	value, err := a.lease.text()
	if err != nil {
		return 0, err
	}
	return a.parameters.PutParameter(ctx, LockParameter, value, overwrite)
}

// Release frees the lock and writes the declarations. After its time it does
// nothing: another one may have it by then.
func (l *Lock) Release(ctx context.Context) error {
	value, err := lease{Declared: l.declared}.text()
	if err != nil {
		return err
	}
	return named("freeing the lock, SSM parameter "+LockParameter, l.giveUp(ctx, func(ctx context.Context) error {
		_, err := l.attempt.parameters.PutParameter(ctx, LockParameter, value, true)
		return err
	}))
}

// Remove frees the lock and leaves no parameter behind, unless something is
// declared. Others make it anew.
func (l *Lock) Remove(ctx context.Context) error {
	if len(l.declared) > 0 {
		return l.Release(ctx)
	}
	return named("deleting the lock, SSM parameter "+LockParameter, l.giveUp(ctx, func(ctx context.Context) error {
		err := l.attempt.parameters.DeleteParameter(ctx, LockParameter)
		if errors.Is(err, ErrParameterNotFound) {
			return nil
		}
		return err
	}))
}

// giveUp repeats free, but looks before it does: the call whose answer was lost
// may have been done, and the lock be somebody else's by now.
func (l *Lock) giveUp(ctx context.Context, free func(context.Context) error) error {
	a, unsure := l.attempt, false
	return retry.Do(ctx, a.transient, func(ctx context.Context) error {
		if !time.Now().Before(a.lease.Until) {
			return nil
		}
		if unsure {
			seen, err := a.parameters.GetParameter(ctx, LockParameter)
			if errors.Is(err, ErrParameterNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			var held lease
			if _ = json.Unmarshal([]byte(seen.Value), &held); held.Attempt != a.lease.Attempt {
				return nil
			}
		}
		unsure = true
		return free(ctx)
	})
}
