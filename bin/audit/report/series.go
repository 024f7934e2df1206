package report

import (
	"errors"
	"math"
	"slices"
	"time"
)

// maxPoints is how many columns a chart over time has at most: two months of
// days, two days and a half of hours.
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
	Throttled, Failed int64 // calls; failed for another reason than throttling
}

func (p point) plus(q point) point {
	return point{p.Start, p.amounts.plus(q.amounts), p.Throttled + q.Throttled, p.Failed + q.Failed}
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

// points reads the hours of all answers that have them.
func points(a *answers) ([]point, error) {
	var out []point
	add := func(w *row, p point) {
		p.Start = w.time("hour")
		out = append(out, p)
	}
	return out, errors.Join(
		each("cost by hour", a.spend, func(w *row) { add(w, point{amounts: readAmounts(w)}) }),
		each("hours", a.served, func(w *row) { add(w, point{Failed: w.number("calls") - w.number("served")}) }),
		each("throttles", a.throttles, func(w *row) { add(w, point{Throttled: w.number("calls"), Failed: -w.number("calls")}) }),
	)
}

// overTime sums points by the finest step that fits a chart. The chart spans
// the filter's range where it is given, else that of the points.
func overTime(points []point, from, to time.Time) series {
	if len(points) == 0 {
		return series{}
	}
	slices.SortStableFunc(points, func(a, b point) int { return a.Start.Compare(b.Start) })
	first, last := points[0].Start, points[len(points)-1].Start
	if !from.IsZero() && from.Before(first) {
		first = from.UTC()
	}
	// To is exclusive: a range that ends at midnight has no part of that day.
	if end := to.Add(-time.Nanosecond).UTC(); !to.IsZero() && end.After(last) {
		last = end
	}
	years := steps[len(steps)-1]
	for _, s := range steps[:len(steps)-1] {
		if out := s.sum(points, first, last, maxPoints); out != nil {
			return series{s.name, out}
		}
	}
	return series{years.name, years.sum(points, first, last, math.MaxInt)}
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
			p = p.plus(points[0])
		}
		out = append(out, p)
	}
	return out
}
