package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOutcomeFollowsTheRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want outcome
	}{
		// Bodies without chunks.
		{``, outcome{}}, {`null`, outcome{}}, {`"[DONE]"`, outcome{}}, {`[]`, outcome{}}, {`["[DONE]"]`, outcome{}}, {`[[{"stop_reason":"x"}]]`, outcome{}},
		// The first path that has a value counts, wherever the fields are.
		{`{"stopReason":"a","stop_reason":"b"}`, outcome{stopReason: "a"}},
		{`{"stop_reason":"b","stopReason":"a"}`, outcome{stopReason: "a"}},
		{`{"stopReason":null,"finish_reason":"c","stop_reason":""}`, outcome{stopReason: "c"}},
		{`{"choices":[{"stop_reason":"b","finish_reason":"a"},{"finish_reason":"z"}]}`, outcome{stopReason: "a"}},
		{`{"metadata":{"metrics":{"latencyMs":2}},"metrics":{"latencyMs":1}}`, outcome{latencyMS: ms(1)}},
		// Of a key that is there twice the first counts, even if it has no value.
		{`{"stop_reason":"a","stop_reason":"b"}`, outcome{stopReason: "a"}},
		{`{"stop_reason":null,"stop_reason":"b"}`, outcome{}},
		// The paths lead through exactly what they say.
		{`{"output":{"stopReason":"a"},"delta":"stop_reason","choices":{"finish_reason":"a"},"results":[[{"completionReason":"a"}]],"outputs":[],"generations":[{},{"finish_reason":"a"}]}`, outcome{}},
		{`{"StopReason":"a","stop_reason ":"b","text":"\"stop_reason\":\"c\""}`, outcome{}},
		{`{"stop\u005freason":"a\u0062"}`, outcome{stopReason: "ab"}},
		{`{"stopReason":7,"stop_reason":["x"],"finish_reason":{"x":1}}`, outcome{}},
		// The last chunk that has a value counts.
		{`[{"stop_reason":"a"},{"stop_reason":"b"},{"stop_reason":null},{},"[DONE]"]`, outcome{stopReason: "b"}},
		{`[{"stopReason":"a"},{"finish_reason":"b"}]`, outcome{stopReason: "b"}},
		{`[{"metrics":{"latencyMs":1}},{"amazon-bedrock-invocationMetrics":{"invocationLatency":2}}]`, outcome{latencyMS: ms(2)}},
		// A latency is written with digits alone.
		{`{"metrics":{"latencyMs":0}}`, outcome{latencyMS: ms(0)}},
		{`{"metrics":{"latencyMs":-1}}`, outcome{}}, {`{"metrics":{"latencyMs":1.0}}`, outcome{}}, {`{"metrics":{"latencyMs":1e3}}`, outcome{}},
		{`{"metrics":{"latencyMs":"1"}}`, outcome{}}, {`{"metrics":{"latencyMs":9223372036854775808}}`, outcome{}},
		// A guardrail is known by the stop reason that counts, or by the action of any chunk.
		{`{"stopReason":"guardrail_intervened"}`, outcome{stopReason: "guardrail_intervened", intervened: true}},
		{`[{"stop_reason":"guardrail_intervened"},{"stop_reason":"b"}]`, outcome{stopReason: "b"}},
		{`[{"amazon-bedrock-guardrailAction":"INTERVENED"},{"amazon-bedrock-guardrailAction":"NONE"}]`, outcome{intervened: true}},
		{`{"amazon-bedrock-guardrailAction":"intervened"}`, outcome{}}, {`{"amazon-bedrock-guardrailAction":true}`, outcome{}},
		{`{"trace":{"amazon-bedrock-guardrailAction":"INTERVENED"}}`, outcome{}},
		// What is not JSON is read up to the fault.
		{`{"stop_reason":"a",`, outcome{stopReason: "a"}}, {`[{"stop_reason":"a"}{"stop_reason":"b"}]`, outcome{stopReason: "a"}},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, readOutcome([]byte(test.body)), test.body)
	}
}

func TestOutcomeKnowsEveryPath(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		`$.stopReason`:                         `{"stopReason":"x"}`,
		`$.stop_reason`:                        `{"stop_reason":"x"}`,
		`$.delta.stop_reason`:                  `{"delta":{"stop_reason":"x"}}`,
		`$.messageStop.stopReason`:             `{"messageStop":{"stopReason":"x"}}`,
		`$.completionReason`:                   `{"completionReason":"x"}`,
		`$.results[0].completionReason`:        `{"results":[{"completionReason":"x"}]}`,
		`$.outputs[0].stop_reason`:             `{"outputs":[{"stop_reason":"x"}]}`,
		`$.choices[0].finish_reason`:           `{"choices":[{"finish_reason":"x"}]}`,
		`$.choices[0].stop_reason`:             `{"choices":[{"stop_reason":"x"}]}`,
		`$.generations[0].finish_reason`:       `{"generations":[{"finish_reason":"x"}]}`,
		`$.finish_reason`:                      `{"finish_reason":"x"}`,
		`$.completions[0].finishReason.reason`: `{"completions":[{"finishReason":{"reason":"x"}}]}`,
		`$.metrics.latencyMs`:                  `{"metrics":{"latencyMs":5}}`,
		`$.metadata.metrics.latencyMs`:         `{"metadata":{"metrics":{"latencyMs":5}}}`,
		GuardrailActionPath:                    `{"amazon-bedrock-guardrailAction":"INTERVENED"}`,
		LatencyPaths()[1]:                      `{"amazon-bedrock-invocationMetrics":{"invocationLatency":5}}`,
	}
	for _, path := range StopReasonPaths() {
		assert.Equal(t, outcome{stopReason: "x"}, readOutcome([]byte(bodies[path])), path)
	}
	for _, path := range LatencyPaths() {
		assert.Equal(t, outcome{latencyMS: ms(5)}, readOutcome([]byte(bodies[path])), path)
	}
	assert.Equal(t, outcome{intervened: true}, readOutcome([]byte(bodies[GuardrailActionPath])))
	assert.LessOrEqual(t, len(outcomeTree.keys), 32, "walk has a bit for each")
}
