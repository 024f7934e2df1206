package report

import (
	"math"
	"strconv"
)

// The charts are drawn by the page's template. Lengths along the page are in
// percent of the chart's width and heights in pixels, so that a chart fits any
// width while its text keeps its size; charting libraries draw for one width,
// in one set of colours.

// bars is a chart of horizontal bars with the name above and the number at the
// end of each.
type bars struct {
	ID, Title, Desc string
	Bars            []bar
}

// bar is one of them.
type bar struct {
	Name   string
	Plain  bool // a name that the report gives: "all others", "no user id"
	Value  string
	Length string // "43.21%"
}

// Layout of a bar chart, in pixels.
const (
	barPitch = 40
	barText  = 15
	barTop   = 22
	barThick = 10
)

// nameColumns is how much of a name a bar chart shows; the table has all of it.
const nameColumns = 28

func (b bars) Height() int     { return len(b.Bars)*barPitch - (barPitch - barTop - barThick) }
func (b bars) TextY(i int) int { return i*barPitch + barText }
func (b bars) NameY(i int) int { return i * barPitch }
func (b bars) NameBase() int   { return barText }
func (b bars) NameHeight() int { return barTop - 1 }
func (b bars) BarY(i int) int  { return i*barPitch + barTop }
func (b bars) Thick() int      { return barThick }

// columnChart is a chart over time of stacked columns.
type columnChart struct {
	ID, Title, Desc string
	Legend          []legend // of the layers; nil if there is one only
	Ticks           []tick
	Columns         []column
	Labels          []tickLabel
}

// legend names a layer.
type legend struct {
	Layer int
	Name  string
}

// tick is a line across the chart.
type tick struct {
	Y     float64
	Label string
}

// tickLabel names a column under the chart.
type tickLabel struct{ X, Text string }

// column is the stack of one step of time.
type column struct {
	X, Width string
	Parts    []part
}

// part is one layer of a stack; Layer counts from 1, as the style sheet does.
type part struct {
	Layer     int
	Y, Height float64
}

// Layout of a column chart, in pixels: the plot ends where the base line is.
const (
	plotTop    = 14
	plotBottom = 214
)

func (c columnChart) Base() int   { return plotBottom }
func (c columnChart) Height() int { return plotBottom + 24 }

// Labels under a column chart, so that they fit on a phone: how many at most,
// and up to where in percent one may begin.
const (
	maxLabels = 4
	lastLabel = 78
)

// minPitches keeps few columns from being drawn as broad as walls.
const minPitches = 8

// stack draws values[i] as the layers of column i, named names[i].
func stack(id, title, desc string, names []string, values [][]int64, label func(int64) string) columnChart {
	c := columnChart{ID: id, Title: title, Desc: desc}
	var highest int64
	for _, layers := range values {
		highest = max(highest, sum(layers))
	}
	ticks := niceTicks(highest)
	top := float64(ticks[len(ticks)-1])
	y := func(v int64) float64 {
		return hundredths(plotBottom - float64(v)/top*(plotBottom-plotTop))
	}
	for _, t := range ticks {
		c.Ticks = append(c.Ticks, tick{y(t), label(t)})
	}
	pitch := 100 / float64(max(len(values), minPitches))
	every := (len(names) + maxLabels - 1) / maxLabels
	for i, layers := range values {
		left := float64(i) * pitch
		col := column{X: inPercent(left + pitch*0.1), Width: inPercent(pitch * 0.8)}
		var below int64
		for l, v := range layers {
			if v > 0 {
				col.Parts = append(col.Parts, part{l + 1, y(below + v), hundredths(y(below) - y(below+v))})
			}
			below += v
		}
		c.Columns = append(c.Columns, col)
		if i%every == 0 && left <= lastLabel {
			c.Labels = append(c.Labels, tickLabel{col.X, names[i]})
		}
	}
	return c
}

func hundredths(v float64) float64 { return math.Round(v*100) / 100 }

func sum(values []int64) int64 {
	var s int64
	for _, v := range values {
		s += v
	}
	return s
}

// niceTicks returns three to six round numbers from 0 to one that is not below
// highest.
func niceTicks(highest int64) []int64 {
	for width := int64(1); ; width *= 10 {
		for _, step := range []int64{width, 2 * width, 5 * width} {
			n := highest / step
			if highest%step > 0 {
				n++
			}
			if n > 5 {
				continue
			}
			var ticks []int64
			for i := range max(n, 2) + 1 {
				ticks = append(ticks, i*step)
			}
			return ticks
		}
	}
}

// length is the part that a value takes of the largest, as a length.
func length(value, largest int64) string {
	if largest <= 0 || value <= 0 {
		return "0%"
	}
	return inPercent(float64(value) / float64(largest) * 100)
}

func inPercent(v float64) string {
	return strconv.FormatFloat(v, 'f', 3, 64) + "%"
}
