package report

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
)

func TestConditionsAreWrittenForPeople(t *testing.T) {
	t.Parallel()
	for want, alarm := range map[string]types.MetricAlarm{
		">= 5 within 5 minutes, in 1 of 3 periods, no data is fine": {
			ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold, Threshold: aws.Float64(5),
			Period: aws.Int32(300), EvaluationPeriods: aws.Int32(3), DatapointsToAlarm: aws.Int32(1), TreatMissingData: aws.String("notBreaching"),
		},
		"< 1 within 1 hour, in 2 periods in a row, no data counts as a breach": {
			ComparisonOperator: types.ComparisonOperatorLessThanThreshold, Threshold: aws.Float64(1),
			Period: aws.Int32(3600), EvaluationPeriods: aws.Int32(2), TreatMissingData: aws.String("breaching"),
		},
		"> 0.5 within 90 minutes, no data leaves the state open": {
			ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, Threshold: aws.Float64(0.5),
			Period: aws.Int32(5400), EvaluationPeriods: aws.Int32(1), TreatMissingData: aws.String("missing"),
		},
		"above the band of what is usual, within 10 seconds, no data changes nothing": {
			ComparisonOperator: types.ComparisonOperatorGreaterThanUpperThreshold, ThresholdMetricId: aws.String("band"),
			Period: aws.Int32(10), EvaluationPeriods: aws.Int32(1), TreatMissingData: aws.String("ignore"),
		},
	} {
		assert.Equal(t, want, condition(alarm))
	}
}

func TestASharedBucketOfAccessLogsNamesWhatItIsOf(t *testing.T) {
	t.Parallel()
	r := &reader{buckets: []named{{"a", "prompts"}, {"b", "events"}}}
	r.noteAccessLogs(&Bucket{Name: "a", Holds: "prompts", AccessLogs: "logs"})
	r.noteAccessLogs(&Bucket{Name: "b", Holds: "events", AccessLogs: "logs"})
	r.noteAccessLogs(&Bucket{Name: "logs"})
	assert.Equal(t, []named{{"a", "prompts"}, {"b", "events"}, {"logs", "access logs of the prompts and the events"}}, r.buckets)
}
