package filterpattern

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUndocumented is the error of an evaluation that hangs on behaviour which
// AWS does not document.
var ErrUndocumented = errors.New("the result hangs on undocumented behaviour of CloudWatch Logs")

// maxLength is that of a pattern in characters (CloudWatch Logs API reference,
// "PutMetricFilter").
const maxLength = 1024

// Pattern is a filter pattern.
type Pattern struct {
	text  string
	json  expression // nil for terms
	terms terms
}

// Parse reads a pattern. The error says what CloudWatch Logs would refuse, or
// what this package cannot evaluate.
func Parse(text string) (*Pattern, error) {
	p := &Pattern{text: text}
	trimmed := strings.TrimSpace(text)
	var err error
	switch {
	case len([]rune(text)) > maxLength:
		err = fmt.Errorf("has %d characters, more than %d", len([]rune(text)), maxLength)
	case strings.HasPrefix(trimmed, "{"):
		p.json, err = parseJSON(trimmed)
	case strings.HasPrefix(trimmed, "["):
		err = errors.New("is for space-delimited events, which this package does not evaluate")
	default:
		p.terms, err = parseTerms(trimmed)
	}
	if err != nil {
		return nil, fmt.Errorf("filter pattern %s: %w", text, err)
	}
	return p, nil
}

// Match tells whether the pattern matches a log event. Its error is
// ErrUndocumented.
func (p *Pattern) Match(event string) (bool, error) {
	if p.json == nil {
		return p.terms.match(event), nil
	}
	document, ok := decode(event)
	if !ok {
		return false, nil
	}
	switch p.json.evaluate(document) {
	case yes:
		return true, nil
	case open:
		return false, fmt.Errorf("filter pattern %s on %s: %w", p.text, event, ErrUndocumented)
	default:
		return false, nil
	}
}
