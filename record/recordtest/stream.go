package recordtest

// streamOutput writes what a provider's model streams: an array of its chunks.
func (w *writer) streamOutput(p *pen, c *call) {
	p.raw("[")
	switch c.model.family {
	case anthropic:
		w.streamAnthropic(p, c)
	case nova:
		p.raw(`{"messageStart":{"role":"assistant"}}`)
		w.chunks(p, c, `,{"contentBlockDelta":{"delta":{"text":"`, `"},"contentBlockIndex":0}}`)
		p.raw(`,{"contentBlockStop":{"contentBlockIndex":0}},{"messageStop":{"stopReason":"end_turn"}},{"metadata":{"usage":{"inputTokens":`)
		p.int(c.input)
		p.raw(`,"outputTokens":`)
		p.int(c.output)
		p.raw(`},"metrics":{},"trace":{}}`)
		w.endOfStream(p, c)
	case openAI, jamba:
		p.raw(`{"id":"chatcmpl-`, c.id, `","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`)
		w.chunks(p, c, `,{"id":"chatcmpl-`+c.id+`","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"`, `"},"finish_reason":null}]}`)
		p.raw(`,{"id":"chatcmpl-`, c.id, `","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]`)
		w.endOfStream(p, c)
		if c.done {
			p.raw(`,"[DONE]"`)
		}
	case titan:
		w.chunks(p, c, `{"index":0,"totalOutputTextTokenCount":null,"completionReason":null,"outputText":"`, `"},`)
		p.raw(`{"index":0,"outputText":"","completionReason":"FINISH","totalOutputTextTokenCount":`)
		p.int(c.output)
		w.endOfStream(p, c)
	case llama:
		w.chunks(p, c, `{"prompt_token_count":null,"stop_reason":null,"generation":"`, `"},`)
		p.raw(`{"generation":"","stop_reason":"stop","generation_token_count":`)
		p.int(c.output)
		w.endOfStream(p, c)
	case mistral:
		w.chunks(p, c, `{"outputs":[{"stop_reason":null,"text":"`, `"}]},`)
		p.raw(`{"outputs":[{"text":"","stop_reason":"stop"}]`)
		w.endOfStream(p, c)
	case cohere:
		w.chunks(p, c, `{"event_type":"text-generation","is_finished":false,"text":"`, `"},`)
		p.raw(`{"event_type":"stream-end","is_finished":true,"finish_reason":"COMPLETE"`)
		w.endOfStream(p, c)
	case deepseek:
		w.chunks(p, c, `{"choices":[{"stop_reason":null,"text":"`, `"}]},`)
		p.raw(`{"choices":[{"text":"","stop_reason":"stop"}]`)
		w.endOfStream(p, c)
	}
	p.raw("]")
}

func (w *writer) streamAnthropic(p *pen, c *call) {
	p.raw(`{"type":"message_start","message":{"id":"msg_bdrk_`)
	p.hex(24)
	p.raw(`","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"usage":{"input_tokens":`)
	p.int(c.input)
	p.raw(`,"cache_creation_input_tokens":`)
	p.int(c.cacheWrite)
	p.raw(`,"cache_read_input_tokens":`)
	p.int(c.cacheRead)
	p.raw(`,"output_tokens":1}}},{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`)
	w.chunks(p, c, `,{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"`, `"}}`)
	p.raw(`,{"type":"content_block_stop","index":0}`)
	stop := "end_turn"
	if c.tools && !c.intervened {
		stop = "tool_use"
		p.raw(`,{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_bdrk_`)
		p.hex(24)
		p.raw(`","name":"find_invoice","input":{}}}`,
			`,{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"number\": "}}`,
			`,{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"R-10021\"}"}}`,
			`,{"type":"content_block_stop","index":1}`)
	}
	p.raw(`,{"type":"message_delta","delta":{"stop_reason":"`, stop, `","stop_sequence":null},"usage":{"output_tokens":`)
	p.int(c.output)
	p.raw(`}},{"type":"message_stop"`)
	w.endOfStream(p, c)
}

// chunks writes the text of a completion, each piece between two others.
func (w *writer) chunks(p *pen, c *call, before, after string) {
	if c.intervened {
		p.raw(before, blocked, after)
		return
	}
	p.pieces(c.completion, func(piece string) { p.raw(before, piece, after) })
}

// endOfStream ends the last chunk with what Bedrock adds to it.
func (w *writer) endOfStream(p *pen, c *call) {
	if c.intervened {
		p.raw(`,"amazon-bedrock-guardrailAction":"INTERVENED"`)
	}
	p.raw(`,"amazon-bedrock-invocationMetrics":{"inputTokenCount":`)
	p.int(c.input)
	p.raw(`,"outputTokenCount":`)
	p.int(c.output)
	p.raw(`,"invocationLatency":`)
	p.int(int64(c.latency))
	p.raw(`,"firstByteLatency":`)
	p.int(int64(c.latency / 5))
	p.raw(`}}`)
}
