package report

import "slices"

// throttlingFilter is the name of the metric filter that counts throttled calls.
const throttlingFilter = "ThrottlingFilter"

// throttlingFirst puts the throttling filter first, and the alarms about it.
func (r *Report) throttlingFirst() {
	slices.SortStableFunc(r.Filters, func(a, b Filter) int {
		return first(a.Name == throttlingFilter, b.Name == throttlingFilter)
	})
	about := r.aboutThrottling()
	slices.SortStableFunc(r.Alarms, func(a, b Alarm) int { return first(about[a.ARN], about[b.ARN]) })
}

func first(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	default:
		return 0
	}
}

// aboutThrottling are the ARNs of the alarms on the throttling filter's metric,
// of those composed of them, and of all that these are composed of.
func (r *Report) aboutThrottling() map[string]bool {
	about := map[string]bool{}
	if len(r.Filters) == 0 || r.Filters[0].Name != throttlingFilter {
		return about
	}
	counted := r.Filters[0].Namespace + " " + r.Filters[0].Metric
	names := map[string]bool{}
	add := func(a Alarm) {
		about[a.ARN] = true
		names[name(a.ARN)] = true
	}
	for _, a := range r.Alarms {
		if slices.Contains(a.Watches, counted) {
			add(a)
		}
	}
	for _, a := range r.Alarms {
		if slices.ContainsFunc(a.Watches, func(watched string) bool { return names[watched] }) {
			add(a)
			for _, part := range r.parts(a) {
				add(part)
			}
		}
	}
	return about
}

// parts are the alarms that a composite alarm is composed of.
func (r *Report) parts(of Alarm) []Alarm {
	var parts []Alarm
	for _, a := range r.Alarms {
		if slices.Contains(of.Watches, name(a.ARN)) {
			parts = append(parts, a)
		}
	}
	return parts
}
