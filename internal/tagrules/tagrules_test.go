package tagrules_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

func required(further map[string]string) map[string]string {
	tags := map[string]string{"project": "p", "environment": "prod", "owner": "team@example.com", "cost-center": "42"}
	maps.Copy(tags, further)
	return tags
}

func TestProblems(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 47 {
		many[fmt.Sprintf("k%02d", i)] = "v"
	}
	for name, test := range map[string]struct {
		tags map[string]string
		want []tagrules.Problem
	}{
		"none":                   {tags: required(nil)},
		"letters of any script":  {tags: required(map[string]string{"größe": "大 _.:/=+-@1"})},
		"longest":                {tags: required(map[string]string{strings.Repeat("é", 128): strings.Repeat("é", 256)})},
		"50 tags are allowed":    {tags: without(required(many), "k00")},
		"51 tags are not":        {tags: required(many), want: []tagrules.Problem{{Text: "want at most 50 tags, got 51; remove some"}}},
		"a required one missing": {tags: without(required(nil), "owner"), want: []tagrules.Problem{{Text: `want the tag "owner", got none; add it, since costs are split by it`}}},
		"empty value":            {tags: required(map[string]string{"owner": ""}), want: []tagrules.Problem{{Key: "owner", Text: "want a tag value of 1 to 256 characters, got 0; change its length"}}},
		"empty key":              {tags: required(map[string]string{"": "v"}), want: []tagrules.Problem{{Key: "", Text: "want a tag key of 1 to 128 characters, got 0; change its length"}}},
		"key too long":           {tags: required(map[string]string{strings.Repeat("k", 129): "v"}), want: []tagrules.Problem{{Key: strings.Repeat("k", 129), Text: "want a tag key of 1 to 128 characters, got 129; change its length"}}},
		"value too long":         {tags: required(map[string]string{"k": strings.Repeat("v", 257)}), want: []tagrules.Problem{{Key: "k", Text: "want a tag value of 1 to 256 characters, got 257; change its length"}}},
		"prefix in any case":     {tags: required(map[string]string{"AwS:k": "v"}), want: []tagrules.Problem{{Key: "AwS:k", Text: `want a tag key without the prefix aws:, which AWS keeps for itself, got "AwS:k"; rename it`}}},
		"characters":             {tags: required(map[string]string{"k": "a,b"}), want: []tagrules.Problem{{Key: "k", Text: `want a tag value of letters, digits, spaces and _ . : / = + - @ only, got "a,b"; remove the other characters`}}},
		"case":                   {tags: required(map[string]string{"Owner": "v"}), want: []tagrules.Problem{{Key: "owner", Text: `want keys that differ in more than case, got "Owner" and "owner", which IAM takes for one; keep one of them`}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, tagrules.Problems(test.tags))
		})
	}
}

func TestProblemsListsAllAtOnce(t *testing.T) {
	t.Parallel()
	assert.Len(t, tagrules.Problems(map[string]string{"aws:é!": ""}), 4+3)
}

func without(tags map[string]string, key string) map[string]string {
	delete(tags, key)
	return tags
}
