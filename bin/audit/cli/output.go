package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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

// writeAnswer writes an answer in the form that was asked for, and returns
// errIncomplete if the record has known gaps.
func (o *options) writeAnswer(s Streams, a *render.Answer) error {
	err := o.write(s, func(w io.Writer) error {
		switch {
		case o.asJSON:
			return render.JSON(w, a)
		case o.asCSV:
			if err := render.CSV(w, a.Result); err != nil {
				return err
			}
			if a.Truncated {
				fmt.Fprintf(s.Err, "The first %d rows; --limit 0 gives all.\n", a.Filter.Limit)
			}
			return render.Footer(s.Err, a.Completeness)
		}
		// Strips what the terminal cannot show or NO_COLOR forbids.
		styled := colorprofile.NewWriter(w, os.Environ())
		if err := render.Table(styled, a.Table(), render.Look{Styled: terminal(w), Width: width(w)}); err != nil {
			return err
		}
		if a.Truncated {
			fmt.Fprintf(w, "\nThe first %d rows; --limit 0 gives all.\n", a.Filter.Limit)
		}
		fmt.Fprintln(w)
		return render.Footer(w, a.Completeness)
	})
	if err != nil {
		return err
	}
	return verdict(a.Completeness)
}

func verdict(c *engine.Completeness) error {
	if !c.Complete() {
		return errIncomplete
	}
	return nil
}
