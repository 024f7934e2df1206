package awsclient

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/costtags"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

type costTagsClient struct {
	caller
	// costs calls Cost Explorer, in the Region of its one endpoint.
	costs caller
}

// NewCostTags returns a client of what the activation of cost tags needs.
func NewCostTags(config aws.Config) costtags.Client {
	costs := config.Copy()
	// Cost Explorer has one endpoint in a partition, for all its Regions (AWS
	// General Reference, "AWS Cost Explorer endpoints").
	costs.Region = "us-east-1"
	if strings.HasPrefix(config.Region, "cn-") {
		costs.Region = "cn-northwest-1"
	}
	return costTagsClient{newCaller(config), newCaller(costs)}
}

func (c costTagsClient) call(ctx context.Context, operation string, input, output any) error {
	return repeat(ctx, func(ctx context.Context) error {
		return c.costs.callJSON(ctx, "ce", "AWSInsightsIndexService."+operation, input, output)
	})
}

// repeat repeats what may pass.
func repeat(ctx context.Context, call func(context.Context) error) error {
	return retry.Do(ctx, logging.IsTransient, call)
}

// maxListedKeys is how many keys one call asks for (AWS Cost Explorer API
// reference, ListCostAllocationTags).
const maxListedKeys = 100

func (c costTagsClient) ListCostAllocationTags(ctx context.Context, keys []string) ([]costtags.Tag, error) {
	var tags []costtags.Tag
	for some := range slices.Chunk(keys, maxListedKeys) {
		listed, err := c.listSome(ctx, some)
		if err != nil {
			return nil, err
		}
		tags = append(tags, listed...)
	}
	return tags, nil
}

func (c costTagsClient) listSome(ctx context.Context, keys []string) ([]costtags.Tag, error) {
	var tags []costtags.Tag
	input := map[string]any{"TagKeys": keys, "Type": "UserDefined", "MaxResults": maxListedKeys}
	for {
		var output struct {
			CostAllocationTags []struct{ TagKey, Status, LastUpdatedDate string }
			NextToken          string
		}
		if err := c.call(ctx, "ListCostAllocationTags", input, &output); err != nil {
			return nil, notPayer(err)
		}
		for _, tag := range output.CostAllocationTags {
			updated, err := moment(tag.LastUpdatedDate)
			if err != nil {
				return nil, err
			}
			tags = append(tags, costtags.Tag{Key: tag.TagKey, Active: tag.Status == "Active", Updated: updated})
		}
		if output.NextToken == "" {
			return tags, nil
		}
		input["NextToken"] = output.NextToken
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
	var entries []map[string]string
	for _, key := range keys {
		entries = append(entries, map[string]string{"Status": "Active", "TagKey": key})
	}
	var output struct {
		Errors []struct{ TagKey, Code, Message string }
	}
	if err := c.call(ctx, "UpdateCostAllocationTagsStatus", map[string]any{"CostAllocationTagsStatus": entries}, &output); err != nil {
		return nil, err
	}
	notDone := map[string]costtags.Refusal{}
	for _, failure := range output.Errors {
		notDone[failure.TagKey] = costtags.Refusal{Code: failure.Code, Message: failure.Message}
	}
	return notDone, nil
}

func (c costTagsClient) ListCostAllocationTagBackfillHistory(ctx context.Context) ([]time.Time, error) {
	var requested []time.Time
	input := map[string]any{}
	for {
		var output struct {
			BackfillRequests []struct{ RequestedAt, BackfillStatus string }
			NextToken        string
		}
		if err := c.call(ctx, "ListCostAllocationTagBackfillHistory", input, &output); err != nil {
			return nil, err
		}
		for _, request := range output.BackfillRequests {
			if request.BackfillStatus == "FAILED" {
				continue
			}
			at, err := moment(request.RequestedAt)
			if err != nil {
				return nil, err
			}
			requested = append(requested, at)
		}
		if output.NextToken == "" {
			return requested, nil
		}
		input["NextToken"] = output.NextToken
	}
}

func (c costTagsClient) StartCostAllocationTagBackfill(ctx context.Context, from time.Time) error {
	err := c.call(ctx, "StartCostAllocationTagBackfill", map[string]any{"BackfillFrom": from.Format(time.RFC3339)}, nil)
	if isCode(err, "BackfillLimitExceededException") {
		return errors.Join(costtags.ErrBackfillLimit, err)
	}
	if isCode(err, "ValidationException") || isCode(err, "AccessDeniedException") {
		return errors.Join(costtags.ErrBackfillRefused, err)
	}
	return err
}

func (c costTagsClient) PutMetricData(ctx context.Context, namespace string, values map[string]float64) error {
	input := url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {namespace}}
	n := 0
	for name, value := range values {
		n++
		at := "MetricData.member." + strconv.Itoa(n) + "."
		input.Set(at+"MetricName", name)
		input.Set(at+"Value", strconv.FormatFloat(value, 'f', -1, 64))
		input.Set(at+"Unit", "Count")
	}
	return repeat(ctx, func(ctx context.Context) error { return c.callQuery(ctx, "monitoring", input) })
}

func (c costTagsClient) DisableRule(ctx context.Context, name string) error {
	return repeat(ctx, func(ctx context.Context) error {
		return c.callJSON(ctx, "events", "AWSEvents.DisableRule", map[string]string{"Name": name}, nil)
	})
}

// moment reads a time as Cost Explorer writes it; none is the zero time.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, text)
}
