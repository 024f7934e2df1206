package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// CDK runs the checkout's own cdk CLI against the emulator and returns what it
// wrote. The command and what it starts end with ctx. The error of a failed
// command carries the end of the output too, where the cause is.
func (e *Emulator) CDK(ctx context.Context, region string, args ...string) (string, error) {
	var out bytes.Buffer
	err := e.RunCDK(ctx, region, &out, args...)
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out.Bytes()[max(0, out.Len()-10_000):])
	}
	return out.String(), err
}

// RunCDK is CDK with the output written as it comes.
func (e *Emulator) RunCDK(ctx context.Context, region string, out io.Writer, args ...string) error {
	cli := filepath.Join(e.root, "node_modules", ".bin", "cdk")
	if _, err := os.Stat(cli); err != nil {
		return fmt.Errorf("emulator: %s is missing; run make install", cli)
	}
	cmd := exec.CommandContext(ctx, cli, args...)
	cmd.Dir = e.root
	cmd.Env = append(withoutAWS(os.Environ()), e.Env(region)...)
	cmd.Env = append(cmd.Env,
		"NODE_NO_WARNINGS=1",
		"CI=true", // one stream, no colours, no questions
		"CDK_REQUIRE_APPROVAL=never",
		"CDK_NOTICES=false",
		"CDK_DISABLE_CLI_TELEMETRY=true",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION="+silencedNode,
	)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("emulator: cdk %v: %w", args, errors.Join(err, ctx.Err()))
	}
	return nil
}

// silencedNode is the Node release whose end-of-life banner jsii prints.
const silencedNode = "20"

// LambdaArchitecture returns this machine's architecture as AWS Lambda names
// it: the emulator runs functions as ordinary processes.
func LambdaArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
