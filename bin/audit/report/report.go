package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// Options are what a report needs beside the answers.
type Options struct {
	// Written is the time that the page states as that of its writing.
	// Required, so that the same input gives the same page.
	Written time.Time

	// Title is the page's heading. Default: "Use of Amazon Bedrock".
	Title string

	// Source says where the record was read from: a folder, an S3 prefix, a
	// table. Default: not stated.
	Source string

	// Engine is the name of what answered. Default: not stated.
	Engine string

	// Top is how many users, tasks and models are shown by name; the others
	// are summed in one line. 1 to 100. Default: 10.
	Top int
}

// Write asks the engine and writes the report as one HTML file. It asks before
// it writes: if a question fails, w stays untouched.
func Write(ctx context.Context, w io.Writer, e engine.Engine, f ledgersql.Filter, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	a, err := ask(ctx, e, f, o.Top)
	if err != nil {
		return err
	}
	c, err := compose(a, f, o)
	if err != nil {
		return err
	}
	return render(w, lay(c))
}

func (o Options) withDefaults() (Options, error) {
	var problems []error
	if o.Written.IsZero() {
		problems = append(problems, errors.New("report: Options.Written is not set; give the time of writing"))
	}
	if o.Top < 0 || o.Top > 100 {
		problems = append(problems, fmt.Errorf("report: Options.Top is 1 to 100, got %d", o.Top))
	}
	if o.Top == 0 {
		o.Top = 10
	}
	if o.Title == "" {
		o.Title = "Use of Amazon Bedrock"
	}
	return o, errors.Join(problems...)
}
