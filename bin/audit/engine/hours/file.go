package hours

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// File is a metric in a file, see the package's description. Hours that are in
// it several times (a metric per model, say) are added up.
func File(path string) (Metric, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the metric: %w", err)
	}
	var points []struct {
		Region      string    `json:"region"`
		Hour        time.Time `json:"hour"`
		Invocations *int64    `json:"invocations"`
	}
	wrong := func(err error) error {
		return fmt.Errorf("%s is no metric: %w; it looks like "+
			`[{"region":"eu-central-1","hour":"2026-03-01T14:00:00Z","invocations":118}]`, path, err)
	}
	// A misspelt key would read as no calls, and every hour as complete.
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&points); err != nil {
		return nil, wrong(err)
	}
	m := fixed{}
	for i, p := range points {
		if p.Region == "" || p.Hour.IsZero() || p.Invocations == nil {
			return nil, wrong(fmt.Errorf("element %d lacks region, hour or invocations", i))
		}
		m[Key{p.Region, p.Hour.UTC().Truncate(time.Hour)}] += *p.Invocations
	}
	return m, nil
}

type fixed map[Key]int64

func (m fixed) Calls(_ context.Context, from, to time.Time, _ []string) (map[Key]int64, error) {
	within := map[Key]int64{}
	for k, n := range m {
		if !k.Hour.Before(from) && (to.IsZero() || k.Hour.Before(to)) {
			within[k] = n
		}
	}
	return within, nil
}
