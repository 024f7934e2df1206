package record

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseReadsEveryField(t *testing.T) {
	t.Parallel()
	line := ` {"output":{"outputTokenCount":5,"outputBodyJson":[1],"outputContentType":"b","outputBodyS3Path":"s3://b/o","more":1},` +
		`"input":{"cacheWriteInputTokenCount":4,"cacheReadInputTokenCount":3,"inputTokenCount":9223372036854775807,"inputBodyJson":"x","inputBodyS3Path":"s3://b/i","inputContentType":"a","inputVideo":{"s":[]}},` +
		`"requestMetadata":{"user_id":"u","odd":{"a":1},"none":null,"user_id":"v"},"status":"200","inferenceRegion":"eu-west-1","errorCode":"E",` +
		`"identity":{"arn":"arn:aws:iam::111122223333:user/\u00e4","type":"x"},"modelId":"m","operation":"o","requestId":"r","region":"eu-central-1","accountId":"111122223333",` +
		`"timestamp":"2026-03-02T10:30:11.25+01:00","schemaVersion":"1.0","schemaType":"ModelInvocationLog"}` + "\r\n"
	r, err := Parse([]byte(line))
	require.NoError(t, err)
	assert.Equal(t, &Record{
		SchemaType: "ModelInvocationLog", SchemaVersion: "1.0",
		Timestamp: time.Date(2026, 3, 2, 9, 30, 11, 250e6, time.UTC),
		AccountID: "111122223333", Region: "eu-central-1", RequestID: "r", Operation: "o", ModelID: "m",
		IdentityARN: "arn:aws:iam::111122223333:user/ä", ErrorCode: "E", InferenceRegion: "eu-west-1",
		Metadata: map[string]string{"user_id": "v", "odd": `{"a":1}`},
		Input: Input{
			ContentType: "a", Body: json.RawMessage(`"x"`), BodyS3Path: "s3://b/i",
			Tokens: ms(9223372036854775807), CacheReadTokens: ms(3), CacheWriteTokens: ms(4),
		},
		Output: Output{ContentType: "b", Body: json.RawMessage(`[1]`), BodyS3Path: "s3://b/o", Tokens: ms(5)},
		Unknown: map[string]json.RawMessage{
			"status": json.RawMessage(`"200"`), "identity.type": json.RawMessage(`"x"`),
			"input.inputVideo": json.RawMessage(`{"s":[]}`), "output.more": json.RawMessage(`1`),
		},
	}, r)
}

const least = `"requestId":"r","timestamp":"2026-03-02T09:30:11Z"`

func TestParseNeedsLittle(t *testing.T) {
	t.Parallel()
	want := &Record{RequestID: "r", Timestamp: time.Date(2026, 3, 2, 9, 30, 11, 0, time.UTC)}
	for _, line := range []string{
		`{` + least + `}`,
		"\t{ " + least + ` , "input" : null, "output":{}, "identity":{"arn":null}, "requestMetadata":{}, "errorCode":null }` + "\n",
		`{"input":{"inputTokenCount":null,"inputBodyJson":null},` + least + `}`,
	} {
		r, err := Parse([]byte(line))
		require.NoError(t, err, line)
		if r.Unknown = nil; assert.NotNil(t, r) {
			assert.Equal(t, want, r, line)
		}
	}
}

func TestParseKeepsMetadataThatIsNoObject(t *testing.T) {
	t.Parallel()
	r, err := Parse([]byte(`{` + least + `,"requestMetadata":"{}"}`))
	require.NoError(t, err)
	assert.Nil(t, r.Metadata)
	assert.Equal(t, map[string]json.RawMessage{"requestMetadata": json.RawMessage(`"{}"`)}, r.Unknown)
}

func TestParseCopiesTextAndMakesItUTF8(t *testing.T) {
	t.Parallel()
	line := []byte(`{` + least + `,"modelId":"a` + "\xff" + `b","requestMetadata":{"k` + "\xfe" + `":"\ud800"}}`)
	r, err := Parse(line)
	require.NoError(t, err)
	clear(line)
	assert.Equal(t, "a\uFFFDb", r.ModelID)
	assert.Equal(t, map[string]string{"k\uFFFD": "\uFFFD"}, r.Metadata)
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	body := `{` + least + `,"input":{"inputBodyJson":`
	tests := map[string]string{
		``:         "record: the line is empty",
		"  ":       "record: the line is empty",
		`[]`:       "record: byte 0: '[' where an object should be",
		`nonsense`: "record: byte 0: 'n' where an object should be",
		"\x1f\x8b": "record: byte 0: byte 0x1f where an object should be",

		`{"timestamp":"2026-03-02T09:30:11Z"}`: "record: requestId: missing; a call without it cannot be told from others",
		`{"requestId":"r"}`:                    "record: timestamp: missing; a call without it belongs to no hour",
		`{"requestId":"","timestamp":null}`:    "record: requestId: missing; a call without it cannot be told from others",

		`{` + least + `} {`:       "record: byte 53: '{' where the end of the line should be",
		`{` + least + `}{}`:       "record: byte 52: '{' where the end of the line should be",
		`{` + least:               "record: byte 51: the line ends where a comma or a closing brace should be; it is cut short",
		`{` + least + `,`:         "record: byte 52: the line ends where a key should be; it is cut short",
		`{` + least + `,}`:        "record: byte 52: '}' where a key should be",
		`{` + least + `,"a"}`:     "record: byte 55: '}' where a colon should be",
		`{` + least + `,"a":}`:    "record: byte 56: '}' where a value should be",
		`{` + least + `,"a":1]`:   "record: byte 57: ']' where a comma or a closing brace should be",
		`{` + least + `,"a":tru}`: "record: byte 56: 't' where a value should be",

		body + `{"a":[1,{"b":"cut`:      `record: input.inputBodyJson: byte 94: the line ends where the rest of a string should be; it is cut short`,
		body + `{"a":[1}}}`:             `record: input.inputBodyJson: byte 84: '}' where a comma or a closing bracket should be`,
		body + `{"a":1]}}`:              `record: input.inputBodyJson: byte 83: ']' where a comma or a closing brace should be`,
		body + `{"a":"\x"}}}`:           `record: input.inputBodyJson: byte 83: '\\' where the rest of a string should be`,
		body + `{"a":"` + "\n" + `"}}}`: `record: input.inputBodyJson: byte 83: byte 0x0a where the rest of a string should be`,
		body + `{a:1}}}`:                `record: input.inputBodyJson: byte 78: 'a' where a key should be`,
		body + `01}}`:                   `record: byte 78: '1' where a comma or a closing brace should be`,

		`{` + least + `,"requestMetadata":{"a":"b`:            "record: byte 77: the line ends where the rest of a string should be; it is cut short",
		`{` + least + `,"requestMetadata":{"a":[}}`:           "record: byte 76: '}' where a value should be",
		`{` + least + `,"region":1}`:                          "record: region: byte 61: '1' where a string should be",
		`{` + least + `,"identity":"x"}`:                      "record: identity: byte 63: '\"' where an object should be",
		`{` + least + `,"input":{},"input":{}}`:               "record: input: at byte 71 for the second time",
		`{"timestamp":"yesterday"}`:                           `record: timestamp: got "yesterday"; want RFC 3339, such as 2026-03-01T09:30:00Z`,
		`{"timestamp":1772443811}`:                            `record: timestamp: byte 13: '1' where a string should be`,
		`{"input":{"inputTokenCount":-1}}`:                    "record: input.inputTokenCount: got -1 at byte 28; want a whole number from 0 to 2^63-1",
		`{"input":{"cacheReadInputTokenCount":1.5}}`:          "record: input.cacheReadInputTokenCount: got 1.5 at byte 37; want a whole number from 0 to 2^63-1",
		`{"input":{"cacheWriteInputTokenCount":1e3}}`:         "record: input.cacheWriteInputTokenCount: got 1e3 at byte 38; want a whole number from 0 to 2^63-1",
		`{"output":{"outputTokenCount":9223372036854775808}}`: "record: output.outputTokenCount: got 9223372036854775808 at byte 30; want a whole number from 0 to 2^63-1",
		`{"output":{"outputTokenCount":"7"}}`:                 `record: output.outputTokenCount: got "7" at byte 30; want a whole number from 0 to 2^63-1`,
	}
	for line, want := range tests {
		_, err := Parse([]byte(line))
		assert.EqualError(t, err, want, line)
	}
}

func TestParseRefusesEveryRecordThatIsCutShort(t *testing.T) {
	t.Parallel()
	line, err := os.ReadFile(filepath.Join("testdata", "anthropic-stream.json"))
	require.NoError(t, err)
	line = bytes.TrimSpace(line)
	for n := range line {
		_, err := Parse(line[:n])
		require.Error(t, err, "%d of %d bytes", n, len(line))
	}
}

func TestParseTakesNestingUpToALimit(t *testing.T) {
	t.Parallel()
	for _, n := range []int{31, 32, 33, 63, 64, 65, 127, 128, 129, MaxDepth/2 - 1} {
		body := strings.Repeat(`[{"a":`, n) + "0" + strings.Repeat("}]", n)
		r, err := Parse([]byte(`{` + least + `,"input":{"inputBodyJson":` + body + `}}`))
		require.NoError(t, err, n)
		assert.Len(t, r.Input.Body, len(body))
		_, err = Parse([]byte(`{` + least + `,"input":{"inputBodyJson":` + body[:len(body)-2] + `]}}}`))
		require.Error(t, err, n)
	}
	// The record and its input, or output, are two of them.
	for _, where := range []string{`"input":{"inputBodyJson":`, `"output":{"outputBodyJson":`, `"output":{"new":`, `"input":{"inputTokenCount":1,"x":`, `"requestMetadata":{"k":`} {
		for n, readable := range map[int]bool{MaxDepth - 2: true, MaxDepth - 1: false, 900: false, 4_000: false, 100_000: false} {
			for _, pair := range []string{"[]", `{"delta":}`} {
				body := strings.Repeat(pair[:len(pair)-1], n-1) + "[]" + strings.Repeat(pair[len(pair)-1:], n-1)
				_, err := Parse([]byte(`{` + least + `,` + where + body + `}}`))
				if readable {
					require.NoError(t, err, "%s %d", where, n)
				} else {
					require.ErrorContains(t, err, "more than 512 objects and arrays are open", "%s %d", where, n)
				}
			}
		}
	}
	// What is closed again does not count, nor what is in strings.
	_, err := Parse([]byte(`{` + least + `,"output":{"outputBodyJson":[` + strings.Repeat(`{"a":[{},{}]},`, 5_000) + `"` + strings.Repeat("[", 5_000) + `"]}}`))
	require.NoError(t, err)
}

// scanned tells whether the scanner takes text for one JSON value.
func scanned(text []byte) bool {
	s := scanner{b: text}
	return s.skip() == nil && s.peek() == 0 && s.i == len(text)
}

func TestScannerKnowsTheGrammar(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`0`, `-0`, `01`, `-`, `1.`, `.5`, `1.5`, `1e`, `1e+`, `1E-07`, `1.e1`, `+1`, `12345678`, `123456789012345678901`, `1x`, `1234567x`, `1234567:`, `1234567/`,
		`true`, `false`, `null`, `nul`, `truex`, `""`, `"`, `"\`, `"\"`, `"\u12"`, `"\u12aF"`, `"\u12g0"`, `"\q"`, `"1234567\n"`, "\"\t\"", "\"\x7f\xff\"", `"!#"`,
		`[]`, `[`, `[,]`, `[1,]`, `[1 2]`, `[[],{}]`, `{}`, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{1:2}`, `{"a":1 "b":2}`, `[}`, `{]`, `[{]}`,
		" [ 1 , 2 ] ", "\v1", "1\x00", "\u00a01", `{"a":[{"b":[[]]}],"c":{}}`,
	} {
		assert.Equal(t, json.Valid([]byte(text)), scanned([]byte(text)), text)
	}
}

// FuzzParse holds the scanner against encoding/json, with any text as a body: a record is read if
// and only if it is JSON, and what is read of it is the same.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		line, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(line)
	}
	for _, line := range benchmarkLines() {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"a":[1,-0.5e+3,"\u00e4\n",null,true,false,{}]}`))
	// What has no more brackets than this is nested less deeply than the limit.
	const few = MaxDepth - 2
	f.Fuzz(func(t *testing.T, text []byte) {
		flat := bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) <= few
		if flat {
			require.Equal(t, json.Valid(text), scanned(text), "the scanner and encoding/json agree on what is JSON")
		}
		r, err := Parse(text)
		if err != nil {
			require.Nil(t, r)
			require.True(t, strings.HasPrefix(err.Error(), "record: "))
		} else {
			require.True(t, json.Valid(text))
			var plain struct {
				RequestID string    `json:"requestId"`
				Timestamp time.Time `json:"timestamp"`
			}
			require.NoError(t, json.Unmarshal(text, &plain))
			_ = Rates().Call(r, "object")
		}

		whole := append(append([]byte(`{`+least+`,"output":{"outputBodyJson":`), text...), `}}`...)
		r, err = Parse(whole)
		if valid := json.Valid(text); valid && flat && string(bytes.TrimSpace(text)) != "null" {
			require.NoError(t, err)
			require.Equal(t, string(bytes.TrimSpace(text)), string(r.Output.Body))
			require.Equal(t, readOutcome(text), r.answer)
		}
	})
}
