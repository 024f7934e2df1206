package recordtest

import "time"

// record writes the record of a call as one line, and its side files.
func (w *writer) record(c *call) error {
	sections := [...]func(*call) error{w.who, w.metadata, w.in, w.out, w.served}
	order := [...]int{0, 1, 2, 3, 4}
	switch w.random.IntN(10) { // fields are in no fixed order
	case 0:
		order = [...]int{4, 0, 3, 2, 1}
	case 1:
		order = [...]int{2, 3, 1, 0, 4}
	}
	w.raw("{")
	for i, section := range order {
		before := len(w.b)
		if i > 0 {
			w.raw(",")
		}
		start := len(w.b)
		if err := sections[section](c); err != nil {
			return err
		}
		if len(w.b) == start {
			w.b = w.b[:before]
		}
	}
	if w.b[1] == ',' { // the first section was empty
		w.b = append(w.b[:1], w.b[2:]...)
	}
	w.raw("}")
	return nil
}

func (w *writer) who(c *call) error {
	w.raw(`"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"`)
	w.b = c.at.AppendFormat(w.b, time.RFC3339)
	w.raw(`","accountId":"`, c.account, `","identity":{"arn":"`, c.caller.arn, `"},"region":"`, c.region,
		`","requestId":"`, c.id, `","operation":"`, c.operation.name(), `","modelId":"`, c.modelID, `"`)
	if c.errorCode != "" {
		w.raw(`,"errorCode":"`, c.errorCode, `"`)
	}
	if c.unknown {
		w.raw(`,"serviceTier":{"requested":"priority","served":"default"}`)
	}
	return nil
}

func (w *writer) served(c *call) error {
	if c.servedIn != "" {
		w.raw(`"inferenceRegion":"`, c.servedIn, `"`)
	}
	return nil
}

func (w *writer) metadata(c *call) error {
	pairs := [...]struct{ key, value string }{
		{"user_id", c.user}, {"task_type", c.task}, {"kb_id", c.kb}, {"request_id", c.business},
	}
	open := `"requestMetadata":{`
	write := func(key, value string) {
		w.raw(open, `"`, key, `":"`, value, `"`)
		open = ","
	}
	for _, pair := range pairs {
		if pair.value != "" {
			write(pair.key, pair.value)
		}
	}
	if c.otherKey {
		write("tenant", "blue team/eu")
	}
	if open == "," {
		w.raw("}")
	}
	return nil
}

func (w *writer) in(c *call) error {
	if c.errorCode != "" && c.bare {
		w.raw(`"input":{}`)
		return nil
	}
	w.raw(`"input":{"inputContentType":"application/json"`)
	if err := w.body(c, c.large, "input", w.inputBody); err != nil {
		return err
	}
	if c.counted {
		w.raw(`,"inputTokenCount":`)
		w.int(c.input)
	}
	if c.cacheRead+c.cacheWrite > 0 {
		w.raw(`,"cacheReadInputTokenCount":`)
		w.int(c.cacheRead)
		w.raw(`,"cacheWriteInputTokenCount":`)
		w.int(c.cacheWrite)
	}
	if c.unknown {
		w.raw(`,"inputTokenDetails":{"audio":0}`)
	}
	w.raw("}")
	return nil
}

func (w *writer) out(c *call) error {
	if c.errorCode != "" {
		if !c.bare {
			w.raw(`"output":{"outputContentType":"application/json"}`)
		} else if w.random.IntN(2) == 0 {
			w.raw(`"output":{}`)
		}
		return nil
	}
	w.raw(`"output":{"outputContentType":"application/json"`)
	if err := w.body(c, c.largeOut, "output", w.outputBody); err != nil {
		return err
	}
	if !c.model.family.embeds() {
		w.raw(`,"outputTokenCount":`)
		w.int(c.output)
	}
	w.raw("}")
	return nil
}

// body writes a body into the record, or into a side file that the record
// points to.
func (w *writer) body(c *call, aside bool, side string, write func(*pen, *call) error) error {
	switch {
	case w.traffic.MetadataOnly:
		return nil
	case !aside:
		w.raw(`,"`, side, `BodyJson":`)
		return write(&w.pen, c)
	}
	w.side.b = w.side.b[:0]
	if err := write(&w.side, c); err != nil {
		return err
	}
	path, err := w.deliverSide(c, "_"+side+".json.gz")
	w.raw(`,"`, side, `BodyS3Path":"`, path, `"`)
	return err
}
