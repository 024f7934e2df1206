// Command audit answers questions about the record of Amazon Bedrock calls.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/cli"
)

func main() { os.Exit(run()) }

func run() int {
	// Little of what is allocated lives long, save the ids of the calls: a third
	// of a gigabyte for ten million. So garbage is collected seldom at first,
	// and often when there are that many.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(512 << 20)
	}
	endings := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		endings = append(endings, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings...)
	defer stop()
	// A reader that goes away makes the write fail, instead of killing the
	// process with its temporary files still there.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return cli.Exec(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
}
