package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
)

// Cost tells what models cost and to whom. It is in the home Region, of an
// environment with costs in environments.yaml.
type Cost interface {
	awscdk.Stack
	// InferenceProfiles are those of the projects. It is nil without projects.
	InferenceProfiles() attribution.InferenceProfiles
	// CostTagActivation makes tags split the bill. It is nil where the environment
	// does not activate them.
	CostTagActivation() attribution.CostTagActivation
	// Budgets are that of the account, if it has one, and those of the projects
	// that have one.
	Budgets() []attribution.SpendBudget
	// SpendAnomalyMonitor watches the projects. It is nil where the environment
	// does not ask for it, since AWS refuses it in a member account.
	SpendAnomalyMonitor() attribution.SpendAnomalyMonitor
}

type cost struct {
	awscdk.Stack
	profiles   attribution.InferenceProfiles
	activation attribution.CostTagActivation
	budgets    []attribution.SpendBudget
	anomalies  attribution.SpendAnomalyMonitor
}

var _ Cost = (*cost)(nil)

func newCost(place placement, storage Storage, monitoring Monitoring, function *attribution.FunctionProps, tagKeys []string) Cost {
	this := &cost{}
	awscdk.NewStack_Override(this, place.scope, jsii.String("Cost"),
		place.stackProps("cost", "inference profiles, budgets and the activation of cost tags"))

	costs := place.env.Costs
	var table []*attribution.InferenceProfile
	var projects []*string
	for _, project := range costs.Projects {
		projects = append(projects, jsii.String(project.Name))
		for _, model := range project.Models {
			table = append(table, &attribution.InferenceProfile{Project: jsii.String(project.Name), Model: jsii.String(model)})
		}
	}
	if len(table) > 0 {
		this.profiles = attribution.NewInferenceProfiles(this, jsii.String("InferenceProfiles"), &attribution.InferenceProfilesProps{Profiles: &table})
	}
	if costs.ActivateTags {
		this.activation = attribution.NewCostTagActivation(this, jsii.String("CostTagActivation"), &attribution.CostTagActivationProps{
			Keys:           jsii.Strings(tagKeys...),
			BackfillMonths: jsii.Number(costs.BackfillMonths),
			LogKey:         storage.ActivityKey(),
			Function:       function,
			RemovalPolicy:  place.removal(),
		})
	}
	if costs.MonthlyBudget > 0 {
		this.budget("Budget", costs.MonthlyBudget, attribution.SpendBudgetProps{
			Topic:    monitoring.WarningTopic(),
			Services: jsii.Strings(costs.Services...),
		})
	}
	for _, project := range costs.Projects {
		if project.MonthlyBudget > 0 {
			this.budget("Budget-"+project.Name, project.MonthlyBudget, attribution.SpendBudgetProps{
				Topic:    monitoring.WarningTopic(),
				TagKey:   jsii.String("project"),
				TagValue: jsii.String(project.Name),
			})
		}
	}
	if costs.Anomalies && len(projects) > 0 {
		this.anomalies = attribution.NewSpendAnomalyMonitor(this, jsii.String("SpendAnomalies"), &attribution.SpendAnomalyMonitorProps{
			Topic:     monitoring.WarningTopic(),
			TagValues: &projects,
		})
	}
	return this
}

func (c *cost) budget(id string, limit int, props attribution.SpendBudgetProps) {
	props.MonthlyLimit = jsii.Number(limit)
	c.budgets = append(c.budgets, attribution.NewSpendBudget(c, jsii.String(id), &props))
}

func (c *cost) InferenceProfiles() attribution.InferenceProfiles     { return c.profiles }
func (c *cost) CostTagActivation() attribution.CostTagActivation     { return c.activation }
func (c *cost) Budgets() []attribution.SpendBudget                   { return c.budgets }
func (c *cost) SpendAnomalyMonitor() attribution.SpendAnomalyMonitor { return c.anomalies }
