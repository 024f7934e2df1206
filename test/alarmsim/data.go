package alarmsim

import (
	"slices"
	"strings"
)

// Metric names a metric.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
}

// key tells metrics apart.
func (m Metric) key() string {
	parts := []string{m.Namespace, m.Name}
	for _, name := range m.dimensionNames() {
		parts = append(parts, name, m.Dimensions[name])
	}
	return strings.Join(parts, "\x00")
}

func (m Metric) dimensionNames() []string {
	names := make([]string, 0, len(m.Dimensions))
	for name := range m.Dimensions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Data are the values of metrics, by minutes from a start that a test chooses.
// They are for one test at a time.
type Data struct {
	series map[string]*series
	past   map[pastPoint]float64
}

// pastPoint is a data point that bands look at again and again.
type pastPoint struct {
	of            statistics
	from, minutes int
}

type series struct {
	metric  Metric
	minutes [][]value // by the minute of the data
}

type value struct {
	arrives int
	number  float64
}

// NewData is without any value.
func NewData() *Data {
	return &Data{series: map[string]*series{}, past: map[pastPoint]float64{}}
}

// Put adds a value of the minute at, 0 or later, that CloudWatch has from the end
// of the minute arrives on.
func (d *Data) Put(m Metric, at, arrives int, number float64) {
	clear(d.past)
	s := d.series[m.key()]
	if s == nil {
		s = &series{metric: m}
		d.series[m.key()] = s
	}
	if missing := at + 1 - len(s.minutes); missing > 0 {
		s.minutes = append(s.minutes, make([][]value, missing)...)
	}
	s.minutes[at] = append(s.minutes[at], value{max(at, arrives), number})
}

// Metrics lists all metrics that have values.
func (d *Data) Metrics() []Metric {
	var list []Metric
	for _, key := range d.keys() {
		list = append(list, d.series[key].metric)
	}
	return list
}

func (d *Data) keys() []string {
	keys := make([]string, 0, len(d.series))
	for key := range d.series {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// collect adds the values of the minutes from from, until and without to, that
// have arrived when the minute now begins.
func (s *series) collect(all *aggregate, from, to, now int) {
	if s == nil {
		return
	}
	for minute := max(from, 0); minute < min(to, len(s.minutes)); minute++ {
		for _, v := range s.minutes[minute] {
			if v.arrives < now {
				all.add(v.number)
			}
		}
	}
}
