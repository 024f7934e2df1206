package alarmsim_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/test/alarmsim"
)

func Example() {
	alarms, err := alarmsim.Load(map[string]any{"Resources": map[string]any{
		"Throttling": map[string]any{"Type": "AWS::CloudWatch::Alarm", "Properties": map[string]any{
			"Namespace": "AWS/Bedrock", "MetricName": "InvocationThrottles", "Statistic": "Sum",
			"Period": 300, "EvaluationPeriods": 1, "Threshold": 5,
			"ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
		}},
	}})
	if err != nil {
		panic(err)
	}
	data := alarmsim.NewData()
	// Six throttled calls in minute 10, which CloudWatch has two minutes later.
	data.Put(alarmsim.Metric{Namespace: "AWS/Bedrock", Name: "InvocationThrottles"}, 10, 12, 6)
	history, err := alarms.Run(data, 0, 60, alarmsim.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(history.Fired(), history.Spans("Throttling"))
	// Output: [Throttling] [{13 16}]
}
