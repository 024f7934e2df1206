package recordtest

// blocked is what a guardrail answers with.
const blocked = "Sorry, this is not something that the assistant can help with."

const converseTools = `,"toolConfig":{"tools":[{"toolSpec":{"name":"find_invoice","description":"Finds an invoice by its number or by the customer's name.","inputSchema":{"json":{"type":"object","properties":{"number":{"type":"string","description":"The number, as printed on the invoice"},"customer":{"type":"string"},"since":{"type":"string","format":"date"}},"required":["number"]}}}},{"toolSpec":{"name":"book_payment","description":"Books a payment on an invoice.","inputSchema":{"json":{"type":"object","properties":{"requestId":{"type":"string"},"amount":{"type":"number"},"currency":{"type":"string","enum":["EUR","USD"]}},"required":["requestId","amount"]}}}}],"toolChoice":{"auto":{}}}`

// inputBody writes the body of a request.
func (w *writer) inputBody(p *pen, c *call) error {
	if !c.operation.converses() {
		w.invokeInput(p, c)
		return nil
	}
	p.raw(`{"messages":[{"role":"user","content":[`)
	if c.media {
		if err := w.document(p, c); err != nil {
			return err
		}
	}
	p.raw(`{"text":"`)
	w.question(p, c)
	p.raw(`"}]}]`)
	if c.system {
		p.raw(`,"system":[{"text":"`, w.system(c), `"}`)
		if c.cacheRead+c.cacheWrite > 0 {
			p.raw(`,{"cachePoint":{"type":"default"}}`)
		}
		p.raw("]")
	}
	p.raw(`,"inferenceConfig":{"maxTokens":2048,"temperature":0.2}`)
	if c.tools {
		p.raw(converseTools)
	}
	if c.intervened {
		p.raw(`,"guardrailConfig":{"guardrailIdentifier":"gr8a1b2c3d4e","guardrailVersion":"3","trace":"enabled"}`)
	}
	p.raw("}")
	return nil
}

// document writes a document whose content is a side file.
func (w *writer) document(p *pen, c *call) error {
	w.side.b = append(w.side.b[:0], "%PDF-1.7\n"...)
	w.side.text(2000)
	path, err := w.deliverSide(c, "_input_media_00.pdf")
	p.raw(`{"document":{"format":"pdf","name":"scanned page","source":{"s3Location":{"uri":"`, path, `"}}}},`)
	return err
}

// question writes the text of a prompt.
func (w *writer) question(p *pen, c *call) {
	if c.context {
		p.raw(`Answer from these passages only.\n\n`)
		p.text(4500)
		p.raw(`\n\nQuestion: `)
	}
	p.text(c.prompt)
}

// system is the system prompt of a task, the same for all its calls.
func (w *writer) system(c *call) string {
	for i, task := range tasks {
		if task == c.task {
			return w.systems[i]
		}
	}
	return w.systems[len(tasks)]
}

func (w *writer) outputBody(p *pen, c *call) error {
	if !c.operation.converses() {
		if c.operation == invokeModelStream {
			w.streamOutput(p, c)
		} else {
			w.invokeOutput(p, c)
		}
		return nil
	}
	stop := "end_turn"
	p.raw(`{"output":{"message":{"role":"assistant","content":[`)
	switch {
	case c.intervened:
		stop = "guardrail_intervened"
		p.raw(`{"text":"`, blocked, `"}`)
	case c.tools:
		stop = "tool_use"
		p.raw(`{"text":"`)
		p.text(c.completion / 4)
		p.raw(`"},{"toolUse":{"toolUseId":"tooluse_`)
		p.hex(22)
		p.raw(`","name":"find_invoice","input":{"number":"R-`)
		p.int(int64(p.random.IntN(1e6)))
		p.raw(`","requestId":"not-an-id","customer":"Café Müller"}}}`)
	default:
		if c.completion > 1500 && c.model.family == anthropic {
			p.raw(`{"reasoningContent":{"reasoningText":{"text":"`)
			p.text(c.completion / 3)
			p.raw(`","signature":"`)
			p.hex(64)
			p.raw(`"}}},`)
		}
		if p.random.IntN(20) == 0 {
			stop = "max_tokens"
		}
		p.raw(`{"text":"`)
		p.text(c.completion)
		p.raw(`"}`)
	}
	p.raw(`]}},"stopReason":"`, stop, `","metrics":{"latencyMs":`)
	p.int(int64(c.latency))
	p.raw(`},"usage":{"inputTokens":`)
	p.int(c.input)
	p.raw(`,"outputTokens":`)
	p.int(c.output)
	p.raw(`,"totalTokens":`)
	p.int(c.input + c.output + c.cacheRead + c.cacheWrite)
	if c.cacheRead+c.cacheWrite > 0 {
		p.raw(`,"cacheReadInputTokens":`)
		p.int(c.cacheRead)
		p.raw(`,"cacheWriteInputTokens":`)
		p.int(c.cacheWrite)
	}
	p.raw("}")
	if c.intervened {
		p.raw(`,"trace":{"guardrail":{"inputAssessment":{"gr8a1b2c3d4e":{"topicPolicy":{"topics":[{"name":"Investment advice","type":"DENY","action":"BLOCKED"}]}}}}}`)
	}
	p.raw("}")
	return nil
}
