package papertrail_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	budgettypes "github.com/aws/aws-sdk-go-v2/service/budgets/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const cost = "paper-trail-e2e-cost"

// TestCosts deploys the Cost stack, and lets the deployed function activate the
// tags. Cost Explorer is a stand-in of the test: that AWS answers like it, what
// policies say of these calls, and anomaly monitors are not proven here.
func TestCosts(t *testing.T) {
	env := start(t, home)
	explorer := &billing{tags: map[string]bool{}}
	env.stand.StandIn("ce", explorer)
	env.configureDisposable(
		"trail: {mode: none}",
		"alerts: {emails: [admin@example.com], warningEmails: [office@example.com]}",
		"costs: {activateTags: true, backfillMonths: 12, monthlyBudget: 100, projects: [{name: assistant, models: ['"+watched+"'], monthlyBudget: 50}]}",
	)
	env.deploy()

	env.step("each project has a profile of its models, with tags that split the bill", func(env *environment) {
		profiles := env.profiles(home)
		require.Len(env, profiles, 1)
		assert.Equal(env, "assistant-eu-amazon-nova-pro-v1-0", *profiles[0].InferenceProfileName)
		assert.Equal(env, bedrocktypes.InferenceProfileStatusActive, profiles[0].Status)
		listed, err := bedrock.NewFromConfig(env.stand.Config(home)).ListTagsForResource(env.Context(),
			&bedrock.ListTagsForResourceInput{ResourceARN: profiles[0].InferenceProfileArn})
		require.NoError(env, err)
		tags := map[string]string{}
		for _, tag := range listed.Tags {
			tags[*tag.Key] = *tag.Value
		}
		assert.Equal(env, map[string]string{"project": "assistant", "owner": "tests", "cost-center": "cc-1", "environment": "e2e"}, tags)
	})
	env.step("the account and the project have budgets, which tell the topic for warnings", func(env *environment) {
		limits := map[string]string{}
		client := budgets.NewFromConfig(env.stand.Config(home))
		topic := env.physical(home, monitoring, "WarningTopic")
		for _, budget := range env.budgets() {
			filter := strings.Join(append(budget.CostFilters["Service"], budget.CostFilters["TagKeyValue"]...), ",")
			limits[filter] = *budget.BudgetLimit.Amount + " " + *budget.BudgetLimit.Unit
			notifications, err := client.DescribeNotificationsForBudget(env.Context(), &budgets.DescribeNotificationsForBudgetInput{
				AccountId: aws.String(env.stand.Account()), BudgetName: budget.BudgetName,
			})
			require.NoError(env, err)
			require.Len(env, notifications.Notifications, 3)
			for _, notification := range notifications.Notifications {
				told, err := client.DescribeSubscribersForNotification(env.Context(), &budgets.DescribeSubscribersForNotificationInput{
					AccountId: aws.String(env.stand.Account()), BudgetName: budget.BudgetName, Notification: &notification,
				})
				require.NoError(env, err)
				require.Len(env, told.Subscribers, 1)
				assert.Equal(env, topic, *told.Subscribers[0].Address)
			}
		}
		assert.Equal(env, map[string]string{"Amazon Bedrock": "100 USD", "user:project$assistant": "50 USD"}, limits)
	})
	rule := env.schedule()
	env.step("the function tries while a key was not billed yet", func(env *environment) {
		explorer.bill("project", "owner", "cost-center")
		env.activate(rule)
		assert.ElementsMatch(env, []string{"project", "owner", "cost-center"}, explorer.active())
		assert.Equal(env, "ENABLED", env.state(rule))
	})
	env.step("activates it then, and counts past months again before it ends its schedule", func(env *environment) {
		explorer.bill("environment")
		env.activate(rule)
		assert.ElementsMatch(env, []string{"project", "owner", "cost-center", "environment"}, explorer.active())
		assert.Empty(env, explorer.backfills)
		assert.Equal(env, "ENABLED", env.state(rule))

		env.activate(rule)
		assert.Len(env, explorer.backfills, 1)
		assert.Equal(env, "DISABLED", env.state(rule))
		assert.Zero(env, explorer.refused)
	})
	env.step("a deployment of something else does not begin it again", func(env *environment) {
		env.deploy()
		assert.Equal(env, "DISABLED", env.state(rule))
	})
	env.step("destroying it removes everything", func(env *environment) {
		env.seen(home, append(slices.Clone(stacks), cost)...)
		env.destroy()
		assert.Empty(env, env.left(home))
	})
}

func (e *environment) profiles(region string) []bedrocktypes.InferenceProfileSummary {
	e.Helper()
	answer, err := bedrock.NewFromConfig(e.stand.Config(region)).ListInferenceProfiles(e.Context(),
		&bedrock.ListInferenceProfilesInput{TypeEquals: bedrocktypes.InferenceProfileTypeApplication})
	require.NoError(e, err)
	// The emulator lists its own as well.
	return slices.DeleteFunc(answer.InferenceProfileSummaries, func(profile bedrocktypes.InferenceProfileSummary) bool {
		return profile.Type != bedrocktypes.InferenceProfileTypeApplication
	})
}

func (e *environment) budgets() []budgettypes.Budget {
	e.Helper()
	answer, err := budgets.NewFromConfig(e.stand.Config(home)).DescribeBudgets(e.Context(),
		&budgets.DescribeBudgetsInput{AccountId: aws.String(e.stand.Account())})
	require.NoError(e, err)
	return answer.Budgets
}

// schedule is the name of the rule that runs the activation.
func (e *environment) schedule() string {
	e.Helper()
	answer, err := e.formation(home).DescribeStackResources(e.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String(cost)})
	require.NoError(e, err)
	var rules []string
	for _, resource := range answer.StackResources {
		if *resource.ResourceType == "AWS::Events::Rule" {
			rules = append(rules, *resource.PhysicalResourceId)
		}
	}
	require.Len(e, rules, 1)
	return rules[0]
}

func (e *environment) state(rule string) string {
	e.Helper()
	answer, err := eventbridge.NewFromConfig(e.stand.Config(home)).DescribeRule(e.Context(), &eventbridge.DescribeRuleInput{Name: &rule})
	require.NoError(e, err)
	return string(answer.State)
}

// activate calls the function as its schedule does.
func (e *environment) activate(rule string) {
	e.Helper()
	function := e.physical(home, cost, "CostTagActivationFunction")
	event := `{"source":"aws.events","detail-type":"Scheduled Event","detail":{},"resources":["arn:aws:events:` + home + `:` + e.stand.Account() + `:rule/` + rule + `"]}`
	answer, err := lambda.NewFromConfig(e.stand.Config(home)).Invoke(e.Context(), &lambda.InvokeInput{FunctionName: &function, Payload: []byte(event)})
	require.NoError(e, err)
	require.Empty(e, aws.ToString(answer.FunctionError), string(answer.Payload))
}
