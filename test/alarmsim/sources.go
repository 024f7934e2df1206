package alarmsim

import (
	"errors"
	"fmt"
)

// sources are those of an alarm.
type sources struct {
	returned source
	bands    map[string]source
}

// sources are read in the order of the template. An expression may refer to
// later ones, so expressions come after the rest.
func (p alarmProperties) sources() (sources, int, error) {
	if len(p.Metrics) == 0 {
		statistic := p.Statistic + p.ExtendedStatistic
		s := statistics{metricOf(p.Namespace, p.MetricName, p.Dimensions).key(), statistic}
		return sources{returned: s}, p.Period, errors.Join(statisticProblem(statistic), named(p.Namespace, p.MetricName))
	}
	if p.Namespace+p.MetricName+p.Statistic+p.ExtendedStatistic != "" || p.Period != 0 {
		return sources{}, 0, errors.New("has both MetricName and Metrics")
	}
	found := sources{bands: map[string]source{}}
	all := map[string]source{}
	seconds, hasQuery := 0, false
	var problems []error
	period := func(of string, given int) {
		if seconds != 0 && given != seconds {
			problems = append(problems, fmt.Errorf("%s has a period of %d seconds beside one of %d", of, given, seconds))
		}
		seconds = given
	}
	for _, m := range p.Metrics {
		if m.MetricStat != nil {
			period(m.Id, m.MetricStat.Period)
			metric := m.MetricStat.Metric
			all[m.Id] = statistics{metricOf(metric.Namespace, metric.MetricName, metric.Dimensions).key(), m.MetricStat.Stat}
			problems = append(problems, statisticProblem(m.MetricStat.Stat), named(metric.Namespace, metric.MetricName))
		} else if isQuery(m.Expression) {
			period(m.Id, m.Period)
			q, err := parseQuery(m.Expression)
			all[m.Id], hasQuery = q, true
			problems = append(problems, err)
		}
	}
	// AWS documents the result of a query in an expression for graphs only.
	if hasQuery && len(p.Metrics) > 1 {
		problems = append(problems, errors.New("has a query beside other metrics"))
	}
	for _, m := range p.Metrics {
		if all[m.Id] == nil {
			if m.Period != 0 {
				period(m.Id, m.Period)
			}
			problems = append(problems, found.calculate(m, all))
		}
		if m.ReturnData != nil && !*m.ReturnData || found.bands[m.Id] != nil {
			continue
		}
		if found.returned != nil {
			problems = append(problems, fmt.Errorf("returns the data of more than one, %s among them", m.Id))
		}
		found.returned = all[m.Id]
	}
	if found.returned == nil {
		problems = append(problems, errors.New("returns no data"))
	}
	return found, seconds, errors.Join(problems...)
}

// calculate adds an expression, which may refer to what came before.
func (s sources) calculate(m metricQuery, all map[string]source) error {
	if id, deviations, ok := parseBand(m.Expression); ok {
		of, ok := all[id].(statistics)
		if !ok {
			return fmt.Errorf("the band %s refers to %q, which is not a metric", m.Id, id)
		}
		s.bands[m.Id] = band{of, deviations}
		return nil
	}
	e, ids, err := parseExpression(m.Expression)
	if err != nil {
		return err
	}
	c := calculation{e, map[string]source{}}
	for _, id := range ids {
		if all[id] == nil {
			return fmt.Errorf("%s refers to %q, which does not come before it", m.Id, id)
		}
		c.of[id] = all[id]
	}
	all[m.Id] = c
	return nil
}

func metricOf(namespace, name string, dimensions []dimension) Metric {
	m := Metric{namespace, name, map[string]string{}}
	for _, d := range dimensions {
		m.Dimensions[d.Name] = d.Value
	}
	return m
}

func named(namespace, name string) error {
	if namespace == "" || name == "" {
		return fmt.Errorf("has an incomplete metric, %q of %q", name, namespace)
	}
	return nil
}
