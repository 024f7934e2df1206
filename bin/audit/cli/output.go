package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/charmbracelet/colorprofile"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

// write calls fn with standard output, or with the --output file, which comes
// into being, or changes, only if all went well.
func (o *options) write(s Streams, fn func(io.Writer) error) error {
	if o.output == "" {
		return fn(s.Out)
	}
	if info, err := os.Stat(o.output); err == nil && !info.Mode().IsRegular() {
		// A device or a pipe is written to, not replaced.
		file, err := os.OpenFile(o.output, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
		return errors.Join(fn(file), file.Close())
	}
	return replace(o.output, fn)
}

// replace writes a file beside the one at path and gives it that name when it is
// whole. Answers may quote the record: they are for their owner's eyes only.
func replace(path string, fn func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".audit-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the answer to %s: %w", path, err)
	}
	if err := errors.Join(fn(file), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(fmt.Errorf("write the answer to %s: %w", path, err), os.Remove(file.Name()))
	}
	return nil
}

// rows writes an answer in the form that was asked for.
func (o *options) rows(w io.Writer, a ask) render.Rows {
	switch {
	case o.asJSON:
		return render.JSON(w, a.command, a.filter)
	case o.asCSV:
		return render.CSV(w)
	}
	return &people{w: w, ask: a}
}

// people gathers an answer for a table, whose columns are as wide as the widest
// value.
type people struct {
	w      io.Writer
	ask    ask
	result engine.Result
}

func (p *people) Begin(columns []engine.Column) error {
	p.result.Columns = columns
	return nil
}

func (p *people) Row(values []any) error {
	p.result.Rows = append(p.result.Rows, slices.Clone(values))
	return nil
}

func (p *people) End(truncated bool, _ *engine.Completeness) error {
	table := &p.result
	if p.ask.brief != nil {
		table = render.Brief(table, p.ask.brief)
	}
	// The sum of some rows would pass for that of all.
	if p.ask.total && !truncated && len(table.Rows) > 1 {
		table.Rows = append(table.Rows, render.Total(table))
	}
	// Strips what the terminal cannot show or NO_COLOR forbids.
	styled := colorprofile.NewWriter(p.w, os.Environ())
	return render.Table(styled, table, render.Look{Styled: terminal(p.w), Width: width(p.w), Raw: p.ask.command == "sql"})
}

// verdict is errIncomplete if the record has known gaps. They are told in the
// answer, so whoever has it written to a file is told where to look.
func (o *options) verdict(s Streams, c *engine.Completeness) error {
	if c.Complete() {
		return nil
	}
	if o.output != "" && !o.asCSV {
		fmt.Fprintf(s.Err, "The record has gaps; %s says which.\n", render.Line(o.output))
	}
	return errIncomplete
}
