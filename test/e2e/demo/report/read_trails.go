package report

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

func (r *reader) readTrails(ctx context.Context) error {
	answer, err := r.trail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil {
		return err
	}
	for _, described := range answer.TrailList {
		trail := Trail{
			Name:        aws.ToString(described.Name),
			MultiRegion: aws.ToBool(described.IsMultiRegionTrail),
			Validation:  aws.ToBool(described.LogFileValidationEnabled),
			Bucket:      aws.ToString(described.S3BucketName),
			LogGroup:    groupName(aws.ToString(described.CloudWatchLogsLogGroupArn)),
			Key:         aws.ToString(described.KmsKeyId),
		}
		status, err := r.trail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: described.TrailARN})
		if err != nil {
			return err
		}
		trail.Logging = aws.ToBool(status.IsLogging)
		selectors, err := r.trail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: described.TrailARN})
		if err != nil {
			return err
		}
		for _, selector := range selectors.AdvancedEventSelectors {
			trail.Selectors = append(trail.Selectors, describe(selector))
		}
		if aws.ToBool(described.HasInsightSelectors) {
			insights, err := r.trail.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: described.TrailARN})
			if err != nil {
				return err
			}
			for _, selector := range insights.InsightSelectors {
				trail.Insights = append(trail.Insights, string(selector.InsightType))
			}
		}
		listed, err := r.trail.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{aws.ToString(described.TrailARN)}})
		if err != nil {
			return err
		}
		tags := map[string]string{}
		for _, tag := range listed.ResourceTagList[0].TagsList {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		r.noteTags("trail "+trail.Name, tags)
		r.noteBucket(trail.Bucket, "API events")
		r.noteKey(trail.Key, "trail "+trail.Name)
		if trail.LogGroup != "" && !slices.Contains(r.groups, trail.LogGroup) {
			r.groups = append(r.groups, trail.LogGroup)
		}
		r.report.Trails = append(r.report.Trails, trail)
	}
	return nil
}

// describe puts a selector on one line: category, resource type and, in the
// service's terms, what narrows them.
func describe(selector types.AdvancedEventSelector) string {
	var what, where []string
	for _, field := range selector.FieldSelectors {
		name := aws.ToString(field.Field)
		if (name == "eventCategory" || name == "resources.type") && len(field.Equals) > 0 {
			what = append(what, strings.Join(field.Equals, " or "))
			continue
		}
		for _, test := range []struct {
			operator string
			values   []string
		}{
			{"=", field.Equals}, {"!=", field.NotEquals},
			{"starts with", field.StartsWith}, {"does not start with", field.NotStartsWith},
			{"ends with", field.EndsWith}, {"does not end with", field.NotEndsWith},
		} {
			if len(test.values) > 0 {
				where = append(where, name+" "+test.operator+" "+strings.Join(test.values, " or "))
			}
		}
	}
	text := strings.Join(what, " ")
	if len(where) > 0 {
		text += " where " + strings.Join(where, ", ")
	}
	return text
}

// groupName takes a log group's name out of its ARN, which ends in ":*".
func groupName(arn string) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(arn, ":*"), ":log-group:")
	return name
}
