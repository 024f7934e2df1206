package duckdb_test

import (
	"context"
	"fmt"
	"os"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func Example() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "log-")
	defer os.RemoveAll(dir)
	traffic := recordtest.Traffic{Records: 1000, Faults: recordtest.Faults{Duplicated: 1}}
	if _, err := traffic.Write(ctx, recordtest.ToDir(dir)); err != nil {
		panic(err)
	}

	e, err := duckdb.Open(ctx, duckdb.Options{Store: logstore.Dir(dir)})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	answer, err := e.Query(ctx, "SELECT count(*) AS calls, count(DISTINCT request_id) AS ids FROM calls")
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.Columns[0].Name, answer.Rows[0])
	record, _ := e.Completeness(ctx, ledgersql.Filter{})
	fmt.Println("duplicates:", record.Duplicates > 0, "complete:", record.Complete())

	// Output:
	// calls [1000 1000]
	// duplicates: true complete: true
}
