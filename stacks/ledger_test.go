package stacks_test

import (
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

// with is the disposable environment with a further setting.
func with(t *testing.T, setting string) stacks.Environment {
	t.Helper()
	file, err := config.Parse("environments.yaml", []byte(strings.Replace(environments, "    removal: destroy\n", "    removal: destroy\n    "+setting+"\n", 1)))
	require.NoError(t, err)
	return stacks.NewEnvironment(cdktest.NewApp(t), file.Environments["disposable"], &stacks.EnvironmentProps{FunctionCodePath: jsii.String(t.TempDir())})
}

func TestEveryRegionHasALedgerUnlessNoneIsWanted(t *testing.T) {
	env := newEnvironment(t, "test")
	for _, region := range env.Regions() {
		require.NotNil(t, region.Ledger, region.Region)
		assert.Equal(t, "paper_trail_test", *region.Ledger.Tables().DatabaseName())
	}
	assert.NotNil(t, env.Regions()[0].Ledger.Tables().Trail(), "the trail's files are in the home Region")
	assert.Nil(t, env.Regions()[1].Ledger.Tables().Trail())

	for _, region := range with(t, "ledger: {mode: none}").Regions() {
		assert.Nil(t, region.Ledger)
	}
}

func TestTheLedgerKnowsTheModelsBehindTheProfilesOfTheEnvironment(t *testing.T) {
	env := with(t, "costs: {projects: [{name: chat, models: [amazon.nova-pro-v1:0]}]}")
	_, machine := cdktest.Synth(t, env.Regions()[0].Ledger).Only(t, "AWS::StepFunctions::StateMachine", "")
	assert.Regexp(t, `model_aliases.*Fn::GetStackOutput.*'amazon', 'nova-pro'`, cdktest.JSON(t, machine.Properties["DefinitionString"]))
}

func TestListedRolesMayReadWhatTheyAreListedFor(t *testing.T) {
	env := with(t, `ledger: {readers: ["arn:aws:iam::111111111111:role/finance"], auditors: ["arn:aws:iam::111111111111:role/audit/auditors"], operators: ["arn:aws:iam::111111111111:role/on-call"]}`)
	template := cdktest.Synth(t, env.Regions()[0].Ledger)
	actions := map[string]string{}
	for _, policy := range template.OfType("AWS::IAM::Policy") {
		roles := policy.Properties["Roles"].([]any)
		require.Len(t, roles, 1)
		actions[roles[0].(string)] = cdktest.JSON(t, policy.Properties["PolicyDocument"])
	}
	require.Len(t, actions, 3)
	assert.Contains(t, actions["finance"], "workgroup/paper-trail-disposable-ledger")
	assert.NotContains(t, actions["finance"], "workgroup/paper-trail-disposable-audit")
	assert.Contains(t, actions["auditors"], "workgroup/paper-trail-disposable-audit")
	assert.Contains(t, actions["on-call"], "states:StartExecution")
	assert.NotContains(t, actions["on-call"], "s3:")
}
