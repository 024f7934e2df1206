package filterpattern

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
)

// result is what is known of a condition.
type result int

const (
	no result = iota
	yes
	// mismatch is a selected array or object: the pattern does not fit the event.
	mismatch
	// open is decided by undocumented behaviour.
	open
)

type expression interface{ evaluate(document any) result }

type either struct{ left, right expression }

func (e either) evaluate(document any) result {
	l, r := e.left.evaluate(document), e.right.evaluate(document)
	switch {
	case l == mismatch && r == yes, l == yes && r == mismatch:
		// Either the alternative matches, or nothing fits the event.
		return open
	case l == yes || r == yes:
		return yes
	case l == open || r == open:
		return open
	case l == mismatch || r == mismatch:
		return mismatch
	default:
		return no
	}
}

type both struct{ left, right expression }

func (b both) evaluate(document any) result {
	l, r := b.left.evaluate(document), b.right.evaluate(document)
	switch {
	case l == mismatch || r == mismatch:
		return mismatch
	case l == no || r == no:
		return no
	case l == open || r == open:
		return open
	default:
		return yes
	}
}

// absence is NOT EXISTS.
type absence struct{ from selector }

func (a absence) evaluate(document any) result {
	found, wild := a.from.find(document)
	switch {
	case wild:
		return open
	case len(found) == 0:
		return yes
	default:
		return no
	}
}

// identity is IS NULL, IS TRUE and IS FALSE.
type identity struct {
	from  selector
	value any
}

func (i identity) evaluate(document any) result {
	found, wild := i.from.find(document)
	switch {
	case wild:
		return open
	case len(found) == 0:
		return no
	}
	switch found[0].(type) {
	case map[string]any, []any:
		return mismatch
	}
	if found[0] == i.value {
		return yes
	}
	return no
}

type comparison struct {
	from     selector
	operator string
	value    operand
}

func (c comparison) evaluate(document any) result {
	found, wild := c.from.find(document)
	if wild {
		return c.any(found)
	}
	if len(found) == 0 {
		if c.operator == "!=" {
			return open
		}
		return no
	}
	return c.compare(found[0])
}

// any tells whether one of several values matches.
func (c comparison) any(values []any) result {
	if c.operator != "=" {
		return open
	}
	worst := no
	for _, v := range values {
		switch c.compare(v) {
		case yes:
			return yes
		case open:
			worst = open
		}
	}
	return worst
}

func (c comparison) compare(value any) result {
	switch v := value.(type) {
	case map[string]any, []any:
		return mismatch
	case string:
		if c.value.number != nil {
			return open
		}
		return c.equality(c.value.matches(v))
	case json.Number:
		switch {
		case c.value.number != nil:
			n, err := v.Float64()
			if err != nil {
				return open
			}
			return c.order(n)
		case c.value.quoted || c.value.regex != nil:
			return open
		default:
			return c.equality(c.value.matches(v.String()))
		}
	default: // a boolean or null
		return open
	}
}

func (c comparison) equality(same bool) result {
	if same == (c.operator == "=") {
		return yes
	}
	return no
}

func (c comparison) order(n float64) result {
	limit := *c.value.number
	holds := map[string]bool{
		"=": n == limit, "!=": n != limit,
		"<": n < limit, "<=": n <= limit, ">": n > limit, ">=": n >= limit,
	}
	if holds[c.operator] {
		return yes
	}
	return no
}

// operand is the right-hand side of a comparison.
type operand struct {
	text   string
	quoted bool
	number *float64       // nil: not one
	regex  *regexp.Regexp // nil: not one
}

// matches compares text. An asterisk at the beginning or the end stands for any
// text, and for itself in between.
func (o operand) matches(text string) bool {
	if o.regex != nil {
		return o.regex.MatchString(text)
	}
	if strings.Trim(o.text, "*") == "" && o.text != "" {
		return true
	}
	core := o.text
	before, after := strings.HasPrefix(core, "*"), strings.HasSuffix(core, "*")
	core = strings.TrimSuffix(strings.TrimPrefix(core, "*"), "*")
	switch {
	case before && after:
		return strings.Contains(text, core)
	case before:
		return strings.HasSuffix(text, core)
	case after:
		return strings.HasPrefix(text, core)
	default:
		return text == core
	}
}

// find lists what the selector points to. wild tells that it may be several.
func (s selector) find(document any) (found []any, wild bool) {
	found = []any{document}
	for _, step := range s.steps {
		wild = wild || step.wild()
		var next []any
		for _, value := range found {
			next = append(next, step.from(value)...)
		}
		found = next
	}
	return found, wild
}

func (s step) from(value any) []any {
	switch v := value.(type) {
	case map[string]any:
		if s.anyMember {
			var all []any
			for _, member := range v {
				all = append(all, member)
			}
			return all
		}
		if member, ok := v[s.name]; ok && s.index < 0 && !s.anyElement {
			return []any{member}
		}
	case []any:
		if s.anyElement {
			return v
		}
		if s.index >= 0 && s.index < len(v) {
			return []any{v[s.index]}
		}
	}
	return nil
}

// decode reads an event that is one JSON object.
func decode(event string) (document any, ok bool) {
	d := json.NewDecoder(strings.NewReader(event))
	d.UseNumber()
	if err := d.Decode(&document); err != nil {
		return nil, false
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, false
	}
	_, ok = document.(map[string]any)
	return document, ok
}
