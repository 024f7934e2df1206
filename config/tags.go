package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a tag (AWS General Reference, "Tag naming limits and requirements").
const (
	maxTags           = 50
	maxTagKeyLength   = 128
	maxTagValueLength = 256
)

// tagPattern holds the characters that every taggable service accepts.
var tagPattern = regexp.MustCompile(`^[\p{L}\p{N}\p{Z}_.:/=+@-]*$`)

// requiredTags are the keys that a bill is split by.
var requiredTags = []string{"project", "environment", "owner", "cost-center"}

// checkTags reports what AWS would reject, and the required tags that are
// missing or empty.
func checkTags(tags map[string]string, in section) {
	for _, key := range requiredTags {
		if _, ok := tags[key]; !ok {
			in.broken("tags", "want the tag %q, got none; add it, since costs are split by it", key)
		} else if tags[key] == "" {
			in.broken(join("tags", key), "want a value, got an empty one; costs are split by it")
		}
	}
	if len(tags) > maxTags {
		in.broken("tags", "want at most %d tags, the environment tag included, got %d; remove some", maxTags, len(tags))
	}
	spelling := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		path := join("tags", key)
		checkTagText(path, "key", key, 1, maxTagKeyLength, in)
		checkTagText(path, "value", tags[key], 0, maxTagValueLength, in)
		if other, ok := spelling[strings.ToLower(key)]; ok {
			in.broken(path, "the keys %q and %q differ only in case, which IAM takes for one; keep one of them", other, key)
		}
		spelling[strings.ToLower(key)] = key
	}
}

func checkTagText(path, what, text string, least, most int, in section) {
	if n := utf8.RuneCountInString(text); n < least || n > most {
		in.broken(path, "want a tag %s of %d to %d characters, got %d; change its length", what, least, most, n)
	}
	if strings.HasPrefix(strings.ToLower(text), "aws:") {
		in.broken(path, "want a tag %s without the prefix aws:, which AWS keeps for itself, got %q; rename it", what, text)
	}
	if !tagPattern.MatchString(text) {
		in.broken(path, "want a tag %s of letters, digits, spaces and _ . : / = + - @ only, got %q; remove the other characters", what, text)
	}
}
