package alarmsim

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// source is where the data points of an alarm come from: that of the minutes
// from from, until and without to, as known when the minute now begins.
type source interface {
	point(d *Data, from, to, now int) point
}

// statistics is the source of a metric.
type statistics struct {
	key, name string
}

func (s statistics) point(d *Data, from, to, now int) point {
	all := aggregate{keep: isPercentile(s.name)}
	d.series[s.key].collect(&all, from, to, now)
	return all.statistic(s.name)
}

// query is the source of a Metrics Insights query.
type query struct {
	statistic, metric, namespace string
	schema                       []string // nil: any dimensions
	where                        map[string]string
}

// queryMinutes is how far back an alarm on a query sees (CloudWatch user guide,
// "Metrics Insights quotas").
const queryMinutes = 180

var (
	queryText = regexp.MustCompile(`^SELECT (SUM|MAX|MIN|AVG|COUNT)\((\w+)\) FROM (?:SCHEMA\("([^"]+)"((?:, ?\w+)*)\)|"([^"]+)")(?: WHERE (.+))?$`)
	equals    = regexp.MustCompile(`^(\w+) ?= ?'([^']*)'$`)
)

func isQuery(text string) bool { return strings.HasPrefix(text, "SELECT ") }

func parseQuery(text string) (query, error) {
	m := queryText.FindStringSubmatch(text)
	if m == nil {
		return query{}, fmt.Errorf("query %q: is of no known form", text)
	}
	names := map[string]string{"SUM": "Sum", "MAX": "Maximum", "MIN": "Minimum", "AVG": "Average", "COUNT": "SampleCount"}
	q := query{statistic: names[m[1]], metric: m[2], namespace: m[3] + m[5], where: map[string]string{}}
	if m[3] != "" {
		q.schema = []string{}
		for name := range strings.SplitSeq(m[4], ",") {
			if name = strings.TrimSpace(name); name != "" {
				q.schema = append(q.schema, name)
			}
		}
		slices.Sort(q.schema)
	}
	if m[6] != "" {
		for condition := range strings.SplitSeq(m[6], " AND ") {
			e := equals.FindStringSubmatch(condition)
			if e == nil {
				return query{}, fmt.Errorf("query %q: the condition %q is of no known form", text, condition)
			}
			q.where[e[1]] = e[2]
		}
	}
	return q, nil
}

func (q query) point(d *Data, from, to, now int) point {
	if from < now-queryMinutes {
		return point{}
	}
	var all aggregate
	for _, s := range d.series {
		if q.takes(s.metric) {
			s.collect(&all, from, to, now)
		}
	}
	return all.statistic(q.statistic)
}

func (q query) takes(m Metric) bool {
	if m.Namespace != q.namespace || m.Name != q.metric {
		return false
	}
	if q.schema != nil && !slices.Equal(q.schema, m.dimensionNames()) {
		return false
	}
	for name, value := range q.where {
		if m.Dimensions[name] != value {
			return false
		}
	}
	return true
}

// calculation is the source of an expression on others.
type calculation struct {
	expression expression
	of         map[string]source
}

func (c calculation) point(d *Data, from, to, now int) point {
	return c.expression(func(id string) point { return c.of[id].point(d, from, to, now) })
}

// band is the source of the upper or lower end of an anomaly detection band.
type band struct {
	of         statistics
	deviations float64 // below 0 for the lower end
}

var bandText = regexp.MustCompile(`^ANOMALY_DETECTION_BAND\((\w+)(?:, ?([0-9.]+))?\)$`)

const (
	day      = 24 * 60
	week     = 7 * day
	vicinity = 3 // hours
)

func (b band) point(d *Data, from, to, now int) point {
	if from < 3*week {
		return point{}
	}
	minutes := to - from
	middle := (b.learned(d, from-week, minutes) + b.learned(d, from-2*week, minutes)) / 2
	squares, n := 0.0, 0.0
	for days := range 7 {
		for hour := -vicinity; hour <= vicinity; hour++ {
			at := from - week - days*day + 60*hour
			// The standard deviation of two values is their difference by root 2.
			difference := b.learned(d, at, minutes) - b.learned(d, at-week, minutes)
			squares, n = squares+difference*difference/2, n+1
		}
	}
	// A further value strays from a mean of two by more than a value by itself.
	return exactly(middle + b.deviations*math.Sqrt(squares/n*1.5))
}

// learned is a value of a week ago or more, 0 where there was no data.
func (b band) learned(d *Data, from, minutes int) float64 {
	key := pastPoint{b.of, from, minutes}
	number, ok := d.past[key]
	if !ok {
		number = b.of.point(d, from, from+minutes, from+week).number
		d.past[key] = number
	}
	return number
}

func parseBand(text string) (id string, deviations float64, ok bool) {
	m := bandText.FindStringSubmatch(text)
	if m == nil {
		return "", 0, false
	}
	deviations = 2
	if m[2] != "" {
		var err error
		if deviations, err = strconv.ParseFloat(m[2], 64); err != nil {
			return "", 0, false
		}
	}
	return m[1], deviations, true
}
