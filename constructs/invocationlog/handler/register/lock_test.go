package register

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// store is SSM in memory. Its hooks run before a call is done.
type store struct {
	mu         sync.Mutex
	parameters map[string]Parameter
	before     func(operation string)
	// lost makes a call end without an answer after it was done.
	lost func(operation string) bool
}

var errLost = errors.New("connection reset")

func transient(err error) bool { return errors.Is(err, errLost) }

func newStore(lock string) *store {
	s := &store{parameters: map[string]Parameter{}}
	if lock != "" {
		s.parameters[LockParameter] = Parameter{lock, 1}
	}
	return s
}

func (s *store) call(operation string, do func() error) error {
	if s.before != nil {
		s.before(operation)
	}
	s.mu.Lock()
	err := do()
	s.mu.Unlock()
	if err == nil && s.lost != nil && s.lost(operation) {
		return errLost
	}
	return err
}

func (s *store) GetParameter(_ context.Context, name string) (p Parameter, err error) {
	err = s.call("Get", func() error {
		var ok bool
		if p, ok = s.parameters[name]; !ok {
			return ErrParameterNotFound
		}
		return nil
	})
	return p, err
}

func (s *store) PutParameter(_ context.Context, name, value string, overwrite bool) (version int64, err error) {
	err = s.call("Put", func() error {
		p, ok := s.parameters[name]
		if ok && !overwrite {
			return ErrParameterAlreadyExists
		}
		version = p.Version + 1
		s.parameters[name] = Parameter{value, version}
		return nil
	})
	return version, err
}

func (s *store) DeleteParameter(_ context.Context, name string) error {
	return s.call("Delete", func() error {
		if _, ok := s.parameters[name]; !ok {
			return ErrParameterNotFound
		}
		delete(s.parameters, name)
		return nil
	})
}

var seeds = flag.Int("seeds", 300, "how many courses of events the test of the lock tries")

// within runs a test in a bubble whose clock costs nothing.
func within(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

func held(holder string, until time.Time) string {
	return fmt.Sprintf(`{"holder":%q,"until":%q}`, holder, until.Format(time.RFC3339Nano))
}

func TestWhoGetsTheLock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		value  func() string
		refuse bool
	}{
		{"no parameter", func() string { return "" }, false},
		{"free", func() string { return `{"holder":""}` }, false},
		{"its time is over", func() string { return held("stack-b/Logging", time.Now()) }, false},
		{"unreadable", func() string { return "?" }, false},
		{"another has it", func() string { return held("stack-b/Logging", time.Now().Add(time.Minute)) }, true},
		{"another run for the same resource has it", func() string { return held("stack-a/Logging", time.Now().Add(time.Minute)) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			within(t, func(t *testing.T) {
				s := newStore(test.value())
				before := s.parameters[LockParameter]
				_, err := TryAcquire(t.Context(), s, "stack-a/Logging", time.Now().Add(time.Minute))
				if !test.refuse {
					require.NoError(t, err)
					return
				}
				refused, ok := errors.AsType[*HeldError](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, time.Now().Add(time.Minute).UTC(), refused.Until)
				assert.ErrorContains(t, err, refused.Holder+" is changing the logging configuration of this account and Region, until 2000-01-01T00:01:00Z at the latest; try again when it has finished")
				assert.Equal(t, before, s.parameters[LockParameter], "whoever waits leaves it alone")
			})
		})
	}
}

func TestWaitsForTheOtherToFinish(t *testing.T) {
	within(t, func(t *testing.T) {
		s := newStore("")
		first, err := Acquire(t.Context(), s, "first", time.Now().Add(time.Hour))
		require.NoError(t, err)
		time.AfterFunc(time.Minute, func() { assert.NoError(t, first.Release(context.Background())) })
		start := time.Now()
		_, err = Acquire(t.Context(), s, "second", time.Now().Add(time.Hour))
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(start), time.Minute)
		assert.Less(t, time.Since(start), 2*time.Minute)
	})
}

func TestWaitsForTheTimeOfTheDeadToEnd(t *testing.T) {
	within(t, func(t *testing.T) {
		s := newStore(held("dead", time.Now().Add(time.Minute)))
		start := time.Now()
		_, err := Acquire(t.Context(), s, "second", time.Now().Add(time.Hour))
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(start), time.Minute)
	})
}

func TestGivesUpWaitingInTime(t *testing.T) {
	within(t, func(t *testing.T) {
		s := newStore(held("stack-b/Logging", time.Now().Add(time.Hour)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := Acquire(ctx, s, "second", time.Now().Add(time.Hour))
		assert.ErrorContains(t, err, "stack-b/Logging is changing the logging configuration")
		assert.NoError(t, ctx.Err(), "there is time left to say so")
	})
}

// Both see a free lock before either of them takes it.
func TestOnlyOneOfTwoThatSeeAFreeLockGetsIt(t *testing.T) {
	within(t, func(t *testing.T) {
		s := newStore(`{"holder":""}`)
		second := newAttempt(s, "second", time.Now().Add(time.Hour))
		puts := 0
		s.before = func(operation string) {
			if operation != "Put" {
				return
			}
			if puts++; puts == 2 { // the first one is refused, as the parameter exists
				s.before = nil
				assert.NoError(t, second.take(t.Context()))
			}
		}
		first := newAttempt(s, "first", time.Now().Add(time.Hour))
		require.ErrorIs(t, first.take(t.Context()), errOvertaken)
		// Now its name stands in the parameter, and yet it has no lock.
		for range 3 {
			_, isHeld := errors.AsType[*HeldError](first.take(t.Context()))
			assert.True(t, isHeld)
		}
		require.NoError(t, (&Lock{attempt: second}).Release(t.Context()))
		assert.NoError(t, first.take(t.Context()))
	})
}

func TestAWriteWhoseAnswerWasLostIsRecognised(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"made": "", "overwritten": `{"holder":""}`} {
		t.Run(name, func(t *testing.T) {
			within(t, func(t *testing.T) {
				s := newStore(value)
				lost := 0
				s.lost = func(operation string) bool {
					if operation == "Put" {
						lost++
					}
					return operation == "Put" && lost == 1
				}
				start := time.Now()
				_, err := Acquire(t.Context(), Patient(s, transient), "first", time.Now().Add(time.Hour))
				require.NoError(t, err)
				assert.Less(t, time.Since(start), time.Second, "it does not wait for itself")
			})
		})
	}
}

func TestTheParameterGoesWhileSomebodyWaits(t *testing.T) {
	within(t, func(t *testing.T) {
		s := newStore(`{"holder":""}`)
		s.before = func(operation string) {
			if operation == "Get" {
				s.before = nil
				assert.NoError(t, s.DeleteParameter(t.Context(), LockParameter))
			}
		}
		_, err := Acquire(t.Context(), s, "first", time.Now().Add(time.Hour))
		require.NoError(t, err)
		assert.EqualValues(t, 1, s.parameters[LockParameter].Version)
	})
}

func TestALockWhoseTimeIsOverIsLeftToOthers(t *testing.T) {
	within(t, func(t *testing.T) {
		s := newStore("")
		first, err := Acquire(t.Context(), s, "first", time.Now().Add(time.Minute))
		require.NoError(t, err)
		time.Sleep(time.Minute)
		_, err = TryAcquire(t.Context(), s, "second", time.Now().Add(time.Hour))
		require.NoError(t, err)
		of := s.parameters[LockParameter]
		require.NoError(t, first.Release(t.Context()))
		require.NoError(t, first.Remove(t.Context()))
		assert.Equal(t, of, s.parameters[LockParameter])
	})
}

func TestRemoveLeavesNothingBehind(t *testing.T) {
	within(t, func(t *testing.T) {
		s := newStore("")
		lock, err := Acquire(t.Context(), s, "first", time.Now().Add(time.Minute))
		require.NoError(t, err)
		for range 2 { // the second time as after a lost answer
			require.NoError(t, lock.Remove(t.Context()))
			assert.Empty(t, s.parameters)
		}
	})
}

// Many come and go, some die with the lock, answers are late or lost: there are
// never two at work, and everybody gets a turn.
func TestThereAreNeverTwoAtWork(t *testing.T) {
	t.Parallel()
	for seed := range uint64(*seeds) {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			random, atWork := rand.New(rand.NewPCG(seed, 0)), ""
			chance := func(n int) int {
				mu.Lock()
				defer mu.Unlock()
				return random.IntN(n)
			}
			enter := func(name string) {
				mu.Lock()
				defer mu.Unlock()
				assert.Empty(t, atWork, "seed %d: %s is at work as well", seed, name)
				atWork = name
			}
			leave := func() {
				mu.Lock()
				defer mu.Unlock()
				atWork = ""
			}
			s := newStore("")
			s.before = func(string) { time.Sleep(time.Duration(chance(2000)) * time.Millisecond) }
			s.lost = func(string) bool { return chance(10) == 0 }
			parameters := Patient(s, transient)
			// turn is one run of a function of three minutes.
			turn := func(name string) error {
				start := time.Now()
				ctx, cancel := context.WithDeadline(t.Context(), start.Add(140*time.Second))
				defer cancel()
				lock, err := Acquire(ctx, parameters, name, start.Add(200*time.Second))
				if err != nil {
					return err
				}
				enter(name)
				time.Sleep(time.Duration(chance(20)) * time.Second)
				leave()
				switch chance(8) {
				case 0: // it dies
				case 1, 2:
					assert.NoError(t, lock.Remove(t.Context()))
				default:
					assert.NoError(t, lock.Release(t.Context()))
				}
				return nil
			}
			var running sync.WaitGroup
			for i := range 6 {
				name := fmt.Sprint("stack-", max(1, i)) // two are copies of one event
				running.Go(func() {
					time.Sleep(time.Duration(chance(30)) * time.Second)
					var err error
					for range 20 {
						if err = turn(name); err == nil {
							return
						}
					}
					assert.NoError(t, err, "seed %d", seed)
				})
			}
			running.Wait()
		})
	}
}

func TestALeaseThatNoFunctionWroteIsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore("")
		_, err := Acquire(t.Context(), s, "mallory", time.Now().Add(100*365*24*time.Hour))
		require.NoError(t, err)
		_, err = TryAcquire(t.Context(), s, "stack/Logging", time.Now().Add(time.Minute))
		assert.NoError(t, err)
	})
}
