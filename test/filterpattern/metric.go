package filterpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Filter is a metric filter with one transformation.
type Filter struct {
	// LogGroupName and Pattern say what it reads.
	LogGroupName string
	Pattern      *Pattern
	// Namespace and Name are the metric's.
	Namespace, Name string
	// Default is published for a minute with events of which none matches. Nil
	// is nothing.
	Default *float64

	value      string
	dimensions []dimension
}

type dimension struct {
	name string
	from selector
}

// Datum is what a filter publishes about one event.
type Datum struct {
	Value      float64
	Dimensions map[string]string
}

// ParseFilter reads the properties of an AWS::Logs::MetricFilter, with all
// intrinsic functions resolved. The error says what CloudWatch Logs would
// refuse, or what this package cannot evaluate.
func ParseFilter(properties map[string]any) (Filter, error) {
	raw, err := json.Marshal(properties)
	if err != nil {
		return Filter{}, err
	}
	var p struct {
		LogGroupName          any
		FilterPattern         string
		MetricTransformations []struct {
			MetricNamespace, MetricName, MetricValue string
			DefaultValue                             *float64
			Dimensions                               []struct{ Key, Value string }
		}
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return Filter{}, fmt.Errorf("metric filter: %w", err)
	}
	if len(p.MetricTransformations) != 1 {
		return Filter{}, fmt.Errorf("metric filter: has %d transformations, not one", len(p.MetricTransformations))
	}
	t := p.MetricTransformations[0]
	f := Filter{Namespace: t.MetricNamespace, Name: t.MetricName, Default: t.DefaultValue, value: t.MetricValue}
	f.LogGroupName, _ = p.LogGroupName.(string)
	if f.Pattern, err = Parse(p.FilterPattern); err != nil {
		return Filter{}, err
	}
	for _, d := range t.Dimensions {
		from, err := wholeSelector(d.Value)
		if err != nil {
			return Filter{}, err
		}
		f.dimensions = append(f.dimensions, dimension{d.Key, from})
	}
	return f, f.problem()
}

func (f Filter) problem() error {
	switch {
	case len(f.dimensions) > 3:
		return fmt.Errorf("metric filter of %s: has %d dimensions, more than 3", f.Name, len(f.dimensions))
	case len(f.dimensions) > 0 && f.Default != nil:
		return fmt.Errorf("metric filter of %s: has both dimensions and a default value", f.Name)
	case len(f.dimensions) > 0 && f.Pattern.json == nil:
		return fmt.Errorf("metric filter of %s: a pattern of terms does not support dimensions", f.Name)
	}
	return nil
}

// Observe is what the filter publishes about an event, or nil. An event whose
// value is missing or no number publishes nothing.
func (f Filter) Observe(event string) (*Datum, error) {
	matches, err := f.Pattern.Match(event)
	if err != nil || !matches {
		return nil, err
	}
	document, _ := decode(event)
	value, ok := f.number(document)
	if !ok {
		return nil, nil
	}
	datum := &Datum{Value: value, Dimensions: map[string]string{}}
	for _, d := range f.dimensions {
		found, _ := d.from.find(document)
		if len(found) == 0 {
			return nil, fmt.Errorf("dimension %s from %s: %w", d.name, event, ErrUndocumented)
		}
		switch v := found[0].(type) {
		case string:
			datum.Dimensions[d.name] = v
		case json.Number:
			datum.Dimensions[d.name] = v.String()
		default:
			return nil, fmt.Errorf("dimension %s from %s: %w", d.name, event, ErrUndocumented)
		}
	}
	return datum, nil
}

func (f Filter) number(document any) (float64, bool) {
	if !strings.HasPrefix(f.value, "$") {
		n, err := strconv.ParseFloat(f.value, 64)
		return n, err == nil
	}
	from, err := wholeSelector(f.value)
	if err != nil {
		return 0, false
	}
	found, wild := from.find(document)
	if wild || len(found) != 1 {
		return 0, false
	}
	n, ok := found[0].(json.Number)
	if !ok {
		return 0, false
	}
	value, err := n.Float64()
	return value, err == nil
}

func wholeSelector(text string) (selector, error) {
	p := &parser{rest: text}
	s, err := p.selector()
	if err == nil && (p.rest != "" || p.wildcards > 0) {
		err = errors.New("is not the selector of one field")
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", text, err)
	}
	return s, nil
}
