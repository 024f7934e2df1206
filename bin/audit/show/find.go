package show

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// Hit is a call that was found.
type Hit struct {
	Record *record.Record
	Object string
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_.:-]*$`)

var errFound = errors.New("found")

// Find looks for the call with a request id, or for the calls that their callers
// gave the id as metadata entry request_id; the newest come first. A request id
// is there once, so the search ends with it, and says that it is partial. Lines
// are parsed only if they mention the id, unless it has characters that JSON may
// write in another way.
func Find(ctx context.Context, log logstore.Reader, id string) ([]Hit, *engine.Completeness, error) {
	var mu sync.Mutex
	var hits []Hit
	var exact *Hit
	seen := map[string]bool{}
	var needle []byte // in every line
	if plain.MatchString(id) {
		needle = []byte(id)
	}
	stats, err := log.Each(ctx, func(_ int, object string, line []byte) error {
		if !bytes.Contains(line, needle) {
			return nil
		}
		rec, err := record.Parse(bytes.Clone(line))
		if err != nil {
			return &logstore.LineError{Err: err}
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case rec.RequestID == id:
			exact = &Hit{rec, object}
			return errFound
		case rec.Metadata["request_id"] == id && !seen[rec.RequestID]:
			seen[rec.RequestID] = true
			hits = append(hits, Hit{rec, object})
		}
		return nil
	})
	completeness := restsOn(stats)
	if exact != nil {
		completeness.Partial = true
		return []Hit{*exact}, completeness, nil
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if c := b.Record.Timestamp.Compare(a.Record.Timestamp); c != 0 {
			return c
		}
		return bytes.Compare([]byte(a.Record.RequestID), []byte(b.Record.RequestID))
	})
	return hits, completeness, err
}

func restsOn(stats logstore.Stats) *engine.Completeness {
	c := &engine.Completeness{
		Searched: true,
		Objects:  stats.Objects, Records: stats.Records, Skipped: stats.Skipped,
		BrokenObjects: stats.BrokenObjects, BrokenLines: stats.BrokenLines,
		Hours: engine.Hours{Why: "show looks for one call only"},
	}
	for _, b := range stats.Broken {
		c.Broken = append(c.Broken, engine.Broken{Object: b.Object, Line: b.Line, Records: b.Records, Problem: b.Err.Error()})
	}
	return c
}
