package recordtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"time"
)

// Traffic says what to write. Its zero value lacks only Records.
type Traffic struct {
	// Seed picks one of the possible sets of records. The default is 0, which is
	// as good as any.
	Seed uint64
	// Records is how many calls are logged, duplicates and broken lines not
	// counted. Required. About 100 are enough for one of every kind.
	Records int
	// From is when the first hour starts, a full hour. The default is Monday,
	// 2 November 2026, 00:00 UTC.
	From time.Time
	// Hours is over how many hours the calls are spread, more of them by day
	// than by night. The default is 24.
	Hours int
	// Accounts that make calls. The default is 111122223333.
	Accounts []string
	// Regions that calls are made in. The default is one in Europe, one in the
	// United States and one in Asia.
	Regions []string
	// Users is how many users there are, some busier than others. The default is 50.
	Users int
	// RecordsPerObject is the most records that are delivered in one object. The
	// default is 500.
	RecordsPerObject int
	// Bucket is the bucket's name in the S3 paths of large bodies. The default is
	// invocation-logs.
	Bucket string
	// Prefix goes before AWSLogs in all keys, without a slash at its end. The
	// default is none.
	Prefix string
	// MetadataOnly leaves bodies out, as Bedrock does when delivery is off for
	// every kind of data. The default is to have them.
	MetadataOnly bool
	// CloudTrail also writes the log files of a trail, with the events of the
	// calls. The default is not to.
	CloudTrail bool
	// Metrics also writes [MetricsKey], what the metric Invocations would say.
	// The default is not to.
	Metrics bool
	// Faults of the logs. The default is none.
	Faults Faults
}

// Faults is what goes wrong with logs, each so many times. Truncated, Broken,
// Duplicated and Late hit different objects.
type Faults struct {
	Truncated  int // objects that break off in the middle
	Broken     int // objects with a line that breaks off, which stands for no call
	Duplicated int // objects that are delivered a second time, under another name
	Late       int // objects that are delivered in the hour after that of their calls
	Silent     int // hours of a Region with calls in the metric but no logs at all
}

// MetricsKey is the key, after Prefix, of the file of hourly invocations, a JSON
// array of
//
//	{"region":"eu-west-1","hour":"2026-11-02T13:00:00Z","invocations":42}
//
// with the sums over all models of the metric Invocations of AWS/Bedrock, which
// counts calls that succeed.
const MetricsKey = "metrics.json"

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// withDefaults returns the traffic with every field set, or all that is wrong.
func (t Traffic) withDefaults() (Traffic, error) {
	if t.From.IsZero() {
		t.From = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	}
	t.From = t.From.UTC()
	if t.Hours == 0 {
		t.Hours = 24
	}
	if t.Accounts == nil {
		t.Accounts = []string{"111122223333"}
	}
	if t.Regions == nil {
		t.Regions = []string{"eu-west-1", "us-east-1", "ap-southeast-2"}
	}
	if t.Users == 0 {
		t.Users = 50
	}
	if t.RecordsPerObject == 0 {
		t.RecordsPerObject = 500
	}
	if t.Bucket == "" {
		t.Bucket = "invocation-logs"
	}
	var problems []error
	for _, count := range []struct {
		name  string
		value int
	}{
		{"Records", t.Records}, {"Hours", t.Hours}, {"Users", t.Users}, {"RecordsPerObject", t.RecordsPerObject},
		{"len(Accounts)", len(t.Accounts)}, {"len(Regions)", len(t.Regions)},
	} {
		if count.value < 1 {
			problems = append(problems, fmt.Errorf("recordtest: %s is at least 1, got %d", count.name, count.value))
		}
	}
	if t.From.Truncate(time.Hour) != t.From {
		problems = append(problems, fmt.Errorf("recordtest: From is a full hour, got %s", t.From))
	}
	for _, account := range t.Accounts {
		if !accountID.MatchString(account) {
			problems = append(problems, fmt.Errorf("recordtest: an account has 12 digits, got %q", account))
		}
	}
	f := t.Faults
	if min(f.Truncated, f.Broken, f.Duplicated, f.Late, f.Silent) < 0 {
		problems = append(problems, fmt.Errorf("recordtest: Faults are counts, got %+v", f))
	}
	if f.Silent >= t.Hours*len(t.Regions) {
		problems = append(problems, fmt.Errorf("recordtest: %d silent hours leave no hour with records; add Hours or Regions", f.Silent))
	}
	return t, errors.Join(problems...)
}

// Write writes everything, object by object, and returns what is in it. It calls
// put from GOMAXPROCS goroutines; the content is valid until put returns. Memory
// hardly grows with Records. It returns the first error of put, and the
// context's.
func (t Traffic) Write(ctx context.Context, put func(key string, content []byte) error) (*Truth, error) {
	t, err := t.withDefaults()
	if err != nil {
		return nil, err
	}
	batches, silent, err := t.plan()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *batch)
	go func() {
		defer close(queue)
		for i := range batches {
			select {
			case queue <- &batches[i]:
			case <-ctx.Done():
				return
			}
		}
	}()
	people := newCast(t)
	truth := newTruth()
	var mu sync.Mutex
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			writer := newWriter(t, people, put)
			for batch := range queue {
				if err := writer.write(batch); err != nil {
					cancel(err)
					return
				}
			}
			mu.Lock()
			defer mu.Unlock()
			truth.add(writer.truth)
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	truth.finish(silent)
	return truth, t.writeRest(truth, put)
}

// writeRest writes what there is one of.
func (t Traffic) writeRest(truth *Truth, put func(key string, content []byte) error) error {
	first := t.From
	for _, account := range t.Accounts {
		for _, region := range t.Regions {
			for _, folder := range []string{
				t.invocations(account),
				t.hour(account, region, first),
				t.hour(account, region, first) + "data/",
			} {
				if folder == t.invocations(account) && region != t.Regions[0] {
					continue
				}
				if err := put(folder+"amazon-bedrock-logs-permission-check", nil); err != nil {
					return err
				}
				truth.Markers++
			}
		}
	}
	if t.Metrics {
		return put(t.prefixed(MetricsKey), truth.metrics())
	}
	return nil
}

func (t Traffic) prefixed(key string) string {
	if t.Prefix == "" {
		return key
	}
	return t.Prefix + "/" + key
}

func (t Traffic) account(account string) string { return t.prefixed("AWSLogs/" + account + "/") }

func (t Traffic) invocations(account string) string {
	return t.account(account) + "BedrockModelInvocationLogs/"
}

func (t Traffic) hour(account, region string, at time.Time) string {
	return t.invocations(account) + region + at.Format("/2006/01/02/15/")
}

// ToDir puts objects into a folder, which need not exist.
func ToDir(dir string) func(key string, content []byte) error {
	return func(key string, content []byte) error {
		path := filepath.Join(dir, filepath.FromSlash(key))
		err := os.WriteFile(path, content, 0o600)
		if errors.Is(err, os.ErrNotExist) {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			return os.WriteFile(path, content, 0o600)
		}
		return err
	}
}
