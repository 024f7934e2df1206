package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/demo/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

// run is the program. When it fails or is interrupted nothing is left running,
// and the error names the logs.
func run(ctx context.Context, args []string, stdout, stderr *os.File) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print the findings as JSON")
	region := flags.String("region", "eu-west-1", "the `Region` to emulate")
	if err := flags.Parse(args); err != nil {
		return err
	}
	d := &demo{region: *region, keep: os.Getenv("KEEP") == "1", progress: newProgress(stderr)}
	found, err := d.show(ctx)
	if err == nil {
		if err = write(stdout, found, *asJSON, isTerminal(stdout) && os.Getenv("NO_COLOR") == ""); err != nil {
			err = fmt.Errorf("write the report: %w", err)
		}
	}
	if err == nil && d.keep {
		d.explain(stderr)
		return nil
	}
	if err == nil {
		fmt.Fprintln(stderr)
		err = d.takeDown(ctx)
	}
	notStopped := d.abandon()
	if err == nil && notStopped == nil {
		d.conclude(stderr)
		return nil
	}
	const interrupted = "interrupted; nothing is left running"
	switch {
	case d.stand == nil && ctx.Err() != nil:
		return fmt.Errorf("%s\n%w", interrupted, err) // which names the log of what did not start
	case d.stand == nil:
		return err
	case ctx.Err() != nil && notStopped == nil:
		err = errors.New(interrupted)
	}
	return fmt.Errorf("%w\n%s", errors.Join(err, notStopped), d.logs())
}

func write(w io.Writer, found *report.Report, asJSON, colour bool) error {
	if !asJSON {
		return report.Text(w, found, colour)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(found)
}
