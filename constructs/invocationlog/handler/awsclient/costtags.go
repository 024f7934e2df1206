package awsclient

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	costtypes "github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/smithy-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/costtags"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

type costTagsClient struct {
	costs      *costexplorer.Client
	cloudwatch *cloudwatch.Client
	events     *eventbridge.Client
}

// NewCostTags returns a client that repeats what may pass.
func NewCostTags(config aws.Config) costtags.Client {
	costs := config.Copy()
	// Cost Explorer has one endpoint in a partition, for all its Regions (AWS
	// General Reference, "AWS Cost Explorer endpoints").
	costs.Region = billingRegion(config.Region)
	return costTagsClient{costexplorer.NewFromConfig(costs), cloudwatch.NewFromConfig(config), eventbridge.NewFromConfig(config)}
}

func billingRegion(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "cn-northwest-1"
	}
	return "us-east-1"
}

func (c costTagsClient) repeat(ctx context.Context, call func(context.Context) error) error {
	return retry.Do(ctx, logging.IsTransient, call)
}

func (c costTagsClient) ListCostAllocationTags(ctx context.Context, keys []string) ([]costtags.Tag, error) {
	var tags []costtags.Tag
	input := &costexplorer.ListCostAllocationTagsInput{TagKeys: keys, Type: costtypes.CostAllocationTagTypeUserDefined, MaxResults: aws.Int32(100)}
	for {
		var output *costexplorer.ListCostAllocationTagsOutput
		err := c.repeat(ctx, func(ctx context.Context) (err error) {
			output, err = c.costs.ListCostAllocationTags(ctx, input)
			return err
		})
		if err != nil {
			return nil, notPayer(err)
		}
		for _, tag := range output.CostAllocationTags {
			updated, err := moment(tag.LastUpdatedDate)
			if err != nil {
				return nil, err
			}
			tags = append(tags, costtags.Tag{
				Key: aws.ToString(tag.TagKey), Active: tag.Status == costtypes.CostAllocationTagStatusActive, Updated: updated,
			})
		}
		if aws.ToString(output.NextToken) == "" {
			return tags, nil
		}
		input.NextToken = output.NextToken
	}
}

// notPayer recognises what AWS answers to an account whose bill another one
// pays. It has no error code of its own.
func notPayer(err error) error {
	failed, ok := errors.AsType[smithy.APIError](err)
	if ok && strings.Contains(strings.ToLower(failed.ErrorMessage()), "linked account") {
		return errors.Join(costtags.ErrNotPayer, err)
	}
	return err
}

func (c costTagsClient) UpdateCostAllocationTagsStatus(ctx context.Context, keys []string) (map[string]costtags.Refusal, error) {
	var entries []costtypes.CostAllocationTagStatusEntry
	for _, key := range keys {
		entries = append(entries, costtypes.CostAllocationTagStatusEntry{TagKey: aws.String(key), Status: costtypes.CostAllocationTagStatusActive})
	}
	var output *costexplorer.UpdateCostAllocationTagsStatusOutput
	err := c.repeat(ctx, func(ctx context.Context) (err error) {
		output, err = c.costs.UpdateCostAllocationTagsStatus(ctx, &costexplorer.UpdateCostAllocationTagsStatusInput{CostAllocationTagsStatus: entries})
		return err
	})
	if err != nil {
		return nil, err
	}
	notDone := map[string]costtags.Refusal{}
	for _, failure := range output.Errors {
		notDone[aws.ToString(failure.TagKey)] = costtags.Refusal{Code: aws.ToString(failure.Code), Message: aws.ToString(failure.Message)}
	}
	return notDone, nil
}

func (c costTagsClient) ListCostAllocationTagBackfillHistory(ctx context.Context) ([]time.Time, error) {
	var requested []time.Time
	input := &costexplorer.ListCostAllocationTagBackfillHistoryInput{}
	for {
		var output *costexplorer.ListCostAllocationTagBackfillHistoryOutput
		err := c.repeat(ctx, func(ctx context.Context) (err error) {
			output, err = c.costs.ListCostAllocationTagBackfillHistory(ctx, input)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, request := range output.BackfillRequests {
			at, err := moment(request.RequestedAt)
			if err != nil {
				return nil, err
			}
			requested = append(requested, at)
		}
		if aws.ToString(output.NextToken) == "" {
			return requested, nil
		}
		input.NextToken = output.NextToken
	}
}

func (c costTagsClient) StartCostAllocationTagBackfill(ctx context.Context, from time.Time) error {
	err := c.repeat(ctx, func(ctx context.Context) error {
		_, err := c.costs.StartCostAllocationTagBackfill(ctx, &costexplorer.StartCostAllocationTagBackfillInput{BackfillFrom: aws.String(from.Format(time.RFC3339))})
		return err
	})
	if _, ok := errors.AsType[*costtypes.BackfillLimitExceededException](err); ok {
		return errors.Join(costtags.ErrBackfillLimit, err)
	}
	return err
}

func (c costTagsClient) PutMetricData(ctx context.Context, namespace string, values map[string]float64) error {
	input := &cloudwatch.PutMetricDataInput{Namespace: aws.String(namespace)}
	for name, value := range values {
		input.MetricData = append(input.MetricData, cloudwatchtypes.MetricDatum{
			MetricName: aws.String(name), Value: aws.Float64(value), Unit: cloudwatchtypes.StandardUnitCount,
		})
	}
	return c.repeat(ctx, func(ctx context.Context) error {
		_, err := c.cloudwatch.PutMetricData(ctx, input)
		return err
	})
}

func (c costTagsClient) DisableRule(ctx context.Context, name string) error {
	return c.repeat(ctx, func(ctx context.Context) error {
		_, err := c.events.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String(name)})
		return err
	})
}

// moment reads a time as Cost Explorer writes it; none is the zero time.
func moment(text *string) (time.Time, error) {
	if aws.ToString(text) == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, *text)
}
