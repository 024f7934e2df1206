package attribution_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func tag(scope constructs.Construct) attribution.CostTags {
	return attribution.NewCostTags(scope, jsii.String("CostTags"), &attribution.CostTagsProps{
		Project:     jsii.String("assistant"),
		Environment: jsii.String("prod"),
		Owner:       jsii.String("platform@example.com"),
		CostCenter:  jsii.String("4711"),
		Additional:  &map[string]*string{"team": jsii.String("red")},
	})
}

func TestCostTagsIsImportable(t *testing.T) {
	stack := cdktest.NewStack(t)
	cdktest.AssertImportable(t, tag(stack))
	cdktest.Synth(t, stack)
}

func TestCostTagsAreOnResourcesAddedBeforeAndAfter(t *testing.T) {
	stack := cdktest.NewStack(t)
	awssns.NewTopic(stack, jsii.String("Before"), nil)
	tags := tag(stack)
	awss3.NewBucket(stack, jsii.String("After"), nil)

	want := `[{"Key":"cost-center","Value":"4711"},{"Key":"environment","Value":"prod"},{"Key":"owner","Value":"platform@example.com"},{"Key":"project","Value":"assistant"},{"Key":"team","Value":"red"}]`
	template := cdktest.Synth(t, stack)
	_, topic := template.Only(t, "AWS::SNS::Topic", "Before")
	assert.Equal(t, want, cdktest.JSON(t, topic.Properties["Tags"]))
	_, bucket := template.Only(t, "AWS::S3::Bucket", "After")
	assert.Equal(t, want, cdktest.JSON(t, bucket.Properties["Tags"]))
	assert.Empty(t, cdktest.Warnings(stack))

	assert.Equal(t, "red", tags.Tags()["team"])
	tags.Tags()["team"] = "blue"
	assert.Equal(t, "red", tags.Tags()["team"], "the map is a copy")
}

func TestCostTagsReportsWhatIsLeftUntagged(t *testing.T) {
	stack := cdktest.NewStack(t)
	tag(stack)
	excluded := awssns.NewTopic(stack, jsii.String("Excluded"), nil)
	awscdk.Tags_Of(excluded).Remove(jsii.String("owner"), nil)
	awscdk.Tags_Of(excluded).Remove(jsii.String("project"), nil)
	newer := awscloudwatch.NewAlarm(stack, jsii.String("Alarm"), &awscloudwatch.AlarmProps{
		Metric:            awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String("N"), MetricName: jsii.String("M")}),
		Threshold:         jsii.Number(1),
		EvaluationPeriods: jsii.Number(1),
	})
	awscdk.Tags_Of(newer).Remove(jsii.String("cost-center"), nil)
	overridden := awssns.NewTopic(stack, jsii.String("Overridden"), nil)
	awscdk.Tags_Of(overridden).Add(jsii.String("owner"), jsii.String("somebody else"), nil)

	warnings := cdktest.Warnings(stack)
	require.Len(t, warnings, 2, "another value is a tag too")
	assert.Contains(t, warnings[0], "(AWS::SNS::Topic) can be tagged and is without project, owner,")
	assert.Contains(t, warnings[0], "paper-trail:CostTags.untagged")
	assert.Contains(t, warnings[1], "(AWS::CloudWatch::Alarm) can be tagged and is without cost-center,")
}

func TestCostTagsReportsTagsThatBreakThePolicy(t *testing.T) {
	stack := cdktest.NewStack(t)
	attribution.NewCostTags(stack, jsii.String("CostTags"), withPolicy("chat",
		map[string]*string{"data-class": jsii.String("secret")}, projects("chat", "search")))
	topic := func(id, key, value string) {
		awscdk.Tags_Of(awssns.NewTopic(stack, jsii.String(id), nil)).Add(jsii.String(key), jsii.String(value), nil)
	}
	topic("Allowed", "project", "search")
	topic("Unlimited", "team", "Red")
	topic("Later", "project", *awscdk.Aws_STACK_NAME())
	topic("Case", "project", "Chat")
	topic("Other", "cost-center", "4711")
	topic("Key", "Data-Class", "secret")

	warnings := cdktest.Warnings(stack)
	require.Len(t, warnings, 3)
	for i, want := range []string{
		`AWS::SNS::Topic, tag "project": the policy spells the value "chat", got "Chat"; spell it alike`,
		`AWS::SNS::Topic, tag "cost-center": the policy allows cc-*, got "4711"; take one of them, or add it`,
		`AWS::SNS::Topic: the policy spells the key "data-class", got "Data-Class"; spell it alike`,
	} {
		assert.Contains(t, warnings[i], want)
		assert.Contains(t, warnings[i], "paper-trail:CostTags.policy")
	}
}

func TestCostTagsOfAConstructLeaveTheRestOfTheStackAlone(t *testing.T) {
	stack := cdktest.NewStack(t)
	part := constructs.NewConstruct(stack, jsii.String("Part"))
	tag(part)
	awssns.NewTopic(part, jsii.String("In"), nil)
	awssns.NewTopic(stack, jsii.String("Out"), nil)

	template := cdktest.Synth(t, stack)
	_, in := template.Only(t, "AWS::SNS::Topic", "Part")
	assert.Len(t, in.Properties["Tags"], 5)
	_, out := template.Only(t, "AWS::SNS::Topic", "Out")
	assert.NotContains(t, out.Properties, "Tags")
	assert.Empty(t, cdktest.Warnings(stack))
}

func TestCostTagsReachTheStacksOfAStage(t *testing.T) {
	stage := awscdk.NewStage(cdktest.NewApp(t), jsii.String("Prod"), nil)
	tag(stage)
	stack := cdktest.NewStackIn(stage, "Stack")
	awssns.NewTopic(stack, jsii.String("Topic"), nil)
	_, topic := cdktest.Synth(t, stack).Only(t, "AWS::SNS::Topic", "Topic")
	assert.Len(t, topic.Properties["Tags"], 5)
	assert.Empty(t, cdktest.Warnings(stack))
}

func TestCostTagsMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewCostTags(nil, jsii.String("T"), nil) }), "CostTags needs a scope, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewCostTags(stack, nil, nil) }), "CostTags needs an id, got none")
	message := cdktest.Panics(t, func() {
		attribution.NewCostTags(stack, jsii.String("T"), &attribution.CostTagsProps{Project: jsii.String("a,b")})
	})
	assert.Contains(t, message, `paper-trail/attribution: CostTags: want the tag "owner", got none`)
	assert.Contains(t, message, `paper-trail/attribution: CostTags, tag "project": want a tag value of letters`)
}
