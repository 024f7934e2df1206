package papertrail_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Storage gives up the trail's bucket while Capture still refers to it. AWS refuses
// that of an export, which the emulator does not, so there must be none.
func TestAStackGivesUpWhatAnotherStackUses(t *testing.T) {
	env := start(t, home)
	env.configureDisposable("trail: {mode: create}", "ledger: {mode: create}")
	env.deploy()
	bucket := env.physical(home, storage, "TrailBucket")
	exports, err := env.formation(home).ListExports(env.Context(), &cloudformation.ListExportsInput{})
	require.NoError(env, err)
	for _, export := range exports.Exports {
		assert.NotContains(env, *export.ExportingStackId, "/paper-trail-", "%s is exported", *export.Name)
	}

	env.configureDisposable("trail: {mode: none}", "ledger: {mode: create}")
	env.deploy()
	for _, stack := range everyStack {
		assert.Equal(env, types.StackStatusUpdateComplete, env.status(home, stack), stack)
	}
	trails, err := cloudtrail.NewFromConfig(env.stand.Config(home)).DescribeTrails(env.Context(), &cloudtrail.DescribeTrailsInput{})
	require.NoError(env, err)
	assert.Empty(env, trails.TrailList)
	_, err = env.s3(home).HeadBucket(env.Context(), &s3.HeadBucketInput{Bucket: &bucket})
	assert.ErrorContains(env, err, "NotFound")
}
