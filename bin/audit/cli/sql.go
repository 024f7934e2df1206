package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func newSQL(s Streams) *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "sql QUERY",
		Short: "Any question, in SQL",
		Long: strings.TrimSpace(`
Runs a query in the engine's dialect over the relation calls: one row per call,
without bodies. With duckdb there is also records, which has input_body and
output_body (JSON text) besides; --from and --to limit both. Sums of
estimated_nanousd (billionths of a dollar) leave out calls without a price, where
it is NULL.

The query - is read from standard input.`),
		Example: strings.TrimSpace(`
audit sql "SELECT stop_reason, count(*) FROM calls GROUP BY ALL" --source ./log
audit sql "COPY (FROM calls) TO 'calls.parquet' (COMPRESSION zstd)" --source ./log
audit sql - --engine athena --database DB --workgroup GROUP < question.sql`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("audit sql takes one query, got %d arguments; put it in quotes", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			query := args[0]
			if query == "-" {
				text, err := io.ReadAll(s.In)
				if err != nil {
					return fmt.Errorf("read the query: %w", err)
				}
				query = string(text)
			}
			if several(query) {
				return usagef("more than one statement; run each on its own, since an answer is that of one")
			}
			if o.engine == athena && (o.from.text != "" || o.to.text != "") {
				return usagef("--from and --to limit what duckdb reads; put the condition on called_at into the query")
			}
			filter := o.shownFilter()
			filter.SQL = query
			return o.answer(cmd.Context(), s, ask{command: "sql", filter: filter, sql: func() string { return query }})
		},
	}
	o.sourceFlags(cmd)
	o.engineFlags(cmd)
	o.outputFlags(cmd)
	return cmd
}
