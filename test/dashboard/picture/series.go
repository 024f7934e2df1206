package picture

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Source has the data points of metrics, for a week.
type Source interface {
	// Start is when the week begins.
	Start() time.Time
	// Points are the data points of a metric, one for each period of so many
	// seconds; NaN is none. dimension and value are empty for a metric without
	// dimensions. A metric that the source does not know is an error.
	Points(metric Metric, statistic string, period int) ([]float64, error)
	// Usual is the range in which the points of the metric are expected.
	Usual(metric Metric, statistic string, period int) (low, high []float64, err error)
	// Values are those of the dimension for which the metric has data.
	Values(namespace, dimension, name string) []string
}

// Metric names a metric with at most one dimension.
type Metric struct{ Namespace, Name, Dimension, Value string }

const week = 7 * 24 * time.Hour

// series is what one line or area shows.
type series struct {
	label, color string
	points       []float64
	// high makes it a band between points and high.
	high []float64
}

func (s series) empty() bool {
	for _, p := range s.points {
		if !math.IsNaN(p) {
			return false
		}
	}
	return true
}

func (g graphProperties) series(source Source) ([]series, error) {
	var found []series
	named := map[string]Metric{}
	stats := map[string]string{}
	for _, raw := range g.Metrics {
		metric, options, err := parseMetric(raw)
		if err != nil {
			return nil, err
		}
		if metric != nil {
			points, err := source.Points(*metric, options.Stat, g.Period)
			if err != nil {
				return nil, err
			}
			named[options.ID], stats[options.ID] = *metric, options.Stat
			found = append(found, series{label: dynamic(options.Label, "", source, points, g.Period), color: options.Color, points: points})
			continue
		}
		computed, err := evaluate(options, g.Period, source, named, stats)
		if err != nil {
			return nil, err
		}
		found = append(found, computed...)
	}
	return found, nil
}

// parseMetric reads ["namespace", "name", {options}] or [{options}].
func parseMetric(raw []json.RawMessage) (*Metric, metricOptions, error) {
	var options metricOptions
	if n := len(raw); n != 1 && n != 3 {
		return nil, options, fmt.Errorf("a series of %d parts; the picture knows a namespace, a name and options, or an expression", n)
	}
	if err := strict(raw[len(raw)-1], &options); err != nil {
		return nil, options, fmt.Errorf("the options of a series: %w", err)
	}
	if len(raw) == 1 {
		return nil, options, nil
	}
	var metric Metric
	if err := strict(raw[0], &metric.Namespace); err != nil {
		return nil, options, err
	}
	if err := strict(raw[1], &metric.Name); err != nil {
		return nil, options, err
	}
	return &metric, options, nil
}

var (
	searchForm = regexp.MustCompile(`^SEARCH\('\{([^,}]+),([^,}]+)\} MetricName="(\w+)"', '(\w+)', (\d+)\)$`)
	sumForm    = regexp.MustCompile(`^SUM\((SEARCH\(.*\))\)$`)
	maxForm    = regexp.MustCompile(`^MAX\(SEARCH\('Namespace="([^"]+)" MetricName="(\w+)" (\w+)="([^"]+)"', '(\w+)', (\d+)\)\)$`)
	bandForm   = regexp.MustCompile(`^ANOMALY_DETECTION_BAND\((\w+), \d+\)$`)
)

func evaluate(options metricOptions, period int, source Source, named map[string]Metric, stats map[string]string) ([]series, error) {
	if form := bandForm.FindStringSubmatch(options.Expression); form != nil {
		metric, ok := named[form[1]]
		if !ok {
			return nil, fmt.Errorf("%s: no series has the id %s before it", options.Expression, form[1])
		}
		low, high, err := source.Usual(metric, stats[form[1]], period)
		return []series{{label: options.Label, color: options.Color, points: low, high: high}}, err
	}
	if form := maxForm.FindStringSubmatch(options.Expression); form != nil {
		if err := samePeriod(options.Expression, form[6], period); err != nil {
			return nil, err
		}
		points, err := source.Points(Metric{form[1], form[2], form[3], form[4]}, form[5], period)
		return []series{{label: options.Label, color: options.Color, points: points}}, err
	}
	if form := sumForm.FindStringSubmatch(options.Expression); form != nil {
		parts, err := search(form[1], "", period, source)
		if err != nil {
			return nil, err
		}
		sum := series{label: options.Label, color: options.Color}
		for _, part := range parts {
			sum.points = add(sum.points, part.points)
		}
		return []series{sum}, nil
	}
	return search(options.Expression, options.Label, period, source)
}

func samePeriod(expression, searched string, period int) error {
	if searched != strconv.Itoa(period) {
		return fmt.Errorf("%s searches another period than its graph's, %d", expression, period)
	}
	return nil
}

func search(expression, label string, period int, source Source) ([]series, error) {
	form := searchForm.FindStringSubmatch(expression)
	if form == nil {
		return nil, fmt.Errorf("the picture does not know the expression %s", expression)
	}
	if err := samePeriod(expression, form[5], period); err != nil {
		return nil, err
	}
	var found []series
	for _, value := range source.Values(form[1], form[2], form[3]) {
		points, err := source.Points(Metric{form[1], form[3], form[2], value}, form[4], period)
		if err != nil {
			return nil, err
		}
		found = append(found, series{label: dynamic(label, value, source, points, period), points: points})
	}
	return found, nil
}

// add adds points one by one; no data and a number is the number.
func add(a, b []float64) []float64 {
	sum := append([]float64(nil), b...)
	for i := range a {
		switch {
		case math.IsNaN(sum[i]):
			sum[i] = a[i]
		case !math.IsNaN(a[i]):
			sum[i] += a[i]
		}
	}
	return sum
}

var propForm = regexp.MustCompile(`\$\{PROP\('Dim\.\w+'\)\}`)

// dynamic fills in what CloudWatch fills in (user guide, "Dynamic labels").
func dynamic(label, value string, source Source, points []float64, period int) string {
	label = propForm.ReplaceAllLiteralString(label, value)
	if strings.Contains(label, "${LAST_TIME_RELATIVE}") {
		last := 0
		for i, p := range points {
			if !math.IsNaN(p) {
				last = i
			}
		}
		ago := week - time.Duration(last)*time.Duration(period)*time.Second
		label = strings.ReplaceAll(label, "${LAST_TIME_RELATIVE}", fmt.Sprintf("%d minutes ago", int(ago.Minutes())))
	}
	return label
}
