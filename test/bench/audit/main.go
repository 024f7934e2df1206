// Command audit measures what an auditor waits for, side by side in one run, on
// generated records of every operation with bodies of realistic sizes:
//
//   - cost: `audit cost --by user` over a million records, against DuckDB's own
//     command line with hand-written SQL over the same files, and against zcat
//     and jq, all of which must find what was written;
//   - memory: the peak memory of the same question over ten million records;
//   - parse: the throughput of the packages logstore and record, against
//     gzip -dc on every core;
//   - bytes: what a ledger of these records reads for each question, against the
//     size of the raw log;
//   - show: `audit show` of one call, given the hours around it.
//
// Machines are noisy: read the ratios, not the times. Run it with
// `make bench-audit`; -json prints the figures for machines, -only picks sections.
// It ends with status 1 if a limit is exceeded. The records are generated under
// .work, 2 GB for a million, and removed afterwards unless -keep.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

// bench is what the sections share.
type bench struct {
	records, memoryRecords, runs int
	work                         string // under .work
	audit, duckdb                string // the programs
	keep                         bool
}

type section struct {
	name    string
	measure func(context.Context, *bench) ([]figure.Figure, error)
}

// sections are in an order in which one generation of records does for most.
var sections = []section{
	{"cost", measureCost},
	{"parse", measureParse},
	{"bytes", measureBytes},
	{"show", measureShow},
	{"memory", measureMemory},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	figures, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || slices.ContainsFunc(figures, figure.Figure.Exceeded) {
		os.Exit(1)
	}
}

func run(ctx context.Context) (all []figure.Figure, err error) {
	b := &bench{work: filepath.Join(".work", "bench-audit")}
	flag.IntVar(&b.records, "records", 1_000_000, "records that the questions are asked of")
	flag.IntVar(&b.memoryRecords, "memory-records", 10_000_000, "records for the peak memory; 22 GB on disk for ten million")
	flag.IntVar(&b.runs, "runs", 5, "runs of each command; the median counts")
	flag.BoolVar(&b.keep, "keep", false, "keep the generated records for the next run")
	only := flag.String("only", "", "sections to measure, with commas: cost, parse, bytes, show, memory (default all)")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	chosen, err := choose(*only)
	if err != nil {
		return nil, err
	}
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if !b.keep {
			err = errors.Join(err, b.removeLogs())
		}
	}()
	for _, s := range chosen {
		fmt.Fprintln(os.Stderr, s.name, "…")
		figures, err := s.measure(ctx, b)
		all = append(all, figures...)
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return all, figure.Write(os.Stdout, all, *asJSON)
}

func choose(only string) ([]section, error) {
	if only == "" {
		return sections, nil
	}
	names := strings.Split(only, ",")
	var chosen []section
	for _, s := range sections {
		if slices.Contains(names, s.name) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) != len(names) {
		return nil, fmt.Errorf("-only %s: the sections are cost, parse, bytes, show, memory", only)
	}
	return chosen, nil
}

// prepare builds the CLI and finds the other one.
func (b *bench) prepare(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join("bin", "audit", "go.mod")); err != nil {
		return fmt.Errorf("%w; run bench from the root of the module", err)
	}
	work, err := filepath.Abs(b.work)
	if err != nil {
		return err
	}
	b.work = work
	b.audit = filepath.Join(work, "audit")
	b.duckdb = filepath.Join(work, "venv", "bin", "duckdb")
	if _, err := os.Stat(b.duckdb); err != nil {
		return fmt.Errorf("DuckDB's command line is missing, %w; run: make bench-audit", err)
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", b.audit, ".")
	build.Dir, build.Stderr = filepath.Join("bin", "audit"), os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build bin/audit: %w", err)
	}
	return nil
}
