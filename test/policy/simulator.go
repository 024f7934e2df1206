package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Result is the decision on one [Request].
type Result struct {
	// Verdict is the decision.
	Verdict Verdict
	// Statements are those that decided, denials first, and those about the same action and
	// resource that did not apply.
	Statements []Statement
}

// Verdict is a decision of IAM.
type Verdict string

// The decisions: a statement allows and none denies; a statement denies; no statement allows.
const (
	Allowed          Verdict = "Allowed"
	ExplicitlyDenied Verdict = "ExplicitlyDenied"
	ImplicitlyDenied Verdict = "ImplicitlyDenied"
)

// Statement says what one policy statement contributed to a decision.
type Statement struct {
	// Policy says where the statement stands: the resource policy, a named identity policy or a
	// named service control policy.
	Policy string
	// Effect is Allow or Deny.
	Effect string
	// Sid is the statement's id, or its number from 1 where it has none.
	Sid string
	// Matched says whether the statement applied to the request.
	Matched bool
	// Reasons says why it did not apply.
	Reasons []string
}

// String renders the statement on one line.
func (s Statement) String() string {
	line := fmt.Sprintf("%s, statement %s (%s)", s.Policy, s.Sid, s.Effect)
	if s.Matched {
		return line + " applies"
	}
	return line + " does not apply: " + strings.Join(s.Reasons, "; ")
}

// Explain lists the statements, one a line.
func (r Result) Explain() string {
	if len(r.Statements) == 0 {
		return "no statement is about this action and resource"
	}
	lines := make([]string, len(r.Statements))
	for i, s := range r.Statements {
		lines[i] = s.String()
	}
	return strings.Join(lines, "\n")
}

// Evaluate decides requests, all in one run of the simulator. A request that is not one AWS knows
// (its action, resource type or a context key) is an error; all such errors are reported together.
func Evaluate(requests ...Request) ([]Result, error) {
	answers, err := simulate(requests)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(requests))
	var problems []error
	for i, answer := range answers {
		if err := answer.check(requests[i]); err != nil {
			problems = append(problems, fmt.Errorf("policy: %s %s on %s: %w", requests[i].Principal, requests[i].Action, requests[i].Resource, err))
		}
		results[i] = answer.Result
		if requests[i].isOwnersRootOnBucketPolicy() && answer.Verdict == Allowed {
			results[i].Statements = []Statement{{
				Policy: "Amazon S3's own rule", Effect: "Allow", Sid: "bucket owner's root user", Matched: true,
			}}
		}
	}
	return results, errors.Join(problems...)
}

// answer is what evaluate.mjs writes for one request.
type answer struct {
	Result
	Error              string
	IgnoredContextKeys []string
}

// hints explain the simulator's error codes.
var hints = map[string]string{
	"invalid.service":         "the service does not exist; correct the action",
	"invalid.action":          "the service has no such action; correct it",
	"no.resource.types":       "the action does not work on such a resource; name one of the right type",
	"multiple.resource.types": "the ARN fits several resource types; write it in full",
	"must.use.wildcard":       "the action has no resource types; write the resource \"*\"",
	"policy.errors":           "a policy is not valid",
	"condition.errors":        "a condition compares what it cannot; correct the policy's or the request's value",
	"not.principal":           "the simulator reads NotPrincipal more leniently than AWS; write a condition on aws:PrincipalArn",
}

func (a answer) check(r Request) error {
	if a.Error != "" {
		code, _, _ := strings.Cut(a.Error, " ")
		if hint, ok := hints[code]; ok {
			return fmt.Errorf("%s (%s)", hint, a.Error)
		}
		return errors.New(a.Error)
	}
	for _, key := range a.IgnoredContextKeys {
		if value, given := r.Context[key]; given && value != Absent {
			return fmt.Errorf("the context key %s is not part of this action's requests; leave it out", key)
		}
	}
	return nil
}

func simulate(requests []Request) ([]answer, error) {
	type wireRequest struct {
		Principal              string         `json:"principal"`
		Action                 string         `json:"action"`
		Resource               string         `json:"resource"`
		Account                string         `json:"account"`
		Context                Context        `json:"context"`
		IdentityPolicies       []namedPolicy  `json:"identityPolicies"`
		ResourcePolicy         map[string]any `json:"resourcePolicy,omitempty"`
		ServiceControlPolicies []namedPolicy  `json:"serviceControlPolicies,omitempty"`
	}
	wire := make([]wireRequest, len(requests))
	for i, r := range requests {
		wire[i] = wireRequest{
			Principal: r.Principal.caller(r.partition()), Action: r.Action, Resource: r.Resource, Account: r.Account,
			Context: r.context(), IdentityPolicies: r.Principal.policies, ResourcePolicy: r.ResourcePolicy,
			ServiceControlPolicies: r.serviceControlPolicies(),
		}
		if r.isOwnersRootOnBucketPolicy() {
			wire[i].ResourcePolicy = nil
		}
	}
	input, err := json.Marshal(map[string]any{"requests": wire})
	if err != nil {
		return nil, fmt.Errorf("policy: encode the requests: %w", err)
	}
	working, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("policy: find the simulator: %w", err)
	}
	output, err := runNode(working, input, "evaluate.mjs")
	if err != nil {
		return nil, err
	}
	var decoded struct{ Results []answer }
	if err := json.Unmarshal(output, &decoded); err != nil {
		return nil, fmt.Errorf("policy: decode what evaluate.mjs wrote, got %q: %w", output, err)
	}
	if len(decoded.Results) != len(requests) {
		return nil, fmt.Errorf("policy: evaluate.mjs answered %d of %d requests", len(decoded.Results), len(requests))
	}
	return decoded.Results, nil
}

// ActionsWith lists the actions of a service, such as "bedrock", that know a condition key, such as
// "aws:RequestTag/${TagKey}", by the data that the simulator evaluates with.
func ActionsWith(service, conditionKey string) ([]string, error) {
	working, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("policy: find the simulator: %w", err)
	}
	output, err := runNode(working, nil, "actions.mjs", service, conditionKey)
	if err != nil {
		return nil, err
	}
	var actions []string
	if err := json.Unmarshal(output, &actions); err != nil {
		return nil, fmt.Errorf("policy: decode what actions.mjs wrote, got %q: %w", output, err)
	}
	return actions, nil
}

// runNode runs a script, found in test/policy of the folder it is called from or of a parent:
// `go test` runs in the folder of the tested package.
func runNode(from string, input []byte, script string, arguments ...string) ([]byte, error) {
	folder, err := simulatorFolder(from)
	if err != nil {
		return nil, err
	}
	command := exec.Command("node", append([]string{script}, arguments...)...)
	command.Dir = folder
	command.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("policy: node is not on PATH; install Node.js 20 or later")
	}
	if err != nil {
		return nil, fmt.Errorf("policy: node %s: %w\n%s", script, err, stderr.String())
	}
	return output, nil
}

func simulatorFolder(from string) (string, error) {
	for folder := from; ; folder = filepath.Dir(folder) {
		candidate := filepath.Join(folder, "test", "policy")
		if _, err := os.Stat(filepath.Join(candidate, "evaluate.mjs")); err == nil {
			if _, err := os.Stat(filepath.Join(candidate, "node_modules", "@cloud-copilot", "iam-simulate")); err != nil {
				return "", fmt.Errorf("policy: the policy simulator is not installed in %s; run `make install`", candidate)
			}
			return candidate, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("policy: no test/policy/evaluate.mjs in %s or a parent; run the tests from the repository", from)
		}
	}
}
