package alerting

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fullDashboard() dashboardContent {
	arns := make([]string, maxAlarmsOfWidget)
	for i := range arns {
		arns[i] = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:name"
	}
	return dashboardContent{
		stackName: "paper-trail-prod-monitoring", region: "eu-west-1",
		invocationLogGroup: "/aws/bedrock/model-invocations",
		trailLogGroup:      "/aws/cloudtrail/paper-trail-prod",
		alarmArns:          arns,
	}
}

func TestTheDashboardKeepsTheLimitsOfCloudWatch(t *testing.T) {
	t.Parallel()
	widgets := fullDashboard().body().Widgets
	assert.LessOrEqual(t, len(widgets), maxDashboardWidgets)
	metrics := 0
	for _, w := range widgets {
		if g, ok := w.Properties.(*graphProperties); ok {
			assert.LessOrEqual(t, len(g.Metrics), maxWidgetMetrics)
			metrics += len(g.Metrics)
		}
	}
	assert.LessOrEqual(t, metrics, maxDashboardMetrics)
}

func TestWidgetsFillTheirRowsWithoutOverlap(t *testing.T) {
	t.Parallel()
	taken := map[[2]int]string{}
	bottom := 0
	for _, w := range fullDashboard().body().Widgets {
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				require.Empty(t, taken[[2]int{x, y}], "%d,%d", x, y)
				require.Less(t, x, dashboardColumns)
				taken[[2]int{x, y}] = w.Type
			}
		}
		bottom = max(bottom, w.Y+w.Height)
	}
	assert.Len(t, taken, bottom*dashboardColumns, "no gaps")
}

func TestEveryGraphSaysWhatItShows(t *testing.T) {
	t.Parallel()
	titles := map[string]bool{}
	for _, w := range fullDashboard().body().Widgets {
		g, ok := w.Properties.(*graphProperties)
		if !ok {
			continue
		}
		assert.False(t, titles[g.Title], "twice: %s", g.Title)
		titles[g.Title] = true
		assert.NotEmpty(t, g.YAxis.Left.Label, g.Title)
		assert.Equal(t, "eu-west-1", g.Region, g.Title)
		ids := map[string]bool{}
		for _, series := range g.Metrics {
			options := series[len(series)-1].(metricOptions)
			assert.NotEmpty(t, options.Label, g.Title)
			if options.ID != "" {
				assert.Regexp(t, `^[a-z][A-Za-z0-9_]*$`, options.ID, g.Title)
				assert.False(t, ids[options.ID], "id twice in %s: %s", g.Title, options.ID)
				ids[options.ID] = true
			}
		}
	}
}

func TestEachRowSaysWhatIsHealthy(t *testing.T) {
	t.Parallel()
	var rows int
	for _, w := range fullDashboard().body().Widgets {
		if text, ok := w.Properties.(textProperties); ok {
			rows++
			assert.Contains(t, text.Markdown, "Healthy: ")
		}
	}
	assert.Equal(t, 5, rows)
}

// What a browser and the console make of a link gives the query back.
func TestALinkHoldsTheQueryAndItsLogGroup(t *testing.T) {
	t.Parallel()
	for _, q := range append(invocationQueries, trailQueries...) {
		link := q.link("eu-west-1", "/aws/bedrock/model-invocations")
		assert.NotRegexp(t, `[()\s\[\]]`, link, "would end a Markdown link early")
		_, fragment, _ := strings.Cut(link, "#logsV2:logs-insights")
		once, err := url.PathUnescape(strings.ReplaceAll(fragment, "$", "%"))
		require.NoError(t, err)
		twice, err := url.PathUnescape(once)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(twice, "?queryDetail=~(end~0~start~-604800~"), twice)
		_, rest, _ := strings.Cut(twice, "~editorString~'")
		editor, source, _ := strings.Cut(rest, "~")
		plain, err := url.PathUnescape(strings.ReplaceAll(editor, "*", "%"))
		require.NoError(t, err)
		assert.Equal(t, q.text, plain)
		assert.Equal(t, "source~(~'*2Faws*2Fbedrock*2Fmodel-invocations))", source)
	}
}

func TestLinksLeadToTheConsoleOfThePartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-west-1":     "console.aws.amazon.com",
		"us-gov-west-1": "console.amazonaws-us-gov.com",
		"cn-north-1":    "console.amazonaws.cn",
	} {
		assert.Equal(t, want, consoleHost(region))
	}
}

func TestTheBodyIsJSONWithoutEscapesOfHTML(t *testing.T) {
	t.Parallel()
	body := fullDashboard().body().JSON()
	assert.True(t, json.Valid([]byte(body)))
	assert.NotContains(t, body, `\u00`)
}
