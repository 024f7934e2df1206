package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// finished is a command that has run.
type finished struct {
	took   time.Duration
	peakMB float64
	output []byte
}

// execute runs a command, and watches its memory.
func execute(ctx context.Context, program string, args ...string) (finished, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var output, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &problems
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return finished{}, err
	}
	ended, peak := make(chan struct{}), make(chan float64)
	go func() { peak <- watch(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	took := time.Since(start)
	close(ended)
	out := finished{took, <-peak, output.Bytes()}
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, problems.Bytes())
	}
	return out, err
}

// watch returns the most memory that a process held, in MB, as of a moment
// before its end. What the kernel reports of a child that has ended would not
// do: it counts the memory of this process, which a child shares until it
// becomes another program.
func watch(pid int, ended <-chan struct{}) (peak float64) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return peak
		case <-tick.C:
			peak = max(peak, heldMB(pid))
		}
	}
}

// heldMB is 0 once the process has ended.
func heldMB(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")), 64)
			return kilobytes / 1024
		}
	}
	return 0
}
