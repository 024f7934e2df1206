package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

const (
	// settling is how long a difference has to last. Get may show the state
	// from before a deployment that has just ended.
	settling = 3 * time.Second
	// readBackBudget is how long Get may lag behind Put.
	readBackBudget = 10 * time.Second
)

// checkConfiguration compares the live configuration with the declared one, and
// puts that back where it may. It does all of it under the lock, so that it
// never takes the work of a deployment for a change of somebody else's.
func (r *run) checkConfiguration(ctx context.Context, found *result, happened *incident) {
	lock, release, err := r.takeTurn(ctx)
	if err != nil {
		found.failures, found.waits = append(found.failures, err), isDeployment(err)
		happened.problem = err
		// The message tells what it can. Reading needs no lock.
		if happened.call != nil {
			if live, err := r.logging.GetModelInvocationLoggingConfiguration(ctx); err == nil {
				happened.show(live)
			}
		}
		if remembered, err := r.recall(ctx); err == nil {
			happened.lookBack(remembered.state)
		}
		return
	}
	defer release()
	if err := r.compare(ctx, lock, found, happened); err != nil {
		found.failures, found.waits = append(found.failures, err), isDeployment(err)
		happened.problem = err
	}
}

// compare fails where there is nothing to compare. What else cannot be done is
// a fault.
func (r *run) compare(ctx context.Context, lock *register.Lock, found *result, happened *incident) error {
	remembered, unremembered := r.recall(ctx)
	r.fault(ctx, "state cannot be read", unremembered)
	happened.lookBack(remembered.state)

	entry, err := r.declared(ctx)
	if err != nil {
		if happened.call != nil { // the message can tell it all the same
			if live, err := r.logging.GetModelInvocationLoggingConfiguration(ctx); err == nil {
				happened.show(live)
			}
		}
		return err
	}
	declared := entry.Declared
	// For the deletes of other stacks, should the lock not hold it: nothing
	// tells of the loss of that parameter.
	lock.Declare(r.settings.RegisterParameter, declared)
	if happened.call.isHeal(r.functionName, declared) {
		r.log.InfoContext(ctx, "the call is the guard's own", "eventId", plain(happened.call.id))
		happened.call = nil
	}
	live, err := r.settled(ctx, declared)
	if err != nil {
		return err
	}
	now := time.Now()
	happened.show(live)
	if p := entry.Pending; p != nil && now.Before(p.Until) && logging.Difference(live, declared) != "" && logging.Difference(live, p.Config) == "" {
		return errDeploying
	}
	happened.difference = logging.Difference(live, declared)
	if happened.difference != "" {
		found.differences = append(found.differences, happened.difference)
	}
	if unremembered != nil {
		return nil // without knowing how often it healed, it does not heal
	}
	heal := false
	remembered.see(live, now)
	if happened.difference == "" {
		remembered.settle()
	} else {
		heal = remembered.mayHeal(r.settings.HealsPerHour, now)
	}
	if r.settings.HealsPerHour > 0 && remembered.GaveUp && !remembered.told(gaveUpMessage) {
		happened.outcome = gaveUp
	}
	// The heal is counted first: one that is not counted is not done.
	alone, err := r.keep(ctx, &remembered)
	if err != nil {
		r.fault(ctx, "state cannot be written", err)
		return nil
	}
	if heal && !alone {
		r.fault(ctx, "the configuration is not put back", errors.New("another run wrote the state at the same time; the next run decides anew"))
		return nil
	}
	if heal {
		r.heal(ctx, declared, happened)
		remembered.see(happened.live, time.Now())
		_, err := r.keep(ctx, &remembered)
		r.fault(ctx, "state cannot be written", err)
	}
	return nil
}

// settled reads the live configuration, twice where it is not the declared one.
func (r *run) settled(ctx context.Context, declared *logging.Config) (*logging.Config, error) {
	live, err := r.logging.GetModelInvocationLoggingConfiguration(ctx)
	if err != nil || logging.Difference(live, declared) == "" {
		return live, err
	}
	select {
	case <-time.After(settling):
	case <-ctx.Done():
	}
	return r.logging.GetModelInvocationLoggingConfiguration(ctx)
}

// heal puts the declared configuration back and reads it back. It undoes
// nothing: what was live before is not what anybody wants.
func (r *run) heal(ctx context.Context, declared *logging.Config, happened *incident) {
	err := r.logging.PutModelInvocationLoggingConfiguration(ctx, *declared)
	if err == nil {
		err = r.readBack(ctx, declared)
	}
	if err == nil {
		happened.outcome = healed
		happened.show(declared)
		r.log.WarnContext(ctx, "declared configuration put back", "decision", "Healed")
		return
	}
	happened.outcome, happened.healError = healFailed, err
	r.fault(ctx, "declared configuration could not be put back", err)
	if live, err := r.logging.GetModelInvocationLoggingConfiguration(ctx); err == nil {
		happened.show(live)
	}
}

var errNotAsWritten = errors.New("AWS accepted the configuration but shows another one")

func (r *run) readBack(ctx context.Context, declared *logging.Config) error {
	start := time.Now()
	lagging := func(err error) bool {
		return errors.Is(err, errNotAsWritten) && time.Since(start) < readBackBudget
	}
	return retry.Do(ctx, lagging, func(ctx context.Context) error {
		live, err := r.logging.GetModelInvocationLoggingConfiguration(ctx)
		if err != nil {
			return err
		}
		if found := logging.Difference(live, declared); found != "" {
			return fmt.Errorf("%w: %s", errNotAsWritten, found)
		}
		return nil
	})
}

// lookBack takes from the state what a message needs, and drops a call that has
// its message: Lambda repeats a run that failed.
func (i *incident) lookBack(remembered state) {
	if i.call == nil {
		return
	}
	if i.call.id != "" && remembered.told(i.call.id) {
		i.call = nil
		return
	}
	if seen, ok := remembered.before(i.call.at); ok {
		i.old = &seen
	}
}

// isHeal tells whether the call is the guard putting the declared configuration
// back. The name of a session is chosen by whoever makes it, so who only calls
// himself like the guard gets away with nothing but putting what is declared.
func (c *call) isHeal(functionName string, declared *logging.Config) bool {
	return c != nil && c.operation == putOperation && functionName != "" && c.session == functionName &&
		c.requested != nil && logging.Difference(c.requested, declared) == ""
}

// stored is the state as it is in its parameter.
type stored struct {
	state
	text    string
	exists  bool
	version int64
}

func (r *run) recall(ctx context.Context) (stored, error) {
	parameter, err := r.parameters.GetParameter(ctx, r.settings.StateParameter)
	exists := err == nil
	if !exists && !errors.Is(err, register.ErrParameterNotFound) {
		return stored{}, err
	}
	s, err := parseState(parameter.Value, time.Now())
	if err != nil {
		return stored{}, fmt.Errorf("SSM parameter %s: %w", r.settings.StateParameter, err)
	}
	return stored{state: s, text: parameter.Value, exists: exists, version: parameter.Version}, nil
}

// keep writes the state where it changed, and tells whether nobody else wrote it
// since it was read.
func (r *run) keep(ctx context.Context, s *stored) (alone bool, err error) {
	text := s.encode()
	if text == s.text {
		return true, nil
	}
	version, err := r.parameters.PutParameter(ctx, r.settings.StateParameter, text, s.exists)
	if err != nil {
		return false, err
	}
	alone = version == s.version+1
	s.text, s.exists, s.version = text, true, version
	return alone, nil
}

// rememberMessage notes that the topic has the message.
func (r *run) rememberMessage(ctx context.Context, happened incident) error {
	_, release, err := r.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	remembered, err := r.recall(ctx)
	if err != nil {
		return err
	}
	if happened.call != nil && happened.call.id != "" {
		remembered.tell(happened.call.id)
	}
	if happened.outcome == gaveUp {
		remembered.tell(gaveUpMessage)
	}
	_, err = r.keep(ctx, &remembered)
	return err
}
