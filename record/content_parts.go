package record

import (
	"encoding/json"
	"strings"
)

// The vendors' bodies differ in the names of their fields, but no name means two things that could
// be taken for each other. So one set of types reads them all, whichever fields are there.

// turn is a message of a conversation.
type turn struct {
	Role      string     `json:"role"`
	Content   parts      `json:"content"`
	Reasoning string     `json:"reasoning_content"` // OpenAI-compatible
	ToolCalls []toolCall `json:"tool_calls"`        // OpenAI-compatible, AI21, Mistral
}

// parts is what a message consists of: a text, or a list of parts.
type parts []part

// UnmarshalJSON reads either form, and passes over what is neither.
func (p *parts) UnmarshalJSON(raw []byte) error {
	*p = nil
	switch raw[0] {
	case '"':
		var text string
		_ = json.Unmarshal(raw, &text)
		*p = parts{{Text: text}}
	case '[':
		var list []json.RawMessage
		_ = json.Unmarshal(raw, &list)
		*p = make(parts, 0, len(list))
		for _, item := range list {
			*p = append(*p, onePart(item))
		}
	case '{':
		*p = parts{onePart(raw)}
	}
	return nil
}

func onePart(raw json.RawMessage) (p part) {
	if raw[0] == '"' {
		_ = json.Unmarshal(raw, &p.Text)
		return p
	}
	_ = json.Unmarshal(raw, &p)
	return p
}

type part struct {
	Type string `json:"type"`
	Text string `json:"text"`

	// Converse and Nova: the name of the one member says what the part is.
	Image      *attachment     `json:"image"`
	Document   *attachment     `json:"document"`
	Video      *attachment     `json:"video"`
	Audio      *attachment     `json:"audio"`
	ToolUse    *toolUse        `json:"toolUse"`
	ToolResult *toolResult     `json:"toolResult"`
	JSON       json.RawMessage `json:"json"`
	Guarded    *struct {
		Text  struct{ Text string }
		Image *attachment
	} `json:"guardContent"`
	Reasoned *struct {
		Text      string                // streamed
		Reasoning struct{ Text string } `json:"reasoningText"`
	} `json:"reasoningContent"`
	Cited *struct{ Content parts } `json:"citationsContent"`

	// Anthropic: Type says what the part is.
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Title    string          `json:"title"`
	Input    json.RawMessage `json:"input"`
	Source   *source         `json:"source"`
	Content  parts           `json:"content"`
	Thinking string          `json:"thinking"`

	// OpenAI-compatible.
	ImageURL   *struct{ URL string } `json:"image_url"`
	InputAudio *struct {
		Data, Format string
	} `json:"input_audio"`
}

// attachment is a file in Converse and Nova.
type attachment struct {
	Format string `json:"format"`
	Name   string `json:"name"`
	Source source `json:"source"`
}

// source is where a file's content is: inside, or at an address.
type source struct {
	// Converse and Nova.
	Bytes      string               `json:"bytes"`
	Text       string               `json:"text"`
	S3Location struct{ URI string } `json:"s3Location"`
	// Anthropic.
	MediaType string `json:"media_type"`
	Data      string `json:"data"`
	URL       string `json:"url"`
}

type toolUse struct {
	ID    string          `json:"toolUseId"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

type toolResult struct {
	Content parts `json:"content"`
}

// toolCall is a tool call in the manner of OpenAI, or of Cohere, who has the name on top.
type toolCall struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	} `json:"function"`
	Name       string          `json:"name"`
	Parameters json.RawMessage `json:"parameters"`
}

// arguments gives a tool's arguments as they are, or out of a string that holds them.
func arguments(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) == nil && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return raw
}

// text gathers what the parts say, and what tools answered.
func (p parts) text() string {
	var said []string
	for _, part := range p {
		said = append(said, part.Text, part.Content.text())
		if part.Guarded != nil {
			said = append(said, part.Guarded.Text.Text)
		}
		if part.ToolResult != nil {
			said = append(said, part.ToolResult.Content.text())
		}
		if part.Cited != nil {
			said = append(said, part.Cited.Content.text())
		}
		if len(part.JSON) > 0 {
			said = append(said, string(part.JSON))
		}
	}
	return paragraphs(said)
}

// reasoning gathers what the model wrote before its answer.
func (p parts) reasoning() string {
	var said []string
	for _, part := range p {
		said = append(said, part.Thinking)
		if part.Reasoned != nil {
			said = append(said, part.Reasoned.Text, part.Reasoned.Reasoning.Text)
		}
	}
	return paragraphs(said)
}

// toolCalls gathers the tools that the parts ask for.
func (p parts) toolCalls() (calls []ToolCall) {
	for _, part := range p {
		if part.ToolUse != nil {
			calls = append(calls, ToolCall{part.ToolUse.ID, part.ToolUse.Name, part.ToolUse.Input})
		}
		if part.Type == "tool_use" || part.Type == "server_tool_use" {
			calls = append(calls, ToolCall{part.ID, part.Name, part.Input})
		}
	}
	return calls
}

// media gathers the files, those that tools answered with included.
func (p parts) media() (found []Media) {
	for _, part := range p {
		add := func(kind string, a *attachment) {
			if a == nil {
				return
			}
			found = append(found, Media{
				Kind: kind, Format: a.Format, Name: a.Name, URI: a.Source.S3Location.URI,
				Bytes: decodedLength(a.Source.Bytes) + len(a.Source.Text),
			})
		}
		add("image", part.Image)
		add("document", part.Document)
		add("video", part.Video)
		add("audio", part.Audio)
		if part.Guarded != nil {
			add("image", part.Guarded.Image)
		}
		if part.Source != nil {
			m := Media{Kind: part.Type, Format: part.Source.MediaType, Name: part.Title, URI: part.Source.URL}
			if m.Format == "text/plain" {
				m.Bytes = len(part.Source.Data)
			} else {
				m.Bytes = decodedLength(part.Source.Data)
			}
			found = append(found, m)
		}
		if part.ImageURL != nil {
			found = append(found, imageAt(part.ImageURL.URL))
		}
		if part.InputAudio != nil {
			found = append(found, Media{Kind: "audio", Format: part.InputAudio.Format, Bytes: decodedLength(part.InputAudio.Data)})
		}
		if part.ToolResult != nil {
			found = append(found, part.ToolResult.Content.media()...)
		}
		found = append(found, part.Content.media()...)
	}
	return found
}

// imageAt describes an image by its address, which may be a data: URL that holds it.
func imageAt(address string) Media {
	rest, held := strings.CutPrefix(address, "data:")
	if !held {
		return Media{Kind: "image", URI: address}
	}
	format, data, _ := strings.Cut(rest, ",")
	return Media{Kind: "image", Format: strings.TrimSuffix(format, ";base64"), Bytes: decodedLength(data)}
}

// decodedLength gives the number of bytes that base64 text stands for.
func decodedLength(base64 string) int {
	return len(strings.TrimRight(base64, "=")) * 3 / 4
}

// paragraphs puts texts together with blank lines between; empty ones are left out.
func paragraphs(texts []string) string {
	var kept []string
	for _, t := range texts {
		if t != "" {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, "\n\n")
}
