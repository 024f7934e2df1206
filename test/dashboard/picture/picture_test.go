package picture

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const graphForm = `{"type":"metric","x":0,"y":0,"width":6,"height":6,"properties":{"title":"Graph","region":"eu-west-1","view":"timeSeries","stacked":%v,"period":3600,"yAxis":{"left":{"label":"calls","min":0,"showUnits":false}},"metrics":[%s]}}`

func draw(widget string) (string, error) {
	body, err := Parse(`{"start":"-P7D","periodOverride":"inherit","widgets":[` + widget + `]}`)
	if err != nil {
		return "", err
	}
	return body.SVG(SampleWeek())
}

func TestNothingIsLeftOutSilently(t *testing.T) {
	t.Parallel()
	graph := func(metrics string) string { return fmt.Sprintf(graphForm, false, metrics) }
	text := func(markdown string) string {
		return `{"type":"text","x":0,"y":0,"width":6,"height":2,"properties":{"markdown":"` + markdown + `"}}`
	}
	for name, test := range map[string]struct{ widget, want string }{
		"member of a body":       {`],"variables":[`, `unknown field "variables"`},
		"type of widget":         {`{"type":"log","x":0,"y":0,"width":6,"height":6,"properties":{}}`, `widgets of type "log"`},
		"member of a graph":      {strings.Replace(graph(""), `"stacked"`, `"liveData":true,"stacked"`, 1), `unknown field "liveData"`},
		"view":                   {strings.Replace(graph(""), "timeSeries", "gauge", 1), "Graph: the picture knows time series"},
		"option of a series":     {graph(`["N","M",{"stat":"Sum","yAxis":"right"}]`), `unknown field "yAxis"`},
		"dimensions of a series": {graph(`["N","M","D","V",{"stat":"Sum"}]`), "a series of 5 parts"},
		"metric":                 {graph(`["N","M",{"stat":"Sum"}]`), "the sample week has no metric"},
		"expression":             {graph(`[{"expression":"RATE(m1)"}]`), "does not know the expression RATE(m1)"},
		"period of a search":     {graph(`[{"expression":"SEARCH('{N,D} MetricName=\"M\"', 'Sum', 60)"}]`), "another period than its graph's, 3600"},
		"series of a band":       {graph(`[{"expression":"ANOMALY_DETECTION_BAND(m1, 2)"}]`), "no series has the id m1"},
		"Markdown":               {text("- one"), "does not know this Markdown: - one"},
		"text without room":      {text(strings.Repeat("word ", 200)), "does not fit its widget"},
		"alarms without room":    {`{"type":"alarm","x":0,"y":0,"width":24,"height":2,"properties":{"title":"A","alarms":["1","2","3","4","5","6","7"]}}`, "7 alarms do not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := draw(test.widget)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestABodyOfAnotherRangeIsRefused(t *testing.T) {
	t.Parallel()
	_, err := Parse(`{"start":"-PT3H","periodOverride":"auto","widgets":[]}`)
	assert.ErrorContains(t, err, `shows -PT3H with periods "auto"`)
}

func TestIntrinsicsOfATemplateAreResolved(t *testing.T) {
	t.Parallel()
	dashboard := func(body any) map[string]any {
		return map[string]any{"Resources": map[string]any{"D": map[string]any{
			"Type": "AWS::CloudWatch::Dashboard", "Properties": map[string]any{"DashboardBody": body}}}}
	}
	join := func(parts ...any) map[string]any { return map[string]any{"Fn::Join": []any{"-", parts}} }
	text, err := FromTemplate(dashboard(join("a",
		map[string]any{"Ref": "AWS::Region"},
		map[string]any{"Ref": "Topic"},
		map[string]any{"Fn::GetAtt": []any{"Alarm", "Arn"}},
		map[string]any{"Fn::GetStackOutput": map[string]any{"OutputName": "LogGroup"}})), "eu-west-1")
	require.NoError(t, err)
	assert.Equal(t, "a-eu-west-1-Topic-Alarm-LogGroup", text)

	_, err = FromTemplate(dashboard(join("a", map[string]any{"Fn::Select": []any{}})), "eu-west-1")
	assert.ErrorContains(t, err, "does not know what that resolves to")
	_, err = FromTemplate(map[string]any{}, "eu-west-1")
	assert.ErrorContains(t, err, "has 0 dashboards")
}

func TestStackedSeriesLieOnTopOfEachOther(t *testing.T) {
	t.Parallel()
	stacked := []series{{points: []float64{1, 2, math.NaN()}}, {points: []float64{3, math.NaN(), 4}}}
	s := scale{plot: box{0, 0, 100, 100}}
	s.fit(stacked, true)
	assert.GreaterOrEqual(t, s.top, 4.0)
	c := &canvas{}
	c.stack(scale{plot: box{0, 0, 168, 100}, top: 10}, stacked, 3600)
	assert.Contains(t, c.String(), `M0 90L1 80L2 100L2 100L1 100L0 100Z`, "the lower one stands on zero")
	assert.Contains(t, c.String(), `M0 60L1 80L2 60L2 100L1 80L0 90Z`, "the upper one stands on the lower")
}

func TestALineBreaksWhereThereIsNoData(t *testing.T) {
	t.Parallel()
	c := &canvas{}
	c.polyline(scale{plot: box{0, 0, 168, 100}, top: 10}, series{points: []float64{1, 2, math.NaN(), 5}}, 3600)
	assert.Contains(t, c.String(), `d="M0 90L1 80"`)
	assert.Contains(t, c.String(), `<circle cx="3" cy="50"`, "a point alone is seen")
}

func TestAxesEndOnRoundNumbersAboveTheHighestPoint(t *testing.T) {
	t.Parallel()
	for highest, want := range map[float64]float64{0: 1, 1: 1.25, 7: 8, 410: 500, 5100: 6000, 43e6: 50e6} {
		s := scale{}
		s.fit([]series{{points: []float64{highest, math.NaN()}}}, false)
		assert.Equal(t, want, s.top, "for %v", highest)
	}
}

func TestTicksAreShort(t *testing.T) {
	t.Parallel()
	for value, want := range map[float64]string{0: "0", 0.2: "0.2", 500: "500", 1500: "1500", 2000: "2 k", 12500: "12.5 k", 2.5e6: "2.5 M"} {
		assert.Equal(t, want, tick(value))
	}
}

func TestMarkdownKeepsBoldTextAndLinks(t *testing.T) {
	t.Parallel()
	got, err := parseMarkdown("## Title\nPlain **bold** and [a link](https://example.com/#x$2528).\n\nEnd")
	require.NoError(t, err)
	assert.Equal(t, []paragraph{
		{level: 2, runs: []run{{text: "Title"}}},
		{runs: []run{{text: "Plain "}, {text: "bold", bold: true}, {text: " and "}, {text: "a link", link: "https://example.com/#x$2528"}, {text: "."}}},
		{runs: []run{{text: "End"}}},
	}, got)
}

func TestLongTextsAreBrokenOrShortened(t *testing.T) {
	t.Parallel()
	lines := wrap([]run{{text: "one two "}, {text: "three", link: "x"}}, textWidth("one two", 10, false), 10)
	assert.Equal(t, [][]run{{{text: "one two "}}, {{text: "three", link: "x"}}}, lines)
	assert.Equal(t, "short", shorten("short", 100, 10))
	assert.Equal(t, "eu.a…v1:0", shorten("eu.anthropic.claude-v1:0", 45, 10))
}

func TestTheSampleWeekTellsItsStory(t *testing.T) {
	t.Parallel()
	week := SampleWeek()
	assert.Equal(t, time.Monday, week.Start().Weekday())
	points := func(metric Metric) []float64 {
		got, err := week.Points(metric, "Sum", 3600)
		require.NoError(t, err)
		require.Len(t, got, hours)
		return got
	}
	calls := points(Metric{"AWS/Bedrock", "Invocations", "ModelId", sonnet})
	assert.Less(t, calls[at(1, 3)], calls[at(1, 15)]/20, "nights are quiet")
	assert.Less(t, calls[at(5, 15)], calls[at(1, 15)]/5, "so is the weekend")
	throttles := points(Metric{"AWS/Bedrock", "InvocationThrottles", "ModelId", sonnet})
	drift := points(Metric{"PaperTrail", "LoggingConfigurationDrift", "Check", "LoggingConfiguration"})
	for h := range hours {
		assert.Equal(t, h == at(2, 14) || h == at(2, 15), throttles[h] > 0, h)
		assert.Equal(t, h == at(3, 9), drift[h] == 1, h)
		assert.GreaterOrEqual(t, calls[h], 0.0)
	}
	tokens := Metric{Namespace: "GenAI/Metrics", Name: "InputTokens"}
	low, high, err := week.Usual(tokens, "Sum", 3600)
	require.NoError(t, err)
	for h, p := range points(tokens) {
		assert.True(t, low[h] <= p && p <= high[h], "hour %d: %v is not in %v to %v", h, p, low[h], high[h])
	}
	days, err := week.Points(tokens, "Sum", 24*3600)
	require.NoError(t, err)
	assert.Len(t, days, 7)
}
