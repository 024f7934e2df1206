package lifecycle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

// of makes an event one of the resource Logging in the stack of that name, with
// a register of its own, and with a request id of its own.
func of(stack string, event customresource.Event) customresource.Event {
	event.StackID = stack
	parameter := "/paper-trail/" + strings.TrimRight(stack, "'") + "/logging-configuration"
	for _, properties := range []*json.RawMessage{&event.ResourceProperties, &event.OldResourceProperties} {
		*properties = json.RawMessage(strings.ReplaceAll(string(*properties), parameterName, parameter))
	}
	event.RequestID += "-of-" + stack
	return event
}

// permutations are all orders of names.
func permutations(names []string) (all [][]string) {
	if len(names) < 2 {
		return [][]string{names}
	}
	for i, name := range names {
		rest := slices.Concat(names[:i], names[i+1:])
		for _, p := range permutations(rest) {
			all = append(all, append([]string{name}, p...))
		}
	}
	return all
}

// One stack after the other declares the same configuration, and one after the
// other goes, in any order: logging is on until the last is gone, and then off,
// as the first found it.
func TestStacksThatDeclareTheSameDoNotSwitchItOffForEachOther(t *testing.T) {
	t.Parallel()
	for _, came := range permutations([]string{"a", "b", "c"}) {
		for _, went := range permutations([]string{"a", "b", "c"}) {
			t.Run(fmt.Sprint(came, went), func(t *testing.T) {
				t.Parallel()
				aws := newFakeAWS(nil)
				for _, stack := range came {
					must(t, aws, of(stack, ours.create("shared")))
				}
				for i, stack := range went {
					decision, log, err := handle(t, aws, of(stack, ours.delete("shared")))
					require.NoError(t, err)
					if i == len(went)-1 {
						assert.Equal(t, Removed, decision)
						assert.Nil(t, aws.live)
						break
					}
					assert.Equal(t, LeftAlone, decision)
					assert.Equal(t, "shared", bucketOf(aws.live))
					assert.Contains(t, log, "left alone")
					for _, other := range went[i+1:] {
						assert.Contains(t, log, "/paper-trail/"+other+"/logging-configuration")
					}
				}
				assert.Equal(t, []string{"Put shared", "Put shared", "Put shared", "Delete"}, aws.writes)
				assert.Empty(t, aws.parameters)
			})
		}
	}
}

func TestDeletesBesideAStackThatDeclaresTheSame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		found  string // before all, or absent
		events []customresource.Event
		want   string
	}{
		{"one that was updated since is still not alone", absent, []customresource.Event{
			of("a", ours.create("shared")), of("b", ours.create("shared")), of("a", numbered("again", ours.update("shared", "shared"))),
			of("a", ours.delete("shared")),
		}, "shared"},
		{"the other was created over it, and put another one since", absent, []customresource.Event{
			of("a", ours.create("shared")), of("b", ours.create("shared")), of("b", ours.update("shared", "b")),
			of("a", ours.delete("shared")),
		}, "b"},
		{"the other comes to declare it by an update", absent, []customresource.Event{
			of("b", ours.create("b")), of("a", ours.adopting().create("shared")), of("b", ours.adopting().update("b", "shared")),
			of("a", ours.delete("shared")),
		}, "shared"},
		{"the other has rolled back to another one", absent, []customresource.Event{
			of("a", ours.create("shared")), of("b", ours.adopting().create("b")), of("b", ours.adopting().update("b", "shared")),
			of("b", numbered("back", ours.adopting().update("shared", "b"))), of("b", ours.delete("b")), of("a", ours.delete("shared")),
		}, absent},
		{"the create of the other was rolled back", absent, []customresource.Event{
			of("a", ours.create("shared")), of("b", ours.create("shared")), of("b", ours.delete("shared")),
			of("a", ours.delete("shared")),
		}, absent},
		{"an adopted one is not restored over the other's", "theirs", []customresource.Event{
			of("a", ours.adopting().create("shared")), of("b", ours.create("shared")),
			of("a", ours.adopting().delete("shared")),
		}, "shared"},
		{"and is, where the other goes first", "theirs", []customresource.Event{
			of("a", ours.adopting().create("shared")), of("b", ours.create("shared")), of("b", ours.delete("shared")),
			of("a", ours.adopting().delete("shared")),
		}, "theirs"},
		{"the last leaves on what the first had adopted over", "theirs", []customresource.Event{
			of("a", ours.adopting().create("shared")), of("b", ours.create("shared")),
			of("a", ours.adopting().delete("shared")), of("b", ours.delete("shared")),
		}, "shared"},
		{"what was on before all stays on", "shared", []customresource.Event{
			of("a", ours.create("shared")), of("b", ours.create("shared")),
			of("a", ours.delete("shared")), of("b", ours.delete("shared")),
		}, "shared"},
		{"a third one had replaced it for a time", absent, []customresource.Event{
			of("a", ours.create("shared")), of("b", ours.create("shared")), of("c", ours.adopting().create("c")), of("c", ours.adopting().delete("c")),
			of("a", ours.delete("shared")),
		}, "shared"},
		{"each goes back to what it found", absent, []customresource.Event{
			of("a", ours.create("a")), of("b", ours.adopting().create("b")),
			of("b", ours.adopting().delete("b")), of("a", ours.delete("a")),
		}, absent},
		{"a stack of the same name came before, and was retained", absent, []customresource.Event{
			of("a", ours.create("shared")), of("a'", ours.adopting().create("new")), of("a'", ours.adopting().delete("new")),
			of("b", ours.create("shared")), of("b", ours.delete("shared")),
		}, "shared"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			aws := newFakeAWS(nil)
			if test.found != absent {
				aws.live = toBucket(test.found)
			}
			must(t, aws, test.events...)
			assert.Equal(t, test.want, bucketOf(aws.live))
		})
	}
}

// Its Delete never comes, and whoever retained it wants logging on.
func TestWhatARetainedStackDeclaresIsLeftOn(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(nil)
	must(t, aws, of("b", ours.create("shared")), of("a", ours.create("shared")), of("b", ours.delete("shared")))
	assert.Equal(t, "shared", bucketOf(aws.live))
}

// In one stack the register alone decides, as ever.
func TestAReplacementBesideAnotherStack(t *testing.T) {
	t.Parallel()
	renamed := func(event customresource.Event) customresource.Event {
		event.LogicalResourceID, event.RequestID = "LoggingRenamed", event.RequestID+"-renamed"
		return event
	}
	for _, rollsBack := range []bool{false, true} {
		aws := newFakeAWS(nil)
		must(t, aws, of("a", ours.create("shared")), of("b", ours.create("shared")), renamed(of("a", ours.create("shared"))))
		old, left := of("a", ours.delete("shared")), renamed(of("a", ours.delete("shared")))
		if rollsBack {
			old, left = left, old
		}
		must(t, aws, old, of("b", ours.delete("shared")))
		assert.Equal(t, "shared", bucketOf(aws.live), "the other name of the resource declares it")
		must(t, aws, left)
		assert.Nil(t, aws.live)
		assert.Empty(t, aws.parameters)
	}
}

// What a stack that is gone hands down is not for a resource that has another one
// of its own stack before it, which still stands or was retained.
func TestWhatWasHandedDownIsForTheLastOfAStack(t *testing.T) {
	t.Parallel()
	renamed := func(event customresource.Event) customresource.Event {
		event.LogicalResourceID, event.RequestID = "LoggingRenamed", event.RequestID+"-renamed"
		return event
	}
	t.Run("a replacement that is rolled back", func(t *testing.T) {
		t.Parallel()
		aws := newFakeAWS(nil)
		must(t, aws, of("a", ours.create("shared")), of("b", ours.create("shared")), of("a", ours.delete("shared")))
		must(t, aws, renamed(of("b", ours.create("shared"))), renamed(of("b", ours.delete("shared"))))
		assert.Equal(t, "shared", bucketOf(aws.live))
		must(t, aws, of("b", ours.delete("shared")))
		assert.Nil(t, aws.live)
	})
	t.Run("a stack after one that was retained", func(t *testing.T) {
		t.Parallel()
		aws := newFakeAWS(nil)
		must(t, aws, of("a", ours.create("shared")), of("b", ours.create("shared")), of("a", ours.delete("shared")))
		must(t, aws, of("b'", ours.create("shared")), of("b'", ours.delete("shared")))
		assert.Equal(t, "shared", bucketOf(aws.live))
	})
}

// Parameters that an earlier version of the function wrote say nothing of
// others: a delete does what it did.
func TestTheLockOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", `{"holder":""}`, "unreadable", `{"holder":"dead","until":"2020-01-01T00:00:00Z","attempt":"x"}`} {
		aws := newFakeAWS(nil)
		must(t, aws, of("a", ours.create("shared")), of("b", ours.create("shared")))
		delete(aws.parameters, register.LockParameter)
		if value != "" {
			aws.parameters[register.LockParameter] = value
		}
		decision, _, err := handle(t, aws, of("a", ours.delete("shared")))
		require.NoError(t, err)
		assert.Equal(t, Removed, decision, value)
		// The other counts again from its next request on.
		must(t, aws, of("b", numbered("again", ours.update("shared", "shared"))), of("a'", ours.create("shared")), of("a'", ours.delete("shared")))
		assert.Equal(t, "shared", bucketOf(aws.live), value)
	}
}

// Whoever has heard that its configuration is live is known, even where the
// lock could not be freed, and only a failure takes its word back.
func TestADeclarationIsWrittenBeforeItIsTrue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(nil)
		must(t, aws, of("a", ours.create("shared")))
		aws.alwaysFails("PutParameter "+register.LockParameter, errThrottled)
		// Taking the lock is refused once, as it exists, and then done.
		aws.failures["PutParameter "+register.LockParameter] = []error{nil, nil, errThrottled}
		must(t, aws, of("b", ours.create("shared")))
		aws.failures["PutParameter "+register.LockParameter] = nil
		time.Sleep(time.Hour)
		must(t, aws, of("a", ours.delete("shared")))
		assert.Equal(t, "shared", bucketOf(aws.live))

		aws.fails("Put", errDenied)
		_, _, err := handle(t, aws, of("c", ours.adopting().create("c")))
		require.ErrorIs(t, err, errDenied)
		assert.NotContains(t, aws.parameters[register.LockParameter], "/paper-trail/c/")
	})
}

// The list of declarations grows with each stack that is retained.
func TestTheListOfDeclarationsFitsIntoItsParameter(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(nil)
	name := func(i int) string { return fmt.Sprint(strings.Repeat("long", 25), i) }
	const stacks = 60
	for i := range stacks {
		must(t, aws, of(name(i), ours.create("shared")))
		require.LessOrEqual(t, len(aws.parameters[register.LockParameter]), 4096)
	}
	assert.Contains(t, aws.parameters[register.LockParameter], name(stacks-1))
	must(t, aws, of(name(stacks-1), ours.delete("shared")))
	assert.Equal(t, "shared", bucketOf(aws.live))
}
