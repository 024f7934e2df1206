package filterpattern

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Quotas of the user guide.
const (
	maxWildcardsOfSelector = 1
	maxWildcards           = 3
	maxRegexes             = 2
)

// parser reads a pattern for JSON events. rest is what is still to be read.
type parser struct {
	rest               string
	wildcards, regexes int
}

func parseJSON(text string) (expression, error) {
	if !strings.HasSuffix(text, "}") {
		return nil, errors.New("starts with { and does not end with }")
	}
	p := &parser{rest: text[1 : len(text)-1]}
	found, err := p.or()
	switch {
	case err != nil:
		return nil, err
	case strings.TrimSpace(p.rest) != "":
		return nil, fmt.Errorf("has %s where && or || is expected", strings.TrimSpace(p.rest))
	case p.wildcards > maxWildcards:
		return nil, fmt.Errorf("has %d wildcard selectors, more than %d", p.wildcards, maxWildcards)
	case p.regexes > maxRegexes:
		return nil, fmt.Errorf("has %d regular expressions, more than %d", p.regexes, maxRegexes)
	}
	return found, nil
}

// take reads a token if it is next.
func (p *parser) take(token string) bool {
	trimmed := strings.TrimLeft(p.rest, " \t\n")
	if !strings.HasPrefix(trimmed, token) {
		return false
	}
	p.rest = trimmed[len(token):]
	return true
}

// takeMatch reads what the expression, anchored at its beginning, finds.
func (p *parser) takeMatch(re *regexp.Regexp) string {
	trimmed := strings.TrimLeft(p.rest, " \t\n")
	found := re.FindString(trimmed)
	if found != "" {
		p.rest = trimmed[len(found):]
	}
	return found
}

func (p *parser) or() (expression, error) {
	left, err := p.and()
	for err == nil && p.take("||") {
		var right expression
		right, err = p.and()
		left = either{left, right}
	}
	return left, err
}

func (p *parser) and() (expression, error) {
	left, err := p.primary()
	for err == nil && p.take("&&") {
		var right expression
		right, err = p.primary()
		left = both{left, right}
	}
	return left, err
}

func (p *parser) primary() (expression, error) {
	if !p.take("(") {
		return p.condition()
	}
	inner, err := p.or()
	if err == nil && !p.take(")") {
		err = errors.New("has a parenthesis that is not closed")
	}
	return inner, err
}

var (
	operatorToken = regexp.MustCompile(`^(?:!=|<=|>=|=|<|>)`)
	bareToken     = regexp.MustCompile(`^[^\s()&|{}"]+`)
	bareValue     = regexp.MustCompile(`^[A-Za-z0-9_.*+-]+$`)
	number        = regexp.MustCompile(`^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$`)
)

func (p *parser) condition() (expression, error) {
	from, err := p.selector()
	if err != nil {
		return nil, err
	}
	switch {
	case p.take("NOT EXISTS"):
		return absence{from}, nil
	case p.take("IS NOT"), p.take("EXISTS"):
		return nil, errors.New("has IS NOT or EXISTS, which are not supported")
	case p.take("IS NULL"):
		return identity{from, nil}, nil
	case p.take("IS TRUE"):
		return identity{from, true}, nil
	case p.take("IS FALSE"):
		return identity{from, false}, nil
	}
	operator := p.takeMatch(operatorToken)
	if operator == "" {
		return nil, fmt.Errorf("has no operator after the selector %s", from.text)
	}
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	if operator != "=" && operator != "!=" && value.number == nil {
		return nil, fmt.Errorf("compares %s by %s with %q, which is no number", from.text, operator, value.text)
	}
	return comparison{from, operator, value}, nil
}

func (p *parser) value() (operand, error) {
	switch {
	case p.take(`"`):
		text, rest, err := unquote(`"` + p.rest)
		p.rest = rest
		return operand{text: text, quoted: true}, err
	case p.take("%"):
		source, rest, closed := strings.Cut(p.rest, "%")
		if !closed {
			return operand{}, errors.New("has a percent sign that is not closed")
		}
		p.rest = rest
		p.regexes++
		regex, err := compile(source)
		return operand{text: source, regex: regex}, err
	}
	bare := p.takeMatch(bareToken)
	if !bareValue.MatchString(bare) {
		return operand{}, fmt.Errorf("has the value %q, which needs quotation marks", bare)
	}
	v := operand{text: bare}
	if number.MatchString(bare) {
		n, err := strconv.ParseFloat(bare, 64)
		if err != nil {
			return operand{}, err
		}
		v.number = &n
	}
	return v, nil
}

// selector is a path into a JSON document.
type selector struct {
	text  string
	steps []step
}

// step is the name of a member, the index of an element, or any of them.
type step struct {
	name       string
	index      int // -1: name counts
	anyElement bool
	anyMember  bool
}

func (s step) wild() bool { return s.anyElement || s.anyMember }

var stepToken = regexp.MustCompile(`^(?:\.?\['([^']+)'\]|\.([A-Za-z0-9_-]+)|\.(\*)|\[(\d+)\]|\[(\*)\])`)

func (p *parser) selector() (selector, error) {
	if !p.take("$") {
		return selector{}, fmt.Errorf("has %q where a selector is expected, which starts with $.", strings.TrimSpace(p.rest))
	}
	s := selector{text: "$"}
	wildcards := 0
	for {
		found := stepToken.FindStringSubmatch(p.rest)
		if found == nil {
			break
		}
		p.rest = p.rest[len(found[0]):]
		s.text += found[0]
		next := step{name: found[1] + found[2], index: -1, anyMember: found[3] != "", anyElement: found[5] != ""}
		if found[4] != "" {
			var err error
			if next.index, err = strconv.Atoi(found[4]); err != nil {
				return s, err
			}
		}
		if next.wild() {
			wildcards++
		}
		s.steps = append(s.steps, next)
	}
	p.wildcards += wildcards
	switch {
	case len(s.steps) == 0:
		return s, fmt.Errorf("has the selector $%s, which names no field", strings.TrimSpace(p.rest))
	case wildcards > maxWildcardsOfSelector:
		return s, fmt.Errorf("has %d wildcards in the selector %s, more than %d", wildcards, s.text, maxWildcardsOfSelector)
	}
	return s, nil
}
