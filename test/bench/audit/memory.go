package main

import (
	"context"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

// measureMemory asks once: memory is less noisy than time.
func measureMemory(ctx context.Context, b *bench) ([]figure.Figure, error) {
	if !b.keep { // make room
		if err := b.removeLogs(); err != nil {
			return nil, err
		}
	}
	logs, err := b.generate(ctx, b.memoryRecords)
	if err != nil {
		return nil, err
	}
	done, err := execute(ctx, b.audit, "cost", "--by", "user", "--csv", "--source", logs.Dir)
	if err != nil {
		return nil, err
	}
	return []figure.Figure{
		{Name: fmt.Sprintf("audit cost --by user, %d records", b.memoryRecords), Value: done.took.Seconds(), Unit: "s"},
		{Name: "  its peak memory", Value: done.peakMB, Unit: "MB", Limit: 1024},
	}, nil
}
