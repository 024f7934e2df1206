package scenario_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/alarmsim"
)

// pace is how many calls a minute there are.
type pace func(w *world, minute int) float64

// quiet is office hours of a small team: nothing at night or on a weekend, and in
// the early morning somebody who tries something.
func quiet(w *world, minute int) float64 {
	switch at := minute % day; {
	case minute%week >= 5*day || at < 6*hour || at >= 19*hour:
		return 0
	case at < 8*hour:
		if w.random.IntN(40) == 0 {
			return 1
		}
		return 0
	}
	return float64(w.random.IntN(3))
}

// busy is an application around the clock, near to what its quota bears at noon.
func busy(w *world, minute int) float64 {
	calls := 40.0
	if at := minute % day; minute%week < 5*day && at >= 8*hour && at < 18*hour {
		calls = 200
	}
	return calls + float64(w.random.IntN(40))
}

// learned has the records of calls at a pace, without the calls: only what is
// learned from records is looked up weeks later.
func (w *world) learned(to int, p pace) {
	converse := w.converse()
	for minute := range to {
		w.deliver(minute, converse, p(w, minute))
	}
}

// live has the models called at a pace.
func (w *world) live(from, to int, p pace) {
	converse := w.converse()
	for minute := from; minute < to; minute++ {
		w.call(minute, p(w, minute), converse)
	}
}

// hiccups are what a busy application bears: every twentieth call is refused, one
// in two hundred fails, 3 are throttled every two hours, 5 an hour run into a
// guardrail, and 10 an hour lack metadata.
func (w *world) hiccups(from, to int) {
	for minute := from; minute < to; minute++ {
		w.fail(minute, 4, "InvocationClientErrors")
		if minute%3 == 0 {
			w.fail(minute, 1, "InvocationServerErrors")
		}
		switch minute % (2 * hour) {
		case 10:
			w.fail(minute, 3, "InvocationThrottles")
		case 20, 30, 40, 50, 55, 80, 90, 100, 110, 115:
			w.call(minute, 1, w.record("converse-guardrail"))
			w.call(minute, 2, w.record("converse-without-metadata"))
		}
	}
}

// each runs a test for each stack and for what AWS leaves open: whether a metric
// filter counts an event at its own time or at that of its arrival, and how many
// data points beyond its periods an alarm looks at. A further Region has the same
// alarms but those on the trail, and is spared half of that; so are the alarms on
// the ledger, which see no metric filter.
func each(t *testing.T, test func(t *testing.T, m monitored, stampLate bool, o alarmsim.Options)) {
	for _, m := range theMonitored(t) {
		t.Run(m.name, func(t *testing.T) {
			if m.spared {
				test(t, m, false, alarmsim.Options{FurtherPeriods: 1})
				return
			}
			t.Run("own time, one further period", func(t *testing.T) { test(t, m, false, alarmsim.Options{FurtherPeriods: 1}) })
			t.Run("time of arrival, two further periods", func(t *testing.T) { test(t, m, true, alarmsim.Options{FurtherPeriods: 2}) })
		})
	}
}

// fired is what tells somebody in a scenario.
func fired(t *testing.T, m monitored, w *world, to int, o alarmsim.Options) []string {
	t.Helper()
	history, err := m.alarms.Run(w.publish(), present, to, o)
	require.NoError(t, err)
	told := m.told(history)
	for _, id := range told {
		t.Logf("%s in alarm: %v", id, history.Spans(id))
	}
	return told
}

func TestQuietWeek(t *testing.T) {
	each(t, func(t *testing.T, m monitored, stampLate bool, o alarmsim.Options) {
		w := newWorld(t, m, 1)
		w.stampLate = stampLate
		w.learned(present-day, quiet)
		w.live(present-day, present+week, quiet)
		w.ownRuns(present-day, present+week)
		assert.Empty(t, fired(t, m, w, present+week, o))
	})
}

func TestBusyWeek(t *testing.T) {
	each(t, func(t *testing.T, m monitored, stampLate bool, o alarmsim.Options) {
		w := newWorld(t, m, 2)
		w.stampLate = stampLate
		w.learned(present-day, busy)
		w.live(present-day, present+week, busy)
		w.hiccups(present-day, present+week)
		w.ownRuns(present-day, present+week)
		assert.Empty(t, fired(t, m, w, present+week, o))
	})
}

// Somebody runs an evaluation: ten minutes of many calls are no pace.
func TestBurst(t *testing.T) {
	each(t, func(t *testing.T, m monitored, stampLate bool, o alarmsim.Options) {
		w := newWorld(t, m, 5)
		w.stampLate = stampLate
		w.learned(present-day, busy)
		w.live(present-day, present+day, busy)
		for minute := range 10 {
			w.call(present+10*hour+minute, 500, w.converse())
		}
		w.ownRuns(present-day, present+day)
		for _, alarm := range fired(t, m, w, present+day, o) {
			assert.NotContains(t, alarm, "SpendPace", "the quota is another matter")
		}
	})
}

// CloudFormation changes the logging configuration, roles and rules; the guard
// does not look while its function is replaced.
func TestDeployment(t *testing.T) {
	each(t, func(t *testing.T, m monitored, stampLate bool, o alarmsim.Options) {
		w := newWorld(t, m, 3)
		w.stampLate = stampLate
		w.live(present-day, present+day, quiet)
		at := present + 10*hour
		for _, call := range []struct{ source, name, parameters string }{
			{"bedrock", "PutModelInvocationLoggingConfiguration", `{}`},
			{"iam", "PutRolePolicy", `{"roleName":"` + w.role + `"}`},
			{"events", "PutRule", `{"name":"` + w.rule + `"}`},
		} {
			w.tell(at+2, management(call.source, call.name, call.parameters, w.deploying()), 1)
		}
		w.ownRuns(present-day, present+day, at)
		assert.ElementsMatch(t, m.notifying(regexp.MustCompile("TamperAlarmByDeployment")), fired(t, m, w, present+day, o), "it is marked")
	})
}

// deploying is in the identity of CloudFormation with the deploy role.
func (w *world) deploying() string {
	return `"invokedBy":"cloudformation.amazonaws.com","sessionContext":{"sessionIssuer":{"arn":"` + w.deployRole + `"}},`
}

// AWS KMS rotates a key by itself, once a year.
func TestKeyRotation(t *testing.T) {
	each(t, func(t *testing.T, m monitored, stampLate bool, o alarmsim.Options) {
		w := newWorld(t, m, 4)
		w.stampLate = stampLate
		w.live(present-day, present+day, quiet)
		w.tell(present+10*hour, `{"eventVersion":"1.08","userIdentity":{"accountId":"111122223333","invokedBy":"AWS Internal"},"eventTime":"2026-11-24T09:15:00Z",`+
			`"eventSource":"kms.amazonaws.com","eventName":"RotateKey","awsRegion":"eu-west-1","sourceIPAddress":"AWS Internal","userAgent":"AWS Internal",`+
			`"requestParameters":null,"responseElements":null,"eventID":"a24b3967-ddad-417f-9b22-2332b918db06","readOnly":false,`+
			`"resources":[{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}],`+
			`"eventType":"AwsServiceEvent","recipientAccountId":"111122223333","serviceEventDetails":{"keyId":"1234abcd-12ab-34cd-56ef-1234567890ab"},"eventCategory":"Management"}`, 1)
		w.ownRuns(present-day, present+day)
		assert.Empty(t, fired(t, m, w, present+day, o))
	})
}

// management is the event of a call that changes something.
func management(source, name, parameters, identity string) string {
	return `{"eventVersion":"1.10","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:alice","arn":"arn:aws:sts::111122223333:assumed-role/Admin/alice",` + identity +
		`"accountId":"111122223333"},"eventTime":"2026-11-24T09:15:00Z","eventSource":"` + source + `.amazonaws.com","eventName":"` + name + `","awsRegion":"eu-west-1",` +
		`"sourceIPAddress":"203.0.113.64","requestParameters":` + parameters + `,"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"}`
}
