package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/show"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

func newShow(s Streams) *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "One call in full: prompt, completion, metadata, price, who",
		Long: strings.TrimSpace(`
Shows the call with a request id, which 'audit what' lists, or with the caller's
own id (metadata entry request_id). Several calls with the caller's id are
listed. Bodies that Bedrock keeps beside the log are fetched, and with --trail
CloudTrail's events of the call are shown.

A range of time makes the search short: --from and --to limit the hours that
are read.`),
		Example: strings.TrimSpace(`
audit show 0f6f7a3e-5d0a-4e6e-9c1b-3f1f6a7d9f10 --from 2026-03-01 --to 2026-03-02 --source s3://BUCKET
audit show ORDER-4711 --from 7d --source ./log --trail ./trail --json`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("audit show takes one id, got %d arguments", len(args))
			}
			if args[0] == "" {
				return usagef("the id is empty; 'audit what' lists the ids of calls")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.show(cmd.Context(), s, args[0])
		},
	}
	o.sourceFlags(cmd)
	cmd.Flags().StringVar(&o.trail, "trail", "", "where CloudTrail's files are: a folder, or s3://BUCKET[/PREFIX]")
	must(cmd.MarkFlagDirname("trail"))
	f := cmd.Flags()
	f.BoolVar(&o.asJSON, "json", false, "as one JSON document")
	f.StringVarP(&o.output, "output", "o", "", "write to this file instead of standard output")
	return cmd
}

// usualDelivery is how long after its hour nearly every call is delivered.
const usualDelivery = time.Hour

// find looks where a call usually is, and only then where late ones are.
func find(ctx context.Context, log logstore.Store, within logstore.Range, id string) ([]show.Hit, *engine.Completeness, error) {
	usual := within
	usual.Late = usualDelivery
	hits, completeness, err := show.Find(ctx, logstore.Reader{Store: log, Range: usual}, id)
	if err != nil || len(hits) > 0 || within.To.IsZero() {
		return hits, completeness, err
	}
	return show.Find(ctx, logstore.Reader{Store: log, Range: within}, id)
}

func (o *options) show(ctx context.Context, s Streams, id string) error {
	if err := o.check(); err != nil {
		return err
	}
	sources, err := o.sources(ctx)
	if err != nil {
		return err
	}
	hits, completeness, err := find(ctx, sources.Log, o.within(), id)
	if err != nil {
		return err
	}
	if len(hits) == 0 {
		if err := render.Footer(s.Err, completeness); err != nil {
			return err
		}
		if o.within() == (logstore.Range{}) {
			return fmt.Errorf("no call %s in the record; check the id and --source", render.Line(id))
		}
		return fmt.Errorf("no call %s in the hours that were read; widen --from and --to, or check --source", render.Line(id))
	}
	calls := make([]*show.Call, len(hits))
	for i, h := range hits {
		calls[i] = show.Describe(ctx, h, sources)
	}
	if err := o.write(s, func(w io.Writer) error { return o.writeCalls(w, id, calls, completeness) }); err != nil {
		return err
	}
	return o.verdict(s, completeness)
}

func (o *options) sources(ctx context.Context) (s show.Sources, err error) {
	if s.Log, err = o.store(ctx, o.source); err != nil {
		return s, err
	}
	if o.trail != "" {
		if s.Trail, err = o.store(ctx, o.trail); err != nil {
			return s, err
		}
	}
	s.Rates, err = o.rateCard()
	return s, err
}

func (o *options) writeCalls(w io.Writer, id string, calls []*show.Call, c *engine.Completeness) error {
	if o.asJSON {
		return render.WriteJSON(w, struct {
			Question     string               `json:"question"`
			ID           string               `json:"id"`
			Calls        []*show.Call         `json:"calls"`
			Completeness *engine.Completeness `json:"completeness"`
		}{"show", id, calls, c})
	}
	styled := colorprofile.NewWriter(w, os.Environ())
	if len(calls) == 1 {
		if err := calls[0].Text(styled); err != nil {
			return err
		}
	} else {
		if err := render.Table(styled, show.List(calls), render.Look{Styled: terminal(w), Width: width(w)}); err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%d calls have the id %s; show one of them by its request id.\n", len(calls), render.Line(id))
	}
	fmt.Fprintln(w)
	return render.Footer(w, c)
}
