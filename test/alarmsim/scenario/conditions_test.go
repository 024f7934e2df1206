package scenario_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/alarmsim"
)

// steady is an application whose day has no hours.
func steady(w *world, _ int) float64 { return float64(200 + w.random.IntN(90)) }

// condition is what an alarm is for. It begins at ten o'clock.
type condition struct {
	name    string
	inject  func(w *world, at int)
	minutes int // that it lasts
	alarms  string
	// within is the time in which each of these alarms fires, and over that after
	// the end in which none does any longer.
	within, over int
}

// Allowances, in minutes, over the periods of alarms: for data that is late, and
// for the further periods that CloudWatch may look at.
const (
	nativeLate = nativeDelay + 1
	recordLate = deliveryDelay + nativeDelay + 1
	eventLate  = trailDelay + nativeDelay + 1
	further    = 2
)

func once(namespace, name string) func(w *world, at int) {
	return func(w *world, at int) { w.put(namespace, name, at, 1) }
}

// during does something in each minute.
func during(minutes int, what func(w *world, minute int)) func(w *world, at int) {
	return func(w *world, at int) {
		for minute := at; minute < at+minutes; minute++ {
			what(w, minute)
		}
	}
}

func caller(event string) func(w *world, at int) {
	return func(w *world, at int) { w.tell(at, w.event(event), 1) }
}

func undelivered(destination string, minutes int) func(w *world, at int) {
	return func(w *world, at int) { w.noDelivery[destination] = alarmsim.Span{From: at, To: at + minutes} }
}

var conditions = []condition{
	{"delivery to CloudWatch Logs fails", once("AWS/Bedrock", "ModelInvocationLogsCloudWatchDeliveryFailure"), 1, `DeliveryFailureCloudWatch`, nativeLate, 15 + nativeLate},
	{"delivery to S3 fails", once("AWS/Bedrock", "ModelInvocationLogsS3DeliveryFailure"), 1, `DeliveryFailureS3`, nativeLate, 15 + nativeLate},
	{"delivery of a large body fails", once("AWS/Bedrock", "ModelInvocationLargeDataS3DeliveryFailure"), 1, `DeliveryFailureLargeData`, nativeLate, 15 + nativeLate},
	{"nothing reaches CloudWatch Logs", undelivered("CloudWatch", 6*hour), 6 * hour, `SilenceCloudWatch`, 3*hour + further*30 + nativeLate, nativeLate},
	{"nothing reaches S3", undelivered("S3", 6*hour), 6 * hour, `SilenceS3`, 3*hour + further*30 + nativeLate, nativeLate},
	{"calls are throttled", func(w *world, at int) { w.fail(at, 6, "InvocationThrottles") }, 1, `ThrottlingAlarm|Quota.*Throttles`, recordLate, (3+further)*5 + recordLate},
	{"the endpoint that is not recorded is called", once("AWS/BedrockMantle", "Inferences"), 1, `UnloggedEndpoint`, nativeLate, 15 + nativeLate},
	{"somebody changes a role of the paper trail", func(w *world, at int) {
		w.tell(at, management("iam", "PutRolePolicy", `{"roleName":"`+w.role+`"}`, ""), 1)
	}, 1, `TamperAlarm[0-9A-F]{8}$`, eventLate, (6+further)*5 + eventLate},
	{"somebody changes it through CloudFormation", func(w *world, at int) {
		w.tell(at, management("iam", "PutRolePolicy", `{"roleName":"`+w.role+`"}`, `"invokedBy":"cloudformation.amazonaws.com",`), 1)
	}, 1, `TamperAlarm[0-9A-F]{8}$`, eventLate, (6+further)*5 + eventLate},
	{"a deployment changes it", func(w *world, at int) {
		w.tell(at, management("iam", "PutRolePolicy", `{"roleName":"`+w.role+`"}`, w.deploying()), 1)
	}, 1, `TamperAlarmByDeployment`, eventLate, (6+further)*5 + eventLate},
	{"guardrails intervene", func(w *world, at int) { w.call(at, 11, w.record("converse-guardrail")) }, 1, `ContentInterventions`, recordLate, hour + recordLate},
	{"records hold sensitive data", func(w *world, at int) {
		w.data.Put(w.findings, at, at+nativeDelay, 1)
	}, 1, `ContentFindings`, nativeLate, 3*hour + nativeLate},
	{"calls name no user", during(hour, func(w *world, minute int) {
		w.call(minute, 10, w.record("converse-without-metadata"))
	}), hour, `Unattributed`, hour + recordLate, hour + recordLate},
	{"callers err", during(20, func(w *world, minute int) { w.fail(minute, 150, "InvocationClientErrors") }), 20, `Errors.*ClientErrors`, 10 + nativeLate, (3+further)*5 + nativeLate},
	{"the model fails", during(20, func(w *world, minute int) { w.fail(minute, 40, "InvocationServerErrors") }), 20, `Errors.*ServerErrors`, 10 + nativeLate, (3+further)*5 + nativeLate},
	{"answers are slow", during(20, func(w *world, minute int) { w.putModel("InvocationLatency", minute, 150_000) }), 20, `Errors.*Latency`, 10 + nativeLate, 15 + nativeLate},
	{"first tokens are slow", during(20, func(w *world, minute int) { w.putModel("TimeToFirstToken", minute, 20_000) }), 20, `Errors.*TimeToFirstToken`, 10 + nativeLate, 15 + nativeLate},
	{"the quota is nearly used up", during(5, func(w *world, minute int) {
		w.putModel("EstimatedTPMQuotaUsage", minute, quota*0.4)
	}), 5, `Quota.*Quota`, 5 + nativeLate, 5 + nativeLate},
	{"another application uses as much again", during(4*hour, func(w *world, minute int) {
		w.deliver(minute, w.converse(), 250)
	}), 4 * hour, `SpendPace`, 2*hour + recordLate, 2*hour + recordLate},
	{"root calls", caller("root-converse"), 1, `CallersRoot|CallersUnlisted`, eventLate, hour + eventLate},
	{"an IAM user calls", caller("user-invoke-model"), 1, `CallersUser|CallersUnlisted`, eventLate, hour + eventLate},
	{"a role calls that is not on the list", caller("role-unlisted"), 1, `CallersUnlisted`, eventLate, hour + eventLate},
	{"something is not as declared", func(w *world, at int) { w.guard(at+7, 1) }, 1, `InvocationLoggingGuardDrift`, 7 + nativeLate, (2+further)*guardInterval + nativeLate},
	{"the guard does not look", func(w *world, at int) { w.asleep = alarmsim.Span{From: at, To: at + 3*hour} }, 3 * hour, `InvocationLoggingGuardSilence`, (2+further)*guardInterval + nativeLate, guardInterval + nativeLate},
	{"a fill of the ledger fails", func(w *world, at int) { w.execution(at, "ExecutionsFailed") }, 1, `LedgerAlarmsFailed`, nativeLate, (1+further)*hour + nativeLate},
	{"a fill of the ledger takes too long", func(w *world, at int) { w.execution(at, "ExecutionsTimedOut") }, 1, `LedgerAlarmsFailed`, nativeLate, (1+further)*hour + nativeLate},
	{"somebody stops a fill of the ledger", func(w *world, at int) { w.execution(at, "ExecutionsAborted") }, 1, `LedgerAlarmsFailed`, nativeLate, (1+further)*hour + nativeLate},
	{"nobody fills the ledger", func(w *world, at int) { w.unfilled = alarmsim.Span{From: at, To: at + 6*hour} }, 6 * hour, `LedgerAlarmsNotFilled`, (3+further)*hour + nativeLate, (1+further)*hour + nativeLate},
	{"calls arrive late in the ledger", func(w *world, at int) { w.fill(at, "LedgerLag", 7*3600) }, 1, `LedgerAlarmsLate`, nativeLate, (1+further)*hour + nativeLate},
	{"lines cannot be read", func(w *world, at int) { w.fill(at, "LedgerUnreadable", 1) }, 1, `LedgerAlarmsUnreadable`, nativeLate, (1+further)*hour + nativeLate},
	{"the ledger has calls twice", func(w *world, at int) { w.fill(at, "LedgerDuplicates", 1) }, 1, `LedgerAlarmsDuplicated`, nativeLate, (1+further)*hour + nativeLate},
	{"the ledger lacks calls", func(w *world, at int) { w.fill(at, "LedgerMissing", 1) }, 1, `LedgerAlarmsMissing`, nativeLate, (1+further)*hour + nativeLate},
}

// Each condition is noticed by its alarms, by all that a stack has and by no
// others.
func TestConditionsFireTheirAlarms(t *testing.T) {
	each(t, func(t *testing.T, m monitored, stampLate bool, o alarmsim.Options) {
		for i, c := range conditions {
			expected := m.notifying(regexp.MustCompile(c.alarms))
			if len(expected) == 0 {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				w := newWorld(t, m, uint64(i))
				w.stampLate = stampLate
				at := day + 10*hour
				if c.alarms == "SpendPace" {
					at += present
					w.learned(at-day, steady)
				}
				end := at + c.minutes
				c.inject(w, at)
				w.live(at-day, end+c.over+hour, steady)
				w.ownRuns(at-day, end+c.over+hour)
				history, err := m.alarms.Run(w.publish(), at-hour, end+c.over+hour, o)
				require.NoError(t, err)
				assert.ElementsMatch(t, expected, m.told(history))
				for _, id := range expected {
					spans := history.Spans(id)
					if assert.NotEmpty(t, spans, id) {
						assert.GreaterOrEqual(t, spans[0].From, at, "%s: not before", id)
						assert.LessOrEqual(t, spans[0].From, at+c.within, "%s: within %d minutes, %v", id, c.within, spans)
						assert.LessOrEqual(t, spans[len(spans)-1].To, end+c.over, "%s: over after %d minutes, %v", id, c.over, spans)
					}
				}
			})
		}
	})
}

// No alarm of a stack is left without a condition.
func TestEveryAlarmHasItsCondition(t *testing.T) {
	for _, m := range theMonitored(t) {
		for _, id := range m.notifying(regexp.MustCompile(``)) {
			tested := false
			for _, c := range conditions {
				tested = tested || regexp.MustCompile(c.alarms).MatchString(id)
			}
			assert.True(t, tested, "%s: %s fires on no condition of this package", m.name, id)
		}
	}
}
