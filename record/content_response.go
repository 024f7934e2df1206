package record

import (
	"encoding/json"
	"strings"
)

// response holds the fields of all vendors' answers, and of the chunks of streamed ones, that say something.
type response struct {
	Output struct {
		Message *turn `json:"message"`
	} `json:"output"` // Converse, Nova

	Type       string  `json:"type"`       // Anthropic
	Content    parts   `json:"content"`    // Anthropic
	Completion *string `json:"completion"` // Anthropic's older completions

	Results    []struct{ OutputText string } `json:"results"`    // Titan
	OutputText *string                       `json:"outputText"` // Titan, streamed

	Generation *string `json:"generation"` // Llama

	Outputs []struct{ Text string } `json:"outputs"` // Mistral
	Choices []choice                `json:"choices"` // OpenAI-compatible, AI21 Jamba, DeepSeek, Mistral

	Generations []struct{ Text string } `json:"generations"` // Cohere Command
	Text        *string                 `json:"text"`        // Cohere Command R; Command, streamed
	ToolCalls   []toolCall              `json:"tool_calls"`  // Cohere Command R
	Finished    *bool                   `json:"is_finished"` // Cohere, streamed

	Completions []struct {
		Data struct{ Text string } `json:"data"`
	} `json:"completions"` // AI21 Jurassic

	Embedding       json.RawMessage `json:"embedding"`        // Titan
	EmbeddingByType json.RawMessage `json:"embeddingsByType"` // Titan
	Embeddings      json.RawMessage `json:"embeddings"`       // Cohere
	Images          []string        `json:"images"`           // image models

	// Anthropic, streamed; index counts the parts of the answer.
	Index        int   `json:"index"`
	ContentBlock *part `json:"content_block"`
	Delta        *struct {
		Text        string `json:"text"`
		Thinking    string `json:"thinking"`
		PartialJSON string `json:"partial_json"`
	} `json:"delta"`

	// Converse and Nova, streamed.
	MessageStart *turn `json:"messageStart"`
	MessageStop  *turn `json:"messageStop"`
	BlockStart   *struct {
		Index int  `json:"contentBlockIndex"`
		Start part `json:"start"`
	} `json:"contentBlockStart"`
	BlockDelta *struct {
		Index int `json:"contentBlockIndex"`
		Delta struct {
			Text     string                 `json:"text"`
			Reasoned struct{ Text string }  `json:"reasoningContent"`
			ToolUse  struct{ Input string } `json:"toolUse"`
		} `json:"delta"`
	} `json:"contentBlockDelta"`
}

type choice struct {
	Index   int    `json:"index"`
	Message *turn  `json:"message"`
	Delta   *turn  `json:"delta"` // streamed
	Text    string `json:"text"`  // DeepSeek
}

// readResponse reads an answer and names the layout that it looks like; none if it says nothing known.
func (c *Content) readResponse(body json.RawMessage) (layout string) {
	var chunks []json.RawMessage
	streamed := json.Unmarshal(body, &chunks) == nil && chunks != nil
	if !streamed {
		chunks = []json.RawMessage{body}
	}
	a := answer{content: c}
	for _, chunk := range chunks {
		var out response
		// A field of an unexpected type is left empty, and the rest is read.
		_ = json.Unmarshal(chunk, &out)
		if l := a.add(&out); layout == "" {
			layout = l
		}
	}
	between := "\n\n"
	if streamed {
		between = ""
	}
	c.Completion = strings.Join(a.text, between)
	c.Reasoning = strings.Join(a.reasoning, between)
	for _, call := range a.pending {
		if len(call.written) > 0 {
			c.ToolCalls[call.position].Input = json.RawMessage(call.written)
			if !json.Valid(call.written) {
				c.ToolCalls[call.position].Input, _ = json.Marshal(string(call.written))
			}
		}
	}
	return layout
}

// answer is what has been read of an answer so far.
type answer struct {
	content         *Content
	text, reasoning []string
	pending         []*pendingCall
}

// pendingCall is a tool call whose arguments come in pieces.
type pendingCall struct {
	index    int // as the stream counts
	position int // in Content.ToolCalls
	written  []byte
}

func (a *answer) say(texts ...string) {
	for _, t := range texts {
		if t != "" {
			a.text = append(a.text, t)
		}
	}
}

func (a *answer) reason(t string) {
	if t != "" {
		a.reasoning = append(a.reasoning, t)
	}
}

func (a *answer) take(p parts) {
	a.say(p.text())
	a.reason(p.reasoning())
	a.content.ToolCalls = append(a.content.ToolCalls, p.toolCalls()...)
	for _, m := range p.media() {
		m.Output = true
		a.content.Media = append(a.content.Media, m)
	}
}

// begin notes a tool call whose arguments follow.
func (a *answer) begin(index int, call ToolCall) {
	a.pending = append(a.pending, &pendingCall{index: index, position: len(a.content.ToolCalls)})
	a.content.ToolCalls = append(a.content.ToolCalls, call)
}

// proceed adds a piece of the arguments of the call that the stream counts as index.
func (a *answer) proceed(index int, piece string) {
	for i := len(a.pending) - 1; i >= 0; i-- {
		if a.pending[i].index == index {
			a.pending[i].written = append(a.pending[i].written, piece...)
			return
		}
	}
}

// add takes up an answer or a chunk of one and names the layout that it looks like.
func (a *answer) add(out *response) (layout string) {
	switch {
	case out.Output.Message != nil:
		a.take(out.Output.Message.Content)
		return "amazon"
	case out.BlockStart != nil, out.BlockDelta != nil, out.MessageStart != nil, out.MessageStop != nil:
		a.addBlock(out)
		return "amazon"
	case out.ContentBlock != nil, out.Delta != nil, out.Content != nil, out.Completion != nil,
		strings.HasPrefix(out.Type, "message"):
		a.addAnthropic(out)
		return "anthropic"
	case out.Results != nil:
		for _, r := range out.Results {
			a.say(r.OutputText)
		}
		return "amazon"
	case out.OutputText != nil:
		a.say(*out.OutputText)
		return "amazon"
	case out.Generation != nil:
		a.say(*out.Generation)
		return "meta"
	case out.Outputs != nil:
		for _, o := range out.Outputs {
			a.say(o.Text)
		}
		return "mistral"
	case out.Choices != nil:
		for _, ch := range out.Choices {
			a.addChoice(ch)
		}
		return "openai"
	case out.Completions != nil:
		for _, done := range out.Completions {
			a.say(done.Data.Text)
		}
		return "ai21"
	case out.Embedding != nil, out.EmbeddingByType != nil:
		return "amazon"
	case out.Generations != nil, out.Text != nil, out.ToolCalls != nil, out.Finished != nil, out.Embeddings != nil:
		for _, g := range out.Generations {
			a.say(g.Text)
		}
		if out.Text != nil {
			a.say(*out.Text)
		}
		for _, call := range out.ToolCalls {
			a.content.ToolCalls = append(a.content.ToolCalls, ToolCall{call.ID, call.Name, call.Parameters})
		}
		return "cohere"
	case out.Images != nil:
		for _, image := range out.Images {
			a.content.Media = append(a.content.Media, Media{Output: true, Kind: "image", Bytes: decodedLength(image)})
		}
		return "amazon"
	}
	return ""
}

func (a *answer) addBlock(out *response) {
	if b := out.BlockStart; b != nil && b.Start.ToolUse != nil {
		a.begin(b.Index, ToolCall{ID: b.Start.ToolUse.ID, Name: b.Start.ToolUse.Name})
	}
	if b := out.BlockDelta; b != nil {
		a.say(b.Delta.Text)
		a.reason(b.Delta.Reasoned.Text)
		a.proceed(b.Index, b.Delta.ToolUse.Input)
	}
}

func (a *answer) addAnthropic(out *response) {
	a.take(out.Content)
	if out.Completion != nil {
		a.say(*out.Completion)
	}
	if b := out.ContentBlock; b != nil {
		if calls := (parts{*b}).toolCalls(); len(calls) > 0 {
			a.begin(out.Index, calls[0])
		} else {
			a.take(parts{*b})
		}
	}
	if d := out.Delta; d != nil {
		a.say(d.Text)
		a.reason(d.Thinking)
		a.proceed(out.Index, d.PartialJSON)
	}
}

func (a *answer) addChoice(ch choice) {
	a.say(ch.Text)
	if m := ch.Message; m != nil {
		a.take(m.Content)
		a.reason(m.Reasoning)
		for _, call := range m.ToolCalls {
			a.content.ToolCalls = append(a.content.ToolCalls, ToolCall{call.ID, call.Function.Name, arguments(call.Function.Arguments)})
		}
	}
	if d := ch.Delta; d != nil && ch.Index == 0 {
		a.take(d.Content)
		a.reason(d.Reasoning)
		for _, call := range d.ToolCalls {
			if call.Function.Name != "" {
				a.begin(call.Index, ToolCall{ID: call.ID, Name: call.Function.Name})
			}
			var piece string
			_ = json.Unmarshal(call.Function.Arguments, &piece)
			a.proceed(call.Index, piece)
		}
	}
}
