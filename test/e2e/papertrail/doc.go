// Package papertrail deploys whole environments with the real cdk CLI and the
// real Lambda function to an emulator, and looks at the result through the AWS
// APIs. It is all tests.
//
// Each test has an emulator to itself, writes the environments.yaml it needs and
// drives the app of bin/papertrail:
//
//	env := start(t, "eu-west-1", "us-east-1")
//	env.configure("logRetentionDays: 30")
//	env.deploy()
//
// The policies of the function's role and of the CDK's decide about their calls.
//
// What they do not prove: that AWS accepts the templates, and that Bedrock and
// CloudTrail may deliver, since the emulator's do not.
package papertrail
