package filterpattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// terms is a pattern for text. All of include have to be there and none of
// exclude; or, where there is neither, one of optional.
type terms struct {
	include, exclude, optional []string
	regex                      *regexp.Regexp
}

var plainTerm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func parseTerms(text string) (terms, error) {
	var t terms
	if strings.HasPrefix(text, "%") {
		source, rest, ok := strings.Cut(text[1:], "%")
		if !ok || rest != "" {
			return t, errors.New("has to be one regular expression between percent signs, or terms")
		}
		var err error
		t.regex, err = compile(source)
		return t, err
	}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		list := &t.include
		switch text[0] {
		case '?':
			list, text = &t.optional, text[1:]
		case '-':
			list, text = &t.exclude, text[1:]
		}
		var term string
		if strings.HasPrefix(text, `"`) {
			var err error
			if term, text, err = unquote(text); err != nil {
				return t, err
			}
			// The guide's pattern for everything is a quoted space.
			if strings.TrimSpace(term) == "" {
				continue
			}
		} else {
			term = strings.Fields(text + " ")[0]
			text = text[len(term):]
			if !plainTerm.MatchString(term) {
				return t, fmt.Errorf("has the term %s, which needs quotation marks", term)
			}
		}
		*list = append(*list, term)
	}
	return t, nil
}

func (t terms) match(event string) bool {
	if t.regex != nil {
		return t.regex.MatchString(event)
	}
	for _, term := range t.exclude {
		if strings.Contains(event, term) {
			return false
		}
	}
	for _, term := range t.include {
		if !strings.Contains(event, term) {
			return false
		}
	}
	// Optional terms beside others are ignored.
	if len(t.include)+len(t.exclude) > 0 || len(t.optional) == 0 {
		return true
	}
	for _, term := range t.optional {
		if strings.Contains(event, term) {
			return true
		}
	}
	return false
}

// unquote reads a string in quotation marks and returns it and what follows.
func unquote(text string) (value, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], nil
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errors.New("has a quotation mark that is not closed")
}

var (
	allowedInRegex = regexp.MustCompile(`^(?:[A-Za-z0-9 :_#=@/;,^$?\[\]{}|*+.-]|\\[\x20-\x7e])+$`)
	openMinimum    = regexp.MustCompile(`\{\s*,`)
)

// compile reads a regular expression of CloudWatch Logs, which has fewer
// characters than that of Go, and no parentheses.
func compile(source string) (*regexp.Regexp, error) {
	if !allowedInRegex.MatchString(source) {
		return nil, fmt.Errorf("has characters that are not supported in the regular expression %s", source)
	}
	return regexp.Compile(openMinimum.ReplaceAllString(source, "{0,"))
}
