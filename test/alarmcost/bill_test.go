package alarmcost_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/alarmcost"
)

func parse(t *testing.T, resources string) map[string]any {
	t.Helper()
	var template map[string]any
	require.NoError(t, json.Unmarshal([]byte(`{"Resources": {`+resources+`}}`), &template))
	return template
}

func TestEachKindHasItsPrice(t *testing.T) {
	t.Parallel()
	stat := `{"MetricStat": {"Period": 60}}`
	for resource, want := range map[string]float64{
		`{"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "M", "Period": 300}}`:                                           0.1,
		`{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [` + stat + `,` + stat + `,{"Expression": "a / b"}]}}`:             0.2,
		`{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [` + stat + `,{"Expression": "ANOMALY_DETECTION_BAND(a, 3)"}]}}`:   0.3,
		`{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Expression": "SELECT SUM(M) FROM SCHEMA(\"N\", ModelId)"}]}}`:   0.5,
		`{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Expression": {"Fn::Join": ["", ["SELECT ", {"Ref": "L"}]]}}]}}`: 0.1,
		`{"Type": "AWS::CloudWatch::CompositeAlarm"}`: 0.5,
		`{"Type": "AWS::CloudWatch::Dashboard"}`:      3,
		`{"Type": "AWS::KMS::Key"}`:                   1,
		`{"Type": "AWS::Events::Rule"}`:               0,
		`{"Type": "AWS::Logs::MetricFilter", "Properties": {"MetricTransformations": [{"MetricName": "M"}]}}`:                                                                                                           0.3,
		`{"Type": "AWS::Logs::MetricFilter", "Properties": {"MetricTransformations": [{"MetricName": "M", "Dimensions": [{}]}]}}`:                                                                                       1.5,
		`{"Type": "AWS::Logs::MetricFilter", "Properties": {"MetricTransformations": [{"MetricName": "M"}]}}, "B": {"Type": "AWS::Logs::MetricFilter", "Properties": {"MetricTransformations": [{"MetricName": "M"}]}}`: 0.3,
		`{"Type": "AWS::S3::Bucket"}`: 0,
	} {
		bill, err := alarmcost.Of(alarmcost.Use{Models: 5}, parse(t, `"A": `+resource))
		require.NoError(t, err, resource)
		assert.InDelta(t, want, bill.Total(), 0.0001, resource)
	}
}

func TestWhatHasNoPriceIsAnError(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		`{"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "M", "Period": 10}}`: "A: has a period of 10 seconds",
		`{"Type": "AWS::CloudWatch::InsightRule"}`:                                            "has no price here",
	} {
		_, err := alarmcost.Of(alarmcost.Use{}, parse(t, `"A": `+resource))
		assert.ErrorContains(t, err, want)
	}
}

func Example() {
	bill, err := alarmcost.Of(alarmcost.Use{}, map[string]any{"Resources": map[string]any{
		"Silence": map[string]any{"Type": "AWS::CloudWatch::CompositeAlarm"},
	}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("$%.2f\n", bill.Total())
	// Output: $0.50
}
