package activitytrail

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBedrockDataEventTypesAreOrderedAndWellFormed(t *testing.T) {
	t.Parallel()
	types := BedrockDataEventTypes()
	assert.True(t, slices.IsSorted(types))
	assert.Empty(t, selectorProblems(types, nil))
	types[0] = "changed"
	assert.NotEqual(t, "changed", BedrockDataEventTypes()[0], "callers get a copy")
}

func TestSelectorsStartWithManagementAndEndWithReads(t *testing.T) {
	t.Parallel()
	list := selectors([]string{"AWS::Bedrock::Guardrail"}, []string{"arn:a/", "arn:b/"}, "arn:own/")
	require.Len(t, list, 4)
	assert.Equal(t, []field{{name: "eventCategory", equals: []string{"Management"}}}, list[0].fields)
	assert.Equal(t, []string{"AWS::Bedrock::Guardrail"}, list[1].fields[1].equals)
	assert.Equal(t, []field{
		{name: "eventCategory", equals: []string{"Data"}},
		{name: "resources.type", equals: []string{"AWS::S3::Object"}},
		{name: "readOnly", equals: []string{"true"}},
		{name: "resources.ARN", startsWith: []string{"arn:a/", "arn:b/"}},
	}, list[3].fields)
	assert.Len(t, selectors(nil, nil, "arn:own/"), 2, "no selector without values")
}

func TestSelectorsSeeTamperingAndNoDelivery(t *testing.T) {
	t.Parallel()
	list := selectors(nil, []string{"arn:a/"}, "arn:own/")
	assert.Equal(t, []field{
		{name: "eventCategory", equals: []string{"Data"}},
		{name: "resources.type", equals: []string{"AWS::S3::Object"}},
		{name: "eventName", equals: tampering()},
		{name: "resources.ARN", startsWith: []string{"arn:a/", "arn:own/"}},
	}, list[1].fields)
	for _, delivery := range []string{"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"} {
		assert.NotContains(t, tampering(), delivery, "the trail would log its own deliveries without end")
	}
}

func TestSelectorProblems(t *testing.T) {
	t.Parallel()
	many := make([]string, 250)
	for i := range many {
		many[i] = fmt.Sprintf("arn:%d/", i)
	}
	for name, test := range map[string]struct {
		types, prefixes []string
		want            []string
	}{
		"none":            {types: []string{"AWS::Bedrock::Tool"}},
		"no type":         {types: []string{"Bedrock"}, want: []string{`got "Bedrock"`}},
		"twice":           {types: []string{"AWS::Bedrock::Tool", "AWS::Bedrock::Tool"}, want: []string{"a type twice"}},
		"all at once":     {types: []string{"x", "x"}, want: []string{`got "x"`, "a type twice"}},
		"too many values": {prefixes: many, want: []string{"takes 500 conditions in its event selectors, got 514"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := selectorProblems(test.types, selectors(test.types, test.prefixes, "own"))
			if len(test.want) == 0 {
				assert.Empty(t, problems)
			}
			for _, want := range test.want {
				assert.ErrorContains(t, errors.Join(problems...), want)
			}
		})
	}
}

func TestTrailNameProblem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		DefaultTrailName:         "",
		"abc":                    "",
		"a.b_c-9":                "",
		strings.Repeat("a", 128): "",
		"ab":                     "not 2",
		strings.Repeat("a", 129): "not 129",
		"-abc":                   "at both ends",
		"abc.":                   "at both ends",
		"a b c":                  "is of letters",
		"a--b":                   "side by side",
		"a._b":                   "side by side",
		"192.168.5.4":            "is no IP address",
		"${Token[TOKEN.1]}":      "has to be literal",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problem := trailNameProblem(name)
			if want == "" {
				assert.NoError(t, problem)
			} else {
				assert.ErrorContains(t, problem, want)
			}
		})
	}
}
