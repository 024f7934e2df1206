package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"audit": main})
}

// TestScripts runs testdata/script. Beside testscript's own commands there are
//
//	traffic DIR [NAME=NUMBER…]   writes a log with such traffic, and sets variables from its truth
//	true DIMENSION               the JSON on stdout is the truth about that dimension
//	unpriced                     the JSON on stdout lists the unpriced calls of its rows
//	exits CODE PROGRAM [ARG…]    runs a program that must end with that code
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("COLUMNS", "120")
			env.Setenv("TMPDIR", env.Getenv("WORK"))
			for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
				env.Setenv(name, os.DevNull)
			}
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"traffic": traffic, "true": isTrue, "unpriced": listsUnpriced, "exits": exits,
		},
	})
}

func traffic(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: traffic DIR [NAME=NUMBER…]")
	}
	what := recordtest.Traffic{Seed: 1, Records: 1000, Hours: 6, Users: 8, RecordsPerObject: 100, Metrics: true, CloudTrail: true}
	numbers := map[string]*int{
		"records": &what.Records, "hours": &what.Hours, "truncated": &what.Faults.Truncated, "broken": &what.Faults.Broken,
		"duplicated": &what.Faults.Duplicated, "late": &what.Faults.Late, "silent": &what.Faults.Silent,
	}
	for _, arg := range args[1:] {
		name, number, _ := strings.Cut(arg, "=")
		to, known := numbers[name]
		if !known {
			ts.Fatalf("traffic has no %s; it has %q", name, slices.Sorted(maps.Keys(numbers)))
		}
		var err error
		*to, err = strconv.Atoi(number)
		ts.Check(err)
	}
	dir := ts.MkAbs(args[0])
	truth, err := what.Write(context.Background(), recordtest.ToDir(dir))
	ts.Check(err)
	saved, err := json.Marshal(flat(truth))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("truth.json"), saved, 0o600))
	example := truth.Examples[len(truth.Examples)/2]
	ts.Setenv("CALLS", fmt.Sprint(truth.Total.Calls))
	ts.Setenv("OBJECTS", fmt.Sprint(truth.Objects))
	ts.Setenv("REQUEST", example.RequestID)
	ts.Setenv("HOUR", example.At.Truncate(time.Hour).Format(time.RFC3339))
	ts.Setenv("NEXT_HOUR", example.At.Truncate(time.Hour).Add(time.Hour).Format(time.RFC3339))
}

// row is what an answer says about one value of a dimension.
type row struct {
	Calls      int64 `json:"calls"`
	Input      int64 `json:"input_tokens"`
	Output     int64 `json:"output_tokens"`
	CacheRead  int64 `json:"cache_read_tokens"`
	CacheWrite int64 `json:"cache_write_tokens"`
}

// flat is the truth by the columns of answers.
func flat(t *recordtest.Truth) map[string]map[string]row {
	all := map[string]map[string]row{}
	hours := map[string]recordtest.Sums{}
	for hour, sums := range t.ByHour {
		hours[hour.Format(time.RFC3339)] = sums
	}
	for column, truth := range map[string]map[string]recordtest.Sums{
		"user_id": t.ByUser, "task_type": t.ByTask, "kb_id": t.ByKnowledgeBase, "principal": t.ByPrincipal,
		"model_id": t.ByModelID, "hour": hours,
	} {
		all[column] = map[string]row{}
		for key, s := range truth {
			all[column][key] = row{s.Calls, s.InputTokens, s.OutputTokens, s.CacheReadTokens, s.CacheWriteTokens}
		}
	}
	return all
}

func isTrue(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: true COLUMN")
	}
	var truth map[string]map[string]row
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("truth.json")), &truth))
	var answer struct{ Rows []json.RawMessage }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &answer))
	said := map[string]row{}
	for _, raw := range answer.Rows {
		var key map[string]any
		var more row
		ts.Check(json.Unmarshal(raw, &key))
		ts.Check(json.Unmarshal(raw, &more))
		name, _ := key[args[0]].(string)
		sum := said[name]
		said[name] = row{
			sum.Calls + more.Calls, sum.Input + more.Input, sum.Output + more.Output,
			sum.CacheRead + more.CacheRead, sum.CacheWrite + more.CacheWrite,
		}
	}
	if want := truth[args[0]]; len(want) == 0 || !maps.Equal(want, said) {
		ts.Fatalf("by %s the answer is\n%v\nand the truth\n%v", args[0], said, want)
	}
}

func listsUnpriced(ts *testscript.TestScript, _ bool, _ []string) {
	var answer struct {
		Rows []struct {
			Calls int64 `json:"unpriced_calls"`
		}
		Completeness struct{ Unpriced []struct{ Calls int64 } }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &answer))
	var said, listed int64
	for _, r := range answer.Rows {
		said += r.Calls
	}
	for _, u := range answer.Completeness.Unpriced {
		listed += u.Calls
	}
	if said == 0 || said != listed {
		ts.Fatalf("the rows tell of %d unpriced calls, the list of %d", said, listed)
	}
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG…]")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%s ended with code %d, not %s", filepath.Base(args[1]), code, args[0])
	}
}
