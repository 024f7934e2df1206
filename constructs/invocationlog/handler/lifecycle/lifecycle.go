package lifecycle

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// PhysicalResourceID is the resource's physical id, the same for ever. With
// another one on Update, CloudFormation would send a Delete for the old one and
// so switch logging off after the update succeeded.
const PhysicalResourceID = "bedrock-model-invocation-logging"

const (
	// undoReserve is kept back from the time for the work to put things back and
	// to free the lock.
	undoReserve = 10 * time.Second
	// waitReserve is how much time has to be left for the work once the lock is
	// free.
	waitReserve = 20 * time.Second
	// leaseMargin is how long after the function's end its lock is still held,
	// for clocks that differ.
	leaseMargin = 20 * time.Second
	// releaseBudget is how long it may take to free the lock.
	releaseBudget = 20 * time.Second
	// longestRun is Lambda's own limit, used where the context has no deadline.
	longestRun = 15 * time.Minute
)

// The decisions, as the resource's attribute Decision.
const (
	// Created means that nothing was configured, or the same.
	Created = "Created"
	// Adopted means that a different configuration was replaced.
	Adopted = "Adopted"
	// Updated means that the resource's own configuration was replaced.
	Updated = "Updated"
	// Removed means that logging is off, as Create found it.
	Removed = "Removed"
	// Restored means that the configuration which Create found is live again.
	Restored = "Restored"
	// LeftAlone means that nothing was touched.
	LeftAlone = "LeftAlone"
)

// Lifecycle handles the events of the custom resource.
type Lifecycle struct {
	configuration logging.Client
	parameters    register.Parameters
}

// New returns a lifecycle that works through both and repeats those of their
// calls that may succeed later.
func New(configuration logging.Client, parameters register.Parameters) *Lifecycle {
	return &Lifecycle{logging.Patient(configuration), register.Patient(parameters, logging.IsTransient)}
}

// Handle does what event asks for and returns the attribute Decision. It is a
// [customresource.Work].
func (l *Lifecycle) Handle(ctx context.Context, log *slog.Logger, event customresource.Event) (map[string]string, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(longestRun)
	}
	r := request{
		Lifecycle: l,
		log:       log,
		stack:     event.StackID,
		owner:     event.StackID + "/" + event.LogicalResourceID,
		id:        event.RequestID,
		undo:      ctx,
		updating:  event.RequestType == customresource.Update,
	}
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-undoReserve))
	defer cancel()
	decision, err := r.handle(ctx, deadline, event)
	if err != nil {
		return nil, err
	}
	return map[string]string{"Decision": decision}, nil
}

// request is one event at work.
type request struct {
	*Lifecycle
	log   *slog.Logger
	stack string
	owner string
	id    string
	undo  context.Context // outlives the context of the work
	// updating is true for an update, which may not switch logging off.
	updating bool
	turn     *register.Lock
}

func (r request) handle(ctx context.Context, deadline time.Time, event customresource.Event) (string, error) {
	wanted, err := parseProperties(event.ResourceProperties)
	if event.RequestType == customresource.Delete {
		switch {
		case event.PhysicalResourceID != PhysicalResourceID:
			return r.leaveAlone(ctx, "physical id "+event.PhysicalResourceID+" was never this resource's"), nil
		case err != nil:
			return r.leaveAlone(ctx, "never created with these properties: "+err.Error()), nil
		}
	}
	if err != nil {
		return "", err
	}
	var about []register.Declaration
	if event.RequestType != customresource.Delete {
		about = append(about, register.Declaring(wanted.RegisterParameter, &wanted.config))
	}
	if r.turn, err = r.lock(ctx, deadline, about...); err != nil {
		return "", err
	}
	release := r.turn.Release
	defer func() {
		// The work is done, and its answer must not wait for this.
		ctx, cancel := context.WithTimeout(r.undo, releaseBudget)
		defer cancel()
		if err := release(ctx); err != nil {
			r.log.WarnContext(ctx, "the lock could not be freed; others wait until its time is over", "error", err)
		}
	}()
	switch event.RequestType {
	case customresource.Create:
		return r.create(ctx, wanted)
	case customresource.Update:
		// Old properties that cannot be read only make less known to be ours.
		old, _ := parseProperties(event.OldResourceProperties)
		return r.update(ctx, wanted, old)
	case customresource.Delete:
		decision, err := r.delete(ctx, wanted)
		if err == nil {
			release = r.turn.Remove
		}
		return decision, err
	default:
		return "", fmt.Errorf("event: RequestType: got %q, want Create, Update or Delete", event.RequestType)
	}
}

// lock waits for other stacks and for the guard.
func (r request) lock(ctx context.Context, deadline time.Time, about ...register.Declaration) (*register.Lock, error) {
	wait, cancel := context.WithDeadline(ctx, deadline.Add(-undoReserve-waitReserve))
	defer cancel()
	return register.Acquire(wait, r.parameters, r.owner, deadline.Add(leaseMargin), about...)
}

func (r request) create(ctx context.Context, wanted properties) (string, error) {
	name := wanted.RegisterParameter
	loaded, err := r.load(ctx, name)
	if err != nil {
		return "", err
	}
	live, err := r.configuration.GetModelInvocationLoggingConfiguration(ctx)
	if err != nil {
		return "", err
	}
	decision := Created
	found := logging.Difference(live, &wanted.config)
	if live != nil && found != "" {
		decision = Adopted
	}
	written := &register.Register{Previous: live, Pending: pending(&wanted.config), Earlier: loaded}
	if entry := loaded.Entry(r.owner); entry == nil {
		if decision == Adopted && wanted.OnExisting != Adopt {
			return "", fmt.Errorf("this account already logs model invocations in this Region, in a different way: %s. "+
				"There is one configuration per account and Region. To replace it, set OnExisting to %s (in environments.yaml, invocationLogging.onExisting: adopt): it is then kept in SSM parameter %s and restored on delete. "+
				"Otherwise ask for the live values, or delete the live configuration first", found, Adopt, name)
		}
		if err := written.TakeUp(r.owner, r.id); err != nil {
			return "", err
		}
	} else if entry.Declared != nil && entry.Request != r.id {
		// It was created once, left the stack without being deleted, and comes
		// back. What it declared then is its own.
		if decision == Adopted && logging.Difference(live, entry.Declared) == "" {
			decision = Created
		}
		if decision == Adopted && wanted.OnExisting != Adopt {
			return "", r.changed(found, name)
		}
		if loaded.IsOf(r.owner) {
			written, err = r.takeUp(loaded, &wanted.config)
		} else {
			written = &register.Register{Previous: live, Declared: entry.Declared, Pending: pending(&wanted.config), Request: entry.Request, Superseded: entry.Superseded, Earlier: loaded.Without(r.owner)}
			err = written.TakeUp(r.owner, r.id)
		}
		if err != nil {
			return "", err
		}
	} else {
		// A create that was cut short, or comes again. What it found at first
		// stays; nobody but itself may have put anything since.
		if decision == Adopted && (wanted.OnExisting != Adopt || logging.Difference(live, entry.Previous) != "") {
			return "", fmt.Errorf("somebody changed the logging configuration while this resource was being created: %s. "+
				"It is left alone. Ask for the live values, or delete the live configuration; or delete SSM parameter %s, which remembers what was live at first, and create the resource again", found, name)
		}
		if written, err = r.takeUp(loaded, &wanted.config); err != nil {
			return "", err
		}
	}
	if decision == Adopted {
		r.log.WarnContext(ctx, "replacing an existing configuration", "difference", found)
	}
	if err := register.Save(ctx, r.parameters, name, loaded, written); err != nil {
		return "", err
	}
	return decision, r.declare(ctx, name, written, live, &wanted.config)
}

// load reads the register, and turns away a late copy of a request whose resource
// is gone.
func (r request) load(ctx context.Context, name string) (*register.Register, error) {
	loaded, err := register.Load(ctx, r.parameters, name)
	if err == nil && loaded.IsGone(r.id) {
		err = register.ErrSuperseded
	}
	return loaded, err
}

// takeUp notes in the resource's entry that it works on this request, and what it
// is about to put, if anything.
func (r request) takeUp(loaded *register.Register, wanted *logging.Config) (written *register.Register, err error) {
	written = loaded.With(r.owner, func(entry *register.Register) {
		err = entry.TakeUp(r.owner, r.id)
		entry.Pending = pending(wanted)
	})
	return written, err
}

// pending tells the guard what may turn up before it is declared. Lambda's
// repetitions are over after as long as CloudFormation waits.
func pending(wanted *logging.Config) *register.Pending {
	if wanted == nil {
		return nil
	}
	return &register.Pending{Config: wanted, Until: time.Now().Add(longestRun).UTC()}
}

func (r request) update(ctx context.Context, wanted, old properties) (string, error) {
	name := wanted.RegisterParameter
	if was := old.RegisterParameter; was != name && was != "" {
		r.log.WarnContext(ctx, "RegisterParameter changed; delete will find no register and leave logging on", "was", was, "is", name)
	}
	loaded, err := r.load(ctx, name)
	if err != nil {
		return "", err
	}
	entry := loaded.Entry(r.owner)
	if entry == nil && loaded != nil && strings.HasPrefix(loaded.Owner, r.stack+"/") {
		return "", fmt.Errorf("another resource of this stack, %s, has taken logging over; update that one, or delete SSM parameter %s to have this one noted anew", loaded.Owner, name)
	}
	if entry == nil {
		r.log.WarnContext(ctx, "the register does not know this resource, which is noted anew; delete will leave logging on", "parameter", name)
		entry = &register.Register{PreviousUnknown: true, Pending: pending(&wanted.config), Earlier: loaded}
		if err := entry.TakeUp(r.owner, r.id); err != nil {
			return "", err
		}
		err = register.Save(ctx, r.parameters, name, loaded, entry)
		loaded = entry
	} else {
		var written *register.Register
		if written, err = r.takeUp(loaded, &wanted.config); err != nil {
			return "", err
		}
		err = register.Save(ctx, r.parameters, name, loaded, written)
		loaded = written
	}
	if err != nil {
		return "", err
	}
	live, err := r.configuration.GetModelInvocationLoggingConfiguration(ctx)
	if err != nil {
		return "", err
	}
	switch found := logging.Difference(live, &wanted.config); {
	case found == "" || logging.Difference(live, &old.config) == "" || entry.Declared != nil && logging.Difference(live, entry.Declared) == "":
	case live == nil:
		r.log.WarnContext(ctx, "logging was switched off outside of the stack and is switched on again")
	case wanted.OnExisting == Adopt:
		r.log.WarnContext(ctx, "the logging configuration was changed outside of the stack and is replaced", "difference", found, "replaced", live)
	default:
		return "", r.changed(found, name)
	}
	return Updated, r.declare(ctx, name, loaded, live, &wanted.config)
}

// changed is the refusal of what somebody else has put.
func (r request) changed(found, name string) error {
	return fmt.Errorf("the logging configuration was changed outside of the stack, and is left alone: %s. "+
		"To replace it, set OnExisting to %s (in environments.yaml, invocationLogging.onExisting: adopt), or put the declared one back, which SSM parameter %s holds. "+
		"Otherwise ask for the live values", found, Adopt, name)
}

// declare makes wanted live and notes that it is what the resource declares.
// When it fails, before is live again.
func (r request) declare(ctx context.Context, name string, written *register.Register, before, wanted *logging.Config) error {
	if err := r.replace(ctx, before, wanted); err != nil {
		return err
	}
	declared := written.With(r.owner, func(entry *register.Register) { entry.Declared, entry.Pending = wanted, nil })
	err := register.Save(ctx, r.parameters, name, written, declared)
	if err != nil {
		return r.putBack(ctx, before, wanted, true, err)
	}
	r.turn.Declare(name, declared.Newest())
	return nil
}

func (r request) delete(ctx context.Context, own properties) (string, error) {
	name := own.RegisterParameter
	loaded, err := r.load(ctx, name)
	if err != nil {
		return "", err
	}
	if !loaded.Contains(r.owner) {
		r.turn.Declare(name, loaded.Newest())
		return r.leaveAlone(ctx, "SSM parameter "+name+" does not say that this resource took logging over"), nil
	}
	written, err := r.takeUp(loaded, nil)
	if err != nil {
		return "", err
	}
	if err := register.Save(ctx, r.parameters, name, loaded, written); err != nil {
		return "", err
	}
	// Last, so that a run that fails before it can be repeated.
	forget := func() error {
		rest := written.Without(r.owner)
		if err := register.Save(ctx, r.parameters, name, written, rest); err != nil {
			return err
		}
		r.turn.Declare(name, rest.Newest())
		return nil
	}
	entry := written.Entry(r.owner)
	switch {
	case !written.IsOf(r.owner):
		return r.leaveAlone(ctx, "another resource has taken logging over: "+written.Owner), forget()
	case entry.PreviousUnknown:
		return r.leaveAlone(ctx, "what was live before this resource is not known any more"), forget()
	default:
		return r.restore(ctx, own, entry, forget)
	}
}

// restore makes what the resource found live again where its own configuration
// is.
func (r request) restore(ctx context.Context, own properties, entry *register.Register, forget func() error) (string, error) {
	name, previous := own.RegisterParameter, entry.Previous.OrNone()
	live, err := r.configuration.GetModelInvocationLoggingConfiguration(ctx)
	if err != nil {
		return "", err
	}
	foreign := logging.Difference(live, &own.config)
	if foreign != "" && (entry.Declared == nil || logging.Difference(live, entry.Declared) != "") {
		return r.leaveAlone(ctx, "the live configuration is not this resource's: "+foreign), forget()
	}
	foundItself := previous != nil && logging.Difference(live, previous) == ""
	if foundItself && entry.Earlier == nil && r.turn.FoundOff(name, live) {
		// It found another stack's, which would have switched it off, and not
		// that of a resource of this stack.
		foundItself, previous = false, nil
	}
	if others := r.turn.AlsoDeclared(name, live); len(others) > 0 {
		if previous == nil {
			r.turn.HandDown(live)
		}
		r.log.InfoContext(ctx, "another stack needs the live configuration", "registers", others, "notRestored", previous)
		return r.leaveAlone(ctx, "another stack declares the same configuration: SSM parameter "+strings.Join(others, ", ")), forget()
	}
	if foundItself {
		return r.leaveAlone(ctx, "this configuration was live before the resource was created"), forget()
	}
	if err := r.replace(ctx, live, previous); err != nil {
		if previous == nil {
			return "", err
		}
		return "", fmt.Errorf("the configuration from before this resource cannot be restored, so logging stays as it is: %w. "+
			`To go on, make AWS accept it; or set SSM parameter %s to {"previous":null} to have logging switched off instead; or delete that parameter to have logging left on. Then delete the stack again`, err, name)
	}
	if err := forget(); err != nil {
		return "", r.putBack(ctx, live, previous, true, err)
	}
	if previous == nil {
		return Removed, nil
	}
	return Restored, nil
}

func (r request) leaveAlone(ctx context.Context, why string) string {
	r.log.InfoContext(ctx, "the live configuration is left alone", "why", why)
	return LeftAlone
}
