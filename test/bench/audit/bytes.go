package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

// question is one that the ledger is asked, about all the time it has, which is
// the most that it can read.
type question struct{ name, sql string }

func questions() []question {
	all := ledgersql.Filter{}
	return []question{
		{"who", ledgersql.Who(all, nil, 0)},
		{"what", ledgersql.What(all, 50)},
		{"which", ledgersql.Which(all, nil, 0)},
		{"cost by user", ledgersql.Cost(all, []ledgersql.Dimension{ledgersql.User}, 0)},
		{"cost by task and model", ledgersql.Cost(all, []ledgersql.Dimension{ledgersql.Task, ledgersql.ByModel}, 0)},
		{"totals", ledgersql.Totals(all)},
		{"errors", ledgersql.Errors(all)},
		{"interventions", ledgersql.Interventions(all)},
		{"unattributed calls", ledgersql.Unattributed(all)},
	}
}

// measureBytes writes the ledger of the records as Athena does, as Parquet with
// Zstandard compression, and counts as read every column, whole, that a question
// names: Athena reads no others, and bills what it reads as stored.
func measureBytes(ctx context.Context, b *bench) ([]figure.Figure, error) {
	logs, err := b.generate(ctx, b.records)
	if err != nil {
		return nil, err
	}
	ledger := filepath.Join(b.work, "ledger.parquet")
	defer os.Remove(ledger)
	if _, err := execute(ctx, b.audit, "sql", fmt.Sprintf("COPY (FROM calls ORDER BY called_at) TO '%s' (FORMAT parquet, COMPRESSION zstd)", ledger),
		"--source", logs.Dir); err != nil {
		return nil, err
	}
	columns, err := b.columnSizes(ctx, ledger)
	if err != nil {
		return nil, err
	}
	whole := 0.0
	for _, size := range columns {
		whole += size
	}
	raw := float64(logs.Bytes)
	figures := []figure.Figure{
		{Name: fmt.Sprintf("raw log objects of %d records", b.records), Value: raw / 1e6, Unit: "MB"},
		{Name: "their ledger, all columns", Value: whole / 1e6, Unit: "MB"},
	}
	for _, question := range questions() {
		read := 0.0
		for column, size := range columns {
			if regexp.MustCompile(`\b` + column + `\b`).MatchString(question.sql) {
				read += size
			}
		}
		figures = append(figures, figure.Figure{Name: "  read for " + question.name, Value: 100 * read / raw, Unit: "% of the raw log", Limit: 2})
	}
	return figures, nil
}

// columnSizes are the bytes of each column as stored.
func (b *bench) columnSizes(ctx context.Context, ledger string) (map[string]float64, error) {
	done, err := execute(ctx, b.duckdb, "-csv", "-noheader", "-c",
		fmt.Sprintf("SELECT path_in_schema, sum(total_compressed_size) FROM parquet_metadata('%s') GROUP BY ALL", ledger))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(done.output)).ReadAll()
	if err != nil {
		return nil, err
	}
	sizes := map[string]float64{}
	for _, row := range rows {
		if sizes[row[0]], err = strconv.ParseFloat(row[1], 64); err != nil {
			return nil, err
		}
	}
	return sizes, nil
}
