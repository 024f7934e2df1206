package metadata

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/middleware"
)

// Option changes what is required of metadata. It is for [WithRequestMetadata],
// [Request.Map] and [Request.JSON]; [LogAttrs] and [NewLogHandler] heed
// [AllowPersonalData] alone.
type Option func(*settings)

type settings struct {
	required []string
	personal []string
	noID     bool
	log      *slog.Logger
}

func newSettings(options []Option) *settings {
	s := &settings{}
	for _, option := range options {
		option(s)
	}
	return s
}

func (s *settings) mayBePersonal(key string) bool { return slices.Contains(s.personal, key) }

// Require refuses a call whose metadata lack one of the keys, before it is sent.
// Default: no key is required.
func Require(keys ...string) Option {
	return func(s *settings) { s.required = append(s.required, keys...) }
}

// AllowPersonalData lets the values of these keys look like an e-mail address, a
// phone number or a payment card. Use it for numbers that only look like one.
// Default: no key.
func AllowPersonalData(keys ...string) Option {
	return func(s *settings) { s.personal = append(s.personal, keys...) }
}

// WithoutRequestID sends calls that have no request_id as they are. Default: a
// UUID of version 7 is generated for them. It has no effect on Map and JSON.
func WithoutRequestID() Option {
	return func(s *settings) { s.noID = true }
}

// LogCalls writes a line for each call: operation, model, metadata, AWS's own
// request id, duration, and the error of a failed one. Prompts and answers are
// never logged, and values that are refused as personal data are masked. Default: nothing is logged. It has no effect on Map and JSON.
func LogCalls(log *slog.Logger) Option {
	return func(s *settings) { s.log = log }
}

// WithRequestMetadata makes a client of Amazon Bedrock attach the metadata that
// the context carries, see [NewContext], to each Converse, ConverseStream,
// InvokeModel and InvokeModelWithResponseStream. Keys that the call itself sets
// win over those of the context; the keys of both are sent. The input of the
// call is not changed. Other operations take no metadata and pass untouched.
//
//	client := bedrockruntime.NewFromConfig(cfg, metadata.WithRequestMetadata())
//
// A call whose metadata break a rule is not sent. Its error holds every
// [Problem]. The request_id of a call is in the metadata of its result, see
// [RequestIDOf], and in the [CallError] of a failed one.
func WithRequestMetadata(options ...Option) func(*bedrockruntime.Options) {
	s := newSettings(options)
	return func(o *bedrockruntime.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			// First of all: what the SDK validates and signs is then complete.
			return stack.Initialize.Add(attach{s}, middleware.Before)
		})
	}
}

// CallError is the error of a call that was sent, or refused before.
type CallError struct {
	// RequestID is the request_id of the call, empty where it has none, and
	// masked where it was refused as personal data.
	RequestID string
	// Err is what went wrong.
	Err error
}

func (e *CallError) Error() string {
	if e.RequestID == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("request_id %s: %v", e.RequestID, e.Err)
}

func (e *CallError) Unwrap() error { return e.Err }

type requestIDKey struct{}

// RequestIDOf returns the request_id that a call was sent with, from the
// ResultMetadata of its output. It is empty where the client was not made with
// WithRequestMetadata.
func RequestIDOf(result middleware.Metadata) string {
	id, _ := result.Get(requestIDKey{}).(string)
	return id
}

// attach is the middleware.
type attach struct{ *settings }

func (attach) ID() string { return "PaperTrailRequestMetadata" }

func (a attach) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	call, err := open(in.Parameters)
	if call == nil && err == nil {
		return next.HandleInitialize(ctx, in)
	}
	start := time.Now()
	carried := fromContext(ctx)
	entries := make(map[string]string, len(carried.entries)+2)
	maps.Copy(entries, carried.entries)
	var model string
	if call != nil {
		maps.Copy(entries, call.own)
		model = call.model
	}
	if entries[RequestID] == "" && !a.noID {
		entries[RequestID] = newRequestID()
	}
	var out middleware.InitializeOutput
	var result middleware.Metadata
	if len(entries) == 0 {
		entries = nil // the service refuses an empty map
	}
	if err = errors.Join(carried.err, err, a.check(entries)); err == nil {
		in.Parameters, err = call.with(entries)
	}
	if err == nil {
		ctx = context.WithValue(ctx, contextKey{}, &carry{entries: entries})
		out, result, err = next.HandleInitialize(ctx, in)
	}
	id := a.shown(RequestID, entries[RequestID])
	result.Set(requestIDKey{}, id)
	a.logCall(ctx, model, entries, result, time.Since(start), err)
	if err != nil {
		err = &CallError{RequestID: id, Err: err}
	}
	return out, result, err
}

func (a attach) logCall(ctx context.Context, model string, entries map[string]string, result middleware.Metadata, took time.Duration, err error) {
	if a.log == nil {
		return
	}
	// The line has the metadata once, whether or not the log adds the context's.
	ctx = context.WithValue(ctx, contextKey{}, nothing)
	list := append(a.attrs(entries),
		slog.String("operation", awsmiddleware.GetOperationName(ctx)),
		slog.String("model_id", model),
		slog.Duration("duration", took))
	if id, ok := awsmiddleware.GetRequestIDMetadata(result); ok {
		list = append(list, slog.String("aws_request_id", id))
	}
	if err != nil {
		a.log.LogAttrs(ctx, slog.LevelError, "model call failed", append(list, slog.Any("error", err))...)
		return
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, "model call", list...)
}

// call is one that takes metadata.
type call struct {
	model string
	own   map[string]string
	with  func(map[string]string) (any, error) // a copy of the input
}

// open returns nil for an operation that takes no metadata.
func open(input any) (*call, error) {
	switch in := input.(type) {
	case *bedrockruntime.ConverseInput:
		return &call{aws.ToString(in.ModelId), in.RequestMetadata, func(entries map[string]string) (any, error) {
			changed := *in
			changed.RequestMetadata = entries
			return &changed, nil
		}}, nil
	case *bedrockruntime.ConverseStreamInput:
		return &call{aws.ToString(in.ModelId), in.RequestMetadata, func(entries map[string]string) (any, error) {
			changed := *in
			changed.RequestMetadata = entries
			return &changed, nil
		}}, nil
	case *bedrockruntime.InvokeModelInput:
		return openJSON(in.ModelId, in.RequestMetadata, func(text *string) any {
			changed := *in
			changed.RequestMetadata = text
			return &changed
		})
	case *bedrockruntime.InvokeModelWithResponseStreamInput:
		return openJSON(in.ModelId, in.RequestMetadata, func(text *string) any {
			changed := *in
			changed.RequestMetadata = text
			return &changed
		})
	default:
		return nil, nil
	}
}

func openJSON(model, own *string, with func(*string) any) (*call, error) {
	c := &call{model: aws.ToString(model), with: func(entries map[string]string) (any, error) {
		if len(entries) == 0 {
			return with(nil), nil
		}
		text, err := toJSON(entries)
		return with(&text), err
	}}
	if own == nil || *own == "" {
		return c, nil
	}
	var err error
	c.own, err = parseJSON(*own)
	return c, err
}
