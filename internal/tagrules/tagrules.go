package tagrules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a tag (AWS General Reference, "Tag naming limits and requirements").
const (
	MaxTags        = 50
	MaxKeyLength   = 128
	MaxValueLength = 256
)

// Required lists the keys that a bill is split by.
func Required() []string { return []string{"project", "environment", "owner", "cost-center"} }

// Problem is one thing that is wrong with a set of tags.
type Problem struct {
	// Key is the tag's key; it is empty when the problem is the set's.
	Key string
	// Text says what is wanted, what was got and what to do.
	Text string
}

// Pattern is the regular expression of the characters that every taggable
// service accepts.
const Pattern = `^[\p{L}\p{N}\p{Z}_.:/=+@-]*$`

var allowed = regexp.MustCompile(Pattern)

// Problems lists all that is wrong with tags, ordered by key: what AWS would
// reject, required keys that are missing, and empty values, which AWS accepts
// but no bill can be split by.
func Problems(tags map[string]string) []Problem {
	var found []Problem
	for _, key := range Required() {
		if _, ok := tags[key]; !ok {
			found = append(found, Problem{Text: fmt.Sprintf("want the tag %q, got none; add it, since costs are split by it", key)})
		}
	}
	return append(found, Invalid(tags)...)
}

// Invalid is Problems without the required keys.
func Invalid(tags map[string]string) []Problem {
	var found []Problem
	add := func(key, format string, args ...any) {
		found = append(found, Problem{Key: key, Text: fmt.Sprintf(format, args...)})
	}
	if len(tags) > MaxTags {
		add("", "want at most %d tags, got %d; remove some", MaxTags, len(tags))
	}
	spelling := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		for _, text := range textProblems("key", key, MaxKeyLength) {
			add(key, "%s", text)
		}
		for _, text := range textProblems("value", tags[key], MaxValueLength) {
			add(key, "%s", text)
		}
		if other, ok := spelling[strings.ToLower(key)]; ok {
			add(key, "want keys that differ in more than case, got %q and %q, which IAM takes for one; keep one of them", other, key)
		}
		spelling[strings.ToLower(key)] = key
	}
	return found
}

func textProblems(what, text string, most int) []string {
	var found []string
	if n := utf8.RuneCountInString(text); n < 1 || n > most {
		found = append(found, fmt.Sprintf("want a tag %s of 1 to %d characters, got %d; change its length", what, most, n))
	}
	if strings.HasPrefix(strings.ToLower(text), "aws:") {
		found = append(found, fmt.Sprintf("want a tag %s without the prefix aws:, which AWS keeps for itself, got %q; rename it", what, text))
	}
	if !allowed.MatchString(text) {
		found = append(found, fmt.Sprintf("want a tag %s of letters, digits, spaces and _ . : / = + - @ only, got %q; remove the other characters", what, text))
	}
	return found
}
