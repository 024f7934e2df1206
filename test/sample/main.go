// Command sample writes a made-up week of invocation logs, with the trail's
// files and the metric beside them, to try the audit command on:
//
//	go run ./test/sample .work/sample
//
// The week ends with the last full hour. Some of the record is broken, late or
// missing, as it would be in seven years, so that the answers show it. The file
// request-id names a call to look at. A folder that is there already is left as it is.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sample FOLDER")
		os.Exit(2)
	}
	if err := write(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "sample:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	const hours = 7 * 24
	traffic := recordtest.Traffic{
		Records: 20_000, Hours: hours, From: time.Now().UTC().Truncate(time.Hour).Add(-hours * time.Hour),
		Users: 12, Regions: []string{"eu-west-1", "us-east-1"}, CloudTrail: true, Metrics: true,
		Faults: recordtest.Faults{Truncated: 1, Broken: 1, Duplicated: 2, Late: 5, Silent: 1},
	}
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	truth, err := traffic.Write(ctx, recordtest.ToDir(partial))
	if err != nil {
		return err
	}
	if err := os.WriteFile(partial+"/request-id", []byte(truth.Examples[len(truth.Examples)/2].RequestID+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(partial, dir)
}
