package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watched "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// guardSettings is the environment variable that only the guard's function has.
const guardSettings = "GUARD"

// The guard's metric, which is 0 where a check found all as it was declared.
const (
	guardNamespace = "PaperTrail"
	driftMetric    = "LoggingConfigurationDrift"
	checkDimension = "Check"
)

// CheckNow has the guard of config's Region make its checks, as its schedule does.
// It fails where there is no guard, and when the guard could not do all of them.
func CheckNow(ctx context.Context, config aws.Config) error {
	r := newReader(config)
	found, err := r.findGuard(ctx)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if found == nil {
		return errors.New("report: there is no guard in this Region")
	}
	answer, err := r.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: found.FunctionName, Payload: []byte("{}")})
	if err != nil {
		return fmt.Errorf("report: have the guard check: %w", err)
	}
	if answer.FunctionError != nil {
		return fmt.Errorf("report: the guard failed: %s", answer.Payload)
	}
	return nil
}

func (r *reader) findGuard(ctx context.Context) (*types.FunctionConfiguration, error) {
	pages := lambda.NewListFunctionsPaginator(r.lambda, &lambda.ListFunctionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, function := range page.Functions {
			if function.Environment != nil && function.Environment.Variables[guardSettings] != "" {
				return &function, nil
			}
		}
	}
	return nil, nil
}

func (r *reader) readGuard(ctx context.Context) error {
	found, err := r.findGuard(ctx)
	if err != nil || found == nil {
		return err
	}
	described, err := r.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: found.FunctionName})
	if err != nil {
		return err
	}
	guard := &Guard{Function: aws.ToString(found.FunctionName), State: string(described.State)}
	r.report.Guard = guard
	rules, err := r.events.ListRuleNamesByTarget(ctx, &eventbridge.ListRuleNamesByTargetInput{TargetArn: found.FunctionArn})
	if err != nil {
		return err
	}
	for _, name := range rules.RuleNames {
		rule, err := r.events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &name})
		if err != nil {
			return err
		}
		if rule.ScheduleExpression != nil {
			guard.Schedule = append(guard.Schedule, *rule.ScheduleExpression)
		} else {
			guard.Schedule = append(guard.Schedule, "on each call that changes the configuration")
		}
	}
	slices.Sort(guard.Schedule)
	return r.readChecks(ctx, guard)
}

// readChecks takes the results from the guard's metric: the last of each check
// within three hours.
func (r *reader) readChecks(ctx context.Context, guard *Guard) error {
	metrics, err := r.watch.ListMetrics(ctx, &cloudwatch.ListMetricsInput{
		Namespace: aws.String(guardNamespace), MetricName: aws.String(driftMetric),
		Dimensions: []watched.DimensionFilter{{Name: aws.String(checkDimension)}},
	})
	if err != nil {
		return err
	}
	now := time.Now()
	for _, metric := range metrics.Metrics {
		answer, err := r.watch.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
			Namespace: metric.Namespace, MetricName: metric.MetricName, Dimensions: metric.Dimensions,
			StartTime: aws.Time(now.Add(-3 * time.Hour)), EndTime: aws.Time(now.Add(time.Minute)),
			Period: aws.Int32(60), Statistics: []watched.Statistic{watched.StatisticMaximum},
		})
		if err != nil {
			return err
		}
		if len(answer.Datapoints) == 0 || len(metric.Dimensions) == 0 {
			continue
		}
		last := slices.MaxFunc(answer.Datapoints, func(a, b watched.Datapoint) int { return a.Timestamp.Compare(*b.Timestamp) })
		guard.Checks = append(guard.Checks, Check{
			Name: aws.ToString(metric.Dimensions[0].Value), At: last.Timestamp.UTC(), Declared: aws.ToFloat64(last.Maximum) == 0,
		})
	}
	slices.SortFunc(guard.Checks, func(a, b Check) int { return strings.Compare(a.Name, b.Name) })
	return nil
}
