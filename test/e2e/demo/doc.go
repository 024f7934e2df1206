// Command demo shows the paper trail at work, without an AWS account: it starts
// an emulator on the loopback interface, deploys the environment dev to it with
// the real cdk CLI and the real Lambda function, reads everything back through
// the AWS APIs, prints what it found and takes it down again.
//
//	make demo
//	KEEP=1 make demo         leave it running
//	.work/demo --json        the findings as JSON
//
// The report goes to standard output, progress to standard error. Interrupted or
// failed, it leaves no process behind and says where the logs are: each run has
// its own, .work/demo-PID.log and .work/demo-PID-cdk.log, which the next run
// removes unless the emulator was kept. NO_COLOR turns colour off; there is none
// unless the output is a terminal.
package main
