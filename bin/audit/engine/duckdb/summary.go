package duckdb

import (
	"cmp"
	"slices"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// counts is what a reading learns by the way.
type counts struct {
	records, duplicates int64
	unpriced            map[string]int64    // calls that are asked about, by model id
	hours               map[hours.Key]int64 // calls that were served
}

func newCounts() counts {
	return counts{unpriced: map[string]int64{}, hours: map[hours.Key]int64{}}
}

func (c *counts) add(call *record.Call, asked ledgersql.Filter) {
	c.records++
	if call.EstimatedNanoUSD == nil && meets(call, asked) {
		c.unpriced[call.ModelID]++
	}
	served := int64(0)
	if call.ErrorCode == "" {
		served = 1
	}
	c.hours[hours.Key{Region: call.Region, Hour: call.CalledAt.Truncate(time.Hour)}] += served
}

// summary is what stays of a reading.
type summary struct {
	counts
	stats    logstore.Stats
	complete bool
}

// summarise adds up what the threads counted. They must be done.
func (r *reading) summarise() *summary {
	sum := &summary{counts: newCounts(), stats: r.scan.Stats(), complete: r.complete()}
	for _, l := range r.locals {
		sum.records += l.counts.records
		sum.duplicates += l.counts.duplicates
		for id, n := range l.counts.unpriced {
			sum.unpriced[id] += n
		}
		for h, n := range l.counts.hours {
			sum.hours[h] += n
		}
	}
	return sum
}

// complete reports whether the log was read to its end.
func (r *reading) complete() bool {
	done := false
	for _, l := range r.locals {
		if l.wanted != nil && !l.done {
			return false
		}
		done = done || l.done
	}
	return done
}

func (s *summary) completeness() *engine.Completeness {
	c := &engine.Completeness{
		Objects:       s.stats.Objects,
		Empty:         s.stats.Objects == 0 && s.complete,
		Records:       s.records,
		Duplicates:    s.duplicates,
		Skipped:       s.stats.Skipped,
		BrokenObjects: s.stats.BrokenObjects,
		BrokenLines:   s.stats.BrokenLines,
		Partial:       !s.complete,
	}
	for _, b := range s.stats.Broken {
		c.Broken = append(c.Broken, engine.Broken{Object: b.Object, Line: b.Line, Records: b.Records, Problem: b.Err.Error()})
	}
	slices.SortFunc(c.Broken, func(a, b engine.Broken) int {
		return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.Line, b.Line))
	})
	for id, n := range s.unpriced {
		c.Unpriced = append(c.Unpriced, engine.Unpriced{ModelID: id, Calls: n})
	}
	slices.SortFunc(c.Unpriced, func(a, b engine.Unpriced) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.ModelID, b.ModelID))
	})
	return c
}
