package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const loggingConfig = `{
	"cloudWatchConfig": {"logGroupName": "g", "roleArn": "arn:aws:iam::111122223333:role/r", "largeDataDeliveryS3Config": {"bucketName": "bucket", "keyPrefix": "large-data"}},
	"s3Config": {"bucketName": "bucket"},
	"textDataDeliveryEnabled": true, "imageDataDeliveryEnabled": true, "embeddingDataDeliveryEnabled": true,
	"videoDataDeliveryEnabled": true, "audioDataDeliveryEnabled": true
}`

// region is what a custom resource's function talks to, in plain HTTP on the
// loopback interface: Amazon Bedrock's logging configuration, SSM, Lambda's
// Runtime API and CloudFormation's address for the answer.
type region struct {
	server  *httptest.Server
	peak    func() (float64, error) // of the process that answers
	answers chan answer

	mu         sync.Mutex
	config     json.RawMessage
	parameters map[string]parameter
	event      []byte // not handed out yet
}

type parameter struct {
	value   string
	version int
}

type answer struct {
	body   string
	at     time.Time
	peakMB float64
	err    error
}

func newRegion() *region {
	r := &region{parameters: map[string]parameter{}, answers: make(chan answer, 1)}
	r.server = httptest.NewServer(r)
	return r
}

// env is the environment of a function, without anything of this process's but
// what finds its programs.
func (r *region) env() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(),
		"AWS_ENDPOINT_URL=" + r.server.URL, "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token",
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// runtimeAPI hands event out once and returns the address for it.
func (r *region) runtimeAPI(event []byte) string {
	r.event = event
	return r.server.Listener.Addr().String()
}

func (r *region) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	at := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch path := request.URL.Path; {
	case path == "/answer":
		// Before the process gets its receipt and may end.
		peak, err := r.peak()
		r.answers <- answer{string(body), at, peak, err}
	case path == "/logging/modelinvocations":
		r.serveLogging(w, request.Method, body)
	case strings.HasSuffix(path, "/invocation/next"):
		r.serveNext(w, request)
	case request.Header.Get("X-Amz-Target") != "":
		r.serveSSM(w, strings.TrimPrefix(request.Header.Get("X-Amz-Target"), "AmazonSSM."), body)
	default: // what the Runtime API is told
		w.WriteHeader(http.StatusAccepted)
	}
}

func (r *region) serveLogging(w io.Writer, method string, body []byte) {
	switch {
	case method == http.MethodPut:
		var input struct {
			LoggingConfig json.RawMessage `json:"loggingConfig"`
		}
		_ = json.Unmarshal(body, &input)
		r.config = input.LoggingConfig
		fmt.Fprint(w, `{}`)
	case r.config == nil:
		fmt.Fprint(w, `{}`)
	default:
		fmt.Fprintf(w, `{"loggingConfig":%s}`, r.config)
	}
}

// serveNext hands the event out, and then holds the caller until it ends.
func (r *region) serveNext(w http.ResponseWriter, request *http.Request) {
	if r.event == nil {
		r.mu.Unlock()
		<-request.Context().Done()
		r.mu.Lock()
		return
	}
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", "invocation")
	w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
	_, _ = w.Write(r.event)
	r.event = nil
}

func (r *region) serveSSM(w http.ResponseWriter, operation string, body []byte) {
	var input struct {
		Name, Value string
		Overwrite   bool
	}
	_ = json.Unmarshal(body, &input)
	held, exists := r.parameters[input.Name]
	refuse := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q}`, code)
	}
	switch {
	case operation == "PutParameter" && exists && !input.Overwrite:
		refuse("ParameterAlreadyExists")
	case operation == "PutParameter":
		r.parameters[input.Name] = parameter{input.Value, held.version + 1}
		fmt.Fprintf(w, `{"Version":%d}`, held.version+1)
	case !exists:
		refuse("ParameterNotFound")
	case operation == "GetParameter":
		_ = json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]any{
			"Name": input.Name, "Value": held.value, "Version": held.version, "Type": "String",
		}})
	default:
		refuse("InvalidAction")
	}
}
