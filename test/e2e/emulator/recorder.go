package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// loggingPath is where Amazon Bedrock keeps a Region's model-invocation logging
// configuration.
const loggingPath = "/logging/modelinvocations"

// answerPath is where a custom resource's ResponseURL leads.
const answerPath = "/_ministack/cfn-response/"

// AnswerResponseURL is the operation of a custom resource's answer, which is no
// AWS API.
const AnswerResponseURL = "AnswerResponseURL"

// Call is one call of those that a custom resource's function lives by: to
// Amazon Bedrock's logging configuration, to SSM, and the answer to
// CloudFormation.
type Call struct {
	// Time is when the answer had been received.
	Time time.Time
	// Region is the one the call was signed for, "" when it was not signed.
	Region string
	// Caller is the id of the access key, which for the account's root is the
	// account; "" when the call was not signed.
	Caller string
	// Operation is AWS's name of it, such as GetParameter, or AnswerResponseURL.
	Operation string
	// Method is the HTTP method.
	Method string
	// Body is what was sent.
	Body string
	// Status is the HTTP status of the answer, 0 when there was none.
	Status int
}

// Fault is what happens to a call. The zero value is what would have happened
// anyway.
type Fault struct {
	// Delay is how long the call waits before anything else.
	Delay time.Duration
	// Applied lets the emulator do what was asked before its answer is replaced
	// or lost.
	Applied bool
	// Reset breaks the connection off in place of an answer.
	Reset bool
	// Status is the HTTP status of an answer in place of the emulator's; 0 is
	// no such answer.
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

	mu       sync.Mutex
	calls    []Call
	fault    func(Call) *Fault
	standIns map[string]http.Handler // by service
}

func newRecorder(target string) *recorder {
	to, err := url.Parse(target)
	if err != nil {
		panic(err) // the caller built it from a port
	}
	return &recorder{proxy: &httputil.ReverseProxy{
		Transport: whole{http.DefaultTransport.(*http.Transport).Clone()},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
			// AWS speaks TLS; the emulator takes the proxy's word for it. A client
			// that sends the header itself asks for what plain HTTP would get.
			r.Out.Header.Set("X-Forwarded-Proto", cmp.Or(r.In.Header.Get("X-Forwarded-Proto"), "https"))
		},
	}}
}

// whole passes an answer on when it has all of it. One that breaks off on its way
// from the emulator, as was seen under load, becomes a 502, which clients try
// again; of half of one they make nothing.
type whole struct{ http.RoundTripper }

func (w whole) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := w.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if standIn := r.standInFor(request); standIn != nil {
		standIn.ServeHTTP(w, request)
		return
	}
	operation := operationOf(request)
	if operation == "" {
		r.proxy.ServeHTTP(w, request)
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	call := Call{Operation: operation, Method: request.Method, Body: string(body)}
	call.Caller, call.Region, _ = signer(request)
	answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	r.answer(answer, request, r.faultFor(call))
	call.Time, call.Status = time.Now(), answer.status
	if request.URL.Path != loggingPath {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call)
}

// operationOf returns "" for a call that is of no interest.
func operationOf(request *http.Request) string {
	switch {
	case request.URL.Path == loggingPath:
		verb := strings.ToUpper(request.Method[:1]) + strings.ToLower(request.Method[1:])
		return verb + "ModelInvocationLoggingConfiguration"
	case strings.HasPrefix(request.URL.Path, answerPath):
		return AnswerResponseURL
	default:
		operation, _ := strings.CutPrefix(request.Header.Get("X-Amz-Target"), "AmazonSSM.")
		return operation
	}
}

func (r *recorder) standInFor(request *http.Request) http.Handler {
	_, _, service := signer(request)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.standIns[service]
}

func (r *recorder) faultFor(call Call) *Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault == nil {
		return nil
	}
	return r.fault(call)
}

func (r *recorder) answer(w *statusWriter, request *http.Request, fault *Fault) {
	if fault == nil {
		fault = &Fault{}
	}
	time.Sleep(fault.Delay)
	if !fault.Reset && fault.Status == 0 {
		r.proxy.ServeHTTP(w, request)
		return
	}
	if fault.Applied {
		r.proxy.ServeHTTP(httptest.NewRecorder(), request)
	}
	if fault.Reset {
		w.reset()
		return
	}
	body, err := json.Marshal(map[string]string{"__type": fault.Code, "message": fault.Message})
	if err != nil {
		panic(err) // a map of strings
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", fault.Code)
	w.WriteHeader(fault.Status)
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

// reset ends the connection without an answer, as a peer that crashes does.
func (w *statusWriter) reset() {
	w.status = 0
	connection, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		panic(err) // the server speaks HTTP/1.1
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	connection.Close()
}

// signer reads the access key's id, the Region and the service from the scope of
// a Signature Version 4 credential: KEY/DATE/REGION/SERVICE/aws4_request.
func signer(request *http.Request) (key, region, service string) {
	_, credential, _ := strings.Cut(request.Header.Get("Authorization"), "Credential=")
	scope := strings.Split(credential, "/")
	if len(scope) < 5 {
		return "", "", ""
	}
	return scope[0], scope[2], scope[3]
}

// LoggingCalls returns the calls to a Region's logging configuration since the
// start or the last Forget, in order; "" means every Region's.
func (e *Emulator) LoggingCalls(region string) []Call {
	e.recorder.mu.Lock()
	defer e.recorder.mu.Unlock()
	var calls []Call
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

// InjectFaults asks fault before every [Call] what is to happen to it; nil is
// nothing. A nil function ends it.
func (e *Emulator) InjectFaults(fault func(Call) *Fault) {
	e.recorder.mu.Lock()
	defer e.recorder.mu.Unlock()
	e.recorder.fault = fault
}

// StandIn answers the calls that are signed for a service, such as ce, which
// MiniStack then never sees: neither signatures nor policies decide about them.
// A nil handler ends it.
func (e *Emulator) StandIn(service string, handler http.Handler) {
	e.recorder.mu.Lock()
	defer e.recorder.mu.Unlock()
	if handler == nil {
		delete(e.recorder.standIns, service)
		return
	}
	if e.recorder.standIns == nil {
		e.recorder.standIns = map[string]http.Handler{}
	}
	e.recorder.standIns[service] = handler
}
