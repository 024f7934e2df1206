package attribution_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/costtags"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func prebuilt(scope constructs.Construct) *attribution.FunctionProps {
	return &attribution.FunctionProps{
		Code: awslambda.Code_FromBucket(awss3.Bucket_FromBucketName(scope, jsii.String("Code"), jsii.String("code")), jsii.String("function.zip"), nil),
	}
}

func TestCostTagActivationIsImportable(t *testing.T) {
	stack := cdktest.NewStack(t)
	cdktest.AssertImportable(t, attribution.NewCostTagActivation(stack, jsii.String("Activation"), &attribution.CostTagActivationProps{Function: prebuilt(stack)}))
	cdktest.Synth(t, stack)
}

func TestCostTagActivation(t *testing.T) {
	stack := cdktest.NewStack(t)
	activation := attribution.NewCostTagActivation(stack, jsii.String("Activation"), &attribution.CostTagActivationProps{
		Keys: jsii.Strings("project", "data-class"), BackfillMonths: jsii.Number(3), Function: prebuilt(stack),
	})
	attribution.NewCostTagActivation(stack, jsii.String("Plain"), &attribution.CostTagActivationProps{Function: prebuilt(constructs.NewConstruct(stack, jsii.String("Other")))})
	template := cdktest.Synth(t, stack)

	read := func(prefix string) costtags.Settings {
		_, function := template.Only(t, "AWS::Lambda::Function", prefix+"Function")
		assert.Equal(t, "costtags", function.Properties["Handler"])
		variables := function.Properties["Environment"].(map[string]any)["Variables"].(map[string]any)
		settings, err := costtags.ParseSettings(variables["COST_TAGS"].(string))
		require.NoError(t, err, "the function takes what the construct writes")
		return settings
	}
	assert.Equal(t, costtags.Settings{Keys: []string{"project", "data-class"}, BackfillMonths: 3}, read("Activation"))
	assert.Equal(t, costtags.Settings{Keys: []string{"project", "environment", "owner", "cost-center"}}, read("Plain"), "nothing of the account's past changes unasked")

	ruleID, rule := template.Only(t, "AWS::Events::Rule", "Activation")
	assert.Equal(t, "rate(6 hours)", rule.Properties["ScheduleExpression"])
	assert.Equal(t, "ENABLED", rule.Properties["State"])
	_, other := template.Only(t, "AWS::Events::Rule", "Plain")
	assert.NotEqual(t, rule.Properties["Description"], other.Properties["Description"], "other keys enable the rule again")
	_, permission := template.Only(t, "AWS::Lambda::Permission", "Activation")
	assert.Contains(t, cdktest.JSON(t, permission.Properties["SourceArn"]), ruleID)
	_, end := template.Only(t, "AWS::IAM::Policy", "Activation")
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, end.Properties["PolicyDocument"], "EndOwnSchedule")), ruleID)

	assert.Equal(t, costtags.Namespace, attribution.TagMetricNamespace)
	assert.Equal(t, costtags.ActiveMetric, attribution.ActiveTagsMetricName)
	assert.Equal(t, costtags.PendingMetric, *activation.MetricPending(nil).MetricName())
	assert.Equal(t, "Minimum", *activation.MetricPending(&awscloudwatch.MetricOptions{Statistic: jsii.String("Minimum")}).Statistic())
}

func TestCostTagActivationMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewCostTagActivation(nil, jsii.String("A"), nil) }), "CostTagActivation needs a scope, got nil")
	var many []*string
	for i := range 501 {
		many = append(many, jsii.String(fmt.Sprint("key", i)))
	}
	for want, props := range map[string]attribution.CostTagActivationProps{
		`Keys is empty; name a tag key`:                                                                              {Keys: &[]*string{}},
		`Keys has 501 keys, and an account can have 500 active; leave some out`:                                      {Keys: &many},
		`Keys has 500 keys that take 4419 bytes, and the function's environment variables hold 4000; leave some out`: {Keys: new(many[:500])},
		`Keys[1]: want a tag key without the prefix aws:`:                                                            {Keys: jsii.Strings("a", "aws:b")},
		`Keys[1]: "Project" is there as "project" already; the bill would tell them`:                                 {Keys: jsii.Strings("project", "Project")},
		`BackfillMonths has to be a whole number from 0 to 12, got 13`:                                               {BackfillMonths: jsii.Number(13)},
		`BackfillMonths has to be a whole number from 0 to 12, got 1.5`:                                              {BackfillMonths: jsii.Number(1.5)},
	} {
		message := cdktest.Panics(t, func() { attribution.NewCostTagActivation(stack, jsii.String("A"), &props) })
		assert.Contains(t, message, "paper-trail/attribution: CostTagActivationProps."+want)
	}
}
