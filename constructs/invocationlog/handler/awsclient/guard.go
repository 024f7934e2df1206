package awsclient

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
)

// daysInYear is a retention that S3 was given in years: the shorter reading, so
// that the guard rather warns.
const daysInYear = 365

type guardClient struct {
	buckets   *s3.Client
	trails    *cloudtrail.Client
	logGroups *cloudwatchlogs.Client
	keys      *kms.Client
	metrics   *cloudwatch.Client
	topics    *sns.Client
}

// NewGuard returns a client of what the guard checks and tells.
func NewGuard(config aws.Config) guard.Client {
	return guardClient{
		buckets: s3.NewFromConfig(config, func(o *s3.Options) {
			// Names with dots fit no certificate.
			o.UsePathStyle = true
		}),
		trails:    cloudtrail.NewFromConfig(config),
		logGroups: cloudwatchlogs.NewFromConfig(config),
		keys:      kms.NewFromConfig(config),
		metrics: cloudwatch.NewFromConfig(config, func(o *cloudwatch.Options) {
			o.DisableRequestCompression = true // of a kilobyte
		}),
		topics: sns.NewFromConfig(config),
	}
}

func (c guardClient) GetObjectLockConfiguration(ctx context.Context, bucket string) (guard.ObjectLock, error) {
	output, err := c.buckets.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: aws.String(bucket)})
	if failed, ok := errors.AsType[smithy.APIError](err); ok {
		switch failed.ErrorCode() {
		case "ObjectLockConfigurationNotFoundError":
			return guard.ObjectLock{}, nil
		case "NoSuchBucket":
			return guard.ObjectLock{}, guard.ErrNotFound
		}
	}
	if err != nil || output.ObjectLockConfiguration == nil {
		return guard.ObjectLock{}, err
	}
	lock := guard.ObjectLock{Enabled: output.ObjectLockConfiguration.ObjectLockEnabled == s3types.ObjectLockEnabledEnabled}
	if rule := output.ObjectLockConfiguration.Rule; rule != nil && rule.DefaultRetention != nil {
		lock.Mode = string(rule.DefaultRetention.Mode)
		lock.Days = int(aws.ToInt32(rule.DefaultRetention.Days)) + daysInYear*int(aws.ToInt32(rule.DefaultRetention.Years))
	}
	return lock, nil
}

func (c guardClient) GetTrailStatus(ctx context.Context, trailArn string) (bool, error) {
	output, err := c.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(trailArn)})
	if _, ok := errors.AsType[*cloudtrailtypes.TrailNotFoundException](err); ok {
		return false, guard.ErrNotFound
	}
	if err != nil {
		return false, err
	}
	return aws.ToBool(output.IsLogging), nil
}

// DescribeLogGroups asks for a prefix. Names come in order, so the log group
// that has just that name is the first.
func (c guardClient) DescribeLogGroups(ctx context.Context, name string) (guard.LogGroup, error) {
	output, err := c.logGroups.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(name)})
	if err != nil {
		return guard.LogGroup{}, err
	}
	for _, group := range output.LogGroups {
		if aws.ToString(group.LogGroupName) == name {
			return guard.LogGroup{
				RetentionDays: int(aws.ToInt32(group.RetentionInDays)),
				KeyArn:        aws.ToString(group.KmsKeyId),
			}, nil
		}
	}
	return guard.LogGroup{}, guard.ErrNotFound
}

func (c guardClient) DescribeKey(ctx context.Context, keyArn string) (string, error) {
	output, err := c.keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(keyArn)})
	if _, ok := errors.AsType[*kmstypes.NotFoundException](err); ok {
		return "", guard.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	if output.KeyMetadata == nil {
		return "", errors.New("KMS answered without the key")
	}
	return string(output.KeyMetadata.KeyState), nil
}

func (c guardClient) PutMetricData(ctx context.Context, namespace string, data []guard.Datum) error {
	input := &cloudwatch.PutMetricDataInput{Namespace: aws.String(namespace)}
	for _, d := range data {
		datum := cloudwatchtypes.MetricDatum{
			MetricName: aws.String(d.Name),
			Value:      aws.Float64(d.Value),
			Unit:       cloudwatchtypes.StandardUnitCount,
		}
		if d.Check != "" {
			datum.Dimensions = []cloudwatchtypes.Dimension{{Name: aws.String("Check"), Value: aws.String(d.Check)}}
		}
		input.MetricData = append(input.MetricData, datum)
	}
	_, err := c.metrics.PutMetricData(ctx, input)
	return err
}

func (c guardClient) Publish(ctx context.Context, topicArn, subject, message string) error {
	_, err := c.topics.Publish(ctx, &sns.PublishInput{
		TopicArn: aws.String(topicArn),
		Subject:  aws.String(subject),
		Message:  aws.String(message),
	})
	return err
}
