package report

import (
	"math"
	"sort"
	"time"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// hourlyDays is up to how many days are shown hour by hour.
const hourlyDays = 2

// maxPoints is how many columns a chart over time has at most. It is two months
// of days.
const maxPoints = 62

// series is the totals over time, without gaps: a step in which nothing
// happened is a point of zeros.
type series struct {
	Step   string // hour, day, week, month or year
	Points []point
}

// point is the sum of one step.
type point struct {
	Start time.Time
	amounts
}

// step is a length of time that calls are summed over.
type step struct {
	name  string
	start func(time.Time) time.Time // of the step that holds the time
	next  func(time.Time) time.Time // start of the following step
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// steps are the lengths from fine to coarse. Weeks start on Monday (ISO 8601).
var steps = []step{
	{"hour", func(t time.Time) time.Time { return t.Truncate(time.Hour) },
		func(t time.Time) time.Time { return t.Add(time.Hour) }},
	{"day", func(t time.Time) time.Time { return date(t.Year(), t.Month(), t.Day()) },
		func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"week", func(t time.Time) time.Time {
		return date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7)
	}, func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }},
	{"month", func(t time.Time) time.Time { return date(t.Year(), t.Month(), 1) },
		func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{"year", func(t time.Time) time.Time { return date(t.Year(), 1, 1) },
		func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
}

// overTime sums an answer by the finest step that fits a chart. The chart spans
// the filter's range where it is given, else that of the calls.
func overTime(days, hours *engine.Result, from, to time.Time) (series, error) {
	question, column, answer, choice := "cost by day", "day", days, steps[1:]
	if hours != nil {
		question, column, answer, choice = "cost by hour", "hour", hours, steps
	}
	var points []point
	err := each(question, answer, func(w *row) {
		points = append(points, point{w.time(column), readAmounts(w)})
	})
	if err != nil || len(points) == 0 {
		return series{}, err
	}
	sort.Slice(points, func(i, j int) bool { return points[i].Start.Before(points[j].Start) })
	first, last := points[0].Start, points[len(points)-1].Start
	if !from.IsZero() && from.Before(first) {
		first = from.UTC()
	}
	// To is exclusive: a range that ends at midnight has no part of that day.
	if end := to.Add(-time.Nanosecond).UTC(); !to.IsZero() && end.After(last) {
		last = end
	}
	for _, s := range choice[:len(choice)-1] {
		if out := s.sum(points, first, last, maxPoints); out != nil {
			return series{s.name, out}, nil
		}
	}
	years := choice[len(choice)-1]
	return series{years.name, years.sum(points, first, last, math.MaxInt)}, nil
}

// sum adds up points, which are in order of time, step by step. It gives up
// with nil if that takes more than limit steps.
func (s step) sum(points []point, first, last time.Time, limit int) []point {
	var out []point
	for t := s.start(first); !t.After(last); t = s.next(t) {
		if len(out) == limit {
			return nil
		}
		p := point{Start: t}
		for next := s.next(t); len(points) > 0 && points[0].Start.Before(next); points = points[1:] {
			p.amounts = p.plus(points[0].amounts)
		}
		out = append(out, p)
	}
	return out
}
