package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// logName begins the names of a run's logs and of the emulator's folder.
func logName(pid int) string { return fmt.Sprintf("demo-%d", pid) }

var logFile = regexp.MustCompile(`^(demo-\d+)(-cdk)?\.log$`)

// removeOldLogs removes the logs of runs whose emulator has no folder any more.
func removeOldLogs(work string) error {
	entries, err := os.ReadDir(work)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		match := logFile.FindStringSubmatch(entry.Name())
		if match == nil {
			continue
		}
		runs := slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
			return e.IsDir() && strings.HasPrefix(e.Name(), match[1]+"-")
		})
		if runs {
			continue
		}
		if err := os.Remove(filepath.Join(work, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// logs names the logs of this run.
func (d *demo) logs() string {
	text := "The emulator's log is " + d.stand.LogPath()
	if d.log != nil {
		text += "\nThe log of the cdk CLI is " + d.log.Name()
	}
	return text
}
