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
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case ctx.Err() != nil:
		err = fmt.Errorf("interrupted; nothing is left running")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

// run is the program.
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
	if err != nil {
		return err
	}
	if err := write(stdout, found, *asJSON, isTerminal(stdout) && os.Getenv("NO_COLOR") == ""); err != nil {
		return errors.Join(fmt.Errorf("write the report: %w", err), d.abandon())
	}
	if d.keep {
		d.explain(stderr)
		return nil
	}
	return d.takeDown(ctx)
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
