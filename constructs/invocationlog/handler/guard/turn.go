package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// lockPatience is how long the guard waits for a deployment.
const lockPatience = 20 * time.Second

// takeTurn takes the lock, under a name of this run, so that two runs at once
// take turns as well. It fails with a register.HeldError while a deployment is at
// work.
func (r *run) takeTurn(ctx context.Context) (lock *register.Lock, release func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	holder := fmt.Sprintf("the guard of %s (run %s)", r.settings.StateParameter, r.id)
	lock, err = register.Acquire(waiting, r.parameters, holder, r.until)
	if err != nil {
		return nil, nil, err
	}
	return lock, func() {
		// The time for the checks may be over.
		ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), r.until.Add(-logReserve))
		defer cancel()
		if err := lock.Release(ctx); err != nil {
			r.log.WarnContext(ctx, "the lock is not free before its time", "until", r.until, "error", err)
		}
	}, nil
}

// errDeploying means that a deployment has put its configuration and not yet
// declared it: its function died, and Lambda runs it again.
var errDeploying = errors.New("a deployment has put this configuration and is about to declare it")

func isDeployment(err error) bool {
	_, held := errors.AsType[*register.HeldError](err)
	return held || errors.Is(err, errDeploying)
}

// declared is the entry of what the last deployment put.
func (r *run) declared(ctx context.Context) (*register.Register, error) {
	name := r.settings.RegisterParameter
	owners, err := register.Load(ctx, r.parameters, name)
	if err != nil {
		return nil, err
	}
	entry := owners.Entry(r.settings.Owner)
	switch {
	case entry == nil:
		return nil, fmt.Errorf("SSM parameter %s has nothing of %s; deploy the stack of the logging configuration, then that of the guard", name, r.settings.Owner)
	case !owners.IsOf(r.settings.Owner):
		return nil, fmt.Errorf("SSM parameter %s says that %s has taken the logging configuration over; deploy the stack of the guard, so that it guards that one", name, owners.Owner)
	case entry.Declared == nil:
		return nil, fmt.Errorf("SSM parameter %s says that nothing has been deployed yet; deploy the stack of the logging configuration", name)
	}
	return entry, nil
}
