package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// peakMemory is the most memory that a running process has held, in MB. What the
// kernel reports of a child that has ended would not do: it counts the memory of
// this process, which a child shares until it becomes another program.
func peakMemory(pid int) (float64, error) {
	path := fmt.Sprintf("/proc/%d/status", pid)
	status, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("%w; memory is measured on Linux only", err)
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			return kilobytes / 1024, err
		}
	}
	return 0, fmt.Errorf("%s: no VmHWM", path)
}
