package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/dashboard/picture"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

func drawn(t *testing.T) (picture.Body, string) {
	t.Helper()
	body, err := synthesised(cdktest.NewApp(t))
	require.NoError(t, err)
	svg, err := body.SVG(picture.SampleWeek())
	require.NoError(t, err)
	return body, svg
}

func TestTheDocsShowTheDashboardAsItIs(t *testing.T) {
	_, svg := drawn(t)
	committed, err := os.ReadFile("../../docs/dashboard.svg")
	require.NoError(t, err)
	assert.True(t, string(committed) == svg, "docs/dashboard.svg is not the dashboard of the template; run make dashboard, look at it and commit it")
}

func TestEveryWidgetIsDrawn(t *testing.T) {
	body, svg := drawn(t)
	shown := widgets(t, svg)
	require.NotEmpty(t, body.Widgets)
	require.Len(t, shown, len(body.Widgets))
	for i, widget := range body.Widgets {
		got := shown[fmt.Sprintf("widget-%d", i)]
		var properties struct {
			Title    string   `json:"title"`
			Markdown string   `json:"markdown"`
			Alarms   []string `json:"alarms"`
			Metrics  [][]any  `json:"metrics"`
		}
		require.NoError(t, json.Unmarshal(widget.Properties, &properties))
		switch widget.Type {
		case "text":
			assert.Contains(t, got.text, "Healthy:")
		case "alarm":
			assert.Equal(t, len(properties.Alarms), strings.Count(got.text, "OK"))
		case "metric":
			assert.Contains(t, got.text, properties.Title)
			if !strings.Contains(got.text, "No data in this week") {
				assert.GreaterOrEqual(t, got.paths, 1, properties.Title)
			}
			for _, series := range properties.Metrics {
				label := series[len(series)-1].(map[string]any)["label"].(string)
				if before, _, _ := strings.Cut(label, "${"); before != "" {
					assert.Contains(t, got.text, before, properties.Title)
				}
			}
		default:
			assert.Fail(t, "no such type: "+widget.Type)
		}
	}
}

func TestThePageNeedsNothingElse(t *testing.T) {
	_, svg := drawn(t)
	text := page(svg)
	assert.Contains(t, text, svg)
	for _, loads := range []string{"<script", "<img", "<link", "@import", "src=", "url("} {
		assert.NotContains(t, text, loads)
	}
}

type shownWidget struct {
	text  string
	paths int
}

// widgets reads the picture back, by the id of each group.
func widgets(t *testing.T, svg string) map[string]shownWidget {
	t.Helper()
	found := map[string]shownWidget{}
	id := ""
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		one := found[id]
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "g" {
				id = token.Attr[0].Value
				one = shownWidget{}
			}
			if token.Name.Local == "path" {
				one.paths++
			}
		case xml.EndElement:
			if token.Name.Local == "g" {
				id = ""
			}
			continue
		case xml.CharData:
			one.text += string(token)
		}
		if id != "" {
			found[id] = one
		}
	}
}
