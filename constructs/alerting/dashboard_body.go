package alerting

import (
	"bytes"
	"encoding/json"
)

// The body of a dashboard as CloudWatch reads it (CloudWatch API reference,
// "Dashboard Body Structure and Syntax").
type dashboardBody struct {
	Start          string            `json:"start"`
	PeriodOverride string            `json:"periodOverride"`
	Widgets        []dashboardWidget `json:"widgets"`
}

type dashboardWidget struct {
	Type       string `json:"type"`
	X          int    `json:"x"`
	Y          int    `json:"y"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	Properties any    `json:"properties"`
}

type textProperties struct {
	Markdown string `json:"markdown"`
}

type alarmProperties struct {
	Title  string   `json:"title"`
	Alarms []string `json:"alarms"`
}

type graphProperties struct {
	Title   string    `json:"title"`
	Region  string    `json:"region"`
	View    string    `json:"view"`
	Stacked bool      `json:"stacked"`
	Period  int       `json:"period"`
	Metrics [][]any   `json:"metrics"`
	YAxis   graphAxes `json:"yAxis"`
}

type graphAxes struct {
	Left graphAxis `json:"left"`
}

type graphAxis struct {
	Label     string   `json:"label"`
	Min       float64  `json:"min"`
	Max       *float64 `json:"max,omitempty"`
	ShowUnits bool     `json:"showUnits"`
}

type metricOptions struct {
	Expression string `json:"expression,omitempty"`
	ID         string `json:"id,omitempty"`
	Label      string `json:"label,omitempty"`
	Stat       string `json:"stat,omitempty"`
	Color      string `json:"color,omitempty"`
}

// Limits of CloudWatch (user guide, "CloudWatch service quotas"; API reference,
// "Properties of an Alarm Status Widget Object"). A dashboard's columns are 24.
const (
	dashboardColumns       = 24
	maxDashboardWidgets    = 500
	maxWidgetMetrics       = 500
	maxDashboardMetrics    = 2500
	maxAlarmsOfWidget      = 100
	maxDashboardNameLength = 255
)

// row places widgets side by side below those that are there, sharing the
// width evenly.
func (b *dashboardBody) row(height int, widgets ...dashboardWidget) {
	y := 0
	for _, w := range b.Widgets {
		y = max(y, w.Y+w.Height)
	}
	width := dashboardColumns / len(widgets)
	for i, w := range widgets {
		w.X, w.Y, w.Width, w.Height = i*width, y, width, height
		b.Widgets = append(b.Widgets, w)
	}
}

// JSON is the body's text. What the CDK resolves later is in it as it is
// written in Go, and none of it holds a quote or a backslash: ARNs, names of
// log groups and Regions.
func (b dashboardBody) JSON() string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(b); err != nil {
		panic(err) // plain values always encode
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

func textWidget(markdown string) dashboardWidget {
	return dashboardWidget{Type: "text", Properties: textProperties{Markdown: markdown}}
}

func graphWidget(properties *graphProperties) dashboardWidget {
	return dashboardWidget{Type: "metric", Properties: properties}
}

// named is the series of a metric without dimensions.
func named(namespace, name string, options metricOptions) []any {
	return []any{namespace, name, options}
}

func computed(options metricOptions) []any { return []any{options} }
