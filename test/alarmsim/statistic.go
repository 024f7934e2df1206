package alarmsim

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// point is a data point, or none.
type point struct {
	number float64
	exists bool
}

func exactly(number float64) point { return point{number, true} }

// aggregate is what a statistic is made of.
type aggregate struct {
	count, sum, least, most float64
	keep                    bool // values, which percentiles need
	values                  []float64
}

func (a *aggregate) add(v float64) {
	if a.count == 0 {
		a.least, a.most = v, v
	}
	a.count, a.sum = a.count+1, a.sum+v
	a.least, a.most = min(a.least, v), max(a.most, v)
	if a.keep {
		a.values = append(a.values, v)
	}
}

func isPercentile(statistic string) bool { return strings.HasPrefix(statistic, "p") }

func (a *aggregate) statistic(name string) point {
	if a.count == 0 {
		return point{}
	}
	switch name {
	case "Sum":
		return exactly(a.sum)
	case "SampleCount":
		return exactly(a.count)
	case "Average":
		return exactly(a.sum / a.count)
	case "Maximum":
		return exactly(a.most)
	case "Minimum":
		return exactly(a.least)
	}
	percent, _ := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
	slices.Sort(a.values)
	rank := int(math.Ceil(percent / 100 * a.count))
	return exactly(a.values[max(rank, 1)-1])
}

func statisticProblem(name string) error {
	switch name {
	case "Sum", "SampleCount", "Average", "Maximum", "Minimum":
		return nil
	}
	if rest, ok := strings.CutPrefix(name, "p"); ok {
		if percent, err := strconv.ParseFloat(rest, 64); err == nil && percent > 0 && percent <= 100 {
			return nil
		}
	}
	return fmt.Errorf("unknown statistic %q", name)
}
