package show

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// Call is everything about one call.
type Call struct {
	// Row is the call as questions see it.
	Row record.Call `json:"-"`

	// Columns are its columns with a value, by name.
	Columns map[string]any `json:"call"`

	// Metadata is what the caller sent along.
	Metadata map[string]string `json:"metadata,omitempty"`

	// Rate is what the price was estimated with; nil for an unpriced call.
	Rate *Rate `json:"rate,omitempty"`

	System     string    `json:"system,omitempty"`
	Messages   []Message `json:"messages,omitempty"`
	Completion string    `json:"completion,omitempty"`
	ToolCalls  []Tool    `json:"toolCalls,omitempty"`
	Media      []Media   `json:"media,omitempty"`

	// Raw says that a body's layout is not known: the prompt or completion
	// is the body as it stands.
	Raw bool `json:"raw,omitempty"`

	// Missing says what could not be had: a body, CloudTrail's files.
	Missing []string `json:"missing,omitempty"`

	// Events are CloudTrail's events with the call's request id.
	Events []json.RawMessage `json:"events,omitempty"`
}

// Rate is a row of the rate card, in dollars per million tokens.
type Rate struct {
	Input      float64 `json:"inputUSDPerMillion"`
	Output     float64 `json:"outputUSDPerMillion"`
	CacheRead  float64 `json:"cacheReadUSDPerMillion"`
	CacheWrite float64 `json:"cacheWriteUSDPerMillion"`
	Since      string  `json:"since"`
	Source     string  `json:"source"`
	Retrieved  string  `json:"retrieved"`
}

// Message, Tool and Media are record's, with names for JSON.
type Message struct {
	Role string `json:"role"`
	Text string `json:"text"`
}

type Tool struct {
	ID    string          `json:"id,omitempty"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input,omitempty"`
}

type Media struct {
	Output bool   `json:"output,omitempty"`
	Kind   string `json:"kind"`
	Format string `json:"format,omitempty"`
	Name   string `json:"name,omitempty"`
	URI    string `json:"uri,omitempty"`
	Bytes  int    `json:"bytes,omitempty"`
}

// Sources is where the parts of a call are.
type Sources struct {
	// Log holds the bodies that are kept beside the log. Required.
	Log logstore.Store

	// Trail holds CloudTrail's files. Default: none, nobody looks for events.
	Trail logstore.Store

	// Rates prices the call. Required.
	Rates *record.RateCard
}

// longest is the most that is fetched of a body, in bytes.
const longest = 64 << 20

// CloudTrail delivers within minutes; a day's file may hold the last of the day
// before.
const delivery = 2 * time.Hour

// Describe gathers what is known of a call. What cannot be had is said in
// Missing and hides nothing else.
func Describe(ctx context.Context, h Hit, s Sources) *Call {
	c := &Call{Metadata: h.Record.Metadata}
	c.body(ctx, s.Log, "request", &h.Record.Input.Body, h.Record.Input.BodyS3Path)
	c.body(ctx, s.Log, "answer", &h.Record.Output.Body, h.Record.Output.BodyS3Path)
	c.Row = s.Rates.Call(h.Record, h.Object)
	c.Columns = columns(&c.Row)
	c.price(s.Rates)
	c.content(h.Record.Content())
	if s.Trail != nil {
		within := logstore.Range{From: c.Row.CalledAt.Add(-delivery), To: c.Row.CalledAt.Add(delivery), Late: time.Nanosecond}
		events, stats, err := logstore.FindEvents(ctx, s.Trail, within, c.Row.RequestID)
		if err != nil {
			c.missing("CloudTrail's events: %v", err)
		}
		for _, b := range stats.Broken {
			c.missing("CloudTrail's events in %s", b)
		}
		for _, e := range events {
			c.Events = append(c.Events, e.Raw)
		}
	}
	return c
}

func (c *Call) missing(format string, args ...any) {
	c.Missing = append(c.Missing, fmt.Sprintf(format, args...))
}

// body fetches a body that is kept beside the log.
func (c *Call) body(ctx context.Context, log logstore.Store, what string, body *json.RawMessage, path string) {
	if path == "" || len(*body) > 0 {
		return
	}
	text, err := logstore.Body(ctx, log, path, longest)
	switch {
	case err != nil:
		c.missing("the %s's body: %v", what, err)
	case !json.Valid(text):
		c.missing("the %s's body: %s holds no JSON but %d bytes of something else", what, path, len(text))
	default:
		*body = text
	}
}

func (c *Call) price(card *record.RateCard) {
	if c.Row.EstimatedNanoUSD == nil {
		return
	}
	price, known := card.Price(card.Model(c.Row.ModelID), c.Row.CalledAt, record.Tokens{
		Input: orZero(c.Row.InputTokens), Output: orZero(c.Row.OutputTokens),
		CacheRead: orZero(c.Row.CacheReadTokens), CacheWrite: orZero(c.Row.CacheWriteTokens),
	})
	if !known {
		return
	}
	// A picodollar a token is a millionth of a dollar a million tokens.
	c.Rate = &Rate{
		Input: float64(price.Rate.Input) / 1e6, Output: float64(price.Rate.Output) / 1e6,
		CacheRead: float64(price.Rate.CacheRead) / 1e6, CacheWrite: float64(price.Rate.CacheWrite) / 1e6,
		Since: day(price.Rate.Since), Source: price.Rate.Source, Retrieved: day(price.Rate.Retrieved),
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func (c *Call) content(said record.Content) {
	c.System, c.Completion, c.Raw = said.System, said.Completion, said.Raw
	for _, m := range said.Messages {
		c.Messages = append(c.Messages, Message(m))
	}
	if len(c.Messages) == 0 && said.Prompt != "" {
		c.Messages = []Message{{Text: said.Prompt}}
	}
	for _, t := range said.ToolCalls {
		c.ToolCalls = append(c.ToolCalls, Tool(t))
	}
	for _, m := range said.Media {
		c.Media = append(c.Media, Media(m))
	}
}
