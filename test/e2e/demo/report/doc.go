// Package report reads one Region's paper trail back through the AWS APIs and
// renders it for a person or a program. It begins at the logging configuration
// and follows what that names, so it knows no stack and no logical id:
//
//	r, err := report.Read(ctx, config)
//	...
//	err = report.Text(os.Stdout, r, false)
//
// It works with any account that has a logging configuration, an emulated one or
// a real one, and changes nothing there. [CheckNow] alone does more: it has the
// guard make its checks and publish what it found.
package report
