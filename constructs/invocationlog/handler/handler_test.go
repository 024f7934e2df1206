package handler_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
)

// compile builds the function from what is embedded, for this machine and into
// an empty cache.
func compile(t *testing.T) string {
	t.Helper()
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())

	arch := gofunction.X86_64
	if runtime.GOARCH == "arm64" {
		arch = gofunction.Arm64
	}
	dir, err := handler.Source().Build(t.Context(), arch)
	require.NoError(t, err)
	return filepath.Join(dir, "bootstrap")
}

// region is the AWS APIs that the function calls, as they look on the wire.
type region struct {
	mu         sync.Mutex
	logging    json.RawMessage // none: nothing is configured
	parameters map[string]string
	versions   map[string]int64
	puts       []json.RawMessage
}

func (a *region) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if !strings.Contains(r.Header.Get("Authorization"), "Credential=key/") {
		http.Error(w, `{"message":"unsigned"}`, http.StatusForbidden)
		return
	}
	if target, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSSM."); ok {
		a.serveSSM(w, target, body)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.Method + " " + r.URL.Path {
	case "GET /logging/modelinvocations":
		if a.logging == nil {
			fmt.Fprint(w, `{}`)
		} else {
			fmt.Fprintf(w, `{"loggingConfig":%s}`, a.logging)
		}
	case "PUT /logging/modelinvocations":
		var input struct {
			LoggingConfig json.RawMessage `json:"loggingConfig"`
		}
		_ = json.Unmarshal(body, &input)
		if a.puts = append(a.puts, input.LoggingConfig); len(a.puts) == 1 {
			w.Header().Set("X-Amzn-Errortype", "ValidationException")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"message":"Failed to validate permissions for log group: g, with role: r. Verify the IAM role permissions are correct."}`)
			return
		}
		a.logging = input.LoggingConfig
		fmt.Fprint(w, `{}`)
	case "DELETE /logging/modelinvocations":
		a.logging = nil
		fmt.Fprint(w, `{}`)
	default:
		http.NotFound(w, r)
	}
}

func (a *region) serveSSM(w http.ResponseWriter, operation string, body []byte) {
	var input struct {
		Name, Value string
		Overwrite   bool
	}
	_ = json.Unmarshal(body, &input)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	refuse := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q}`, code)
	}
	value, exists := a.parameters[input.Name]
	switch {
	case operation == "PutParameter" && exists && !input.Overwrite:
		refuse("ParameterAlreadyExists")
	case operation == "PutParameter":
		a.parameters[input.Name] = input.Value
		a.versions[input.Name]++
		fmt.Fprintf(w, `{"Version":%d}`, a.versions[input.Name])
	case !exists:
		refuse("ParameterNotFound")
	case operation == "GetParameter":
		_ = json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]any{"Name": input.Name, "Value": value, "Version": a.versions[input.Name]}})
	case operation == "DeleteParameter":
		delete(a.parameters, input.Name)
		delete(a.versions, input.Name)
		fmt.Fprint(w, `{}`)
	}
}

// lambda is the Runtime API of Lambda: it hands out events and takes what the
// function returns.
type lambda struct {
	events  chan string
	results chan string
	timeout time.Duration // of the function. Default: a minute.
}

func (l *lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/invocation/next") {
		select {
		case event := <-l.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "invocation")
			timeout := cmp.Or(l.timeout, time.Minute)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(timeout).UnixMilli(), 10))
			fmt.Fprint(w, event)
		case <-r.Context().Done():
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	l.results <- filepath.Base(r.URL.Path) + " " + string(body)
}

func receive(ctx context.Context, t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case text := <-from:
		return text
	case <-ctx.Done():
		require.Fail(t, "the function does not answer")
		return ""
	}
}

func TestTheCompiledFunctionWorksOnTheWire(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Logf("the function is a Linux executable; on %s only its compilation is proven", runtime.GOOS)
		compile(t)
		return
	}
	aws := &region{parameters: map[string]string{}, versions: map[string]int64{}}
	awsServer := httptest.NewServer(aws)
	defer awsServer.Close()
	answers := make(chan string, 1)
	cloudFormation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answers <- string(body)
	}))
	defer cloudFormation.Close()
	runtimeAPI := &lambda{events: make(chan string), results: make(chan string, 1)}
	runtimeServer := httptest.NewServer(runtimeAPI)
	defer runtimeServer.Close()

	executable := compile(t)
	// The limit only ends a test that would hang.
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	function := exec.CommandContext(ctx, executable)
	function.Env = []string{
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

	const config = `{
		"cloudWatchConfig":{"logGroupName":"g","roleArn":"arn:aws:iam::111122223333:role/r","largeDataDeliveryS3Config":{"bucketName":"l","keyPrefix":"p"}},
		"s3Config":{"bucketName":"b"},
		"textDataDeliveryEnabled":true,"imageDataDeliveryEnabled":true,"embeddingDataDeliveryEnabled":false,
		"videoDataDeliveryEnabled":true,"audioDataDeliveryEnabled":false}`
	run := func(request, physicalID string) string {
		event, err := json.Marshal(map[string]any{
			"RequestType": request, "RequestId": "request", "StackId": "stack", "LogicalResourceId": "Logging",
			"PhysicalResourceId": physicalID, "ResponseURL": cloudFormation.URL,
			"ResourceProperties": map[string]string{
				"LoggingConfiguration": config, "OnExisting": "Refuse", "RegisterParameter": "/previous",
			},
		})
		require.NoError(t, err)
		select {
		case runtimeAPI.events <- string(event):
		case <-ctx.Done():
			require.Fail(t, "the function does not ask for events")
		}
		assert.Equal(t, "response ", strings.TrimSuffix(receive(ctx, t, runtimeAPI.results), "null"))
		return receive(ctx, t, answers)
	}

	assert.JSONEq(t, `{"Status":"SUCCESS","PhysicalResourceId":"bedrock-model-invocation-logging","StackId":"stack","RequestId":"request","LogicalResourceId":"Logging","NoEcho":false,"Data":{"Decision":"Created"}}`,
		run("Create", ""))
	require.Len(t, aws.puts, 2, "the first was refused for want of permissions")
	assert.JSONEq(t, config, string(aws.logging))
	assert.JSONEq(t, `{"owner":"stack/Logging","declared":`+config+`,"previous":null,"request":"request"}`, aws.parameters["/previous"])

	assert.Contains(t, run("Delete", "bedrock-model-invocation-logging"), `"Decision":"Removed"`)
	assert.Nil(t, aws.logging)
	assert.Empty(t, aws.parameters)
}
