package filterpattern_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

func properties(pattern string, transformation map[string]any) map[string]any {
	transformation["MetricNamespace"] = "Own"
	transformation["MetricName"] = "Calls"
	return map[string]any{"LogGroupName": "/records", "FilterPattern": pattern, "MetricTransformations": []any{transformation}}
}

func TestFilterPublishesTheValueOfAField(t *testing.T) {
	t.Parallel()
	f, err := filterpattern.ParseFilter(properties(`{ $.latency = * }`, map[string]any{
		"MetricValue": "$.latency",
		"Dimensions":  []any{map[string]any{"Key": "Model", "Value": "$.modelId"}, map[string]any{"Key": "Try", "Value": "$.try"}},
	}))
	require.NoError(t, err)
	assert.Equal(t, "Own/Calls of /records", f.Namespace+"/"+f.Name+" of "+f.LogGroupName)

	datum, err := f.Observe(`{"latency": 2.5, "modelId": "m", "try": 2}`)
	require.NoError(t, err)
	assert.Equal(t, &filterpattern.Datum{Value: 2.5, Dimensions: map[string]string{"Model": "m", "Try": "2"}}, datum)

	for _, event := range []string{`{"modelId": "m"}`, `{"latency": "2.5", "modelId": "m"}`, `no JSON`} {
		datum, err = f.Observe(event)
		require.NoError(t, err)
		assert.Nil(t, datum, event)
	}
	_, err = f.Observe(`{"latency": 1, "modelId": "m"}`)
	require.ErrorIs(t, err, filterpattern.ErrUndocumented, "a dimension whose field is missing")
}

func TestFilterCountsEvents(t *testing.T) {
	t.Parallel()
	f, err := filterpattern.ParseFilter(properties(`ERROR`, map[string]any{"MetricValue": "1", "DefaultValue": 0}))
	require.NoError(t, err)
	require.NotNil(t, f.Default)
	assert.Zero(t, *f.Default)
	datum, err := f.Observe("ERROR")
	require.NoError(t, err)
	assert.Equal(t, 1.0, datum.Value)
	datum, err = f.Observe("fine")
	require.NoError(t, err)
	assert.Nil(t, datum)
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	model := map[string]any{"Key": "Model", "Value": "$.modelId"}
	for problem, p := range map[string]map[string]any{
		"both dimensions and a default":   properties(`{ $.a = 1 }`, map[string]any{"MetricValue": "1", "DefaultValue": 0, "Dimensions": []any{model}}),
		"more than 3":                     properties(`{ $.a = 1 }`, map[string]any{"MetricValue": "1", "Dimensions": []any{model, model, model, model}}),
		"does not support dimensions":     properties(`ERROR`, map[string]any{"MetricValue": "1", "Dimensions": []any{model}}),
		"not the selector of one field":   properties(`{ $.a = 1 }`, map[string]any{"MetricValue": "1", "Dimensions": []any{map[string]any{"Key": "K", "Value": "$.a[*]"}}}),
		"starts with $":                   properties(`{ $.a = 1 }`, map[string]any{"MetricValue": "1", "Dimensions": []any{map[string]any{"Key": "K", "Value": "fixed"}}}),
		"needs quotation marks":           properties(`{ $.a = b/c }`, map[string]any{"MetricValue": "1"}),
		"has 0 transformations":           {"FilterPattern": "ERROR"},
		"cannot unmarshal object into Go": {"FilterPattern": map[string]any{"Ref": "Parameter"}},
	} {
		_, err := filterpattern.ParseFilter(p)
		require.Error(t, err, problem)
		assert.Contains(t, err.Error(), problem)
	}
}
