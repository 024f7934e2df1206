package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/demo/report"
	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

// demo goes through the life of the environment dev once.
type demo struct {
	region   string
	keep     bool
	progress *progress

	stand *emulator.Emulator
	log   *os.File // what the cdk CLI wrote, and the function when it failed
}

// show starts the emulator, deploys and reads back.
func (d *demo) show(ctx context.Context) (found *report.Report, err error) {
	err = d.progress.step("start the emulator", func() error {
		d.stand, err = emulator.Start(ctx, emulator.Options{Name: logName(os.Getpid()), Detached: d.keep})
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := removeOldLogs(filepath.Dir(d.stand.LogPath())); err != nil {
		return nil, fmt.Errorf("remove the logs of former runs: %w", err)
	}
	if d.log, err = os.Create(strings.TrimSuffix(d.stand.LogPath(), ".log") + "-cdk.log"); err != nil {
		return nil, fmt.Errorf("make the log of the cdk CLI: %w", err)
	}
	for _, step := range []struct {
		what string
		args []string
	}{
		{"synthesise", []string{"synth", "--quiet", "--output", d.assembly(), "-c", "env=dev", "-c", "lambdaArchitecture=" + emulator.LambdaArchitecture()}},
		{"bootstrap", []string{"bootstrap", "--app", d.assembly(), "aws://" + d.stand.Account() + "/" + d.region}},
		{"deploy", []string{"deploy", "--app", d.assembly(), "--all"}},
	} {
		if err := d.progress.step(step.what, func() error { return d.cdk(ctx, step.args...) }); err != nil {
			return nil, err
		}
	}
	err = d.progress.step("have the guard check", func() error {
		return report.CheckNow(ctx, d.stand.Config(d.region))
	})
	if err != nil {
		return nil, err
	}
	err = d.progress.step("read it back", func() error {
		found, err = report.Read(ctx, d.stand.Config(d.region))
		return err
	})
	return found, err
}

// takeDown destroys what show deployed.
func (d *demo) takeDown(ctx context.Context) error {
	err := d.progress.step("destroy", func() error {
		return d.cdk(ctx, "destroy", "--app", d.assembly(), "--all", "--force")
	})
	if err != nil {
		return err
	}
	return d.progress.step("see that logging is off", func() error {
		_, err := report.Read(ctx, d.stand.Config(d.region))
		switch {
		case errors.Is(err, report.ErrNotLogging):
			return nil
		case err == nil:
			return errors.New("the logging configuration outlived the stacks")
		default:
			return err
		}
	})
}

// abandon stops the emulator, and with it everything that was deployed.
func (d *demo) abandon() error {
	if d.log != nil {
		d.log.Close()
	}
	if d.stand == nil {
		return nil
	}
	return d.stand.Stop()
}

// assembly is where the cloud assembly goes: synthesis is needed only once.
func (d *demo) assembly() string { return filepath.Join(d.stand.Dir(), "cdk.out") }

// cdk keeps what the CLI writes in the log; only a failure shows its end.
func (d *demo) cdk(ctx context.Context, args ...string) error {
	var out bytes.Buffer
	err := d.stand.RunCDK(ctx, d.region, io.MultiWriter(d.log, &out), args...)
	if err == nil {
		return nil
	}
	// The function's own log ends with the emulator, so it is kept here.
	written, logErr := d.stand.LogEvents(context.WithoutCancel(ctx), d.region)
	fmt.Fprintf(d.log, "\nLog groups when cdk failed:\n%s", written)
	return fmt.Errorf("%w\n%s", errors.Join(err, logErr), lastLines(out.String(), 25))
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// explain says how to use and how to end what KEEP leaves running.
func (d *demo) explain(w io.Writer) {
	fmt.Fprintln(w, "\nThe emulator keeps running. Point the aws CLI at it with")
	for _, variable := range d.stand.Env(d.region) {
		fmt.Fprintln(w, "  export "+variable)
	}
	fmt.Fprintln(w, "and try")
	fmt.Fprintln(w, "  aws bedrock get-model-invocation-logging-configuration")
	fmt.Fprintf(w, "%s\nStop it, and lose everything in it, with\n  kill -KILL -- -%d; rm -r %s\n%s\n",
		d.logs(), d.stand.PID(), d.stand.Dir(), forReal)
}

// conclude says what was seen and what to do next.
func (d *demo) conclude(w io.Writer) {
	fmt.Fprintf(w, "\nThe cdk CLI deployed all of this to an emulator, and it is gone again. KEEP=1 make demo leaves it running.\n%s\n", forReal)
}

const forReal = "To deploy to an AWS account: docs/deploy.md"
