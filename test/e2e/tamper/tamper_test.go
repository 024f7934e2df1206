package tamper_test

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

var (
	//go:embed testdata/template.json
	template string
	//go:embed testdata/calls.json
	callsFile []byte
)

// stand is the deployed template.
type stand struct {
	// rules are the names of the deployed rules, by the rule's id in the template.
	rules   map[string]string
	events  *eventbridge.Client
	config  aws.Config
	outputs map[string]string
	// patterns are those of the deployed rules, by the rule's id in the template.
	patterns map[string]string
}

func deploy(t *testing.T) stand {
	t.Helper()
	emulated, err := emulator.Start(t.Context(), emulator.Options{Name: t.Name(), Account: account})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emulated.Stop()) })
	s := stand{config: emulated.Config(region), outputs: map[string]string{}, rules: map[string]string{}, patterns: map[string]string{}}
	s.events = eventbridge.NewFromConfig(s.config)

	formation := cloudformation.NewFromConfig(s.config)
	// It is too long for a request.
	objects := s3.NewFromConfig(s.config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("templates")})
	require.NoError(t, err)
	_, err = objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("templates"), Key: aws.String("tamper.json"), Body: strings.NewReader(template)})
	require.NoError(t, err)
	_, err = formation.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("tamper"), TemplateURL: aws.String(emulated.URL() + "/templates/tamper.json"),
	})
	require.NoError(t, err)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		answer, err := formation.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("tamper")})
		require.NoError(c, err)
		require.Equal(c, cfntypes.StackStatusCreateComplete, answer.Stacks[0].StackStatus, aws.ToString(answer.Stacks[0].StackStatusReason))
		for _, output := range answer.Stacks[0].Outputs {
			s.outputs[*output.OutputKey] = *output.OutputValue
		}
	}, time.Minute, 100*time.Millisecond)
	resources, err := formation.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String("tamper")})
	require.NoError(t, err)
	for _, resource := range resources.StackResources {
		if *resource.ResourceType == "AWS::Events::Rule" {
			rule, err := s.events.DescribeRule(t.Context(), &eventbridge.DescribeRuleInput{Name: resource.PhysicalResourceId})
			require.NoError(t, err)
			s.rules[*resource.LogicalResourceId] = *rule.Name
			s.patterns[*resource.LogicalResourceId] = *rule.EventPattern
		}
	}
	require.NotEmpty(t, s.patterns)
	return s
}

// matching lists the rules that match an event.
func (s stand) matching(t *testing.T, event map[string]any) []string {
	t.Helper()
	source := event["detail"].(map[string]any)["eventSource"].(string)
	var found []string
	for id, pattern := range s.patterns {
		// The others cannot match, and each question is a call.
		if !strings.Contains(pattern, `"`+source+`"`) {
			continue
		}
		answer, err := s.events.TestEventPattern(t.Context(), &eventbridge.TestEventPatternInput{Event: aws.String(text(event)), EventPattern: &pattern})
		require.NoError(t, err, pattern)
		if answer.Result {
			found = append(found, id)
		}
	}
	return found
}

// expect holds the matching rules against those wanted: one of the group's two,
// or none.
func expect(t *testing.T, c call, by caller, found []string) {
	t.Helper()
	what := c.Event + " " + text(c.Parameters) + " by " + by.name
	if c.Group == "" || (by.own && c.Group == "Parameters") {
		assert.Empty(t, found, what)
		return
	}
	if assert.Len(t, found, 1, what) {
		assert.True(t, strings.HasPrefix(found[0], "Tamper"+c.Group), "%s: %s", what, found[0])
		deployment := by.deployment || (by.own && c.Group == "Recording") || (by.deployer && c.Group == "Updates")
		assert.Equal(t, deployment, strings.Contains(found[0], "ByDeployment"), what)
	}
}

func calls(t *testing.T) []call {
	t.Helper()
	var all []call
	require.NoError(t, json.Unmarshal(callsFile, &all))
	return all
}

// first is the first call of that name, which is on a resource of ours.
func first(t *testing.T, event string) call {
	t.Helper()
	all := calls(t)
	return all[slices.IndexFunc(all, func(c call) bool { return c.Event == event })]
}

func TestEachCallIsToldByOneRule(t *testing.T) {
	t.Parallel()
	s := deploy(t)
	seen := map[string]bool{}
	for _, c := range calls(t) {
		by := callers[:2] // a user and a deployment
		if c.Group != "" && !seen[c.Group] {
			by = callers
			seen[c.Group] = true
		}
		for _, caller := range by {
			expect(t, c, caller, s.matching(t, c.event(caller, "")))
		}
	}
	assert.Equal(t, len(s.patterns), 2*len(seen), "every rule has a call")
}

// What is refused, by a policy or for another reason, is told as well.
func TestRefusedCallsAreTold(t *testing.T) {
	t.Parallel()
	s := deploy(t)
	c := first(t, "DeleteObject")
	expect(t, c, callers[0], s.matching(t, c.event(callers[0], "AccessDenied")))
}

// Only AWS may send events of the sources "aws.…", so for this test the deployed
// rules match another source.
func TestPeopleReadWhatHappened(t *testing.T) {
	t.Parallel()
	s := deploy(t)
	for id, name := range s.rules {
		_, err := s.events.PutRule(t.Context(), &eventbridge.PutRuleInput{
			Name: &name, EventPattern: aws.String(strings.ReplaceAll(s.patterns[id], `"aws.`, `"test.`)),
		})
		require.NoError(t, err)
	}
	topics, queues := sns.NewFromConfig(s.config), sqs.NewFromConfig(s.config)
	told := map[string]string{} // the queue of each topic
	for _, name := range []string{"People", "Deployments", "Chat"} {
		queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name)})
		require.NoError(t, err)
		told[name] = *queue.QueueUrl
		_, err = topics.Subscribe(t.Context(), &sns.SubscribeInput{
			TopicArn: aws.String(s.outputs[name+"Arn"]), Protocol: aws.String("sqs"),
			Endpoint: aws.String("arn:aws:sqs:" + region + ":" + account + ":" + name),
		})
		require.NoError(t, err)
	}
	next := func(name string) string {
		t.Helper()
		answer, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(told[name]), WaitTimeSeconds: 5})
		require.NoError(t, err)
		require.Len(t, answer.Messages, 1, "of %s", name)
		_, err = queues.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: aws.String(told[name]), ReceiptHandle: answer.Messages[0].ReceiptHandle})
		require.NoError(t, err)
		var envelope struct{ Message string }
		require.NoError(t, json.Unmarshal([]byte(*answer.Messages[0].Body), &envelope))
		return envelope.Message
	}
	happens := func(c call, by caller, errorCode string) {
		t.Helper()
		put, err := s.events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
			Source: aws.String("test." + c.Service), DetailType: aws.String("AWS API Call via CloudTrail"),
			Detail: aws.String(text(c.event(by, errorCode)["detail"])),
		}}})
		require.NoError(t, err)
		require.Zero(t, put.FailedEntryCount)
	}

	happens(first(t, "StopLogging"), callers[2], "")
	assert.Equal(t, strings.Join([]string{
		`"Paper trail: change to a trail, NOT by a deployment"`,
		`"Until it is explained, treat it as an incident."`,
		`"What: StopLogging of cloudtrail.amazonaws.com"`,
		`"On: paper-trail-e2e "`,
		`"Error (none: the change was made): "`,
		`"Who: arn:aws:sts::111111111111:assumed-role/role/alice@example.com (AssumedRole AROAEXAMPLE:alice@example.com of account 111111111111)"`,
		`"From: 203.0.113.64"`,
		`"When: 2026-11-24T09:15:00Z"`,
		`"Where: account 111111111111, Region us-east-1"`,
		`"CloudTrail event: 9b2f7c4e-0000-4000-8000-000000000002"`,
		`"What to do: https://github.com/bedrock-paper-trail/paper-trail/blob/main/docs/runbook.md#tamper"`,
	}, "\n"), next("People"))
	var notification struct {
		Version, Source string
		Content         struct{ Title, Description string }
	}
	require.NoError(t, json.Unmarshal([]byte(next("Chat")), &notification))
	assert.Equal(t, "custom", notification.Source)
	assert.Equal(t, "Paper trail: change to a trail, NOT by a deployment", notification.Content.Title)
	assert.Contains(t, notification.Content.Description, "What: StopLogging of cloudtrail.amazonaws.com\nOn: paper-trail-e2e ")

	happens(first(t, "DeleteObject"), callers[0], "AccessDenied")
	refused := next("People")
	assert.Contains(t, refused, `"Error (none: the change was made): AccessDenied"`)
	assert.Contains(t, refused, `"On: paper-trail-e2e-records AWSLogs/`)
	next("Chat")

	happens(first(t, "PutRetentionPolicy"), callers[1], "")
	assert.Contains(t, next("Deployments"), `"Paper trail: change to a log group with evidence, by a deployment"`)
	next("Chat")

	// Quotation marks, which the events have wherever a caller can place one, must
	// not cost a message.
	for _, c := range calls(t) {
		if c.Group == "" {
			continue
		}
		happens(c, callers[0], "")
		for _, line := range strings.Split(next("People"), "\n") {
			assert.True(t, json.Valid([]byte(line)), "%s: %s", c.Event, line)
		}
		assert.True(t, json.Valid([]byte(next("Chat"))), c.Event)
		if c.Group == "Topics" || c.Group == "Keys" {
			next("Deployments") // in case the first topic is the one that was deleted, or its key
		}
	}
}
