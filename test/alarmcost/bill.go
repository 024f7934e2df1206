package alarmcost

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Use is what a template cannot say.
type Use struct {
	// Models is how many different models are called. A query is charged for
	// each, and so is a metric that has the model as dimension.
	Models int
	// GuardMetrics is how many metrics the guard publishes.
	GuardMetrics int
	// FillMetrics is how many metrics the fill of the ledger publishes.
	FillMetrics int
}

// Line is one kind of charge.
type Line struct {
	Name  string
	Count int
	Price float64 // of one
}

// Cost is that of a line, in US dollars a month.
func (l Line) Cost() float64 { return float64(l.Count) * l.Price }

// Bill lists the charges of a month.
type Bill []Line

// Total is the sum of a bill, in US dollars.
func (b Bill) Total() float64 {
	total := 0.0
	for _, l := range b {
		total += l.Cost()
	}
	return total
}

// The lines of each bill, in this order.
const (
	alarms = iota
	bands
	queries
	composites
	filterMetrics
	guardMetrics
	fillMetrics
	dashboards
	rules
	keys
)

func newBill() Bill {
	return Bill{
		alarms:        {"metrics of alarms", 0, alarmMetricPrice},
		bands:         {"metrics of alarms on anomaly detection", 0, alarmMetricPrice},
		queries:       {"metrics analyzed by alarms on queries", 0, analyzedMetricPrice},
		composites:    {"composite alarms", 0, compositePrice},
		filterMetrics: {"custom metrics of metric filters", 0, customMetricPrice},
		guardMetrics:  {"custom metrics of the guard", 0, customMetricPrice},
		fillMetrics:   {"custom metrics of the ledger's fill", 0, customMetricPrice},
		dashboards:    {"dashboards", 0, dashboardPrice},
		rules:         {"EventBridge rules", 0, rulePrice},
		keys:          {"KMS keys", 0, keyPrice},
	}
}

// Of adds up the templates of one account and Region. An alarm of a kind that it
// cannot price is an error.
func Of(use Use, templates ...map[string]any) (Bill, error) {
	bill := newBill()
	bill[guardMetrics].Count = use.GuardMetrics
	bill[fillMetrics].Count = use.FillMetrics
	metrics := map[string]int{}
	for _, template := range templates {
		resources, _ := template["Resources"].(map[string]any)
		for id, resource := range resources {
			if err := bill.add(resource, use, metrics); err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
		}
	}
	for _, series := range metrics {
		bill[filterMetrics].Count += series
	}
	return bill, nil
}

func (b Bill) add(resource any, use Use, metrics map[string]int) error {
	raw, err := json.Marshal(resource)
	if err != nil {
		return err
	}
	var r struct {
		Type       string
		Properties struct {
			MetricName            string
			Period                int
			Metrics               []metricQuery
			MetricTransformations []struct {
				MetricNamespace, MetricName string
				Dimensions                  []any
			}
		}
	}
	kind := struct{ Type string }{}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return err
	}
	switch kind.Type {
	case "AWS::CloudWatch::CompositeAlarm":
		b[composites].Count++
		return nil
	case "AWS::CloudWatch::Dashboard":
		b[dashboards].Count++
		return nil
	case "AWS::Events::Rule":
		b[rules].Count++
		return nil
	case "AWS::KMS::Key":
		b[keys].Count++
		return nil
	case "AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter":
	case "AWS::CloudWatch::AnomalyDetector", "AWS::CloudWatch::InsightRule", "AWS::CloudWatch::MetricStream":
		return fmt.Errorf("%s has no price here", kind.Type)
	default:
		return nil
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return err
	}
	for _, t := range r.Properties.MetricTransformations {
		series := 1
		if len(t.Dimensions) > 0 {
			series = use.Models
		}
		// Filters of one metric publish the same series.
		metrics[fmt.Sprintf("%s/%s/%d", t.MetricNamespace, t.MetricName, len(t.Dimensions))] = series
	}
	if kind.Type == "AWS::CloudWatch::Alarm" {
		return b.addAlarm(r.Properties.MetricName, r.Properties.Period, r.Properties.Metrics, use)
	}
	return nil
}

type metricQuery struct {
	Expression any
	Period     int
	MetricStat *struct{ Period int }
}

func (b Bill) addAlarm(metric string, period int, parts []metricQuery, use Use) error {
	if metric != "" {
		b[alarms].Count++
		return standardResolution(period)
	}
	ofStats, banded := 0, false
	for _, part := range parts {
		if part.MetricStat != nil {
			ofStats++
			if err := standardResolution(part.MetricStat.Period); err != nil {
				return err
			}
			continue
		}
		// An expression with a reference in it is no text.
		raw, _ := json.Marshal(part.Expression)
		text := string(raw)
		switch {
		case strings.Contains(text, "SELECT ") && strings.Contains(text, "ModelId"):
			b[queries].Count += use.Models
		case strings.Contains(text, "SELECT "):
			b[queries].Count++
		case strings.Contains(text, "ANOMALY_DETECTION_BAND"):
			banded = true
		}
	}
	if banded {
		b[bands].Count += bandMetrics * ofStats
	} else {
		b[alarms].Count += ofStats
	}
	return nil
}

func standardResolution(period int) error {
	if period%60 != 0 || period == 0 {
		return fmt.Errorf("has a period of %d seconds, which is charged as high resolution", period)
	}
	return nil
}
