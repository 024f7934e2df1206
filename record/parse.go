package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
)

// Parse reads one line of a log object: one record, with white space around it at most.
//
// Every field may be absent or null but the two that say which call it was and when, requestId
// and timestamp. Fields come in any order; those that this package does not know are kept in
// [Record.Unknown]. The bodies are passed over: their grammar is checked, and nothing of them is decoded
// but the few values of the answer that [RateCard.Call] wants.
//
// It is an error, which says what is wrong and at which byte or field, if the line is not one
// valid JSON object from end to end (cut short, joined with another, text after it), if a field
// that AWS sets is there twice or not of its type, or if a token count is negative, fractional or
// over 63 bits. What callers choose makes a record unreadable in one way only, by nesting deeper
// than [MaxDepth]: of metadata keys that are there twice the last counts, a metadata value that is
// not text is kept as its JSON, and metadata that is not an object goes to Unknown.
func Parse(line []byte) (*Record, error) {
	p := parsers.Get().(*parser)
	defer parsers.Put(p)
	rec := new(Record)
	*p = parser{scanner: scanner{b: line}, rec: rec, texts: p.texts[:0], copied: p.copied[:0]}
	err := p.line()
	p.b, p.rec = nil, nil
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return rec, nil
}

var parsers = sync.Pool{New: func() any { return new(parser) }}

// parser gathers the text of all fields in one place, so that a record costs one string.
type parser struct {
	scanner
	rec    *Record
	seen   uint32
	texts  []text
	copied []byte
}

// text is a piece of parser.copied and where it belongs: a field, or, without one, the metadata,
// as key and value in turn.
type text struct {
	field    *string
	from, to int
}

func (p *parser) line() error {
	if c := p.peek(); c != '{' {
		if p.i >= len(p.b) {
			return errors.New("the line is empty")
		}
		return p.fail("an object")
	}
	if err := p.members(p.top); err != nil {
		return err
	}
	if p.peek(); p.i < len(p.b) {
		return p.fail("the end of the line")
	}
	p.settle()
	switch r := p.rec; {
	case r.RequestID == "":
		return errors.New("requestId: missing; a call without it cannot be told from others")
	case r.Timestamp.IsZero():
		return errors.New("timestamp: missing; a call without it belongs to no hour")
	}
	return nil
}

// Fields that are there once at most, as bits of parser.seen.
const (
	seenSchemaType = 1 << iota
	seenSchemaVersion
	seenTimestamp
	seenAccountID
	seenRegion
	seenRequestID
	seenOperation
	seenModelID
	seenIdentity
	seenARN
	seenErrorCode
	seenInferenceRegion
	seenMetadata
	seenInput
	seenInputType
	seenInputBody
	seenInputPath
	seenInputTokens
	seenCacheRead
	seenCacheWrite
	seenOutput
	seenOutputType
	seenOutputBody
	seenOutputPath
	seenOutputTokens
)

func (p *parser) top(key []byte) error {
	r := p.rec
	switch string(key) {
	case "schemaType":
		return p.textField(seenSchemaType, "schemaType", &r.SchemaType)
	case "schemaVersion":
		return p.textField(seenSchemaVersion, "schemaVersion", &r.SchemaVersion)
	case "timestamp":
		return p.timeField(seenTimestamp, "timestamp", &r.Timestamp)
	case "accountId":
		return p.textField(seenAccountID, "accountId", &r.AccountID)
	case "region":
		return p.textField(seenRegion, "region", &r.Region)
	case "requestId":
		return p.textField(seenRequestID, "requestId", &r.RequestID)
	case "operation":
		return p.textField(seenOperation, "operation", &r.Operation)
	case "modelId":
		return p.textField(seenModelID, "modelId", &r.ModelID)
	case "errorCode":
		return p.textField(seenErrorCode, "errorCode", &r.ErrorCode)
	case "inferenceRegion":
		return p.textField(seenInferenceRegion, "inferenceRegion", &r.InferenceRegion)
	case "identity":
		return p.objectField(seenIdentity, "identity", p.identity)
	case "input":
		return p.objectField(seenInput, "input", p.input)
	case "output":
		return p.objectField(seenOutput, "output", p.output)
	case "requestMetadata":
		if p.peek() == '{' {
			return p.objectField(seenMetadata, "requestMetadata", p.metadata)
		}
	}
	return p.unknown("", key)
}

func (p *parser) identity(key []byte) error {
	if string(key) == "arn" {
		return p.textField(seenARN, "identity.arn", &p.rec.IdentityARN)
	}
	return p.unknown("identity.", key)
}

func (p *parser) input(key []byte) error {
	in := &p.rec.Input
	switch string(key) {
	case "inputContentType":
		return p.textField(seenInputType, "input.inputContentType", &in.ContentType)
	case "inputBodyJson":
		return p.bodyField(seenInputBody, "input.inputBodyJson", &in.Body, p.skip)
	case "inputBodyS3Path":
		return p.textField(seenInputPath, "input.inputBodyS3Path", &in.BodyS3Path)
	case "inputTokenCount":
		return p.countField(seenInputTokens, "input.inputTokenCount", &in.Tokens)
	case "cacheReadInputTokenCount":
		return p.countField(seenCacheRead, "input.cacheReadInputTokenCount", &in.CacheReadTokens)
	case "cacheWriteInputTokenCount":
		return p.countField(seenCacheWrite, "input.cacheWriteInputTokenCount", &in.CacheWriteTokens)
	}
	return p.unknown("input.", key)
}

func (p *parser) output(key []byte) error {
	out := &p.rec.Output
	switch string(key) {
	case "outputContentType":
		return p.textField(seenOutputType, "output.outputContentType", &out.ContentType)
	case "outputBodyJson":
		return p.bodyField(seenOutputBody, "output.outputBodyJson", &out.Body, func() (err error) {
			p.rec.answer, err = p.outcome()
			return err
		})
	case "outputBodyS3Path":
		return p.textField(seenOutputPath, "output.outputBodyS3Path", &out.BodyS3Path)
	case "outputTokenCount":
		return p.countField(seenOutputTokens, "output.outputTokenCount", &out.Tokens)
	}
	return p.unknown("output.", key)
}

func (p *parser) metadata(key []byte) error {
	if p.peek() == 'n' {
		return p.skip()
	}
	p.add(nil, key, false)
	if p.peek() == '"' {
		raw, escaped, err := p.text()
		if err == nil {
			p.add(nil, raw, escaped)
		}
		return err
	}
	from := p.i
	if err := p.skip(); err != nil {
		return err
	}
	p.add(nil, p.b[from:p.i], false)
	return nil
}

func (p *parser) unknown(path string, key []byte) error {
	from := p.i
	if err := p.skip(); err != nil {
		return err
	}
	if p.rec.Unknown == nil {
		p.rec.Unknown = map[string]json.RawMessage{}
	}
	p.rec.Unknown[path+string(key)] = p.b[from:p.i:p.i]
	return nil
}

// absent notes that a field was seen and passes over a null.
func (p *parser) absent(field uint32, name string) (bool, error) {
	if p.seen&field != 0 {
		return false, fmt.Errorf("%s: at byte %d for the second time", name, p.i)
	}
	p.seen |= field
	if !p.at('n') {
		return false, nil
	}
	return true, p.skip()
}

func (p *parser) objectField(field uint32, name string, f func(key []byte) error) error {
	if null, err := p.absent(field, name); null || err != nil {
		return err
	}
	if !p.at('{') {
		return fmt.Errorf("%s: %w", name, p.fail("an object"))
	}
	return p.members(f)
}

func (p *parser) textField(field uint32, name string, to *string) error {
	if null, err := p.absent(field, name); null || err != nil {
		return err
	}
	if !p.at('"') {
		return fmt.Errorf("%s: %w", name, p.fail("a string"))
	}
	raw, escaped, err := p.text()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.add(to, raw, escaped)
	return nil
}

func (p *parser) timeField(field uint32, name string, to *time.Time) error {
	if null, err := p.absent(field, name); null || err != nil {
		return err
	}
	if !p.at('"') {
		return fmt.Errorf("%s: %w", name, p.fail("a string"))
	}
	raw, _, err := p.text()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := to.UnmarshalText(raw); err != nil {
		return fmt.Errorf("%s: got %q; want RFC 3339, such as 2026-03-01T09:30:00Z", name, raw)
	}
	*to = to.UTC()
	return nil
}

func (p *parser) bodyField(field uint32, name string, to *json.RawMessage, pass func() error) error {
	if null, err := p.absent(field, name); null || err != nil {
		return err
	}
	from := p.i
	if err := pass(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	*to = p.b[from:p.i:p.i]
	return nil
}

func (p *parser) countField(field uint32, name string, to **int64) error {
	if null, err := p.absent(field, name); null || err != nil {
		return err
	}
	from := p.i
	if err := p.skip(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	n, ok := count(p.b[from:p.i])
	if !ok {
		return fmt.Errorf("%s: got %.40s at byte %d; want a whole number from 0 to 2^63-1", name, p.b[from:p.i], from)
	}
	*to = &n
	return nil
}

// count reads a whole number that is written with digits alone.
func count(raw []byte) (int64, bool) {
	if len(raw) == 0 || raw[0] < '0' || raw[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}

// add keeps a piece of text, as valid UTF-8.
func (p *parser) add(field *string, raw []byte, escaped bool) {
	if escaped {
		raw = unescape(raw)
	} else if !utf8.Valid(raw) {
		raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	from := len(p.copied)
	p.copied = append(p.copied, raw...)
	p.texts = append(p.texts, text{field, from, len(p.copied)})
}

// settle puts the text where it belongs.
func (p *parser) settle() {
	all := string(p.copied)
	for i := 0; i < len(p.texts); i++ {
		t := p.texts[i]
		if t.field != nil {
			*t.field = all[t.from:t.to]
			continue
		}
		if p.rec.Metadata == nil {
			p.rec.Metadata = make(map[string]string)
		}
		i++
		p.rec.Metadata[all[t.from:t.to]] = all[p.texts[i].from:p.texts[i].to]
	}
}

// unescape decodes what is between the quotes of a string that has escape sequences.
func unescape(raw []byte) []byte {
	quoted := make([]byte, 0, len(raw)+2)
	quoted = append(append(append(quoted, '"'), raw...), '"')
	var decoded string
	if json.Unmarshal(quoted, &decoded) != nil {
		return raw
	}
	return []byte(decoded)
}
