package record

import "encoding/json"

// request holds the fields of all vendors' requests that say something.
type request struct {
	Messages []turn `json:"messages"` // Converse, Anthropic, Nova, Mistral, AI21 Jamba, OpenAI-compatible
	System   parts  `json:"system"`   // Converse, Anthropic, Nova

	AnthropicVersion string          `json:"anthropic_version"`
	MaxTokensSample  json.RawMessage `json:"max_tokens_to_sample"` // Anthropic's older completions
	InferenceConfig  json.RawMessage `json:"inferenceConfig"`      // Nova

	Prompt    parts           `json:"prompt"`      // Llama, Mistral, DeepSeek, Cohere Command, AI21 Jurassic, Anthropic's older completions
	MaxGenLen json.RawMessage `json:"max_gen_len"` // Llama

	InputText  *string `json:"inputText"`  // Titan
	InputImage string  `json:"inputImage"` // Titan

	Message     *string                          `json:"message"`  // Cohere Command R
	Preamble    string                           `json:"preamble"` // Cohere Command R
	Texts       []string                         `json:"texts"`    // Cohere Embed
	Images      []string                         `json:"images"`   // Cohere Embed
	ChatHistory []struct{ Role, Message string } `json:"chat_history"`
}

// readRequest reads a request and names the layout that it looks like; none if it says nothing known.
func (c *Content) readRequest(body json.RawMessage) (layout string) {
	var in request
	// A field of an unexpected type is left empty, and the rest is read.
	_ = json.Unmarshal(body, &in)

	system := []string{in.System.text(), in.Preamble}
	for _, past := range in.ChatHistory {
		c.Messages = append(c.Messages, Message{past.Role, past.Message})
	}
	for _, t := range in.Messages {
		text := t.Content.text()
		if t.Role == "system" || t.Role == "developer" {
			system = append(system, text)
		} else {
			c.Messages = append(c.Messages, Message{t.Role, text})
		}
		c.Media = append(c.Media, t.Content.media()...)
	}
	for _, p := range in.Prompt {
		c.Messages = append(c.Messages, Message{"user", p.Text})
	}
	for _, text := range []*string{in.InputText, in.Message} {
		if text != nil {
			c.Messages = append(c.Messages, Message{"user", *text})
		}
	}
	if len(in.Texts) > 0 {
		c.Messages = append(c.Messages, Message{"user", paragraphs(in.Texts)})
	}
	if in.InputImage != "" {
		c.Media = append(c.Media, Media{Kind: "image", Bytes: decodedLength(in.InputImage)})
	}
	for _, address := range in.Images {
		c.Media = append(c.Media, imageAt(address))
	}

	c.System = paragraphs(system)
	if n := len(c.Messages); n > 0 {
		c.Prompt = c.Messages[n-1].Text
	}

	switch {
	case in.AnthropicVersion != "", in.MaxTokensSample != nil:
		return "anthropic"
	case in.InferenceConfig != nil, in.InputText != nil, in.InputImage != "":
		return "amazon"
	case in.MaxGenLen != nil:
		return "meta"
	case in.Message != nil, in.Texts != nil, in.Images != nil:
		return "cohere"
	case in.Messages != nil, in.Prompt != nil:
		return "openai"
	}
	return ""
}
