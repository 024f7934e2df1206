package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/demo/report"
)

// A run takes all of the machine, so these tests do not run at the same time.

func TestShowsThePaperTrailAndTakesItDown(t *testing.T) {
	r := begin(t, nil, "--json")
	require.NoError(t, r.wait(), r.stderr.String())

	var found report.Report
	require.NoError(t, json.Unmarshal([]byte(r.stdout.String()), &found))
	l := found.Logging
	assert.True(t, l.Text && l.Image && l.Embedding && l.Video && l.Audio)
	assert.Equal(t, "/aws/bedrock/model-invocations", l.LogGroup)
	require.NotEmpty(t, found.Buckets)
	assert.Equal(t, "GOVERNANCE", found.Buckets[0].LockMode)
	for _, key := range found.Keys {
		assert.True(t, key.Rotates, key.ARN)
	}
	require.NotEmpty(t, found.Filters)
	assert.Equal(t, "ThrottlingFilter", found.Filters[0].Name)
	require.NotEmpty(t, found.Alarms)
	assert.Contains(t, found.Alarms[0].Description, "throttled")
	require.Len(t, found.Topics, 2)
	assert.NotEqual(t, found.Topics[0].Key, found.Topics[1].Key)
	assert.Contains(t, found.Alarms[0].Actions, found.Topics[1].ARN, "throttling is a warning")
	assert.True(t, slices.ContainsFunc(found.Alarms, func(a report.Alarm) bool { return a.Severity == "Critical" }))
	require.NotNil(t, found.Guard)
	assert.Contains(t, found.Guard.Schedule, "rate(15 minutes)")
	require.Len(t, found.Guard.Checks, 5)
	for _, check := range found.Guard.Checks {
		assert.True(t, check.Declared, check.Name)
	}
	assert.Greater(t, len(found.Rules), 20)
	for _, rule := range found.Rules {
		assert.Equal(t, "ENABLED", rule.State, rule.Name)
		assert.True(t, json.Valid([]byte(rule.Pattern)), rule.Name)
	}
	require.Len(t, found.Boards, 1)
	assert.Greater(t, found.Boards[0].Widgets, 10)
	require.NotNil(t, found.Ledger)
	assert.Equal(t, []string{"events", "invocations"}, found.Ledger.Tables)
	require.Len(t, found.Ledger.WorkGroups, 3)
	for _, group := range found.Ledger.WorkGroups {
		assert.True(t, group.Enforced && group.ScanLimit > 0 && group.Key != "", group.Name)
	}
	assert.Len(t, found.Ledger.Schedule, 2)
	require.Len(t, found.Trails, 1)
	assert.True(t, found.Trails[0].Logging && found.Trails[0].Validation && found.Trails[0].MultiRegion)
	for _, tagged := range found.Tags {
		assert.Equal(t, "dev", tagged.Tags["environment"], tagged.Resource)
	}
	assert.Contains(t, r.stderr.String(), "see that logging is off")
	assert.Regexp(t, `(?s)To deploy to an AWS account: docs/deploy\.md\n$`, r.stderr.String())
	assert.NotContains(t, r.stderr.String(), "\x1b", "no terminal, no control sequences")
	assert.Empty(t, r.left(t))
}

func TestLeavesNothingRunningWhenInterrupted(t *testing.T) {
	r := begin(t, []string{"KEEP=1"}) // an emulator that would outlive the program
	require.Eventually(t, func() bool {
		return strings.Contains(r.stderr.String(), "bootstrap") || r.ended()
	}, 3*time.Minute, 50*time.Millisecond)
	require.False(t, r.ended(), r.stderr.String())
	require.NotEmpty(t, r.left(t))
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM))
	require.Error(t, r.wait())
	assert.Contains(t, r.stderr.String(), "demo: interrupted; nothing is left running\n")
	r.namesLogs(t)
	assert.Empty(t, r.stdout.String())
	assert.Eventually(t, func() bool { return len(r.left(t)) == 0 }, 10*time.Second, 50*time.Millisecond)
}

func TestSaysWhatFailed(t *testing.T) {
	r := begin(t, []string{"NODE_OPTIONS=--require=/no/such/module.js"})
	require.Error(t, r.wait())
	assert.Regexp(t, `(?m)^synthesise +failed after`, r.stderr.String())
	assert.Contains(t, r.stderr.String(), "/no/such/module.js", "the end of the CLI's output")
	r.namesLogs(t)
	assert.Empty(t, r.left(t))
}

func TestKeepsTheLogsOfRunsThatStillRun(t *testing.T) {
	work := t.TempDir()
	for _, file := range []string{"demo-1.log", "demo-1-cdk.log", "demo-12.log", "demo-12-cdk.log", "other.log", "demo"} {
		require.NoError(t, os.WriteFile(filepath.Join(work, file), nil, 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(work, "demo-12-345"), 0o700))

	require.NoError(t, removeOldLogs(work))

	entries, err := os.ReadDir(work)
	require.NoError(t, err)
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	assert.Equal(t, []string{"demo", "demo-12-345", "demo-12-cdk.log", "demo-12.log", "other.log"}, left)
}

var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "paper-trail-demo-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "demo")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("%v\n%s", err, out))
		}
		return m.Run()
	}())
}

// trial is one run of the program. What it starts inherits its mark.
type trial struct {
	cmd            *exec.Cmd
	mark           string
	stdout, stderr output
	done           chan struct{}
	err            error // set when done
}

func begin(t *testing.T, env []string, args ...string) *trial {
	t.Helper()
	r := &trial{
		cmd:  exec.Command(binary, args...),
		mark: fmt.Sprintf("DEMO_TEST=%s-%d", t.Name(), os.Getpid()),
		done: make(chan struct{}),
	}
	r.cmd.Env = append(append(os.Environ(), r.mark), env...)
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	require.NoError(t, r.cmd.Start())
	go func() {
		r.err = r.cmd.Wait()
		close(r.done)
	}()
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	return r
}

func (r *trial) wait() error {
	<-r.done
	return r.err
}

func (r *trial) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// namesLogs asserts that the run named its own logs and left them.
func (r *trial) namesLogs(t *testing.T) {
	t.Helper()
	for _, of := range []string{"The emulator's log", "The log of the cdk CLI"} {
		match := regexp.MustCompile(of + " is (.+)").FindStringSubmatch(r.stderr.String())
		require.NotNil(t, match, r.stderr.String())
		assert.FileExists(t, match[1])
		assert.Contains(t, match[1], filepath.Join(".work", logName(r.cmd.Process.Pid)))
	}
}

// left lists the processes that carry the mark.
func (r *trial) left(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("ps", "axeww", "-o", "pid=,command=").Output()
	require.NoError(t, err)
	var left []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, r.mark) {
			left = append(left, line)
		}
	}
	return left
}

// output is a buffer that can be read while the program writes.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}
