package picture

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"
)

// SampleWeek is a week of made-up data of a company with three models: quiet
// nights and a quiet weekend; on Wednesday afternoon a job uses up a quota, on
// Tuesday somebody tries things without saying who asks, and on Thursday
// morning the logging configuration differs from the declared one for an hour.
// It is the same whenever it is made.
func SampleWeek() Source { return sampleWeek{} }

type sampleWeek struct{}

const hours = 7 * 24

func (sampleWeek) Start() time.Time { return time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC) }

const (
	sonnet = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
	nova   = "eu.amazon.nova-lite-v1:0"
	titan  = "amazon.titan-embed-text-v2:0"
)

var models = []string{sonnet, nova, titan}

// at names an hour of the week; Monday is 0.
func at(day, hour int) int { return day*24 + hour }

// busyness is the share of the busiest hour's calls, in percent.
var busyness = [24]int{2, 1, 1, 1, 1, 2, 6, 18, 47, 78, 92, 95, 72, 80, 97, 100, 90, 70, 38, 20, 12, 8, 5, 3}

// calls are those an hour that nothing disturbs, with the noise in percent.
func calls(model string, h, noise int) int {
	perHour := map[string]int{sonnet: 1400, nova: 2600, titan: 900}[model]
	share := busyness[h%24]
	if h/24 >= 5 { // the weekend
		share = 3 + share/8
	}
	return perHour * share * (100 + jitter("calls"+model, h, noise)) / 10000
}

// jitter is a number from -most to most that the name and the hour decide.
func jitter(name string, h, most int) int {
	if most == 0 {
		return 0
	}
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d", name, h)
	x := hash.Sum64()
	for range 2 { // neighbouring hours differ in the last bits only
		x ^= x >> 32
		x *= 0x9e3779b97f4a7c15
	}
	x ^= x >> 32
	return int(x%uint64(2*most+1)) - most
}

func throttled(model string, h int) int {
	if model != sonnet {
		return 0
	}
	return map[int]int{at(2, 14): 410, at(2, 15): 265}[h]
}

func invocations(model string, h int) int { return calls(model, h, 9) - throttled(model, h)/2 }

func allInvocations(h int) (sum int) {
	for _, model := range models {
		sum += invocations(model, h)
	}
	return sum
}

func inputTokens(model string, h, noise int) int {
	n := calls(model, h, noise)
	if noise > 0 {
		n = invocations(model, h)
	}
	return n * map[string]int{sonnet: 1850, nova: 620, titan: 340}[model] * (100 + jitter("input"+model, h, noise/2)) / 100
}

func outputTokens(model string, h, noise int) int {
	n := calls(model, h, noise)
	if noise > 0 {
		n = invocations(model, h)
	}
	return n * map[string]int{sonnet: 410, nova: 150}[model] * (100 + jitter("output"+model, h, noise/2)) / 100
}

const none = math.MinInt

// hourly has for each metric its value in an hour of the week, or none.
var hourly = sampleMetrics()

func sampleMetrics() map[Metric]func(h int) int {
	hourly := map[Metric]func(h int) int{}
	bedrock := func(name string, of func(h int) int) { hourly[Metric{Namespace: "AWS/Bedrock", Name: name}] = of }
	byModel := func(name string, of func(model string, h int) int, having ...string) {
		for _, model := range having {
			hourly[Metric{"AWS/Bedrock", name, "ModelId", model}] = func(h int) int { return of(model, h) }
		}
	}
	byModel("Invocations", invocations, models...)
	byModel("InputTokenCount", func(m string, h int) int { return inputTokens(m, h, 9) }, models...)
	byModel("OutputTokenCount", func(m string, h int) int { return outputTokens(m, h, 9) }, sonnet, nova)
	byModel("CacheReadInputTokenCount", func(m string, h int) int { return inputTokens(m, h, 9) * (62 + jitter("cache", h, 7)) / 100 }, sonnet)
	byModel("CacheWriteInputTokenCount", func(m string, h int) int { return inputTokens(m, h, 9) * (9 + jitter("written", h, 3)) / 100 }, sonnet)
	byModel("InvocationLatency", func(m string, h int) int {
		if invocations(m, h) == 0 {
			return none
		}
		base := map[string]int{sonnet: 9400, nova: 3100, titan: 260}[m]
		return base*(100+jitter("latency"+m, h, 9))/100 + base*busyness[h%24]/500
	}, models...)
	byModel("InvocationThrottles", func(m string, h int) int {
		if n := throttled(m, h); n > 0 {
			return n
		}
		return none
	}, sonnet)
	byModel("InvocationClientErrors", func(m string, h int) int { return invocations(m, h) * (3 + jitter("client"+m, h, 3)) / 1000 }, sonnet, nova)
	byModel("InvocationServerErrors", func(m string, h int) int { return max(0, jitter("server"+m, h, 12)-9) }, sonnet)

	bedrock("ModelInvocationLogsCloudWatchDeliverySuccess", allInvocations)
	bedrock("ModelInvocationLogsS3DeliverySuccess", func(h int) int {
		if allInvocations(h) == 0 {
			return none
		}
		return min(900, 12+allInvocations(max(0, h-1))/5)
	})
	bedrock("ModelInvocationLargeDataS3DeliverySuccess", func(h int) int { return invocations(sonnet, h) * 7 / 100 })
	// Before the first case CloudWatch has no such metric.
	hourly[Metric{Namespace: "AWS/BedrockMantle", Name: "Inferences"}] = func(int) int { return none }
	for _, destination := range []string{"LogsCloudWatch", "LogsS3", "LargeDataS3"} {
		bedrock("ModelInvocation"+destination+"DeliveryFailure", func(int) int { return none })
	}

	for _, check := range []string{"LoggingConfiguration", "BucketLock", "TrailLogging", "LogGroup", "Key"} {
		hourly[Metric{"PaperTrail", "LoggingConfigurationDrift", "Check", check}] = func(h int) int {
			if check == "LoggingConfiguration" && h == at(3, 9) {
				return 1
			}
			return 0
		}
	}
	own := func(name string, of func(h int) int) { hourly[Metric{Namespace: "GenAI/Metrics", Name: name}] = of }
	own("GuardrailInterventions", func(h int) int {
		return max(0, allInvocations(h)*(1+jitter("guardrail", h, 3))/2000)
	})
	hourly[Metric{"AWS/Logs", "LogEventsWithFindings", "LogGroupName", ""}] = func(h int) int {
		if n := max(0, allInvocations(h)*jitter("findings", h, 4)/4000); n > 0 {
			return n
		}
		return none
	}
	own("UnattributedCalls", func(h int) int {
		return map[int]int{at(1, 9): 4, at(1, 10): 31, at(1, 11): 44, at(1, 12): 2, at(1, 13): 27, at(1, 14): 9}[h]
	})
	own("InputTokens", func(h int) int { return inputTokens(sonnet, h, 9) + inputTokens(nova, h, 9) + inputTokens(titan, h, 9) })
	own("OutputTokens", func(h int) int { return outputTokens(sonnet, h, 9) + outputTokens(nova, h, 9) })
	return hourly
}

func (sampleWeek) Points(metric Metric, statistic string, period int) ([]float64, error) {
	if metric == (Metric{Namespace: "PaperTrail", Name: "LoggingConfigurationChecks"}) && period == 900 {
		return checks(), nil
	}
	if metric.Namespace == "AWS/Logs" {
		metric.Value = "" // of whatever log group
	}
	of, ok := hourly[metric]
	if !ok {
		return nil, fmt.Errorf("the sample week has no metric %+v; add it to week.go", metric)
	}
	if period%3600 != 0 || hours%(period/3600) != 0 || (period > 3600 && statistic != "Sum") {
		return nil, fmt.Errorf("the sample week has no %s of %+v for periods of %d seconds", statistic, metric, period)
	}
	points := make([]float64, hours*3600/period)
	for i := range points {
		points[i] = math.NaN()
		for h := i * period / 3600; h < (i+1)*period/3600; h++ {
			if v := of(h); v != none {
				points[i] = add([]float64{points[i]}, []float64{float64(v)})[0]
			}
		}
	}
	return points, nil
}

// checks are those of a guard with an interval of 15 minutes, which checks at
// once when somebody changes the configuration.
func checks() []float64 {
	points := make([]float64, hours*4)
	for i := range points {
		points[i] = 1
	}
	points[at(3, 9)*4]++
	points[at(3, 9)*4+3]++
	return points
}

func (s sampleWeek) Usual(metric Metric, statistic string, period int) (low, high []float64, err error) {
	expected, ok := map[string]func(string, int, int) int{"InputTokens": inputTokens, "OutputTokens": outputTokens}[metric.Name]
	if !ok || period != 3600 || statistic != "Sum" {
		return nil, nil, fmt.Errorf("the sample week does not know what is usual for the %s of %+v", statistic, metric)
	}
	for h := range hours {
		sum := 0
		for _, model := range models {
			sum += expected(model, h, 0)
		}
		low, high = append(low, float64(sum*78/100)), append(high, float64(sum*122/100+60000))
	}
	return low, high, nil
}

func (sampleWeek) Values(namespace, dimension, name string) []string {
	var found []string
	for metric := range hourly {
		if metric.Namespace == namespace && metric.Name == name && metric.Dimension == dimension {
			found = append(found, metric.Value)
		}
	}
	slices.Sort(found)
	return found
}
