package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// ErrNotLogging means that the Region has no logging configuration.
var ErrNotLogging = errors.New("report: model invocations are not logged in this Region")

// Read reads the paper trail of config's Region. It fails with ErrNotLogging
// when nothing is logged, and with the failed API call's error otherwise.
func Read(ctx context.Context, config aws.Config) (*Report, error) {
	r := newReader(config)
	caller, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("report: who is asking: %w", err)
	}
	r.report.Account, r.report.Region = *caller.Account, config.Region
	for _, step := range []func(context.Context) error{
		r.readLogging, r.readTrails, r.readBuckets, r.readLogGroups, r.readAlarms, r.readTopics, r.readLedger, r.readKeys,
		r.readGuard, r.readRules, r.readBoards,
	} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
	}
	r.report.throttlingFirst()
	return &r.report, nil
}

// reader follows references: each step notes what a later one looks up.
type reader struct {
	athena    *athena.Client
	bedrock   *bedrock.Client
	trail     *cloudtrail.Client
	watch     *cloudwatch.Client
	glue      *glue.Client
	scheduler *scheduler.Client
	logs      *cloudwatchlogs.Client
	events    *eventbridge.Client
	lambda    *lambda.Client
	kms       *kms.Client
	s3        *s3.Client
	sns       *sns.Client

	report  Report
	buckets []named // what each bucket holds
	groups  []string
	topics  []string
	keys    []named // what each key encrypts, once for each
}

func newReader(config aws.Config) *reader {
	return &reader{
		athena:    athena.NewFromConfig(config),
		glue:      glue.NewFromConfig(config),
		scheduler: scheduler.NewFromConfig(config),
		bedrock:   bedrock.NewFromConfig(config),
		trail:     cloudtrail.NewFromConfig(config),
		watch:     cloudwatch.NewFromConfig(config),
		logs:      cloudwatchlogs.NewFromConfig(config),
		events:    eventbridge.NewFromConfig(config),
		lambda:    lambda.NewFromConfig(config),
		kms:       kms.NewFromConfig(config),
		s3:        s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		sns:       sns.NewFromConfig(config),
	}
}

type named struct{ name, what string }

func (r *reader) noteBucket(name, holds string) {
	known := func(n named) bool { return n.name == name }
	if name != "" && !slices.ContainsFunc(r.buckets, known) {
		r.buckets = append(r.buckets, named{name, holds})
	}
}

func (r *reader) noteKey(key, encrypts string) {
	if key != "" {
		r.keys = append(r.keys, named{key, encrypts})
	}
}

// noteTags keeps what somebody chose and drops what CloudFormation adds.
func (r *reader) noteTags(resource string, tags map[string]string) {
	for key := range tags {
		if strings.HasPrefix(key, "aws:") {
			delete(tags, key)
		}
	}
	r.report.Tags = append(r.report.Tags, Tagged{resource, tags})
}

func (r *reader) readLogging(ctx context.Context) error {
	answer, err := r.bedrock.GetModelInvocationLoggingConfiguration(ctx, &bedrock.GetModelInvocationLoggingConfigurationInput{})
	if err != nil {
		return err
	}
	live := answer.LoggingConfig
	if live == nil || live.S3Config == nil && live.CloudWatchConfig == nil {
		return ErrNotLogging
	}
	l := &r.report.Logging
	l.Text, l.Image, l.Embedding = aws.ToBool(live.TextDataDeliveryEnabled), aws.ToBool(live.ImageDataDeliveryEnabled), aws.ToBool(live.EmbeddingDataDeliveryEnabled)
	l.Video, l.Audio = aws.ToBool(live.VideoDataDeliveryEnabled), aws.ToBool(live.AudioDataDeliveryEnabled)
	if to := live.S3Config; to != nil {
		l.Bucket, l.Prefix = aws.ToString(to.BucketName), aws.ToString(to.KeyPrefix)
		r.noteBucket(l.Bucket, "prompts and completions")
	}
	if to := live.CloudWatchConfig; to != nil {
		l.LogGroup, l.Role = aws.ToString(to.LogGroupName), aws.ToString(to.RoleArn)
		r.groups = append(r.groups, l.LogGroup)
		if large := to.LargeDataDeliveryS3Config; large != nil {
			l.LargeDataBucket, l.LargeDataPrefix = aws.ToString(large.BucketName), aws.ToString(large.KeyPrefix)
			r.noteBucket(l.LargeDataBucket, "large bodies")
		}
	}
	return nil
}

func (r *reader) readLogGroups(ctx context.Context) error {
	for _, name := range r.groups {
		answer, err := r.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
		if err != nil {
			return err
		}
		for _, group := range answer.LogGroups {
			if aws.ToString(group.LogGroupName) != name {
				continue
			}
			r.report.LogGroups = append(r.report.LogGroups, LogGroup{
				Name:          name,
				RetentionDays: aws.ToInt32(group.RetentionInDays),
				Key:           aws.ToString(group.KmsKeyId),
				Protected:     aws.ToBool(group.DeletionProtectionEnabled),
				Masked:        group.DataProtectionStatus == "ACTIVATED",
			})
			r.noteKey(aws.ToString(group.KmsKeyId), name)
			tags, err := r.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: group.LogGroupArn})
			if err != nil {
				return err
			}
			r.noteTags("log group "+name, tags.Tags)
		}
		filters, err := r.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: &name})
		if err != nil {
			return err
		}
		for _, filter := range filters.MetricFilters {
			for _, to := range filter.MetricTransformations {
				r.report.Filters = append(r.report.Filters, Filter{
					Name: aws.ToString(filter.FilterName), LogGroup: name, Pattern: aws.ToString(filter.FilterPattern),
					Metric: aws.ToString(to.MetricName), Namespace: aws.ToString(to.MetricNamespace), Value: aws.ToString(to.MetricValue),
				})
			}
		}
	}
	return nil
}

func (r *reader) readKeys(ctx context.Context) error {
	index := map[string]int{}
	for _, use := range r.keys {
		at, known := index[use.name]
		if !known {
			key, err := r.readKey(ctx, use.name)
			if err != nil {
				return err
			}
			at = len(r.report.Keys)
			index[use.name] = at
			r.report.Keys = append(r.report.Keys, key)
		}
		r.report.Keys[at].Encrypts = append(r.report.Keys[at].Encrypts, use.what)
	}
	return nil
}

func (r *reader) readKey(ctx context.Context, id string) (Key, error) {
	described, err := r.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		return Key{}, err
	}
	rotation, err := r.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: described.KeyMetadata.KeyId})
	if err != nil {
		return Key{}, err
	}
	listed, err := r.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: described.KeyMetadata.KeyId})
	if err != nil {
		return Key{}, err
	}
	tags := map[string]string{}
	for _, tag := range listed.Tags {
		tags[aws.ToString(tag.TagKey)] = aws.ToString(tag.TagValue)
	}
	r.noteTags("key "+short(aws.ToString(described.KeyMetadata.KeyId)), tags)
	return Key{
		ARN:          aws.ToString(described.KeyMetadata.Arn),
		Description:  aws.ToString(described.KeyMetadata.Description),
		Rotates:      rotation.KeyRotationEnabled,
		RotationDays: aws.ToInt32(rotation.RotationPeriodInDays),
		State:        string(described.KeyMetadata.KeyState),
	}, nil
}
