package attribution_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func topic(stack awscdk.Stack) alerting.AlertTopic {
	return alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{
		Key: auditstore.NewAuditKey(stack, jsii.String("Key"), nil),
	})
}

func TestSpendIsImportable(t *testing.T) {
	stack := cdktest.NewStack(t)
	alerts := topic(stack)
	cdktest.AssertImportable(t, attribution.NewSpendBudget(stack, jsii.String("Budget"), &attribution.SpendBudgetProps{Topic: alerts, MonthlyLimit: jsii.Number(100)}))
	cdktest.AssertImportable(t, attribution.NewSpendAnomalyMonitor(stack, jsii.String("Anomalies"), &attribution.SpendAnomalyMonitorProps{Topic: alerts, TagValues: jsii.Strings("chat")}))
	cdktest.Synth(t, stack)
}

func TestSpendBudget(t *testing.T) {
	stack := cdktest.NewStack(t)
	alerts := topic(stack)
	attribution.NewSpendBudget(stack, jsii.String("Overall"), &attribution.SpendBudgetProps{Topic: alerts, MonthlyLimit: jsii.Number(5000)})
	attribution.NewSpendBudget(stack, jsii.String("Chat"), &attribution.SpendBudgetProps{
		Topic: alerts, MonthlyLimit: jsii.Number(0.5), TagKey: jsii.String("project"), TagValue: jsii.String("chat"),
		ActualPercent: jsii.Numbers(50), ForecastPercent: &[]*float64{},
	})
	template := cdktest.Synth(t, stack)

	_, overall := template.Only(t, "AWS::Budgets::Budget", "Overall")
	assert.Equal(t, `{"BudgetLimit":{"Amount":5000,"Unit":"USD"},"BudgetType":"COST","CostFilters":{"Service":["Amazon Bedrock"]},"CostTypes":{"IncludeCredit":false},"TimeUnit":"MONTHLY"}`,
		cdktest.JSON(t, overall.Properties["Budget"]))
	notifications := overall.Properties["NotificationsWithSubscribers"].([]any)
	assert.Len(t, notifications, 3)
	assert.Equal(t, `{"ComparisonOperator":"GREATER_THAN","NotificationType":"ACTUAL","Threshold":100,"ThresholdType":"PERCENTAGE"}`,
		cdktest.JSON(t, notifications[0].(map[string]any)["Notification"]))
	assert.Contains(t, cdktest.JSON(t, notifications), `"NotificationType":"FORECASTED"`)
	topicID, _ := template.Only(t, "AWS::SNS::Topic", "Alerts")
	assert.Contains(t, cdktest.JSON(t, notifications), `"Subscribers":[{"Address":{"Ref":"`+topicID+`"},"SubscriptionType":"SNS"}]`)
	policyID, policy := template.Only(t, "AWS::SNS::TopicPolicy", "Alerts")
	assert.Contains(t, overall.DependsOn, policyID, "AWS Budgets tries the topic out")

	_, chat := template.Only(t, "AWS::Budgets::Budget", "Chat")
	assert.Contains(t, cdktest.JSON(t, chat.Properties["Budget"]), `"CostFilters":{"TagKeyValue":["user:project$chat"]},"CostTypes":{"IncludeCredit":false}`)
	assert.Len(t, chat.Properties["NotificationsWithSubscribers"], 1)

	publish := cdktest.JSON(t, cdktest.Statement(t, policy.Properties["PolicyDocument"], "AllowBudgets"))
	assert.Contains(t, publish, `"aws:SourceAccount":"111122223333"`)
	assert.Contains(t, publish, `:budgets::111122223333:*`)
	_, key := template.Only(t, "AWS::KMS::Key", "Key")
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowBudgetNotifications")), "budgets.amazonaws.com")
}

func TestSpendAnomalyMonitor(t *testing.T) {
	stack := cdktest.NewStack(t)
	attribution.NewSpendAnomalyMonitor(stack, jsii.String("Anomalies"), &attribution.SpendAnomalyMonitorProps{
		Topic: topic(stack), TagValues: jsii.Strings("chat", "search"), MinimumImpact: jsii.Number(20),
	})
	template := cdktest.Synth(t, stack)
	id, monitor := template.Only(t, "AWS::CE::AnomalyMonitor", "Anomalies")
	assert.Equal(t, "CUSTOM", monitor.Properties["MonitorType"])
	assert.JSONEq(t, `{"Tags":{"Key":"project","Values":["chat","search"],"MatchOptions":["EQUALS"]}}`, monitor.Properties["MonitorSpecification"].(string))
	_, subscription := template.Only(t, "AWS::CE::AnomalySubscription", "Anomalies")
	assert.Equal(t, "IMMEDIATE", subscription.Properties["Frequency"])
	assert.Contains(t, cdktest.JSON(t, subscription.Properties["MonitorArnList"]), id)
	assert.JSONEq(t, `{"Dimensions":{"Key":"ANOMALY_TOTAL_IMPACT_ABSOLUTE","MatchOptions":["GREATER_THAN_OR_EQUAL"],"Values":["20"]}}`, subscription.Properties["ThresholdExpression"].(string))
	_, policy := template.Only(t, "AWS::SNS::TopicPolicy", "Alerts")
	assert.Contains(t, cdktest.JSON(t, cdktest.Statement(t, policy.Properties["PolicyDocument"], "AllowCostAnomalyDetection")), "costalerts.amazonaws.com")
}

func TestSpendMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	alerts := topic(stack)
	budget := func(p attribution.SpendBudgetProps) string {
		p.Topic = alerts
		return cdktest.Panics(t, func() { attribution.NewSpendBudget(stack, jsii.String("B"), &p) })
	}
	limit := jsii.Number(10)
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewSpendBudget(stack, jsii.String("B"), nil) }), "SpendBudget needs SpendBudgetProps.Topic, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewSpendBudget(nil, jsii.String("B"), nil) }), "SpendBudget needs a scope, got nil")
	for want, props := range map[string]attribution.SpendBudgetProps{
		"MonthlyLimit is missing; give US dollars a month":                                           {},
		"MonthlyLimit has to be more than 0, got 0; give US dollars a month":                         {MonthlyLimit: jsii.Number(0)},
		`TagKey and TagValue belong together, got "project" and ""; set both or neither`:             {MonthlyLimit: limit, TagKey: jsii.String("project")},
		`Services comes together with TagKey`:                                                        {MonthlyLimit: limit, TagKey: jsii.String("a"), TagValue: jsii.String("b"), Services: jsii.Strings("x")},
		`TagKey, TagValue: want a tag value of letters`:                                              {MonthlyLimit: limit, TagKey: jsii.String("a"), TagValue: jsii.String("b;")},
		`Services is empty; name a service`:                                                          {MonthlyLimit: limit, Services: jsii.Strings()},
		`ActualPercent has to be more than 0 and at most 1000, got -1`:                               {MonthlyLimit: limit, ActualPercent: jsii.Numbers(-1)},
		`ForecastPercent has 100 twice; remove one`:                                                  {MonthlyLimit: limit, ForecastPercent: jsii.Numbers(100, 100)},
		`are both empty, so nobody would be told`:                                                    {MonthlyLimit: limit, ActualPercent: &[]*float64{}, ForecastPercent: &[]*float64{}},
		`ActualPercent and ForecastPercent have 11 percentages, and AWS takes 10 at most; remove so`: {MonthlyLimit: limit, ActualPercent: jsii.Numbers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)},
	} {
		assert.Contains(t, budget(props), "paper-trail/attribution: SpendBudgetProps.")
		assert.Contains(t, budget(props), want)
	}
	monitor := func(p attribution.SpendAnomalyMonitorProps) string {
		p.Topic = alerts
		return cdktest.Panics(t, func() { attribution.NewSpendAnomalyMonitor(stack, jsii.String("M"), &p) })
	}
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewSpendAnomalyMonitor(stack, jsii.String("M"), nil) }), "needs SpendAnomalyMonitorProps.Topic, got nil")
	assert.Contains(t, monitor(attribution.SpendAnomalyMonitorProps{}), `TagValues is missing; name the values of the tag "project" to watch`)
	assert.Contains(t, monitor(attribution.SpendAnomalyMonitorProps{TagValues: jsii.Strings("a"), MinimumImpact: jsii.Number(0)}), "MinimumImpact has to be more than 0, got 0")
	many := make([]*string, 101)
	for i := range many {
		many[i] = jsii.String(fmt.Sprint("project", i))
	}
	for want, props := range map[string]attribution.SpendAnomalyMonitorProps{
		`TagKey: want a tag key of 1 to 128 characters, got 0`:                                                  {TagKey: jsii.String(""), TagValues: jsii.Strings("a")},
		`TagValues[1]: want a tag value of 1 to 256 characters, got 0`:                                          {TagValues: jsii.Strings("a", "")},
		`TagValues[0]: want a tag value of letters`:                                                             {TagValues: jsii.Strings("a;b")},
		`TagValues[1]: "chat" is there as "Chat" already; the bill tells them apart, so`:                        {TagValues: jsii.Strings("Chat", "chat")},
		`TagValues[1]: "chat" is there already; remove one`:                                                     {TagValues: jsii.Strings("chat", "chat")},
		`TagValues has 101 values, and one monitor watches at most 100 together; make further monitors for the`: {TagValues: &many},
	} {
		assert.Contains(t, monitor(props), "paper-trail/attribution: SpendAnomalyMonitorProps."+want)
	}
}
