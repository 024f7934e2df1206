package report

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// readBuckets also reads the buckets that the access logs go to, which it finds
// on the way.
func (r *reader) readBuckets(ctx context.Context) error {
	for i := 0; i < len(r.buckets); i++ {
		bucket, err := r.readBucket(ctx, r.buckets[i].name)
		if err != nil {
			return err
		}
		bucket.Holds = r.buckets[i].what
		r.report.Buckets = append(r.report.Buckets, *bucket)
		r.noteAccessLogs(bucket)
	}
	return nil
}

// noteAccessLogs says of which buckets a bucket has the access logs: several may
// share one.
func (r *reader) noteAccessLogs(of *Bucket) {
	const begin = "access logs of the "
	for i, to := range r.buckets {
		if to.name == of.AccessLogs && strings.HasPrefix(to.what, begin) {
			r.buckets[i].what += " and the " + of.Holds
		}
	}
	r.noteBucket(of.AccessLogs, begin+of.Holds)
}

func (r *reader) readBucket(ctx context.Context, name string) (*Bucket, error) {
	bucket := &Bucket{Name: name}
	for _, read := range []func(context.Context, *Bucket) error{
		r.readLock, r.readEncryption, r.readVersioning, r.readPublicAccess, r.readLifecycle, r.readAccessLogs, r.readBucketTags,
	} {
		if err := read(ctx, bucket); err != nil {
			return nil, err
		}
	}
	return bucket, nil
}

// unset turns the error codes with which S3 says that a bucket has no such
// configuration into none.
func unset(err error, codes ...string) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		for _, code := range codes {
			if api.ErrorCode() == code {
				return nil
			}
		}
	}
	return err
}

func (r *reader) readLock(ctx context.Context, b *Bucket) error {
	answer, err := r.s3.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &b.Name})
	if err != nil {
		return unset(err, "ObjectLockConfigurationNotFoundError")
	}
	if rule := answer.ObjectLockConfiguration.Rule; rule != nil {
		b.LockMode = string(rule.DefaultRetention.Mode)
		b.LockDays = aws.ToInt32(rule.DefaultRetention.Days)
	}
	return nil
}

func (r *reader) readEncryption(ctx context.Context, b *Bucket) error {
	answer, err := r.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.Name})
	if err != nil {
		return err
	}
	for _, rule := range answer.ServerSideEncryptionConfiguration.Rules {
		b.BucketKey = aws.ToBool(rule.BucketKeyEnabled)
		b.Encryption = string(rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm)
		b.Key = aws.ToString(rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID)
	}
	r.noteKey(b.Key, "bucket "+b.Name)
	return nil
}

func (r *reader) readVersioning(ctx context.Context, b *Bucket) error {
	answer, err := r.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name})
	if err != nil {
		return err
	}
	b.Versioned = answer.Status == types.BucketVersioningStatusEnabled
	return nil
}

func (r *reader) readPublicAccess(ctx context.Context, b *Bucket) error {
	answer, err := r.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &b.Name})
	if err != nil {
		return unset(err, "NoSuchPublicAccessBlockConfiguration")
	}
	block := answer.PublicAccessBlockConfiguration
	b.PublicBlocked = aws.ToBool(block.BlockPublicAcls) && aws.ToBool(block.BlockPublicPolicy) &&
		aws.ToBool(block.IgnorePublicAcls) && aws.ToBool(block.RestrictPublicBuckets)
	return nil
}

func (r *reader) readLifecycle(ctx context.Context, b *Bucket) error {
	answer, err := r.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &b.Name})
	if err != nil {
		return unset(err, "NoSuchLifecycleConfiguration")
	}
	for _, rule := range answer.Rules {
		if rule.Expiration != nil && aws.ToInt32(rule.Expiration.Days) > 0 {
			b.ExpireDays = aws.ToInt32(rule.Expiration.Days)
		}
	}
	return nil
}

func (r *reader) readAccessLogs(ctx context.Context, b *Bucket) error {
	answer, err := r.s3.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: &b.Name})
	if err != nil {
		return err
	}
	if answer.LoggingEnabled != nil {
		b.AccessLogs = aws.ToString(answer.LoggingEnabled.TargetBucket)
	}
	return nil
}

func (r *reader) readBucketTags(ctx context.Context, b *Bucket) error {
	answer, err := r.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.Name})
	if unset(err, "NoSuchTagSet") != nil {
		return err
	}
	tags := map[string]string{}
	if answer != nil {
		for _, tag := range answer.TagSet {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	r.noteTags("bucket "+b.Name, tags)
	return nil
}
