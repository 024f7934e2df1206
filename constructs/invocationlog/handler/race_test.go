package handler_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// contended is a region that takes a while for each call, before and after it
// is done, and remembers whose calls touched the configuration in which order.
type contended struct {
	region
	calls []string // the session tokens of the callers of Bedrock
	// hangs keeps the answer to the next Put from its caller, once it is done.
	hangs atomic.Bool
	done  chan struct{}
}

func newContended() *contended {
	return &contended{done: make(chan struct{}), region: region{
		parameters: map[string]string{}, versions: map[string]int64{},
		puts: make([]json.RawMessage, 1), // the region refuses the first one
	}}
}

func (c *contended) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pause := func() { time.Sleep(rand.N(20 * time.Millisecond)) }
	pause()
	if r.URL.Path == "/logging/modelinvocations" {
		c.mu.Lock()
		c.calls = append(c.calls, r.Header.Get("X-Amz-Security-Token"))
		c.mu.Unlock()
	}
	answer := httptest.NewRecorder()
	c.region.ServeHTTP(answer, r)
	if r.Method == http.MethodPut && c.hangs.CompareAndSwap(true, false) {
		close(c.done)
		<-r.Context().Done()
		return
	}
	pause()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// turns counts how often the callers of Bedrock changed.
func (c *contended) turns() int {
	turns := 1
	for i := 1; i < len(c.calls); i++ {
		if c.calls[i] != c.calls[i-1] {
			turns++
		}
	}
	return turns
}

func (c *contended) bucket(t *testing.T) string {
	t.Helper()
	if c.logging == nil {
		return "nothing"
	}
	var config struct{ S3Config struct{ BucketName string } }
	require.NoError(t, json.Unmarshal(c.logging, &config))
	return config.S3Config.BucketName
}

// process is the compiled function at work, with a runtime API of its own.
type process struct {
	*lambda
	command *exec.Cmd
	answers chan string
	address string // for answers
}

func start(ctx context.Context, t *testing.T, executable, aws, name string) *process {
	t.Helper()
	p := &process{
		lambda:  &lambda{events: make(chan string), results: make(chan string, 1)},
		answers: make(chan string, 1),
	}
	runtimeServer := httptest.NewServer(p.lambda)
	cloudFormation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.answers <- string(body)
	}))
	p.address = cloudFormation.URL
	p.command = exec.CommandContext(ctx, executable)
	p.command.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(runtimeServer.URL, "http://"),
		"AWS_ENDPOINT_URL=" + aws,
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=" + name,
	}
	p.command.Stderr = io.Discard
	require.NoError(t, p.command.Start())
	t.Cleanup(func() {
		p.kill()
		runtimeServer.Close()
		cloudFormation.Close()
	})
	return p
}

func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// request is an event for the resource of a stack.
type request struct {
	kind, id, stack, bucket, onExisting string
}

func (p *process) send(ctx context.Context, t *testing.T, r request) {
	t.Helper()
	event := map[string]any{
		"RequestType": r.kind, "RequestId": r.id, "StackId": r.stack, "LogicalResourceId": "Logging", "ResponseURL": p.address,
		"ResourceProperties": map[string]string{
			"LoggingConfiguration": `{"s3Config":{"bucketName":"` + r.bucket + `"},
				"textDataDeliveryEnabled":true,"imageDataDeliveryEnabled":true,"embeddingDataDeliveryEnabled":true,
				"videoDataDeliveryEnabled":true,"audioDataDeliveryEnabled":true}`,
			"OnExisting": r.onExisting, "RegisterParameter": "/paper-trail/" + r.stack,
		},
	}
	if r.kind != "Create" {
		event["PhysicalResourceId"] = "bedrock-model-invocation-logging"
	}
	body, err := json.Marshal(event)
	require.NoError(t, err)
	select {
	case p.events <- string(body):
	case <-ctx.Done():
		require.Fail(t, "the function does not ask for events")
	}
}

// outcome is what CloudFormation was told.
type outcome struct{ Status, Reason string }

func (p *process) outcome(ctx context.Context, t *testing.T) (o outcome) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(receive(ctx, t, p.answers)), &o))
	receive(ctx, t, p.results)
	return o
}

// race runs one request in each process at once.
func race(ctx context.Context, t *testing.T, processes [2]*process, requests [2]request) (outcomes [2]outcome) {
	t.Helper()
	var running sync.WaitGroup
	for i, p := range processes {
		running.Go(func() {
			time.Sleep(rand.N(10 * time.Millisecond))
			p.send(ctx, t, requests[i])
		})
	}
	running.Wait()
	for i, p := range processes {
		outcomes[i] = p.outcome(ctx, t)
	}
	return outcomes
}

var rounds = flag.Int("rounds", 2, "how many rounds of races each pair of processes runs")

func TestTwoProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Logf("the function is a Linux executable; %s cannot run it", runtime.GOOS)
		return
	}
	executable := compile(t)
	run := func(name string, test func(context.Context, *testing.T, string)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The limit only ends a test that would hang.
			ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
			defer stop()
			test(ctx, t, executable)
		})
	}
	for range 4 {
		run("take turns", takeTurns)
	}
	run("outlive a dead holder", outliveADeadHolder)
}

// takeTurns lets two stacks deploy at the same time on one account, each with
// its own function.
func takeTurns(ctx context.Context, t *testing.T, executable string) {
	var current atomic.Pointer[contended]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	renew := func() *contended {
		current.Store(newContended())
		return current.Load()
	}
	var processes [2]*process
	for i := range processes {
		processes[i] = start(ctx, t, executable, server.URL, fmt.Sprint("process-", i))
	}
	one := func(r request) outcome {
		processes[0].send(ctx, t, r)
		return processes[0].outcome(ctx, t)
	}
	a := request{"Create", "1", "stack-a", "a", "Refuse"}
	b := request{"Create", "1", "stack-b", "b", "Refuse"}
	gone := func(r request) request { r.kind, r.id = "Delete", "2"; return r }
	adopting := func(r request) request { r.onExisting = "Adopt"; return r }
	names := [2]string{"a", "b"}

	for range *rounds {
		// Two want it: one gets it, and the other hears why it does not.
		aws := renew()
		outcomes := race(ctx, t, processes, [2]request{a, b})
		winner := 0
		if outcomes[1].Status == "SUCCESS" {
			winner = 1
		}
		require.Equal(t, "SUCCESS", outcomes[winner].Status, "%v", outcomes)
		require.Equal(t, "FAILED", outcomes[1-winner].Status)
		assert.Contains(t, outcomes[1-winner].Reason, fmt.Sprintf(`in a different way: s3Config.bucketName: live %q, wanted %q`, names[winner], names[1-winner]))
		assert.Equal(t, names[winner], aws.bucket(t))
		assert.LessOrEqual(t, aws.turns(), 2, "they took turns: %v", aws.calls)
		// CloudFormation rolls the other back.
		assert.Equal(t, "SUCCESS", one(gone([2]request{a, b}[1-winner])).Status)
		assert.Equal(t, names[winner], aws.bucket(t))

		// One comes as the other goes.
		aws = renew()
		require.Equal(t, "SUCCESS", one(a).Status)
		aws.calls = nil
		outcomes = race(ctx, t, processes, [2]request{gone(a), b})
		require.Equal(t, "SUCCESS", outcomes[0].Status, "%v", outcomes)
		if outcomes[1].Status == "SUCCESS" {
			assert.Equal(t, "b", aws.bucket(t))
		} else {
			assert.Contains(t, outcomes[1].Reason, "in a different way")
			assert.Equal(t, "nothing", aws.bucket(t))
		}
		assert.LessOrEqual(t, aws.turns(), 2, "they took turns: %v", aws.calls)

		// Both replace what they find: the second finds what the first put.
		aws = renew()
		outcomes = race(ctx, t, processes, [2]request{adopting(a), adopting(b)})
		require.Equal(t, [2]outcome{{Status: "SUCCESS"}, {Status: "SUCCESS"}}, outcomes)
		assert.Equal(t, 2, aws.turns(), "they took turns: %v", aws.calls)
		last := aws.bucket(t)
		require.Contains(t, names, last)
		assert.Contains(t, aws.parameters["/paper-trail/stack-"+last], `"previous":{"s3Config":{"bucketName":"`+names[1-strings.Index("ab", last)]+`"}`)

		// One event is delivered twice.
		aws = renew()
		aws.logging = json.RawMessage(`{"s3Config":{"bucketName":"theirs"}}`)
		outcomes = race(ctx, t, processes, [2]request{adopting(a), adopting(a)})
		require.Equal(t, [2]outcome{{Status: "SUCCESS"}, {Status: "SUCCESS"}}, outcomes)
		assert.Equal(t, 2, aws.turns(), "they took turns: %v", aws.calls)
		require.Equal(t, "SUCCESS", one(gone(adopting(a))).Status)
		assert.Equal(t, "theirs", aws.bucket(t))
	}
}

// outliveADeadHolder lets a function die with the lock, after its Put was done.
func outliveADeadHolder(ctx context.Context, t *testing.T, executable string) {
	aws := newContended()
	server := httptest.NewServer(aws)
	t.Cleanup(server.Close)
	dead := start(ctx, t, executable, server.URL, "dead")
	aws.hangs.Store(true)
	create := request{"Create", "1", "stack-a", "a", "Refuse"}
	dead.send(ctx, t, create)
	select {
	case <-aws.done:
	case <-ctx.Done():
		require.Fail(t, "the function does not put")
	}
	dead.kill()
	require.Equal(t, "a", aws.bucket(t))

	// Another stack has to wait longer than its function may run.
	other := start(ctx, t, executable, server.URL, "other")
	other.timeout = 37 * time.Second // of which 35 are kept back from waiting
	other.send(ctx, t, request{"Create", "1", "stack-b", "b", "Refuse"})
	refused := other.outcome(ctx, t)
	assert.Equal(t, "FAILED", refused.Status)
	assert.Regexp(t, `stack-a/Logging is changing the logging configuration of this account and Region, until 20\S+Z at the latest; try again when it has finished`, refused.Reason)
	assert.Equal(t, "a", aws.bucket(t))

	// Lambda runs the event again. The test does not wait for the time to end:
	// it moves the end.
	var held map[string]any
	require.NoError(t, json.Unmarshal([]byte(aws.parameters[register.LockParameter]), &held))
	until, err := time.Parse(time.RFC3339, held["until"].(string))
	require.NoError(t, err)
	assert.WithinRange(t, until, time.Now(), time.Now().Add(80*time.Second))
	held["until"] = time.Now().Add(2 * time.Second)
	moved, err := json.Marshal(held)
	require.NoError(t, err)
	aws.parameters[register.LockParameter] = string(moved)
	again := start(ctx, t, executable, server.URL, "again")
	again.send(ctx, t, create)
	assert.Equal(t, outcome{Status: "SUCCESS"}, again.outcome(ctx, t))
	assert.Equal(t, "a", aws.bucket(t))
	assert.True(t, time.Now().After(held["until"].(time.Time)))
	assert.Contains(t, aws.parameters["/paper-trail/stack-a"], `"previous":null`, "what it found at first")
}
