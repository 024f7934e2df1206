package alarmsim

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// expression is metric math. All that this package knows works on the data points
// of one time, so it is evaluated for each by itself.
type expression func(of func(id string) point) point

// parseExpression returns the expression and the ids that it refers to.
func parseExpression(text string) (expression, []string, error) {
	p := &parser{text: text, tokens: tokens.FindAllString(text, -1)}
	if strings.Join(p.tokens, "") != strings.ReplaceAll(text, " ", "") {
		return nil, nil, fmt.Errorf("expression %q: has characters of no known meaning", text)
	}
	e, err := p.binary(0)
	if err == nil && p.peek() != "" {
		err = p.problem()
	}
	return e, p.ids, err
}

var (
	tokens     = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|<=|>=|==|!=|&&|\|\||[-+*/<>()\[\],]`)
	identifier = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)
)

type parser struct {
	text   string
	tokens []string
	ids    []string
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	token := p.peek()
	if token != "" {
		p.tokens = p.tokens[1:]
	}
	return token
}

func (p *parser) problem() error {
	return fmt.Errorf("expression %q: cannot be evaluated from %q on", p.text, strings.Join(p.tokens, " "))
}

func (p *parser) expect(token string) error {
	if p.peek() != token {
		return p.problem()
	}
	p.next()
	return nil
}

// binding lists the operators, the loosest first.
var binding = [][]string{{"OR", "||"}, {"AND", "&&"}, {"<", ">", "<=", ">=", "==", "!="}, {"+", "-"}, {"*", "/"}}

func (p *parser) binary(level int) (expression, error) {
	if level == len(binding) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil && slices.Contains(binding[level], p.peek()) {
		operator, a := p.next(), left
		var b expression
		if b, err = p.binary(level + 1); err == nil {
			left = func(of func(string) point) point { return operate(operator, a(of), b(of)) }
		}
	}
	return left, err
}

func (p *parser) unary() (expression, error) {
	switch token := p.peek(); {
	case token == "-":
		p.next()
		e, err := p.unary()
		return func(of func(string) point) point { return operate("-", exactly(0), e(of)) }, err
	case token == "(":
		p.next()
		e, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case identifier.MatchString(token):
		p.next()
		p.ids = append(p.ids, token)
		return func(of func(string) point) point { return of(token) }, nil
	case len(p.tokens) > 1 && p.tokens[1] == "(":
		return p.call()
	}
	number, err := strconv.ParseFloat(p.peek(), 64)
	if err != nil {
		return nil, p.problem()
	}
	p.next()
	return func(func(string) point) point { return exactly(number) }, nil
}

func (p *parser) call() (expression, error) {
	switch name := p.peek(); name {
	case "IF", "FILL":
		p.tokens = p.tokens[2:]
		arguments, err := p.list(")")
		if err != nil {
			return nil, err
		}
		if name == "FILL" && len(arguments) == 2 {
			return fill(arguments[0], arguments[1]), nil
		}
		if name == "IF" && len(arguments) == 3 {
			return choose(arguments[0], arguments[1], arguments[2]), nil
		}
		return nil, fmt.Errorf("expression %q: %s with %d arguments is not known", p.text, name, len(arguments))
	case "SUM", "MAX", "MIN", "AVG":
		if len(p.tokens) < 3 || p.tokens[2] != "[" {
			return nil, p.problem()
		}
		p.tokens = p.tokens[3:]
		list, err := p.list("]")
		if err != nil {
			return nil, err
		}
		statistic := map[string]string{"SUM": "Sum", "MAX": "Maximum", "MIN": "Minimum", "AVG": "Average"}[name]
		return func(of func(string) point) point {
			var all aggregate
			for _, e := range list {
				if v := e(of); v.exists {
					all.add(v.number)
				}
			}
			return all.statistic(statistic)
		}, p.expect(")")
	}
	return nil, p.problem()
}

func (p *parser) list(end string) ([]expression, error) {
	var list []expression
	for {
		e, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if p.peek() != "," {
			return list, p.expect(end)
		}
		p.next()
	}
}

func fill(e, with expression) expression {
	return func(of func(string) point) point {
		if v := e(of); v.exists {
			return v
		}
		return with(of)
	}
}

func choose(condition, yes, no expression) expression {
	return func(of func(string) point) point {
		switch c := condition(of); {
		case !c.exists:
			return point{}
		case c.number != 0:
			return yes(of)
		}
		return no(of)
	}
}

func operate(operator string, a, b point) point {
	if !a.exists || !b.exists || operator == "/" && b.number == 0 {
		return point{}
	}
	truth := func(is bool) point {
		if is {
			return exactly(1)
		}
		return exactly(0)
	}
	switch operator {
	case "+":
		return exactly(a.number + b.number)
	case "-":
		return exactly(a.number - b.number)
	case "*":
		return exactly(a.number * b.number)
	case "/":
		return exactly(a.number / b.number)
	case "<":
		return truth(a.number < b.number)
	case ">":
		return truth(a.number > b.number)
	case "<=":
		return truth(a.number <= b.number)
	case ">=":
		return truth(a.number >= b.number)
	case "==":
		return truth(a.number == b.number)
	case "!=":
		return truth(a.number != b.number)
	case "AND", "&&":
		return truth(a.number != 0 && b.number != 0)
	}
	return truth(a.number != 0 || b.number != 0)
}
