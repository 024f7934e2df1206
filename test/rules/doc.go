// Package rules runs public rule packs over the stacks of the sample
// environments: cdk-nag (AwsSolutions and NIST 800-53 R5), cfn-lint, and the
// validation engine of the CDK itself. Every finding is mended or accepted with
// a reason in accepted.go.
package rules
