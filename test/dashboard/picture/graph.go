package picture

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// palette is for series that choose no colour.
var palette = []string{"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2"}

const (
	titleHeight  = 54
	legendLine   = 17
	legendRoom   = 2 // lines, so that the axes of neighbours are level
	bottomMargin = 12
)

func (c *canvas) graph(g graphProperties, in box, source Source) error {
	if g.View != "timeSeries" || g.YAxis.Left.ShowUnits || g.YAxis.Left.Min != 0 {
		return fmt.Errorf("%s: the picture knows time series from 0, with a label for their unit", g.Title)
	}
	all, err := g.series(source)
	if err != nil {
		return fmt.Errorf("%s: %w", g.Title, err)
	}
	for i := range all {
		if all[i].color == "" {
			all[i].color = palette[i%len(palette)]
		}
	}
	c.label(in.x+14, in.y+22, 13, ink, "start", true, shorten(g.Title, in.width-28, 13.9))
	c.label(in.x+14, in.y+38, 11, faintInk, "start", false, g.YAxis.Left.Label)

	legend := legendLines(all, in.width-28)
	plot := box{in.x + 48, in.y + titleHeight, in.width - 64, 0}
	plot.height = in.y + in.height - bottomMargin - float64(max(len(legend), legendRoom))*legendLine - 22 - plot.y
	s := scale{plot: plot, start: source.Start(), top: 1}
	if g.YAxis.Left.Max != nil {
		s.top = *g.YAxis.Left.Max
	} else {
		s.fit(all, g.Stacked)
	}
	c.axes(s)
	c.legend(legend, in.x+14, plot.y+plot.height+38)
	if !slices.ContainsFunc(all, func(s series) bool { return !s.empty() }) {
		c.label(plot.x+plot.width/2, plot.y+plot.height/2, 12, faintInk, "middle", false, "No data in this week")
		return nil
	}
	if g.Stacked {
		c.stack(s, all, g.Period)
		return nil
	}
	for _, one := range all {
		if one.high != nil {
			c.area(one.color, 0.22, s.edge(one.high, g.Period), s.edge(one.points, g.Period))
		}
	}
	for _, one := range all {
		if one.high == nil {
			c.polyline(s, one, g.Period)
		}
	}
	return nil
}

// scale places times and values in a plot.
type scale struct {
	plot  box
	start time.Time
	top   float64
	step  float64
}

// fit chooses round numbers for the axis, with some room above the highest
// point.
func (s *scale) fit(all []series, stacked bool) {
	highest := 0.0
	var sum []float64
	for _, one := range all {
		for _, points := range [][]float64{one.points, one.high} {
			for _, p := range points {
				if !math.IsNaN(p) {
					highest = max(highest, p)
				}
			}
		}
		sum = add(sum, one.points)
	}
	if stacked {
		for _, p := range sum {
			if !math.IsNaN(p) {
				highest = max(highest, p)
			}
		}
	}
	if highest == 0 {
		highest = 0.9
	}
	magnitude := math.Pow(10, math.Floor(math.Log10(highest/4)))
	for _, round := range []float64{1, 2, 2.5, 5, 10} {
		if s.step = round * magnitude; s.step*4.6 >= highest {
			break
		}
	}
	s.top = s.step * math.Ceil(highest*1.02/s.step)
}

func (s scale) x(i, period int) float64 {
	return s.plot.x + s.plot.width*float64(i*period)/week.Seconds()
}

func (s scale) y(value float64) float64 {
	return s.plot.y + s.plot.height*(1-min(value, s.top)/s.top)
}

func (s scale) edge(points []float64, period int) []point {
	var edge []point
	for i, p := range points {
		edge = append(edge, point{s.x(i, period), s.y(p)})
	}
	return edge
}

type point struct{ x, y float64 }

func (c *canvas) axes(s scale) {
	step := s.step
	if step == 0 {
		step = s.top
	}
	for v := 0.0; v <= s.top*1.001; v += step {
		color := faint
		if v == 0 {
			color = "#aab7b8"
		}
		c.line(s.plot.x, s.y(v), s.plot.x+s.plot.width, s.y(v), color)
		c.label(s.plot.x-6, s.y(v)+4, 11, faintInk, "end", false, tick(v))
	}
	for day := range 7 {
		x := s.x(day*24, 3600)
		c.line(x, s.plot.y+s.plot.height, x, s.plot.y+s.plot.height+4, "#aab7b8")
		c.label(s.x(day*24+12, 3600), s.plot.y+s.plot.height+16, 11, faintInk, "middle", false,
			s.start.AddDate(0, 0, day).Format("Mon 2"))
	}
}

func tick(v float64) string {
	switch {
	case v >= 1e6:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v/1e6), ".0") + " M"
	case v >= 1e4 || (v >= 1e3 && math.Mod(v, 1e3) == 0):
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v/1e3), ".0") + " k"
	default:
		return fmt.Sprintf("%g", math.Round(v*100)/100)
	}
}

func (c *canvas) polyline(s scale, one series, period int) {
	has := func(i int) bool { return i >= 0 && i < len(one.points) && !math.IsNaN(one.points[i]) }
	var path strings.Builder
	for i, p := range one.points {
		x, y := px(s.x(i, period)), px(s.y(p))
		switch {
		case !has(i):
		case has(i - 1):
			fmt.Fprintf(&path, "L%s %s", x, y)
		case has(i + 1):
			fmt.Fprintf(&path, "M%s %s", x, y)
		default: // a point alone would not be seen as a line
			c.printf(`<circle cx="%s" cy="%s" r="1.8" fill="%s"/>`+"\n", x, y, one.color)
		}
	}
	if path.Len() > 0 {
		c.printf(`<path d="%s" fill="none" stroke="%s" stroke-width="1.4" stroke-linejoin="round"/>`+"\n", path.String(), one.color)
	}
}

// stack draws the series on top of each other; no data counts as nothing.
func (c *canvas) stack(s scale, all []series, period int) {
	var below []float64
	for _, one := range all {
		points := one.points
		for i := range points {
			if math.IsNaN(points[i]) {
				points[i] = 0
			}
		}
		if below == nil {
			below = make([]float64, len(points))
		}
		above := add(below, points)
		c.area(one.color, 0.55, s.edge(above, period), s.edge(below, period))
		c.polyline(s, series{color: one.color, points: above}, period)
		below = above
	}
}

func (c *canvas) area(color string, opacity float64, upper, lower []point) {
	var path strings.Builder
	pen := "M"
	for _, p := range upper {
		fmt.Fprintf(&path, "%s%s %s", pen, px(p.x), px(p.y))
		pen = "L"
	}
	for _, p := range slices.Backward(lower) {
		fmt.Fprintf(&path, "L%s %s", px(p.x), px(p.y))
	}
	c.printf(`<path d="%sZ" fill="%s" fill-opacity="%g"/>`+"\n", path.String(), color, opacity)
}

// legendLines breaks the legend into lines.
func legendLines(all []series, width float64) [][]series {
	lines := [][]series{nil}
	used := 0.0
	for _, one := range all {
		one.label = shorten(one.label, width-16, 11)
		wide := legendWidth(one)
		if used > 0 && used+wide-16 > width {
			lines, used = append(lines, nil), 0
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], one)
		used += wide
	}
	return lines
}

func legendWidth(one series) float64 { return 14 + textWidth(one.label, 11, false) + 16 }

func (c *canvas) legend(lines [][]series, x, y float64) {
	for i, line := range lines {
		left := x
		for _, one := range line {
			top := y + float64(i)*legendLine
			opacity := ""
			if one.high != nil {
				opacity = ` fill-opacity="0.35"`
			}
			c.printf(`<rect x="%s" y="%s" width="9" height="9" fill="%s"%s/>`+"\n", px(left), px(top-9), one.color, opacity)
			c.label(left+14, top, 11, ink, "start", false, one.label)
			left += legendWidth(one)
		}
	}
}
