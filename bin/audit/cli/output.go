package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/charmbracelet/colorprofile"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

// write calls fn with standard output, or with the --output file, which comes
// into being only if all went well.
func (o *options) write(s Streams, fn func(io.Writer) error) error {
	if o.output == "" {
		return fn(s.Out)
	}
	var text bytes.Buffer
	if err := fn(&text); err != nil {
		return err
	}
	// Answers may quote the record: they are for their owner's eyes only.
	if err := os.WriteFile(o.output, text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the answer: %w", err)
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
