package filterpattern_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

// The events are after those of the user guide, "Filter pattern syntax".
const (
	trailEvent = `{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
		"arrayKey": ["value", "another value"], "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
		"SomeObject": null, "ThisFlag": true, "cluster.name": "c"}`
	userEvent = `{"user": {"id": 1, "email": "John.Stiles@example.com"},
		"users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
		"actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}`
)

func TestPatternsForJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, event string
		matches        bool
	}{
		// Strings.
		{`{ $.eventType = "UpdateTrail" }`, trailEvent, true},
		{`{$.eventType=UpdateTrail}`, trailEvent, true},
		{`{ $.eventType = "updatetrail" }`, trailEvent, false},
		{`{ $.eventType != "UpdateTrail" }`, trailEvent, false},
		{`{ $.sourceIPAddress != 123.123.* }`, trailEvent, true},
		{`{ $.sourceIPAddress = 111.* }`, trailEvent, true},
		{`{ $.eventType = "*Trail" }`, trailEvent, true},
		{`{ $.eventType = "*date*" }`, trailEvent, true},
		{`{ $.eventType = "Up*ail" }`, trailEvent, false},
		{`{ $.name = "Ev*ent" }`, `{"name": "Ev*ent"}`, true},
		{`{ $.missing = "x" }`, trailEvent, false},
		{`{ $.missing < 3 }`, trailEvent, false},
		{`{ $.foo = bar || $.foo = baz }`, `{"foo": "baz"}`, true},
		// Elements and names.
		{`{ $.arrayKey[0] = "value" }`, trailEvent, true},
		{`{ $.arrayKey[2] = "value" }`, trailEvent, false},
		{`{ $.eventType[0] = "UpdateTrail" }`, trailEvent, false},
		{`{ $.objectList[1].id = 2 }`, trailEvent, true},
		{`{ $.coordinates[0][1] = 1 }`, userEvent, true},
		{`{ $.['cluster.name'] = "c" }`, trailEvent, true},
		{`{ $.a-b.c_d = 1 }`, `{"a-b": {"c_d": 1}}`, true},
		{`{ $.arrayKey[*] = %val.{2}% }`, trailEvent, true},
		{`{ $.arrayKey[*] = "neither" }`, trailEvent, false},
		{`{ $.objectList[*].name = "b" }`, trailEvent, true},
		{`{ $.* = %111\.111\.111\.1[0-9]{1,2}% }`, trailEvent, true},
		{`{ $.eventType = %Trail% }`, trailEvent, true},
		// States.
		{`{ $.SomeObject IS NULL }`, trailEvent, true},
		{`{ $.eventType IS NULL }`, trailEvent, false},
		{`{ $.SomeOtherObject IS NULL }`, trailEvent, false},
		{`{ $.SomeOtherObject NOT EXISTS }`, trailEvent, true},
		{`{ $.SomeObject NOT EXISTS }`, trailEvent, false},
		{`{ $.ThisFlag IS TRUE }`, trailEvent, true},
		{`{ $.ThisFlag IS FALSE }`, trailEvent, false},
		// Compounds: && binds before ||.
		{`{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }`, userEvent, true},
		{`{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }`, userEvent, false},
		{`{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = 0 && $.actions[2] = "nonmatch" }`, userEvent, true},
		{`{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = 0) && $.actions[2] = "nonmatch" }`, userEvent, false},
		// Arrays and objects fit no comparison.
		{`{ $.users = 1 }`, `{"users": [1, 2, 3]}`, false},
		{`{ $.users != 1 }`, `{"users": [1, 2, 3]}`, false},
		// Numbers.
		{`{ $.latency >= 500 }`, `{"latency": 500}`, true},
		{`{ $.numbers[0] < 10e3 }`, `{"numbers": [9999.5]}`, true},
		{`{ $.numbers[0] < 10e-3 }`, `{"numbers": [1]}`, false},
		{`{ $.number[0] = 1e+3 }`, `{"number": [1000]}`, true},
		{`{ $.number[0] != 1e-3 }`, `{"number": [1000]}`, true},
		{`{ $.processes[4].averageRuntime <= 55.5 }`, `{"processes": [0, 0, 0, 0, {"averageRuntime": 55.5}]}`, true},
		{`{ $.latency > +1000 }`, `{"latency": 1000}`, false},
		{`{ $.latency = * }`, `{"latency": 12}`, true},
		{`{ $.latency = * }`, `{}`, false},
		{`{ $.status_code = 4* }`, `{"status_code": 404}`, true},
		// What is no JSON object.
		{`{ $.a NOT EXISTS }`, `plain text`, false},
		{`{ $.a NOT EXISTS }`, `{"b": 1} and more`, false},
	} {
		assertMatch(t, c.pattern, c.event, c.matches)
	}
}

func TestPatternsForText(t *testing.T) {
	t.Parallel()
	const (
		badRequest   = "[ERROR 400] BAD REQUEST"
		unauthorized = "[ERROR 401] UNAUTHORIZED REQUEST"
		missing      = "[ERROR 419] MISSING ARGUMENTS"
		failed       = "[INFO] REQUEST FAILED"
	)
	for _, c := range []struct {
		pattern string
		matches []string
		rest    []string
	}{
		{`ERROR`, []string{badRequest, unauthorized, missing}, []string{failed, "error"}},
		{`ERROR ARGUMENTS`, []string{missing}, []string{badRequest, unauthorized}},
		{`?ERROR ?FAILED`, []string{badRequest, failed}, []string{"WARN"}},
		{`?ERROR ?ARGUMENTS REQUEST`, []string{failed, badRequest}, []string{missing}},
		{`"BAD REQUEST"`, []string{badRequest}, []string{unauthorized}},
		{`ERROR -ARGUMENTS`, []string{badRequest, unauthorized}, []string{missing, failed}},
		{`ERROR -"BAD REQUEST"`, []string{missing}, []string{badRequest}},
		{`" "`, []string{failed, "x"}, nil},
		{``, []string{failed}, nil},
		{`%AUTHORIZED%`, []string{unauthorized}, []string{badRequest}},
		{`%^\[ERROR 4[01]{2}%`, []string{badRequest, unauthorized}, []string{missing}},
		{`"\"level\":\"error\""`, []string{`{"level":"error"}`}, []string{`{"text":"\"level\":\"error\""}`, "level:error"}},
	} {
		for _, event := range c.matches {
			assertMatch(t, c.pattern, event, true)
		}
		for _, event := range c.rest {
			assertMatch(t, c.pattern, event, false)
		}
	}
}

func TestRegularExpressions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, event string
		matches        bool
	}{
		{`%^[hc]at%`, "hat", true},
		{`%^[hc]at%`, "a hat", false},
		{`%[hc]at$%`, "a cat", true},
		{`%colou?r%`, "color", true},
		{`%^a{3,5}$%`, "aaaa", true},
		{`%^a{,2}$%`, "aaa", false},
		{`%^starting|^initializing|^shutting down%`, "shutting down now", true},
		{`%^starting|^initializing|^shutting down%`, "skipping initializing", false},
		{`%\[.\]%`, "[7]", true},
		{`%10\.10\.0\.1%`, "10010,051", false},
		{`%ab*c%`, "ac", true},
		{`%ab+c%`, "ac", false},
		{`%\x28\d\x29%`, "(4)", true},
		{`%\s\w\S%`, "a bc", true},
	} {
		assertMatch(t, c.pattern, c.event, c.matches)
	}
}

func assertMatch(t *testing.T, text, event string, want bool) {
	t.Helper()
	pattern, err := filterpattern.Parse(text)
	require.NoError(t, err)
	got, err := pattern.Match(event)
	require.NoError(t, err)
	assert.Equal(t, want, got, "%s on %s", text, event)
}

func TestRefusedPatterns(t *testing.T) {
	t.Parallel()
	for text, problem := range map[string]string{
		`{ $.a = "b"`:           "does not end with }",
		`{ $.a EXISTS }`:        "not supported",
		`{ $.a IS NOT NULL }`:   "not supported",
		`{ $.a = b:c }`:         "needs quotation marks",
		`{ $.a = }`:             "needs quotation marks",
		`{ $.a > "b" }`:         "no number",
		`{ $.a }`:               "no operator",
		`{ a = 1 }`:             "starts with $",
		`{ status = "401" }`:    "starts with $",
		`{ $ = 1 }`:             "names no field",
		`{ ($.a = 1 }`:          "not closed",
		`{ $.a = "b }`:          "not closed",
		`{ $.a = %b }`:          "not closed",
		`{ $.a = 1 $.b = 2 }`:   "&& or ||",
		`{ $.a = 1 & $.b = 2 }`: "&& or ||",
		`{ $.a.b[*].* = 1 }`:    "2 wildcards",
		`{ $.* = 1 || $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 }`: "4 wildcard selectors",
		`{ $.a = %b% || $.a = %c% || $.a = %d% }`:               "3 regular expressions",
		`{ $.a = %(b)% }`: "not supported",
		`%something!%`:    "not supported",
		`%a% b`:           "one regular expression",
		`model-id`:        "needs quotation marks",
		`"open`:           "not closed",
		`[ip, user, ...]`: "space-delimited",
		`{ $.a = "` + strings.Repeat("b", 1024) + `" }`: "more than 1024",
	} {
		_, err := filterpattern.Parse(text)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), problem, text)
	}
}

func TestNoResultWhereAWSSaysNothing(t *testing.T) {
	t.Parallel()
	for text, event := range map[string]string{
		`{ $.missing != "x" }`:          `{}`,
		`{ $.a = 429 }`:                 `{"a": "429"}`,
		`{ $.a = "429" }`:               `{"a": 429}`,
		`{ $.a = "true" }`:              `{"a": true}`,
		`{ $.a[*] != "x" }`:             `{"a": ["y"]}`,
		`{ $.a[*] NOT EXISTS }`:         `{"a": []}`,
		`{ $.a = "x" || $.b = 1 }`:      `{"a": {}, "b": 1}`,
		`{ $.b = 1 || $.a = "x" }`:      `{"a": {}, "b": 1}`,
		`{ $.missing != 1 && $.b = 1 }`: `{"b": 1}`,
	} {
		pattern, err := filterpattern.Parse(text)
		require.NoError(t, err)
		_, err = pattern.Match(event)
		require.ErrorIs(t, err, filterpattern.ErrUndocumented, text)
	}
	// Where the rest decides, what is open does not matter.
	assertMatch(t, `{ $.missing != 1 && $.b = 2 }`, `{"b": 1}`, false)
	assertMatch(t, `{ $.missing != 1 || $.b = 1 }`, `{"b": 1}`, true)
}
