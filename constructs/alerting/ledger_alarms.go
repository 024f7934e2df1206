package alerting

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// LedgerAlarms fire when the ledger is not filled: an execution of its state
// machine failed, none came to an end for hours, calls arrive late in it, lines of
// the raw records cannot be read, or calls are missing or there twice without a
// reason.
//
// The record itself is not affected: what is missing in the ledger can be filled
// in later from the raw records. Hence all of them are warnings by default.
//
// After the first deployment the alarm on silence is on until the first fill; that
// on lateness may fire once, with the first daily fill, for the calls from before,
// and whenever somebody fills the past.
type LedgerAlarms interface {
	constructs.Construct
	// MetricFailures is the number of executions that failed; those that were
	// stopped or took too long are not in it. Default of opts: the sum in one
	// hour.
	MetricFailures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// LedgerAlarmsProps configures LedgerAlarms.
type LedgerAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// Ledger is watched. Required.
	Ledger ledger.Ledger
	// Warning is when to notify with severity Warning. Default: with the defaults
	// of LedgerThreshold, unless Critical is given.
	Warning *LedgerThreshold
	// Critical is when to notify with severity Critical. Default: never.
	Critical *LedgerThreshold
}

// LedgerThreshold is how incomplete the ledger may be.
type LedgerThreshold struct {
	// MaxFailures is the number of executions in an hour that failed, were stopped
	// or took too long, above which an alarm fires. Default: 0.
	MaxFailures *float64
	// MaxSilence is the time without a fill after which an alarm fires: whole
	// hours, 2 to 24. Default: 3 hours.
	MaxSilence awscdk.Duration
	// MaxLag is the time between a call and its arrival in the ledger above which
	// an alarm fires: 1 hour to 7 days. Default: 6 hours.
	MaxLag awscdk.Duration
	// MaxUnreadable is the number of lines that no row can be made of, in objects
	// that a fill came upon or measured, above which an alarm fires. Default: 0.
	MaxUnreadable *float64
	// MaxMissing is the number of calls of those that are measured that the ledger
	// lacks all the same, above which an alarm fires. Default: 0.
	MaxMissing *float64
	// MaxDuplicates is the number of rows that the ledger has too many of the calls
	// that are measured, above which an alarm fires. Default: 0.
	MaxDuplicates *float64
}

type ledgerAlarms struct {
	constructs.Construct
	watched watchedLedger
}

var _ LedgerAlarms = (*ledgerAlarms)(nil)

// NewLedgerAlarms makes six alarms for each severity.
//
// It panics without Alarms or Ledger, and on thresholds out of bounds; all
// problems of thresholds are in one message.
func NewLedgerAlarms(scope constructs.Construct, id *string, props *LedgerAlarmsProps) LedgerAlarms {
	misuse.RequireScope(pkg, "LedgerAlarms", scope, id)
	p := LedgerAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "LedgerAlarms", "Alarms", p.Alarms)
	misuse.Require(pkg, "LedgerAlarms", "Ledger", p.Ledger)
	var limits []graded[ledgerLimits]
	var problems []error
	for _, g := range grade(p.Warning, p.Critical, Severity_WARNING, LedgerThreshold{}) {
		l := g.threshold.limits()
		limits = append(limits, graded[ledgerLimits]{g.severity, l})
		problems = append(problems, l.problems()...)
	}
	misuse.PanicAll(problems)

	this := &ledgerAlarms{watched: watchedLedger{
		machineArn: *p.Ledger.StateMachineArn(),
		database:   *p.Ledger.Tables().DatabaseName(),
	}}
	constructs.NewConstruct_Override(this, scope, id)
	for _, g := range limits {
		for _, part := range this.watched.plans(g.threshold) {
			p.Alarms.alarm(this, part.id+string(g.severity), g.severity, part.plan)
		}
	}
	return this
}

func (a *ledgerAlarms) MetricFailures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	metric := a.watched.executions("ExecutionsFailed").metricOf(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Hours(jsii.Number(1))})
	if opts == nil {
		return metric
	}
	return metric.With(opts)
}

// ledgerLimits are the plain values of a LedgerThreshold; times in seconds.
type ledgerLimits struct{ failures, silence, lag, unreadable, missing, duplicates float64 }

func (t LedgerThreshold) limits() ledgerLimits {
	l := ledgerLimits{
		failures: or(t.MaxFailures, 0), silence: 3 * hour, lag: 6 * hour,
		unreadable: or(t.MaxUnreadable, 0), missing: or(t.MaxMissing, 0), duplicates: or(t.MaxDuplicates, 0),
	}
	if !misuse.IsNil(t.MaxSilence) {
		l.silence = seconds(t.MaxSilence)
	}
	if !misuse.IsNil(t.MaxLag) {
		l.lag = seconds(t.MaxLag)
	}
	return l
}

func (l ledgerLimits) problems() []error {
	found := slices.Concat(
		outside("LedgerThreshold.MaxFailures", l.failures, 0, maxCount),
		outside("LedgerThreshold.MaxUnreadable", l.unreadable, 0, maxCount),
		outside("LedgerThreshold.MaxMissing", l.missing, 0, maxCount),
		outside("LedgerThreshold.MaxDuplicates", l.duplicates, 0, maxCount),
	)
	if hours := l.silence / hour; hours != float64(int(hours)) || hours < 2 || hours > 24 {
		found = append(found, misuse.Errorf(pkg, "LedgerThreshold.MaxSilence has to be whole hours, 2 to 24, got %v seconds; give Duration_Hours", l.silence))
	}
	if l.lag < hour || l.lag > 7*24*hour {
		found = append(found, misuse.Errorf(pkg, "LedgerThreshold.MaxLag has to be 1 hour to 7 days, got %v seconds; give a Duration in between", l.lag))
	}
	return found
}

// ledgerPart is an alarm and the beginning of its id.
type ledgerPart struct {
	id   string
	plan alarmPlan
}

// watchedLedger is what the alarms need to know of a ledger.
type watchedLedger struct{ machineArn, database string }

func (w watchedLedger) executions(metric string) series {
	return series{namespace: "AWS/States", name: metric, statistic: "Sum", dimensions: map[string]string{"StateMachineArn": w.machineArn}}
}

func (w watchedLedger) fill(metric, statistic string) series {
	return series{namespace: ledger.MetricNamespace, name: metric, statistic: statistic, dimensions: map[string]string{ledger.DatabaseDimension: w.database}}
}

func (w watchedLedger) plans(l ledgerLimits) []ledgerPart {
	again := `Fill what is missing: aws stepfunctions start-execution with --input '{"hours": 72}', or with from and to.`
	return []ledgerPart{
		{"Failed", alarmPlan{
			told: told{
				title: "The fill of the ledger failed. The next one tries again, some hours back.",
				steps: []string{
					"Which state, and why: the failed execution of the state machine in the console; the error of a query is in its cause.",
					"LedgerFill.Hours: an object of these hours cannot be read, such as one that is cut short; all else was filled. Its name is in the error of the query.",
					"LedgerFill.NotAlone: another fill ran for an hour, of the past perhaps. Let it come to its end.",
					"Access denied: bucket, key, catalog or role were changed. Deploy again to put them back.",
					"Exceeded the bytes scanned cutoff: raise ScanLimits.",
					again,
				},
				anchor: "ledger-failed",
			},
			metrics: []mathPart{
				{id: "failed", series: w.executions("ExecutionsFailed")},
				{id: "timedOut", series: w.executions("ExecutionsTimedOut")},
				{id: "aborted", series: w.executions("ExecutionsAborted")},
				// SUM takes a metric without data for 0.
				{id: "all", expression: "SUM([failed, timedOut, aborted])", returned: true},
			},
			comparison: above, threshold: l.failures, periodSeconds: hour,
		}},
		{"NotFilled", alarmPlan{
			told: told{
				title: fmt.Sprintf("The ledger was not filled for %v hours.", l.silence/hour),
				steps: []string{
					"Is an alarm on a failed fill on, too? Then begin with that one.",
					"Do executions start? The schedules in EventBridge Scheduler are enabled, and their role may start the state machine.",
					"Deploy again to put them back.",
					again,
				},
				anchor: "ledger-not-filled",
			},
			metric:     w.fill(ledger.RowsMetricName, "SampleCount"),
			comparison: below, threshold: 1, missing: breaching,
			periodSeconds: hour, evaluationPeriods: int(l.silence) / hour, datapointsToAlarm: int(l.silence) / hour,
		}},
		{"Late", alarmPlan{
			told: told{
				title: fmt.Sprintf("A call arrived in the ledger more than %v hours after it was made.", l.lag/hour),
				steps: []string{
					"Was the ledger not filled for a time, or did somebody fill the past? Then that is why.",
					"Otherwise Amazon Bedrock delivers late: see the alarms on delivery, and compare a record's timestamp with when its object was made.",
					again,
				},
				anchor: "ledger-late",
			},
			metric:     w.fill(ledger.LagMetricName, "Maximum"),
			comparison: above, threshold: l.lag, periodSeconds: hour,
		}},
		{"Unreadable", alarmPlan{
			told: told{
				title: "The raw records have lines that no row of the ledger can be made of.",
				steps: []string{
					"Which objects: the saved query Unreadable objects. Which lines: Unreadable lines in the auditors' work group of Athena.",
					"A new form of record? Keep the line, and update the paper trail.",
					"A damaged object cannot be mended. Note it in the audit file; the log group and the trail may have the calls.",
				},
				anchor: "ledger-unreadable",
			},
			metric:     w.fill(ledger.UnreadableMetricName, "Maximum"),
			comparison: above, threshold: l.unreadable, periodSeconds: hour,
		}},
		{"Missing", alarmPlan{
			told: told{
				title: "The ledger lacks calls that are in the raw records, although it was filled.",
				steps: []string{
					"Which: the saved query Missing calls in the auditors' work group of Athena.",
					"Did somebody change the table, or delete its files? The access logs of its bucket tell who.",
					again,
				},
				anchor: "ledger-missing",
			},
			metric:     w.fill(ledger.MissingMetricName, "Maximum"),
			comparison: above, threshold: l.missing, periodSeconds: hour,
		}},
		{"Duplicated", alarmPlan{
			told: told{
				title: "The ledger has calls twice: sums of tokens and cost are too high.",
				steps: []string{
					"Did two fills run at once? One waits for the other, but not when a failed one is redriven.",
					"Did somebody insert into the table? The access logs of its bucket tell who.",
					"Make the days anew: delete their rows and fill them again, as the runbook says.",
				},
				anchor: "ledger-duplicated",
			},
			metric:     w.fill(ledger.DuplicatesMetricName, "Maximum"),
			comparison: above, threshold: l.duplicates, periodSeconds: hour,
		}},
	}
}
