package hours

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// CloudWatch is the metric where it is made, in the account and partition of the
// client. It asks the client's own Region and all that the record knows.
//
// CloudWatch keeps hourly values for 455 days, and finds only models that had a
// value in the last two weeks: hours of models that nobody has called since are
// not missed. The range needs a beginning.
func CloudWatch(client cloudwatch.GetMetricDataAPIClient, home string) Metric {
	return cloudWatch{client, home}
}

type cloudWatch struct {
	client cloudwatch.GetMetricDataAPIClient
	home   string
}

func (m cloudWatch) Calls(ctx context.Context, from, to time.Time, regions []string) (map[Key]int64, error) {
	if from.IsZero() {
		return nil, errors.New("CloudWatch is asked for a range of time only; give --from")
	}
	if to.IsZero() {
		to = time.Now().UTC().Truncate(time.Hour)
	}
	if !slices.Contains(regions, m.home) {
		regions = append(regions, m.home)
	}
	calls := map[Key]int64{}
	for _, region := range regions {
		if err := m.region(ctx, from, to, region, calls); err != nil {
			return nil, fmt.Errorf("ask CloudWatch in %s: %w", region, err)
		}
	}
	return calls, nil
}

func (m cloudWatch) region(ctx context.Context, from, to time.Time, region string, calls map[Key]int64) error {
	pages := cloudwatch.NewGetMetricDataPaginator(m.client, &cloudwatch.GetMetricDataInput{
		StartTime: &from,
		EndTime:   &to,
		MetricDataQueries: []types.MetricDataQuery{{
			Id:         aws.String("calls"),
			Expression: aws.String(`SUM(SEARCH('{AWS/Bedrock,ModelId} MetricName="Invocations"', 'Sum', 3600))`),
			Period:     aws.Int32(3600),
		}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, func(o *cloudwatch.Options) { o.Region = region })
		if err != nil {
			return err
		}
		for _, series := range page.MetricDataResults {
			for i, hour := range series.Timestamps {
				calls[Key{region, hour.UTC()}] += int64(series.Values[i])
			}
		}
	}
	return nil
}
