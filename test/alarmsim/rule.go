package alarmsim

import (
	"fmt"
	"regexp"
	"strings"
)

// rule is that of a composite alarm.
type rule func(states map[string]State) bool

var (
	ruleTokens = regexp.MustCompile(`(?:ALARM|OK|INSUFFICIENT_DATA) ?\( ?["']?[^"')]+["']? ?\)|AND|OR|NOT|TRUE|FALSE|[()]`)
	stateOf    = regexp.MustCompile(`^(ALARM|OK|INSUFFICIENT_DATA) ?\( ?["']?([^"')]+?)["']? ?\)$`)
)

// parseRule returns the rule and the alarms that it refers to, by name or ARN.
func parseRule(text string) (rule, []string, error) {
	p := &ruleParser{text: text, tokens: ruleTokens.FindAllString(text, -1)}
	if rest := strings.Join(strings.Fields(ruleTokens.ReplaceAllString(text, "")), ""); rest != "" {
		return nil, nil, fmt.Errorf("rule %q: has %q of no known meaning", text, rest)
	}
	r, err := p.or()
	if err == nil && len(p.tokens) > 0 {
		err = p.problem()
	}
	return r, p.alarms, err
}

type ruleParser struct {
	text           string
	tokens, alarms []string
}

func (p *ruleParser) problem() error {
	return fmt.Errorf("rule %q: cannot be evaluated from %q on", p.text, strings.Join(p.tokens, " "))
}

func (p *ruleParser) take(token string) bool {
	if len(p.tokens) == 0 || p.tokens[0] != token {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *ruleParser) or() (rule, error) {
	left, err := p.and()
	for err == nil && p.take("OR") {
		a := left
		var b rule
		b, err = p.and()
		left = func(s map[string]State) bool { return a(s) || b(s) }
	}
	return left, err
}

func (p *ruleParser) and() (rule, error) {
	left, err := p.not()
	for err == nil && p.take("AND") {
		a := left
		var b rule
		b, err = p.not()
		left = func(s map[string]State) bool { return a(s) && b(s) }
	}
	return left, err
}

func (p *ruleParser) not() (rule, error) {
	switch {
	case p.take("NOT"):
		a, err := p.not()
		return func(s map[string]State) bool { return !a(s) }, err
	case p.take("TRUE"):
		return func(map[string]State) bool { return true }, nil
	case p.take("FALSE"):
		return func(map[string]State) bool { return false }, nil
	case p.take("("):
		a, err := p.or()
		if err == nil && !p.take(")") {
			err = p.problem()
		}
		return a, err
	}
	if len(p.tokens) == 0 {
		return nil, p.problem()
	}
	m := stateOf.FindStringSubmatch(p.tokens[0])
	if m == nil {
		return nil, p.problem()
	}
	p.tokens = p.tokens[1:]
	p.alarms = append(p.alarms, m[2])
	return func(s map[string]State) bool { return s[m[2]] == State(m[1]) }, nil
}
