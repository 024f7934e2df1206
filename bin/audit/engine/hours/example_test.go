package hours_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
)

func ExampleCheck() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "invocations.json")
	os.WriteFile(path, []byte(`[
		{"region": "eu-central-1", "hour": "2026-03-01T14:00:00Z", "invocations": 118},
		{"region": "eu-central-1", "hour": "2026-03-01T15:00:00Z", "invocations": 97}
	]`), 0o600)
	metric, err := hours.File(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	two := time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC)
	recorded := map[hours.Key]int64{{Region: "eu-central-1", Hour: two}: 118}
	for _, silent := range hours.Check(context.Background(), metric, two, two.Add(2*time.Hour), recorded).Silent {
		fmt.Println(silent.Region, silent.Hour.Format(time.RFC3339), silent.Calls)
	}
	// Output: eu-central-1 2026-03-01T15:00:00Z 97
}
