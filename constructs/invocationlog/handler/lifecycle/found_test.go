package lifecycle_test

import (
	"strings"
	"testing"
)

// Sequences that the model found to break a rule, and what they taught.
func TestFoundSequences(t *testing.T) {
	t.Parallel()
	created := operation{Kind: "create"}
	for name, sequence := range map[string][]operation{
		// Logging was off, and the failed delete said that it still stood.
		"a delete that cannot forget puts back": {
			created,
			{Kind: "delete", Faults: [][]fault{{{Op: "Remove", N: 1000, Kind: "throttle"}}}},
		},
		// Nothing had been written, and yet it was undone.
		"a look that fails before the put undoes nothing": {
			created, {Kind: "somebody deletes"},
			{Kind: "update", Faults: [][]fault{{{Op: "Get", From: 1, N: 1000, Kind: "5xx"}}}},
		},
		// The undo switched off what might have been on.
		"an update over nothing does not switch logging off": {
			created, {Kind: "somebody deletes"},
			{Kind: "update", Config: 1, Faults: [][]fault{{{Op: "Put", N: 1000, Kind: "5xx"}}}},
		},
		// The undo overwrote what it could not see.
		"nothing is put back blindly": {
			{Kind: "create", Faults: [][]fault{{{Op: "Get", From: 2, N: 1, Kind: "somebody"}, {Op: "Get", From: 2, N: 1000, Kind: "throttle"}}}},
		},
		"an answer that is lost after the put is not a failure": {
			{Kind: "create", Faults: [][]fault{{{Op: "Put", N: 1, Kind: "lost"}}}},
			{Kind: "update", Config: 1, Faults: [][]fault{{{Op: "Put", N: 2, Kind: "lost"}, {Op: "Get", From: 2, N: 2, Kind: "lags"}}}},
		},
		"a function that dies with the lock is followed by one that takes it": {
			{Kind: "create", Faults: [][]fault{{{Op: "Put", N: 1, Kind: "dies"}}}},
			{Kind: "create", Stack: 1, Adopt: true},
		},
		"a new name for the resource, which comes and goes": {
			created, {Kind: "rename"}, {Kind: "rename", Replay: 1}, {Kind: "delete"},
		},
		"a stack after one that was retained": {
			created, {Kind: "retain"}, {Kind: "create", Config: 1, Adopt: true}, {Kind: "delete"},
		},
		"somebody comes while the register is written": {
			{Kind: "create", Faults: [][]fault{{{Op: "Write", From: 1, N: 1, Kind: "somebody"}}}},
		},
		"a lock that cannot be freed": {
			created, {Kind: "update", Config: 1, Faults: [][]fault{{{Op: "Write", From: 4, N: 1000, Kind: "throttle"}}}},
		},
		"two stacks at once": {{Kind: "race"}, {Kind: "race"}, {Kind: "race", Adopt: true}},
		"two stacks that declare the same come together, and one goes": {
			{Kind: "race", Config: shared}, {Kind: "delete"},
		},
		"a late copy of an update after its rollback": {
			created, {Kind: "update and roll back", Config: 1}, {Kind: "replay", Replay: 1}, {Kind: "replay", Replay: 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if broken := play(t, sequence); len(broken) > 0 {
				t.Error(strings.Join(broken, "\n"))
			}
		})
	}
}
