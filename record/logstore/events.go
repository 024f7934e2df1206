package logstore

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Event is one event of a CloudTrail log file.
type Event struct {
	Object string          // where it is, see [Store.Name]
	Raw    json.RawMessage // the event
}

// maxEvents is the largest log file of CloudTrail that is read, in bytes,
// decompressed. CloudTrail cuts its files long before.
const maxEvents = 512 << 20

// FindEvents returns the events of CloudTrail's log files in a store that carry
// the request id, out of the files of the days of a range, ordered by object.
// Files are under
//
//	[prefix/]AWSLogs/[ORGANISATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/
func FindEvents(ctx context.Context, store Store, r Range, requestID string) ([]Event, Stats, error) {
	var mu sync.Mutex
	var events []Event
	scan := newScan(ctx, store, 0)
	scan.start(cloudTrail, r)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			worker := scan.Worker()
			var buffer []byte
			for worker.nextObject() {
				content, err := readUpTo(worker.plain.source, maxEvents, buffer)
				buffer = content
				worker.close()
				var found []Event
				if err == nil {
					found, err = matching(content, requestID)
				}
				if err != nil && scan.ctx.Err() == nil {
					scan.report(Broken{Object: worker.object, Err: err})
				}
				mu.Lock()
				for _, event := range found {
					events = append(events, Event{worker.object, event.Raw})
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	err := scan.Err()
	scan.Close()
	slices.SortStableFunc(events, func(a, b Event) int { return strings.Compare(a.Object, b.Object) })
	return events, scan.Stats(), err
}

// matching decodes a log file only if it mentions the id.
func matching(content []byte, requestID string) ([]Event, error) {
	if !bytes.Contains(content, []byte(requestID)) {
		return nil, nil
	}
	var file struct{ Records []json.RawMessage }
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, err
	}
	var found []Event
	for _, raw := range file.Records {
		var event struct {
			RequestID string `json:"requestID"`
		}
		if err := json.Unmarshal(raw, &event); err != nil {
			return nil, err
		}
		if event.RequestID == requestID {
			found = append(found, Event{Raw: raw})
		}
	}
	return found, nil
}
