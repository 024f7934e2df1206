package athenatest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

// put writes lines as one object of an hour.
func put(t *testing.T, dir, hour, name string, lines ...string) {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte(strings.Join(lines, "\n") + "\n"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	folder := filepath.Join(dir, "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1", hour)
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), zipped.Bytes(), 0o644))
}

// oddRecords are lines that no traffic of every day has. Those in unreadable are no records.
func oddRecords() (readable, unreadable []string) {
	n := 0
	var tooDeep []string
	base := func(more string) string {
		n++
		return fmt.Sprintf(`{"requestId":"r-%03d","timestamp":"2026-11-02T09:30:00Z"%s}`, n, more)
	}
	quoted := func(s string) string {
		text, _ := json.Marshal(s)
		return string(text)
	}
	add := func(more string) { readable = append(readable, base(more)) }

	add("")
	add(`,"schemaType":"ModelInvocationLog","newField":{"requestId":"x"},"input":null,"output":null,"identity":null,"requestMetadata":null`)
	add(`,"accountId":null,"region":"","operation":"Converse","input":{},"output":{},"identity":{},"requestMetadata":{}`)

	for _, id := range []string{
		"", "claude", ".", "a.b", "anthropic.", ".claude", "anthropic.claude", "anthropic.claude-v2", "anthropic.claude-v2:1",
		"anthropic.claude-v2:1:100k", "anthropic.claude-instant-v1", "anthropic.claude-3-haiku-20240307-v1:0:200k",
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "eu.anthropic.claude-opus-4-6-v1", "global.anthropic.claude-sonnet-5",
		"apac.amazon.nova-pro-v1:0", "us-gov.anthropic.claude-haiku-4-5-20251001-v1:0", "jp.anthropic.claude-sonnet-4-5",
		"global.anthropic.claude-opus-4-1-20250805-v1:0", "global.global.claude", "global.claude", "apac.claude", "xx.yy.zz", "us.ai21.jamba-1-5-mini-v1:0", "ai21.j2-ultra-v1",
		"amazon.titan-embed-text-v2:0:8k", "amazon.titan-embed-text-v1:2:8k", "mistral.mistral-large-2402-v1:0",
		"mistral.mistral-7b-instruct-v0:2", "meta.llama3-1-8b-instruct-v1:0", "openai.gpt-oss-120b-1:0", "openai.gpt-5.6-sol",
		"deepseek.v3-v1:0", "deepseek.v3.2", "qwen.qwen3-32b-v1:0", "nvidia.nemotron-nano-3-30b:0", "moonshotai.kimi-k3.1",
		"stability.stable-image-core-v1:1", "stability.sd3-5-large-v1:0", "luma.ray-v2:0", "twelvelabs.pegasus-1-2-v1:0",
		"cohere.command-r-plus-v1:0", "cohere.rerank-v3-5:0", "cohere.embed-v4:0", "writer.palmyra-x5-v1:0", "vendor.name-v1-v2",
		"vendor.name-20260101", "vendor.name-20260101-v1", "vendor.name-20260101-v1.5:0", "vendor.-v1", "vendor.v1", "vendor.name-v", "vendor.a:b:c:d", "vendor.a::c", "vendor.:b:c",
		"Anthropic.claude", "anthropic.cl aude", "anthropic.claude/x", "anthropic.claude\nx", "us.anthropic", "us..claude", "us-.anthropic.claude",
		"arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
		"arn:aws-cn:bedrock:cn-north-1:111122223333:inference-profile/apac.amazon.nova-lite-v1:0",
		"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/global.anthropic.claude-opus-4-5-20251101-v1:0",
		"arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc123def456",
		"arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/abc", "arn:aws:bedrock:eu-west-1:111122223333:custom-model/amazon.nova-lite-v1:0/abc",
		"arn:aws:bedrock:eu-west-1:111122223333:default-prompt-router/anthropic.claude:1", "arn:aws:bedrock:us-east-1:111122223333:prompt/PROMPT:1",
		"arn:aws:sagemaker:eu-west-1:111122223333:endpoint/x", "arn:aws:bedrock:eu-west-1", "arn:aws:bedrock:a:b:foundation-model/", "arn:",
	} {
		add(`,"modelId":` + quoted(id) + `,"input":{"inputTokenCount":1000,"cacheReadInputTokenCount":333,"cacheWriteInputTokenCount":77},"output":{"outputTokenCount":501}`)
	}
	for _, arn := range []string{
		"", "x", "arn:aws:iam::111122223333:user/path/alice", "arn:aws:iam::111122223333:root",
		"arn:aws:sts::111122223333:assumed-role/app/i-0abc", "arn:aws:sts::111122223333:assumed-role/app/with/slashes", "arn:aws:sts::111122223333:assumed-role/app/",
		"arn:aws:sts::111122223333:assumed-role/app", "arn:aws:sts::111122223333:assumed-role//s", "arn:aws:sts::111122223333:federated-user/bob",
		"arn:aws-us-gov:sts::111122223333:assumed-role/app/a@b.c", "arn:aws:sts:eu-west-1:111122223333:assumed-role/app/x",
	} {
		add(`,"identity":{"arn":` + quoted(arn) + `}`)
	}
	for _, metadata := range []string{
		`{"user_id":"u-1","task_type":"t","kb_id":"k","request_id":"b-1","z":"1","a":"2","Z":"3","10":"x","9":"y"}`,
		`{"user_id":""}`, `{"user_id":"  "}`, `{"user_id":"tab\there","task_type":"new\nline","kb_id":"back\\slash \"quoted\"","a\r\f\u000b":"\u00e4\u20ac\ud83d\ude00/\/"}`,
		`{"user_id":17,"task_type":true,"kb_id":{"b":1,"a":[2,"x"]},"request_id":1.5}`, `{"user_id":null,"task_type":"t"}`, `{"user_id":null}`,
		`[]`, `"text"`, `["user_id"]`, `5`, `{"":"empty key"}`,
	} {
		add(`,"requestMetadata":` + metadata)
	}
	bodies := []string{
		`null`, `""`, `"INTERVENED"`, `5`, `[]`, `{}`, `["[DONE]"]`, `[[{"stopReason":"nested"}]]`, `[5,null,"x",{"stop_reason":"a"},{"x":1},"[DONE]"]`,
		`{"stopReason":"end_turn","stop_reason":"second"}`, `{"stopReason":"","stop_reason":"second"}`, `{"stopReason":null,"stop_reason":"second"}`,
		`{"stopReason":5,"stop_reason":["x"],"choices":[{"finish_reason":"length"}]}`, `{"stopReason":"guardrail_intervened"}`, `{"stopReason":"Guardrail_Intervened"}`,
		`{"amazon-bedrock-guardrailAction":"INTERVENED"}`, `{"amazon-bedrock-guardrailAction":"NONE"}`, `{"amazon-bedrock-guardrailAction":["INTERVENED"]}`,
		`[{"amazon-bedrock-guardrailAction":"NONE"},{"amazon-bedrock-guardrailAction":"INTERVENED","stop_reason":"x"},{"amazon-bedrock-guardrailAction":"NONE","stop_reason":"y"}]`,
		`[{"stop_reason":"first"},{"delta":{"stop_reason":"last"}},{"type":"message_stop","amazon-bedrock-invocationMetrics":{"invocationLatency":812,"firstByteLatency":3}}]`,
		`[{"stopReason":"guardrail_intervened"},{"stopReason":"end_turn"}]`,
		`{"metrics":{"latencyMs":10},"metadata":{"metrics":{"latencyMs":20}}}`, `{"metrics":{"latencyMs":"10"},"metadata":{"metrics":{"latencyMs":20}}}`,
		`{"metrics":{"latencyMs":10.5}}`, `{"metrics":{"latencyMs":-10}}`, `{"metrics":{"latencyMs":1e3}}`, `{"metrics":{"latencyMs":9223372036854775807}}`, `{"metrics":{"latencyMs":9223372036854775808}}`,
		`{"choices":[],"generations":[{"finish_reason":"COMPLETE"}]}`, `{"results":{"completionReason":"not a list"},"outputs":[1,{"stop_reason":"second"}]}`,
		`{"stop_reason":"\u0065scaped \"\\ \n"}`, `{"stop_reason":"\u0065scaped.all:so-far_1"}`, `{"stop_reason":"with a prompt","delta":{"stop_reason":"next"}}`, `{"stop_reason":"line\n"}`, `{"stop_reason":"ä"}`,
		`{"stop_reason":"` + strings.Repeat("x", 64) + `"}`, `{"stop_reason":"` + strings.Repeat("x", 65) + `"}`, `[{"stop_reason":"kept"},{"stop_reason":"not kept"}]`, `{"stop_reason":"dup","stop_reason":"of dup"}`, `{"x":{"stopReason":"deep"},"y":[{"stop_reason":"deep"}]}`,
	}
	for _, path := range append(record.StopReasonPaths(), record.LatencyPaths()...) {
		body := `"at:` + strings.NewReplacer(`"`, ``, `$`, ``, `[`, `:`, `]`, ``).Replace(path) + `"`
		if strings.Contains(path, "atency") {
			body = "123"
		}
		steps := strings.FieldsFunc(strings.ReplaceAll(strings.TrimPrefix(path, "$"), "[0]", ".[0]"), func(r rune) bool { return r == '.' })
		for i := len(steps) - 1; i >= 0; i-- {
			switch step := strings.Trim(steps[i], `[]"`); step {
			case "0":
				body = "[" + body + `,{"stop_reason":"of the second"}]`
			default:
				body = `{"` + step + `":` + body + "}"
			}
		}
		bodies = append(bodies, body, `[{"type":"other"},`+body+`]`)
	}
	for _, body := range bodies {
		add(`,"output":{"outputBodyJson":` + body + `}`)
	}
	for _, counts := range []string{
		`"errorCode":"ThrottlingException"`, `"input":{"inputTokenCount":0}`, `"input":{"inputTokenCount":100000000}`, `"input":{"inputTokenCount":1},"output":{"outputTokenCount":100000001}`,
		`"input":{"inputTokenCount":9223372036854775807,"cacheReadInputTokenCount":9223372036854775807}`, `"input":{"cacheReadInputTokenCount":5}`, `"input":{"inputTokenCount":null,"inputBodyS3Path":"s3://b/k"}`,
		`"output":{"outputTokenCount":5,"outputBodyS3Path":"s3://b/o"}`, `"errorCode":"","output":{"outputTokenCount":5}`, `"input":{"inputTokenCount":272000}`, `"input":{"inputTokenCount":272001}`,
		`"input":{"inputTokenCount":272000,"cacheWriteInputTokenCount":1}`, `"input":{"inputTokenCount":7,"cacheReadInputTokenCount":11,"cacheWriteInputTokenCount":13},"output":{"outputTokenCount":17}`,
	} {
		for _, id := range []string{"openai.gpt-5.6-sol", "global.openai.gpt-5.6-terra", "us.amazon.nova-micro-v1:0"} {
			add(`,"modelId":"` + id + `",` + counts)
		}
	}
	for _, at := range []string{
		"2026-11-02T09:30:00.5Z", "2026-11-02T09:30:00.123456Z", "2026-11-02T10:30:00+01:00", "2026-11-01T22:30:00-05:30", "2026-10-31T23:59:59Z",
	} {
		n++
		readable = append(readable, fmt.Sprintf(`{"timestamp":"%s","requestId":"r-%03d","modelId":"regional.x"}`, at, n))
	}
	// Nesting, up to the limit and beyond it.
	for _, body := range []string{`"input":{"inputBodyJson":%s}`, `"output":{"outputBodyJson":%s}`, `"requestMetadata":{"x":%s}`, `"new":[%s]`} {
		for _, pair := range []string{"[]", `{"a":}`} {
			for _, n := range []int{15, 16, 17, 33, 400, record.MaxDepth - 2, record.MaxDepth - 1, 900, 1_100, 4_000, 20_000} {
				deep := strings.Repeat(pair[:len(pair)-1], n-1) + `["]\"}{["]` + strings.Repeat(pair[len(pair)-1:], n-1)
				line := base("," + fmt.Sprintf(body, deep))
				if n <= record.MaxDepth-2 {
					readable = append(readable, line)
				} else {
					tooDeep = append(tooDeep, line)
				}
			}
		}
	}
	add(`,"output":{"outputBodyJson":[` + strings.Repeat(`{"delta":{"text":"[{"}},`, 2_500) + `{"delta":{"stop_reason":"end_turn"}}]}`)
	add(`,"output":{"outputBodyJson":{"x":[` + strings.Repeat(strings.Repeat("[", 60)+strings.Repeat("]", 60)+",", 300) + `{}],"stop_reason":"end_turn"}}`)
	readable = append(readable, "  "+base(` , "modelId" : "amazon.nova-lite-v1:0" `)+"\t")

	unreadable = append(tooDeep,
		`{`, `{}`, `[]`, `5`, `"x"`, `null`, `nonsense`, base("")+base(""), base("")[:40], base("")+"x", base(`,"x":`),
		`{"requestId":"r"}`, `{"timestamp":"2026-11-02T09:30:00Z"}`, `{"requestId":"","timestamp":"2026-11-02T09:30:00Z"}`, `{"requestId":7,"timestamp":"2026-11-02T09:30:00Z"}`,
		`{"requestId":"r","timestamp":"2026-11-02"}`, `{"requestId":"r","timestamp":"2026-11-02T09:30Z"}`, `{"requestId":"r","timestamp":"2026-11-02T09:30:00"}`, `{"requestId":"r","timestamp":1762075800}`,
		`{"requestId":"r","timestamp":"2026-11-31T09:30:00Z"}`,
		base(`,"modelId":5`), base(`,"accountId":["1"]`), base(`,"errorCode":{}`), base(`,"identity":{"arn":true}`),
		base(`,"input":{"inputTokenCount":"5"}`), base(`,"input":{"inputTokenCount":1.5}`), base(`,"input":{"cacheReadInputTokenCount":-1}`), base(`,"output":{"outputTokenCount":1e2}`),
		base(`,"output":{"outputTokenCount":9223372036854775808}`), base(`,"output":{"outputBodyS3Path":1}`),
		strings.Repeat("[", 5_000), strings.Repeat("]", 5_000), strings.Repeat("[", 5_000)+`"`+strings.Repeat("]", 5_000), strings.Repeat("[", 5_000)+strings.Repeat("}", 5_000), base(`,"x":[}`), base(`,"x":"\"`),
	)
	return readable, unreadable
}

func TestOddRecordsBecomeTheSameRowsToo(t *testing.T) {
	dir := t.TempDir()
	readable, unreadable := oddRecords()
	put(t, dir, "2026/11/02/09", "20261102T093000000Z_00.json.gz", append(readable, unreadable...)...)
	card := record.Rates().With(aliases(t))
	want := goRows(t, dir, card)
	require.Len(t, want, len(readable), "Go reads each of them, and none of the others")

	a := newAthena(t)
	a.see(dir, everything)
	a.setUp(card)
	a.run(ledgersql.Fill(database, allTime))
	requireSameRows(t, want, a.ledger())

	a.run(ledgersql.NoteUnreadable(database, allTime))
	measured := a.measure(allTime)
	assert.EqualValues(t, len(readable), measured[0], "rows")
	assert.EqualValues(t, len(unreadable), measured[2], "unreadable")
	assert.EqualValues(t, 0, measured[3], "missing")

	a.requireSameAnswers()
}

func aliases(t *testing.T) *record.RateCard {
	t.Helper()
	card, err := record.ReadRates(strings.NewReader(`alias,model,scope,above,since,input,output,cache_read,cache_write,source,retrieved
,amazon.nova-micro,us,,2026-11-02,1.000499,7.77,,,it's a contract,
,acme.in-house-v2,,,,0.000001,0,,,contract,
,anthropic.claude-3-haiku-20240307,in-region,,2026-11-03,9,9,,,of tomorrow,
arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc123def456,eu.anthropic.claude-sonnet-4-5-20250929-v1:0,,,,,,,,,
arn:aws:sagemaker:eu-west-1:111122223333:endpoint/x,acme.in-house-v2:0,,,,,,,,,
claude,anthropic.claude-3-haiku-20240307-v1:0,,,,,,,,,
`))
	require.NoError(t, err)
	return card
}
