package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// logs is a folder of generated records and what must be found in it.
type logs struct {
	Dir      string
	Bytes    int64 // of the log objects, as stored
	ByUser   map[string]recordtest.Sums
	Examples []recordtest.Example
}

// hours is a week, a plausible time for a million calls.
const hours = 7 * 24

// generate writes records, unless that was done before.
func (b *bench) generate(ctx context.Context, records int) (*logs, error) {
	dir := filepath.Join(b.work, fmt.Sprint("logs-", records))
	out, summary := &logs{Dir: dir}, filepath.Join(dir, "summary")
	if raw, err := os.ReadFile(summary); err == nil {
		return out, json.Unmarshal(raw, out)
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "writing %d records\n", records)
	truth, err := recordtest.Traffic{Records: records, Hours: hours}.Write(ctx, recordtest.ToDir(dir))
	if err != nil {
		return nil, err
	}
	out.ByUser, out.Examples = truth.ByUser, truth.Examples
	if out.Bytes, err = size(dir); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return out, os.WriteFile(summary, raw, 0o600)
}

// objects is a pattern that matches the log objects.
func (l *logs) objects() string {
	return filepath.Join(l.Dir, "AWSLogs", "*", "BedrockModelInvocationLogs", "*", "*", "*", "*", "*", "*Z_*.json.gz")
}

// size adds up the log objects, without what is under data/.
func size(dir string) (sum int64, err error) {
	return sum, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(entry.Name(), "Z_") {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
}

func (b *bench) removeLogs() error {
	folders, err := filepath.Glob(filepath.Join(b.work, "logs-*"))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
	}
	return nil
}
