package papertrail_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A disposable environment in two Regions, from its first deployment to its end.
func TestAnEnvironmentInTwoRegions(t *testing.T) {
	env := start(t, home, other)
	env.configureDisposable("invocationLogging: {embedding: false, video: false}", "ledger: {mode: create}")
	env.deploy()

	env.step("every stack is created", func(env *environment) {
		for _, region := range env.regions {
			for _, stack := range everyStack {
				assert.Equal(env, cfntypes.StackStatusCreateComplete, env.status(region, stack), "%s in %s", stack, region)
			}
		}
	})
	env.step("both Regions log as declared", func(env *environment) {
		for _, region := range env.regions {
			declared := env.declared(region)
			declared.EmbeddingDataDeliveryEnabled = aws.Bool(false)
			declared.VideoDataDeliveryEnabled = aws.Bool(false)
			assert.Equal(env, declared, env.live(region), region)
		}
		assert.NotEqual(env, env.live(home).S3Config.BucketName, env.live(other).S3Config.BucketName)
	})
	env.step("the trail watches who reads the prompts of both Regions", func(env *environment) {
		selectors, err := cloudtrail.NewFromConfig(env.stand.Config(home)).GetEventSelectors(
			env.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("paper-trail-e2e")})
		require.NoError(env, err)
		var objects []string
		for _, selector := range selectors.AdvancedEventSelectors {
			if *selector.Name != "Reads of audited objects" {
				continue
			}
			for _, field := range selector.FieldSelectors {
				if *field.Field == "resources.ARN" {
					objects = append(objects, field.StartsWith...)
				}
			}
		}
		assert.ElementsMatch(env, []string{
			"arn:aws:s3:::" + *env.live(home).S3Config.BucketName + "/",
			"arn:aws:s3:::" + *env.live(other).S3Config.BucketName + "/",
		}, objects)
	})
	env.step("a second deployment changes nothing", func(env *environment) {
		before := env.allEvents()
		env.stand.Forget()
		out := env.deploy()
		assert.Equal(env, len(env.regions)*len(everyStack), strings.Count(out, "(no changes)"), out)
		assert.Empty(env, env.stand.LoggingCalls(""))
		assert.Equal(env, before, env.allEvents())
	})
	env.step("destroying it removes everything", func(env *environment) {
		for _, region := range env.regions {
			env.seen(region, everyStack...)
		}
		env.destroy()
		for _, region := range env.regions {
			assert.Empty(env, env.left(region), region)
			assert.Nil(env, env.live(region), region)
		}
	})
}

func (e *environment) allEvents() map[string][]string {
	e.Helper()
	all := map[string][]string{}
	for _, region := range e.regions {
		for _, stack := range everyStack {
			all[region+" "+stack] = e.events(region, stack)
		}
	}
	return all
}
