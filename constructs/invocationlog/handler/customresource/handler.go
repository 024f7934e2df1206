package customresource

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

const (
	// answerReserve is kept back from the function's time for the answer.
	answerReserve = 5 * time.Second
	// patience is how long work may go on after its time is up, to say itself
	// what it was waiting for.
	patience = time.Second
	// logReserve is kept back from the answer's time to log that it could not
	// be delivered.
	logReserve = 500 * time.Millisecond
	// reasonReserve is the part of an answer that is left for what failed.
	reasonReserve = 1 << 10
	// longestRun is Lambda's own limit, used where the context has no deadline.
	longestRun = 15 * time.Minute
)

// Work does what an event asks for. The returned data become the attributes of
// the resource and have to stay under 1 KB; Decision among them says in the log
// what was done. An error fails the request with its text as the reason.
//
// The context ends 5 seconds before the function does. The logger adds the
// event's identity to each line.
type Work func(ctx context.Context, log *slog.Logger, event Event) (data map[string]string, err error)

// Handler is a lambda.Handler that turns custom resource events into work and
// the outcome into an answer.
type Handler struct {
	physicalResourceID string
	work               Work
	// Transport delivers the answers. Default: http.DefaultTransport.
	Transport http.RoundTripper
	// Log receives what is logged. Default: JSON lines on standard error.
	Log *slog.Logger
}

// NewHandler returns a handler that answers Create with physicalResourceID and
// every other request with the physical id it came with, so that CloudFormation
// never takes an update for a replacement. It logs JSON lines to standard error.
func NewHandler(physicalResourceID string, work Work) *Handler {
	return &Handler{
		physicalResourceID: physicalResourceID,
		work:               work,
		Transport:          http.DefaultTransport,
		Log:                slog.New(slog.NewJSONHandler(os.Stderr, nil)),
	}
}

// Invoke handles one event. It returns an error only where CloudFormation could
// not be told the outcome: Lambda then runs the event again, which gives the
// answer another chance.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, longestRun)
	defer cancel()

	event, err := decode(payload)
	log := h.Log.With("requestType", event.RequestType, "requestId", event.RequestID,
		"stackId", event.StackID, "logicalResourceId", event.LogicalResourceID)
	reply := answer{
		Status:             "SUCCESS",
		PhysicalResourceID: event.PhysicalResourceID,
		StackID:            event.StackID,
		RequestID:          event.RequestID,
		LogicalResourceID:  event.LogicalResourceID,
	}
	if reply.PhysicalResourceID == "" {
		reply.PhysicalResourceID = h.physicalResourceID
	}
	address := event.ResponseURL
	if len(reply.json()) > maxAnswerBytes-reasonReserve {
		address = ""
		err = errors.Join(err, errors.New("event: its ids leave no room for an answer"))
	}
	if address == "" {
		log.ErrorContext(ctx, "event cannot be answered", "error", err)
		return nil, err
	}
	if err == nil {
		event.ResponseURL = ""
		reply.Data, err = h.run(ctx, log, event)
	}
	if err != nil {
		log.ErrorContext(ctx, "request failed", "decision", "Failed", "error", err, "duration", time.Since(start).String())
		reply.Status, reply.Reason = "FAILED", reason(err)
	} else {
		log.InfoContext(ctx, "request succeeded", "decision", reply.Data["Decision"], "duration", time.Since(start).String())
	}
	return nil, h.deliver(ctx, log, address, reply.encode())
}

// run does the work and returns in time for the answer, come what may.
func (h *Handler) run(ctx context.Context, log *slog.Logger, event Event) (map[string]string, error) {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-answerReserve))
	defer cancel()

	type outcome struct {
		data map[string]string
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				log.ErrorContext(ctx, "panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
				done <- outcome{err: fmt.Errorf("panic: %v; this is a defect of the function, its log holds the stack", p)}
			}
		}()
		data, err := h.work(ctx, log, event)
		done <- outcome{data, err}
	}()

	select {
	case o := <-done:
		return o.data, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return o.data, o.err
	case <-time.After(patience):
		return nil, errors.New("the function ran out of time; raise its timeout, and look into its log for what it was waiting for")
	}
}

func (h *Handler) deliver(ctx context.Context, log *slog.Logger, address string, body []byte) error {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-logReserve))
	defer cancel()

	// Even a refusal may pass: presigned addresses answer 403 while the
	// credentials or the clock behind them settle.
	always := func(error) bool { return true }
	err := retry.Do(ctx, always, func(ctx context.Context) error {
		err := put(ctx, h.Transport, address, body)
		if err != nil {
			log.WarnContext(ctx, "answer not delivered yet", "error", err)
		}
		return err
	})
	if err != nil {
		// The address is complete here and nowhere else: without its signature
		// nobody could answer. It serves this one answer and for a few hours.
		log.ErrorContext(ctx, "answer could not be delivered; send it by hand: PUT it to responseAddress, without content type",
			"error", err, "responseAddress", address, "answer", string(body))
		return fmt.Errorf("answer could not be delivered: %w", err)
	}
	return nil
}

// reason is what the operator reads in the stack's events.
func reason(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if lambdacontext.LogStreamName == "" {
		return text
	}
	return fmt.Sprintf("%s (log: %s, stream %s)", text, lambdacontext.LogGroupName, lambdacontext.LogStreamName)
}
