package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress tells what is going on: one line a step, which on a terminal shows
// the step while it lasts.
type progress struct {
	w        io.Writer
	terminal bool
}

func newProgress(to *os.File) *progress { return &progress{w: to, terminal: isTerminal(to)} }

func (p *progress) step(what string, do func() error) error {
	if p.terminal {
		fmt.Fprintf(p.w, "  ... %s", what)
	}
	start := time.Now()
	err := do()
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	outcome := "done in"
	if err != nil {
		outcome = "failed after"
		err = fmt.Errorf("%s: %w", what, err)
	}
	fmt.Fprintf(p.w, "%-24s %s %.1f s\n", what, outcome, time.Since(start).Seconds())
	return err
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
