package customresource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cloudFormation takes answers in place of the presigned address. Until told
// otherwise it accepts them.
type cloudFormation struct {
	respond func(attempt int, r *http.Request) (*http.Response, error)

	mu       sync.Mutex
	attempts int
	accepted []answer
}

func (c *cloudFormation) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.attempts++
	attempt := c.attempts
	c.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	response := status(http.StatusOK)
	if c.respond != nil {
		if response, err = c.respond(attempt, r); err != nil {
			return nil, err
		}
	}
	if response.StatusCode == http.StatusOK {
		var a answer
		if err := json.Unmarshal(body, &a); err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.accepted = append(c.accepted, a)
		c.mu.Unlock()
	}
	return response, nil
}

func status(code int) *http.Response {
	return &http.Response{StatusCode: code, Status: http.StatusText(code), Body: http.NoBody}
}

// invoke runs payload through a handler with a Lambda timeout of one minute and
// returns CloudFormation's view, the log and Lambda's view.
func invoke(t *testing.T, c *cloudFormation, work Work, payload []byte) (string, error) {
	t.Helper()
	var log bytes.Buffer
	handler := NewHandler("the-physical-id", work)
	handler.client.Transport = c
	handler.log = slog.New(slog.NewJSONHandler(&log, nil))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := handler.Invoke(ctx, payload)
	return log.String(), err
}

func succeed(context.Context, *slog.Logger, Event) (map[string]string, error) {
	return map[string]string{"Decision": "Created"}, nil
}

func TestAnswersEveryOutcome(t *testing.T) {
	t.Parallel()
	deleteEvent := with(t, "RequestType", "Delete")
	deleteEvent = bytes.Replace(deleteEvent, []byte("{"), []byte(`{"PhysicalResourceId":"another-id",`), 1)

	for _, test := range []struct {
		name       string
		payload    []byte
		work       Work
		status     string
		reason     string
		physicalID string
	}{
		{"success", []byte(createEvent), succeed, "SUCCESS", "", "the-physical-id"},
		{"the id an event came with", deleteEvent, succeed, "SUCCESS", "", "another-id"},
		{"error", []byte(createEvent), func(context.Context, *slog.Logger, Event) (map[string]string, error) {
			return nil, errors.Join(errors.New("one problem"), errors.New("another"))
		}, "FAILED", "one problem; another", "the-physical-id"},
		{"panic", []byte(createEvent), func(context.Context, *slog.Logger, Event) (map[string]string, error) {
			panic("nil map")
		}, "FAILED", "panic: nil map", "the-physical-id"},
		{"broken event", with(t, "RequestType", "Replace"), succeed, "FAILED", `got "Replace"`, "the-physical-id"},
		{"its own word when time is up", []byte(createEvent), func(ctx context.Context, _ *slog.Logger, _ Event) (map[string]string, error) {
			<-ctx.Done()
			return nil, errors.New("was waiting for IAM")
		}, "FAILED", "was waiting for IAM", "the-physical-id"},
		{"work that never ends", []byte(createEvent), func(context.Context, *slog.Logger, Event) (map[string]string, error) {
			time.Sleep(time.Hour)
			return nil, nil
		}, "FAILED", "ran out of time", "the-physical-id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, start := &cloudFormation{}, time.Now()
				_, err := invoke(t, c, test.work, test.payload)
				require.NoError(t, err)
				assert.Less(t, time.Since(start), time.Minute)

				require.Len(t, c.accepted, 1)
				got := c.accepted[0]
				assert.Equal(t, test.status, got.Status)
				assert.Contains(t, got.Reason, test.reason)
				assert.Equal(t, test.physicalID, got.PhysicalResourceID)
				assert.Equal(t, "request-1", got.RequestID)
				assert.Equal(t, "Logging", got.LogicalResourceID)
				assert.Equal(t, "arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid", got.StackID)
				// The goroutine of work that never ends must be gone for
				// the bubble to close.
				time.Sleep(time.Hour)
			})
		})
	}
}

func TestRepeatsTheDeliveryUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func(r *http.Request) (*http.Response, error){
		"403": func(*http.Request) (*http.Response, error) { return status(http.StatusForbidden), nil },
		"503": func(*http.Request) (*http.Response, error) { return status(http.StatusServiceUnavailable), nil },
		"redirect": func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, "bucket.s3.amazonaws.com", r.URL.Host, "an answer must not go elsewhere")
			response := status(http.StatusTemporaryRedirect)
			response.Header = http.Header{"Location": {"https://elsewhere.example"}}
			return response, nil
		},
		"reset": func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset by peer") },
		"hang": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &cloudFormation{respond: func(attempt int, r *http.Request) (*http.Response, error) {
					if attempt <= 2 {
						return failure(r)
					}
					return status(http.StatusOK), nil
				}}
				_, err := invoke(t, c, succeed, []byte(createEvent))
				require.NoError(t, err)
				assert.Len(t, c.accepted, 1)
				assert.Equal(t, 3, c.attempts)
			})
		})
	}
}

func TestLogsAnAnswerThatCannotBeDelivered(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func(r *http.Request) (*http.Response, error){
		"refused":     func(*http.Request) (*http.Response, error) { return status(http.StatusForbidden), nil },
		"unreachable": func(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") },
		"hanging": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, start := &cloudFormation{respond: func(_ int, r *http.Request) (*http.Response, error) { return failure(r) }}, time.Now()
				log, err := invoke(t, c, succeed, []byte(createEvent))

				require.ErrorContains(t, err, "answer could not be delivered")
				assert.LessOrEqual(t, time.Since(start), time.Minute-logReserve)
				assert.Greater(t, c.attempts, 3)
				lines := strings.Split(strings.TrimSpace(log), "\n")
				var last map[string]any
				require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
				assert.Equal(t, "https://bucket.s3.amazonaws.com/answer?X-Amz-Signature=secret", last["responseAddress"], "whoever answers by hand needs all of it")
				assert.Equal(t, "request-1", last["requestId"])
				assert.Equal(t, "Logging", last["logicalResourceId"])
				assert.Contains(t, last["stackId"], "stack/capture")
				assert.Contains(t, last["answer"], `"Status":"SUCCESS"`)
				assert.NotContains(t, strings.Join(lines[:len(lines)-1], "\n")+err.Error(), "secret")
			})
		})
	}
}

func TestReturnsAnErrorWhenThereIsNobodyToAnswer(t *testing.T) {
	t.Parallel()
	c := &cloudFormation{}
	_, err := invoke(t, c, succeed, []byte(`{"source":"aws.events"}`))
	assert.ErrorContains(t, err, "nobody to answer")
	assert.Zero(t, c.attempts)
}

func TestSendsWhatThePresignedAddressExpects(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()

	handler := NewHandler("id", succeed)
	handler.log = slog.New(slog.DiscardHandler)
	_, err := handler.Invoke(t.Context(), with(t, "ResponseURL", server.URL+"/answer?X-Amz-Signature=secret"))
	require.NoError(t, err)
	assert.Equal(t, http.MethodPut, got.Method)
	assert.Equal(t, "X-Amz-Signature=secret", got.URL.RawQuery)
	assert.Empty(t, got.Header.Get("Content-Type"))
	assert.EqualValues(t, len(body), got.ContentLength)
	assert.JSONEq(t, `{"Status":"SUCCESS","PhysicalResourceId":"id","NoEcho":false,"Data":{"Decision":"Created"},"RequestId":"request-1","LogicalResourceId":"Logging","StackId":"arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid"}`, string(body))
}
