package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// question is a command that asks one thing.
type question struct {
	name, short, long, example string
	split                      bool     // has --by
	money, total               bool     // see ask
	limit                      int      // of tables, by default
	brief                      []string // the columns of a table; default: all
	sql                        func(o *options, limit int) string
}

var who = question{
	name:  "who",
	short: "Who called: principals and the users they named",
	long: `
Lists the principals that called models, and the user ids that they gave. The
principal is AWS's word; user id and session name are the caller's own.`,
	example: `
audit who --from 24h --source s3://BUCKET
audit who --model claude-sonnet-4-5 --by day --source ./log`,
	split: true, money: true,
	sql: func(o *options, limit int) string {
		return ledgersql.Who(o.filter(), o.dimensions(), limit)
	},
}

var what = question{
	name:  "what",
	short: "What was called: the calls one by one, newest first",
	long: `
Lists calls, newest first, without their text: 'audit show' gives that. The table
leaves out columns that CSV and JSON have. A million calls take about
a gigabyte of memory; COPY takes less to write very many to a file: see 'audit
sql --help'.`,
	example: `
audit what --user alice --from 2026-03-01 --to 2026-03-02 --source ./log
audit what --request ORDER-4711 --json --source s3://BUCKET`,
	limit: 50, money: true,
	brief: []string{"called_at", "request_id", "business_id", "principal", "user_id", "task_type", "model",
		"input_tokens", "output_tokens", "stop_reason", "error_code", "estimated_nanousd"},
	sql: func(o *options, limit int) string {
		return ledgersql.What(o.filter(), limit)
	},
}

var which = question{
	name:  "which",
	short: "Which models were called, in which version and where",
	long: `
Lists the models that were called: vendor, name, version, the scope of a
cross-Region call, and the id as the caller passed it.`,
	example: `
audit which --from 30d --source s3://BUCKET
audit which --principal arn:aws:iam::111122223333:role/Chat --source ./log`,
	split: true,
	sql: func(o *options, limit int) string {
		return ledgersql.Which(o.filter(), o.dimensions(), limit)
	},
}

var cost = question{
	name:  "cost",
	short: "What it cost: tokens and estimated dollars",
	long: `
Adds up tokens and estimates dollars: tokens at the list price of the call's day.
Calls of models without a price are counted, and in no sum. A table that --by
splits ends with the total, unless --limit cut it.`,
	example: `
audit cost --by user --from 7d --source ./log
audit cost --by task,model --from 2026-03-01 --to 2026-04-01 --csv --source s3://BUCKET > march.csv
audit cost --by day --engine athena --database DB --workgroup GROUP --region eu-central-1`,
	split: true, money: true, total: true,
	sql: func(o *options, limit int) string {
		return ledgersql.Cost(o.filter(), o.dimensions(), limit)
	},
}

func newQuestion(s Streams, q question) *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:     q.name,
		Short:   q.short,
		Long:    strings.TrimSpace(q.long),
		Example: strings.TrimSpace(q.example),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (o.asCSV || o.asJSON) && !cmd.Flags().Changed("limit") {
				// A program does not see that the answer goes on.
				o.limit = 0
			}
			return o.answer(cmd.Context(), s, ask{q.name, o.shownFilter(), q.brief, q.money, q.total, func() string {
				if o.limit == 0 {
					return q.sql(o, 0)
				}
				// One row more tells whether there are any.
				return q.sql(o, o.limit+1)
			}})
		},
	}
	o.sourceFlags(cmd)
	o.engineFlags(cmd)
	o.filterFlags(cmd)
	if q.split {
		o.splitFlags(cmd)
	}
	usage := "at most this many rows; 0 for all"
	if q.limit > 0 {
		usage += ", as is the default of --csv and --json"
	}
	cmd.Flags().IntVar(&o.limit, "limit", q.limit, usage)
	o.outputFlags(cmd)
	return cmd
}

// noArgs is cobra's, as a usage error.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q; conditions are flags", cmd.CommandPath(), render.Line(args[0]))
	}
	return nil
}
