package costtags

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// Namespace of the metrics.
	Namespace = "PaperTrail"
	// ActiveMetric is how many of the keys are active.
	ActiveMetric = "CostTagsActive"
	// PendingMetric is how many are not, yet.
	PendingMetric = "CostTagsPending"
)

// maxUpdate is how many keys one call activates (AWS Cost Explorer API reference,
// UpdateCostAllocationTagsStatus).
const maxUpdate = 20

// unknown is the code for a key that has not been billed yet.
const unknown = "TagKeysNotFoundException"

// Activation is a lambda.Handler for the events of an EventBridge schedule. The
// rule that runs it is in the event, so that the function does not have to know
// the name of what knows the function.
type Activation struct {
	settings Settings
	client   Client
	now      func() time.Time
	log      *slog.Logger
}

// New returns a function that works through client.
func New(settings Settings, client Client) *Activation {
	return &Activation{settings, client, time.Now, slog.New(slog.NewJSONHandler(os.Stderr, nil))}
}

// Invoke is one run. It returns an error where AWS failed it, after doing all it
// could; the next run tries again.
func (a *Activation) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	err := a.run(ctx, ruleOf(event))
	if err != nil {
		a.log.ErrorContext(ctx, "cost allocation tags", "error", err)
	}
	return nil, err
}

func (a *Activation) run(ctx context.Context, rule string) error {
	tags, err := a.client.ListCostAllocationTags(ctx, a.settings.Keys)
	if errors.Is(err, ErrNotPayer) {
		a.log.WarnContext(ctx, "the management account activates these tags; run this there", "decision", "ManagedElsewhere", "command", a.command())
		return a.finish(ctx, rule)
	}
	if err != nil {
		return fmt.Errorf("listing the cost allocation tags: %w", err)
	}
	known := map[string]Tag{}
	for _, tag := range tags {
		known[tag.Key] = tag
	}
	var inactive, pending []string
	for _, key := range a.settings.Keys {
		tag, ok := known[key]
		switch {
		case !ok:
			pending = append(pending, key)
			a.log.InfoContext(ctx, "not billed yet; a key is known a day after its first resource", "decision", "Waits", "key", key)
		case !tag.Active:
			inactive = append(inactive, key)
		}
	}
	refused, err := a.activate(ctx, inactive)
	pending = append(pending, refused...)
	failures := []error{err}
	if len(pending) == 0 && err == nil {
		var done bool
		if done, err = a.backfill(ctx, known); err != nil {
			failures = append(failures, err)
		} else if done {
			a.log.InfoContext(ctx, "all keys are active", "decision", "Finished", "keys", a.settings.Keys)
			failures = append(failures, a.finish(ctx, rule))
		}
	}
	if err := a.client.PutMetricData(ctx, Namespace, map[string]float64{
		ActiveMetric: float64(len(a.settings.Keys) - len(pending)), PendingMetric: float64(len(pending)),
	}); err != nil {
		failures = append(failures, fmt.Errorf("publishing the metrics: %w", err))
	}
	return errors.Join(failures...)
}

// activate returns the keys that are not active after it.
func (a *Activation) activate(ctx context.Context, keys []string) (pending []string, err error) {
	var failures []error
	for batch := range slices.Chunk(keys, maxUpdate) {
		notDone, err := a.client.UpdateCostAllocationTagsStatus(ctx, batch)
		if err != nil {
			pending = append(pending, batch...)
			failures = append(failures, fmt.Errorf("activating %s: %w", strings.Join(batch, ", "), err))
			continue
		}
		for _, key := range batch {
			refusal, refused := notDone[key]
			switch {
			case !refused:
				a.log.InfoContext(ctx, "activated; it splits the bill from now on, and shows within a day", "decision", "Activated", "key", key)
			case refusal.Code == unknown:
				pending = append(pending, key)
				a.log.InfoContext(ctx, "not billed yet; a key is known a day after its first resource", "decision", "Waits", "key", key)
			default:
				pending = append(pending, key)
				failures = append(failures, fmt.Errorf("activating %s: %s: %s", key, refusal.Code, refusal.Message))
			}
		}
	}
	return pending, errors.Join(failures...)
}

// backfill asks for the past months to be counted again, unless that was done
// since the last of the keys became active.
func (a *Activation) backfill(ctx context.Context, known map[string]Tag) (done bool, err error) {
	if a.settings.BackfillMonths == 0 {
		return true, nil
	}
	var last time.Time
	for _, key := range a.settings.Keys {
		tag := known[key]
		if !tag.Active {
			return false, nil // activated just now; AWS takes up to a day
		}
		if tag.Updated.After(last) {
			last = tag.Updated
		}
	}
	history, err := a.client.ListCostAllocationTagBackfillHistory(ctx)
	if err != nil {
		return false, fmt.Errorf("listing the backfills: %w", err)
	}
	if slices.ContainsFunc(history, func(requested time.Time) bool { return !requested.Before(last) }) {
		return true, nil
	}
	from := a.backfillFrom()
	err = a.client.StartCostAllocationTagBackfill(ctx, from)
	if errors.Is(err, ErrBackfillLimit) {
		a.log.InfoContext(ctx, "the backfill has to wait", "decision", "Waits", "why", err.Error())
		return false, nil
	}
	if errors.Is(err, ErrBackfillRefused) {
		a.log.WarnContext(ctx, "past months stay as they are; if they are to be counted again, run this where it is allowed", "decision", "BackfillRefused",
			"why", err.Error(), "command", "aws ce start-cost-allocation-tag-backfill --backfill-from "+from.Format(time.RFC3339))
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("requesting a backfill from %s: %w", from.Format(time.DateOnly), err)
	}
	a.log.InfoContext(ctx, "past months are counted again", "decision", "Backfill", "from", from.Format(time.DateOnly))
	return true, nil
}

// backfillFrom is the first day of a month, the only day that AWS takes, and not
// before the previous twelve months (AWS Cost Explorer API reference,
// StartCostAllocationTagBackfill).
func (a *Activation) backfillFrom() time.Time {
	now, months := a.now().UTC(), a.settings.BackfillMonths
	if months == maxBackfillMonths && now.Day() > 1 {
		months--
	}
	return time.Date(now.Year(), now.Month()-time.Month(months), 1, 0, 0, 0, 0, time.UTC)
}

func (a *Activation) finish(ctx context.Context, rule string) error {
	if rule == "" {
		a.log.InfoContext(ctx, "the event names no rule, so a schedule goes on if there is one")
		return nil
	}
	if err := a.client.DisableRule(ctx, rule); err != nil {
		return fmt.Errorf("ending the schedule, rule %s: %w", rule, err)
	}
	return nil
}

// ruleOf is the name of the rule that sent the event, which may be no event of a
// schedule.
func ruleOf(event []byte) string {
	var scheduled struct{ Resources []string }
	if json.Unmarshal(event, &scheduled) != nil || len(scheduled.Resources) != 1 {
		return ""
	}
	_, name, _ := strings.Cut(scheduled.Resources[0], ":rule/")
	return name
}

// command is what the owner of the management account runs.
func (a *Activation) command() string {
	var parts []string
	for _, key := range a.settings.Keys {
		parts = append(parts, fmt.Sprintf("TagKey='%s',Status=Active", key))
	}
	return "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status " + strings.Join(parts, " ")
}
