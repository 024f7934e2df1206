package metadata_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/metadata"
)

func TestMapAndJSON(t *testing.T) {
	t.Parallel()
	r := metadata.Request{UserID: "u-1", RequestID: "r-1", Extra: map[string]string{"zone": "a", "empty": ""}}
	entries, err := r.Map()
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"user_id": "u-1", "request_id": "r-1", "zone": "a", "empty": ""}, entries)
	text, err := r.JSON()
	require.NoError(t, err)
	assert.Equal(t, `{"empty":"","request_id":"r-1","user_id":"u-1","zone":"a"}`, text)

	entries["user_id"] = "changed"
	delete(entries, "zone")
	assert.Equal(t, map[string]string{"zone": "a", "empty": ""}, r.Extra, "the map is a copy")

	nothing := metadata.Request{Extra: map[string]string{}}
	entries, err = nothing.Map()
	require.NoError(t, err)
	assert.Nil(t, entries)
	text, err = nothing.JSON()
	require.NoError(t, err)
	assert.Empty(t, text)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 15 {
		many[fmt.Sprintf("key%d", i)] = "v"
	}
	every := "azAZ09 \t\n\r\f\v_:@$#=/+,-."
	for _, test := range []struct {
		name    string
		request metadata.Request
		want    []string // parts of the message, none for no error
	}{
		{"16 keys", metadata.Request{UserID: "u", Extra: many}, nil},
		{"17 keys", metadata.Request{UserID: "u", TaskType: "t", Extra: many}, []string{"metadata: 17 keys, and Amazon Bedrock takes 16 at most"}},
		{"every character", metadata.Request{Extra: map[string]string{every: every}}, nil},
		{"the longest", metadata.Request{Extra: map[string]string{strings.Repeat("k", 256): strings.Repeat("v", 256)}}, nil},
		{"a longer key", metadata.Request{Extra: map[string]string{strings.Repeat("k", 257): "v"}}, []string{`the key has 257 characters, and Amazon Bedrock takes 256 at most`}},
		{"a longer value", metadata.Request{UserID: strings.Repeat("v", 257)}, []string{`key "user_id"`, `the value has 257 characters`}},
		{"an empty key", metadata.Request{Extra: map[string]string{"": "v"}}, []string{`a key is empty, its value is "v"`}},
		{"refused characters", metadata.Request{TaskType: `"a"&b*ü%`}, []string{`key "task_type"`, `refuses: '"' '&' '*' 'ü' '%'`}},
		{"a refused key", metadata.Request{Extra: map[string]string{"a;b": "v"}}, []string{`key "a;b", value "v": the key has characters that Amazon Bedrock refuses: ';'`}},
		{"invalid UTF-8", metadata.Request{TaskType: "a\xff"}, []string{"refuses: '\ufffd'"}},
		{"all at once", metadata.Request{UserID: "ann@example.com", TaskType: "a!", Extra: map[string]string{"b": "c?"}}, []string{`"user_id"`, `"task_type"`, `key "b"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := test.request.Map()
			text, jsonErr := test.request.JSON()
			if test.want == nil {
				require.NoError(t, err)
				require.NoError(t, jsonErr)
				return
			}
			assert.Equal(t, err, jsonErr)
			assert.Empty(t, text)
			for _, part := range test.want {
				assert.ErrorContains(t, err, part)
			}
			var problem *metadata.Problem
			assert.ErrorAs(t, err, &problem)
		})
	}
}

func TestTheJSONFormHasALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	// Fifteen entries of 512 characters are 7770 with what JSON adds, the braces
	// and the last key are 8, and \v becomes six.
	extra := map[string]string{}
	for i := range 15 {
		extra[string(rune('a'+i))+strings.Repeat("k", 255)] = strings.Repeat("v", 256)
	}
	last := func(lines, letters int) metadata.Request {
		extra := maps.Clone(extra)
		extra["z"] = strings.Repeat("\v", lines) + strings.Repeat("v", letters)
		return metadata.Request{Extra: extra}
	}
	text, err := last(120, 2).JSON()
	require.NoError(t, err)
	assert.Len(t, text, metadata.MaxJSONLength)
	text, err = last(120, 3).JSON()
	require.EqualError(t, err, "metadata: the keys and values have 8501 characters as JSON, and Amazon Bedrock takes 8500 at most; shorten them or leave some out")
	assert.Empty(t, text)
	_, err = last(120, 3).Map()
	require.NoError(t, err)

	for _, op := range operations(t) {
		s := &service{}
		_, _, err := op.call(metadata.NewContext(t.Context(), last(120, 3)), clientOf(t, s, metadata.WithoutRequestID()), nil)
		if strings.HasPrefix(op.name, "Converse") {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "8501 characters as JSON")
		assert.Empty(t, s.calls)
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	_, err := metadata.Request{UserID: "u"}.Map(metadata.Require(metadata.UserID, metadata.KnowledgeBaseID), metadata.Require("tenant"))
	assert.ErrorContains(t, err, `key "kb_id": is required and missing`)
	assert.ErrorContains(t, err, `key "tenant": is required and missing`)
	assert.NotContains(t, err.Error(), "user_id")
}

func TestPersonalData(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"ann@example.com":                          "an e-mail address",
		"for ann.lee+x@mail.example.co.uk, b":      "an e-mail address",
		"@ann@example.com":                         "an e-mail address",
		"4111 1111 1111 1111":                      "a payment card number",
		"card 4111-1111-1111-1111.":                "a payment card number",
		"378282246310005":                          "a payment card number",
		"5555555555554444":                         "a payment card number",
		"+44 20 7946 0958":                         "a phone number",
		"call +12025550143":                        "a phone number",
		"202-555-0143":                             "a phone number",
		"202.555.0143":                             "a phone number",
		"ann@xn--e1afmkfd.xn--p1ai":                "an e-mail address",
		"ann@163.com":                              "an e-mail address",
		"card=4111111111111111":                    "a payment card number",
		"2026-11-24 4111111111111111":              "a payment card number",
		"4111 1111 1111 1111 12/27":                "a payment card number",
		"4111 1111 1111 1111 123":                  "a payment card number",
		"4111 1111 1111 1111 12a":                  "a payment card number",
		"+4111111111111111":                        "a payment card number",
		"2223003122003222":                         "a payment card number",
		"4222222222222":                            "a payment card number",
		"30569309025904":                           "a payment card number",
		"6200000000000000000":                      "a payment card number",
		"tel=+442079460958":                        "a phone number",
		"00442079460958":                           "a phone number",
		"0044 20 7946 0958":                        "a phone number",
		"2026-11-24 202-555-0143":                  "a phone number",
		"model@v1.2.rc":                            "",
		"model@1.2.rc":                             "",
		"model@v2.beta":                            "",
		"ann@.com":                                 "",
		"build 1.2.3+20261124":                     "",
		"2400000000000002":                         "a payment card number",
		"24000000000002":                           "", // no card of that length begins so
		"0000442079460958":                         "",
		"4111--1111 1111 1111 1111":                "",
		"req 41111111-1111-7111-8111-411111111111": "",
		"u-1":                                  "",
		"team@host":                            "",
		"v1.2@tag":                             "",
		"@here":                                "",
		"a@b.c1":                               "",
		"4111 1111 1111 1112":                  "", // the check digit is wrong
		"1732442400000":                        "", // a time in milliseconds
		"2026-11-24 10.30.00":                  "",
		"20261124103000":                       "",
		"arn:aws:iam::123456789012:role/a":     "",
		"0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b": "",
		"41111111-1111-7111-8111-411111111111": "", // digits only, and a UUID
		"order_4111111111111111":               "", // a part of a name
		"k8s-202-555-0143x":                    "",
		"12345678":                             "",
		"+1":                                   "",
	} {
		_, err := metadata.Request{TaskType: value}.Map()
		if want == "" {
			assert.NoError(t, err, value)
			continue
		}
		assert.ErrorContains(t, err, "the value looks like "+want, value)
		assert.NotContains(t, fmt.Sprint(err), value, "it must not get into the logs")
		_, err = metadata.Request{TaskType: value}.Map(metadata.AllowPersonalData(metadata.UserID, metadata.TaskType))
		assert.NoError(t, err, value)
		_, err = metadata.Request{TaskType: value}.Map(metadata.AllowPersonalData(metadata.UserID))
		assert.Error(t, err, value)
	}
}

func TestTimesAreNoCards(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 10_000 {
		at = at.Add(7*time.Hour + 7*time.Minute + 7*time.Second)
		for _, layout := range []string{"20060102150405", "20060102150405.000", "20060102 150405", "2006-01-02 15:04:05 -0700", "2006.01.02 15.04.05"} {
			_, err := metadata.Request{RequestID: at.Format(layout)}.Map()
			require.NoError(t, err)
		}
	}
}

func TestRefusedLettersDoNotHideAnAddress(t *testing.T) {
	t.Parallel()
	_, err := metadata.Request{UserID: "jürg@exämple.com"}.Map()
	require.ErrorContains(t, err, "the value looks like an e-mail address")
	assert.NotContains(t, err.Error(), "jürg")
}

func TestPseudonymise(t *testing.T) {
	t.Parallel()
	key := []byte(strings.Repeat("k", 32))
	ann, err := metadata.Pseudonymise(key, "ann@example.com")
	require.NoError(t, err)
	assert.Regexp(t, `^u-[0-9a-f]{32}$`, ann)
	again, _ := metadata.Pseudonymise(key, "ann@example.com")
	assert.Equal(t, ann, again)
	for _, other := range []struct{ key, user string }{
		{strings.Repeat("k", 32), "Ann@example.com"},
		{strings.Repeat("K", 32), "ann@example.com"},
		{strings.Repeat("k", 33), "ann@example.com"},
	} {
		pseudonym, err := metadata.Pseudonymise([]byte(other.key), other.user)
		require.NoError(t, err)
		assert.NotEqual(t, ann, pseudonym)
	}
	_, err = metadata.Request{UserID: ann}.Map()
	assert.NoError(t, err)

	_, err = metadata.Pseudonymise(key[:31], "ann")
	assert.EqualError(t, err, "metadata: the key for pseudonyms has to be 32 bytes or more, got 31; generate random ones and keep them in a secret store")
	_, err = metadata.Pseudonymise(key, "")
	assert.ErrorContains(t, err, "leave user_id out instead")
}

// What passes the check has to reach AWS as it is, in either form.
func FuzzMap(f *testing.F) {
	f.Add("u-1", "task", "", "r", "key", "value")
	f.Add("ann@example.com", "a\nb", "\xff", "4111111111111111", "", "é")
	f.Add("+1 2 3 4 5 6 7 8", "@.@a.bb", "--------", "0-0-0", "user_id", "x")
	f.Fuzz(func(t *testing.T, user, task, kb, id, key, value string) {
		r := metadata.Request{UserID: user, TaskType: task, KnowledgeBaseID: kb, RequestID: id, Extra: map[string]string{key: value}}
		entries, err := r.Map()
		text, jsonErr := r.JSON()
		if (err == nil) != (jsonErr == nil) {
			t.Fatalf("Map: %v, JSON: %v", err, jsonErr)
		}
		if err != nil {
			var problem *metadata.Problem
			if !errors.As(err, &problem) || problem.Rule == "" {
				t.Fatalf("an error that names no rule: %v", err)
			}
			return
		}
		for key, value := range entries {
			if key == "" || len(key) > 256 || len(value) > 256 {
				t.Fatalf("%q: %q", key, value)
			}
			for _, r := range key + value {
				if r > 'z' || r == '"' || r == '{' || r == '\\' || r == '%' {
					t.Fatalf("%q: %q", key, value)
				}
			}
		}
		var back map[string]string
		if err := json.Unmarshal([]byte(text), &back); err != nil || fmt.Sprint(back) != fmt.Sprint(entries) {
			t.Fatalf("%s: %v", text, err)
		}
		if strings.ContainsAny(text, "\r\n") {
			t.Fatalf("%q cannot be a header", text)
		}
	})
}
