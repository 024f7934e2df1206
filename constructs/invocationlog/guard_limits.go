package invocationlog

import (
	"fmt"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

const (
	// driftIntervals is how many intervals the alarm on drift looks at in one
	// period. With a period of one interval it would flap: metrics arrive some
	// minutes late, and for a newest period that is still empty CloudWatch takes
	// an older data point.
	driftIntervals = 2
	// silentIntervals is how many intervals in a row have to be without a check
	// for the alarm on silence: a run that is late, or that a deployment holds
	// up, is none.
	silentIntervals = 3
	// maxMinutes keeps those intervals within the day that an alarm may look
	// back (CloudWatch API reference, PutMetricAlarm, EvaluationPeriods).
	maxMinutes = 24 * 60 / silentIntervals
	// maxHealsPerHour keeps the times of the heals, which the guard remembers,
	// within the 4 KB of an SSM parameter.
	maxHealsPerHour = 60
)

// guardLimits are the plain values that decide how often the guard acts.
type guardLimits struct {
	minutes      float64
	heals        bool
	healsPerHour float64
}

func (p InvocationLoggingGuardProps) limits() guardLimits {
	limits := guardLimits{minutes: 15}
	if p.Interval != nil {
		// Not ToMinutes, which panics with a message of its own on seconds.
		limits.minutes = *p.Interval.ToMilliseconds(nil) / 60000
	}
	if p.Heal != nil {
		limits.heals = true
		limits.healsPerHour = 3
		if p.Heal.MaxPerHour != nil {
			limits.healsPerHour = *p.Heal.MaxPerHour
		}
	}
	return limits
}

// problems are written so that NaN is refused too.
func (l guardLimits) problems() []error {
	var found []error
	if !whole(l.minutes, 1, maxMinutes) {
		found = append(found, misuse.Errorf(pkg, "InvocationLoggingGuardProps.Interval has to be whole minutes, 1 to %d, got %v minutes; give Duration_Minutes", maxMinutes, l.minutes))
	}
	if l.heals && !whole(l.healsPerHour, 1, maxHealsPerHour) {
		found = append(found, misuse.Errorf(pkg, "HealProps.MaxPerHour has to be a whole number, 1 to %d, got %v; leave InvocationLoggingGuardProps.Heal out to change nothing", maxHealsPerHour, l.healsPerHour))
	}
	return found
}

func whole(n float64, least, most int) bool {
	return n >= float64(least) && n <= float64(most) && n == float64(int(n))
}

// placeProblems refuses to watch from elsewhere: the guard would look at the
// configuration of its own account and Region. What only the deployment knows
// is not compared.
func placeProblems(guard, logging policies.Place) []error {
	var found []error
	for _, part := range []struct{ name, guard, logging string }{
		{"account", guard.Account, logging.Account},
		{"Region", guard.Region, logging.Region},
	} {
		if part.guard != part.logging && !strings.Contains(part.guard+part.logging, "${Token[") {
			found = append(found, misuse.Errorf(pkg, "InvocationLoggingGuardProps.Logging is of another %s, got %s for a guard in %s; make a guard in each account and Region", part.name, part.logging, part.guard))
		}
	}
	return found
}

// rate is the interval as a schedule of EventBridge writes it.
func (l guardLimits) rate() string {
	if l.minutes == 1 {
		return "rate(1 minute)"
	}
	return fmt.Sprintf("rate(%v minutes)", l.minutes)
}

func (l guardLimits) driftDescription(logGroupName string) string {
	return fmt.Sprintf("Model calls may be going unrecorded: the Bedrock logging configuration, or what it relies on, is not as it was declared.\n\n"+
		"What differs: run in CloudWatch Logs Insights, log group %s:\n"+
		"fields @timestamp, check, decision, difference | filter ispresent(difference) | sort @timestamp desc | limit 20\n\n"+
		"Who did it: the message on the topic says so for the logging configuration; for the rest ask CloudTrail.\n"+
		"To mend it: deploy the stacks again, or undo the change by hand. It is over when %d checks in a row find nothing.", logGroupName, driftIntervals)
}

func (l guardLimits) silenceDescription(logGroupName string) string {
	return fmt.Sprintf("Nobody is watching the Bedrock logging configuration: for %v minutes no run of the guard could do all its checks.\n\n"+
		"Why: run in CloudWatch Logs Insights, log group %s:\n"+
		"fields @timestamp, msg, check, error | filter ispresent(error) | sort @timestamp desc | limit 20\n\n"+
		"Without any log event the function is not called: look for its rules in EventBridge, and for its throttles in Lambda. "+
		"It is over with the first run in which all checks give a result.", l.minutes*silentIntervals, logGroupName)
}
