package lifecycle

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		live     *logging.Config
		resource resource
		decision string
		failure  string
		wantLive string
		previous string
	}{
		{"nothing there", nil, ours, Created, "", "wanted", absent},
		{"an empty object there", &logging.Config{S3Config: &logging.S3Config{}}, ours, Created, "", "wanted", absent},
		{"the same there", toBucket("wanted"), ours, Created, "", "wanted", "wanted"},
		{"another there, refused", toBucket("theirs"), ours, "", `s3Config.bucketName: live "theirs", wanted "wanted"`, "theirs", ""},
		{"another there, adopted", toBucket("theirs"), ours.adopting(), Adopted, "", "wanted", "theirs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			aws := newFakeAWS(test.live)
			decision, _, err := handle(t, aws, test.resource.create("wanted"))
			if test.failure == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.failure)
				assert.ErrorContains(t, err, "set OnExisting to Adopt")
				assert.ErrorContains(t, err, parameterName)
				assert.Empty(t, aws.writes)
			}
			assert.Equal(t, test.decision, decision)
			assert.Equal(t, test.wantLive, bucketOf(aws.live))
			if test.previous == "" {
				assert.NotContains(t, aws.parameters, parameterName)
				return
			}
			var r register.Register
			require.NoError(t, json.Unmarshal([]byte(aws.parameters[parameterName]), &r))
			assert.Equal(t, test.previous, bucketOf(r.Previous.OrNone()))
			assert.Equal(t, "stack-a/Logging", r.Owner)
		})
	}
}

func TestCreateRemembersBeforeItWrites(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("theirs")).fails("PutParameter "+parameterName, errDenied)
	_, _, err := handle(t, aws, ours.adopting().create("wanted"))
	require.ErrorContains(t, err, "writing SSM parameter "+parameterName)
	assert.Empty(t, aws.writes)
}

func TestARepeatedCreateKeepsTheFirstRecord(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("theirs"))
	must(t, aws, ours.adopting().create("wanted"))
	first := aws.parameters[parameterName]
	must(t, aws, ours.adopting().create("wanted"))
	assert.Equal(t, first, aws.parameters[parameterName])

	must(t, aws, ours.adopting().delete("wanted"))
	assert.Equal(t, "theirs", bucketOf(aws.live))
}

func TestOneEventRunningTwiceAtOnceIsHarmless(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("theirs"))
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			_, err := New(aws, aws).Handle(t.Context(), slog.New(slog.DiscardHandler), ours.adopting().create("wanted"))
			assert.NoError(t, err)
		})
	}
	running.Wait()
	must(t, aws, ours.adopting().delete("wanted"))
	assert.Equal(t, "theirs", bucketOf(aws.live))
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		live     *logging.Config
		resource resource
		log      string
		failure  string
	}{
		{"its own live", toBucket("old"), ours, "", ""},
		{"the new one live already", toBucket("new"), ours, "", ""},
		{"none live", nil, ours, "switched off outside of the stack", ""},
		{"a foreign one live", toBucket("theirs"), ours, "", `changed outside of the stack, and is left alone: s3Config.bucketName: live "theirs", wanted "new"`},
		{"a foreign one live, adopted", toBucket("theirs"), ours.adopting(), `"replaced":{"s3Config":{"bucketName":"theirs"}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			aws := newFakeAWS(nil)
			must(t, aws, test.resource.create("old"))
			aws.live, aws.writes = test.live, nil
			decision, log, err := handle(t, aws, test.resource.update("old", "new"))
			if test.failure != "" {
				require.ErrorContains(t, err, test.failure)
				assert.ErrorContains(t, err, "set OnExisting to Adopt")
				assert.Empty(t, aws.writes)
				assert.Equal(t, "old", bucketOf(registerOf(t, aws).Declared))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, Updated, decision)
			assert.Equal(t, []string{"Put new"}, aws.writes, "logging must not go off in between")
			if test.log == "" {
				assert.NotContains(t, log, "WARN")
			} else {
				assert.Contains(t, log, test.log)
			}
			r := registerOf(t, aws)
			assert.Equal(t, "new", bucketOf(r.Declared))
			assert.Nil(t, r.Previous, "only create takes over")
		})
	}
}

// registerOf reads the register.
func registerOf(t *testing.T, aws *fakeAWS) register.Register {
	t.Helper()
	var r register.Register
	require.NoError(t, json.Unmarshal([]byte(aws.parameters[parameterName]), &r))
	return r
}

func TestUpdateOfAResourceThatTheRegisterDoesNotKnow(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("old"))
	_, log, err := handle(t, aws, ours.update("old", "new"))
	require.NoError(t, err)
	assert.Contains(t, log, "the register does not know this resource")
	assert.True(t, registerOf(t, aws).PreviousUnknown)

	decision, _, err := handle(t, aws, ours.delete("new"))
	require.NoError(t, err)
	assert.Equal(t, LeftAlone, decision, "nobody knows what was there before")
	assert.Equal(t, "new", bucketOf(aws.live))
	assert.Empty(t, aws.parameters)
}

func TestALateCopyOfARequestChangesNothing(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(nil)
	numbered := func(id string, event customresource.Event) customresource.Event {
		event.RequestID = id
		return event
	}
	create, update, back := numbered("1", ours.create("old")), numbered("2", ours.update("old", "new")), numbered("3", ours.update("new", "old"))
	must(t, aws, create, update, back)
	aws.writes = nil
	for _, late := range []customresource.Event{create, update} {
		_, _, err := handle(t, aws, late)
		assert.ErrorIs(t, err, register.ErrSuperseded)
	}
	assert.Empty(t, aws.writes)
	must(t, aws, back) // the latest may run again
	assert.Equal(t, "old", bucketOf(aws.live))
}

func TestCreateAgainRefusesWhatSomebodyPutInBetween(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		live   *logging.Config
		refuse bool
	}{{toBucket("theirs"), false}, {toBucket("wanted"), false}, {nil, false}, {toBucket("newer"), true}} {
		aws := newFakeAWS(toBucket("theirs"))
		must(t, aws, ours.adopting().create("wanted"))
		aws.live, aws.writes = test.live, nil
		_, _, err := handle(t, aws, ours.adopting().create("wanted"))
		assert.Equal(t, "theirs", bucketOf(registerOf(t, aws).Previous))
		if test.refuse {
			assert.ErrorContains(t, err, "somebody changed the logging configuration while this resource was being created")
			assert.Empty(t, aws.writes)
		} else {
			assert.NoError(t, err)
			assert.Equal(t, "wanted", bucketOf(aws.live))
		}
	}
}

// Through a replacement a resource comes by a previous configuration that it
// never was allowed to replace.
func TestCreateAgainRefusesWhatItInherited(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("theirs"))
	renamed := resource{stack: "stack-a", logicalID: "LoggingRenamed", onExisting: Refuse}
	must(t, aws, ours.adopting().create("wanted"), renamed.create("wanted"), ours.delete("wanted"))
	require.Equal(t, "theirs", bucketOf(registerOf(t, aws).Previous))
	aws.live, aws.writes = toBucket("theirs"), nil
	_, _, err := handle(t, aws, renamed.create("wanted"))
	require.ErrorContains(t, err, "somebody changed the logging configuration")
	assert.Empty(t, aws.writes)
}

func TestNothingIsWrittenOverAChangeInBetween(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(nil)
	aws.overtake = func() { aws.live = toBucket("theirs") } // before the register is written
	_, _, err := handle(t, aws, ours.create("wanted"))
	require.ErrorContains(t, err, "somebody changed the logging configuration while this request was at work")
	assert.Empty(t, aws.writes)
}

func TestWaitsForTheLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(nil)
		lock, err := register.Acquire(t.Context(), aws, "stack-b/Logging", time.Now().Add(time.Hour))
		require.NoError(t, err)
		_, _, err = handle(t, aws, ours.create("wanted"))
		require.ErrorContains(t, err, "stack-b/Logging is changing the logging configuration of this account and Region, until ")
		assert.ErrorContains(t, err, "try again when it has finished")
		assert.Empty(t, aws.writes)

		time.AfterFunc(time.Minute, func() { assert.NoError(t, lock.Release(context.Background())) })
		must(t, aws, ours.create("wanted"))
	})
}

// Others wait until the lock's time is over, but not the answer.
func TestALockThatCannotBeFreedDelaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(nil).alwaysFails("PutParameter "+register.LockParameter, errThrottled)
		aws.failures["PutParameter "+register.LockParameter] = []error{nil, errThrottled}
		start := time.Now()
		decision, log, err := handle(t, aws, ours.create("wanted"))
		require.NoError(t, err)
		assert.Equal(t, Created, decision)
		assert.LessOrEqual(t, time.Since(start), 20*time.Second)
		assert.Contains(t, log, "the lock could not be freed; others wait until its time is over")
	})
}

func TestUpdateWarnsOfAChangedParameter(t *testing.T) {
	t.Parallel()
	event := ours.update("old", "new")
	event.OldResourceProperties = json.RawMessage(strings.ReplaceAll(string(event.OldResourceProperties), parameterName, "/elsewhere"))
	_, log, err := handle(t, newFakeAWS(toBucket("old")), event)
	require.NoError(t, err)
	assert.Contains(t, log, "RegisterParameter changed")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		before   *logging.Config                         // when the resource was created
		live     func(a *logging.Config) *logging.Config // what became of it since
		decision string
		want     string
		why      string
	}{
		{"nothing before", nil, nil, Removed, absent, ""},
		{"another before", toBucket("theirs"), nil, Restored, "theirs", ""},
		{"the same before", toBucket("wanted"), nil, LeftAlone, "wanted", "live before the resource was created"},
		{"replaced since", toBucket("theirs"), func(*logging.Config) *logging.Config { return toBucket("newer") }, LeftAlone, "newer", "not this resource's"},
		{"switched off since", toBucket("theirs"), func(*logging.Config) *logging.Config { return nil }, LeftAlone, absent, "nothing is configured"},
		{"same with other spelling", nil, func(c *logging.Config) *logging.Config {
			spelled := *c
			spelled.CloudWatchConfig = &logging.CloudWatchConfig{}
			spelled.AudioDataDeliveryEnabled = nil
			return &spelled
		}, Removed, absent, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			aws := newFakeAWS(test.before)
			must(t, aws, ours.adopting().create("wanted"))
			if test.live != nil {
				aws.live = test.live(aws.live)
			}
			decision, log, err := handle(t, aws, ours.adopting().delete("wanted"))
			require.NoError(t, err)
			assert.Equal(t, test.decision, decision)
			assert.Equal(t, test.want, bucketOf(aws.live))
			assert.Contains(t, log, test.why)
			assert.Empty(t, aws.parameters)

			// CloudFormation may send it again.
			must(t, aws, ours.adopting().delete("wanted"))
			assert.Equal(t, test.want, bucketOf(aws.live))
		})
	}
}

func TestDeleteOfWhatWasNeverCreatedTouchesNothing(t *testing.T) {
	t.Parallel()
	otherID := ours.delete("wanted")
	otherID.PhysicalResourceID = "2f0c-log-stream"
	broken := ours.delete("wanted")
	broken.ResourceProperties = json.RawMessage(`{"LoggingConfiguration":"{"}`)
	missing := ours.delete("wanted")
	missing.ResourceProperties = nil

	for name, event := range map[string]customresource.Event{
		"no record":          ours.delete("wanted"),
		"other physical id":  otherID,
		"broken properties":  broken,
		"missing properties": missing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws := newFakeAWS(toBucket("wanted"))
			decision, log, err := handle(t, aws, event)
			require.NoError(t, err)
			assert.Equal(t, LeftAlone, decision)
			assert.Empty(t, aws.writes)
			assert.Contains(t, log, "left alone")
		})
	}
}

// A create that was refused is followed by a delete, even where an earlier
// life of the stack left its record behind.
func TestTheDeleteAfterARefusedCreateLosesNothing(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("theirs"))
	must(t, aws, ours.adopting().create("retained"))
	first := aws.parameters[parameterName]

	later := resource{stack: "stack-b", logicalID: "Logging", onExisting: Refuse}
	_, _, err := handle(t, aws, later.create("wanted"))
	require.ErrorContains(t, err, "already logs")
	must(t, aws, later.delete("wanted"))
	assert.Equal(t, "retained", bucketOf(aws.live))
	assert.Equal(t, first, aws.parameters[parameterName])
}

func TestALaterStackGivesBackWhatTheRetainedOneLeft(t *testing.T) {
	t.Parallel()
	for _, wanted := range []string{"retained", "wanted"} {
		t.Run(wanted, func(t *testing.T) {
			t.Parallel()
			aws := newFakeAWS(toBucket("theirs"))
			must(t, aws, ours.adopting().create("retained"))
			first := registerOf(t, aws)

			later := resource{stack: "stack-b", logicalID: "Logging", onExisting: Adopt}
			must(t, aws, later.create(wanted), later.delete(wanted))
			assert.Equal(t, "retained", bucketOf(aws.live))
			left := registerOf(t, aws)
			assert.Len(t, left.Gone, 2, "its create and its delete")
			left.Gone = nil
			assert.Equal(t, first, left)
		})
	}
}

// A changed logical id makes CloudFormation create the new resource and then
// delete the old one, or, when the update fails, the new one.
func TestAReplacementKeepsLoggingOn(t *testing.T) {
	t.Parallel()
	renamed := resource{stack: "stack-a", logicalID: "LoggingRenamed", onExisting: Refuse}

	t.Run("succeeds", func(t *testing.T) {
		t.Parallel()
		aws := newFakeAWS(toBucket("theirs"))
		must(t, aws, ours.adopting().create("wanted"), renamed.create("wanted"))
		decision, log, err := handle(t, aws, ours.delete("wanted"))
		require.NoError(t, err)
		assert.Equal(t, LeftAlone, decision)
		assert.Contains(t, log, "stack-a/LoggingRenamed")
		assert.Equal(t, "wanted", bucketOf(aws.live))

		must(t, aws, renamed.delete("wanted"))
		assert.Equal(t, "theirs", bucketOf(aws.live))
		assert.Empty(t, aws.parameters)
	})
	t.Run("rolls back", func(t *testing.T) {
		t.Parallel()
		aws := newFakeAWS(nil)
		must(t, aws, ours.create("wanted"), renamed.create("wanted"), renamed.delete("wanted"))
		assert.Equal(t, "wanted", bucketOf(aws.live))

		must(t, aws, ours.delete("wanted"))
		assert.Nil(t, aws.live)
		assert.Empty(t, aws.parameters)
	})
}

func TestARecordWrittenByHandSwitchesLoggingOff(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("wanted"))
	aws.parameters[parameterName] = `{"previous":null}`
	decision, _, err := handle(t, aws, ours.delete("wanted"))
	require.NoError(t, err)
	assert.Equal(t, Removed, decision)
	assert.Nil(t, aws.live)
	assert.Empty(t, aws.parameters)
}

func TestAnUnreadableRecordFails(t *testing.T) {
	t.Parallel()
	for _, event := range []customresource.Event{ours.create("wanted"), ours.delete("wanted")} {
		aws := newFakeAWS(toBucket("wanted"))
		aws.parameters[parameterName] = "null"
		_, _, err := handle(t, aws, event)
		require.ErrorContains(t, err, "SSM parameter "+parameterName+" holds no register")
		assert.Empty(t, aws.writes)
	}
}

func TestDeleteThatCannotRestoreLeavesLoggingOnAndSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("theirs"))
		must(t, aws, ours.adopting().create("wanted"))
		aws.refuses = func(c logging.Config) error {
			if bucketOf(&c) == "theirs" {
				return errBucket
			}
			return nil
		}
		_, _, err := handle(t, aws, ours.adopting().delete("wanted"))
		require.ErrorContains(t, err, "cannot be restored, so logging stays as it is")
		assert.ErrorContains(t, err, "Failed to validate permissions for bucket")
		assert.ErrorContains(t, err, `set SSM parameter `+parameterName+` to {"previous":null}`)
		assert.Equal(t, "wanted", bucketOf(aws.live))
		assert.NotEmpty(t, aws.parameters)
	})
}

func TestPutsBackWhatWasThereWhenAWSStoresSomethingElse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		live  *logging.Config
		event customresource.Event
		want  string
	}{
		{"create over nothing", nil, ours.create("wanted"), absent},
		{"create over another", toBucket("theirs"), ours.adopting().create("wanted"), "theirs"},
		{"update", toBucket("old"), ours.update("old", "wanted"), "old"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				aws := newFakeAWS(test.live)
				aws.stores = func(c logging.Config) logging.Config {
					if bucketOf(&c) == "wanted" {
						off := false
						c.AudioDataDeliveryEnabled = &off
					}
					return c
				}
				_, _, err := handle(t, aws, test.event)
				require.ErrorContains(t, err, `stored another one: audioDataDeliveryEnabled: live false, wanted true`)
				assert.Equal(t, test.want, bucketOf(aws.live))
			})
		})
	}
}

func TestTellsWhenItCannotPutBackEither(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(nil).alwaysFails("Delete", errDenied)
		aws.stores = func(c logging.Config) logging.Config {
			off := false
			c.AudioDataDeliveryEnabled = &off
			return c
		}
		_, _, err := handle(t, aws, ours.create("wanted"))
		assert.ErrorContains(t, err, "stored another one")
		assert.ErrorContains(t, err, "could not be put back")
		assert.ErrorIs(t, err, errDenied)
	})
}

// A Put whose answer is lost may have been carried out.
func TestPutsBackAfterAWriteWithoutAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("old"))
		aws.refuses = func(c logging.Config) error {
			if bucketOf(&c) == "wanted" {
				aws.live = &c
				return errDenied
			}
			return nil
		}
		_, _, err := handle(t, aws, ours.update("old", "wanted"))
		require.ErrorIs(t, err, errDenied)
		assert.Equal(t, "old", bucketOf(aws.live))
	})
}

func TestARefusedWriteIsNotFollowedByAnother(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("old")).fails("Put", errDenied)
	_, _, err := handle(t, aws, ours.update("old", "wanted"))
	require.ErrorIs(t, err, errDenied)
	assert.Empty(t, aws.writes)
}

func TestWaitsForGetToCatchUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		aws := newFakeAWS(toBucket("theirs"))
		aws.lag = 4
		must(t, aws, ours.adopting().create("wanted"), ours.update("wanted", "newer"))
		assert.Equal(t, []string{"Put wanted", "Put newer"}, aws.writes)
	})
}

func TestRepeatsWhatMaySucceedLater(t *testing.T) {
	t.Parallel()
	unavailable := &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 599}},
		Err:      apiError("Unknown", "proxy"),
	}
	for name, test := range map[string]struct {
		operation string
		err       error
	}{
		"log group permission": {"Put", errNotYet},
		"bucket permission":    {"Put", errBucket},
		"throttled Get":        {"Get", errThrottled},
		"throttled Put":        {"Put", errThrottled},
		"throttled parameter":  {"PutParameter", errThrottled},
		"parameter contention": {"PutParameter", apiError("TooManyUpdates", "concurrent updates")},
		"service failure":      {"Put", unavailable},
		"connection reset":     {"GetParameter", errReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				aws := newFakeAWS(nil).fails(test.operation, test.err, test.err, test.err)
				must(t, aws, ours.create("wanted"))
				assert.Equal(t, "wanted", bucketOf(aws.live))
			})
		})
	}
	for operation, err := range map[string]error{"Delete": errThrottled, "DeleteParameter": errThrottled} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				aws := newFakeAWS(nil)
				must(t, aws, ours.create("wanted"))
				aws.fails(operation, err, err, err)
				must(t, aws, ours.delete("wanted"))
				assert.Nil(t, aws.live)
			})
		})
	}
}

func TestRepeatsNothingElse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		operation string
		err       error
	}{
		"denied Get":          {"Get", errDenied},
		"denied Put":          {"Put", errDenied},
		"denied parameter":    {"GetParameter", errDenied},
		"another validation":  {"Put", apiError("ValidationException", "1 validation error detected")},
		"another place":       {"Get", errNotYet},
		"another error class": {"Put", apiError("ResourceNotFoundException", "Failed to validate permissions for log group")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				aws := newFakeAWS(nil).fails(test.operation, test.err)
				_, _, err := handle(t, aws, ours.create("wanted"))
				require.ErrorIs(t, err, test.err)
				assert.Zero(t, time.Since(start))
				assert.Empty(t, aws.writes)
			})
		})
	}
}

func TestGivesUpOnPermissionsAfterTwoMinutesWithWhatToCheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		aws := newFakeAWS(nil).alwaysFails("Put", errNotYet)
		_, _, err := handle(t, aws, ours.create("wanted"))
		require.ErrorContains(t, err, "Failed to validate permissions for log group: g, with role: r.")
		assert.ErrorContains(t, err, "check that the log group and the buckets exist")
		assert.Greater(t, time.Since(start), 2*time.Minute-longestPauseForTest)
		assert.Less(t, time.Since(start), 2*time.Minute+longestPauseForTest)
	})
}

// longestPauseForTest is the longest pause between two attempts.
const longestPauseForTest = 15 * time.Second

func TestKeepsTimeToPutBack(t *testing.T) {
	t.Parallel()
	for hangs, want := range map[time.Duration]string{
		45 * time.Second: "old",    // Get answers again when the time for the work is over
		time.Hour:        "wanted", // what cannot be seen is left as it is
	} {
		synctest.Test(t, func(t *testing.T) {
			aws := newFakeAWS(nil)
			must(t, aws, ours.create("old"))
			start := time.Now()
			aws.stores = func(c logging.Config) logging.Config {
				if bucketOf(&c) == "wanted" {
					aws.hangs = true
					time.AfterFunc(hangs, func() { aws.hangs = false })
				}
				return c
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := New(aws, aws).Handle(ctx, slog.New(slog.DiscardHandler), ours.update("old", "wanted"))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, want, bucketOf(aws.live))
			assert.Less(t, time.Since(start), time.Minute)
			time.Sleep(time.Hour)
		})
	}
}

func TestRefusesBadProperties(t *testing.T) {
	t.Parallel()
	for _, request := range []customresource.RequestType{customresource.Create, customresource.Update} {
		aws := newFakeAWS(nil)
		event := ours.event(request, "wanted")
		event.ResourceProperties = json.RawMessage(`{"LoggingConfiguration":"{}","OnExisting":"Replace","RegisterParameter":"previous"}`)
		_, _, err := handle(t, aws, event)
		require.ErrorContains(t, err, "no destination")
		assert.ErrorContains(t, err, `OnExisting: got "Replace"; use Refuse or Adopt`)
		assert.ErrorContains(t, err, `RegisterParameter: got "previous"`)
		assert.Empty(t, aws.writes)
	}
}

// numbered gives an event a request id of its own.
func numbered(id string, event customresource.Event) customresource.Event {
	event.RequestID = id
	return event
}

// Under RETAIN nothing tells the function that a resource left its stack.
func TestAResourceThatComesBackOwnsWhatItDeclared(t *testing.T) {
	t.Parallel()
	for _, r := range []resource{ours, ours.adopting()} {
		aws := newFakeAWS(toBucket("x"))
		must(t, aws, numbered("1", r.create("x")))
		decision, _, err := handle(t, aws, numbered("2", r.create("y")))
		require.NoError(t, err)
		assert.Equal(t, Created, decision)
		assert.Equal(t, "y", bucketOf(aws.live))
		assert.Equal(t, "x", bucketOf(registerOf(t, aws).Previous), "what it found at first")
	}
	aws := newFakeAWS(nil)
	must(t, aws, numbered("1", ours.create("x")))
	aws.live, aws.writes = toBucket("theirs"), nil
	_, _, err := handle(t, aws, numbered("2", ours.create("y")))
	require.ErrorContains(t, err, "changed outside of the stack, and is left alone")
	assert.Empty(t, aws.writes)
	must(t, aws, numbered("3", ours.adopting().create("y")))
	assert.Equal(t, "y", bucketOf(aws.live))
}

func TestAResourceThatComesBackUnderAnEarlierNameIsTheNewestAgain(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("x"))
	a, b := resource{"stack-a", "A", Refuse}, resource{"stack-a", "B", Refuse}
	must(t, aws, numbered("1", a.create("x")), numbered("2", b.create("x")), numbered("3", a.create("x")))
	r := registerOf(t, aws)
	assert.True(t, r.IsOf("stack-a/A"))
	assert.Equal(t, "stack-a/B", r.Earlier.Owner)
	assert.Nil(t, r.Earlier.Earlier, "one entry each")
	assert.Equal(t, "x", bucketOf(r.Earlier.Previous), "what the first of them found")
	_, _, err := handle(t, aws, numbered("1", a.create("x")))
	assert.ErrorIs(t, err, register.ErrSuperseded)
}

func TestRefuseReplacesNothingThatAdoptOnceFound(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(toBucket("theirs"))
	must(t, aws, numbered("1", ours.adopting().create("x")))
	aws.live, aws.writes = toBucket("theirs"), nil
	_, _, err := handle(t, aws, numbered("2", ours.create("x")))
	assert.Error(t, err)
	assert.Empty(t, aws.writes)
}

func TestALateCopyOfARequestWhoseResourceIsGoneChangesNothing(t *testing.T) {
	t.Parallel()
	a, b := resource{"stack-a", "A", Adopt}, resource{"stack-a", "B", Adopt}
	t.Run("a create", func(t *testing.T) {
		t.Parallel()
		aws := newFakeAWS(nil)
		must(t, aws, numbered("1", a.create("x")), numbered("2", b.create("y")), numbered("3", b.delete("y")))
		_, _, err := handle(t, aws, numbered("2", b.create("y")))
		assert.ErrorIs(t, err, register.ErrSuperseded)
		assert.Equal(t, "x", bucketOf(aws.live))
	})
	t.Run("an update", func(t *testing.T) {
		t.Parallel()
		aws := newFakeAWS(nil)
		must(t, aws, numbered("1", a.create("x")), numbered("2", a.update("x", "y")), numbered("3", b.create("y")), numbered("4", a.delete("y")))
		_, _, err := handle(t, aws, numbered("2", a.update("x", "y")))
		assert.ErrorIs(t, err, register.ErrSuperseded)
		must(t, aws, numbered("5", b.delete("y")))
		assert.Nil(t, aws.live)
	})
	t.Run("an update that nobody wrote down", func(t *testing.T) {
		t.Parallel()
		aws := newFakeAWS(nil)
		must(t, aws, numbered("1", b.create("y")))
		_, _, err := handle(t, aws, numbered("2", a.update("x", "y")))
		assert.ErrorContains(t, err, "another resource of this stack, stack-a/B, has taken logging over")
	})
}

// Other flags or another prefix in the same bucket are somebody's once the
// function has seen its own configuration live.
func TestLeavesAloneWhatSomebodyChangedAfterItWasReadBack(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(nil)
	must(t, aws, numbered("1", ours.create("x")))
	theirs, off := toBucket("y"), false
	theirs.TextDataDeliveryEnabled = &off
	writes := 0
	aws.beforeWrite = func() error {
		if writes++; writes == 2 { // the declaration
			aws.live = theirs
			return errDenied
		}
		return nil
	}
	_, _, err := handle(t, aws, numbered("2", ours.update("x", "y")))
	require.ErrorIs(t, err, errDenied)
	assert.ErrorContains(t, err, "somebody has put another configuration since, which is left alone")
	assert.Equal(t, theirs, aws.live)
}

func TestTheGuardCanTellWhatIsAboutToBePut(t *testing.T) {
	t.Parallel()
	aws := newFakeAWS(nil)
	must(t, aws, ours.create("x"))
	assert.Nil(t, registerOf(t, aws).Pending, "it is declared now")
	aws.fails("Put", errDenied)
	_, _, err := handle(t, aws, ours.update("x", "y"))
	require.ErrorIs(t, err, errDenied)
	assert.Equal(t, "y", bucketOf(registerOf(t, aws).Pending.Config))
}
