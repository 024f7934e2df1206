package record

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// prose is text of n bytes as prompts are made of, with a line break or a quote here and there.
func prose(n int) string {
	const text = `The quarterly figures of the northern branch are \"better than expected\", so the committee asks for a summary in plain words.\nState the three main reasons, with a number for each, and say what is uncertain about them. `
	return strings.Repeat(text, n/len(text)+1)[:n/len(text)*len(text)]
}

func benchmarkLines() map[string]string {
	const head = `{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-03-02T09:30:11Z","accountId":"111122223333","region":"eu-central-1","requestId":"7e1b0e1c-3f55-4d8a-9a51-1f0d9c7a2b11","operation":"%s","modelId":"%s","identity":{"arn":"arn:aws:sts::111122223333:assumed-role/assistant/i-0abc"},"requestMetadata":{"user_id":"u-1001","task_type":"summary","kb_id":"KB12345678","request_id":"b-77"},`
	converse := fmt.Sprintf(head, "Converse", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0") +
		`"input":{"inputContentType":"application/json","inputBodyJson":{"messages":[{"role":"user","content":[{"text":"` + prose(3500) + `"}]}],"system":[{"text":"Answer briefly."}],"inferenceConfig":{"maxTokens":1000}},"inputTokenCount":900,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0},` +
		`"output":{"outputContentType":"application/json","outputBodyJson":{"output":{"message":{"role":"assistant","content":[{"text":"` + prose(1200) + `"}]}},"stopReason":"end_turn","metrics":{"latencyMs":2345},"usage":{"inputTokens":900,"outputTokens":300,"totalTokens":1200}},"outputTokenCount":300}}`
	chunk := `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" of the northern"}},`
	stream := fmt.Sprintf(head, "InvokeModelWithResponseStream", "us.anthropic.claude-haiku-4-5-20251001-v1:0") +
		`"input":{"inputContentType":"application/json","inputBodyJson":{"anthropic_version":"bedrock-2023-05-31","max_tokens":1000,"messages":[{"role":"user","content":"` + prose(1500) + `"}]},"inputTokenCount":400},` +
		`"output":{"outputContentType":"application/json","outputBodyJson":[{"type":"message_start","message":{"id":"msg_1","role":"assistant","content":[],"stop_reason":null}},` + strings.Repeat(chunk, 60) +
		`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":60}},{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":400,"outputTokenCount":60,"invocationLatency":1200,"firstByteLatency":300}}],"outputTokenCount":60}}`
	embedding := fmt.Sprintf(head, "InvokeModel", "amazon.titan-embed-text-v2:0") +
		`"input":{"inputContentType":"application/json","inputBodyJson":{"inputText":"` + prose(600) + `"},"inputTokenCount":150},` +
		`"output":{"outputContentType":"application/json","outputBodyJson":{"embedding":[` + strings.TrimSuffix(strings.Repeat("-0.023614746,0.05189845,", 256), ",") + `],"inputTextTokenCount":150}}}`
	return map[string]string{"converse": converse, "stream": stream, "embedding": embedding}
}

func BenchmarkParse(b *testing.B) {
	for name, line := range benchmarkLines() {
		b.Run(name, func(b *testing.B) {
			raw := []byte(line)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseAndCall(b *testing.B) {
	card := Rates()
	for name, line := range benchmarkLines() {
		b.Run(name, func(b *testing.B) {
			raw := []byte(line)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Parse(raw)
				if err != nil {
					b.Fatal(err)
				}
				card.Call(r, "object")
			}
		})
	}
}

func BenchmarkContent(b *testing.B) {
	for _, name := range []string{"converse", "anthropic-stream"} {
		b.Run(name, func(b *testing.B) {
			line, err := os.ReadFile("testdata/" + name + ".json")
			require.NoError(b, err)
			r, err := Parse(line)
			require.NoError(b, err)
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				_ = r.Content()
			}
		})
	}
}
