package guard

import (
	"context"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

// patient is a [Client] that repeats calls which may succeed later.
type patient struct {
	client Client
}

func (p patient) GetObjectLockConfiguration(ctx context.Context, bucket string) (lock ObjectLock, err error) {
	err = patiently(ctx, "reading its Object Lock", func(ctx context.Context) error {
		lock, err = p.client.GetObjectLockConfiguration(ctx, bucket)
		return err
	})
	return lock, err
}

func (p patient) GetTrailStatus(ctx context.Context, trailArn string) (status TrailStatus, err error) {
	err = patiently(ctx, "reading its status", func(ctx context.Context) error {
		status, err = p.client.GetTrailStatus(ctx, trailArn)
		return err
	})
	return status, err
}

func (p patient) DescribeLogGroups(ctx context.Context, name string) (group LogGroup, err error) {
	err = patiently(ctx, "reading its retention and key", func(ctx context.Context) error {
		group, err = p.client.DescribeLogGroups(ctx, name)
		return err
	})
	return group, err
}

func (p patient) DescribeKey(ctx context.Context, keyArn string) (state string, err error) {
	err = patiently(ctx, "reading its state", func(ctx context.Context) error {
		state, err = p.client.DescribeKey(ctx, keyArn)
		return err
	})
	return state, err
}

func (p patient) PutMetricData(ctx context.Context, namespace string, data []Datum) error {
	return patiently(ctx, "publishing metrics", func(ctx context.Context) error {
		return p.client.PutMetricData(ctx, namespace, data)
	})
}

func (p patient) Publish(ctx context.Context, topicArn, subject, message string) error {
	return patiently(ctx, "publishing to "+topicArn, func(ctx context.Context) error {
		return p.client.Publish(ctx, topicArn, subject, message)
	})
}

func patiently(ctx context.Context, what string, action func(context.Context) error) error {
	if err := retry.Do(ctx, logging.IsTransient, action); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
