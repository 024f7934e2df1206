package record

import "regexp"

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
//   - stop_reason: the body's value for [StopReasonPaths]. Only a string of 1 to 64 letters and digits
//     of ASCII and _ . : - is a value: the ledger's readers see it, and a body may have any text there.
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

// outcome is what a ledger row says about the answer.
type outcome struct {
	stopReason string
	intervened bool
	latencyMS  *int64
}

// readOutcome reads an output body. Of one that is not valid JSON it gives what was read before the fault.
func readOutcome(body []byte) outcome {
	s := scanner{b: body}
	s.peek()
	found, _ := s.outcome()
	return found
}

// outcome passes over the output body that starts here as skip does, and reads it on the way.
func (s *scanner) outcome() (outcome, error) {
	r := outcomeReader{scanner: s}
	var err error
	switch {
	case s.at('{'):
		err = r.chunk()
	case s.at('['):
		err = s.elements(func(int) error {
			if s.at('{') {
				return r.chunk()
			}
			return s.skip()
		})
	default:
		err = s.skip()
	}
	r.found.intervened = r.found.intervened || r.found.stopReason == guardrailStopReason
	return r.found, err
}

type outcomeReader struct {
	*scanner
	found outcome
	// Where in their lists the values of the present chunk come from, counted from one; zero for none.
	stopRank, latencyRank int
}

func (r *outcomeReader) chunk() error {
	r.stopRank, r.latencyRank = 0, 0
	return r.walk(&outcomeTree)
}

// walk passes over the value that starts here and notes what is at the paths below the node.
func (r *outcomeReader) walk(n *pathNode) error {
	switch {
	case r.at('{') && len(n.keys) > 0:
		var seen uint32
		return r.members(func(key []byte) error {
			if n.lengths>>len(key)&1 == 0 {
				return r.skip()
			}
			for i := range n.keys {
				if string(key) == n.keys[i].name && seen>>i&1 == 0 {
					seen |= 1 << i
					return r.walk(n.keys[i].node)
				}
			}
			return r.skip()
		})
	case r.at('[') && n.first != nil:
		return r.elements(func(index int) error {
			if index == 0 {
				return r.walk(n.first)
			}
			return r.skip()
		})
	case r.at('"') && (n.stopRank > 0 || n.action):
		raw, escaped, err := r.text()
		if err != nil {
			return err
		}
		if escaped {
			raw = unescape(raw)
		}
		if n.action && string(raw) == guardrailAction {
			r.found.intervened = true
		}
		if better(n.stopRank, r.stopRank) && isStopReason(raw) {
			r.stopRank = n.stopRank
			r.found.stopReason = string(raw)
		}
		return nil
	}
	from := r.i
	if err := r.skip(); err != nil {
		return err
	}
	if better(n.latencyRank, r.latencyRank) {
		if ms, ok := count(r.b[from:r.i]); ok {
			r.latencyRank = n.latencyRank
			r.found.latencyMS = &ms
		}
	}
	return nil
}

func isStopReason(text []byte) bool {
	if len(text) == 0 || len(text) > 64 {
		return false
	}
	for _, c := range text {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.', c == ':', c == '-':
		default:
			return false
		}
	}
	return true
}

// better tells whether a value at a path of rank is to take the place of the one found so far.
func better(rank, than int) bool {
	return rank > 0 && (than == 0 || rank < than)
}

// pathNode is a place in a chunk that a path leads to or through.
type pathNode struct {
	keys    []pathKey // at most 32
	lengths uint64    // bit n is set if a key is n bytes long; none is longer than 63
	first   *pathNode // the first element of an array

	stopRank, latencyRank int
	action                bool
}

type pathKey struct {
	name string
	node *pathNode
}

var outcomeTree = func() (root pathNode) {
	for i, path := range StopReasonPaths() {
		root.to(path).stopRank = i + 1
	}
	for i, path := range LatencyPaths() {
		root.to(path).latencyRank = i + 1
	}
	root.to(GuardrailActionPath).action = true
	return root
}()

var pathStep = regexp.MustCompile(`\.(\w+)|\["([^"]+)"\]|\[0\]`)

// to gives the node at a path, making those on the way.
func (n *pathNode) to(path string) *pathNode {
	for _, step := range pathStep.FindAllStringSubmatch(path, -1) {
		if name := step[1] + step[2]; name != "" {
			n = n.key(name)
			continue
		}
		if n.first == nil {
			n.first = new(pathNode)
		}
		n = n.first
	}
	return n
}

func (n *pathNode) key(name string) *pathNode {
	for _, k := range n.keys {
		if k.name == name {
			return k.node
		}
	}
	node := new(pathNode)
	n.lengths |= 1 << len(name)
	n.keys = append(n.keys, pathKey{name, node})
	return node
}
