package metadata

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// AWS's limits (Amazon Bedrock API reference, Converse, requestMetadata).
const (
	// MaxEntries is how many keys a call may have.
	MaxEntries = 16
	// MaxKeyLength is the length of a key in characters; at least 1.
	MaxKeyLength = 256
	// MaxValueLength is the length of a value in characters; 0 is allowed.
	MaxValueLength = 256
	// MaxJSONLength is the length in characters of the form that [Request.JSON]
	// gives; Converse and ConverseStream have no such limit (Amazon Bedrock API
	// reference, InvokeModel, requestMetadata).
	MaxJSONLength = 8500
)

// Problem is one thing that is wrong with the metadata of a call.
type Problem struct {
	// Key is the key at fault, empty where it is about all of them.
	Key string
	// Value is the value at fault, masked where it looks like personal data and
	// [AllowPersonalData] does not name its key.
	Value string
	// Rule says what is required and how to mend it.
	Rule string
}

func (p *Problem) Error() string {
	switch {
	case p.Key == "":
		return "metadata: " + p.Rule
	case p.Value == "":
		return fmt.Sprintf("metadata: key %q: %s", shortened(p.Key), p.Rule)
	default:
		return fmt.Sprintf("metadata: key %q, value %q: %s", shortened(p.Key), shortened(p.Value), p.Rule)
	}
}

// shortened keeps a message readable.
func shortened(text string) string {
	const most = 64
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// check returns every problem of entries, in the order of their keys.
func (s *settings) check(entries map[string]string) error {
	if problems := s.problems(entries); len(problems) > 0 {
		return errors.Join(problems...)
	}
	return nil
}

func (s *settings) problems(entries map[string]string) []error {
	var problems []error
	found := func(key, value, format string, args ...any) {
		problems = append(problems, &Problem{Key: key, Value: value, Rule: fmt.Sprintf(format, args...)})
	}
	for _, key := range s.required {
		if entries[key] == "" {
			found(key, "", "is required and missing; put it into the context with metadata.NewContext, or into the call")
		}
	}
	if len(entries) > MaxEntries {
		found("", "", "%d keys, and Amazon Bedrock takes %d at most; leave some out", len(entries), MaxEntries)
	}
	for key, value := range entries {
		if s.fine(key, value) {
			continue
		}
		// Only here is the order of the map worth sorting.
		return append(problems, s.entryProblems(entries)...)
	}
	return problems
}

func (s *settings) fine(key, value string) bool {
	return key != "" && len(key) <= MaxKeyLength && len(value) <= MaxValueLength &&
		allowed(key) && allowed(value) && (s.mayBePersonal(key) || looksLike(value) == "")
}

func (s *settings) entryProblems(entries map[string]string) []error {
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		value := entries[key]
		shown := s.shown(key, value)
		found := func(format string, args ...any) {
			problems = append(problems, &Problem{Key: key, Value: shown, Rule: fmt.Sprintf(format, args...)})
		}
		if key == "" {
			problems = append(problems, &Problem{Value: shown, Rule: fmt.Sprintf("a key is empty, its value is %q; give it a name", shortened(shown))})
		}
		if n := utf8.RuneCountInString(key); n > MaxKeyLength {
			found("the key has %d characters, and Amazon Bedrock takes %d at most; shorten it", n, MaxKeyLength)
		}
		if n := utf8.RuneCountInString(value); n > MaxValueLength {
			found("the value has %d characters, and Amazon Bedrock takes %d at most; shorten it", n, MaxValueLength)
		}
		if bad := refusedCharacters(key); bad != "" {
			found("the key has characters that Amazon Bedrock refuses: %s; use letters, digits, white space and _:@$#=/+,-. only", bad)
		}
		if bad := refusedCharacters(value); bad != "" {
			found("the value has characters that Amazon Bedrock refuses: %s; use letters, digits, white space and _:@$#=/+,-. only", bad)
		}
		if kind := looksLike(value); kind != "" && !s.mayBePersonal(key) {
			found("the value looks like %s, and records are kept for years; use metadata.Pseudonymise, or metadata.AllowPersonalData(%q) where it is none", kind, key)
		}
	}
	return problems
}

// shown is value as errors and logs may have it: what is refused for being
// personal would only move from the records into the logs.
func (s *settings) shown(key, value string) string {
	if s.mayBePersonal(key) || looksLike(value) == "" {
		return value
	}
	return masked(value)
}

func masked(value string) string {
	runes := []rune(value)
	if len(runes) <= 4 {
		return "…"
	}
	return string(runes[:2]) + "…" + string(runes[len(runes)-1:])
}

const punctuation = "_:@$#=/+,-."

// allowed reports whether Amazon Bedrock takes all characters of text.
func allowed(text string) bool {
	for i := range len(text) {
		if !allowedByte(text[i]) {
			return false
		}
	}
	return true
}

func allowedByte(b byte) bool {
	switch {
	case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		return true
	case b == ' ', '\t' <= b && b <= '\r':
		return true
	default:
		return strings.IndexByte(punctuation, b) >= 0
	}
}

// refusedCharacters lists each of them once, quoted.
func refusedCharacters(text string) string {
	var quoted []string
	for _, r := range text {
		if r < utf8.RuneSelf && allowedByte(byte(r)) {
			continue
		}
		if q := fmt.Sprintf("%q", r); !slices.Contains(quoted, q) {
			quoted = append(quoted, q)
		}
	}
	return strings.Join(quoted, " ")
}
