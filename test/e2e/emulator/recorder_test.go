package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// behind is a recorder in front of a server that takes everything, and clients
// that do not repeat their calls.
type behind struct {
	recorder *recorder
	served   atomic.Int32
	proxy    *httptest.Server
	config   aws.Config
}

func newBehind(t *testing.T) *behind {
	t.Helper()
	b := &behind{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		b.served.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"Version":7}`)
	}))
	t.Cleanup(server.Close)
	b.recorder = newRecorder(server.URL)
	b.proxy = httptest.NewServer(b.recorder)
	t.Cleanup(b.proxy.Close)
	b.config = aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(b.proxy.URL),
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
	return b
}

// calls are one of each kind that faults can hit.
func (b *behind) calls() map[string]func(context.Context) error {
	logging, parameters := bedrock.NewFromConfig(b.config), ssm.NewFromConfig(b.config)
	return map[string]func(context.Context) error{
		"GetModelInvocationLoggingConfiguration": func(ctx context.Context) error {
			_, err := logging.GetModelInvocationLoggingConfiguration(ctx, nil)
			return err
		},
		"DeleteModelInvocationLoggingConfiguration": func(ctx context.Context) error {
			_, err := logging.DeleteModelInvocationLoggingConfiguration(ctx, nil)
			return err
		},
		"PutParameter": func(ctx context.Context) error {
			_, err := parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v")})
			return err
		},
		AnswerResponseURL: func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodPut, b.proxy.URL+answerPath+"token", strings.NewReader("{}"))
			if err != nil {
				return err
			}
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode >= 300 {
				return fmt.Errorf("HTTP status %d: %s: %w", response.StatusCode, body, err)
			}
			return nil
		},
	}
}

// patience is how long the calls of the test wait.
const patience = time.Second

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  Fault
		served int32
		check  func(*testing.T, error)
	}{
		"none": {Fault{}, 1, func(t *testing.T, err error) { assert.NoError(t, err) }},
		"refused": {Fault{Status: http.StatusBadRequest, Code: "ThrottlingException", Message: "slower"}, 0, func(t *testing.T, err error) {
			require.ErrorContains(t, err, "slower")
			if failed, ok := errors.AsType[smithy.APIError](err); ok {
				assert.Equal(t, "ThrottlingException", failed.ErrorCode())
			}
		}},
		"done, and answered otherwise": {Fault{Applied: true, Status: http.StatusServiceUnavailable, Message: "later"}, 1, func(t *testing.T, err error) {
			assert.ErrorContains(t, err, "503")
		}},
		"reset": {Fault{Reset: true}, 0, func(t *testing.T, err error) { assert.ErrorIs(t, err, syscall.ECONNRESET) }},
		"done, and the answer lost": {Fault{Applied: true, Reset: true}, 1, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, syscall.ECONNRESET)
		}},
		"late": {Fault{Delay: 2 * patience}, 0, func(t *testing.T, err error) { assert.ErrorIs(t, err, context.DeadlineExceeded) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBehind(t)
			var operation atomic.Value
			b.recorder.fault = func(call Call) *Fault {
				operation.Store(call.Operation)
				return &test.fault
			}
			for wanted, call := range b.calls() {
				before := b.served.Load()
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				test.check(t, call(ctx))
				cancel()
				assert.Equal(t, wanted, operation.Load())
				assert.Equal(t, test.served, b.served.Load()-before, "calls that were served")
			}
		})
	}
}

func TestSaysWhoCallsAndWhere(t *testing.T) {
	t.Parallel()
	b := newBehind(t)
	seen := map[string]Call{}
	b.recorder.fault = func(call Call) *Fault {
		seen[call.Operation] = call
		return nil
	}
	for _, call := range b.calls() {
		require.NoError(t, call(t.Context()))
	}
	assert.Len(t, seen, 4)
	assert.Equal(t, "key", seen["PutParameter"].Caller)
	assert.Equal(t, "eu-west-1", seen["PutParameter"].Region)
	assert.Contains(t, seen["PutParameter"].Body, `"Name":"n"`)
	assert.Empty(t, seen[AnswerResponseURL].Caller)

	require.Len(t, b.recorder.calls, 2, "only those to the logging configuration are kept")
	for _, call := range b.recorder.calls {
		assert.Equal(t, http.StatusOK, call.Status)
	}
}

func TestAStandInAnswersForItsServiceAlone(t *testing.T) {
	t.Parallel()
	b := newBehind(t)
	stand := &Emulator{recorder: b.recorder}
	stand.StandIn("ssm", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprint(w, `{"Version":8}`)
	}))
	put := func() int64 {
		answer, err := ssm.NewFromConfig(b.config).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v")})
		require.NoError(t, err)
		return answer.Version
	}
	assert.EqualValues(t, 8, put())
	_, err := bedrock.NewFromConfig(b.config).GetModelInvocationLoggingConfiguration(t.Context(), nil)
	require.NoError(t, err)
	assert.EqualValues(t, 1, b.served.Load())

	stand.StandIn("ssm", nil)
	assert.EqualValues(t, 7, put())
}
