package stacks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

const environments = `
environments:
  test:
    account: "111122223333"
    region: eu-west-1
    additionalRegions: [us-east-1]
    alerts: {emails: [admin@example.com]}
    maskedDataIdentifiers: [EmailAddress]
    costs: {monthlyBudget: 100, activateTags: true, anomalies: true, projects: [{name: chat, models: [amazon.nova-pro-v1:0], monthlyBudget: 50}]}
    tags: {project: p, owner: o, cost-center: c, "data class": secret}
  disposable:
    removal: destroy
    objectLock: {mode: GOVERNANCE, days: 1}
    trail: {mode: none}
    guard: {intervalMinutes: 5, healsPerHour: 2}
    tags: {project: p, owner: o, cost-center: c}
`

func newEnvironment(t *testing.T, name string) stacks.Environment {
	t.Helper()
	return newEnvironmentFrom(t, environments, name)
}

func newEnvironmentFrom(t *testing.T, file, name string) stacks.Environment {
	t.Helper()
	parsed, err := config.Parse("environments.yaml", []byte(file))
	require.NoError(t, err)
	env, err := parsed.Select(name)
	require.NoError(t, err)
	return stacks.NewEnvironment(cdktest.NewApp(t), env, &stacks.EnvironmentProps{FunctionCodePath: functionFolder(t)})
}

// functionFolder stands for the built function, which takes time to compile.
func functionFolder(t *testing.T) *string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	return &dir
}

func TestEnvironmentIsImportable(t *testing.T) {
	env := newEnvironment(t, "disposable")
	region := env.Regions()[0]
	cdktest.AssertImportable(t, region.Storage)
	cdktest.AssertImportable(t, region.Capture)
	cdktest.AssertImportable(t, region.Monitoring)
	cdktest.AssertImportable(t, region.Ledger)
	cdktest.Synth(t, region.Storage)
}

func TestEnvironmentMakesOneSetOfStacksForEachRegion(t *testing.T) {
	env := newEnvironment(t, "test")
	require.Len(t, env.Regions(), 2)
	for i, region := range []string{"eu-west-1", "us-east-1"} {
		set := env.Regions()[i]
		assert.Equal(t, region, set.Region)
		for kind, stack := range map[string]awscdk.Stack{"storage": set.Storage, "capture": set.Capture, "monitoring": set.Monitoring, "ledger": set.Ledger} {
			assert.Equal(t, "paper-trail-test-"+kind, *stack.StackName())
			assert.Equal(t, "111122223333", *stack.Account())
			assert.Equal(t, region, *stack.Region())
			assert.Equal(t, kind != "capture", *stack.TerminationProtection(), "what holds evidence or alarms is protected")
			assert.True(t, strings.HasPrefix(*stack.Node().Path(), "test/"+region+"/"), "the CLI selects by path")
		}
	}
}

func TestEnvironmentHasItsTrailInTheHomeRegionOnly(t *testing.T) {
	env := newEnvironment(t, "test")
	home, away := env.Regions()[0], env.Regions()[1]
	assert.NotNil(t, home.Capture.ActivityTrail())
	assert.NotNil(t, home.Storage.TrailBucket())
	assert.Nil(t, away.Capture.ActivityTrail())
	assert.Nil(t, away.Storage.TrailBucket())

	_, trail := cdktest.Synth(t, home.Capture).Only(t, "AWS::CloudTrail::Trail", "")
	assert.Equal(t, "paper-trail-test", trail.Properties["TrailName"])
	selectors := cdktest.JSON(t, trail.Properties["AdvancedEventSelectors"])
	assert.Contains(t, selectors, `"Region":"eu-west-1"`, "reads of the home Region's prompts")
	assert.Contains(t, selectors, `"Region":"us-east-1"`, "reads of the further Region's prompts")
}

func TestEnvironmentLeavesDataEventTypesOut(t *testing.T) {
	excluding := func(name string) *config.Environment {
		text := strings.Replace(environments, "    maskedDataIdentifiers", "    trail: {excludedDataEventTypes: ["+name+"]}\n    maskedDataIdentifiers", 1)
		file, err := config.Parse("environments.yaml", []byte(text))
		require.NoError(t, err)
		return file.Environments["test"]
	}
	props := &stacks.EnvironmentProps{FunctionCodePath: jsii.String(t.TempDir())}

	env := stacks.NewEnvironment(cdktest.NewApp(t), excluding("AWS::Bedrock::Tool"), props)
	_, trail := cdktest.Synth(t, env.Regions()[0].Capture).Only(t, "AWS::CloudTrail::Trail", "")
	selectors := cdktest.JSON(t, trail.Properties["AdvancedEventSelectors"])
	assert.NotContains(t, selectors, "AWS::Bedrock::Tool")
	assert.Contains(t, selectors, "AWS::Bedrock::Guardrail")

	assert.Contains(t, cdktest.Panics(t, func() { stacks.NewEnvironment(cdktest.NewApp(t), excluding("AWS::Bedrock::Tol"), props) }),
		`paper-trail/stacks: trail.excludedDataEventTypes names a type that the trail does not log, got "AWS::Bedrock::Tol"; take one of AWS::Bedrock::AdvancedOptimizePromptJob`)
}

// A refused logging configuration would otherwise leave the trail's protected
// log group behind, in the way of the next deployment.
func TestTheTrailWaitsForTheLoggingConfiguration(t *testing.T) {
	template := cdktest.Synth(t, newEnvironment(t, "test").Regions()[0].Capture)
	logging, _ := template.Only(t, "Custom::BedrockInvocationLogging", "")
	for kind, prefix := range map[string]string{"AWS::CloudTrail::Trail": "ActivityTrail", "AWS::Logs::LogGroup": "ActivityTrail", "AWS::IAM::Role": "ActivityTrail"} {
		_, resource := template.Only(t, kind, prefix)
		assert.Contains(t, cdktest.JSON(t, resource.DependsOn), logging, kind)
	}
}

func TestEnvironmentWithoutTrail(t *testing.T) {
	region := newEnvironment(t, "disposable").Regions()[0]
	assert.Nil(t, region.Capture.ActivityTrail())
	assert.False(t, *region.Storage.TerminationProtection())
	assert.True(t, *awscdk.Token_IsUnresolved(region.Storage.Account()), "account and Region are the CLI's")
	assert.Empty(t, cdktest.Synth(t, region.Capture).OfType("AWS::CloudTrail::Trail"))
}

func TestEachRegionHasItsGuard(t *testing.T) {
	for i, region := range newEnvironment(t, "test").Regions() {
		template := cdktest.Synth(t, region.Monitoring)
		assert.NotNil(t, region.Monitoring.InvocationLoggingGuard())
		_, function := template.Only(t, "AWS::Lambda::Function", "InvocationLoggingGuard")
		told := cdktest.JSON(t, function.Properties["Environment"])
		home := i == 0
		assert.Equal(t, home, strings.Contains(told, "trailArn"), "the trail is in the home Region, %s", region.Region)
		assert.Equal(t, home, strings.Contains(told, "TrailBucket"))
		assert.Contains(t, told, "InvocationBucket")
		assert.Contains(t, told, `\"healsPerHour\":0`)
		_, schedule := template.Only(t, "AWS::Events::Rule", "InvocationLoggingGuardSchedule")
		assert.Equal(t, "rate(15 minutes)", schedule.Properties["ScheduleExpression"])
		topic, _ := template.Only(t, "AWS::SNS::Topic", "AlertTopic")
		for _, alarm := range []string{"InvocationLoggingGuardDrift", "InvocationLoggingGuardSilence"} {
			_, resource := template.Only(t, "AWS::CloudWatch::Alarm", alarm)
			assert.Contains(t, cdktest.JSON(t, resource.Properties["AlarmActions"]), topic)
		}
	}
}

func TestTheGuardHealsAsToldByTheSettings(t *testing.T) {
	region := newEnvironment(t, "disposable").Regions()[0]
	template := cdktest.Synth(t, region.Monitoring)
	_, function := template.Only(t, "AWS::Lambda::Function", "InvocationLoggingGuard")
	assert.Contains(t, cdktest.JSON(t, function.Properties["Environment"]), `\"healsPerHour\":2`)
	_, schedule := template.Only(t, "AWS::Events::Rule", "InvocationLoggingGuardSchedule")
	assert.Equal(t, "rate(5 minutes)", schedule.Properties["ScheduleExpression"])
	assert.Contains(t, strings.Join(cdktest.Warnings(region.Monitoring), "\n"), "paper-trail:InvocationLoggingGuard.heal")
}

func all(region stacks.RegionStacks) []awscdk.Stack {
	list := []awscdk.Stack{region.Storage, region.Capture, region.Monitoring, region.Ledger}
	if region.Cost != nil {
		list = append(list, region.Cost)
	}
	return list
}

// An export that another stack imports cannot change or go: "export in use".
func TestStacksReferToEachOtherWithoutExports(t *testing.T) {
	env := newEnvironment(t, "test")
	for _, region := range env.Regions() {
		for _, stack := range all(region) {
			template := cdktest.JSON(t, cdktest.Synth(t, stack).Map())
			assert.NotContains(t, template, "Fn::ImportValue")
			assert.NotContains(t, template, `"Export"`)
			if stack != awscdk.Stack(region.Storage) {
				assert.Contains(t, template, "Fn::GetStackOutput")
			}
		}
	}
}

// untaggable are the types that have no tags, or none that the CDK knows of; they
// cost nothing by themselves.
var untaggable = []string{
	"AWS::Budgets::Budget", "AWS::CE::AnomalyMonitor", "AWS::CE::AnomalySubscription", "AWS::IAM::Policy",
	"AWS::Athena::NamedQuery", "AWS::CDK::Metadata", "AWS::Glue::Database", "AWS::Glue::Table", "AWS::Lambda::EventInvokeConfig",
	"AWS::Lambda::Permission", "AWS::Logs::MetricFilter", "AWS::Logs::QueryDefinition", "AWS::S3::BucketPolicy", "AWS::Scheduler::Schedule",
	"AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "Custom::BedrockInvocationLogging",
}

func TestEnvironmentTagsEverything(t *testing.T) {
	tagged := 0
	for _, region := range newEnvironment(t, "test").Regions() {
		for _, stack := range all(region) {
			for id, resource := range cdktest.Synth(t, stack).Resources {
				if slices.Contains(untaggable, resource.Type) {
					continue
				}
				text := cdktest.JSON(t, resource.Properties["Tags"])
				for _, want := range []string{`"Key":"project","Value":"p"`, `"Key":"environment","Value":"test"`, `"Key":"owner","Value":"o"`, `"Key":"cost-center","Value":"c"`, `"Key":"data class","Value":"secret"`} {
					if resource.Type == "AWS::Bedrock::ApplicationInferenceProfile" {
						want = strings.Replace(want, `"project","Value":"p"`, `"project","Value":"chat"`, 1)
					}
					assert.Contains(t, text, want, "%s, %s", id, resource.Type)
				}
				tagged++
			}
		}
	}
	assert.Greater(t, tagged, 100)
}

func TestEnvironmentKeepsOrDestroysAsToldByItsSettings(t *testing.T) {
	for name, want := range map[string]string{"test": "Retain", "disposable": "Delete"} {
		region := newEnvironment(t, name).Regions()[0]
		for id, resource := range cdktest.Synth(t, region.Storage).Resources {
			switch resource.Type {
			case "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::KMS::Key", "AWS::Logs::LogGroup":
				assert.Equal(t, want, resource.DeletionPolicy, id)
			}
		}
	}
}

func TestEveryAcceptedRetentionHasItsName(t *testing.T) {
	for _, days := range []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653} {
		text := strings.Replace(environments, "  disposable:\n", fmt.Sprintf("  disposable:\n    logRetentionDays: %d\n", days), 1)
		file, err := config.Parse("environments.yaml", []byte(text))
		require.NoError(t, err)
		env := stacks.NewEnvironment(cdktest.NewApp(t), file.Environments["disposable"], &stacks.EnvironmentProps{
			FunctionCodePath: jsii.String(t.TempDir()),
		})
		_, group := cdktest.Synth(t, env.Regions()[0].Storage).Only(t, "AWS::Logs::LogGroup", "InvocationLogGroup")
		assert.EqualValues(t, days, group.Properties["RetentionInDays"])
	}
}

func TestEnvironmentMisuse(t *testing.T) {
	file, err := config.Parse("environments.yaml", []byte(environments))
	require.NoError(t, err)
	assert.Contains(t, cdktest.Panics(t, func() { stacks.NewEnvironment(cdktest.NewApp(t), nil, nil) }), "paper-trail/stacks: Environment needs an entry of environments.yaml, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { stacks.NewEnvironment(nil, file.Environments["test"], nil) }), "paper-trail/stacks: Environment needs a scope, got nil")
}
