package record

import "encoding/json"

// Content is what was said in a call, read from the bodies of its record.
type Content struct {
	// Family is the layout of the bodies: "converse", or for InvokeModel "anthropic", "amazon",
	// "meta", "mistral", "cohere", "ai21", "deepseek" or "openai". Default: empty, not recognised.
	Family string
	// System is the system prompt; several parts are parted by blank lines. Default: empty.
	System string
	// Messages is the conversation as it was sent, oldest first, the system prompt not among it. Default: nil.
	Messages []Message
	// Prompt is the text of the last message sent, which is what this call asked. Default: empty.
	Prompt string
	// Completion is the text of the answer. Default: empty.
	Completion string
	// StopReason is why the model stopped, in its vendor's words. Default: empty.
	StopReason string
	// GuardrailIntervened tells whether a guardrail blocked or masked something. Default: false.
	GuardrailIntervened bool
	// ToolCalls are the tools that the model asked for in its answer. Default: nil.
	ToolCalls []ToolCall
	// Media are the images, documents, videos and sounds in the request and the answer. Default: nil.
	Media []Media
	// LatencyMS is how long the call took, in milliseconds, where the answer says it. Default: nil.
	LatencyMS *int64
	// Raw tells that a body was not recognised: Prompt or Completion then is that body as it stands. Default: false.
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

// Content reads the bodies. It is far slower than [Parse], which only passes over them.
func (r *Record) Content() Content { return Content{} }
