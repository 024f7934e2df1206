package picture_test

import (
	"fmt"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/test/dashboard/picture"
)

// A dashboard with a single graph becomes an SVG.
func Example() {
	body, err := picture.Parse(`{"start": "-P7D", "periodOverride": "inherit", "widgets": [
		{"type": "metric", "x": 0, "y": 0, "width": 6, "height": 6, "properties": {
			"title": "Unattributed calls", "region": "eu-west-1", "view": "timeSeries", "stacked": false, "period": 3600,
			"yAxis": {"left": {"label": "calls an hour", "min": 0, "showUnits": false}},
			"metrics": [["GenAI/Metrics", "UnattributedCalls", {"stat": "Sum", "label": "nobody named"}]]}}]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	svg, err := body.SVG(picture.SampleWeek())
	fmt.Println(err, strings.Count(svg, "<path"), "line,", strings.Contains(svg, "nobody named"))
	// Output:
	// <nil> 1 line, true
}
