// Package emulator runs AWS stand-ins on the loopback interface for tests and
// for the demo: nothing here reaches AWS and no account is needed.
//
// [Start] runs MiniStack, to which the real cdk CLI deploys the real templates
// and the real Lambda function. launcher.py, in this folder, lists what it adds
// to MiniStack for that. A recording proxy stands in front of it, so that a test
// can see every call to Amazon Bedrock's logging configuration, the function's
// calls included. [StartMoto] runs moto, whose S3 enforces Object Lock and
// bucket policies, which MiniStack's does not.
//
//	stand, err := emulator.Start(ctx, emulator.Options{Name: "deploy"})
//	if err != nil {
//		return err
//	}
//	defer stand.Stop()
//	out, err := stand.CDK(ctx, "eu-west-1", "deploy", "--all")
//
// What they do not prove: that AWS accepts a template or a policy.
package emulator
