package guard

import (
	"context"
	"errors"
	"time"
)

// Client is what the guard needs of AWS beside the logging configuration and
// the SSM parameters. Each method is the API operation of that name. Failures
// that may pass are repeated by the client.
type Client interface {
	// GetObjectLockConfiguration returns the zero value for a bucket without
	// Object Lock, and ErrNotFound where there is no bucket.
	GetObjectLockConfiguration(ctx context.Context, bucket string) (ObjectLock, error)
	// GetTrailStatus returns ErrNotFound where there is no trail.
	GetTrailStatus(ctx context.Context, trailArn string) (TrailStatus, error)
	// DescribeLogGroups returns the log group of exactly that name, and
	// ErrNotFound where there is none.
	DescribeLogGroups(ctx context.Context, name string) (LogGroup, error)
	// DescribeKey returns the state of a KMS key, such as Enabled, and
	// ErrNotFound where there is no key.
	DescribeKey(ctx context.Context, keyArn string) (state string, err error)
	PutMetricData(ctx context.Context, namespace string, data []Datum) error
	Publish(ctx context.Context, topicArn, subject, message string) error
}

// ErrNotFound means that what was asked for does not exist.
var ErrNotFound = errors.New("not found")

// ObjectLock is the Object Lock of a bucket.
type ObjectLock struct {
	Enabled bool
	// Mode of the default retention, COMPLIANCE or GOVERNANCE; empty where
	// there is no default retention.
	Mode string
	// Days of the default retention. A year that S3 was given counts as 365.
	Days int
}

// TrailStatus is what CloudTrail says of a trail.
type TrailStatus struct {
	IsLogging bool
	// Files are the deliveries of log files to the bucket, Digests those of the
	// files that validate them, and Logs those to the log group.
	Files, Digests, Logs Delivery
}

// Delivery is what became of the deliveries to one place.
type Delivery struct {
	// Error is the latest one; empty where there was none.
	Error string
	// Latest is when something was delivered; zero for never.
	Latest time.Time
}

// LogGroup is a log group of CloudWatch Logs.
type LogGroup struct {
	// RetentionDays is 0 for ever.
	RetentionDays int
	// KeyArn is empty where the log group has no key of its own.
	KeyArn string
}

// Datum is one value of a metric, a count.
type Datum struct {
	Name  string
	Value float64
	// Check is the value of the dimension Check; empty for no dimension.
	Check string
}
