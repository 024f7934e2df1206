package report

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

func (r *reader) readAlarms(ctx context.Context) error {
	pages := cloudwatch.NewDescribeAlarmsPaginator(r.watch, &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm, types.AlarmTypeMetricAlarm},
	})
	var alarms []Alarm
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, alarm := range page.CompositeAlarms {
			watches, condition := compose(aws.ToString(alarm.AlarmRule))
			r.report.Alarms = append(r.report.Alarms, Alarm{
				ARN:         aws.ToString(alarm.AlarmArn),
				Description: aws.ToString(alarm.AlarmDescription),
				Watches:     watches,
				Condition:   condition,
				Actions:     alarm.AlarmActions,
				OKActions:   alarm.OKActions,
				State:       string(alarm.StateValue),
			})
		}
		for _, alarm := range page.MetricAlarms {
			alarms = append(alarms, Alarm{
				ARN:         aws.ToString(alarm.AlarmArn),
				Description: aws.ToString(alarm.AlarmDescription),
				Watches:     watches(alarm),
				Condition:   condition(alarm),
				Actions:     alarm.AlarmActions,
				OKActions:   alarm.OKActions,
				State:       string(alarm.StateValue),
			})
		}
	}
	r.report.Alarms = append(r.report.Alarms, alarms...)
	for i := range r.report.Alarms {
		r.report.Alarms[i].Severity = severity(r.report.Alarms[i].Description)
	}
	for _, alarm := range r.report.Alarms {
		for _, action := range alarm.Actions {
			if strings.Contains(action, ":sns:") && !slices.Contains(r.topics, action) {
				r.topics = append(r.topics, action)
			}
		}
		if err := r.readAlarmTags(ctx, alarm.ARN); err != nil {
			return err
		}
	}
	return nil
}

// severity is what the first line of a description says.
func severity(description string) string {
	for _, severity := range []string{"Critical", "Warning"} {
		if strings.HasPrefix(description, severity+": ") {
			return severity
		}
	}
	return ""
}

// child finds the alarms of an alarm rule.
var child = regexp.MustCompile(`ALARM\("arn:[^"]*:alarm:([^"]+)"\)`)

// onlyOr matches an alarm rule without its alarms when nothing but OR joins them.
var onlyOr = regexp.MustCompile(`^[( )]*(OR[( )]*)*$`)

// compose says what a composite alarm watches and when it fires.
func compose(rule string) (watches []string, condition string) {
	for _, match := range child.FindAllStringSubmatch(rule, -1) {
		watches = append(watches, match[1])
	}
	if onlyOr.MatchString(child.ReplaceAllString(rule, "")) {
		return watches, "any of these is in ALARM"
	}
	return watches, rule
}

func (r *reader) readAlarmTags(ctx context.Context, arn string) error {
	answer, err := r.watch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: &arn})
	if err != nil {
		return err
	}
	tags := map[string]string{}
	for _, tag := range answer.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	r.noteTags("alarm "+name(arn), tags)
	return nil
}

// watches names the metrics and queries that an alarm's state depends on.
func watches(alarm types.MetricAlarm) []string {
	if alarm.MetricName != nil {
		return []string{aws.ToString(alarm.Namespace) + " " + *alarm.MetricName}
	}
	var all []string
	for _, query := range alarm.Metrics {
		if query.MetricStat != nil {
			metric := query.MetricStat.Metric
			all = append(all, aws.ToString(metric.Namespace)+" "+aws.ToString(metric.MetricName))
		} else if strings.HasPrefix(aws.ToString(query.Expression), "SELECT ") {
			all = append(all, *query.Expression)
		}
	}
	return all
}

var comparisons = map[types.ComparisonOperator]string{
	types.ComparisonOperatorGreaterThanOrEqualToThreshold: ">=",
	types.ComparisonOperatorGreaterThanThreshold:          ">",
	types.ComparisonOperatorLessThanOrEqualToThreshold:    "<=",
	types.ComparisonOperatorLessThanThreshold:             "<",
	types.ComparisonOperatorGreaterThanUpperThreshold:     "above the band of what is usual,",
}

// missingData says what an alarm makes of a period without data.
var missingData = map[string]string{
	"notBreaching": "no data is fine",
	"breaching":    "no data counts as a breach",
	"ignore":       "no data changes nothing",
}

// condition says when a metric alarm fires, for example
// ">= 5 within 5 minutes, in 1 of 3 periods, no data is fine".
func condition(alarm types.MetricAlarm) string {
	period := aws.ToInt32(alarm.Period)
	for _, query := range alarm.Metrics {
		if query.MetricStat != nil {
			period = max(period, aws.ToInt32(query.MetricStat.Period))
		}
		period = max(period, aws.ToInt32(query.Period))
	}
	of := aws.ToInt32(alarm.EvaluationPeriods)
	need := of
	if alarm.DatapointsToAlarm != nil {
		need = *alarm.DatapointsToAlarm
	}
	comparison, known := comparisons[alarm.ComparisonOperator]
	if !known {
		comparison = string(alarm.ComparisonOperator)
	}
	if alarm.ThresholdMetricId == nil {
		comparison += fmt.Sprintf(" %g", aws.ToFloat64(alarm.Threshold))
	}
	text := comparison + " within " + span(period)
	if of > 1 {
		text += ", in " + choose(need == of, fmt.Sprintf("%d periods in a row", of), fmt.Sprintf("%d of %d periods", need, of))
	}
	missing, known := missingData[aws.ToString(alarm.TreatMissingData)]
	return text + ", " + choose(known, missing, "no data leaves the state open")
}

// span writes a number of seconds in the largest unit that divides it.
func span(seconds int32) string {
	for _, unit := range []struct {
		name    string
		seconds int32
	}{{"day", 24 * 60 * 60}, {"hour", 60 * 60}, {"minute", 60}} {
		if seconds > 0 && seconds%unit.seconds == 0 {
			return count(seconds/unit.seconds, unit.name)
		}
	}
	return count(seconds, "second")
}

func (r *reader) readTopics(ctx context.Context) error {
	for _, arn := range r.topics {
		attributes, err := r.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
		if err != nil {
			return err
		}
		topic := Topic{ARN: arn, Key: attributes.Attributes["KmsMasterKeyId"], Subscriptions: []Subscription{}}
		r.noteKey(topic.Key, "topic "+name(arn))
		pages := sns.NewListSubscriptionsByTopicPaginator(r.sns, &sns.ListSubscriptionsByTopicInput{TopicArn: &arn})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, s := range page.Subscriptions {
				confirmed, err := r.isConfirmed(ctx, s.SubscriptionArn)
				if err != nil {
					return err
				}
				topic.Subscriptions = append(topic.Subscriptions, Subscription{
					Protocol: aws.ToString(s.Protocol), Endpoint: aws.ToString(s.Endpoint), Confirmed: confirmed,
				})
			}
		}
		r.report.Topics = append(r.report.Topics, topic)
		listed, err := r.sns.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: &arn})
		if err != nil {
			return err
		}
		tags := map[string]string{}
		for _, tag := range listed.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		r.noteTags("topic "+name(arn), tags)
	}
	return nil
}

// isConfirmed knows both ways in which a subscription says that it waits: no ARN
// yet, or an attribute.
func (r *reader) isConfirmed(ctx context.Context, arn *string) (bool, error) {
	if !strings.HasPrefix(aws.ToString(arn), "arn:") {
		return false, nil
	}
	answer, err := r.sns.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: arn})
	if err != nil {
		return false, err
	}
	return answer.Attributes["PendingConfirmation"] != "true", nil
}
