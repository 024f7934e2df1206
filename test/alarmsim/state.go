package alarmsim

import "fmt"

// State is that of an alarm.
type State string

const (
	// OK is within the threshold, or a rule that is false.
	OK State = "OK"
	// Alarm is outside of the threshold, or a rule that is true.
	Alarm State = "ALARM"
	// InsufficientData is that of an alarm that has had no data.
	InsufficientData State = "INSUFFICIENT_DATA"
)

// verdict is about one data point.
type verdict int

const (
	missing verdict = iota
	within
	breaching
)

// threshold is how many of how many data points have to breach.
type threshold struct {
	periods, toAlarm int
	missing          string // the treatment
}

// state is what the data points of the evaluation range, the oldest first, make
// of an alarm that is in the state current.
func (t threshold) state(points []verdict, current State) (State, error) {
	var real []verdict
	for _, p := range points {
		if p != missing {
			real = append(real, p)
		}
	}
	if len(real) > t.periods {
		real = real[len(real)-t.periods:]
	}
	toFill := t.periods - len(real)
	breaches := 0
	for _, p := range real {
		if p == breaching {
			breaches++
		}
	}
	if t.missing == "breaching" {
		breaches += toFill
	}
	switch {
	case breaches >= t.toAlarm:
		return Alarm, nil
	case t.missing == "breaching", t.missing == "notBreaching", breaches < len(real):
		return OK, nil
	case t.missing == "ignore":
		return current, nil
	case len(real) == 0:
		return InsufficientData, nil
	case t.premature(points):
		return Alarm, nil
	}
	return "", fmt.Errorf("%d of %d data points with missing data as missing: AWS does not say what %v is", t.toAlarm, t.periods, points)
}

// premature is whether the oldest breach within the periods is as old as it takes
// to alarm, with nothing but breaches and missing data since.
func (t threshold) premature(points []verdict) bool {
	points = points[len(points)-t.periods:]
	for i, p := range points {
		if p == breaching {
			return len(points)-i >= t.toAlarm
		}
	}
	return false
}
