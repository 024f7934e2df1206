package attribution

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsce"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

// BedrockService is the name under which Amazon Bedrock bills its own and most
// models (AWS Cost Explorer, dimension Service).
const BedrockService = "Amazon Bedrock"

// SpendBudget is a monthly budget for models, of one value of a cost tag or
// overall, that notifies a topic when spend reaches a share of it or is forecast
// to.
//
// A budget by tag sees what goes through tagged inference profiles, models of
// third parties included, and misses calls that go past the profiles. A budget
// by service sees every call that is billed as the services it names, and misses
// models that AWS Marketplace bills under a service of their own, such as
// "Claude Sonnet 4 (Amazon Bedrock Edition)". So an account needs one by service
// and one for each project. Credits do not count, so that an account that lives on
// them is told before they are gone. AWS updates budgets up to three times a day, and a
// tag counts from the day on which it was activated.
type SpendBudget interface {
	constructs.Construct
	// Budget is the AWS Budgets budget.
	Budget() awsbudgets.CfnBudget
}

// SpendBudgetProps configures a SpendBudget.
type SpendBudgetProps struct {
	// MonthlyLimit is in US dollars, more than 0. Required.
	MonthlyLimit *float64
	// Topic is notified. Its policy and key are extended for AWS Budgets.
	// Required.
	Topic alerting.AlertTopic
	// TagKey and TagValue limit the budget to the costs of one value of a cost
	// tag; the tag has to be activated as a cost allocation tag in the account
	// that pays. Default: no tag, all costs of Services.
	TagKey *string
	// TagValue is the value; see TagKey.
	TagValue *string
	// Services limits the budget to the costs billed as these services. It
	// cannot be set with a tag. Default: "Amazon Bedrock".
	Services *[]*string
	// ActualPercent are the shares of the limit that notify when spent, more
	// than 0 and at most 1000. Default: 80 and 100.
	ActualPercent *[]*float64
	// ForecastPercent are the shares that notify when forecast for the month's
	// end. AWS needs about five weeks of costs for a forecast. Default: 100.
	ForecastPercent *[]*float64
}

type spendBudget struct {
	constructs.Construct
	budget awsbudgets.CfnBudget
}

var _ SpendBudget = (*spendBudget)(nil)

// maxNotifications is AWS's limit for a budget (AWS Budgets, "Quotas").
const maxNotifications = 10

// NewSpendBudget makes the budget.
//
// It panics without a topic or a limit, on a limit of zero, on a tag key without
// a value or the other way round, on services together with a tag, and on
// percentages that AWS would refuse; all problems are in one message.
func NewSpendBudget(scope constructs.Construct, id *string, props *SpendBudgetProps) SpendBudget {
	misuse.RequireScope(pkg, "SpendBudget", scope, id)
	p := SpendBudgetProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "SpendBudget", "Topic", p.Topic)
	if p.Services == nil && p.TagKey == nil {
		p.Services = jsii.Strings(BedrockService)
	}
	if p.ActualPercent == nil {
		p.ActualPercent = jsii.Numbers(80, 100)
	}
	if p.ForecastPercent == nil {
		p.ForecastPercent = jsii.Numbers(100)
	}
	misuse.PanicAll(p.problems())

	this := &spendBudget{}
	constructs.NewConstruct_Override(this, scope, id)
	p.Topic.AllowBudgets()
	var notifications []any
	for kind, percents := range map[string]*[]*float64{"ACTUAL": p.ActualPercent, "FORECASTED": p.ForecastPercent} {
		for _, percent := range *percents {
			notifications = append(notifications, p.notification(kind, *percent))
		}
	}
	// In the order of a template that does not change from run to run.
	sortByJSON(notifications)
	this.budget = awsbudgets.NewCfnBudget(this, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetType:  jsii.String("COST"),
			TimeUnit:    jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: p.MonthlyLimit, Unit: jsii.String("USD")},
			CostFilters: p.filters(),
			CostTypes:   &awsbudgets.CfnBudget_CostTypesProperty{IncludeCredit: jsii.Bool(false)},
		},
		NotificationsWithSubscribers: notifications,
	})
	// AWS Budgets tries the topic out when the budget is made.
	this.budget.Node().AddDependency(p.Topic)
	return this
}

func (b *spendBudget) Budget() awsbudgets.CfnBudget { return b.budget }

func (p SpendBudgetProps) filters() map[string]any {
	if p.TagKey != nil {
		return map[string]any{"TagKeyValue": []string{"user:" + *p.TagKey + "$" + *p.TagValue}}
	}
	return map[string]any{"Service": *p.Services}
}

func (p SpendBudgetProps) notification(kind string, percent float64) any {
	return map[string]any{
		"notification": map[string]any{
			"notificationType": kind, "comparisonOperator": "GREATER_THAN", "threshold": percent, "thresholdType": "PERCENTAGE",
		},
		"subscribers": []any{map[string]any{"subscriptionType": "SNS", "address": p.Topic.Topic().TopicArn()}},
	}
}

func (p SpendBudgetProps) problems() []error {
	var found []error
	add := func(format string, args ...any) {
		found = append(found, misuse.Errorf(pkg, "SpendBudgetProps."+format, args...))
	}
	if p.MonthlyLimit == nil {
		add("MonthlyLimit is missing; give US dollars a month")
	} else if !(*p.MonthlyLimit > 0) { // NaN too
		add("MonthlyLimit has to be more than 0, got %v; give US dollars a month, or leave the budget out", *p.MonthlyLimit)
	}
	switch {
	case (p.TagKey == nil) != (p.TagValue == nil):
		add("TagKey and TagValue belong together, got %q and %q; set both or neither", value(p.TagKey), value(p.TagValue))
	case p.TagKey != nil && p.Services != nil:
		add("Services comes together with TagKey; a budget by service misses what the tag finds, so make two budgets")
	case p.TagKey != nil:
		for _, problem := range tagrules.Invalid(map[string]string{*p.TagKey: *p.TagValue}) {
			add("TagKey, TagValue: %s", problem.Text)
		}
	case len(*p.Services) == 0:
		add("Services is empty; name a service, or leave it out for %q", BedrockService)
	}
	total := 0
	for name, percents := range map[string]*[]*float64{"ActualPercent": p.ActualPercent, "ForecastPercent": p.ForecastPercent} {
		seen := map[float64]bool{}
		for _, percent := range *percents {
			total++
			if percent == nil || !(*percent > 0 && *percent <= 1000) {
				add("%s has to be more than 0 and at most 1000, got %v; give percent of the limit", name, number(percent))
			} else if seen[*percent] {
				add("%s has %v twice; remove one", name, *percent)
			} else {
				seen[*percent] = true
			}
		}
	}
	if total == 0 {
		add("ActualPercent and ForecastPercent are both empty, so nobody would be told; give a percentage")
	}
	if total > maxNotifications {
		add("ActualPercent and ForecastPercent have %d percentages, and AWS takes %d at most; remove some", total, maxNotifications)
	}
	return found
}

func number(value *float64) any {
	if value == nil {
		return nil
	}
	return *value
}

// SpendAnomalyMonitor learns what models usually cost for each value of a cost
// tag, and notifies a topic of what is unusual. It needs the tag to be activated
// and about ten days of costs.
//
// It is for the account that pays: the management account of an organisation, or
// one outside of any. AWS lets nobody else make a monitor for cost allocation tags
// (AWS Cost Management user guide, "Creating your cost monitors and alert
// subscriptions"), so in a member account the deployment fails.
type SpendAnomalyMonitor interface {
	constructs.Construct
	// Monitor is the AWS Cost Anomaly Detection monitor.
	Monitor() awsce.CfnAnomalyMonitor
}

// SpendAnomalyMonitorProps configures a SpendAnomalyMonitor.
type SpendAnomalyMonitorProps struct {
	// Topic is notified. Its policy and key are extended for AWS Cost Anomaly
	// Detection. Required.
	Topic alerting.AlertTopic
	// TagKey is the cost tag. Default: "project".
	TagKey *string
	// TagValues are the values that are watched, together, 100 at most. Required.
	TagValues *[]*string
	// MinimumImpact is how many US dollars an anomaly has to cost to be told,
	// more than 0. Default: 50.
	MinimumImpact *float64
}

type spendAnomalyMonitor struct {
	constructs.Construct
	monitor awsce.CfnAnomalyMonitor
}

var _ SpendAnomalyMonitor = (*spendAnomalyMonitor)(nil)

// NewSpendAnomalyMonitor makes the monitor and its subscription.
//
// It panics without a topic or tag values, on a key or values that AWS would
// refuse or that differ in case only, on more than 100 values, and on
// an impact of zero; all problems are in one message.
func NewSpendAnomalyMonitor(scope constructs.Construct, id *string, props *SpendAnomalyMonitorProps) SpendAnomalyMonitor {
	misuse.RequireScope(pkg, "SpendAnomalyMonitor", scope, id)
	p := SpendAnomalyMonitorProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "SpendAnomalyMonitor", "Topic", p.Topic)
	if p.TagKey == nil {
		p.TagKey = jsii.String("project")
	}
	if p.MinimumImpact == nil {
		p.MinimumImpact = jsii.Number(50)
	}
	misuse.PanicAll(p.problems())
	this := &spendAnomalyMonitor{}
	constructs.NewConstruct_Override(this, scope, id)
	p.Topic.AllowCostAnomalyDetection()
	name := strings.ReplaceAll(*this.Node().Path(), "/", "-")
	this.monitor = awsce.NewCfnAnomalyMonitor(this, jsii.String("Monitor"), &awsce.CfnAnomalyMonitorProps{
		MonitorName: jsii.String(lastRunes(name, maxMonitorName)),
		MonitorType: jsii.String("CUSTOM"),
		MonitorSpecification: jsii.String(text(map[string]any{
			"Tags": map[string]any{"Key": *p.TagKey, "Values": *p.TagValues, "MatchOptions": []string{"EQUALS"}},
		})),
	})
	subscription := awsce.NewCfnAnomalySubscription(this, jsii.String("Subscription"), &awsce.CfnAnomalySubscriptionProps{
		SubscriptionName: jsii.String(lastRunes(name, maxMonitorName)),
		// The only frequency with which a topic can be notified.
		Frequency:      jsii.String("IMMEDIATE"),
		MonitorArnList: &[]any{this.monitor.AttrMonitorArn()},
		Subscribers:    []any{map[string]any{"type": "SNS", "address": p.Topic.Topic().TopicArn()}},
		ThresholdExpression: jsii.String(text(map[string]any{
			"Dimensions": map[string]any{
				"Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE", "MatchOptions": []string{"GREATER_THAN_OR_EQUAL"},
				"Values": []string{fmt.Sprint(*p.MinimumImpact)},
			},
		})),
	})
	subscription.Node().AddDependency(p.Topic)
	return this
}

func (m *spendAnomalyMonitor) Monitor() awsce.CfnAnomalyMonitor { return m.monitor }

func (p SpendAnomalyMonitorProps) problems() []error {
	var found []error
	add := func(format string, args ...any) {
		found = append(found, misuse.Errorf(pkg, "SpendAnomalyMonitorProps."+format, args...))
	}
	for _, problem := range tagrules.Invalid(map[string]string{*p.TagKey: "any"}) {
		add("TagKey: %s", problem.Text)
	}
	if p.TagValues == nil || len(*p.TagValues) == 0 {
		add("TagValues is missing; name the values of the tag %q to watch", *p.TagKey)
	} else {
		if n := len(*p.TagValues); n > maxMonitorValues {
			add("TagValues has %d values, and one monitor watches at most %d together; make further monitors for the others", n, maxMonitorValues)
		}
		spelled := map[string]string{}
		for i, pointer := range *p.TagValues {
			got := value(pointer)
			for _, problem := range tagrules.Invalid(map[string]string{"any": got}) {
				add("TagValues[%d]: %s", i, problem.Text)
			}
			other, again := spelled[strings.ToLower(got)]
			switch {
			case again && other == got:
				add("TagValues[%d]: %q is there already; remove one", i, got)
			case again:
				add("TagValues[%d]: %q is there as %q already; the bill tells them apart, so keep the one that is on it", i, got, other)
			}
			spelled[strings.ToLower(got)] = got
		}
	}
	if !(*p.MinimumImpact > 0) { // NaN too
		add("MinimumImpact has to be more than 0, got %v; give US dollars", *p.MinimumImpact)
	}
	return found
}

// maxMonitorValues keeps a monitor useful: it learns one pattern of all its values
// together, and AWS states no limit for tags.
const maxMonitorValues = 100

// maxMonitorName is the limit of both names (AWS Cost Explorer API reference,
// AnomalyMonitor).
const maxMonitorName = 1024

func lastRunes(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[len(runes)-most:])
	}
	return text
}

func text(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // plain values
	}
	return string(raw)
}

// sortByJSON orders values by what they are in a template.
func sortByJSON(values []any) {
	slices.SortFunc(values, func(a, b any) int { return strings.Compare(text(a), text(b)) })
}
