package logstore_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func ExampleReader_Each() {
	dir, err := os.MkdirTemp("", "logs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	if _, err := (recordtest.Traffic{Records: 1000}).Write(ctx, recordtest.ToDir(dir)); err != nil {
		panic(err)
	}

	var lines atomic.Int64
	reader := logstore.Reader{Store: logstore.Dir(dir)}
	stats, err := reader.Each(ctx, func(worker int, object string, line []byte) error {
		lines.Add(1)
		return nil
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(lines.Load(), stats.Records, stats.BrokenObjects+stats.BrokenLines)
	// Output: 1000 1000 0
}

func ExampleWorker() {
	dir, err := os.MkdirTemp("", "logs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	if _, err := (recordtest.Traffic{Records: 1000}).Write(ctx, recordtest.ToDir(dir)); err != nil {
		panic(err)
	}

	noon := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	reader := logstore.Reader{Store: logstore.Dir(dir), Range: logstore.Range{From: noon, To: noon.Add(time.Hour), Late: time.Hour}}
	scan, err := reader.Open(ctx)
	if err != nil {
		panic(err)
	}
	defer scan.Close()
	lines := int64(0)
	for worker := scan.Worker(); worker.Next(); {
		lines++
	}
	if err := scan.Err(); err != nil {
		panic(err)
	}
	fmt.Println(lines == scan.Stats().Records, "from", scan.Stats().Objects, "hours of three Regions")
	// Output: true from 9 hours of three Regions
}
