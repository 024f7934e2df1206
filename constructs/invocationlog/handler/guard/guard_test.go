package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// watching does not heal.
func watching() Settings {
	s := complete()
	s.HealsPerHour = 0
	return s
}

func TestARunInWhichAllIsWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		log, err := invoke(t, aws, complete(), schedule)
		require.NoError(t, err)
		assert.Equal(t, map[string]float64{
			"Drift": 0, "Checks": 1,
			"Drift/LoggingConfiguration": 0, "Checks/LoggingConfiguration": 1,
			"Drift/BucketLock": 0, "Checks/BucketLock": 1,
			"Drift/TrailLogging": 0, "Checks/TrailLogging": 1,
			"Drift/LogGroup": 0, "Checks/LogGroup": 1,
			"Drift/Key": 0, "Checks/Key": 1,
		}, aws.metrics)
		assert.Empty(t, aws.messages)
		assert.Empty(t, aws.puts)
		assert.NotContains(t, log, "ERROR")
		assert.NotContains(t, log, "difference")
		assert.Equal(t, "ours", bucketOf(aws.state(t).Seen[0].Config))
	})
}

func TestARunReturnsWhatItFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.trail.IsLogging = false
		aws.breaks(errDenied, "DescribeKey")
		g := New(complete(), functionName, aws, aws, aws)
		g.log = slog.New(slog.DiscardHandler)
		text, err := g.Invoke(t.Context(), nil)
		assert.ErrorContains(t, err, "Key: key "+keyArn+": reading its state: ")
		assert.JSONEq(t, `{"checks":[
			{"check":"LoggingConfiguration","decision":"Same"},
			{"check":"BucketLock","decision":"Same"},
			{"check":"TrailLogging","decision":"Drift","difference":"trail `+trailArn+`: is not logging"},
			{"check":"LogGroup","decision":"Same"},
			{"check":"Key","decision":"Unknown","error":"key `+keyArn+`: reading its state: operation error AWS: operation, api error AccessDeniedException: User is not authorized to perform"}]}`, string(text))
	})
}

func TestEachCheckHasItsOwnDimension(t *testing.T) {
	t.Parallel()
	for check, breaks := range map[string]func(*fakeAWS){
		LoggingConfiguration: func(f *fakeAWS) { f.live = toBucket("theirs") },
		BucketLock:           func(f *fakeAWS) { f.lock.Days = 1 },
		TrailLogging:         func(f *fakeAWS) { f.trail.IsLogging = false },
		LogGroupKept:         func(f *fakeAWS) { f.group.RetentionDays = 30 },
		KeyEnabled:           func(f *fakeAWS) { f.keyState = "Disabled" },
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			breaks(aws)
			log, err := invoke(t, aws, watching(), schedule)
			require.NoError(t, err)
			for _, other := range []string{LoggingConfiguration, BucketLock, TrailLogging, LogGroupKept, KeyEnabled} {
				want := 0.0
				if other == check {
					want = 1
				}
				assert.Equal(t, want, aws.metrics["Drift/"+other], "%s while %s drifts", other, check)
			}
			assert.Equal(t, 1.0, aws.metrics["Drift"], check)
			assert.Equal(t, 1.0, aws.metrics["Checks"], check)
			assert.Empty(t, aws.messages, "the alarm tells it")
			line := lineWith(t, log, "not as declared")
			assert.Equal(t, check, line["check"])
			assert.Equal(t, Drift, line["decision"])
			assert.NotEmpty(t, line["difference"])
			assert.NotEmpty(t, line["requestId"])
			assert.NotEmpty(t, line["duration"])
		})
	}
}

func TestACheckThatFailsStopsNothingElse(t *testing.T) {
	t.Parallel()
	for operation, check := range map[string]string{
		"Get":                                    LoggingConfiguration,
		"GetParameter " + registerName:           LoggingConfiguration,
		"PutParameter " + register.LockParameter: LoggingConfiguration,
		"GetObjectLockConfiguration":             BucketLock,
		"GetTrailStatus":                         TrailLogging,
		"DescribeLogGroups":                      LogGroupKept,
		"DescribeKey":                            KeyEnabled,
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			aws.breaks(errDenied, operation)
			log, err := invoke(t, aws, complete(), schedule)
			assert.ErrorContains(t, err, check+": ", operation)
			for _, other := range []string{LoggingConfiguration, BucketLock, TrailLogging, LogGroupKept, KeyEnabled} {
				_, made := aws.metrics["Checks/"+other]
				assert.Equal(t, other != check, made, "%s while %s fails", other, operation)
			}
			assert.NotContains(t, aws.metrics, "Drift/"+check)
			assert.NotContains(t, aws.metrics, "Checks", "a guard that cannot see is missed: %s", operation)
			line := lineWith(t, log, "check could not be made")
			assert.Equal(t, "ERROR", line["level"])
			assert.Equal(t, check, line["check"])
			assert.Contains(t, line["error"], "not authorized")
		})
	}
}

func TestACheckThatHangsOrPanicsStopsNothingElse(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(context.Context) error{
		"hangs":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"panics": func(context.Context) error { panic("nobody thought of it") },
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			aws.fails = func(ctx context.Context, operation string) error {
				if operation == "DescribeKey" || operation == "Get" {
					return fails(ctx)
				}
				return nil
			}
			start := time.Now()
			_, err := invoke(t, aws, complete(), schedule)
			assert.ErrorContains(t, err, KeyEnabled, name)
			assert.Less(t, time.Since(start), 50*time.Second, name)
			assert.Equal(t, 1.0, aws.metrics["Checks/BucketLock"], name)
			assert.NotContains(t, aws.metrics, "Checks", name)
			assert.Contains(t, aws.parameters[register.LockParameter].Value, `"holder":""`, "the lock is free again")
		})
	}
}

// Somebody may delete the parameter, and a version of the functions that knew of
// no declarations has none in it.
func TestARunRenewsTheDeclarationInTheLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.live = toBucket("theirs")
		other := register.Declaring("/paper-trail/other/logging-configuration", toBucket("ours"))
		lock, err := register.Acquire(t.Context(), aws, "other/Logging", time.Now().Add(time.Minute))
		require.NoError(t, err)
		lock.Declare(other.Register, toBucket("ours"))
		require.NoError(t, lock.Release(t.Context()))
		_, err = invoke(t, aws, complete(), schedule)
		require.NoError(t, err)

		lock, err = register.Acquire(t.Context(), aws, "a third/Logging", time.Now().Add(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, []string{other.Register, registerName}, lock.AlsoDeclared("/a third", toBucket("ours")))
		assert.Empty(t, lock.AlsoDeclared("/a third", toBucket("theirs")))
	})
}

func TestThrottlingIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		calls := map[string]int{}
		aws.fails = func(_ context.Context, operation string) error {
			aws.mu.Lock()
			defer aws.mu.Unlock()
			if calls[operation]++; calls[operation] < 2 {
				return errThrottled
			}
			return nil
		}
		_, err := invoke(t, aws, complete(), byMallory("e", "ours"))
		require.NoError(t, err)
		assert.Equal(t, 1.0, aws.metrics["Checks"])
		assert.Len(t, aws.messages, 1)
	})
}

func TestMetricsAndMessagesDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	for broken, want := range map[string]string{
		"Publish":       "message could not be published",
		"PutMetricData": "metrics could not be published",
	} {
		for _, failure := range []error{errDenied, errThrottled} {
			synctest.Test(t, func(t *testing.T) {
				aws := newFakeAWS(toBucket("ours"))
				aws.live = toBucket("theirs")
				aws.breaks(failure, broken)
				_, err := invoke(t, aws, watching(), byMallory("e", "theirs"))
				assert.ErrorContains(t, err, want)
				assert.Equal(t, broken == "Publish", len(aws.metrics) > 0)
				assert.Equal(t, broken == "PutMetricData", len(aws.messages) > 0)
			})
		}
	}
}

func TestADeploymentAtWorkIsNoFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.live = toBucket("half-way")
		_, err := register.Acquire(t.Context(), aws, "stack/Logging", time.Now().Add(5*time.Minute))
		require.NoError(t, err)
		log, err := invoke(t, aws, complete(), schedule)
		require.NoError(t, err)
		assert.NotContains(t, aws.metrics, "Drift/LoggingConfiguration")
		assert.NotContains(t, aws.metrics, "Checks")
		assert.Equal(t, 1.0, aws.metrics["Checks/Key"])
		assert.Empty(t, aws.puts)
		assert.NotContains(t, log, "ERROR")
		line := lineWith(t, log, "check could not be made")
		assert.Equal(t, "INFO", line["level"])
		assert.Contains(t, line["error"], "stack/Logging is changing the logging configuration")
	})
}

// The function of a deployment that dies after its put is run again, after its
// lease. Until then nobody has changed anything.
func TestADeploymentThatDiedIsNoDriftUntilItHasHadItsTime(t *testing.T) {
	t.Parallel()
	for after, drift := range map[time.Duration]bool{10 * time.Minute: false, 16 * time.Minute: true} {
		synctest.Test(t, func(t *testing.T) {
			settings := complete()
			settings.HealsPerHour = 1
			aws := newFakeAWS(toBucket("old"))
			text, err := json.Marshal(register.Register{
				Owner: settings.Owner, Declared: toBucket("old"),
				Pending: &register.Pending{Config: toBucket("new"), Until: time.Now().Add(15 * time.Minute)},
			})
			require.NoError(t, err)
			aws.write(settings.RegisterParameter, string(text))
			aws.live = toBucket("new")
			time.Sleep(after)
			_, err = invoke(t, aws, settings, schedule)
			require.NoError(t, err)
			if drift {
				assert.Equal(t, 1.0, aws.metrics["Drift"])
				return
			}
			assert.NotContains(t, aws.metrics, "Drift")
			assert.Empty(t, aws.puts)
			assert.Empty(t, aws.messages)
		})
	}
}

func TestAMessageTellsWhatIsLiveWhileADeploymentIsAtWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.live = toBucket("half-way")
		_, err := register.Acquire(t.Context(), aws, "stack/Logging", time.Now().Add(5*time.Minute))
		require.NoError(t, err)
		_, err = invoke(t, aws, complete(), byMallory("e", "half-way"))
		require.NoError(t, err)
		require.Len(t, aws.messages, 1)
		assert.NotContains(t, fmt.Sprint(aws.messages[0]), "not read")
	})
}

// A deployment under the lock puts its configuration and registers it. Whenever
// the guard runs, it takes neither the old nor the new one for a change.
func TestADeploymentIsNeverDrift(t *testing.T) {
	t.Parallel()
	for pause := range 40 {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("old"))
			deployed := make(chan struct{})
			go func() {
				defer close(deployed)
				lock, err := register.Acquire(t.Context(), register.Patient(aws, func(error) bool { return true }), "stack/Logging", time.Now().Add(time.Minute))
				assert.NoError(t, err)
				time.Sleep(4 * time.Second)
				aws.set(toBucket("new"))
				time.Sleep(4 * time.Second)
				aws.mu.Lock()
				aws.declare(toBucket("new"))
				aws.mu.Unlock()
				assert.NoError(t, lock.Release(t.Context()))
			}()
			time.Sleep(time.Duration(pause) * 250 * time.Millisecond)
			_, err := invoke(t, aws, complete(), put("d", time.Now(), "new", deployment, handlerRoleArn))
			require.NoError(t, err)
			assert.Zero(t, aws.metrics["Drift"])
			assert.Empty(t, aws.messages)
			assert.Empty(t, aws.puts)
			<-deployed
		})
	}
}

// Get may go back to the old configuration for a moment.
func TestADifferenceHasToLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("new"))
		aws.live = toBucket("old")
		time.AfterFunc(time.Second, func() { aws.set(toBucket("new")) })
		_, err := invoke(t, aws, complete(), schedule)
		require.NoError(t, err)
		assert.Zero(t, aws.metrics["Drift"])
		assert.Empty(t, aws.puts)
	})
}

func TestARegisterThatDeclaresNothingGivesNoResult(t *testing.T) {
	t.Parallel()
	encode := func(r register.Register) string {
		text, err := json.Marshal(r)
		require.NoError(t, err)
		return string(text)
	}
	for value, want := range map[string]string{
		"": "has nothing of " + owner,
		encode(register.Register{Owner: "other"}):                                            "has nothing of " + owner,
		encode(register.Register{Owner: owner}):                                              "nothing has been deployed yet",
		encode(register.Register{Owner: "newer", Earlier: &register.Register{Owner: owner}}): "newer has taken the logging configuration over",
		"rubbish": registerName,
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			aws.live = toBucket("theirs")
			aws.write(registerName, value)
			if value == "" {
				delete(aws.parameters, registerName)
			}
			_, err := invoke(t, aws, complete(), byMallory("e", "theirs"))
			assert.ErrorContains(t, err, want)
			assert.NotContains(t, aws.metrics, "Drift/LoggingConfiguration")
			assert.Empty(t, aws.puts)
			require.Len(t, aws.messages, 1, "a call is told all the same")
			assert.Contains(t, aws.messages[0].subject, "not compared")
			assert.Contains(t, aws.messages[0].body, want)
			assert.Contains(t, aws.messages[0].body, `"bucketName": "theirs"`)
		})
	}
}

func TestACallOfADeploymentIsOnlyLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		log, err := invoke(t, aws, complete(), put("d", time.Now(), "ours", deployment, handlerRoleArn))
		require.NoError(t, err)
		assert.Empty(t, aws.messages)
		assert.Equal(t, "Deployment", lineWith(t, log, "call for another configuration")["decision"])
	})
}

func TestACallOfAnybodyElseIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		_, err := invoke(t, aws, watching(), schedule)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		aws.live = toBucket("theirs")
		call := byMallory("e1", "theirs")
		time.Sleep(time.Minute)
		aws.breaks(errDenied, "DescribeKey") // so that Lambda runs it again
		for range 3 {
			_, err = invoke(t, aws, watching(), call)
			assert.Error(t, err)
		}
		require.Len(t, aws.messages, 1)
		assert.Equal(t, "Bedrock logging: CHANGED by Admin/mallory (eu-west-1, account 111122223333)", aws.messages[0].subject)
		aws.fails = nil
		_, err = invoke(t, aws, watching(), byMallory("e2", "theirs"))
		require.NoError(t, err)
		assert.Len(t, aws.messages, 2)
	})
}

// The schedule may see a change, and heal it, before its event comes.
func TestTheOldConfigurationIsTheOneBeforeTheCall(t *testing.T) {
	t.Parallel()
	for _, settings := range []Settings{watching(), complete()} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			_, err := invoke(t, aws, settings, schedule)
			require.NoError(t, err)
			time.Sleep(time.Hour)
			aws.live = toBucket("theirs")
			call := byMallory("e", "theirs")
			time.Sleep(time.Minute)
			_, err = invoke(t, aws, settings, schedule)
			require.NoError(t, err)
			time.Sleep(time.Minute)
			_, err = invoke(t, aws, settings, call)
			require.NoError(t, err)
			body := aws.messages[len(aws.messages)-1].body
			before := body[strings.Index(body, "Before, first seen"):strings.Index(body, "Asked for")]
			assert.Contains(t, before, `"bucketName": "ours"`)
			assert.Contains(t, body, "Asked for:\n{\n  \"s3Config\": {\n    \"bucketName\": \"theirs\"")
		})
	}
}

func TestNothingInAnEventStopsTheChecks(t *testing.T) {
	t.Parallel()
	for _, event := range []string{``, `null`, `"text"`, `{`, `{"detail":7}`, `{"detail":{"eventName":["PutModelInvocationLoggingConfiguration"]}}`} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			_, err := invoke(t, aws, complete(), event)
			require.NoError(t, err, event)
			assert.Equal(t, 1.0, aws.metrics["Checks"], event)
			assert.Empty(t, aws.messages)
		})
	}
}

func TestStateThatCannotBeReadOrWrittenIsAFaultAndNoDrift(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{
		"GetParameter " + stateName: "state cannot be read",
		"PutParameter " + stateName: "state cannot be written",
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			aws.breaks(errDenied, operation)
			_, err := invoke(t, aws, complete(), schedule)
			assert.ErrorContains(t, err, want)
			assert.Equal(t, 1.0, aws.metrics["Checks"])
			assert.Zero(t, aws.metrics["Drift"])
		})
	}
}

func TestTheLockIsFreeAfterEachRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.live = nil
		_, err := invoke(t, aws, complete(), byMallory("e", "theirs"))
		require.NoError(t, err)
		_, err = register.TryAcquire(t.Context(), aws, "stack/Logging", time.Now().Add(time.Minute))
		assert.NoError(t, err)
	})
}

func TestRunsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		inside, most := 0, 0
		aws.fails = func(_ context.Context, operation string) error {
			if operation == "Get" {
				aws.mu.Lock()
				inside++
				most = max(most, inside)
				aws.mu.Unlock()
				time.Sleep(time.Second)
				aws.mu.Lock()
				inside--
				aws.mu.Unlock()
			}
			return nil
		}
		var done sync.WaitGroup
		for range 3 {
			done.Go(func() {
				_, err := invoke(t, aws, complete(), schedule)
				assert.NoError(t, err)
			})
		}
		done.Wait()
		assert.Equal(t, 1, most)
	})
}

// lineWith finds the line of the log with a message.
func lineWith(t *testing.T, log, msg string) map[string]any {
	t.Helper()
	for text := range strings.Lines(log) {
		var line map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		if line["msg"] == msg {
			return line
		}
	}
	require.Fail(t, "no such line", "%q in\n%s", msg, log)
	return nil
}
