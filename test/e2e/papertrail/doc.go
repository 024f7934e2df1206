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
// What they do not prove: that AWS accepts the templates, grants what they grant
// and refuses what they deny. The emulator checks few properties and, unless
// asked, no permission.
package papertrail
