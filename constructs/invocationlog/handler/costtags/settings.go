package costtags

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Settings are the environment variable COST_TAGS, one JSON text.
type Settings struct {
	// Keys are the tag keys to activate. At least one is required.
	Keys []string `json:"keys"`
	// BackfillMonths is how many months, beside the current one, are counted
	// again, at most 12. The backfill is of all tag keys of the account, also of
	// those that are inactive now. Default: 0, nothing is.
	BackfillMonths int `json:"backfillMonths"`
}

// maxBackfillMonths is AWS's limit (AWS Cost Explorer API reference,
// StartCostAllocationTagBackfill).
const maxBackfillMonths = 12

// ParseSettings reports every problem at once.
func ParseSettings(text string) (Settings, error) {
	var s Settings
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Settings{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Settings{}, errors.New("text follows the JSON object")
	}
	var problems []error
	if len(s.Keys) == 0 {
		problems = append(problems, errors.New("keys is required; name a tag key at least"))
	}
	seen := map[string]bool{}
	for i, key := range s.Keys {
		if key == "" {
			problems = append(problems, fmt.Errorf("keys[%d] is empty", i))
		} else if seen[key] {
			problems = append(problems, fmt.Errorf("keys[%d]: %q comes twice", i, key))
		}
		seen[key] = true
	}
	if s.BackfillMonths < 0 || s.BackfillMonths > maxBackfillMonths {
		problems = append(problems, fmt.Errorf("backfillMonths: got %d; use 0 to %d", s.BackfillMonths, maxBackfillMonths))
	}
	return s, errors.Join(problems...)
}
