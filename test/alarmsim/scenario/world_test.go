package scenario_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/alarmsim"
	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

// Minutes. Minute 0 is a Monday's first.
const (
	hour = 60
	day  = 24 * hour
	week = 7 * day
	// present is when a scenario begins: what is usual has been learned.
	present = 3 * week
)

// Delays in minutes.
const (
	nativeDelay   = 2  // of AWS's own metrics
	deliveryDelay = 20 // the longest, of a record: it is delivered in batches
	trailDelay    = 15 // the longest, of an event in a trail's log group
)

type logGroup int

const (
	records logGroup = iota // of the model invocations
	events                  // of the trail
)

// metricFilter is one of a template, with its logical id.
type metricFilter struct {
	id string
	filterpattern.Filter
}

// entry is a log event, as often as it was logged.
type entry struct {
	text  string
	count float64
}

// world is an account: its models are called, and it has metrics.
type world struct {
	t       *testing.T
	data    *alarmsim.Data
	random  *rand.Rand
	filters map[logGroup][]metricFilter
	logged  map[logGroup]map[[2]int][]entry // by minute of the metric, and arrival
	seen    map[string][]filterpattern.Datum
	// stampLate gives metrics of log events the time at which they arrived, and
	// not their own. AWS does not say which it is.
	stampLate bool
	// noDelivery is when nothing is delivered, to which destination.
	noDelivery map[string]alarmsim.Span
	findings   alarmsim.Metric
	// asleep is when the guard does not look, unfilled when nobody fills the ledger.
	asleep, unfilled alarmsim.Span
	// machine is the ARN of what fills it.
	machine string
	// role and rule are names of the paper trail's own, deployRole is CloudFormation's.
	role, rule, deployRole string
}

func newWorld(t *testing.T, m monitored, seed uint64) *world {
	t.Helper()
	return &world{
		t: t, data: alarmsim.NewData(), random: rand.New(rand.NewPCG(seed, 1)),
		filters: m.filters, findings: m.findings, role: m.role, rule: m.rule, deployRole: m.deployRole, machine: m.machine,
		logged:     map[logGroup]map[[2]int][]entry{records: {}, events: {}},
		seen:       map[string][]filterpattern.Datum{},
		noDelivery: map[string]alarmsim.Span{},
	}
}

func (w *world) put(namespace, name string, minute int, number float64) {
	w.data.Put(alarmsim.Metric{Namespace: namespace, Name: name}, minute, minute+nativeDelay, number)
}

// putModel puts a metric of Amazon Bedrock about a model.
func (w *world) putModel(name string, minute int, number float64) {
	w.data.Put(alarmsim.Metric{Namespace: "AWS/Bedrock", Name: name, Dimensions: map[string]string{"ModelId": model}}, minute, minute+nativeDelay, number)
}

// upTo is a number of minutes, from 0 on.
func (w *world) upTo(most int) int { return w.random.IntN(most + 1) }

func (w *world) log(group logGroup, minute, delay int, text string, count float64) {
	arrives, at := minute+delay, minute
	if w.stampLate {
		at = arrives
	}
	key := [2]int{at, arrives}
	w.logged[group][key] = append(w.logged[group][key], entry{text, count})
}

// batch is how many records are delivered at once.
const batch = 50

// deliver has Amazon Bedrock deliver the record of calls to both destinations.
func (w *world) deliver(minute int, record string, count float64) {
	for ; count > batch; count -= batch {
		w.deliverBatch(minute, record, batch)
	}
	w.deliverBatch(minute, record, count)
}

func (w *world) deliverBatch(minute int, record string, count float64) {
	delay := w.upTo(deliveryDelay)
	for _, destination := range []string{"CloudWatch", "S3"} {
		if gap := w.noDelivery[destination]; minute+delay >= gap.From && minute+delay < gap.To {
			continue
		}
		w.put("AWS/Bedrock", "ModelInvocationLogs"+destination+"DeliverySuccess", minute+delay, count)
		if destination == "CloudWatch" {
			w.log(records, minute, delay, record, count)
		}
	}
}

// tell has CloudTrail write events to the trail's log group.
func (w *world) tell(minute int, event string, count float64) {
	w.log(events, minute, w.upTo(trailDelay), event, count)
}

// Tokens of a call.
const (
	inputTokens  = 800
	outputTokens = 300
)

// call has calls of the model that succeed.
func (w *world) call(minute int, count float64, record string) {
	if count == 0 {
		return
	}
	w.putModel("Invocations", minute, count)
	w.putModel("InputTokenCount", minute, count*inputTokens)
	w.putModel("OutputTokenCount", minute, count*outputTokens)
	w.putModel("EstimatedTPMQuotaUsage", minute, count*(inputTokens+outputTokens))
	for range 5 {
		w.putModel("InvocationLatency", minute, 2000+w.random.Float64()*20000)
		w.putModel("TimeToFirstToken", minute, 300+w.random.Float64()*2000)
	}
	w.deliver(minute, record, count)
	w.tell(minute, w.event("role-converse"), count)
}

// fail has calls that Amazon Bedrock refuses, counted by one of its metrics.
func (w *world) fail(minute int, count float64, metric string) {
	if count == 0 {
		return
	}
	w.putModel(metric, minute, count)
	record, event := "converse-refused", "role-converse"
	if metric == "InvocationThrottles" {
		record, event = "converse-throttled", "role-throttled"
	}
	w.deliver(minute, w.record(record), count)
	w.tell(minute, w.event(event), count)
}

// guard has the guard look.
func (w *world) guard(minute int, drift float64) {
	w.put("PaperTrail", "LoggingConfigurationDrift", minute, drift)
	w.put("PaperTrail", "LoggingConfigurationChecks", minute, 1)
}

// ownRuns has the guard look at each interval, a minute late at times, but not at
// the intervals without, and the ledger filled each hour.
func (w *world) ownRuns(from, to int, without ...int) {
	for run := from; run < to; run += guardInterval {
		skipped := run >= w.asleep.From && run < w.asleep.To
		for _, minute := range without {
			skipped = skipped || run == minute
		}
		if !skipped {
			w.guard(run+w.upTo(1), 0)
		}
	}
	for run := from + fillMinute; run < to; run += hour {
		if run < w.unfilled.From || run >= w.unfilled.To {
			w.fill(run+w.upTo(5), "", 0)
		}
	}
}

// fillMinute is when the ledger is filled.
const fillMinute = 25

// fill has the ledger filled, and one of the metrics of the fill say something.
func (w *world) fill(minute int, metric string, number float64) {
	for name, usual := range map[string]float64{"LedgerRows": 100, "LedgerLag": 80 * 60, "LedgerUnreadable": 0, "LedgerMissing": 0, "LedgerDuplicates": 0, "LedgerHoursFailed": 0} {
		if name == metric {
			usual = number
		}
		w.data.Put(alarmsim.Metric{Namespace: "PaperTrail", Name: name, Dimensions: map[string]string{"Database": "paper_trail_test"}}, minute, minute+nativeDelay, usual)
	}
}

// execution has an execution of the fill end badly.
func (w *world) execution(minute int, metric string) {
	w.data.Put(alarmsim.Metric{Namespace: "AWS/States", Name: metric, Dimensions: map[string]string{"StateMachineArn": w.machine}}, minute, minute+nativeDelay, 1)
}

// publish has the metric filters read what was logged.
func (w *world) publish() *alarmsim.Data {
	w.t.Helper()
	for group, minutes := range w.logged {
		for when, entries := range minutes {
			for _, filter := range w.filters[group] {
				w.publishOne(filter, when[0], when[1], entries)
			}
		}
	}
	w.logged = map[logGroup]map[[2]int][]entry{records: {}, events: {}}
	return w.data
}

func (w *world) publishOne(filter metricFilter, at, arrives int, entries []entry) {
	matched := false
	for _, e := range entries {
		for _, datum := range w.observe(filter, e.text) {
			w.data.Put(alarmsim.Metric{Namespace: filter.Namespace, Name: filter.Name, Dimensions: datum.Dimensions}, at, arrives+nativeDelay, datum.Value*e.count)
			matched = true
		}
	}
	if !matched && filter.Default != nil {
		w.data.Put(alarmsim.Metric{Namespace: filter.Namespace, Name: filter.Name}, at, arrives+nativeDelay, *filter.Default)
	}
}

// observe is what a filter publishes about an event. There are few different
// events, so each is read once.
func (w *world) observe(filter metricFilter, text string) []filterpattern.Datum {
	key := filter.id + text
	if list, ok := w.seen[key]; ok {
		return list
	}
	datum, err := filter.Observe(text)
	require.NoError(w.t, err)
	var list []filterpattern.Datum
	if datum != nil {
		list = append(list, *datum)
	}
	w.seen[key] = list
	return list
}

// record and event are samples of package alerting, in one line.
func (w *world) record(name string) string { return w.sample("invocation", name) }
func (w *world) event(name string) string  { return w.sample("trail", name) }

var samples = map[string]string{}

func (w *world) sample(folder, name string) string {
	path := filepath.Join("..", "..", "..", "constructs", "alerting", "testdata", "records", folder, name+".json")
	if samples[path] == "" {
		raw, err := os.ReadFile(path)
		require.NoError(w.t, err)
		var line bytes.Buffer
		require.NoError(w.t, json.Compact(&line, raw))
		samples[path] = line.String()
	}
	return samples[path]
}

// converse is the record of a call with the tokens of this package.
func (w *world) converse() string {
	return strings.NewReplacer(`"inputTokenCount":31`, `"inputTokenCount":800`, `"outputTokenCount":17`, `"outputTokenCount":300`).Replace(w.record("converse"))
}
