package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

// withCosts is the home Region of the disposable environment with costs.
func withCosts(t *testing.T, costs string) stacks.RegionStacks {
	t.Helper()
	return with(t, "costs: {"+costs+"}").Regions()[0]
}

const chat = "projects: [{name: chat, models: [amazon.nova-pro-v1:0], monthlyBudget: 50}]"

// In a member account AWS refuses the monitor, and the whole stack with it.
func TestCostHasAnAnomalyMonitorOnlyWhereAskedFor(t *testing.T) {
	plain := withCosts(t, chat)
	assert.Nil(t, plain.Cost.SpendAnomalyMonitor())
	assert.Len(t, plain.Cost.Budgets(), 1)
	template := cdktest.Synth(t, plain.Cost)
	assert.Empty(t, template.OfType("AWS::CE::AnomalyMonitor"))
	assert.Empty(t, template.OfType("AWS::CE::AnomalySubscription"))
	assert.Len(t, template.OfType("AWS::Bedrock::ApplicationInferenceProfile"), 1)

	asked := withCosts(t, chat+", anomalies: true")
	assert.NotNil(t, asked.Cost.SpendAnomalyMonitor())
	_, monitor := cdktest.Synth(t, asked.Cost).Only(t, "AWS::CE::AnomalyMonitor", "")
	assert.Contains(t, monitor.Properties["MonitorSpecification"], `"Values":["chat"]`)
}

func TestCostBudgetsCountTheServicesOfTheBill(t *testing.T) {
	for costs, want := range map[string]string{
		"monthlyBudget: 100": `{"Service":["Amazon Bedrock"]}`,
		"monthlyBudget: 100, services: [Amazon Bedrock, Claude Sonnet 4 (Amazon Bedrock Edition)]": `{"Service":["Amazon Bedrock","Claude Sonnet 4 (Amazon Bedrock Edition)"]}`,
	} {
		_, budget := cdktest.Synth(t, withCosts(t, costs).Cost).Only(t, "AWS::Budgets::Budget", "")
		assert.Equal(t, want, cdktest.JSON(t, budget.Properties["Budget"].(map[string]any)["CostFilters"]))
	}
}

// AWS counts all tag keys of the account again, so nobody is to be surprised.
func TestCostLeavesThePastAsItIsUnlessAsked(t *testing.T) {
	for costs, want := range map[string]string{
		"activateTags: true":                    `"backfillMonths":0`,
		"activateTags: true, backfillMonths: 3": `"backfillMonths":3`,
	} {
		_, function := cdktest.Synth(t, withCosts(t, costs).Cost).Only(t, "AWS::Lambda::Function", "")
		assert.Contains(t, function.Properties["Environment"].(map[string]any)["Variables"].(map[string]any)["COST_TAGS"], want)
	}
}
