package awsclient

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
)

type guardClient struct{ caller }

// NewGuard returns a client of what the guard checks and tells.
func NewGuard(config aws.Config) guard.Client { return guardClient{newCaller(config)} }

// daysInYear is a retention that S3 was given in years: the shorter reading, so
// that the guard rather warns.
const daysInYear = 365

func (c guardClient) GetObjectLockConfiguration(ctx context.Context, bucket string) (guard.ObjectLock, error) {
	// The bucket is in the path, because names with dots fit no certificate.
	answer, err := c.call(ctx, "s3", http.MethodGet, "/"+url.PathEscape(bucket)+"?object-lock=", http.Header{}, nil)
	switch {
	case isCode(err, "ObjectLockConfigurationNotFoundError"):
		return guard.ObjectLock{}, nil
	case isCode(err, "NoSuchBucket"):
		return guard.ObjectLock{}, guard.ErrNotFound
	case err != nil:
		return guard.ObjectLock{}, err
	}
	var lock struct {
		ObjectLockEnabled string
		Rule              struct {
			DefaultRetention struct {
				Mode        string
				Days, Years int
			}
		}
	}
	if err := xml.Unmarshal(answer, &lock); err != nil {
		return guard.ObjectLock{}, fmt.Errorf("the answer cannot be read: %w", err)
	}
	retention := lock.Rule.DefaultRetention
	return guard.ObjectLock{
		Enabled: lock.ObjectLockEnabled == "Enabled",
		Mode:    retention.Mode,
		Days:    retention.Days + retention.Years*daysInYear,
	}, nil
}

func (c guardClient) GetTrailStatus(ctx context.Context, trailArn string) (guard.TrailStatus, error) {
	var output struct {
		IsLogging                                                                         bool
		LatestDeliveryError, LatestDigestDeliveryError, LatestCloudWatchLogsDeliveryError string
		LatestDeliveryTime, LatestDigestDeliveryTime, LatestCloudWatchLogsDeliveryTime    epochSeconds
	}
	err := c.callJSON(ctx, "cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.GetTrailStatus",
		map[string]string{"Name": trailArn}, &output)
	if isCode(err, "TrailNotFoundException") {
		return guard.TrailStatus{}, guard.ErrNotFound
	}
	return guard.TrailStatus{
		IsLogging: output.IsLogging,
		Files:     guard.Delivery{Error: output.LatestDeliveryError, Latest: output.LatestDeliveryTime.Time},
		Digests:   guard.Delivery{Error: output.LatestDigestDeliveryError, Latest: output.LatestDigestDeliveryTime.Time},
		Logs:      guard.Delivery{Error: output.LatestCloudWatchLogsDeliveryError, Latest: output.LatestCloudWatchLogsDeliveryTime.Time},
	}, err
}

// epochSeconds is a time as AWS's JSON protocols write it.
type epochSeconds struct{ time.Time }

func (e *epochSeconds) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("a time has to be a number of seconds, got %s", text)
	}
	e.Time = time.Unix(int64(seconds), 0)
	return nil
}

// DescribeLogGroups asks for a prefix. Names come in order, so the log group
// that has just that name is the first.
func (c guardClient) DescribeLogGroups(ctx context.Context, name string) (guard.LogGroup, error) {
	var output struct {
		LogGroups []struct {
			LogGroupName    string
			RetentionInDays int
			KmsKeyId        string
		}
	}
	err := c.callJSON(ctx, "logs", "Logs_20140328.DescribeLogGroups", map[string]string{"logGroupNamePrefix": name}, &output)
	if err != nil {
		return guard.LogGroup{}, err
	}
	for _, group := range output.LogGroups {
		if group.LogGroupName == name {
			return guard.LogGroup{RetentionDays: group.RetentionInDays, KeyArn: group.KmsKeyId}, nil
		}
	}
	return guard.LogGroup{}, guard.ErrNotFound
}

func (c guardClient) DescribeKey(ctx context.Context, keyArn string) (string, error) {
	var output struct {
		KeyMetadata struct{ KeyState string }
	}
	err := c.callJSON(ctx, "kms", "TrentService.DescribeKey", map[string]string{"KeyId": keyArn}, &output)
	if isCode(err, "NotFoundException") {
		return "", guard.ErrNotFound
	}
	if err == nil && output.KeyMetadata.KeyState == "" {
		return "", errors.New("KMS answered without the state of the key")
	}
	return output.KeyMetadata.KeyState, err
}

func (c guardClient) PutMetricData(ctx context.Context, namespace string, data []guard.Datum) error {
	input := url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {namespace}}
	for i, d := range data {
		at := fmt.Sprintf("MetricData.member.%d.", i+1)
		input.Set(at+"MetricName", d.Name)
		input.Set(at+"Value", strconv.FormatFloat(d.Value, 'f', -1, 64))
		input.Set(at+"Unit", "Count")
		if d.Check != "" {
			input.Set(at+"Dimensions.member.1.Name", "Check")
			input.Set(at+"Dimensions.member.1.Value", d.Check)
		}
	}
	return c.callQuery(ctx, "monitoring", input)
}

func (c guardClient) Publish(ctx context.Context, topicArn, subject, message string) error {
	return c.callQuery(ctx, "sns", url.Values{
		"Action": {"Publish"}, "Version": {"2010-03-31"},
		"TopicArn": {topicArn}, "Subject": {subject}, "Message": {message},
	})
}
