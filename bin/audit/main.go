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
	// The ids of ten million calls take a third of a gigabyte: collecting
	// garbage early matters more than collecting it seldom.
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(512 << 20)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Exec(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
}
