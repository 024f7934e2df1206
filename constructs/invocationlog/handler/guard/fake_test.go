package guard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

var (
	errDenied    = apiError("AccessDeniedException", "User is not authorized to perform")
	errThrottled = apiError("ThrottlingException", "Rate exceeded")
	errInvalid   = apiError("ValidationException", "the role is gone")
	errLost      = errors.New("the answer is lost")
)

func apiError(code, message string) error {
	return &smithy.OperationError{ServiceID: "AWS", OperationName: "operation", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

// fakeAWS is one account and Region. It is well, unless a test makes it
// otherwise.
type fakeAWS struct {
	mu         sync.Mutex
	live       *logging.Config
	puts       []string // buckets of the configurations that were put
	parameters map[string]register.Parameter
	lock       ObjectLock
	trail      TrailStatus
	group      LogGroup
	keyState   string

	metrics  map[string]float64 // of the last run: name, and check after a slash
	messages []message

	// fails is asked before each call, by the name of the operation, and of the
	// parameter after a space.
	fails func(ctx context.Context, operation string) error
	// after is called when a call is done; its error is all that the caller
	// sees of it.
	after func(operation string) error
}

type message struct{ subject, body string }

func newFakeAWS(declared *logging.Config) *fakeAWS {
	f := &fakeAWS{
		live:       declared,
		parameters: map[string]register.Parameter{},
		lock:       ObjectLock{Enabled: true, Mode: compliance, Days: 2557},
		trail:      TrailStatus{IsLogging: true},
		group:      LogGroup{RetentionDays: 2557, KeyArn: keyArn},
		keyState:   "Enabled",
		metrics:    map[string]float64{},
	}
	f.declare(declared)
	return f
}

// declare is a deployment, seen from the register.
func (f *fakeAWS) declare(config *logging.Config) {
	text, err := json.Marshal(register.Register{Owner: owner, Declared: config})
	if err != nil {
		panic(err)
	}
	f.write(registerName, string(text))
}

func (f *fakeAWS) write(name, value string) int64 {
	version := f.parameters[name].Version + 1
	f.parameters[name] = register.Parameter{Value: value, Version: version}
	return version
}

func (f *fakeAWS) set(live *logging.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live = live
}

// call runs an operation as the test wants it to go.
func (f *fakeAWS) call(ctx context.Context, operation string, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.fails != nil {
		if err := f.fails(ctx, operation); err != nil {
			return err
		}
	}
	f.mu.Lock()
	err := do()
	f.mu.Unlock()
	if f.after != nil && err == nil {
		return f.after(operation)
	}
	return err
}

func (f *fakeAWS) GetModelInvocationLoggingConfiguration(ctx context.Context) (live *logging.Config, err error) {
	err = f.call(ctx, "Get", func() error { live = f.live; return nil })
	return live, err
}

func (f *fakeAWS) PutModelInvocationLoggingConfiguration(ctx context.Context, config logging.Config) error {
	return f.call(ctx, "Put", func() error {
		f.live = &config
		f.puts = append(f.puts, config.S3Config.BucketName)
		return nil
	})
}

func (f *fakeAWS) DeleteModelInvocationLoggingConfiguration(context.Context) error {
	panic("the guard never switches logging off")
}

func (f *fakeAWS) GetParameter(ctx context.Context, name string) (p register.Parameter, err error) {
	err = f.call(ctx, "GetParameter "+name, func() error {
		var ok bool
		if p, ok = f.parameters[name]; !ok {
			return register.ErrParameterNotFound
		}
		return nil
	})
	return p, err
}

func (f *fakeAWS) PutParameter(ctx context.Context, name, value string, overwrite bool) (version int64, err error) {
	if len(value) > maxParameter {
		return 0, apiError("ValidationException", "too long")
	}
	if name == registerName {
		panic("the guard only reads the register")
	}
	err = f.call(ctx, "PutParameter "+name, func() error {
		if _, ok := f.parameters[name]; ok && !overwrite {
			return register.ErrParameterAlreadyExists
		}
		version = f.write(name, value)
		return nil
	})
	return version, err
}

func (f *fakeAWS) DeleteParameter(context.Context, string) error {
	panic("the guard deletes no parameter")
}

func (f *fakeAWS) GetObjectLockConfiguration(ctx context.Context, _ string) (lock ObjectLock, err error) {
	err = f.call(ctx, "GetObjectLockConfiguration", func() error { lock = f.lock; return nil })
	return lock, err
}

func (f *fakeAWS) GetTrailStatus(ctx context.Context, _ string) (status TrailStatus, err error) {
	err = f.call(ctx, "GetTrailStatus", func() error { status = f.trail; return nil })
	return status, err
}

func (f *fakeAWS) DescribeLogGroups(ctx context.Context, _ string) (group LogGroup, err error) {
	err = f.call(ctx, "DescribeLogGroups", func() error { group = f.group; return nil })
	return group, err
}

func (f *fakeAWS) DescribeKey(ctx context.Context, _ string) (state string, err error) {
	err = f.call(ctx, "DescribeKey", func() error { state = f.keyState; return nil })
	return state, err
}

func (f *fakeAWS) PutMetricData(ctx context.Context, namespace string, data []Datum) error {
	if namespace != "PaperTrail" {
		panic("the guard may only publish to PaperTrail")
	}
	return f.call(ctx, "PutMetricData", func() error {
		for _, d := range data {
			name := strings.TrimPrefix(d.Name, "LoggingConfiguration")
			if d.Check != "" {
				name += "/" + d.Check
			}
			f.metrics[name] = d.Value
		}
		return nil
	})
}

func (f *fakeAWS) Publish(ctx context.Context, arn, subject, body string) error {
	if arn != topicArn {
		panic("another topic")
	}
	return f.call(ctx, "Publish", func() error {
		f.messages = append(f.messages, message{subject, body})
		return nil
	})
}

// breaks makes operations fail for ever.
func (f *fakeAWS) breaks(err error, operations ...string) {
	f.fails = func(_ context.Context, operation string) error {
		if slices.Contains(operations, operation) {
			return err
		}
		return nil
	}
}

// on makes something happen once, before an operation.
func (f *fakeAWS) on(operation string, happens func()) {
	var once sync.Once
	f.fails = func(_ context.Context, o string) error {
		if o == operation {
			once.Do(happens)
		}
		return nil
	}
}

func (f *fakeAWS) state(t *testing.T) state {
	t.Helper()
	s, err := parseState(f.parameters[stateName].Value, time.Now())
	require.NoError(t, err)
	return s
}

const functionName = "monitoring-Guard"

// lines are the log of a run.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var invocations atomic.Int64

// invoke runs the guard once, with a minute of time. It returns its log.
func invoke(t *testing.T, aws *fakeAWS, settings Settings, event string) (log string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: fmt.Sprint("run-", invocations.Add(1))})
	aws.mu.Lock()
	aws.metrics = map[string]float64{}
	aws.mu.Unlock()
	var written lines
	g := New(settings, functionName, aws, aws, aws)
	g.log = slog.New(slog.NewJSONHandler(&written, nil))
	_, err = g.Invoke(ctx, []byte(event))
	return written.String(), err
}

const schedule = `{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`

// toBucket is a complete configuration that is told from others by its bucket.
func toBucket(name string) *logging.Config {
	on, off := true, false
	return &logging.Config{
		S3Config:                     &logging.S3Config{BucketName: name},
		TextDataDeliveryEnabled:      &on,
		ImageDataDeliveryEnabled:     &on,
		EmbeddingDataDeliveryEnabled: &off,
		VideoDataDeliveryEnabled:     &on,
		AudioDataDeliveryEnabled:     &on,
	}
}

func bucketOf(c *logging.Config) string {
	if c == nil {
		return "none"
	}
	return c.S3Config.BucketName
}

// put is the event of a call for another configuration.
func put(id string, at time.Time, bucket, caller, issuer string) string {
	return event(id, at, putOperation, caller, issuer, map[string]any{"loggingConfig": toBucket(bucket)}, "")
}

func event(id string, at time.Time, operation, caller, issuer string, parameters any, errorCode string) string {
	detail := map[string]any{
		"eventSource": "bedrock.amazonaws.com", "eventName": operation, "eventID": id,
		"eventTime": at.UTC().Format(time.RFC3339), "awsRegion": "eu-west-1",
		"sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.31.0",
		"userIdentity": map[string]any{
			"type": "AssumedRole", "arn": caller, "accountId": "111122223333",
			"sessionContext": map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": issuer}},
		},
		"requestParameters": parameters,
	}
	if errorCode != "" {
		detail["errorCode"], detail["errorMessage"] = errorCode, "not authorized"
	}
	text, err := json.Marshal(map[string]any{"source": "aws.bedrock", "detail-type": "AWS API Call via CloudTrail", "detail": detail})
	if err != nil {
		panic(err)
	}
	return string(text)
}

const (
	mallory     = "arn:aws:sts::111122223333:assumed-role/Admin/mallory"
	malloryRole = "arn:aws:iam::111122223333:role/Admin"
	deployment  = "arn:aws:sts::111122223333:assumed-role/capture-FunctionRole/capture-Function"
)

// byMallory is a call of somebody who is no deployment.
func byMallory(id, bucket string) string {
	return put(id, time.Now(), bucket, mallory, malloryRole)
}
