package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

// readBackBudget is how long Get may lag behind Put.
const readBackBudget = 10 * time.Second

// replace makes wanted the live configuration instead of before, and reads it
// back. When it fails, before is live again.
func (r request) replace(ctx context.Context, before, wanted *logging.Config) error {
	err := logging.Replace(ctx, r.configuration, before, wanted)
	if err == nil {
		if err = r.confirm(ctx, wanted); err == nil {
			return nil
		}
	} else if !logging.IsUnsure(err) && !r.shows(wanted, before) {
		return err // nothing has changed
	}
	return r.putBack(ctx, before, wanted, false, err)
}

// putBack makes before live again after wanted was put, or may have been, and
// cause came in between. What somebody else has put since is left alone. wanted
// was confirmed when it was read back.
func (r request) putBack(ctx context.Context, before, wanted *logging.Config, confirmed bool, cause error) error {
	live, err := r.look()
	if err != nil {
		// Somebody may have put another configuration since. CloudFormation's
		// rollback looks again.
		return fmt.Errorf("%w; and what is live cannot be seen, so it is left as it is: %w", cause, err)
	}
	if !r.ownDoing(live, before, wanted, confirmed) {
		return fmt.Errorf("%w; and somebody has put another configuration since, which is left alone: %s", cause, logging.Difference(live, wanted))
	}
	if before == nil && r.updating {
		// Somebody had switched logging off. An update never does.
		return fmt.Errorf("%w; logging was off before this update, and is on if the new configuration was stored", cause)
	}
	// Even where before seems to be live: Get may lag behind.
	r.log.WarnContext(ctx, "putting the configuration from before back", "cause", cause)
	if err := r.set(r.undo, before); err != nil {
		return fmt.Errorf("%w; and the configuration from before could not be put back: %w", cause, err)
	}
	return cause
}

// lookBudget is how long a look may take that only decides how to put back.
const lookBudget = 5 * time.Second

// look reads the live configuration without using up the time to put back.
func (r request) look() (*logging.Config, error) {
	ctx, cancel := context.WithTimeout(r.undo, lookBudget)
	defer cancel()
	return r.configuration.GetModelInvocationLoggingConfiguration(ctx)
}

// shows tells whether wanted is live although AWS refused it.
func (r request) shows(wanted, before *logging.Config) bool {
	live, err := r.look()
	return err == nil && logging.Difference(live, wanted) == "" && logging.Difference(live, before) != ""
}

// ownDoing tells whether live is what this request put or found. AWS may store
// other flags than it was sent, but no other destinations; once wanted was read
// back, other flags are somebody's.
func (r request) ownDoing(live, before, wanted *logging.Config, confirmed bool) bool {
	return logging.Difference(live, before) == "" || logging.Difference(live, wanted) == "" ||
		!confirmed && live != nil && wanted != nil && logging.SameDestinations(live, wanted)
}

// set makes wanted the live configuration; nil means none.
func (r request) set(ctx context.Context, wanted *logging.Config) error {
	if wanted == nil {
		return r.configuration.DeleteModelInvocationLoggingConfiguration(ctx)
	}
	return r.configuration.PutModelInvocationLoggingConfiguration(ctx, *wanted)
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
		live, err := r.configuration.GetModelInvocationLoggingConfiguration(ctx)
		if err != nil {
			return err
		}
		if found := logging.Difference(live, wanted); found != "" {
			return fmt.Errorf("%w: %s", errNotAsWritten, found)
		}
		return nil
	})
}
