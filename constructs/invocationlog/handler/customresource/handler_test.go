package customresource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
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
	handler.Transport = c
	handler.Log = slog.New(slog.NewJSONHandler(&log, nil))
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

// A slow answer is waited for: a second one beside it would say nothing new.
func TestWaitsForASlowAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cloudFormation{respond: func(_ int, r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(9 * time.Second):
				return status(http.StatusOK), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}}
		_, err := invoke(t, c, succeed, []byte(createEvent))
		require.NoError(t, err)
		assert.Equal(t, 1, c.attempts)
	})
}

// CloudFormation may have taken an answer whose receipt is lost.
func TestRepeatsTheSameAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		c := &cloudFormation{respond: func(attempt int, r *http.Request) (*http.Response, error) {
			body, err := r.GetBody()
			require.NoError(t, err)
			text, err := io.ReadAll(body)
			require.NoError(t, err)
			if bodies = append(bodies, string(text)); attempt == 1 {
				return nil, errors.New("connection reset by peer")
			}
			return status(http.StatusOK), nil
		}}
		worked := 0
		_, err := invoke(t, c, func(context.Context, *slog.Logger, Event) (map[string]string, error) {
			worked++
			return map[string]string{"Decision": fmt.Sprint("number ", worked)}, nil
		}, []byte(createEvent))
		require.NoError(t, err)
		require.Len(t, bodies, 2)
		assert.Equal(t, bodies[0], bodies[1])
		assert.Equal(t, 1, worked)
	})
}

func TestLogsAnAnswerThatCannotBeDelivered(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func(r *http.Request) (*http.Response, error){
		"refused":     func(*http.Request) (*http.Response, error) { return status(http.StatusForbidden), nil },
		"unavailable": func(*http.Request) (*http.Response, error) { return status(http.StatusServiceUnavailable), nil },
		"unreachable": func(*http.Request) (*http.Response, error) { return nil, errors.New("no route to host") },
		"reset":       func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset by peer") },
		"redirected": func(r *http.Request) (*http.Response, error) {
			response := status(http.StatusTemporaryRedirect)
			response.Header = http.Header{"Location": {"https://elsewhere.example/?" + r.URL.RawQuery}}
			return response, nil
		},
		"redirected nowhere": func(r *http.Request) (*http.Response, error) {
			response := status(http.StatusTemporaryRedirect)
			response.Header = http.Header{"Location": {"https://%zz/?" + r.URL.RawQuery}}
			return response, nil
		},
		"hanging": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				c := &cloudFormation{respond: func(_ int, r *http.Request) (*http.Response, error) { return failure(r) }}
				log, err := invoke(t, c, succeed, []byte(createEvent))

				require.ErrorContains(t, err, "answer could not be delivered")
				assert.LessOrEqual(t, time.Since(start), time.Minute-logReserve)
				assert.Greater(t, c.attempts, 3)
				assert.Less(t, c.attempts, 30, "backs off")
				lines := strings.Split(strings.TrimSpace(log), "\n")
				var last map[string]any
				require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
				assert.Equal(t, "https://bucket.s3.amazonaws.com/answer?X-Amz-Signature=secret", last["responseAddress"], "whoever answers by hand needs all of it")
				assert.Equal(t, "request-1", last["requestId"])
				assert.Equal(t, "Logging", last["logicalResourceId"])
				assert.Contains(t, last["stackId"], "stack/capture")
				assert.JSONEq(t, `{"Status":"SUCCESS","PhysicalResourceId":"the-physical-id","StackId":"arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid","RequestId":"request-1","LogicalResourceId":"Logging","NoEcho":false,"Data":{"Decision":"Created"}}`,
					last["answer"].(string))
				assert.NotContains(t, strings.Join(lines[:len(lines)-1], "\n")+err.Error(), "secret")
			})
		})
	}
}

// Lambda runs an event again whose answer could not be delivered. To the work it
// is the same request, and the answer gets another chance.
func TestTheNextRunAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cloudFormation{}
		c.respond = func(int, *http.Request) (*http.Response, error) {
			if c.attempts <= 4 {
				return nil, errors.New("no route to host")
			}
			return status(http.StatusOK), nil
		}
		var requests []string
		var err error
		runs := 0
		for ; runs == 0 || err != nil; runs++ {
			// Time for a few attempts only.
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			handler := NewHandler("the-physical-id", func(_ context.Context, _ *slog.Logger, event Event) (map[string]string, error) {
				requests = append(requests, event.RequestID)
				return nil, nil
			})
			handler.Transport, handler.Log = c, slog.New(slog.DiscardHandler)
			_, err = handler.Invoke(ctx, []byte(createEvent))
			cancel()
		}
		assert.Len(t, c.accepted, 1)
		assert.Greater(t, runs, 1)
		assert.Len(t, requests, runs)
		assert.Equal(t, []string{"request-1"}, slices.Compact(requests))
	})
}

func TestLogsWhoWhatAndHowLong(t *testing.T) {
	t.Parallel()
	for decision, work := range map[string]Work{
		"Adopted": func(ctx context.Context, log *slog.Logger, _ Event) (map[string]string, error) {
			time.Sleep(1500 * time.Millisecond)
			log.WarnContext(ctx, "replacing", "difference", "a flag")
			return map[string]string{"Decision": "Adopted"}, nil
		},
		"Failed": func(ctx context.Context, log *slog.Logger, _ Event) (map[string]string, error) {
			time.Sleep(1500 * time.Millisecond)
			log.WarnContext(ctx, "refusing", "difference", "a flag")
			return nil, errors.New("refused")
		},
	} {
		t.Run(decision, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				log, err := invoke(t, &cloudFormation{}, work, []byte(createEvent))
				require.NoError(t, err)
				lines := strings.Split(strings.TrimSpace(log), "\n")
				require.Len(t, lines, 2)
				for i, line := range lines {
					var said map[string]any
					require.NoError(t, json.Unmarshal([]byte(line), &said))
					assert.Equal(t, "request-1", said["requestId"])
					assert.Equal(t, "Create", said["requestType"])
					assert.Equal(t, "Logging", said["logicalResourceId"])
					assert.Equal(t, "arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid", said["stackId"])
					if i == 0 {
						assert.Equal(t, "a flag", said["difference"])
					} else {
						assert.Equal(t, decision, said["decision"])
						assert.Equal(t, "1.5s", said["duration"])
					}
				}
			})
		})
	}
}

// The address is a secret between CloudFormation and this package.
func TestKeepsTheAddressFromTheWork(t *testing.T) {
	t.Parallel()
	log, err := invoke(t, &cloudFormation{}, func(_ context.Context, _ *slog.Logger, event Event) (map[string]string, error) {
		panic(fmt.Sprintf("%+v", event))
	}, []byte(createEvent))
	require.NoError(t, err)
	assert.Contains(t, log, "request-1")
	assert.NotContains(t, log, "secret")
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
	handler.Log = slog.New(slog.DiscardHandler)
	_, err := handler.Invoke(t.Context(), with(t, "ResponseURL", server.URL+"/answer?X-Amz-Signature=secret"))
	require.NoError(t, err)
	assert.Equal(t, http.MethodPut, got.Method)
	assert.Equal(t, "X-Amz-Signature=secret", got.URL.RawQuery)
	assert.Empty(t, got.Header.Get("Content-Type"))
	assert.EqualValues(t, len(body), got.ContentLength)
	assert.JSONEq(t, `{"Status":"SUCCESS","PhysicalResourceId":"id","NoEcho":false,"Data":{"Decision":"Created"},"RequestId":"request-1","LogicalResourceId":"Logging","StackId":"arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid"}`, string(body))
}

// What reaches the function that is no event is answered FAILED, or not at all
// where no address is in it; whatever the work does then, the answer is one, fits,
// and carries the ids of the event.
func FuzzInvoke(f *testing.F) {
	for i, payload := range rubbish(f) {
		f.Add(payload, byte(i))
	}
	f.Fuzz(func(t *testing.T, payload []byte, outcome byte) {
		worked := 0
		var body []byte
		attempts := 0
		var log bytes.Buffer
		handler := NewHandler("the-physical-id", func(context.Context, *slog.Logger, Event) (map[string]string, error) {
			worked++
			switch outcome % 3 {
			case 0:
				return map[string]string{"Decision": "Created"}, nil
			case 1:
				return nil, errors.New(string(payload) + strings.Repeat("x", maxAnswerBytes))
			default:
				panic(string(payload))
			}
		})
		handler.Log = slog.New(slog.NewJSONHandler(&log, nil))
		handler.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			attempts++
			var err error
			body, err = io.ReadAll(r.Body)
			return status(http.StatusOK), err
		})
		_, err := handler.Invoke(t.Context(), payload)

		event, broken := decode(payload)
		if err != nil {
			assert.Zero(t, attempts, "an error says that there is nobody to answer")
			assert.Zero(t, worked)
			return
		}
		assert.Equal(t, 1, attempts)
		assert.LessOrEqual(t, len(body), maxAnswerBytes)
		var got answer
		require.NoError(t, json.Unmarshal(body, &got))
		assert.Equal(t, event.StackID, got.StackID)
		assert.Equal(t, event.RequestID, got.RequestID)
		assert.Equal(t, event.LogicalResourceID, got.LogicalResourceID)
		assert.NotEmpty(t, got.PhysicalResourceID)
		if broken != nil {
			assert.Zero(t, worked, "work on rubbish")
		}
		if broken != nil || outcome%3 != 0 {
			assert.Equal(t, "FAILED", got.Status)
			assert.NotEmpty(t, got.Reason)
		} else {
			assert.Equal(t, "SUCCESS", got.Status)
		}
		for line := range strings.Lines(log.String()) {
			assert.True(t, json.Valid([]byte(line)), line)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
