package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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

// world is an account in which things happen at random, with what has to hold
// whatever they are.
type world struct {
	*testing.T
	*fakeAWS
	rand     *rand.Rand
	settings Settings
	story    []string
	// deploying is true while a deployment has the lock.
	deploying bool
	putAt     []time.Time
	faults    map[string]bool
}

func (w *world) tell(format string, args ...any) {
	w.story = append(w.story, fmt.Sprintf(format, args...))
}

// holds fails the test with what has happened so far.
func (w *world) holds(invariant string, ok bool) {
	w.Helper()
	require.True(w, ok, "%s; after:\n%s", invariant, strings.Join(w.story, "\n"))
}

func (w *world) declared() *logging.Config {
	var r register.Register
	require.NoError(w, json.Unmarshal([]byte(w.parameters[registerName].Value), &r))
	return r.Declared
}

// steps are what may happen. Each takes some time of the bubble.
func (w *world) steps() []func() {
	return []func(){
		func() { w.run(schedule) },
		func() { w.run(schedule) },
		func() { w.run(byMallory(fmt.Sprint("e", len(w.story)), "theirs")) },
		func() { w.run(schedule, schedule, byMallory(fmt.Sprint("e", len(w.story)), "theirs")) },
		func() { w.tell("tamper"); w.set(toBucket("theirs")) },
		func() { w.tell("switch off"); w.set(nil) },
		func() { w.tell("put back by hand"); w.set(w.declared()) },
		w.deploy,
		func() {
			d := time.Duration(w.rand.IntN(40)) * time.Minute
			w.tell("wait %s", d)
			time.Sleep(d)
		},
		func() {
			operations := []string{"Get", "Put", "Publish", "PutMetricData", "GetParameter " + stateName, "PutParameter " + stateName, "lost PutParameter " + stateName, "lost Put"}
			o := operations[w.rand.IntN(len(operations))]
			w.tell("break %s", o)
			w.mu.Lock()
			w.faults[o] = true
			w.mu.Unlock()
		},
		func() {
			w.tell("mend")
			w.mu.Lock()
			clear(w.faults)
			w.mu.Unlock()
		},
	}
}

// run is one run of the guard for each event, all at once.
func (w *world) run(events ...string) {
	w.tell("run %d, live %s, declared %s", len(events), bucketOf(w.live), bucketOf(w.declared()))
	live, declared, healthy := w.live, w.declared(), len(w.faults) == 0
	messages := len(w.messages)
	var done sync.WaitGroup
	for _, event := range events {
		done.Go(func() {
			_, err := invoke(w.T, w.fakeAWS, w.settings, event)
			if healthy && len(events) == 1 {
				assert.NoError(w, err)
			}
		})
	}
	done.Wait()
	if healthy && len(events) == 1 {
		drift := logging.Difference(live, declared) != ""
		w.holds("the metric is what was found", (w.metrics["Drift"] == 1) == drift && w.metrics["Checks"] == 1)
		w.holds("a call is told", events[0] == schedule || len(w.messages) == messages+1)
		w.holds("nothing to tell is not told", drift || events[0] != schedule || len(w.messages) == messages)
	}
	w.holds("what was declared stays declared", logging.Difference(declared, w.declared()) == "")
	// Of runs at once, one that comes second may leave the lock taken for the
	// minute that it had.
	w.holds("the lock is free after a run", len(events) > 1 || strings.Contains(w.parameters[register.LockParameter].Value, `"holder":""`))
	if len(events) > 1 {
		time.Sleep(time.Minute)
	}
}

// deploy is a deployment, with runs of the guard at any time of it.
func (w *world) deploy() {
	name := fmt.Sprint("ours-", len(w.story))
	w.tell("deploy %s", name)
	var done sync.WaitGroup
	done.Go(func() {
		lock, err := register.Acquire(w.Context(), register.Patient(w.fakeAWS, logging.IsTransient), "stack/Logging", time.Now().Add(5*time.Minute))
		assert.NoError(w, err)
		w.mu.Lock()
		w.deploying = true
		w.mu.Unlock()
		time.Sleep(time.Duration(w.rand.IntN(30)) * time.Second)
		w.mu.Lock()
		w.live = toBucket(name)
		w.mu.Unlock()
		time.Sleep(time.Duration(w.rand.IntN(30)) * time.Second)
		w.mu.Lock()
		w.declare(toBucket(name))
		w.deploying = false
		w.mu.Unlock()
		assert.NoError(w, lock.Release(w.Context()))
	})
	for range 2 {
		time.Sleep(time.Duration(w.rand.IntN(20)) * time.Second)
		done.Go(func() { _, _ = invoke(w.T, w.fakeAWS, w.settings, schedule) })
	}
	done.Wait()
	w.holds("a deployment has the last word", bucketOf(w.live) == name && bucketOf(w.declared()) == name)
}

func (w *world) watch() {
	w.fails = func(_ context.Context, operation string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.faults[operation] {
			return errDenied
		}
		return nil
	}
	w.after = func(operation string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if operation == "Put" {
			assert.False(w, w.deploying, "nothing is put during a deployment")
			assert.Empty(w, logging.Difference(w.live, w.declared()), "only what is declared is put")
			now := time.Now()
			w.putAt = append(w.putAt, now)
			recent := 0
			for _, at := range w.putAt {
				if now.Sub(at) < time.Hour {
					recent++
				}
			}
			assert.LessOrEqual(w, recent, w.settings.HealsPerHour, "heals within an hour")
		}
		if w.faults["lost "+operation] {
			return errLost
		}
		return nil
	}
}

func TestWhateverHappensTheGuardKeepsItsPromises(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(toBucket("ours"))
			w := &world{T: t, fakeAWS: aws, rand: rand.New(rand.NewPCG(seed, 0)), faults: map[string]bool{}}
			w.settings = complete()
			w.settings.HealsPerHour = w.rand.IntN(4)
			w.tell("seed %d, %d heals an hour", seed, w.settings.HealsPerHour)
			w.watch()
			for range 15 {
				steps := w.steps()
				steps[w.rand.IntN(len(steps))]()
			}
			if t.Failed() {
				t.Log(strings.Join(w.story, "\n"))
			}
		})
		if t.Failed() {
			return
		}
	}
}
