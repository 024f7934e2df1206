package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// options are the flags of a command. A command registers those that it has use
// for; the others keep their zero value.
type options struct {
	source, trail, metrics, rates string
	engine, database, workGroup   string
	region, profile               string
	from, to                      moment
	users, tasks, kbs, requests   []string
	models, principals, by        []string
	limit                         int
	asJSON, asCSV, asTable        bool
	output                        string
}

const (
	duckDB = "duckdb"
	athena = "athena"
)

func (o *options) sourceFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.source, "source", "", "where the log is: a folder, or s3://BUCKET[/PREFIX]")
	f.StringVar(&o.rates, "rates", "", "a rate card (CSV) whose rates go before the built-in ones")
	f.Var(&o.from, "from", "calls at or after this time: 2026-03-01, 2026-03-01T14:00:00Z, 7d, 24h")
	f.Var(&o.to, "to", "calls before this time")
	f.StringVar(&o.region, "region", "", "the AWS Region of the bucket, the ledger and the metric")
	f.StringVar(&o.profile, "profile", "", "profile of the AWS configuration")
	must(cmd.MarkFlagDirname("source"))
	must(cmd.MarkFlagFilename("rates", "csv"))
	suggest(cmd, "from", "24h", "7d", "30d")
}

func (o *options) engineFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.engine, "engine", duckDB, "what answers: duckdb (here, from the raw log) or athena (in AWS, from the ledger)")
	f.StringVar(&o.database, "database", "", "Glue database of the ledger, for athena")
	f.StringVar(&o.workGroup, "workgroup", "", "Athena work group, for athena")
	f.StringVar(&o.metrics, "metrics", "", "number of calls to compare with: a file (JSON), cloudwatch, or none (default: cloudwatch unless the source is a folder)")
	suggest(cmd, "engine", duckDB, athena)
	must(cmd.MarkFlagFilename("metrics", "json"))
}

// condition is a filter flag.
type condition struct {
	flag, usage string
	values      *[]string
}

func (o *options) conditions() []condition {
	return []condition{
		{"user", "calls for this user_id", &o.users},
		{"task", "calls of this task_type", &o.tasks},
		{"kb", "calls with this kb_id", &o.kbs},
		{"request", "calls with this request id, Bedrock's or the caller's own", &o.requests},
		{"model", "calls of this model: its id as passed, its name, or vendor.name", &o.models},
		{"principal", "calls by this principal (ARN without the session)", &o.principals},
	}
}

// filterFlags takes values as they are: names may have commas in them.
func (o *options) filterFlags(cmd *cobra.Command) {
	for _, c := range o.conditions() {
		cmd.Flags().StringArrayVar(c.values, c.flag, nil, c.usage+"; may be repeated")
	}
}

func (o *options) splitFlags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&o.by, "by", nil, "one row for each "+dimensionNames()+"; several with commas")
	suggest(cmd, "by", strings.Split(dimensionNames(), ", ")...)
}

func (o *options) outputFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.asTable, "table", false, "as a table, styled on a terminal (the default)")
	f.BoolVar(&o.asJSON, "json", false, "as one JSON document")
	f.BoolVar(&o.asCSV, "csv", false, "as CSV; what it rests on goes to standard error, and text that looks like a formula gets an apostrophe")
	f.StringVarP(&o.output, "output", "o", "", "write to this file instead of standard output")
}

// check finds what the flags' types do not.
func (o *options) check() error {
	if !o.from.time.IsZero() && !o.to.time.IsZero() && !o.from.time.Before(o.to.time) {
		return usagef("--from %s is not before --to %s; swap them", &o.from, &o.to)
	}
	for _, c := range o.conditions() {
		// A variable of a script that is not set must not answer for everybody.
		if slices.Contains(*c.values, "") {
			return usagef("--%s is empty; give a value, or leave the flag out to ask about all calls", c.flag)
		}
	}
	formats := 0
	for _, set := range []bool{o.asTable, o.asJSON, o.asCSV} {
		if set {
			formats++
		}
	}
	if formats > 1 {
		return usagef("more than one of --table, --json and --csv; choose one")
	}
	if o.limit < 0 {
		return usagef("--limit %d is negative; give 0 for no limit", o.limit)
	}
	for _, where := range []string{o.source, o.trail} {
		if location, inS3 := strings.CutPrefix(where, "s3://"); inS3 && (location == "" || location[0] == '/') {
			return usagef("%s names no bucket; it looks like s3://BUCKET/PREFIX", where)
		}
	}
	known := ledgersql.Dimensions()
	for _, d := range o.by {
		if !slices.Contains(known, ledgersql.Dimension(d)) {
			return usagef("--by %s is unknown; choose of %s", d, dimensionNames())
		}
	}
	switch o.engine {
	case "", duckDB:
		if o.source == "" {
			return usagef("no --source; give a folder with a copy of the log, or s3://BUCKET[/PREFIX], or ask the ledger with --engine athena")
		}
	case athena:
		if o.database == "" || o.workGroup == "" {
			return usagef("--engine athena needs --database and --workgroup; they are outputs of the Ledger stack")
		}
		if o.source != "" || o.rates != "" {
			return usagef("--source and --rates are for --engine duckdb; the ledger has rows and prices of its own")
		}
	default:
		return usagef("--engine %s is unknown; choose of %s, %s", o.engine, duckDB, athena)
	}
	return nil
}

func (o *options) filter() ledgersql.Filter {
	return ledgersql.Filter{
		From: o.from.time, To: o.to.time,
		Users: o.users, Tasks: o.tasks, KnowledgeBases: o.kbs,
		Requests: o.requests, Models: o.models, Principals: o.principals,
	}
}

// narrowed reports whether there is any condition.
func (o *options) narrowed() bool {
	some := func(c condition) bool { return len(*c.values) > 0 }
	return o.within() != (logstore.Range{}) || slices.ContainsFunc(o.conditions(), some)
}

func (o *options) shownFilter() render.Filter {
	f := render.Filter{
		Users: o.users, Tasks: o.tasks, KBs: o.kbs, Requests: o.requests,
		Models: o.models, Principals: o.principals, By: o.by, Limit: o.limit,
	}
	for _, end := range []struct {
		from time.Time
		to   **time.Time
	}{{o.from.time, &f.From}, {o.to.time, &f.To}} {
		if !end.from.IsZero() {
			*end.to = &end.from
		}
	}
	return f
}

func (o *options) dimensions() []ledgersql.Dimension {
	var by []ledgersql.Dimension
	for _, d := range o.by {
		by = append(by, ledgersql.Dimension(d))
	}
	return by
}

func dimensionNames() string {
	var names []string
	for _, d := range ledgersql.Dimensions() {
		names = append(names, string(d))
	}
	return strings.Join(names, ", ")
}

// suggest completes a flag's value in the shell.
func suggest(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

// must is for mistakes of the program itself: a flag that does not exist.
func must(err error) {
	if err != nil {
		panic("paper-trail/audit: " + err.Error())
	}
}
