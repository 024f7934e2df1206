package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The real CLI bootstraps, deploys, finds nothing to do, and destroys.
func TestTheRealCLIWorksAgainstIt(t *testing.T) {
	t.Parallel()
	stand := start(t)
	run := func(args ...string) string {
		t.Helper()
		out, err := stand.CDK(t.Context(), region, args...)
		require.NoError(t, err)
		return out
	}
	const app = "test/e2e/emulator/testdata/assembly"
	formation := cloudformation.NewFromConfig(stand.Config(region))

	run("bootstrap", "--app", app, "aws://"+stand.Account()+"/"+region)
	await(t, formation, "CDKToolkit", cfntypes.StackStatusCreateComplete)

	assert.NotContains(t, run("deploy", "--app", app, "tiny"), "no changes")
	await(t, formation, "tiny", cfntypes.StackStatusCreateComplete)
	assert.Contains(t, run("deploy", "--app", app, "tiny"), "no changes")

	run("destroy", "--app", app, "--force", "tiny")
	_, err := formation.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("tiny")})
	require.ErrorContains(t, err, "does not exist")

	_, err = stand.CDK(t.Context(), region, "deploy", "--app", app, "nothing-of-that-name")
	assert.ErrorContains(t, err, "nothing-of-that-name")
}
