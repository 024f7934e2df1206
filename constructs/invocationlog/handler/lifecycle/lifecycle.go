package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

// PhysicalResourceID is the resource's physical id, the same for ever. With
// another one on Update, CloudFormation would send a Delete for the old one and
// so switch logging off after the update succeeded.
const PhysicalResourceID = "bedrock-model-invocation-logging"

const (
	// undoReserve is kept back from the time for the work to put things back.
	undoReserve = 5 * time.Second
	// readBackBudget is how long Get may lag behind Put.
	readBackBudget = 10 * time.Second
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
	client Client
}

// New returns a lifecycle that works through both and repeats those of their
// calls that may succeed later.
func New(configuration logging.Client, parameters register.Parameters) *Lifecycle {
	return &Lifecycle{client: newPatient(configuration, parameters)}
}

// Handle does what event asks for and returns the attribute Decision. It is a
// [customresource.Work].
func (l *Lifecycle) Handle(ctx context.Context, log *slog.Logger, event customresource.Event) (map[string]string, error) {
	r := request{
		client: l.client,
		log:    log,
		owner:  event.StackID + "/" + event.LogicalResourceID,
		undo:   ctx,
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-undoReserve))
		defer cancel()
	}
	wanted, err := parseProperties(event.ResourceProperties)
	var decision string
	switch {
	case event.RequestType == customresource.Delete && event.PhysicalResourceID != PhysicalResourceID:
		decision = r.leaveAlone(ctx, "physical id "+event.PhysicalResourceID+" was never this resource's")
		err = nil
	case event.RequestType == customresource.Delete && err != nil:
		decision = r.leaveAlone(ctx, "never created with these properties: "+err.Error())
		err = nil
	case err != nil:
	case event.RequestType == customresource.Create:
		decision, err = r.create(ctx, wanted)
	case event.RequestType == customresource.Update:
		// Old properties that cannot be read only make the log less precise.
		old, _ := parseProperties(event.OldResourceProperties)
		decision, err = r.update(ctx, wanted, old)
	case event.RequestType == customresource.Delete:
		decision, err = r.delete(ctx, wanted)
	}
	if err != nil {
		return nil, err
	}
	return map[string]string{"Decision": decision}, nil
}

// request is one event at work.
type request struct {
	client Client
	log    *slog.Logger
	owner  string
	undo   context.Context // outlives the context of the work
}

func (r request) create(ctx context.Context, wanted properties) (string, error) {
	// The record is read after the configuration. Of two runs of one event,
	// the second then either finds the record of the first or has seen the
	// same configuration as the first.
	live, err := r.client.GetModelInvocationLoggingConfiguration(ctx)
	if err != nil {
		return "", err
	}
	decision := Created
	if found := logging.Difference(live, &wanted.config); live != nil && found != "" {
		if wanted.OnExisting != Adopt {
			return "", fmt.Errorf("this account already logs model invocations in this Region, in a different way: %s. "+
				"There is one configuration per account and Region. To replace it, set OnExisting to %s (in environments.yaml, invocationLogging.onExisting: adopt): it is then kept in SSM parameter %s and restored on delete. "+
				"Otherwise ask for the live values, or delete the live configuration first", found, Adopt, wanted.PreviousConfigurationParameter)
		}
		decision = Adopted
		r.log.WarnContext(ctx, "replacing an existing configuration", "difference", found)
	}
	if err := r.remember(ctx, wanted.PreviousConfigurationParameter, live); err != nil {
		return "", err
	}
	return decision, r.replace(ctx, live, &wanted.config)
}

// remember records live as what the resource found, unless it did so before.
// Where another run records something in between, it looks again.
func (r request) remember(ctx context.Context, name string, live *logging.Config) error {
	overtaken := func(err error) bool { return errors.Is(err, register.ErrParameterAlreadyExists) }
	return retry.Do(ctx, overtaken, func(ctx context.Context) error {
		loaded, err := register.Load(ctx, r.client, name)
		if err != nil || loaded.Contains(r.owner) {
			return err
		}
		return register.Save(ctx, r.client, name, loaded, &register.Register{Owner: r.owner, Previous: live, Earlier: loaded})
	})
}

func (r request) update(ctx context.Context, wanted, old properties) (string, error) {
	if was, is := old.PreviousConfigurationParameter, wanted.PreviousConfigurationParameter; was != is {
		r.log.WarnContext(ctx, "PreviousConfigurationParameter changed; delete will find no record and leave logging on", "was", was, "is", is)
	}
	live, err := r.client.GetModelInvocationLoggingConfiguration(ctx)
	if err != nil {
		return "", err
	}
	if drift := logging.Difference(live, &old.config); drift != "" && logging.Difference(live, &wanted.config) != "" {
		r.log.WarnContext(ctx, "the live configuration was changed outside of the stack and is replaced", "difference", drift)
	}
	return Updated, r.replace(ctx, live, &wanted.config)
}

func (r request) delete(ctx context.Context, own properties) (string, error) {
	name := own.PreviousConfigurationParameter
	loaded, err := register.Load(ctx, r.client, name)
	if err != nil {
		return "", err
	}
	if !loaded.Contains(r.owner) {
		return r.leaveAlone(ctx, "SSM parameter "+name+" does not say that this resource took logging over"), nil
	}
	decision := ""
	if loaded.IsOf(r.owner) {
		decision, err = r.restore(ctx, own, loaded.Previous)
	} else {
		decision = r.leaveAlone(ctx, "another resource has taken logging over: "+loaded.Owner)
	}
	if err != nil {
		return "", err
	}
	// Last, so that a run that fails before it can be repeated.
	return decision, register.Save(ctx, r.client, name, loaded, loaded.Without(r.owner))
}

// restore makes previous live again where the resource's own configuration is.
func (r request) restore(ctx context.Context, own properties, previous *logging.Config) (string, error) {
	live, err := r.client.GetModelInvocationLoggingConfiguration(ctx)
	if err != nil {
		return "", err
	}
	if foreign := logging.Difference(live, &own.config); foreign != "" {
		return r.leaveAlone(ctx, "the live configuration is not this resource's: "+foreign), nil
	}
	if previous.OrNone() == nil {
		return Removed, r.replace(ctx, live, nil)
	}
	if logging.Difference(live, previous) == "" {
		return r.leaveAlone(ctx, "this configuration was live before the resource was created"), nil
	}
	if err := r.replace(ctx, live, previous); err != nil {
		name := own.PreviousConfigurationParameter
		return "", fmt.Errorf("the configuration from before this resource cannot be restored, so logging stays as it is: %w. "+
			`To go on, make AWS accept it; or set SSM parameter %s to {"previous":null} to have logging switched off instead; or delete that parameter to have logging left on. Then delete the stack again`, err, name)
	}
	return Restored, nil
}

func (r request) leaveAlone(ctx context.Context, why string) string {
	r.log.InfoContext(ctx, "the live configuration is left alone", "why", why)
	return LeftAlone
}

// replace makes wanted the live configuration instead of before and reads it
// back. When it fails, before is live again.
func (r request) replace(ctx context.Context, before, wanted *logging.Config) error {
	err := r.set(ctx, wanted)
	stored := err == nil
	if stored {
		err = r.confirm(ctx, wanted)
	}
	if err == nil {
		return nil
	}
	if !stored {
		// A refused write changes nothing, but one that got no answer may have.
		live, readErr := r.client.GetModelInvocationLoggingConfiguration(r.undo)
		if readErr == nil && logging.Difference(live, before) == "" {
			return err
		}
	}
	r.log.WarnContext(ctx, "putting the configuration from before back", "cause", err)
	if undoErr := r.set(r.undo, before); undoErr != nil {
		return fmt.Errorf("%w; and the configuration from before could not be put back: %w", err, undoErr)
	}
	return err
}

// set makes wanted the live configuration; nil means none.
func (r request) set(ctx context.Context, wanted *logging.Config) error {
	if wanted == nil {
		return r.client.DeleteModelInvocationLoggingConfiguration(ctx)
	}
	return r.client.PutModelInvocationLoggingConfiguration(ctx, *wanted)
}

// errNotAsWritten means that Get does not show what was written.
var errNotAsWritten = errors.New("AWS accepted the configuration but stored another one")

// confirm reads back until Get shows wanted.
func (r request) confirm(ctx context.Context, wanted *logging.Config) error {
	start := time.Now()
	lagging := func(err error) bool {
		return errors.Is(err, errNotAsWritten) && time.Since(start) < readBackBudget
	}
	return retry.Do(ctx, lagging, func(ctx context.Context) error {
		live, err := r.client.GetModelInvocationLoggingConfiguration(ctx)
		if err != nil {
			return err
		}
		if found := logging.Difference(live, wanted); found != "" {
			return fmt.Errorf("%w: %s", errNotAsWritten, found)
		}
		return nil
	})
}
