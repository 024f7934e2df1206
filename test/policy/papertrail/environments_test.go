package papertrail_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

const (
	account    = "111122223333"
	stranger   = "999988887777"
	home       = "eu-west-1"
	additional = "us-east-1"
	sealed     = "eu-central-1"
)

const environments = `
environments:
  kept:
    account: "111122223333"
    region: eu-west-1
    additionalRegions: [us-east-1]
    breakGlassRoleArn: arn:aws:iam::111122223333:role/BreakGlass
    alerts: {emails: [admin@example.com]}
    costs:
      activateTags: true
      monthlyBudget: 1000
      projects: [{name: chat, models: [eu.amazon.nova-pro-v1:0], monthlyBudget: 100}]
      anomalies: true
    tags: {project: p, owner: o, cost-center: c}
  sealed:
    account: "111122223333"
    region: eu-central-1
    trail: {mode: none}
    guard: {healsPerHour: 2}
    alerts: {emails: [admin@example.com]}
    tags: {project: p, owner: o, cost-center: c}
  disposable:
    removal: destroy
    objectLock: {mode: GOVERNANCE, days: 1}
    expireAfterDays: 2
    invocationLogging: {onExisting: adopt, adoptedRoleArn: "arn:aws:iam::111122223333:role/theirs"}
    tags: {project: p, owner: o, cost-center: c}
`

// synthesised keeps the stacks of each environment, which only the first test
// that asks for them has to wait for.
var synthesised = map[string][]policy.Stack{}

// load reads the stacks of an environment. The one without account and Region
// is deployed to the account and home.
func load(t *testing.T, name string) *policy.World {
	t.Helper()
	if synthesised[name] == nil {
		synthesised[name] = synthesise(t, name)
	}
	return policy.Load(t, synthesised[name]...)
}

func synthesise(t *testing.T, name string) []policy.Stack {
	t.Helper()
	file, err := config.Parse("environments.yaml", []byte(environments))
	require.NoError(t, err)
	env, err := file.Select(name)
	require.NoError(t, err)
	code := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(code, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	made := stacks.NewEnvironment(cdktest.NewApp(t), env, &stacks.EnvironmentProps{FunctionCodePath: jsii.String(code)})

	var loaded []policy.Stack
	for _, place := range made.Regions() {
		region := place.Region
		if region == "" {
			region = home
		}
		parts := []awscdk.Stack{place.Storage, place.Capture, place.Monitoring, place.Ledger}
		if place.Cost != nil {
			parts = append(parts, place.Cost)
		}
		for _, stack := range parts {
			loaded = append(loaded, policy.Stack{
				Name: *stack.StackName(), Account: account, Region: region,
				Template: cdktest.Synth(t, stack).Map(),
			})
		}
	}
	return loaded
}

// The stacks of an environment in a Region.
func storage(env, region string) string    { return region + "/paper-trail-" + env + "-storage" }
func capture(env, region string) string    { return region + "/paper-trail-" + env + "-capture" }
func monitoring(env, region string) string { return region + "/paper-trail-" + env + "-monitoring" }
func ledger(env, region string) string     { return region + "/paper-trail-" + env + "-ledger" }
func cost(env, region string) string       { return region + "/paper-trail-" + env + "-cost" }

// regions are those of each environment; the disposable one is deployed to home.
var regions = map[string][]string{"kept": {home, additional}, "sealed": {sealed}, "disposable": {home}}

// evidence are the buckets of an environment that hold what services delivered.
// The ledger's hold what can be made from it again.
func evidence(w *policy.World, env string) []*policy.Resource {
	var stacks []string
	for _, region := range regions[env] {
		stacks = append(stacks, storage(env, region))
	}
	return w.All("AWS::S3::Bucket", stacks...)
}

// The people of the account.
var (
	admin      = policy.Admin(account)
	powerUser  = policy.PowerUser(account)
	root       = policy.Root(account)
	breakGlass = policy.Administrator(account, "BreakGlass")
)

// breakGlassLookalikes are administrators who are not the break-glass role.
func breakGlassLookalikes() []policy.Principal {
	return []policy.Principal{
		policy.Administrator(account, "BreakGlass2"),
		policy.Administrator(account, "team/BreakGlass"),
		policy.Administrator(stranger, "BreakGlass"),
	}
}

// named gives a case its name.
func named(name string, c policy.Case) policy.Case {
	c.Name = name
	return c
}

// but is a case with other condition keys.
func but(name string, c policy.Case, change policy.Context) policy.Case {
	context := maps.Clone(c.Context)
	if context == nil {
		context = policy.Context{}
	}
	maps.Copy(context, change)
	c.Name, c.Context = name, context
	return c
}

// on is a case about another resource.
func on(name string, c policy.Case, resource string) policy.Case {
	c.Name, c.Resource = name, resource
	return c
}

// by is a case with another principal, after whom it is named.
func by(principal policy.Principal, c policy.Case) policy.Case {
	c.Name, c.Principal = principal.String()+" "+c.Action, principal
	return c
}

// each lists one case for each action of a principal on a resource; no resource
// means the one the cases are stated about.
func each(principal policy.Principal, resource string, context policy.Context, actions ...string) []policy.Case {
	cases := make([]policy.Case, len(actions))
	for i, action := range actions {
		cases[i] = policy.Case{Principal: principal, Action: action, Resource: resource, Context: context}
	}
	return cases
}

// source is what a service says about the resource that it acts for.
func source(arn string) policy.Context {
	return policy.Context{"aws:SourceAccount": account, "aws:SourceArn": arn}
}

var plainHTTP = policy.Context{"aws:SecureTransport": "false"}
