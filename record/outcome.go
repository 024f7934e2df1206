package record

import "encoding/json"

// An output body is read by three rules, which SQL repeats word for word
// (internal/ledgersql), so they are few and plain:
//
//   - The body is a list of chunks: the elements of an array body (streamed InvokeModel), or the
//     body itself when it is an object. Chunks that are not objects, such as the "[DONE]" at the
//     end of some streams, are passed over. A body that is neither has no chunks.
//   - A chunk's value for a list of paths is the value at the first path of the list that has one.
//     Keys are compared exactly; of a key that is there twice the first counts.
//   - The body's value is that of the last chunk that has one.
//
// From them follow the three columns:
//
//   - stop_reason: the body's value for [StopReasonPaths]. Only a string that is not empty is a value.
//   - latency_ms: the body's value for [LatencyPaths]. Only a number written with digits alone (no
//     sign, fraction or exponent) that fits 63 bits is a value.
//   - guardrail_intervened: stop_reason is exactly "guardrail_intervened", or any chunk has exactly
//     the string "INTERVENED" at [GuardrailActionPath].

// GuardrailActionPath is where the answer of an InvokeModel call, or a chunk of it, says whether
// a guardrail acted: "INTERVENED" or "NONE".
const GuardrailActionPath = `$["amazon-bedrock-guardrailAction"]`

const (
	guardrailStopReason = "guardrail_intervened"
	guardrailAction     = "INTERVENED"
)

// StopReasonPaths lists where an output body, or a chunk of one, may say why the model stopped,
// the first that has a value counting.
func StopReasonPaths() []string {
	return []string{
		`$.stopReason`,                         // Converse, Nova
		`$.stop_reason`,                        // Anthropic, Llama
		`$.delta.stop_reason`,                  // Anthropic, streamed
		`$.messageStop.stopReason`,             // Nova, streamed
		`$.completionReason`,                   // Titan Text, streamed
		`$.results[0].completionReason`,        // Titan Text
		`$.outputs[0].stop_reason`,             // Mistral
		`$.choices[0].finish_reason`,           // OpenAI-compatible, AI21 Jamba, Mistral chat
		`$.choices[0].stop_reason`,             // DeepSeek, Mistral chat
		`$.generations[0].finish_reason`,       // Cohere Command
		`$.finish_reason`,                      // Cohere Command R
		`$.completions[0].finishReason.reason`, // AI21 Jurassic
	}
}

// LatencyPaths lists where an output body, or a chunk of one, may say how long the call took in
// milliseconds, the first that has a value counting.
func LatencyPaths() []string {
	return []string{
		`$.metrics.latencyMs`, // Converse
		`$["amazon-bedrock-invocationMetrics"].invocationLatency`, // InvokeModel, streamed
		`$.metadata.metrics.latencyMs`,                            // Nova, streamed
	}
}

type outcome struct {
	stopReason string
	intervened bool
	latencyMS  *int64
}

func readOutcome(body json.RawMessage) outcome { return outcome{} }
