package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

// handWritten is what somebody who knows DuckDB well would write: it names the
// few fields that the question needs, so that no body is decoded, and joins the
// rates. It does less than the command: duplicates count twice, and scopes, tiers
// and changes of rates are left out.
//
//go:embed cost.sql
var handWritten string

// jqProgram is the same again, over a stream.
//
//go:embed cost.jq
var jqProgram string

// contender is a way to answer the question.
type contender struct {
	name    string
	command func() (program string, args []string)
	seconds []float64
}

func measureCost(ctx context.Context, b *bench) ([]figure.Figure, error) {
	logs, err := b.generate(ctx, b.records)
	if err != nil {
		return nil, err
	}
	audit := &contender{name: "audit cost --by user", command: func() (string, []string) {
		return b.audit, []string{"cost", "--by", "user", "--csv", "--source", logs.Dir}
	}}
	sql := strings.NewReplacer("OBJECTS", logs.objects(), "RATES", filepath.Join("record", "rates.csv")).Replace(handWritten)
	duckdb := &contender{name: "DuckDB's command line, hand-written SQL", command: func() (string, []string) {
		return b.duckdb, []string{"-csv", "-c", sql}
	}}
	jq := &contender{name: "zcat | jq", command: func() (string, []string) {
		return "sh", []string{"-c", "find \"$1\" -name '*Z_*.json.gz' -print0 | xargs -0 zcat | jq -rn --rawfile csv record/rates.csv \"$2\"", "sh", logs.Dir, jqProgram}
	}}
	for run := range b.runs + 1 {
		for _, c := range []*contender{audit, duckdb} { // in turn, so that a slow moment hits both alike
			if err := c.answer(ctx, logs, run > 0); err != nil { // the first warms the caches
				return nil, err
			}
		}
	}
	if err := jq.answer(ctx, logs, true); err != nil { // once: it takes minutes
		return nil, err
	}
	return []figure.Figure{
		{Name: fmt.Sprintf("%s, %d records", audit.name, b.records), Value: figure.Median(audit.seconds), Unit: "s"},
		{Name: duckdb.name, Value: figure.Median(duckdb.seconds), Unit: "s"},
		{Name: "  audit against it", Value: figure.Median(figure.Pairwise(audit.seconds, duckdb.seconds, figure.Ratio)), Unit: "x", Limit: 1.5},
		{Name: jq.name + " (one run, all records)", Value: jq.seconds[0], Unit: "s"},
		{Name: "  audit is faster by", Value: jq.seconds[0] / figure.Median(audit.seconds), Unit: "x", Limit: 10, AtLeast: true},
	}, nil
}

// answer runs the command and checks what it finds.
func (c *contender) answer(ctx context.Context, logs *logs, counts bool) error {
	program, args := c.command()
	done, err := execute(ctx, program, args...)
	if err != nil {
		return err
	}
	if counts {
		c.seconds = append(c.seconds, done.took.Seconds())
	}
	rows, err := csv.NewReader(bytes.NewReader(done.output)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if len(rows) != len(logs.ByUser)+1 {
		return fmt.Errorf("%s found %d users, %d were written", c.name, len(rows)-1, len(logs.ByUser))
	}
	for _, row := range rows[1:] {
		want := logs.ByUser[row[0]]
		got := recordtest.Sums{Errors: want.Errors}
		for i, count := range []*int64{&got.Calls, &got.InputTokens, &got.OutputTokens, &got.CacheReadTokens, &got.CacheWriteTokens} {
			if *count, err = strconv.ParseInt(row[i+1], 10, 64); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
		if got != want {
			return fmt.Errorf("%s found %+v of user %q, %+v was written", c.name, got, row[0], want)
		}
	}
	return nil
}
