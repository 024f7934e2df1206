package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

const (
	// longestRun is used where the context has no deadline.
	longestRun = time.Minute
	// reportReserve is kept back from the time for the checks, to tell what
	// they found; half of a time that is shorter than twice that.
	reportReserve = 15 * time.Second
	// logReserve is kept back to log what could not be told.
	logReserve = 500 * time.Millisecond
)

// Guard is a lambda.Handler that makes every check once for each event.
type Guard struct {
	settings     Settings
	functionName string
	logging      logging.Client
	parameters   register.Parameters
	client       Client
	log          *slog.Logger
}

// New returns a guard with settings that [ParseSettings] found no problem in.
// The name of its Lambda function tells its own calls from those of others.
// Calls of config and parameters are repeated while they may succeed later. It
// logs JSON lines to standard error.
func New(settings Settings, functionName string, config logging.Client, parameters register.Parameters, client Client) *Guard {
	return &Guard{
		settings:     settings,
		functionName: functionName,
		logging:      logging.Patient(config),
		parameters:   register.Patient(parameters, logging.IsTransient),
		client:       patient{client},
		log:          slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	}
}

// run is one event at work.
type run struct {
	*Guard
	log   *slog.Logger
	id    string    // unique among runs
	until time.Time // the end of the run

	mu     sync.Mutex
	faults []error // beside the failures of checks
}

// fault notes what could not be done beside the checks.
func (r *run) fault(ctx context.Context, what string, err error) {
	if err == nil {
		return
	}
	r.log.ErrorContext(ctx, what, "error", err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, fmt.Errorf("%s: %w", what, err))
}

// Invoke handles one event: of the schedule, of a call that changes the logging
// configuration, or by hand. It returns what it found as JSON, and an error when
// anything could not be done, after it did all it could.
func (g *Guard) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	start := time.Now()
	until := start.Add(longestRun)
	if deadline, ok := ctx.Deadline(); ok {
		until = deadline
	}
	ctx, cancel := context.WithDeadline(ctx, until.Add(-logReserve))
	defer cancel()
	r := &run{Guard: g, id: requestID(ctx), until: until}
	r.log = g.log.With("requestId", r.id)

	results, incident := r.check(ctx, r.foreign(ctx, decode(payload)))
	r.report(ctx, results, incident)

	r.log.InfoContext(ctx, "run ended", "duration", time.Since(start).String())
	return summary(results), r.err(results)
}

// foreign returns the call unless a deployment made it.
func (r *run) foreign(ctx context.Context, c *call) *call {
	if c == nil {
		return nil
	}
	decision, foreign := "Foreign", c
	if c.issuer == r.settings.HandlerRoleArn {
		decision, foreign = "Deployment", nil
	}
	r.log.InfoContext(ctx, "call for another configuration", "decision", decision, "operation", c.operation,
		"caller", plain(c.caller), "sourceIp", plain(c.sourceIP), "at", c.at, "eventId", plain(c.id), "errorCode", plain(c.errorCode))
	return foreign
}

// check makes all checks at once, so that a slow one holds up no other.
func (r *run) check(ctx context.Context, c *call) ([]result, incident) {
	left := time.Until(r.until)
	ctx, cancel := context.WithDeadline(ctx, r.until.Add(-min(reportReserve, left/2)))
	defer cancel()

	happened := incident{call: c, limit: r.settings.HealsPerHour}
	checks := append([]check{{LoggingConfiguration, func(ctx context.Context, found *result) {
		r.checkConfiguration(ctx, found, &happened)
	}}}, r.settings.checks(r.client)...)
	results := make([]result, len(checks))
	var done sync.WaitGroup
	for i, c := range checks {
		done.Go(func() {
			start := time.Now()
			found := result{check: c.name}
			defer func() {
				if p := recover(); p != nil {
					found.failures = append(found.failures, fmt.Errorf("panic: %v; this is a defect of the guard", p))
				}
				found.duration = time.Since(start)
				results[i] = found
				r.logResult(ctx, found)
			}()
			c.run(ctx, &found)
		})
	}
	done.Wait()
	return results, happened
}

func (r *run) logResult(ctx context.Context, found result) {
	log := r.log.With("check", found.check, "duration", found.duration.String())
	if !found.complete() {
		level := slog.LevelError
		if found.waits {
			level = slog.LevelInfo
		}
		log.Log(ctx, level, "check could not be made", "decision", Unknown, "error", errors.Join(found.failures...))
	}
	switch found.decision() {
	case Drift:
		log.WarnContext(ctx, "not as declared", "decision", Drift, "difference", found.difference())
	case Same:
		log.InfoContext(ctx, "as declared", "decision", Same)
	}
}

// report publishes metrics and message at once, so that neither waits for the
// other.
func (r *run) report(ctx context.Context, results []result, happened incident) {
	var done sync.WaitGroup
	done.Go(func() {
		if data := metrics(results); len(data) > 0 {
			r.fault(ctx, "metrics could not be published", r.client.PutMetricData(ctx, metricNamespace, data))
		}
	})
	if happened.needsMessage() {
		done.Go(func() { r.tell(ctx, happened) })
	}
	done.Wait()
}

func (r *run) tell(ctx context.Context, happened incident) {
	here := placeOf(r.settings.TopicArn)
	err := r.client.Publish(ctx, r.settings.TopicArn, happened.subject(here), happened.body(here))
	if err != nil {
		r.fault(ctx, "message could not be published", err)
		return
	}
	r.log.InfoContext(ctx, "message published", "subject", happened.subject(here))
	if err := r.rememberMessage(ctx, happened); err != nil {
		r.log.WarnContext(ctx, "the message may be sent again", "error", err)
	}
}

func (r *run) err(results []result) error {
	problems := r.faults
	for _, found := range results {
		if !found.complete() && !found.waits {
			problems = append(problems, fmt.Errorf("%s: %w", found.check, errors.Join(found.failures...)))
		}
	}
	return errors.Join(problems...)
}

// summary is what who calls the function by hand sees.
func summary(results []result) []byte {
	type line struct {
		Check      string `json:"check"`
		Decision   string `json:"decision"`
		Difference string `json:"difference,omitempty"`
		Error      string `json:"error,omitempty"`
	}
	lines := []line{}
	for _, found := range results {
		l := line{Check: found.check, Decision: found.decision(), Difference: found.difference()}
		if !found.complete() {
			l.Error = errors.Join(found.failures...).Error()
		}
		lines = append(lines, l)
	}
	text, err := json.Marshal(map[string]any{"checks": lines})
	if err != nil {
		panic(err) // texts, which cannot fail
	}
	return text
}

func requestID(ctx context.Context) string {
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		return invocation.AwsRequestID
	}
	return time.Now().UTC().Format(time.RFC3339Nano)
}
