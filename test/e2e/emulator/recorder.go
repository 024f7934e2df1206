package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// loggingPath is where Amazon Bedrock keeps a Region's model-invocation logging
// configuration.
const loggingPath = "/logging/modelinvocations"

// LoggingCall is one call to Amazon Bedrock's logging configuration.
type LoggingCall struct {
	// Time is when the answer had been received.
	Time time.Time
	// Region is the one the call was signed for, "" when it was not signed.
	Region string
	// Method is PUT, GET or DELETE.
	Method string
	// Body is what a PUT sent.
	Body string
	// Status is the HTTP status of the answer.
	Status int
}

// Fault is an answer that a call gets in place of the emulator's.
type Fault struct {
	// Status is the HTTP status.
	Status int
	// Code is the AWS error code, for example ThrottlingException.
	Code string
	// Message is the AWS error message.
	Message string
}

// recorder passes everything on and remembers the calls to the logging
// configuration in the order of their answers.
type recorder struct {
	proxy *httputil.ReverseProxy

	mu    sync.Mutex
	calls []LoggingCall
	fault func(LoggingCall) *Fault
}

func newRecorder(target string) *recorder {
	to, err := url.Parse(target)
	if err != nil {
		panic(err) // the caller built it from a port
	}
	return &recorder{proxy: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
			// AWS speaks TLS; the emulator takes the proxy's word for it. A client
			// that sends the header itself asks for what plain HTTP would get.
			r.Out.Header.Set("X-Forwarded-Proto", cmp.Or(r.In.Header.Get("X-Forwarded-Proto"), "https"))
		},
	}}
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.URL.Path != loggingPath {
		r.proxy.ServeHTTP(w, request)
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	call := LoggingCall{Region: signedRegion(request), Method: request.Method, Body: string(body)}
	answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	if fault := r.faultFor(call); fault != nil {
		fault.write(answer)
	} else {
		r.proxy.ServeHTTP(answer, request)
	}
	call.Time, call.Status = time.Now(), answer.status
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call)
}

func (r *recorder) faultFor(call LoggingCall) *Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault == nil {
		return nil
	}
	return r.fault(call)
}

func (f *Fault) write(w http.ResponseWriter) {
	body, err := json.Marshal(map[string]string{"message": f.Message})
	if err != nil {
		panic(err) // a map of strings
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", f.Code)
	w.WriteHeader(f.Status)
	_, _ = w.Write(body)
}

// statusWriter remembers the status that was written.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// signedRegion reads the Region from the scope of a Signature Version 4
// credential: KEY/DATE/REGION/SERVICE/aws4_request.
func signedRegion(request *http.Request) string {
	_, credential, _ := strings.Cut(request.Header.Get("Authorization"), "Credential=")
	scope := strings.Split(credential, "/")
	if len(scope) < 5 {
		return ""
	}
	return scope[2]
}

// LoggingCalls returns the calls to a Region's logging configuration since the
// start or the last Forget, in order; "" means every Region's.
func (e *Emulator) LoggingCalls(region string) []LoggingCall {
	e.recorder.mu.Lock()
	defer e.recorder.mu.Unlock()
	var calls []LoggingCall
	for _, call := range e.recorder.calls {
		if region == "" || call.Region == region {
			calls = append(calls, call)
		}
	}
	return calls
}

// Forget drops the calls recorded so far.
func (e *Emulator) Forget() {
	e.recorder.mu.Lock()
	defer e.recorder.mu.Unlock()
	e.recorder.calls = nil
}

// InjectFaults asks fault before every call to the logging configuration; what
// it returns, unless nil, is the answer. A nil function ends it.
func (e *Emulator) InjectFaults(fault func(LoggingCall) *Fault) {
	e.recorder.mu.Lock()
	defer e.recorder.mu.Unlock()
	e.recorder.fault = fault
}
