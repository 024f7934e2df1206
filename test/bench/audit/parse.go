package main

import (
	"context"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

func measureParse(ctx context.Context, b *bench) ([]figure.Figure, error) {
	logs, err := b.generate(ctx, b.records)
	if err != nil {
		return nil, err
	}
	var ours, gzips []float64
	for run := range b.runs + 1 {
		ourTime, err := parseAll(ctx, logs)
		if err != nil {
			return nil, err
		}
		gzip := exec.CommandContext(ctx, "sh", "-c", `find "$1" -name '*Z_*.json.gz' -print0 | xargs -0 -n 16 -P "$2" gzip -dc > /dev/null`,
			"sh", logs.Dir, strconv.Itoa(runtime.NumCPU()))
		start := time.Now()
		if err := gzip.Run(); err != nil {
			return nil, err
		}
		if run > 0 { // the first warms the caches
			ours, gzips = append(ours, throughput(logs, ourTime)), append(gzips, throughput(logs, time.Since(start)))
		}
	}
	return []figure.Figure{
		{Name: "record: read, parse and price, MB of compressed input", Value: figure.Median(ours), Unit: "MB/s"},
		{Name: "gzip -dc on every core", Value: figure.Median(gzips), Unit: "MB/s"},
		{Name: "  record against it", Value: figure.Median(figure.Pairwise(ours, gzips, figure.Ratio)), Unit: "x", Limit: 0.5, AtLeast: true},
	}, nil
}

// parseAll makes a row of the ledger of every record.
func parseAll(ctx context.Context, logs *logs) (time.Duration, error) {
	rates := record.Rates()
	start := time.Now()
	_, err := (&logstore.Reader{Store: logstore.Dir(logs.Dir)}).Each(ctx, func(_ int, object string, line []byte) error {
		r, err := record.Parse(line)
		if err != nil {
			return err
		}
		rates.Call(r, object)
		return nil
	})
	return time.Since(start), err
}

func throughput(logs *logs, took time.Duration) float64 {
	return float64(logs.Bytes) / 1e6 / took.Seconds()
}
