package record

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample reads the record in testdata of that name.
func sample(t testing.TB, name string) *Record {
	t.Helper()
	line, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	r, err := Parse(line)
	require.NoError(t, err)
	return r
}

func ms(n int64) *int64 { return &n }

func said(role, text string) Message { return Message{role, text} }

var contents = map[string]Content{
	"converse": {
		Family: "converse", System: "Answer in one sentence.\n\nBe polite.",
		Messages: []Message{said("user", "What is in the picture?")}, Prompt: "What is in the picture?",
		Completion: `A cat on a "red" sofa.`, Reasoning: "A cat, clearly.", StopReason: "end_turn", LatencyMS: ms(2345),
		Media: []Media{{Kind: "image", Format: "png", URI: "s3://invocation-logs/AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1/2026/03/02/09/data/5b0f_input_media_00.png"}},
	},
	"converse-tools": {
		Family:   "converse",
		Messages: []Message{said("user", "Weather in Graz?"), said("assistant", ""), said("user", "{\"lat\":47.07}\n\nfound")},
		Prompt:   "{\"lat\":47.07}\n\nfound", Completion: "Let me look.", StopReason: "tool_use", LatencyMS: ms(640),
		ToolCalls: []ToolCall{{"t-2", "weather", json.RawMessage(`{"lat":47.07}`)}},
		Media:     []Media{{Kind: "document", Format: "pdf", Name: "map", Bytes: 5}},
	},
	"converse-guardrail": {
		Family: "converse", Messages: []Message{said("user", "Tell me a secret.")}, Prompt: "Tell me a secret.",
		Completion: "This is not allowed.", StopReason: "guardrail_intervened", GuardrailIntervened: true, LatencyMS: ms(120),
	},
	"anthropic": {
		Family: "anthropic", System: "Be brief.", Messages: []Message{said("user", "Describe it.")}, Prompt: "Describe it.",
		Completion: "A night sky.", Reasoning: "Dark.", StopReason: "tool_use",
		ToolCalls: []ToolCall{{"toolu_1", "zoom", json.RawMessage(`{"x":2}`)}},
		Media:     []Media{{Kind: "image", Format: "image/jpeg", Bytes: 5}},
	},
	"anthropic-stream": {
		Family: "anthropic", Messages: []Message{said("user", "Weather in Graz?")}, Prompt: "Weather in Graz?",
		Completion: "One moment.", Reasoning: "Ask the tool.", StopReason: "tool_use", LatencyMS: ms(812),
		ToolCalls: []ToolCall{{"toolu_2", "weather", json.RawMessage(`{"city":"Graz"}`)}},
	},
	"anthropic-completions": {
		Family: "anthropic", Messages: []Message{said("user", "\n\nHuman: Say hello.\n\nAssistant:")}, Prompt: "\n\nHuman: Say hello.\n\nAssistant:",
		Completion: " Hello!", StopReason: "stop_sequence",
	},
	"nova": {
		Family: "amazon", System: "Be brief.", Messages: []Message{said("user", "What happens?")}, Prompt: "What happens?",
		Completion: "A train arrives.", StopReason: "end_turn",
		Media: []Media{{Kind: "video", Format: "mp4", URI: "s3://films/a.mp4"}},
	},
	"nova-stream": {
		Family: "amazon", Messages: []Message{said("user", "Sum 2 and 3.")}, Prompt: "Sum 2 and 3.",
		Completion: "I use a tool.", StopReason: "tool_use", LatencyMS: ms(431),
		ToolCalls: []ToolCall{{"n-1", "add", json.RawMessage(`{"a":2,"b":3}`)}},
	},
	"titan": {
		Family: "amazon", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: "Blue.", StopReason: "FINISH",
	},
	"titan-stream": {
		Family: "amazon", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: "Blue.", StopReason: "FINISH", GuardrailIntervened: true, LatencyMS: ms(812),
	},
	"titan-embedding": {
		Family: "amazon", Messages: []Message{said("user", "To be embedded.")}, Prompt: "To be embedded.",
	},
	"llama": {
		Family: "meta", Messages: []Message{said("user", "<|begin_of_text|>Name a colour.")}, Prompt: "<|begin_of_text|>Name a colour.",
		Completion: "Blue.", StopReason: "stop",
	},
	"llama-stream": {
		Family: "meta", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: "Blue.", StopReason: "stop", LatencyMS: ms(812),
	},
	"mistral": {
		Family: "mistral", Messages: []Message{said("user", "<s>[INST] Name a colour. [/INST]")}, Prompt: "<s>[INST] Name a colour. [/INST]",
		Completion: " Blue.", StopReason: "length",
	},
	"mistral-chat": {
		Family: "mistral", System: "Be brief.", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		StopReason: "tool_calls", ToolCalls: []ToolCall{{"c-1", "pick", json.RawMessage(`{"of":"colours"}`)}},
	},
	"cohere": {
		Family: "cohere", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: " Blue.", StopReason: "COMPLETE",
	},
	"cohere-r": {
		Family: "cohere", System: "Be brief.",
		Messages: []Message{said("USER", "Name a colour."), said("CHATBOT", "Blue."), said("user", "And another?")}, Prompt: "And another?",
		Completion: "Red.", StopReason: "TOOL_CALL", ToolCalls: []ToolCall{{"", "paint", json.RawMessage(`{"colour":"red"}`)}},
	},
	"cohere-stream": {
		Family: "cohere", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: "Blue.", StopReason: "COMPLETE", LatencyMS: ms(812),
	},
	"cohere-embedding": {
		Family: "cohere", Messages: []Message{said("user", "First text.\n\nSecond text.")}, Prompt: "First text.\n\nSecond text.",
	},
	"ai21": {
		Family: "ai21", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: "\nBlue.", StopReason: "endoftext",
	},
	"ai21-jamba-stream": {
		Family: "ai21", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: "Blue.", StopReason: "stop", LatencyMS: ms(812),
	},
	"deepseek": {
		Family: "deepseek", Messages: []Message{said("user", "<｜begin▁of▁sentence｜><｜User｜>Name a colour.<｜Assistant｜>")},
		Prompt: "<｜begin▁of▁sentence｜><｜User｜>Name a colour.<｜Assistant｜>", Completion: "<think>Hm.</think>Blue.", StopReason: "stop",
	},
	"openai": {
		Family: "openai", System: "Be brief.", Messages: []Message{said("user", "What is it?")}, Prompt: "What is it?",
		Completion: "A cat.", Reasoning: "Whiskers.", StopReason: "stop",
		Media: []Media{{Kind: "image", Format: "image/png", Bytes: 5}},
	},
	"openai-stream": {
		Family: "openai", Messages: []Message{said("user", "Weather in Graz?")}, Prompt: "Weather in Graz?",
		Completion: "One moment.", StopReason: "tool_calls", LatencyMS: ms(812),
		ToolCalls: []ToolCall{{"call_1", "weather", json.RawMessage(`{"city":"Graz"}`)}},
	},
	"imported": {
		Family: "meta", Messages: []Message{said("user", "Name a colour.")}, Prompt: "Name a colour.",
		Completion: "Blue.", StopReason: "stop",
	},
	"unknown": {
		Raw: true, Prompt: `{"text_prompts":[{"text":"A blue door"}],"steps":30}`,
		Completion: `{"artifacts":[{"base64":"AAECAwQ=","finishReason":"SUCCESS"}],"result":"success"}`,
	},
	"s3-bodies": {},
	"error":     {Family: "converse", Messages: []Message{said("user", "Hello?")}, Prompt: "Hello?"},
}

func TestContentOfEveryFamily(t *testing.T) {
	t.Parallel()
	for name, want := range contents {
		assert.Equal(t, want, sample(t, name).Content(), name)
	}
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	assert.Len(t, files, len(contents), "every record in testdata has its content stated here")
}

func TestContentOfOddBodies(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"messages":[`, 60) + strings.Repeat(`]}`, 60)
	tests := map[string]struct {
		in, out string
		want    Content
	}{
		"no bodies":          {want: Content{}},
		"a text body":        {in: `"hello"`, out: `"hi"`, want: Content{Raw: true, Prompt: `"hello"`, Completion: `"hi"`}},
		"too deep":           {in: deep, want: Content{Raw: true, Prompt: deep}},
		"not JSON":           {in: `{"prompt":`, want: Content{Raw: true, Prompt: `{"prompt":`}},
		"a list of texts":    {in: `{"prompt":["one","two"]}`, want: Content{Family: "openai", Prompt: "two", Messages: []Message{said("user", "one"), said("user", "two")}}},
		"an unexpected type": {in: `{"system":7,"inputText":"one","images":{}}`, want: Content{Family: "amazon", Prompt: "one", Messages: []Message{said("user", "one")}}},
		"an address":         {in: `{"messages":[{"role":"user","content":[{"image_url":{"url":"https://example.org/a.png"}}]}]}`, want: Content{Family: "openai", Messages: []Message{said("user", "")}, Media: []Media{{Kind: "image", URI: "https://example.org/a.png"}}}},
		"broken arguments":   {out: `[{"contentBlockStart":{"start":{"toolUse":{"name":"f"}}}},{"contentBlockDelta":{"delta":{"toolUse":{"input":"{\"a"}}}}]`, want: Content{Family: "amazon", ToolCalls: []ToolCall{{"", "f", json.RawMessage(`"{\"a"`)}}}},
		"tools side by side": {
			out: `[{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","name":"f"}},{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","name":"g"}},` +
				`{"type":"content_block_delta","index":1,"delta":{"partial_json":"1"}},{"type":"content_block_delta","index":2,"delta":{"partial_json":"2"}}]`,
			want: Content{Family: "anthropic", ToolCalls: []ToolCall{{"", "f", json.RawMessage(`1`)}, {"", "g", json.RawMessage(`2`)}}},
		},
		"broken arguments in one piece": {
			out:  `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"{\"a"}}]}}]}`,
			want: Content{Family: "openai", ToolCalls: []ToolCall{{"", "f", json.RawMessage(`"{\"a"`)}}},
		},
		"Llama's manner in, OpenAI's out": {
			in: `{"prompt":"one","max_gen_len":1}`, out: `{"choices":[{"text":"two"}]}`,
			want: Content{Family: "meta", Prompt: "one", Messages: []Message{said("user", "one")}, Completion: "two"},
		},
		"media and citations in the answer": {
			out:  `{"output":{"message":{"content":[{"image":{"format":"png","source":{"bytes":"AAECAwQ="}}},{"citationsContent":{"content":[{"text":"cited"}]}}]}}}`,
			want: Content{Family: "amazon", Completion: "cited", Media: []Media{{Output: true, Kind: "image", Format: "png", Bytes: 5}}},
		},
		"media in the request": {
			in: `{"anthropic_version":"x","messages":[{"role":"user","content":[{"type":"document","title":"t","source":{"type":"text","media_type":"text/plain","data":"hello"}},` +
				`{"guardContent":{"image":{"format":"png","source":{"bytes":"AA=="}}}},{"input_audio":{"format":"wav","data":"AAAA"}},"bare"]},{"role":"user","content":{"text":"single"}}]}`,
			want: Content{
				Family: "anthropic", Prompt: "single", Messages: []Message{said("user", "bare"), said("user", "single")},
				Media: []Media{{Kind: "document", Format: "text/plain", Name: "t", Bytes: 5}, {Kind: "image", Format: "png", Bytes: 1}, {Kind: "audio", Format: "wav", Bytes: 3}},
			},
		},
		"images to embed": {
			in:   `{"images":["data:image/png;base64,AAECAwQ="],"input_type":"image"}`,
			want: Content{Family: "cohere", Media: []Media{{Kind: "image", Format: "image/png", Bytes: 5}}},
		},
		"an image to embed":   {in: `{"inputImage":"AAECAwQ="}`, want: Content{Family: "amazon", Media: []Media{{Kind: "image", Bytes: 5}}}},
		"an image made":       {out: `{"images":["AAECAwQ="]}`, want: Content{Family: "amazon", Media: []Media{{Output: true, Kind: "image", Bytes: 5}}}},
		"an empty stream":     {out: `[]`, want: Content{Raw: true, Completion: `[]`}},
		"a message of errors": {out: `{"message":"denied"}`, want: Content{Raw: true, Completion: `{"message":"denied"}`}},
	}
	for name, test := range tests {
		r := Record{}
		if test.in != "" {
			r.Input.Body = json.RawMessage(test.in)
		}
		if test.out != "" {
			r.Output.Body = json.RawMessage(test.out)
		}
		assert.Equal(t, test.want, r.Content(), name)
	}
}

func FuzzContent(f *testing.F) {
	for name := range contents {
		r := sample(f, name)
		f.Add(r.Operation, r.ModelID, []byte(r.Input.Body), []byte(r.Output.Body))
	}
	f.Fuzz(func(t *testing.T, operation, model string, in, out []byte) {
		r := Record{Operation: operation, ModelID: model, Input: Input{Body: in}, Output: Output{Body: out}}
		c := r.Content()
		for _, call := range c.ToolCalls {
			if len(call.Input) > 0 {
				require.True(t, json.Valid(call.Input), "the arguments of a tool are JSON: %s", call.Input)
			}
		}
		if c.Family == "" && len(in)+len(out) > 0 {
			require.True(t, c.Raw, "what is not recognised is handed on raw")
		}
	})
}
