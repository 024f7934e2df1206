package recordtest

const anthropicTools = `,"tools":[{"name":"find_invoice","description":"Finds an invoice by its number.","input_schema":{"type":"object","properties":{"number":{"type":"string"},"customer":{"type":"string"}},"required":["number"]}}]`

// invokeInput writes what a provider's model takes.
func (w *writer) invokeInput(p *pen, c *call) {
	switch c.model.family {
	case anthropic:
		p.raw(`{"anthropic_version":"bedrock-2023-05-31","max_tokens":2048,`)
		if c.system {
			p.raw(`"system":[{"type":"text","text":"`, w.system(c), `"`)
			if c.cacheRead+c.cacheWrite > 0 {
				p.raw(`,"cache_control":{"type":"ephemeral"}`)
			}
			p.raw(`}],`)
		}
		p.raw(`"messages":[{"role":"user","content":[{"type":"text","text":"`)
		w.question(p, c)
		p.raw(`"}]}]`)
		if c.tools {
			p.raw(anthropicTools)
		}
		p.raw(`}`)
	case nova:
		p.raw(`{"schemaVersion":"messages-v1",`)
		if c.system {
			p.raw(`"system":[{"text":"`, w.system(c), `"}],`)
		}
		p.raw(`"messages":[{"role":"user","content":[{"text":"`)
		w.question(p, c)
		p.raw(`"}]}],"inferenceConfig":{"maxTokens":2048,"topP":0.9}}`)
	case titan:
		p.raw(`{"inputText":"User: `)
		w.question(p, c)
		p.raw(`\nBot:","textGenerationConfig":{"maxTokenCount":2048,"stopSequences":[],"temperature":0.3,"topP":0.9}}`)
	case llama:
		p.raw(`{"prompt":"\u003c|begin_of_text|\u003e\u003c|start_header_id|\u003euser\u003c|end_header_id|\u003e\n\n`)
		w.question(p, c)
		p.raw(`\u003c|eot_id|\u003e","max_gen_len":2048,"temperature":0.5,"top_p":0.9}`)
	case mistral:
		p.raw(`{"prompt":"<s>[INST] `)
		w.question(p, c)
		p.raw(` [/INST]","max_tokens":2048,"temperature":0.5}`)
	case cohere:
		p.raw(`{"message":"`)
		w.question(p, c)
		p.raw(`","chat_history":[{"role":"USER","message":"Hello"},{"role":"CHATBOT","message":"Hello, what is it about?"}],"max_tokens":2048`)
		if c.system {
			p.raw(`,"preamble":"`, w.system(c), `"`)
		}
		p.raw(`}`)
	case jamba, openAI:
		p.raw(`{"messages":[`)
		if c.system {
			p.raw(`{"role":"system","content":"`, w.system(c), `"},`)
		}
		p.raw(`{"role":"user","content":"`)
		w.question(p, c)
		if c.model.family == openAI {
			p.raw(`"}],"max_completion_tokens":2048,"model":"`, c.model.id, `"}`)
		} else {
			p.raw(`"}],"max_tokens":2048,"temperature":0.4}`)
		}
	case deepseek:
		p.raw(`{"prompt":"<｜begin▁of▁sentence｜><｜User｜>`)
		w.question(p, c)
		p.raw(`<｜Assistant｜><think>\n","max_tokens":2048,"temperature":0.5}`)
	case titanEmbedding:
		p.raw(`{"inputText":"`)
		p.text(c.prompt)
		p.raw(`","dimensions":256,"normalize":true}`)
	case cohereEmbedding:
		p.raw(`{"texts":["`)
		p.text(c.prompt)
		p.raw(`"],"input_type":"search_document","truncate":"END"}`)
	}
}

// invokeOutput writes what a provider's model gives, in one piece.
func (w *writer) invokeOutput(p *pen, c *call) {
	switch c.model.family {
	case anthropic:
		p.raw(`{"id":"msg_bdrk_`)
		p.hex(24)
		p.raw(`","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"`)
		w.answer(p, c)
		p.raw(`"}`)
		stop := "end_turn"
		if c.tools && !c.intervened {
			stop = "tool_use"
			p.raw(`,{"type":"tool_use","id":"toolu_bdrk_`)
			p.hex(24)
			p.raw(`","name":"find_invoice","input":{"number":"R-10021","customer":"Nováková, s.r.o."}}`)
		}
		p.raw(`],"stop_reason":"`, stop, `","stop_sequence":null,"usage":{"input_tokens":`)
		p.int(c.input)
		p.raw(`,"cache_creation_input_tokens":`)
		p.int(c.cacheWrite)
		p.raw(`,"cache_read_input_tokens":`)
		p.int(c.cacheRead)
		p.raw(`,"output_tokens":`)
		p.int(c.output)
		p.raw(`}`)
	case nova:
		p.raw(`{"output":{"message":{"content":[{"text":"`)
		w.answer(p, c)
		p.raw(`"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":`)
		p.int(c.input)
		p.raw(`,"outputTokens":`)
		p.int(c.output)
		p.raw(`,"totalTokens":`)
		p.int(c.input + c.output)
		p.raw(`}`)
	case titan:
		p.raw(`{"inputTextTokenCount":`)
		p.int(c.input)
		p.raw(`,"results":[{"tokenCount":`)
		p.int(c.output)
		p.raw(`,"outputText":"`)
		w.answer(p, c)
		p.raw(`","completionReason":"FINISH"}]`)
	case llama:
		p.raw(`{"generation":"`)
		w.answer(p, c)
		p.raw(`","prompt_token_count":`)
		p.int(c.input)
		p.raw(`,"generation_token_count":`)
		p.int(c.output)
		p.raw(`,"stop_reason":"stop"`)
	case mistral:
		p.raw(`{"outputs":[{"text":"`)
		w.answer(p, c)
		p.raw(`","stop_reason":"stop"}]`)
	case cohere:
		p.raw(`{"response_id":"`, c.id, `","text":"`)
		w.answer(p, c)
		p.raw(`","generation_id":"`, c.id, `","finish_reason":"COMPLETE"`)
	case jamba, openAI:
		p.raw(`{"id":"chatcmpl-`, c.id, `","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"`)
		w.answer(p, c)
		p.raw(`"},"finish_reason":"stop"}],"usage":{"prompt_tokens":`)
		p.int(c.input)
		p.raw(`,"completion_tokens":`)
		p.int(c.output)
		p.raw(`,"total_tokens":`)
		p.int(c.input + c.output)
		p.raw(`}`)
	case deepseek:
		p.raw(`{"choices":[{"text":"`)
		w.answer(p, c)
		p.raw(`","stop_reason":"stop"}]`)
	case titanEmbedding:
		p.raw(`{"embedding":`)
		p.vector(256)
		p.raw(`,"inputTextTokenCount":`)
		p.int(c.input)
	case cohereEmbedding:
		p.raw(`{"id":"`, c.id, `","embeddings":[`)
		p.vector(384)
		p.raw(`],"response_type":"embeddings_floats"`)
	}
	if c.intervened {
		p.raw(`,"amazon-bedrock-guardrailAction":"INTERVENED","amazon-bedrock-trace":{"guardrail":{"input":{"gr8a1b2c3d4e":{"contentPolicy":{"filters":[{"type":"MISCONDUCT","confidence":"HIGH","action":"BLOCKED"}]}}}}}`)
	}
	p.raw(`}`)
}

// answer writes the text of a completion.
func (w *writer) answer(p *pen, c *call) {
	if c.intervened {
		p.raw(blocked)
		return
	}
	p.text(c.completion)
}
