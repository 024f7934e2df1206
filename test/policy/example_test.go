package policy_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// The smallest evaluation: one bucket policy, once with TLS and once without.
func ExampleEvaluate() {
	request := policy.Request{
		Principal: policy.Admin("111122223333"),
		Action:    "s3:GetObject",
		Resource:  "arn:aws:s3:::audit/record.json.gz",
		Account:   "111122223333",
		ResourcePolicy: map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{map[string]any{
				"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
				"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
			}},
		},
	}
	plain := request
	plain.Context = policy.Context{"aws:SecureTransport": "false"}

	results, err := policy.Evaluate(request, plain)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, result := range results {
		fmt.Println(result.Verdict)
	}
	fmt.Println(results[1].Explain())
	// Output:
	// Allowed
	// ExplicitlyDenied
	// resource policy, statement TLSOnly (Deny) applies
	// identity policy AdministratorAccess, statement 1 (Allow) applies
}
