package record

import "encoding/json"

// Content is what was said in a call, read from the bodies of its record.
type Content struct {
	// Family is the layout of the bodies: "converse", or for InvokeModel "anthropic", "amazon",
	// "meta", "mistral", "cohere", "ai21", "deepseek" or "openai", which many vendors share.
	// Default: empty, not recognised.
	Family string
	// System is the system prompt; several parts are parted by blank lines. Default: empty.
	System string
	// Messages is the conversation as it was sent, oldest first, the system prompt not among it. Default: nil.
	Messages []Message
	// Prompt is the text of the last message sent, which is what this call asked. Default: empty.
	Prompt string
	// Completion is the text of the answer; several parts are parted by blank lines, and the chunks
	// of a stream are put together. Default: empty.
	Completion string
	// Reasoning is what the model wrote on its way to the answer, where it is kept apart. Default: empty.
	Reasoning string
	// StopReason is why the model stopped, in its vendor's word of at most 64 letters. Default: empty.
	StopReason string
	// GuardrailIntervened tells whether a guardrail blocked or masked something. Default: false.
	GuardrailIntervened bool
	// ToolCalls are the tools that the model asked for in its answer. Default: nil.
	ToolCalls []ToolCall
	// Media are the images, documents, videos and sounds in the request and the answer. Default: nil.
	Media []Media
	// LatencyMS is how long the call took, in milliseconds, where the answer says it. Default: nil.
	LatencyMS *int64
	// Raw tells that a body was not recognised, or is nested more than 100 deep: Prompt or Completion then is that body as it stands. Default: false.
	Raw bool
}

// Message is one turn of a conversation.
type Message struct {
	// Role is who speaks: "user", "assistant", "tool" and the like. Default: empty.
	Role string
	// Text is what is said, a tool's result included; several parts are parted by blank lines. Default: empty.
	Text string
}

// ToolCall is a tool that the model asked for.
type ToolCall struct {
	// ID is the vendor's identifier of the request. Default: empty.
	ID string
	// Name is the name of the tool. Default: empty.
	Name string
	// Input holds the arguments as JSON. Default: nil.
	Input json.RawMessage
}

// Media is an image, a document, a video or a sound in a call.
type Media struct {
	// Output tells that it is in the answer. Default: false, in the request.
	Output bool
	// Kind is "image", "document", "video" or "audio". Default: empty.
	Kind string
	// Format is the file format or media type as the body states it. Default: empty.
	Format string
	// Name is the name that the caller gave a document. Default: empty.
	Name string
	// URI is the s3:// or other address of content outside the body. Default: empty, inside the body.
	URI string
	// Bytes is the size of the content inside the body, in bytes. Default: zero.
	Bytes int
}

// Content reads the bodies as they are in the record at the time; whoever has fetched a body from
// its s3:// address may put it there first. It is far slower than [Parse], which only passes over them.
func (r *Record) Content() Content {
	answer := readOutcome(r.Output.Body)
	c := Content{
		StopReason:          answer.stopReason,
		GuardrailIntervened: answer.intervened,
		LatencyMS:           answer.latencyMS,
	}
	var asked, answered string
	if !tooDeep(r.Input.Body) {
		asked = c.readRequest(r.Input.Body)
	}
	if !tooDeep(r.Output.Body) {
		answered = c.readResponse(r.Output.Body)
	}
	if asked == "" && len(r.Input.Body) > 0 {
		c.Raw, c.Prompt = true, string(r.Input.Body)
	}
	if answered == "" && len(r.Output.Body) > 0 {
		c.Raw, c.Completion = true, string(r.Output.Body)
	}
	if asked != "" || answered != "" {
		c.Family = family(r, asked, answered)
	}
	return c
}

// family names the layout: by the operation, else by the vendor, who knows best, else by the
// bodies, of which the more telling one counts: many vendors answer in OpenAI's manner.
func family(r *Record, asked, answered string) string {
	if r.Operation == "Converse" || r.Operation == "ConverseStream" {
		return "converse"
	}
	switch vendor := NormaliseModel(r.ModelID).Vendor; vendor {
	case "anthropic", "amazon", "meta", "mistral", "cohere", "ai21", "deepseek", "openai":
		return vendor
	}
	if answered == "" || answered == "openai" && asked != "" {
		return asked
	}
	return answered
}

// deepest is how deeply a body may be nested to be looked at: decoding takes time in proportion.
const deepest = 100

func tooDeep(body []byte) bool {
	s, depth := scanner{b: body}, 0
	for s.i < len(body) {
		switch body[s.i] {
		case '"':
			s.toQuote()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth > deepest {
			return true
		}
		s.i++
	}
	return false
}
