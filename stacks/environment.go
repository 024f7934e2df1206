package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// EnvironmentProps configures what environments.yaml does not say.
type EnvironmentProps struct {
	// FunctionCodePath is a folder with, or a zip file of, the prebuilt Lambda
	// function behind the logging configuration, its guard and the activation of
	// cost tags: a file "bootstrap" for FunctionArchitecture. Default: compiled at
	// synthesis with the go command on PATH.
	FunctionCodePath *string
	// FunctionArchitecture is the instruction set of all three. Default: arm64.
	FunctionArchitecture awslambda.Architecture
}

// Environment is one environment of environments.yaml: the stacks of all its
// Regions. Its construct path is the environment's name, a Region's is
// NAME/REGION, so that the CLI can select "prod/**" or "prod/eu-west-1/*".
//
// It is a construct, not a cdk.Stage: the CLI's --all does not reach into
// stages. To use it in a pipeline, make it inside a stage.
type Environment interface {
	constructs.Construct
	// Regions holds the stacks of each Region, the home Region's first.
	Regions() []RegionStacks
}

// RegionStacks are the stacks of one Region.
type RegionStacks struct {
	// Region is empty where the environment leaves it to the CLI.
	Region string
	// Storage holds the keys, buckets and log group.
	Storage Storage
	// Capture holds the logging configuration and the trail.
	Capture Capture
	// Monitoring holds the topic, the alarms and the guard.
	Monitoring Monitoring
	// Cost holds profiles and budgets. It is nil outside the home Region and
	// where the environment has no costs.
	Cost Cost
	// Ledger answers questions about the calls. It is nil where the environment has
	// none.
	Ledger Ledger
}

type environment struct {
	constructs.Construct
	regions []RegionStacks
}

var _ Environment = (*environment)(nil)

// NewEnvironment makes the stacks of an environment in scope, an app or a
// stage. The environment is one that config.Load or config.Parse returned:
// those have checked it. props may be nil.
func NewEnvironment(scope constructs.Construct, env *config.Environment, props *EnvironmentProps) Environment {
	if env == nil {
		misuse.Panicf(pkg, "Environment needs an entry of environments.yaml, got nil; take one from config.Load")
	}
	misuse.RequireScope(pkg, "Environment", scope, &env.Name)
	p := EnvironmentProps{}
	if props != nil {
		p = *props
	}
	this := &environment{}
	constructs.NewConstruct_Override(this, scope, &env.Name)
	awscdk.CrossStackReferences_Of(this).Consume(awscdk.ReferenceStrength_WEAK)
	this.tag(env)
	for _, problem := range env.UnknownRegions() {
		misuse.Warn(this, "Environment.region", "environments.yaml: "+problem)
	}

	regions := env.Regions()
	this.regions = make([]RegionStacks, len(regions))
	var prompts []awss3.IBucket
	var deployers []*string
	for i, region := range regions {
		place := placement{env: env, region: region, scope: constructs.NewConstruct(this, jsii.String(scopeID(region))), home: i == 0}
		this.regions[i] = RegionStacks{Region: region, Storage: newStorage(place)}
		prompts = append(prompts, this.regions[i].Storage.InvocationBucket().Bucket())
		deployers = append(deployers, policies.At(this.regions[i].Storage).DeployRoleArn)
	}
	for i := range this.regions {
		r := &this.regions[i]
		place := placement{env: env, region: r.Region, scope: r.Storage.Node().Scope().(constructs.Construct), home: i == 0}
		r.Capture = newCapture(place, r.Storage, prompts, p.function())
		r.Monitoring = newMonitoring(place, r.Storage, r.Capture, slices.Concat(deployers[:i], deployers[i+1:]), p.function())
		if place.home && env.Costs.Any() {
			r.Cost = newCost(place, r.Storage, r.Monitoring, (*attribution.FunctionProps)(p.function()), tagKeys(env))
		}
		if env.Ledger.Mode == config.CreateLedger {
			r.Ledger = newLedger(place, r.Storage, r.Capture, r.Monitoring, r.Cost, regions)
		}
	}
	return this
}

func (e *environment) Regions() []RegionStacks { return e.regions }

// function is made anew for each stack: CDK ties an asset to one stack.
func (p EnvironmentProps) function() *invocationlog.FunctionProps {
	props := &invocationlog.FunctionProps{Architecture: p.FunctionArchitecture}
	if p.FunctionCodePath != nil {
		props.Code = awslambda.Code_FromAsset(p.FunctionCodePath, nil)
	}
	return props
}

// tag puts the environment's cost tags on everything below it.
func (e *environment) tag(env *config.Environment) {
	further := map[string]*string{}
	for key, value := range env.Tags {
		further[key] = jsii.String(value)
	}
	take := func(key string) *string {
		value := further[key]
		delete(further, key)
		return value
	}
	attribution.NewCostTags(e, jsii.String("CostTags"), &attribution.CostTagsProps{
		Project:     take("project"),
		Environment: take("environment"),
		Owner:       take("owner"),
		CostCenter:  take("cost-center"),
		Additional:  &further,
	})
}

// tagKeys are those that split the bill: the environment's and that of profiles.
func tagKeys(env *config.Environment) []string {
	keys := slices.Collect(maps.Keys(env.Tags))
	if !slices.Contains(keys, "project") {
		keys = append(keys, "project")
	}
	slices.Sort(keys)
	return keys
}

func scopeID(region string) string {
	if region == "" {
		return "default-region"
	}
	return region
}

// placement is where and from what a stack is made.
type placement struct {
	scope  constructs.Construct
	env    *config.Environment
	region string
	home   bool
}

// stackProps are what all stacks of an environment have in common. The name is
// explicit, and the same in each Region: it is what people look for in the
// console and what the names of buckets begin with.
func (p placement) stackProps(kind, description string) *awscdk.StackProps {
	env := &awscdk.Environment{}
	if p.env.Account != "" {
		env.Account = &p.env.Account
	}
	if p.region != "" {
		env.Region = &p.region
	}
	return &awscdk.StackProps{
		Env:                   env,
		StackName:             jsii.String("paper-trail-" + p.env.Name + "-" + kind),
		Description:           jsii.String("Bedrock paper trail, " + p.env.Name + ": " + description),
		TerminationProtection: &p.env.TerminationProtection,
		// The trail names the buckets of all Regions.
		CrossRegionReferences: jsii.Bool(true),
	}
}

func (p placement) destroys() bool { return p.env.Removal == config.Destroy }

// removal is the policy for what an environment keeps: unset lets each
// construct keep its evidence as it does by default.
func (p placement) removal() awscdk.RemovalPolicy {
	if p.destroys() {
		return awscdk.RemovalPolicy_DESTROY
	}
	return ""
}
