package papertrail_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

// TestTheAlarms makes each alarm of a deployed environment fire and end, and
// reads the messages as a person's web hook gets them. docs/alarms.md says what
// that proves of each.
func TestTheAlarms(t *testing.T) {
	env := start(t, home)
	env.configureDisposable(
		"trail: {mode: create}",
		"alerts: {emails: [admin@example.com], warningEmails: [office@example.com]}",
		"watchedModels: [{id: '"+watched+"', tokensPerMinuteQuota: 100000}]",
		"ledger: {mode: create}",
		"alarms: {allowedCallers: ['arn:aws:iam::111122223333:role/Assistant']}",
	)
	env.deploy()
	topics := map[string]string{
		"Critical": env.physical(home, monitoring, "AlertTopic"),
		"Warning":  env.physical(home, monitoring, "WarningTopic"),
	}
	people := env.newSubscriber(topics["Critical"], topics["Warning"])
	alarms := env.alarms()

	env.step("each alarm has a cause here and its row in the docs", func(env *environment) {
		var names []string
		for name := range causes {
			names = append(names, name)
		}
		var deployed []string
		for name, alarm := range alarms {
			deployed = append(deployed, name)
			assert.NotEqual(env, cwtypes.StateValueAlarm, alarm.state, name)
		}
		assert.ElementsMatch(env, deployed, names)
		env.compareDocs(table(alarms))
	})
	env.step("each tells the topic of its severity, and parts of others tell nobody", func(env *environment) {
		for name, alarm := range alarms {
			wanted := []string{}
			if severity := alarm.severity(); severity != part {
				require.Contains(env, topics, severity, name)
				wanted = []string{topics[severity]}
			}
			assert.Equal(env, wanted, alarm.onAlarm, name)
			assert.Equal(env, wanted, alarm.onOK, name)
		}
	})
	env.step("each fires on its cause, and on no other's", func(env *environment) {
		firing := map[string]bool{}
		for _, name := range slices.Sorted(maps.Keys(alarms)) {
			if alarms[name].rule != "" {
				continue
			}
			env.makeFire(name, alarms[name])
			firing[name] = true
			for other, alarm := range env.alarms() {
				if alarm.rule == "" {
					assert.Equal(env, firing[other], alarm.state == cwtypes.StateValueAlarm, "%s after the cause of %s: %s", other, name, alarm.reason)
				}
			}
		}
		for name, alarm := range env.alarms() {
			assert.Equal(env, cwtypes.StateValueAlarm, alarm.state, name)
			if causes[name].beyond == "" && alarm.rule == "" {
				assert.Contains(env, alarm.reason, "Threshold Crossed", name)
			}
		}
		env.expectAlarmMessages(people, topics, alarms, "ALARM")
	})
	env.step("each ends, and says so", func(env *environment) {
		people.forget()
		// What was put leaves the alarms' windows within seconds.
		require.EventuallyWithT(env, func(c *assert.CollectT) {
			for name, alarm := range env.alarms() {
				if alarm.rule == "" && alarm.state != cwtypes.StateValueOk {
					env.makeEnd(name, alarm)
				}
			}
			for name, alarm := range env.alarms() {
				assert.Equal(c, cwtypes.StateValueOk, alarm.state, name)
			}
		}, time.Minute, time.Second)
		env.expectAlarmMessages(people, topics, alarms, "OK")
	})
	env.step("tampering tells people who did it, and a deployment only those of the other topic", func(env *environment) {
		people.forget()
		env.letTestsSendEvents()
		env.happens(call("DeleteModelInvocationLoggingConfiguration", "arn:aws:iam::111111111111:user/mallory", "", nil))
		told := people.expect(env, topics["Critical"], 1)
		for _, words := range []string{"NOT by a deployment", "DeleteModelInvocationLoggingConfiguration", "user/mallory", "203.0.113.64", "runbook.md#tamper"} {
			assert.Contains(env, told[0].Message, words)
		}
		deployRole := "arn:aws:iam::111111111111:role/cdk-hnb659fds-cfn-exec-role-111111111111-" + home
		env.happens(strings.Replace(call("DeleteModelInvocationLoggingConfiguration", deployRole, deployRole, nil),
			`"type":"AssumedRole"`, `"type":"AssumedRole","invokedBy":"cloudformation.amazonaws.com"`, 1))
		assert.Contains(env, people.expect(env, topics["Warning"], 1)[0].Message, ", by a deployment")
		assert.Len(env, people.of(topics["Critical"], "Notification"), 1)
	})
}

// deployedAlarm is what CloudWatch shows of an alarm.
type deployedAlarm struct {
	cwtypes.MetricAlarm // empty for a composite alarm
	name, shortName     string
	rule                string // of a composite alarm
	description         string
	state               cwtypes.StateValue
	reason              string
	onAlarm, onOK       []string
}

// part is the severity of an alarm that only others see.
const part = "part"

var severity = regexp.MustCompile(`^(Critical|Warning): `)

func (a deployedAlarm) severity() string {
	if found := severity.FindStringSubmatch(a.description); found != nil {
		return found[1]
	}
	if strings.Contains(a.description, "A part of the ") {
		return part
	}
	return ungraded[a.shortName]
}

var (
	hash          = regexp.MustCompile(`[0-9A-F]{8}$`)
	watchedInName = regexp.MustCompile(`[^A-Za-z0-9]`).ReplaceAllString(watched, "")
)

// alarmName is the short name of an alarm, of its logical id.
func alarmName(logicalID string) string {
	name := strings.TrimPrefix(hash.ReplaceAllString(logicalID, ""), "AuditAlarms")
	if name == "TamperAlarm" {
		return name
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, "Critical"), "Warning")
	return strings.Replace(name, watchedInName, "Model", 1)
}

// alarms are all of the stacks with alarms, by [alarmName].
func (e *environment) alarms() map[string]deployedAlarm {
	e.Helper()
	names := map[string]string{}
	for _, stack := range []string{monitoring, ledger} {
		answer, err := e.formation(home).DescribeStackResources(e.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &stack})
		require.NoError(e, err)
		for _, resource := range answer.StackResources {
			if strings.HasPrefix(*resource.ResourceType, "AWS::CloudWatch::") && strings.HasSuffix(*resource.ResourceType, "Alarm") {
				names[*resource.PhysicalResourceId] = alarmName(*resource.LogicalResourceId)
			}
		}
	}
	all := map[string]deployedAlarm{}
	pages := cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(e.stand.Config(home)), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(e.Context())
		require.NoError(e, err)
		for _, a := range page.MetricAlarms {
			all[names[*a.AlarmName]] = deployedAlarm{
				MetricAlarm: a, name: *a.AlarmName, shortName: names[*a.AlarmName], description: *a.AlarmDescription, state: a.StateValue,
				reason: aws.ToString(a.StateReason), onAlarm: a.AlarmActions, onOK: a.OKActions,
			}
		}
		for _, a := range page.CompositeAlarms {
			all[names[*a.AlarmName]] = deployedAlarm{
				name: *a.AlarmName, shortName: names[*a.AlarmName], rule: *a.AlarmRule, description: *a.AlarmDescription, state: a.StateValue,
				reason: aws.ToString(a.StateReason), onAlarm: a.AlarmActions, onOK: a.OKActions,
			}
		}
	}
	require.Len(e, all, len(names), "an alarm that is not of the stack")
	return all
}

// makeFire causes what the alarm is on.
func (e *environment) makeFire(name string, alarm deployedAlarm) {
	e.Helper()
	switch c := causes[name]; {
	case c.metric != nil:
		e.put(alarm, c.metric[0])
	case c.record != "":
		e.put(alarm, e.published(alarm, c))
	default:
		e.setState(alarm, cwtypes.StateValueAlarm)
	}
}

// makeEnd causes the contrary, as soon as the alarm no longer sees the cause.
func (e *environment) makeEnd(name string, alarm deployedAlarm) {
	e.Helper()
	switch c := causes[name]; {
	case c.metric != nil:
		e.put(alarm, c.metric[1])
	case c.record != "":
		e.put(alarm, 0) // the filter's default value
	default:
		e.setState(alarm, cwtypes.StateValueOk)
	}
}

// glance is how long an alarm sees what is put: time enough for the call.
const glance = 10 * time.Second

// put puts a value into the alarm's metric, of the time that leaves the alarm's
// window next.
func (e *environment) put(alarm deployedAlarm, value float64) {
	e.Helper()
	window := time.Duration(*alarm.Period**alarm.EvaluationPeriods) * time.Second
	_, err := cloudwatch.NewFromConfig(e.stand.Config(home)).PutMetricData(e.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: alarm.Namespace,
		MetricData: []cwtypes.MetricDatum{{
			MetricName: alarm.MetricName, Dimensions: alarm.Dimensions, Value: &value,
			Timestamp: aws.Time(time.Now().Add(glance - window)),
		}},
	})
	require.NoError(e, err)
}

func (e *environment) setState(alarm deployedAlarm, state cwtypes.StateValue) {
	e.Helper()
	_, err := cloudwatch.NewFromConfig(e.stand.Config(home)).SetAlarmState(e.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: &alarm.name, StateValue: state, StateReason: aws.String("the emulator does not evaluate it"),
	})
	require.NoError(e, err)
}

// published writes records into the log group and returns the sum of what the
// deployed metric filters publish about them in the alarm's metric. The
// emulator's filters publish nothing.
func (e *environment) published(alarm deployedAlarm, c cause) float64 {
	e.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "constructs", "alerting", "testdata", "records", c.record+".json"))
	require.NoError(e, err)
	record := string(text)
	if c.edit != nil {
		record = c.edit(e, record)
	}
	client := cloudwatchlogs.NewFromConfig(e.stand.Config(home))
	described, err := client.DescribeMetricFilters(e.Context(), &cloudwatchlogs.DescribeMetricFiltersInput{
		MetricName: alarm.MetricName, MetricNamespace: alarm.Namespace,
	})
	require.NoError(e, err)
	stream := strings.ReplaceAll(c.record, "/", "-") + "-" + *alarm.MetricName
	sum, written := 0.0, map[string]bool{}
	for _, found := range described.MetricFilters {
		group := *found.LogGroupName
		if !written[group] {
			e.write(group, stream, record, max(1, c.times))
			written[group] = true
		}
		filter := e.parse(found)
		read, err := client.GetLogEvents(e.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, StartFromHead: aws.Bool(true)})
		require.NoError(e, err)
		for _, event := range read.Events {
			datum, err := filter.Observe(*event.Message)
			require.NoError(e, err)
			if datum != nil && len(datum.Dimensions) == 0 {
				sum += datum.Value
			}
		}
	}
	require.Len(e, written, 1, "the log groups with filters for %s", *alarm.MetricName)
	return sum
}

func (e *environment) write(group, stream, record string, times int) {
	e.Helper()
	client := cloudwatchlogs.NewFromConfig(e.stand.Config(home))
	_, err := client.CreateLogStream(e.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream})
	require.NoError(e, err)
	event := logstypes.InputLogEvent{Message: &record, Timestamp: aws.Int64(time.Now().UnixMilli())}
	_, err = client.PutLogEvents(e.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: &group, LogStreamName: &stream, LogEvents: slices.Repeat([]logstypes.InputLogEvent{event}, times),
	})
	require.NoError(e, err)
}

// parse reads a deployed filter.
func (e *environment) parse(found logstypes.MetricFilter) filterpattern.Filter {
	e.Helper()
	require.Len(e, found.MetricTransformations, 1, *found.FilterName)
	transformation := found.MetricTransformations[0]
	properties := map[string]any{
		"MetricNamespace": *transformation.MetricNamespace, "MetricName": *transformation.MetricName, "MetricValue": *transformation.MetricValue,
	}
	var dimensions []map[string]string
	for key, value := range transformation.Dimensions {
		dimensions = append(dimensions, map[string]string{"Key": key, "Value": value})
	}
	if dimensions != nil {
		properties["Dimensions"] = dimensions
	}
	filter, err := filterpattern.ParseFilter(map[string]any{
		"LogGroupName": *found.LogGroupName, "FilterPattern": *found.FilterPattern, "MetricTransformations": []any{properties},
	})
	require.NoError(e, err)
	return filter
}

// expectAlarmMessages waits for one message of each alarm that notifies, at the
// topic of its severity, with its description.
func (e *environment) expectAlarmMessages(people *subscriber, topics map[string]string, alarms map[string]deployedAlarm, state string) {
	e.Helper()
	for severity, topic := range topics {
		wanted := map[string]string{}
		for _, alarm := range alarms {
			if alarm.severity() == severity {
				wanted[state+" "+alarm.name] = alarm.description
			}
		}
		assert.Equal(e, wanted, alarmMessages(e, people.expect(e, topic, len(wanted))), severity)
	}
}

// letTestsSendEvents makes the tamper rules match events of the sources "test.…":
// only AWS may send events of the sources "aws.…".
func (e *environment) letTestsSendEvents() {
	e.Helper()
	answer, err := e.formation(home).DescribeStackResources(e.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String(monitoring)})
	require.NoError(e, err)
	client := eventbridge.NewFromConfig(e.stand.Config(home))
	changed := 0
	for _, resource := range answer.StackResources {
		if *resource.ResourceType != "AWS::Events::Rule" || !strings.HasPrefix(*resource.LogicalResourceId, "AuditAlarmsTamper") {
			continue
		}
		rule, err := client.DescribeRule(e.Context(), &eventbridge.DescribeRuleInput{Name: resource.PhysicalResourceId})
		require.NoError(e, err)
		_, err = client.PutRule(e.Context(), &eventbridge.PutRuleInput{
			Name: rule.Name, EventPattern: aws.String(strings.ReplaceAll(*rule.EventPattern, `"aws.`, `"test.`)),
		})
		require.NoError(e, err)
		changed++
	}
	require.NotZero(e, changed)
}

// happens sends an event of CloudTrail.
func (e *environment) happens(event string) {
	e.Helper()
	var parts struct {
		Source     string
		DetailType string `json:"detail-type"`
		Detail     json.RawMessage
	}
	require.NoError(e, json.Unmarshal([]byte(event), &parts))
	put, err := eventbridge.NewFromConfig(e.stand.Config(home)).PutEvents(e.Context(), &eventbridge.PutEventsInput{
		Entries: []ebtypes.PutEventsRequestEntry{{
			Source: aws.String(strings.Replace(parts.Source, "aws.", "test.", 1)), DetailType: &parts.DetailType, Detail: aws.String(string(parts.Detail)),
		}},
	})
	require.NoError(e, err)
	require.Zero(e, put.FailedEntryCount)
}
