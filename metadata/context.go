package metadata

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"

	"github.com/google/uuid"
)

type contextKey struct{}

// NewContext returns a context that carries the metadata of the calls made with
// it. Fields and keys that request leaves empty are kept from ctx, so that each
// layer of an application adds what it knows.
func NewContext(ctx context.Context, request Request) context.Context {
	// A key that is in Extra and in a field gives an error with the call, together
	// with those of the layers before; the field wins until then.
	entries, err := request.entries(&settings{})
	carried := fromContext(ctx)
	merged := &carry{entries: make(map[string]string, len(carried.entries)+len(entries)), err: errors.Join(carried.err, err)}
	maps.Copy(merged.entries, carried.entries)
	for key, value := range entries {
		if value != "" {
			merged.entries[key] = value
		}
	}
	return context.WithValue(ctx, contextKey{}, merged)
}

// FromContext returns the metadata that ctx carries, and whether there is any.
func FromContext(ctx context.Context) (Request, bool) {
	carried := fromContext(ctx)
	return fromEntries(carried.entries), len(carried.entries) > 0
}

// EnsureRequestID returns a context that carries a request_id, and the id: that
// of ctx or a new one. Use it where a request enters the application, so that
// the application's logs, its answer and all its calls of models share the id.
// A new id is a UUID of version 7, which sorts by time.
func EnsureRequestID(ctx context.Context) (context.Context, string) {
	if id := fromContext(ctx).entries[RequestID]; id != "" {
		return ctx, id
	}
	id := newRequestID()
	return NewContext(ctx, Request{RequestID: id}), id
}

// newRequestID panics only where the system has no source of randomness.
func newRequestID() string { return uuid.Must(uuid.NewV7()).String() }

// carry is what a context holds. It is never changed once it is in one.
type carry struct {
	entries map[string]string
	err     error
}

var nothing = &carry{}

func fromContext(ctx context.Context) *carry {
	if carried, ok := ctx.Value(contextKey{}).(*carry); ok {
		return carried
	}
	return nothing
}

// LogAttrs returns the metadata that ctx carries as attributes for slog, in the
// order of their keys. Values that look like personal data are masked unless
// [AllowPersonalData] names their key.
func LogAttrs(ctx context.Context, options ...Option) []slog.Attr {
	return newSettings(options).attrs(fromContext(ctx).entries)
}

func (s *settings) attrs(entries map[string]string) []slog.Attr {
	list := make([]slog.Attr, 0, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		list = append(list, slog.String(key, s.shown(key, entries[key])))
	}
	return list
}

// NewLogHandler returns a handler that adds the metadata of the context to each
// line that is logged with one, so that the application's logs can be joined
// with the records of its calls. The lines of [LogCalls] have it already and are
// left as they are. It masks values as [LogAttrs] does.
func NewLogHandler(inner slog.Handler, options ...Option) slog.Handler {
	return logHandler{inner, newSettings(options)}
}

type logHandler struct {
	slog.Handler
	*settings
}

func (h logHandler) Handle(ctx context.Context, line slog.Record) error {
	if list := h.attrs(fromContext(ctx).entries); len(list) > 0 {
		line = line.Clone()
		line.AddAttrs(list...)
	}
	return h.Handler.Handle(ctx, line)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs), h.settings}
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(name), h.settings}
}
