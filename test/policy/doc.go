// Package policy evaluates the policies of synthesised templates as IAM would: a request by a
// principal is allowed or denied, instead of a statement being compared with another string.
//
// A test loads the templates of one environment, names a bucket, key, topic or role by its
// logical id, and states what must be allowed and what must be denied:
//
//	w := policy.Load(t, policy.Stack{Name: "storage", Account: "111122223333", Region: "eu-central-1", Template: template})
//	bucket := w.Bucket("storage", "InvocationBucket")
//	bucket.Expect(policy.Allow, policy.Case{
//		Principal: policy.Service("bedrock.amazonaws.com"),
//		Action:    "s3:PutObject",
//		Resource:  bucket.Object("AWSLogs/111122223333/BedrockModelInvocationLogs/record.json.gz"),
//		Context:   policy.Context{"aws:SourceAccount": "111122223333"},
//	})
//	w.Run()
//
// References between resources and stacks are resolved to ARNs as CloudFormation would form
// them, with physical names made up where the template leaves them open. Every request carries
// the context keys AWS adds by itself (see [Request]). A case that names an action, resource
// type or context key that the service does not have is an error, because it would prove nothing.
//
// The decision is made by the npm package @cloud-copilot/iam-simulate, a tool for development
// that is no part of the Go module; `make install` fetches it. It knows identity policies,
// resource policies, service control policies and their combination within and across accounts. Of
// what services add to policies, one rule is known: S3 never denies the owner's root user the bucket
// policy itself. Object Lock, the settings that block public access and a service's own checks are not.
package policy
