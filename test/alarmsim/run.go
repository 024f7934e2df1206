package alarmsim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Options say what AWS leaves open.
type Options struct {
	// FurtherPeriods is how many data points CloudWatch retrieves beyond
	// EvaluationPeriods, to take instead of missing ones.
	FurtherPeriods int
}

// Span is when an alarm was in a state: from a minute until, and without,
// another.
type Span struct{ From, To int }

// History is what became of alarms.
type History struct {
	spans map[string][]Span // in alarm
}

// Fired lists the alarms that were in alarm at any time.
func (h History) Fired() []string { return slices.Sorted(maps.Keys(h.spans)) }

// Spans lists when an alarm was in alarm.
func (h History) Spans(id string) []Span { return h.spans[id] }

// Run evaluates all alarms at the beginning of each minute from from, until and
// without to.
func (a *Alarms) Run(d *Data, from, to int, o Options) (History, error) {
	states := map[string]State{}
	for id := range a.properties {
		states[id] = InsufficientData
	}
	h := History{map[string][]Span{}}
	enter := func(id string, now int, state State) {
		spans := h.spans[id]
		if state == Alarm && states[id] != Alarm {
			h.spans[id] = append(spans, Span{now, to})
		} else if state != Alarm && states[id] == Alarm {
			spans[len(spans)-1].To = now
		}
		states[id] = state
	}
	ids := slices.Sorted(maps.Keys(a.metric))
	var problems []error
	for now := from; now < to && len(problems) == 0; now++ {
		for _, id := range ids {
			alarm := a.metric[id]
			state, err := alarm.threshold.state(alarm.points(d, now, o), states[id])
			if err != nil {
				problems = append(problems, fmt.Errorf("%s, minute %d: %w", id, now, err))
				continue
			}
			enter(id, now, state)
		}
		for _, id := range a.order {
			state := OK
			if a.composite[id].rule(states) {
				state = Alarm
			}
			enter(id, now, state)
		}
	}
	return h, errors.Join(problems...)
}

// points are those of the evaluation range, the oldest first.
func (m metricAlarm) points(d *Data, now int, o Options) []verdict {
	list := make([]verdict, m.periods+o.FurtherPeriods)
	for i := range list {
		to := now - (len(list)-1-i)*m.period
		p := m.of.point(d, to-m.period, to, now)
		limit := exactly(m.number)
		if p.exists && m.limit != nil {
			limit = m.limit.point(d, to-m.period, to, now)
		}
		switch {
		case !p.exists || !limit.exists:
			list[i] = missing
		case m.compare(p.number, limit.number):
			list[i] = breaching
		default:
			list[i] = within
		}
	}
	return list
}
