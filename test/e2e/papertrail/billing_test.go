package papertrail_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// billing stands in for the cost allocation tags of Cost Explorer, which the
// emulator does not have. It does what AWS documents of the four operations that
// the activation calls; AWS takes up to a day where this takes no time.
type billing struct {
	mu        sync.Mutex
	tags      map[string]bool // of the keys that were billed: whether active
	backfills []string
	refused   int
}

// bill lets AWS know keys.
func (b *billing) bill(keys ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, key := range keys {
		b.tags[key] = false
	}
}

// active are the active keys.
func (b *billing) active() (keys []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, active := range b.tags {
		if active {
			keys = append(keys, key)
		}
	}
	return keys
}

func (b *billing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var asked struct {
		TagKeys                  []string
		CostAllocationTagsStatus []struct{ TagKey, Status string }
		BackfillFrom             string
	}
	answer := map[string]any{}
	err := json.NewDecoder(r.Body).Decode(&asked)
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "AWSInsightsIndexService."); {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case operation == "ListCostAllocationTags":
		list := []any{}
		for _, key := range asked.TagKeys {
			if active, known := b.tags[key]; known {
				status := map[bool]string{true: "Active", false: "Inactive"}[active]
				list = append(list, map[string]any{"TagKey": key, "Type": "UserDefined", "Status": status, "LastUpdatedDate": "2026-11-01T00:00:00Z"})
			}
		}
		answer["CostAllocationTags"] = list
	case operation == "UpdateCostAllocationTagsStatus":
		errors := []any{}
		for _, entry := range asked.CostAllocationTagsStatus {
			if _, known := b.tags[entry.TagKey]; !known {
				errors = append(errors, map[string]string{"TagKey": entry.TagKey, "Code": "TagKeysNotFoundException", "Message": "Tag keys not found: " + entry.TagKey})
				continue
			}
			b.tags[entry.TagKey] = entry.Status == "Active"
		}
		answer["Errors"] = errors
	case operation == "ListCostAllocationTagBackfillHistory":
		list := []any{}
		for _, from := range b.backfills {
			list = append(list, map[string]string{"BackfillFrom": from, "RequestedAt": time.Now().UTC().Format(time.RFC3339), "BackfillStatus": "PROCESSING"})
		}
		answer["BackfillRequests"] = list
	case operation == "StartCostAllocationTagBackfill":
		b.backfills = append(b.backfills, asked.BackfillFrom)
	default:
		b.refused++
		http.Error(w, `{"__type":"UnknownOperationException"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer)
}
