package handler_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// billing is the APIs of AWS that the activation of cost tags calls, as they look
// on the wire. Each target has answers for its calls in turn; the last stays.
type billing struct {
	mu      sync.Mutex
	answers map[string][]string
	calls   []string
}

func (b *billing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	_, target, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !ok {
		target = "PutMetricData" // of another protocol, and not read here
		body = nil
	}
	scope, _, _ := strings.Cut(r.Header.Get("Authorization"), "/aws4_request")
	b.calls = append(b.calls, strings.TrimSpace(target+" "+scope[strings.LastIndex(scope[:strings.LastIndex(scope, "/")], "/")+1:]+" "+string(body)))
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	queue := b.answers[target]
	if len(queue) == 0 {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		if r.Header.Get("Smithy-Protocol") != "" {
			w.Header().Set("Smithy-Protocol", r.Header.Get("Smithy-Protocol"))
			_, _ = w.Write([]byte{0xa0}) // an empty map in CBOR
			return
		}
		fmt.Fprint(w, `{}`)
		return
	}
	if len(queue) > 1 {
		b.answers[target] = queue[1:]
	}
	if strings.Contains(queue[0], "__type") {
		w.WriteHeader(http.StatusBadRequest)
	}
	fmt.Fprint(w, queue[0])
}

func TestTheCompiledActivationOfCostTagsWorksOnTheWire(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Logf("the function is a Linux executable; %s cannot run it", runtime.GOOS)
		return
	}
	const list = `{"CostAllocationTags":[{"TagKey":"project","Type":"UserDefined","Status":"%s","LastUpdatedDate":"2026-11-24T00:00:00Z"},{"TagKey":"owner","Type":"UserDefined","Status":"Inactive"}]}`
	aws := &billing{answers: map[string][]string{
		"ListCostAllocationTags": {
			`{"__type":"LimitExceededException","message":"Rate exceeded"}`,
			fmt.Sprintf(list, "Inactive"),
			strings.ReplaceAll(fmt.Sprintf(list, "Active"), `"Inactive"`, `"Active"`),
			strings.ReplaceAll(fmt.Sprintf(list, "Active"), `"Inactive"`, `"Active"`),
			`{"__type":"ValidationException","message":"Linked account doesn't have access to cost allocation tags."}`,
		},
		"UpdateCostAllocationTagsStatus": {`{"Errors":[{"TagKey":"owner","Code":"TagKeysNotFoundException","Message":"Tag keys not found: owner"}]}`},
		"ListCostAllocationTagBackfillHistory": {`{"BackfillRequests":[{"BackfillFrom":"2025-01-01T00:00:00Z","RequestedAt":"2025-03-01T00:00:00Z","BackfillStatus":"SUCCEEDED"},` +
			`{"BackfillFrom":"2026-01-01T00:00:00Z","RequestedAt":"2026-11-25T00:00:00Z","BackfillStatus":"FAILED"}]}`},
		"StartCostAllocationTagBackfill": {`{}`, `{"__type":"ValidationException","message":"BackfillFrom is out of range"}`},
	}}
	awsServer := httptest.NewServer(aws)
	defer awsServer.Close()
	runtimeAPI := &lambda{events: make(chan string), results: make(chan string, 1)}
	runtimeServer := httptest.NewServer(runtimeAPI)
	defer runtimeServer.Close()

	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	function := exec.CommandContext(ctx, compile(t))
	function.Env = []string{
		"_HANDLER=costtags", `COST_TAGS={"keys":["project","owner"],"backfillMonths":1}`,
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(runtimeServer.URL, "http://"),
		"AWS_ENDPOINT_URL=" + awsServer.URL,
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token",
	}
	function.Stderr = os.Stderr
	require.NoError(t, function.Start())
	defer func() {
		stop()
		_ = function.Wait()
	}()
	run := func() (string, []string) {
		aws.mu.Lock()
		aws.calls = nil
		aws.mu.Unlock()
		select {
		case runtimeAPI.events <- `{"source":"aws.events","resources":["arn:aws:events:eu-west-1:111122223333:rule/the-rule"]}`:
		case <-ctx.Done():
			require.Fail(t, "the function does not ask for events")
		}
		return receive(ctx, t, runtimeAPI.results), aws.calls
	}

	answer, calls := run()
	assert.Equal(t, "response", strings.TrimSpace(strings.TrimSuffix(answer, "null")))
	require.Len(t, calls, 4)
	assert.True(t, strings.HasPrefix(calls[0], "ListCostAllocationTags us-east-1/ce "), "%s", calls[0])
	assert.Contains(t, calls[0], `"TagKeys":["project","owner"]`)
	assert.Equal(t, calls[0], calls[1], "throttled, and repeated")
	assert.Contains(t, calls[2], `[{"Status":"Active","TagKey":"project"},{"Status":"Active","TagKey":"owner"}]`)
	assert.Equal(t, "PutMetricData eu-west-1/monitoring", calls[3])

	answer, calls = run()
	assert.Equal(t, "response", strings.TrimSpace(strings.TrimSuffix(answer, "null")))
	require.Len(t, calls, 5)
	assert.Contains(t, calls[2], "StartCostAllocationTagBackfill us-east-1/ce", "one that failed does not count")
	assert.Contains(t, calls[3], `DisableRule eu-west-1/events {"Name":"the-rule"}`)

	answer, calls = run()
	assert.Equal(t, "response", strings.TrimSpace(strings.TrimSuffix(answer, "null")), "a refused backfill is no error")
	require.Len(t, calls, 5)
	assert.Contains(t, calls[3], "DisableRule")

	answer, calls = run()
	assert.Equal(t, "response", strings.TrimSpace(strings.TrimSuffix(answer, "null")))
	require.Len(t, calls, 2, "another account pays")
	assert.Contains(t, calls[1], "DisableRule")
}
