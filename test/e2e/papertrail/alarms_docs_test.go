package papertrail_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// compareDocs holds the table of docs/alarms.md against this one.
// UPDATE_SNAPS=always writes it.
func (e *environment) compareDocs(table string) {
	e.Helper()
	page := filepath.Join("..", "..", "..", "docs", "alarms.md")
	text, err := os.ReadFile(page)
	require.NoError(e, err)
	before, rest, begun := strings.Cut(string(text), "<!-- alarms -->\n")
	written, after, ended := strings.Cut(rest, "<!-- end -->")
	require.True(e, begun && ended, "docs/alarms.md has no place for the table")
	if os.Getenv("UPDATE_SNAPS") == "always" {
		require.NoError(e, os.WriteFile(page, []byte(before+"<!-- alarms -->\n"+table+"<!-- end -->"+after), 0o644))
		return
	}
	assert.Equal(e, table, written, "docs/alarms.md; UPDATE_SNAPS=always writes it anew")
}

// table says of each alarm when it fires, and how the emulator sees it.
func table(alarms map[string]deployedAlarm) string {
	names := map[string]string{}
	for name, alarm := range alarms {
		names[alarm.name] = name
	}
	var b strings.Builder
	b.WriteString("| alarm | severity | fires when | on the emulator |\n| --- | --- | --- | --- |\n")
	for _, name := range slices.Sorted(maps.Keys(alarms)) {
		alarm := alarms[name]
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, alarm.severity(), alarm.condition(names), causes[name].seen())
	}
	return b.String()
}

func (c cause) seen() string {
	switch {
	case c.metric != nil:
		return "metric put, evaluated"
	case c.record != "":
		return "records written, evaluated"
	case c.beyond != "":
		return "state set: " + c.beyond
	default:
		return "parts fire, rule evaluated"
	}
}

var operators = map[cwtypes.ComparisonOperator]string{
	cwtypes.ComparisonOperatorGreaterThanThreshold:          ">",
	cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold: "≥",
	cwtypes.ComparisonOperatorLessThanThreshold:             "<",
	cwtypes.ComparisonOperatorGreaterThanUpperThreshold:     "above",
}

var inRule = regexp.MustCompile(`ALARM\("arn:[^"]*:alarm:([^"]*)"\)`)

// condition is what CloudWatch compares, names being the short ones of alarms.
func (a deployedAlarm) condition(names map[string]string) string {
	if a.rule != "" {
		return inRule.ReplaceAllStringFunc(a.rule, func(term string) string {
			return names[inRule.FindStringSubmatch(term)[1]]
		})
	}
	series, period := a.series()
	condition := fmt.Sprintf("`%s` %s ", series, operators[a.ComparisonOperator])
	if a.ThresholdMetricId != nil {
		condition += "its usual band"
	} else {
		condition += fmt.Sprint(*a.Threshold)
	}
	condition += ", "
	if n := *a.EvaluationPeriods; n > 1 {
		condition += fmt.Sprintf("%d of %d × ", *cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods), n)
	}
	condition += fmt.Sprintf("%d min", period/60)
	if missing := aws.ToString(a.TreatMissingData); missing != "notBreaching" {
		condition += ", no data: " + missing
	}
	return condition
}

// series is what an alarm looks at, and its period in seconds.
func (a deployedAlarm) series() (text string, period int32) {
	if a.MetricName != nil {
		return cmp.Or(aws.ToString(a.ExtendedStatistic), string(a.Statistic)) + "(" + *a.MetricName + ")", *a.Period
	}
	inputs := map[string]string{}
	for _, query := range a.Metrics {
		if stat := query.MetricStat; stat != nil {
			inputs[*query.Id] = *stat.Stat + "(" + *stat.Metric.MetricName + ")"
		}
	}
	for _, query := range a.Metrics {
		if query.MetricStat != nil {
			period = *query.MetricStat.Period
		} else if query.Period != nil {
			period = *query.Period
		}
		if aws.ToBool(query.ReturnData) && text == "" {
			text = inputs[*query.Id]
			if query.Expression != nil {
				text = word.ReplaceAllStringFunc(*query.Expression, func(id string) string { return cmp.Or(inputs[id], id) })
			}
		}
	}
	return text, period
}

var word = regexp.MustCompile(`\w+`)
