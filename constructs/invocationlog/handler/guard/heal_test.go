package guard

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// healing puts the configuration back at most n times an hour.
func healing(n int) Settings {
	s := complete()
	s.HealsPerHour = n
	return s
}

func TestWithoutHealsNothingIsPutBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.live = nil
		_, err := invoke(t, aws, watching(), byMallory("e", "theirs"))
		require.NoError(t, err)
		assert.Nil(t, aws.live)
		assert.Equal(t, 1.0, aws.metrics["Drift"])
		require.Len(t, aws.messages, 1)
		assert.Contains(t, aws.messages[0].subject, "SWITCHED OFF by Admin/mallory")
	})
}

func TestADriftIsPutBackAndTold(t *testing.T) {
	t.Parallel()
	for _, live := range []*logging.Config{nil, toBucket("theirs")} {
		for _, event := range []string{schedule, byMallory("e", "theirs")} {
			synctest.Test(t, func(t *testing.T) {
				aws := newFakeAWS(toBucket("ours"))
				aws.live = live
				log, err := invoke(t, aws, healing(1), event)
				require.NoError(t, err)
				assert.Equal(t, []string{"ours"}, aws.puts)
				assert.Equal(t, "ours", bucketOf(aws.live))
				assert.Equal(t, 1.0, aws.metrics["Drift"], "what was found, not what was made of it")
				require.Len(t, aws.messages, 1, "the call and the heal in one message")
				assert.Contains(t, aws.messages[0].subject, "put back")
				assert.Equal(t, event != schedule, strings.Contains(aws.messages[0].body, mallory))
				assert.Equal(t, "Healed", lineWith(t, log, "declared configuration put back")["decision"])
				assert.Len(t, aws.state(t).Heals, 1)

				_, err = invoke(t, aws, healing(1), schedule)
				require.NoError(t, err)
				assert.Equal(t, 0.0, aws.metrics["Drift"])
				assert.Len(t, aws.messages, 1)
			})
		}
	}
}

// Somebody puts his own back each time, for a day.
func TestTheGuardNeverFights(t *testing.T) {
	t.Parallel()
	for n := range 5 {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			for range 24 * 12 {
				aws.live = toBucket("theirs")
				_, err := invoke(t, aws, healing(n), schedule)
				require.NoError(t, err)
				assert.Equal(t, 1.0, aws.metrics["Drift"])
				time.Sleep(5 * time.Minute)
			}
			assert.Len(t, aws.puts, n, "it gives up for good, not for an hour")
			assert.Equal(t, "theirs", bucketOf(aws.live))
			if n == 0 {
				assert.Empty(t, aws.messages)
				return
			}
			require.Len(t, aws.messages, n+1)
			assert.Contains(t, aws.messages[n].subject, "guard GIVES UP")
			assert.Contains(t, aws.messages[n].body, "it put the declared configuration back "+times(n)+" within an hour")
		})
	}
}

// Somebody changes it now and then, too seldom for the guard to give up.
func TestHealsAreCountedWithinAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		for range 24 {
			aws.live = toBucket("theirs")
			_, err := invoke(t, aws, healing(2), schedule)
			require.NoError(t, err)
			time.Sleep(31 * time.Minute)
		}
		assert.Len(t, aws.puts, 24)
	})
}

func TestAGuardThatGaveUpHealsAgainOnceAllWasWell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		tamper := func() {
			aws.live = toBucket("theirs")
			_, err := invoke(t, aws, healing(1), schedule)
			require.NoError(t, err)
		}
		tamper()
		tamper()
		require.Len(t, aws.puts, 1)
		require.True(t, aws.state(t).GaveUp)

		aws.live = toBucket("ours") // an administrator has put it back
		_, err := invoke(t, aws, healing(1), schedule)
		require.NoError(t, err)
		require.False(t, aws.state(t).GaveUp)
		tamper()
		assert.Len(t, aws.puts, 1, "but not before the hour is over")
		assert.Len(t, aws.messages, 3, "and says so again")

		time.Sleep(61 * time.Minute)
		aws.live = toBucket("ours")
		_, err = invoke(t, aws, healing(1), schedule)
		require.NoError(t, err)
		tamper()
		assert.Len(t, aws.puts, 2)
	})
}

func TestGivingUpIsToldUntilItArrives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.breaks(errDenied, "Publish")
		for range 5 {
			aws.live = toBucket("theirs")
			_, err := invoke(t, aws, healing(1), schedule)
			assert.ErrorContains(t, err, "message could not be published")
			time.Sleep(time.Minute)
		}
		aws.fails = nil
		for range 5 {
			_, err := invoke(t, aws, healing(1), schedule)
			require.NoError(t, err)
		}
		require.Len(t, aws.messages, 1)
		assert.Contains(t, aws.messages[0].subject, "GIVES UP")
	})
}

// Runs at once, with somebody who puts his own back after every Put.
func TestConcurrentRunsShareTheirHeals(t *testing.T) {
	t.Parallel()
	for _, runs := range []int{2, 4, 8} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			aws.live = toBucket("theirs")
			aws.after = func(operation string) error {
				if operation == "Put" {
					time.AfterFunc(30*time.Millisecond, func() { aws.set(toBucket("theirs")) })
				}
				return nil
			}
			var done sync.WaitGroup
			for range runs {
				done.Go(func() { _, _ = invoke(t, aws, healing(1), schedule) })
			}
			done.Wait()
			assert.Len(t, aws.puts, 1)
		})
	}
}

// The lock is lost, as by a hand that deletes it in the middle of a run: the
// version of the state still lets only one of two runs put.
func TestTwoRunsWithoutALockHealOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		_, err := invoke(t, aws, healing(1), schedule)
		require.NoError(t, err)
		aws.live = toBucket("theirs")
		aws.fails = func(_ context.Context, operation string) error {
			aws.mu.Lock()
			defer aws.mu.Unlock()
			delete(aws.parameters, register.LockParameter)
			return nil
		}
		var done sync.WaitGroup
		for range 3 {
			done.Go(func() { _, _ = invoke(t, aws, healing(1), schedule) })
		}
		done.Wait()
		assert.LessOrEqual(t, len(aws.puts), 1)
		assert.Len(t, aws.state(t).Heals, 1)
	})
}

func TestAHealThatIsNotCountedIsNotDone(t *testing.T) {
	t.Parallel()
	breaks := map[string]func(*fakeAWS){
		"the write is refused": func(f *fakeAWS) { f.breaks(errDenied, "PutParameter "+stateName) },
		"the answer is lost": func(f *fakeAWS) {
			f.after = func(operation string) error {
				if operation == "PutParameter "+stateName {
					return errLost
				}
				return nil
			}
		},
		"it is written, and written again": func(f *fakeAWS) {
			f.after = func(operation string) error {
				if operation == "PutParameter "+stateName {
					f.after = nil
					return errThrottled // the client tries again
				}
				return nil
			}
		},
		"somebody else writes it": func(f *fakeAWS) {
			f.on("PutParameter "+stateName, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.write(stateName, `{}`)
			})
		},
		"it is not there, and cannot be read": func(f *fakeAWS) {
			delete(f.parameters, stateName)
			f.breaks(errDenied, "GetParameter "+stateName)
		},
		"it cannot be read":      func(f *fakeAWS) { f.breaks(errDenied, "GetParameter "+stateName) },
		"somebody spoilt it":     func(f *fakeAWS) { f.write(stateName, "rubbish") },
		"somebody spoilt a time": func(f *fakeAWS) { f.write(stateName, `{"heals":["yesterday"]}`) },
	}
	for name, broken := range breaks {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			aws.write(stateName, `{}`) // as the stack makes it
			aws.live = toBucket("theirs")
			broken(aws)
			_, err := invoke(t, aws, healing(3), byMallory("e", "theirs"))
			assert.Error(t, err, name)
			assert.Empty(t, aws.puts, name)
			assert.Equal(t, 1.0, aws.metrics["Drift"], name)
			assert.Equal(t, 1.0, aws.metrics["Checks"], "the comparison was made: %s", name)
			require.Len(t, aws.messages, 1, name)
			assert.NotContains(t, aws.messages[0].subject, "put back", name)
		})
	}
}

// However the writes of the state fail, there are never more than n heals.
func TestLostWritesOfTheStateMakeNoMoreHeals(t *testing.T) {
	t.Parallel()
	for seed := range 64 {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			write := 0
			lost := func(bit int) bool {
				defer func() { write++ }()
				return seed>>(write%6)&1 == bit
			}
			aws.after = func(operation string) error {
				if operation == "PutParameter "+stateName && lost(1) {
					return errLost
				}
				return nil
			}
			for range 20 {
				aws.set(toBucket("theirs"))
				_, _ = invoke(t, aws, healing(2), schedule)
				time.Sleep(2 * time.Minute)
			}
			assert.LessOrEqual(t, len(aws.puts), 2, "seed %d", seed)
		})
	}
}

func TestAPutThatFailsIsToldAndCounted(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{"refused": errInvalid, "denied": errDenied, "lost": errLost} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			aws.live = toBucket("theirs")
			aws.breaks(failure, "Put")
			for range 6 {
				_, err := invoke(t, aws, healing(2), schedule)
				if len(aws.messages) <= 2 {
					assert.ErrorContains(t, err, "declared configuration could not be put back", name)
				}
				time.Sleep(time.Minute)
			}
			require.Len(t, aws.messages, 3, name)
			assert.Contains(t, aws.messages[0].subject, "NOT put back", name)
			assert.Contains(t, aws.messages[0].body, "Failure:     writing the model invocation logging configuration: "+failure.Error(), name)
			assert.Contains(t, aws.messages[0].body, "Live now:\n{\n  \"s3Config\": {\n    \"bucketName\": \"theirs\"", name)
			assert.Contains(t, aws.messages[2].subject, "GIVES UP", name)
			assert.Equal(t, 1.0, aws.metrics["Drift"], name)
		})
	}
}

func TestAPutThatAWSStoresOtherwiseIsNoHeal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.live = toBucket("theirs")
		aws.after = func(operation string) error {
			if operation == "Put" {
				aws.set(toBucket("altered"))
			}
			return nil
		}
		_, err := invoke(t, aws, healing(1), schedule)
		assert.ErrorContains(t, err, `AWS accepted the configuration but shows another one: s3Config.bucketName: live "altered", wanted "ours"`)
		require.Len(t, aws.messages, 1)
		assert.Contains(t, aws.messages[0].body, `"bucketName": "altered"`)
	})
}

func TestAGetThatLagsBehindThePutIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("ours"))
		aws.live = toBucket("theirs")
		aws.after = func(operation string) error {
			if operation == "Put" {
				aws.set(toBucket("theirs"))
				time.AfterFunc(2*time.Second, func() { aws.set(toBucket("ours")) })
			}
			return nil
		}
		_, err := invoke(t, aws, healing(1), schedule)
		require.NoError(t, err)
		assert.Len(t, aws.puts, 1)
		assert.Contains(t, aws.messages[0].subject, "put back")
	})
}

// The clock of a run is wrong. What it wrote must not let a later run heal more
// often, nor keep it from healing for ever.
func TestAClockThatWasWrong(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"an hour": time.Hour, "a year": 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			wrong := state{Heals: []time.Time{time.Now().Add(ahead), time.Now().Add(ahead)}}
			aws.write(stateName, wrong.encode())
			tamper := func() {
				aws.live = toBucket("theirs")
				_, err := invoke(t, aws, healing(2), schedule)
				require.NoError(t, err)
			}
			tamper()
			assert.Empty(t, aws.puts, name)
			time.Sleep(61 * time.Minute)
			aws.live = toBucket("ours")
			_, err := invoke(t, aws, healing(2), schedule)
			require.NoError(t, err)
			tamper()
			assert.Len(t, aws.puts, 1, name)
		})
	}
}

func TestTheGuardsOwnPutIsNotToldAgain(t *testing.T) {
	t.Parallel()
	own := "arn:aws:sts::111122223333:assumed-role/monitoring-GuardRole/" + functionName
	role := "arn:aws:iam::111122223333:role/monitoring-GuardRole"
	for name, c := range map[string]struct {
		event string
		told  bool
	}{
		"its own":                         {put("e", time.Now(), "ours", own, role), false},
		"under its name, another bucket":  {put("e", time.Now(), "theirs", own, role), true},
		"under its name, switched off":    {event("e", time.Now(), deleteOperation, own, role, nil, ""), true},
		"what is declared, another name":  {put("e", time.Now(), "ours", mallory, malloryRole), true},
		"a user of the function's name":   {put("e", time.Now(), "ours", "arn:aws:iam::111122223333:user/"+functionName, ""), true},
		"a path that ends with the name":  {put("e", time.Now(), "ours", "arn:aws:sts::111122223333:assumed-role/x/y/"+functionName, ""), true},
		"a configuration nobody can read": {event("e", time.Now(), putOperation, own, role, map[string]any{"loggingConfig": 7}, ""), true},
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			_, err := invoke(t, aws, healing(1), c.event)
			require.NoError(t, err)
			assert.Equal(t, c.told, len(aws.messages) == 1, name)
		})
	}
}

// A deployment takes over while the guard is about to heal: the guard has the
// lock, so the deployment waits, and then puts its own.
func TestADeploymentDuringAHealHasTheLastWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("old"))
		aws.live = toBucket("theirs")
		deployed := make(chan struct{})
		aws.on("PutParameter "+stateName, func() {
			go func() {
				defer close(deployed)
				lock, err := register.Acquire(t.Context(), register.Patient(aws, func(error) bool { return true }), "stack/Logging", time.Now().Add(time.Minute))
				assert.NoError(t, err)
				aws.set(toBucket("new"))
				aws.mu.Lock()
				aws.declare(toBucket("new"))
				aws.mu.Unlock()
				assert.NoError(t, lock.Release(t.Context()))
			}()
			time.Sleep(5 * time.Second)
		})
		_, err := invoke(t, aws, healing(1), schedule)
		require.NoError(t, err)
		<-deployed
		assert.Equal(t, []string{"old"}, aws.puts)
		assert.Equal(t, "new", bucketOf(aws.live))
		_, err = invoke(t, aws, healing(1), schedule)
		require.NoError(t, err)
		assert.Zero(t, aws.metrics["Drift"])
	})
}
