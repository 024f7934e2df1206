package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/report"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

func newReport(s Streams) *cobra.Command {
	o := &options{}
	page := report.Options{}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "A page to read and print: spend, tokens, errors, completeness",
		Long: strings.TrimSpace(`
Writes one HTML file without anything to fetch: spend per user, task and model,
tokens over time, throttles and errors, guardrail interventions, the share of
calls that nobody is named for, and what the record lacks.`),
		Example: strings.TrimSpace(`
audit report --from 2026-03-01 --to 2026-04-01 --source ./log -o march.html
audit report --from 30d --engine athena --database DB --workgroup GROUP > month.html`),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.report(cmd.Context(), s, page)
		},
	}
	o.sourceFlags(cmd)
	o.engineFlags(cmd)
	o.filterFlags(cmd)
	cmd.Flags().StringVar(&page.Title, "title", "", "the page's heading")
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "write to this file instead of standard output")
	must(cmd.MarkFlagFilename("output", "html"))
	return cmd
}

func (o *options) report(ctx context.Context, s Streams, page report.Options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	p := newProgress(s.Err)
	defer p.clear()
	e, err := o.open(ctx, p, true)
	if err != nil {
		return err
	}
	defer func() {
		if closing := e.Close(); closing != nil {
			err = errors.Join(err, closing)
		}
	}()
	page.Written, page.Engine, page.Source = time.Now(), o.engine, o.source
	if o.engine == athena {
		page.Source = o.database
	}
	heard := &listener{Engine: e}
	if err := o.write(s, func(w io.Writer) error { return report.Write(ctx, w, heard, o.filter(), page) }); err != nil {
		return err
	}
	if o.output != "" {
		fmt.Fprintf(s.Err, "Wrote %s.\n", render.Line(o.output))
	} else if !heard.completeness.Complete() {
		fmt.Fprintln(s.Err, "The record has gaps; the page says which.")
	}
	return o.verdict(s, heard.completeness)
}

// listener remembers what an engine said of the record, which costs money to
// ask twice.
type listener struct {
	engine.Engine
	completeness *engine.Completeness
}

func (l *listener) Completeness(ctx context.Context, f ledgersql.Filter) (c *engine.Completeness, err error) {
	l.completeness, err = l.Engine.Completeness(ctx, f)
	return l.completeness, err
}
