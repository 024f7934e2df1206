package lifecycle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// region is one account and Region: Bedrock's configuration and SSM's parameters.
// It is used by one goroutine at a time, which synctest does not enforce, so it
// is locked by turn.
type region struct {
	turn       chan struct{}
	live       *logging.Config
	parameters map[string]register.Parameter
	broken     []string // what no order of events may lead to
}

func newRegion() *region {
	a := &region{turn: make(chan struct{}, 1), parameters: map[string]register.Parameter{}}
	a.turn <- struct{}{}
	return a
}

func (a *region) violated(format string, args ...any) {
	a.broken = append(a.broken, fmt.Sprintf(format, args...))
}

// fault is what goes wrong with calls of an operation.
type fault struct {
	Op   string // Get, Put, Delete, Read, Write, Remove (of a parameter), Answer
	From int    // the first call that it hits, from 0
	N    int    // how many calls it hits
	Kind string
}

// The kinds of faults. Some make sense for some operations only; elsewhere they
// do nothing.
var kinds = []string{
	"throttle", "5xx", "reset", "denied", // nothing is done
	"lost",      // it is done, and the answer is lost
	"permitted", // a permission has not reached Bedrock yet
	"lags",      // Get shows what was before the last write
	"hangs",     // until the context ends
	"somebody",  // somebody puts another configuration right before a read, or a write of a parameter
	"dies",      // the process is gone
	"alters",    // Bedrock stores other flags than it was sent
}

// run is one run of the function for one event.
type run struct {
	region  *region
	name    string // of the event, for messages
	stack   string // with which the names of its own buckets begin
	adopt   bool
	faults  []fault
	calls   map[string]int
	request string // Create, Update or Delete
	dead    bool
	latency time.Duration // of a call, about
	jitter  uint32

	before    *logging.Config // what Gets that lag show
	last      *logging.Config // what was written last
	stale     int
	accepted  int  // writes of the configuration that were done
	hurt      bool // a fault hit Bedrock after one of them
	somebody  bool // somebody came in between
	misled    bool // the last Get did not show what was live
	overtaken bool // a newer resource was in the register
	answers   []string
	delivered int
	unheard   bool // a fault hit the answer
}

var (
	errGone = errors.New("the process is gone")
	// It has other destinations than any other: whoever changes but a flag of what
	// was just put cannot be told from Bedrock storing another one.
	foreigner = config("somebody", 0)
)

func apiError(code, message string, fault smithy.ErrorFault) error {
	return &smithy.OperationError{ServiceID: "S", OperationName: "O", Err: &smithy.GenericAPIError{Code: code, Message: message, Fault: fault}}
}

// begin counts a call and returns the fault that hits it.
func (r *run) begin(ctx context.Context, op string) (kind string, err error) {
	if r.latency > 0 {
		// Between nothing and the double, and the same for the same sequence.
		r.jitter = r.jitter*1664525 + 1013904223 + uint32(r.latency)
		select {
		case <-time.After(r.latency / 128 * time.Duration(r.jitter>>24)):
		case <-ctx.Done():
		}
	}
	<-r.region.turn
	if r.dead {
		return "", errGone
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	n := r.calls[op]
	r.calls[op]++
	for _, f := range r.faults {
		if f.Op != op || n < f.From || n >= f.From+f.N {
			continue
		}
		if f.Kind == "dies" {
			r.dead = true
			r.end()
			runtime.Goexit()
		}
		if f.Kind == "somebody" && (op == "Get" || op == "Read" || op == "Write") {
			r.region.live = foreigner
			r.somebody = true
		}
		failure := map[string]error{
			"throttle": apiError("ThrottlingException", "Rate exceeded", smithy.FaultClient),
			"5xx":      errStatus{apiError("InternalServerException", "Internal error", smithy.FaultServer)},
			"reset":    errReset{},
			"denied":   apiError("AccessDeniedException", strings.Repeat("not authorized, \u00fc\n", 400), smithy.FaultClient),
			"lost":     errReset{},
		}[f.Kind]
		if f.Kind == "permitted" && op == "Put" {
			failure = apiError("ValidationException", "Failed to validate permissions for log group: g, with role: r.", smithy.FaultClient)
		}
		if f.Kind == "hangs" {
			r.end()
			<-ctx.Done()
			<-r.region.turn
			failure = ctx.Err()
		}
		if r.accepted > 0 && failure != nil && (op == "Get" || op == "Put" || op == "Delete") {
			r.hurt = true
		}
		return f.Kind, failure
	}
	return "", nil
}

func (r *run) end() { r.region.turn <- struct{}{} }

// errStatus is an answer with HTTP status 500.
type errStatus struct{ error }

func (errStatus) HTTPStatusCode() int { return http.StatusInternalServerError }
func (e errStatus) Unwrap() error     { return e.error }

// errReset is a connection that broke.
type errReset struct{}

func (errReset) Error() string         { return "connection reset by peer" }
func (errReset) ConnectionError() bool { return true }
func (errReset) Timeout() bool         { return false }
func (errReset) Temporary() bool       { return true }
func (errReset) RetryableError() bool  { return true }
func (errReset) CanceledError() bool   { return false }

func (r *run) GetModelInvocationLoggingConfiguration(ctx context.Context) (*logging.Config, error) {
	kind, err := r.begin(ctx, "Get")
	defer r.end()
	if err != nil {
		return nil, err
	}
	seen := r.region.live
	if kind == "lags" && r.accepted > 0 {
		seen = r.before
	}
	r.misled = logging.Difference(seen, r.region.live) != ""
	return seen, nil
}

// write is a Put or a Delete: the one place where evidence can stop.
func (r *run) write(ctx context.Context, op string, wanted *logging.Config) error {
	kind, err := r.begin(ctx, op)
	defer r.end()
	if err != nil && kind != "lost" {
		return err
	}
	a := r.region
	if kind == "alters" && wanted != nil {
		altered := *wanted
		off := false
		altered.VideoDataDeliveryEnabled = &off
		wanted = &altered
		r.hurt = r.hurt || r.calls["Put"]+r.calls["Delete"] > 1 // it may be the one that puts back
	}
	same := logging.Difference(a.live, wanted) == ""
	undo := r.accepted > 0 && logging.Difference(a.live, r.last) == ""
	if a.live != nil && !same && !undo && !r.misled && !r.adopt && !mayBeOf(r.stack, a.live) {
		a.violated("%s: a configuration that is not its own was overwritten: %s", r.name, bucket(a.live))
	}
	if wanted == nil && r.request == "Update" && r.accepted == 0 {
		a.violated("%s: an update switched logging off", r.name)
	}
	r.before, r.last = a.live, wanted
	a.live = wanted
	r.accepted++
	return err
}

func (r *run) PutModelInvocationLoggingConfiguration(ctx context.Context, c logging.Config) error {
	return r.write(ctx, "Put", &c)
}

func (r *run) DeleteModelInvocationLoggingConfiguration(ctx context.Context) error {
	return r.write(ctx, "Delete", nil)
}

func (r *run) GetParameter(ctx context.Context, name string) (register.Parameter, error) {
	_, err := r.begin(ctx, "Read")
	defer r.end()
	if err != nil {
		return register.Parameter{}, err
	}
	p, ok := r.region.parameters[name]
	if !ok {
		return register.Parameter{}, register.ErrParameterNotFound
	}
	return p, nil
}

func (r *run) PutParameter(ctx context.Context, name, value string, overwrite bool) (int64, error) {
	kind, err := r.begin(ctx, "Write")
	defer r.end()
	if err != nil && kind != "lost" {
		return 0, err
	}
	old, ok := r.region.parameters[name]
	if ok && !overwrite {
		return 0, register.ErrParameterAlreadyExists
	}
	if len(value) > 4096 {
		r.region.violated("%s: SSM parameter %s has %d characters", r.name, name, len(value))
	}
	r.region.parameters[name] = register.Parameter{Value: value, Version: old.Version + 1}
	return old.Version + 1, err
}

func (r *run) DeleteParameter(ctx context.Context, name string) error {
	kind, err := r.begin(ctx, "Remove")
	defer r.end()
	if err != nil && kind != "lost" {
		return err
	}
	if _, ok := r.region.parameters[name]; !ok {
		return register.ErrParameterNotFound
	}
	delete(r.region.parameters, name)
	return err
}

// RoundTrip is CloudFormation taking the answer.
func (r *run) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	if r.dead {
		return nil, errGone
	}
	n := r.calls["Answer"]
	r.calls["Answer"]++
	status := http.StatusOK
	for _, f := range r.faults {
		if f.Op != "Answer" || n < f.From || n >= f.From+f.N {
			continue
		}
		r.unheard = true
		switch f.Kind {
		case "denied", "permitted":
			status = http.StatusForbidden
		case "5xx", "throttle":
			status = http.StatusServiceUnavailable
		case "reset":
			return nil, errReset{}
		case "hangs":
			<-request.Context().Done()
			return nil, request.Context().Err()
		case "lost":
			r.answers = append(r.answers, string(body))
			r.delivered++
			return nil, errReset{}
		}
	}
	r.answers = append(r.answers, string(body))
	if status == http.StatusOK {
		r.delivered++
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Body: io.NopCloser(bytes.NewReader(nil)), Request: request}, nil
}

func bucket(c *logging.Config) string {
	if c == nil {
		return "nothing"
	}
	return strings.TrimSpace(c.S3Config.BucketName + " " + c.S3Config.KeyPrefix)
}

// shared is the number of the configuration that is the same whoever declares it.
const shared = 4

// mayBeOf tells whether a configuration has a bucket of the stack, or the shared
// one.
func mayBeOf(stack string, c *logging.Config) bool {
	return strings.HasPrefix(bucket(c), stack) || bucket(c) == bucket(config(stack, shared))
}

// config is a complete configuration; the number is told by the audio flag and
// the prefix, so that some differ in flags only.
func config(name string, number int) *logging.Config {
	on, audio := true, number%2 == 0
	c := &logging.Config{
		S3Config:                     &logging.S3Config{BucketName: name},
		TextDataDeliveryEnabled:      &on,
		ImageDataDeliveryEnabled:     &on,
		EmbeddingDataDeliveryEnabled: &on,
		VideoDataDeliveryEnabled:     &on,
		AudioDataDeliveryEnabled:     &audio,
	}
	if number == shared {
		c.S3Config.BucketName = "shared"
	} else if number > 1 {
		c.S3Config.BucketName = fmt.Sprint(name, "-", number)
	}
	return c
}
