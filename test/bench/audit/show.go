package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

func measureShow(ctx context.Context, b *bench) ([]figure.Figure, error) {
	logs, err := b.generate(ctx, b.records)
	if err != nil {
		return nil, err
	}
	var times []float64
	for run := range b.runs + 1 {
		call := logs.Examples[(run+1)*len(logs.Examples)/(b.runs+2)]
		from, to := call.At.Truncate(time.Hour), call.At.Truncate(time.Hour).Add(time.Hour)
		done, err := execute(ctx, b.audit, "show", call.RequestID, "--source", logs.Dir,
			"--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339))
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(done.output, []byte(call.RequestID)) {
			return nil, fmt.Errorf("audit show %s shows another call:\n%s", call.RequestID, done.output)
		}
		if run > 0 { // the first warms the caches
			times = append(times, done.took.Seconds()*1000)
		}
	}
	return []figure.Figure{{
		Name: fmt.Sprintf("audit show of one of %d records, its hour given", b.records), Value: figure.Median(times), Unit: "ms", Limit: 1000,
	}}, nil
}
