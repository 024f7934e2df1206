package alarmsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Alarms are those of a template.
type Alarms struct {
	metric     map[string]metricAlarm
	composite  map[string]compositeAlarm
	order      []string // of composites, each after those that it refers to
	properties map[string]any
}

type metricAlarm struct {
	period, periods int // minutes, and how many
	threshold       threshold
	compare         func(number, limit float64) bool
	of              source
	limit           source // a band, or nil
	number          float64
}

type compositeAlarm struct {
	rule rule
	of   []string
}

// alarmProperties are those that say what an alarm evaluates, and notifies.
type alarmProperties struct {
	ActionsEnabled                                   *bool
	AlarmActions, OKActions, InsufficientDataActions any
	AlarmDescription, AlarmName, Tags                any

	Namespace, MetricName, Statistic, ExtendedStatistic string
	Dimensions                                          []dimension
	Metrics                                             []metricQuery
	Period, EvaluationPeriods, DatapointsToAlarm        int
	ComparisonOperator, TreatMissingData                string
	Threshold                                           *float64
	ThresholdMetricId                                   string
}

type dimension struct{ Name, Value string }

type metricQuery struct {
	Id, Expression string
	Label          any
	Period         int
	ReturnData     *bool
	MetricStat     *struct {
		Metric struct {
			Namespace, MetricName string
			Dimensions            []dimension
		}
		Period int
		Stat   string
	}
}

type compositeProperties struct {
	ActionsEnabled                                   *bool
	AlarmActions, OKActions, InsufficientDataActions any
	AlarmDescription, AlarmName, Tags                any
	AlarmRule                                        string
}

// Load reads the alarms of a template. The error names each that this package
// cannot evaluate in full, and why.
func Load(template map[string]any) (*Alarms, error) {
	a := &Alarms{metric: map[string]metricAlarm{}, composite: map[string]compositeAlarm{}, properties: map[string]any{}}
	resources, _ := template["Resources"].(map[string]any)
	names := map[string]string{}
	var problems []error
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		properties, _ := Resolve(resource["Properties"]).(map[string]any)
		var err error
		switch resource["Type"] {
		case "AWS::CloudWatch::Alarm":
			a.metric[id], err = newMetricAlarm(properties)
		case "AWS::CloudWatch::CompositeAlarm":
			a.composite[id], err = newCompositeAlarm(properties)
		case "AWS::CloudWatch::AnomalyDetector":
			err = errors.New("is of a type that is not evaluated")
		default:
			continue
		}
		a.properties[id] = properties
		names["${"+id+".Arn}"], names["${"+id+"}"] = id, id
		if name, ok := properties["AlarmName"].(string); ok {
			names[name] = id
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", id, err))
		}
	}
	return a, errors.Join(append(problems, a.refer(names)...)...)
}

// IDs lists the logical ids of all alarms.
func (a *Alarms) IDs() []string { return slices.Sorted(maps.Keys(a.properties)) }

// Notifies is whether an alarm tells anybody when it fires.
func (a *Alarms) Notifies(id string) bool {
	properties, _ := a.properties[id].(map[string]any)
	actions, _ := properties["AlarmActions"].([]any)
	return len(actions) > 0 && properties["ActionsEnabled"] != false
}

// Properties are those of an alarm, with all references resolved.
func (a *Alarms) Properties(id string) map[string]any {
	properties, _ := a.properties[id].(map[string]any)
	return properties
}

// read decodes properties, and refuses those that are not known.
func read(properties map[string]any, into any) error {
	raw, err := json.Marshal(properties)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func newMetricAlarm(properties map[string]any) (metricAlarm, error) {
	var p alarmProperties
	if err := read(properties, &p); err != nil {
		return metricAlarm{}, err
	}
	if p.DatapointsToAlarm == 0 {
		p.DatapointsToAlarm = p.EvaluationPeriods
	}
	if p.TreatMissingData == "" {
		p.TreatMissingData = "missing"
	}
	alarm := metricAlarm{
		periods:   p.EvaluationPeriods,
		threshold: threshold{p.EvaluationPeriods, p.DatapointsToAlarm, p.TreatMissingData},
	}
	sources, seconds, err := p.sources()
	if err != nil {
		return alarm, err
	}
	alarm.of, alarm.period = sources.returned, seconds/60
	if p.ThresholdMetricId != "" {
		if alarm.limit = sources.bands[p.ThresholdMetricId]; alarm.limit == nil {
			return alarm, fmt.Errorf("has no band %q", p.ThresholdMetricId)
		}
		if p.ComparisonOperator == "LessThanLowerThreshold" {
			b := alarm.limit.(band)
			b.deviations = -b.deviations
			alarm.limit = b
		}
	} else if p.Threshold != nil {
		alarm.number = *p.Threshold
	} else {
		return alarm, errors.New("has neither Threshold nor ThresholdMetricId")
	}
	alarm.compare, err = comparison(p.ComparisonOperator, p.ThresholdMetricId != "")
	return alarm, errors.Join(err, p.problems(seconds))
}

func (p alarmProperties) problems(seconds int) error {
	switch {
	case seconds < 60 || seconds%60 != 0:
		return fmt.Errorf("has a period of %d seconds, which is not whole minutes", seconds)
	case p.EvaluationPeriods < 1 || p.DatapointsToAlarm > p.EvaluationPeriods:
		return fmt.Errorf("alarms on %d of %d", p.DatapointsToAlarm, p.EvaluationPeriods)
	case p.EvaluationPeriods*seconds > 24*3600:
		return errors.New("looks at more than a day, which CloudWatch evaluates once an hour")
	case !slices.Contains([]string{"missing", "ignore", "breaching", "notBreaching"}, p.TreatMissingData):
		return fmt.Errorf("treats missing data as %q", p.TreatMissingData)
	}
	return nil
}

func comparison(operator string, banded bool) (func(number, limit float64) bool, error) {
	ofBands := map[string]func(a, b float64) bool{
		"GreaterThanUpperThreshold": func(a, b float64) bool { return a > b },
		"LessThanLowerThreshold":    func(a, b float64) bool { return a < b },
	}
	others := map[string]func(a, b float64) bool{
		"GreaterThanOrEqualToThreshold": func(a, b float64) bool { return a >= b },
		"GreaterThanThreshold":          func(a, b float64) bool { return a > b },
		"LessThanThreshold":             func(a, b float64) bool { return a < b },
		"LessThanOrEqualToThreshold":    func(a, b float64) bool { return a <= b },
	}
	from := others
	if banded {
		from = ofBands
	}
	if compare := from[operator]; compare != nil {
		return compare, nil
	}
	return nil, fmt.Errorf("unknown comparison %q", operator)
}

func newCompositeAlarm(properties map[string]any) (compositeAlarm, error) {
	var p compositeProperties
	if err := read(properties, &p); err != nil {
		return compositeAlarm{}, err
	}
	rule, of, err := parseRule(p.AlarmRule)
	return compositeAlarm{rule, of}, err
}

// refer replaces names and ARNs in rules by logical ids, and puts the composites
// in order.
func (a *Alarms) refer(names map[string]string) (problems []error) {
	done := map[string]bool{}
	for id := range a.metric {
		done[id] = true
	}
	waiting := slices.Sorted(maps.Keys(a.composite))
	for _, id := range waiting {
		c := a.composite[id]
		ids := map[string]string{}
		for i, name := range c.of {
			if names[name] == "" {
				problems = append(problems, fmt.Errorf("%s: refers to %q, which is not in the template", id, name))
			}
			ids[name] = names[name]
			c.of[i] = names[name]
		}
		byName := c.rule
		c.rule = func(states map[string]State) bool {
			named := map[string]State{}
			for name, id := range ids {
				named[name] = states[id]
			}
			return byName(named)
		}
		a.composite[id] = c
	}
	for len(waiting) > 0 && len(problems) == 0 {
		i := slices.IndexFunc(waiting, func(id string) bool {
			return !slices.ContainsFunc(a.composite[id].of, func(other string) bool { return !done[other] })
		})
		if i < 0 {
			return []error{fmt.Errorf("%s: refer to each other in a circle", strings.Join(waiting, ", "))}
		}
		a.order, done[waiting[i]] = append(a.order, waiting[i]), true
		waiting = slices.Delete(waiting, i, i+1)
	}
	return problems
}
