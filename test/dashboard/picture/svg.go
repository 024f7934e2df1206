package picture

import (
	"fmt"
	"html"
	"strings"
)

// A column and a row of the grid, and the space between widgets, in pixels.
const (
	columnWidth = 60
	rowHeight   = 46
	gap         = 8
	columns     = 24
)

const (
	ink      = "#16191f"
	faintInk = "#545b64"
	line     = "#d5dbdb"
	faint    = "#eaeded"
	page     = "#f2f3f3"
	paper    = "#ffffff"
	linkInk  = "#0073bb"
)

// SVG draws the body with the data of a source.
func (b Body) SVG(source Source) (string, error) {
	bottom := 0
	for _, w := range b.Widgets {
		bottom = max(bottom, w.Y+w.Height)
	}
	width, height := columns*columnWidth+gap, bottom*rowHeight+gap
	c := &canvas{}
	c.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="%s">`, width, height, width, height, font)
	c.printf("\n<title>A CloudWatch dashboard with made-up data</title>\n")
	c.rect(0, 0, float64(width), float64(height), page, "")
	for i, w := range b.Widgets {
		box := box{float64(w.X*columnWidth + gap), float64(w.Y*rowHeight + gap), float64(w.Width*columnWidth - gap), float64(w.Height*rowHeight - gap)}
		c.printf("\n<g id=\"widget-%d\" class=\"%s\">\n", i, html.EscapeString(w.Type))
		c.rect(box.x, box.y, box.width, box.height, paper, line)
		if err := c.widget(w, box, source); err != nil {
			return "", fmt.Errorf("widget %d: %w", i, err)
		}
		c.printf("</g>\n")
	}
	c.printf("</svg>\n")
	return c.String(), nil
}

type box struct{ x, y, width, height float64 }

func (c *canvas) widget(w Widget, in box, source Source) error {
	switch w.Type {
	case "text":
		var p textProperties
		if err := strict(w.Properties, &p); err != nil {
			return err
		}
		return c.text(p, in)
	case "alarm":
		var p alarmProperties
		if err := strict(w.Properties, &p); err != nil {
			return err
		}
		return c.alarms(p, in)
	case "metric":
		var p graphProperties
		if err := strict(w.Properties, &p); err != nil {
			return err
		}
		return c.graph(p, in, source)
	}
	return fmt.Errorf("the picture does not know widgets of type %q", w.Type)
}

// canvas collects the elements of an SVG.
type canvas struct{ strings.Builder }

func (c *canvas) printf(format string, args ...any) { fmt.Fprintf(c, format, args...) }

func (c *canvas) rect(x, y, width, height float64, fill, stroke string) {
	border := ""
	if stroke != "" {
		border = fmt.Sprintf(` stroke="%s" rx="3"`, stroke)
	}
	c.printf(`<rect x="%s" y="%s" width="%s" height="%s" fill="%s"%s/>`+"\n", px(x), px(y), px(width), px(height), fill, border)
}

func (c *canvas) line(x1, y1, x2, y2 float64, color string) {
	c.printf(`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s"/>`+"\n", px(x1), px(y1), px(x2), px(y2), color)
}

// label writes one line of text; anchor is start, middle or end.
func (c *canvas) label(x, y, size float64, color, anchor string, bold bool, text string) {
	weight := ""
	if bold {
		weight = ` font-weight="bold"`
	}
	if anchor != "start" {
		weight += ` text-anchor="` + anchor + `"`
	}
	c.printf(`<text x="%s" y="%s" font-size="%s" fill="%s"%s>%s</text>`+"\n", px(x), px(y), px(size), color, weight, html.EscapeString(text))
}

// px writes a length with at most one decimal.
func px(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

func (c *canvas) text(p textProperties, in box) error {
	paragraphs, err := parseMarkdown(p.Markdown)
	if err != nil {
		return err
	}
	const margin = 14
	y := in.y + 6
	for _, paragraph := range paragraphs {
		size := map[int]float64{0: 13, 1: 21, 2: 17, 3: 14}[paragraph.level]
		for _, runs := range wrap(paragraph.runs, in.width-2*margin, size) {
			y += size * 1.45
			if y > in.y+in.height {
				return fmt.Errorf("the text does not fit its widget; give it more height: %.60s…", p.Markdown)
			}
			c.printf(`<text x="%s" y="%s" font-size="%s" fill="%s" xml:space="preserve">`, px(in.x+margin), px(y), px(size), ink)
			for _, r := range runs {
				weight := ""
				if r.bold || paragraph.level > 0 {
					weight = ` font-weight="bold"`
				}
				switch {
				case r.link != "":
					c.printf(`<a href="%s"><tspan fill="%s">%s</tspan></a>`, html.EscapeString(r.link), linkInk, html.EscapeString(r.text))
				default:
					c.printf(`<tspan%s>%s</tspan>`, weight, html.EscapeString(r.text))
				}
			}
			c.printf("</text>\n")
		}
		y += 4
	}
	return nil
}

// alarms draws the alarms as they are when nothing is wrong.
func (c *canvas) alarms(p alarmProperties, in box) error {
	const across, height = 6, 34
	c.label(in.x+14, in.y+24, 14, ink, "start", true, p.Title)
	width := (in.width - 2*14 - (across-1)*gap) / across
	for i, arn := range p.Alarms {
		x := in.x + 14 + float64(i%across)*(width+gap)
		y := in.y + 36 + float64(i/across)*(height+gap)
		if y+height > in.y+in.height {
			return fmt.Errorf("%d alarms do not fit their widget; give it more height", len(p.Alarms))
		}
		name := arn[strings.LastIndex(arn, ":")+1:]
		c.rect(x, y, width, height, "#eef7ee", "#1d8102")
		c.label(x+10, y+21, 12, ink, "start", false, shorten(name, width-52, 12))
		c.label(x+width-10, y+21, 12, "#1d8102", "end", true, "OK")
	}
	return nil
}
