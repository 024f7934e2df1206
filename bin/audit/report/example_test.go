package report_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/report"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func Example() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "log-")
	defer os.RemoveAll(dir)
	traffic := recordtest.Traffic{Records: 1000}
	if _, err := traffic.Write(ctx, recordtest.ToDir(dir)); err != nil {
		panic(err)
	}
	e, err := duckdb.Open(ctx, duckdb.Options{Store: logstore.Dir(dir), ReadOnce: true})
	if err != nil {
		panic(err)
	}
	defer e.Close()

	var page strings.Builder
	err = report.Write(ctx, &page, e, ledgersql.Filter{}, report.Options{Written: time.Now(), Title: "Use in November"})
	if err != nil {
		panic(err)
	}
	for _, says := range []string{"<h1>Use in November</h1>", "No gap is known, but the record was not compared", "with 1,000 calls read", "<script"} {
		fmt.Println(strings.Contains(page.String(), says))
	}

	// Output:
	// true
	// true
	// true
	// false
}
