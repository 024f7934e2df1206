package lifecycle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// fakeAWS is one account and Region, with the misbehaviour a test asks for.
type fakeAWS struct {
	mu         sync.Mutex
	live       *logging.Config
	parameters map[string]string
	versions   map[string]int64
	writes     []string // every write that was accepted, in order

	// failures are the errors of the next calls of an operation; the last one
	// stays if forever is set for it.
	failures map[string][]error
	forever  map[string]bool
	// lag is how many Gets still show the state from before the last write.
	lag    int
	before *logging.Config
	stale  int
	// stores is what AWS makes of a Put. Default: what it was sent.
	stores func(logging.Config) logging.Config
	// refuses makes Put fail for a configuration.
	refuses func(logging.Config) error
	// hangs makes Get answer only when its context ends.
	hangs bool
	// beforeWrite runs before the register is written, and may refuse.
	beforeWrite func() error
	// overtake runs once before a parameter is written.
	overtake func()
}

func newFakeAWS(live *logging.Config) *fakeAWS {
	return &fakeAWS{live: live, parameters: map[string]string{}, versions: map[string]int64{}, failures: map[string][]error{}, forever: map[string]bool{}}
}

// fails queues errors for an operation.
func (f *fakeAWS) fails(operation string, errs ...error) *fakeAWS {
	f.failures[operation] = errs
	return f
}

func (f *fakeAWS) alwaysFails(operation string, err error) *fakeAWS {
	f.forever[operation] = true
	return f.fails(operation, err)
}

func (f *fakeAWS) failure(operation string) error {
	queue := f.failures[operation]
	if len(queue) == 0 {
		return nil
	}
	if len(queue) > 1 || !f.forever[operation] {
		f.failures[operation] = queue[1:]
	}
	return queue[0]
}

func (f *fakeAWS) write(what string, live *logging.Config) {
	f.before, f.stale, f.live = f.live, f.lag, live
	f.writes = append(f.writes, what)
}

func (f *fakeAWS) GetModelInvocationLoggingConfiguration(ctx context.Context) (*logging.Config, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err := f.failure("Get"); err != nil {
		return nil, err
	}
	if f.stale > 0 {
		f.stale--
		return f.before, nil
	}
	return f.live, nil
}

func (f *fakeAWS) PutModelInvocationLoggingConfiguration(ctx context.Context, config logging.Config) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := f.failure("Put"); err != nil {
		return err
	}
	if f.refuses != nil {
		if err := f.refuses(config); err != nil {
			return err
		}
	}
	if f.stores != nil {
		config = f.stores(config)
	}
	f.write("Put "+config.S3Config.BucketName, &config)
	return nil
}

func (f *fakeAWS) DeleteModelInvocationLoggingConfiguration(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failure("Delete"); err != nil {
		return err
	}
	f.write("Delete", nil)
	return nil
}

func (f *fakeAWS) GetParameter(_ context.Context, name string) (register.Parameter, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failure("GetParameter"); err != nil {
		return register.Parameter{}, err
	}
	value, ok := f.parameters[name]
	if !ok {
		return register.Parameter{}, register.ErrParameterNotFound
	}
	return register.Parameter{Value: value, Version: f.versions[name]}, nil
}

func (f *fakeAWS) PutParameter(_ context.Context, name, value string, overwrite bool) (int64, error) {
	if overtake := f.overtake; overtake != nil && name == parameterName {
		f.overtake = nil
		overtake()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.beforeWrite != nil && name == parameterName {
		if err := f.beforeWrite(); err != nil {
			return 0, err
		}
	}
	for _, operation := range []string{"PutParameter", "PutParameter " + name} {
		if err := f.failure(operation); err != nil {
			return 0, err
		}
	}
	if _, ok := f.parameters[name]; ok && !overwrite {
		return 0, register.ErrParameterAlreadyExists
	}
	f.parameters[name] = value
	f.versions[name]++
	return f.versions[name], nil
}

func (f *fakeAWS) DeleteParameter(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.failure("DeleteParameter"); err != nil {
		return err
	}
	if _, ok := f.parameters[name]; !ok {
		return register.ErrParameterNotFound
	}
	delete(f.parameters, name)
	delete(f.versions, name)
	return nil
}

// absent stands for a configuration that is not there.
const absent = "none"

const parameterName = "/paper-trail/previous"

// toBucket is a complete configuration that is told from others by its bucket.
func toBucket(name string) *logging.Config {
	on := true
	return &logging.Config{
		S3Config:                     &logging.S3Config{BucketName: name},
		TextDataDeliveryEnabled:      &on,
		ImageDataDeliveryEnabled:     &on,
		EmbeddingDataDeliveryEnabled: &on,
		VideoDataDeliveryEnabled:     &on,
		AudioDataDeliveryEnabled:     &on,
	}
}

func bucketOf(c *logging.Config) string {
	if c == nil {
		return absent
	}
	return c.S3Config.BucketName
}

func propertiesFor(config *logging.Config, onExisting string) json.RawMessage {
	text, err := json.Marshal(config)
	if err != nil {
		panic(err)
	}
	raw, err := json.Marshal(map[string]string{
		"ServiceToken":         "arn:aws:lambda:eu-west-1:111122223333:function:f",
		"ServiceTimeout":       "300",
		"LoggingConfiguration": string(text),
		"OnExisting":           onExisting,
		"RegisterParameter":    parameterName,
	})
	if err != nil {
		panic(err)
	}
	return raw
}

// resource is one custom resource in one stack.
type resource struct {
	stack, logicalID, onExisting string
}

var ours = resource{stack: "stack-a", logicalID: "Logging", onExisting: Refuse}

func (r resource) adopting() resource {
	r.onExisting = Adopt
	return r
}

func (r resource) event(request customresource.RequestType, bucket string) customresource.Event {
	event := customresource.Event{
		RequestType:        request,
		StackID:            r.stack,
		LogicalResourceID:  r.logicalID,
		RequestID:          strings.Join([]string{r.stack, r.logicalID, string(request), bucket}, "-"),
		ResourceProperties: propertiesFor(toBucket(bucket), r.onExisting),
	}
	if request != customresource.Create {
		event.PhysicalResourceID = PhysicalResourceID
	}
	return event
}

func (r resource) create(bucket string) customresource.Event {
	return r.event(customresource.Create, bucket)
}

func (r resource) update(from, to string) customresource.Event {
	event := r.event(customresource.Update, to)
	event.OldResourceProperties = propertiesFor(toBucket(from), r.onExisting)
	return event
}

func (r resource) delete(bucket string) customresource.Event {
	return r.event(customresource.Delete, bucket)
}

// handle runs one event with five minutes of time. It returns the decision and
// the log.
func handle(t *testing.T, aws *fakeAWS, event customresource.Event) (decision, log string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var lines bytes.Buffer
	data, err := New(aws, aws).Handle(ctx, slog.New(slog.NewJSONHandler(&lines, nil)), event)
	return data["Decision"], lines.String(), err
}

// must runs events that have to succeed.
func must(t *testing.T, aws *fakeAWS, events ...customresource.Event) {
	t.Helper()
	for _, event := range events {
		_, _, err := handle(t, aws, event)
		require.NoError(t, err, "%s", event.RequestType)
	}
}

func apiError(code, message string) error {
	return &smithy.OperationError{ServiceID: "Bedrock", OperationName: "operation", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

var (
	errDenied    = apiError("AccessDeniedException", "User is not authorized to perform")
	errThrottled = apiError("ThrottlingException", "Rate exceeded")
	errNotYet    = apiError("ValidationException", "Failed to validate permissions for log group: g, with role: r. Verify the IAM role permissions are correct.")
	errBucket    = apiError("ValidationException", "Failed to validate permissions for bucket: b")
	errReset     = errors.New("read tcp: connection reset by peer")
)
