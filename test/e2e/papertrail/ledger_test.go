package papertrail_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

// Records lie in the bucket, the state machine fills the ledger from them, and the
// audit command gives the same answers from the ledger and from the bucket.
func TestTheLedgerAnswersAsTheRecordDoes(t *testing.T) {
	audit := buildAudit(t)
	env := start(t, home)
	env.configureDisposable("ledger: {mode: create}")
	env.deploy()
	began := time.Now().UTC().Truncate(time.Hour).Add(-30 * time.Hour)
	traffic := recordtest.Traffic{
		Records: 400, Hours: 24, From: began, Users: 6, RecordsPerObject: 40,
		Accounts: []string{env.stand.Account()}, Regions: []string{home},
		Bucket: env.physical(home, storage, "InvocationBucket"),
		Faults: recordtest.Faults{Duplicated: 2, Broken: 1},
	}
	var truth *recordtest.Truth
	var withheld sync.Mutex // Write calls from several goroutines
	late := map[string][]byte{}

	env.step("a fill enters every call once", func(env *environment) {
		var err error
		truth, err = traffic.Write(env.Context(), func(key string, content []byte) error {
			withheld.Lock()
			defer withheld.Unlock()
			if len(late) == 0 && strings.HasSuffix(key, ".json.gz") && !strings.Contains(key, "/data/") {
				late[key] = bytes.Clone(content)
				return nil
			}
			return env.putObject(traffic.Bucket, key, content)
		})
		require.NoError(env, err)
		env.fill(`{"hours": 40}`)
		env.sameAnswers(audit, traffic.Bucket)
	})

	env.step("filling again adds nothing but what came late", func(env *environment) {
		env.fill(`{"hours": 40}`)
		env.sameAnswers(audit, traffic.Bucket)
		for key, content := range late {
			require.NoError(env, env.putObject(traffic.Bucket, key, content))
		}
		env.fill(`{"hours": 40, "maintain": true}`)
		rows := env.sameAnswers(audit, traffic.Bucket)
		assert.Contains(env, rows["totals"], `"calls":`+strconv.FormatInt(truth.Total.Calls, 10)+`,`, "and then every call is there")
	})

	env.step("the past is filled on request, and a window that makes no sense is refused", func(env *environment) {
		env.fill(`{"from": "` + began.Format(time.RFC3339) + `", "to": "` + began.Add(3*time.Hour).Format(time.RFC3339) + `"}`)
		status, cause := env.execute(`{"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}`)
		assert.Equal(env, sfntypes.ExecutionStatusFailed, status)
		assert.Contains(env, cause, "makes no sense")
	})

	env.step("the fill says how late calls are and what it could not read", func(env *environment) {
		assert.Positive(env, env.metric("LedgerLag"))
		assert.EqualValues(env, truth.Broken, env.metric("LedgerUnreadable"))
	})

	env.step("two fills at once take turns", func(env *environment) {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				status, cause := env.execute(`{"hours": 40, "maintain": true}`)
				assert.Equal(env, sfntypes.ExecutionStatusSucceeded, status, cause)
			})
		}
		both.Wait()
		assert.Zero(env, env.metric("LedgerDuplicates"))
	})

	env.step("an object that is cut short keeps out nothing but its hour", func(env *environment) {
		put := func(hours int, id string, cut int) (folder string) {
			at := time.Now().UTC().Add(time.Duration(-hours) * time.Hour)
			var zipped bytes.Buffer
			w := gzip.NewWriter(&zipped)
			_, err := fmt.Fprintf(w, `{"requestId":%q,"timestamp":%q}`+"\n", id, at.Format(time.RFC3339))
			require.NoError(env, err)
			require.NoError(env, w.Close())
			folder = at.Format("2006/01/02/15")
			require.NoError(env, env.putObject(traffic.Bucket, "AWSLogs/"+env.stand.Account()+"/BedrockModelInvocationLogs/"+home+"/"+folder+"/"+id+".json.gz", zipped.Bytes()[:zipped.Len()-cut]))
			return folder
		}
		put(2, "beside", 0)
		lacking := put(3, "cut", 20)
		status, cause := env.execute(`{"hours": 40}`)
		assert.Equal(env, sfntypes.ExecutionStatusFailed, status)
		assert.Contains(env, cause, "LedgerFill.Hours Athena could not read the records of 1 hours, which the ledger lacks: "+lacking)
		assert.EqualValues(env, 1, env.metric("LedgerHoursFailed"))
		assert.JSONEq(env, `[{"request_id":"beside"}]`, env.ask(audit, "sql", "SELECT request_id FROM calls WHERE request_id IN ('beside', 'cut')",
			"--engine", "athena", "--database", "paper_trail_e2e", "--workgroup", "paper-trail-e2e-ledger", "--region", home, "--metrics", "none"))
	})

	env.step("it is started by a schedule", func(env *environment) {
		listed, err := scheduler.NewFromConfig(env.stand.Config(home)).ListSchedules(env.Context(), &scheduler.ListSchedulesInput{})
		require.NoError(env, err)
		require.Len(env, listed.Schedules, 2)
		for _, schedule := range listed.Schedules {
			assert.Equal(env, env.machine(), *schedule.Target.Arn)
		}
	})
}

// incomplete is the exit status of an answer from a record with a broken line.
const incomplete = 3

// questions are put to both engines.
var questions = map[string][]string{
	"totals": {"sql", "SELECT count(*) AS calls, CAST(sum(input_tokens) AS BIGINT) AS input_tokens, CAST(sum(estimated_nanousd) AS BIGINT) AS estimated_nanousd FROM calls"},
	"who":    {"who"},
	"which":  {"which"},
	"users":  {"cost", "--by", "user"},
	"models": {"cost", "--by", "model,day"},
	"hours":  {"cost", "--by", "hour,task"},
}

// sameAnswers puts the questions to the ledger and to the bucket, and returns the
// rows of the answers as JSON.
func (e *environment) sameAnswers(audit, bucket string) map[string]string {
	e.Helper()
	answers := map[string]string{}
	for name, question := range questions {
		ledger := e.ask(audit, append(question, "--engine", "athena", "--database", "paper_trail_e2e", "--workgroup", "paper-trail-e2e-ledger", "--region", home, "--metrics", "none")...)
		record := e.ask(audit, append(question, "--source", "s3://"+bucket, "--region", home, "--metrics", "none")...)
		require.NotEqual(e, "[]", record, name)
		assert.Equal(e, record, ledger, "%s: the record's answer, and the ledger's", name)
		answers[name] = record
	}
	return answers
}

// ask returns the rows of an answer.
func (e *environment) ask(audit string, args ...string) string {
	e.Helper()
	cmd := exec.CommandContext(e.Context(), audit, append(args, "--json")...)
	cmd.Env = append(os.Environ(), e.stand.Env(home)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	exit := (*exec.ExitError)(nil)
	known := errors.As(err, &exit) && exit.ExitCode() == incomplete
	// A query in SQL may be of anything, so Athena says nothing of what it rests on.
	if !known && !(err == nil && args[0] == "sql" && slices.Contains(args, "athena")) {
		require.Failf(e, "no answer from an incomplete record", "audit %v: %v\n%s", args, err, stderr.String())
	}
	var answer struct {
		Rows json.RawMessage `json:"rows"`
	}
	require.NoError(e, json.Unmarshal(out, &answer), "audit %v", args)
	var compact bytes.Buffer
	require.NoError(e, json.Compact(&compact, answer.Rows))
	return compact.String()
}

func (e *environment) putObject(bucket, key string, content []byte) error {
	_, err := e.s3(home).PutObject(e.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(content)})
	return err
}

func (e *environment) machine() string {
	e.Helper()
	return "arn:aws:states:" + home + ":" + e.stand.Account() + ":stateMachine:paper-trail-e2e-fill"
}

// fill runs the state machine and expects success.
func (e *environment) fill(input string) {
	e.Helper()
	status, cause := e.execute(input)
	require.Equal(e, sfntypes.ExecutionStatusSucceeded, status, cause)
}

func (e *environment) execute(input string) (sfntypes.ExecutionStatus, string) {
	e.Helper()
	client := sfn.NewFromConfig(e.stand.Config(home))
	started, err := client.StartExecution(e.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(e.machine()), Input: &input})
	require.NoError(e, err)
	for {
		execution, err := client.DescribeExecution(e.Context(), &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		require.NoError(e, err)
		if execution.Status != sfntypes.ExecutionStatusRunning {
			return execution.Status, aws.ToString(execution.Error) + " " + aws.ToString(execution.Cause)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// metric is the largest value that the fill has published.
func (e *environment) metric(name string) float64 {
	e.Helper()
	answer, err := cloudwatch.NewFromConfig(e.stand.Config(home)).GetMetricStatistics(e.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("PaperTrail"), MetricName: &name,
		Dimensions: []cwtypes.Dimension{{Name: aws.String("Database"), Value: aws.String("paper_trail_e2e")}},
		StartTime:  aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Hour)),
		Period: aws.Int32(3600), Statistics: []cwtypes.Statistic{cwtypes.StatisticMaximum},
	})
	require.NoError(e, err)
	require.NotEmpty(e, answer.Datapoints, name)
	largest := 0.0
	for _, point := range answer.Datapoints {
		largest = max(largest, *point.Maximum)
	}
	return largest
}

// buildAudit compiles bin/audit.
func buildAudit(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = filepath.Join("..", "..", "..", "bin", "audit")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}
