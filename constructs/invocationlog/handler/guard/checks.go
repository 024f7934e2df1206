package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The checks, as the dimension Check of the metrics and in the log.
const (
	LoggingConfiguration = "LoggingConfiguration"
	BucketLock           = "BucketLock"
	TrailLogging         = "TrailLogging"
	LogGroupKept         = "LogGroup"
	KeyEnabled           = "Key"
)

// The decisions, as in the log.
const (
	// Same means that everything is as it was declared.
	Same = "Same"
	// Drift means that something is not.
	Drift = "Drift"
	// Unknown means that it could not be found out.
	Unknown = "Unknown"
)

// result is what one check found.
type result struct {
	check       string
	differences []string
	failures    []error
	// waits means that the failure is a deployment at work, and no fault.
	waits    bool
	duration time.Duration
}

func (r result) decision() string {
	switch {
	case len(r.differences) > 0:
		return Drift
	case len(r.failures) > 0:
		return Unknown
	default:
		return Same
	}
}

func (r result) complete() bool { return len(r.failures) == 0 }

func (r result) difference() string { return strings.Join(r.differences, "; ") }

// add takes what was found of one thing: a difference, none, or a failure.
func (r *result) add(name, difference string, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		r.differences = append(r.differences, name+": does not exist")
	case err != nil:
		r.failures = append(r.failures, fmt.Errorf("%s: %w", name, err))
	case difference != "":
		r.differences = append(r.differences, name+": "+difference)
	}
}

// check is one of those that Bedrock knows nothing about.
type check struct {
	name string
	run  func(ctx context.Context, found *result)
}

// checks are those that the settings ask for.
func (s Settings) checks(client Client) []check {
	all := []struct {
		check
		wanted bool
	}{
		{check{BucketLock, func(ctx context.Context, found *result) {
			for _, b := range s.Buckets {
				live, err := client.GetObjectLockConfiguration(ctx, b.Name)
				found.add("bucket "+b.Name, b.difference(live), err)
			}
		}}, len(s.Buckets) > 0},
		{check{TrailLogging, func(ctx context.Context, found *result) {
			status, err := client.GetTrailStatus(ctx, s.TrailArn)
			found.add("trail "+s.TrailArn, status.difference(time.Now()), err)
		}}, s.TrailArn != ""},
		{check{LogGroupKept, func(ctx context.Context, found *result) {
			for _, g := range s.LogGroups {
				live, err := client.DescribeLogGroups(ctx, g.Name)
				found.add("log group "+g.Name, g.difference(live), err)
			}
		}}, len(s.LogGroups) > 0},
		{check{KeyEnabled, func(ctx context.Context, found *result) {
			for _, key := range s.Keys {
				state, err := client.DescribeKey(ctx, key)
				found.add("key "+key, keyDifference(state), err)
			}
		}}, len(s.Keys) > 0},
	}
	var wanted []check
	for _, c := range all {
		if c.wanted {
			wanted = append(wanted, c.check)
		}
	}
	return wanted
}

// undelivered is how long a trail may fail to deliver before that counts. Log
// files follow each other in minutes and digests every hour. An error alone says
// little: CloudTrail tries again, and does not say when it forgets an error.
const undelivered = 2 * time.Hour

// difference is empty where the trail is logging, and what it logs arrives.
func (s TrailStatus) difference(now time.Time) string {
	if !s.IsLogging {
		return "is not logging"
	}
	var found []string
	for _, to := range []struct {
		what string
		Delivery
	}{{"log files to its bucket", s.Files}, {"digests to its bucket", s.Digests}, {"events to its log group", s.Logs}} {
		if to.Error == "" || now.Sub(to.Latest) < undelivered {
			continue
		}
		since := "ever"
		if !to.Latest.IsZero() {
			since = "since " + to.Latest.UTC().Format(time.RFC3339)
		}
		found = append(found, fmt.Sprintf("has delivered no %s %s: %s", to.what, since, to.Error))
	}
	return strings.Join(found, ", ")
}

// difference is empty where the bucket is locked as strictly as declared.
func (b LockedBucket) difference(live ObjectLock) string {
	if !live.Enabled {
		return "Object Lock is off"
	}
	if live.Mode == "" {
		return fmt.Sprintf("no default retention, declared %s for %d days", b.Mode, b.Days)
	}
	var found []string
	if live.Mode != b.Mode && live.Mode != compliance {
		found = append(found, fmt.Sprintf("mode: live %s, declared %s", live.Mode, b.Mode))
	}
	if live.Days < b.Days {
		found = append(found, fmt.Sprintf("days: live %d, declared %d", live.Days, b.Days))
	}
	return strings.Join(found, ", ")
}

// difference is empty where events are kept as long as declared, under the
// declared key. Another key counts although it encrypts as well: who controls it
// can make the log unreadable.
func (g KeptLogGroup) difference(live LogGroup) string {
	var found []string
	forEver := live.RetentionDays == 0
	if !forEver && (g.RetentionDays == 0 || live.RetentionDays < g.RetentionDays) {
		found = append(found, fmt.Sprintf("retention: live %s, declared %s", days(live.RetentionDays), days(g.RetentionDays)))
	}
	if live.KeyArn != g.KeyArn {
		found = append(found, fmt.Sprintf("key: live %s, declared %s", orNone(live.KeyArn), orNone(g.KeyArn)))
	}
	return strings.Join(found, ", ")
}

func keyDifference(state string) string {
	if state == "Enabled" {
		return ""
	}
	return "state: live " + orNone(state) + ", declared Enabled"
}

func days(n int) string {
	switch n {
	case 0:
		return "for ever"
	case 1:
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// Names under which the guard publishes what it found.
const (
	metricNamespace = "PaperTrail"
	driftMetric     = "LoggingConfigurationDrift"
	checksMetric    = "LoggingConfigurationChecks"
)

// metrics say what was found, and only what was found: a check that could be
// made in part counts as drift if that part shows one, but not as made. The
// checks without dimension are those runs in which every check was made, so that
// a guard which cannot see is missed. Nor does one that cannot see everything say
// that there is no drift: the alarm would be over while the drift goes on.
func metrics(results []result) []Datum {
	var data []Datum
	worst := 0.0
	complete := !slices.ContainsFunc(results, func(r result) bool { return !r.complete() })
	for _, r := range results {
		decision := r.decision()
		if decision == Unknown {
			continue
		}
		value := 0.0
		if decision == Drift {
			value = 1
		}
		worst = max(worst, value)
		data = append(data, Datum{driftMetric, value, r.check})
		if r.complete() {
			data = append(data, Datum{checksMetric, 1, r.check})
		}
	}
	if complete || worst > 0 {
		data = append(data, Datum{Name: driftMetric, Value: worst})
	}
	if complete {
		data = append(data, Datum{Name: checksMetric, Value: 1})
	}
	return data
}
