package stacks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

// A key that is disabled takes the alerts with it that it encrypts, that of its
// own disabling included.
func TestNoKeySilencesWhoTellsOfIt(t *testing.T) {
	for _, name := range []string{"test", "disposable"} {
		for _, region := range newEnvironment(t, name).Regions() {
			template := cdktest.Synth(t, region.Monitoring)
			keyOf := map[string]string{}
			for _, prefix := range []string{"AlertTopic", "WarningTopic"} {
				id, topic := template.Only(t, "AWS::SNS::Topic", prefix)
				keyOf[id] = cdktest.JSON(t, topic.Properties["KmsMasterKeyId"])
			}
			rules := 0
			for id, rule := range template.OfType("AWS::Events::Rule") {
				if !strings.Contains(id, "TamperRulesKeys") {
					continue
				}
				rules++
				pattern, keys := cdktest.JSON(t, rule.Properties["EventPattern"]), map[string]bool{}
				for _, target := range rule.Properties["Targets"].([]any) {
					topic := target.(map[string]any)["Arn"].(map[string]any)["Ref"].(string)
					keys[keyOf[topic]] = true
				}
				assert.Len(t, keys, 2, "%s: topics with a key each, or one key silences all", id)
				for key := range keys {
					assert.Contains(t, pattern, key, "%s protects the keys of its own topics, too", id)
				}
			}
			assert.Equal(t, 2, rules, "for deployments and for others")
		}
	}
}

// Roles are of no Region, and IAM's events arrive in one of them only.
func TestEveryRoleIsWatchedFromTheHomeRegion(t *testing.T) {
	regions := newEnvironment(t, "test").Regions()
	const prefix = "paper-trail-test"
	home := cdktest.Synth(t, regions[0].Monitoring)
	filters := 0
	for id, filter := range home.OfType("AWS::Logs::MetricFilter") {
		if strings.HasPrefix(id, "AuditAlarmsTamperAlarmRoles") {
			filters++
			assert.Contains(t, cdktest.JSON(t, filter.Properties["FilterPattern"]), `$.requestParameters.roleName = \"`+prefix+`*\"`, id)
		}
	}
	assert.NotZero(t, filters)

	require.Equal(t, "us-east-1", regions[1].Region)
	virginia := cdktest.Synth(t, regions[1].Monitoring)
	var patterns []string
	for id, rule := range virginia.OfType("AWS::Events::Rule") {
		if strings.Contains(id, "TamperRulesRoles") {
			patterns = append(patterns, cdktest.JSON(t, rule.Properties["EventPattern"]))
		}
	}
	require.Len(t, patterns, 2)
	for _, pattern := range patterns {
		assert.Contains(t, pattern, `{"prefix":"`+prefix+`"}`)
		for _, region := range regions {
			assert.Contains(t, pattern, "-"+region.Region, "the deployment of %s is one", region.Region)
		}
	}

	roles := 0
	for _, region := range regions {
		for _, stack := range []awscdk.Stack{region.Storage, region.Capture, region.Monitoring} {
			for _, role := range cdktest.Synth(t, stack).OfType("AWS::IAM::Role") {
				roles++
				assert.Empty(t, role.Properties["RoleName"], "CloudFormation begins its name with the stack's")
			}
		}
		assert.True(t, strings.HasPrefix(*region.Capture.StackName(), prefix))
	}
	assert.GreaterOrEqual(t, roles, 7)
}

// Where nobody hears of IAM in a whole environment, synthesis says so, and only
// there.
func TestUnwatchedRolesAreWarnedOf(t *testing.T) {
	for regions, test := range map[string]struct {
		trail config.TrailMode
		warns bool
	}{
		"eu-west-1, us-west-2":            {trail: config.CreateTrail},
		"us-west-2, us-east-1":            {trail: config.NoTrail},
		"eu-west-1, us-east-1, us-west-2": {trail: config.NoTrail},
		"us-west-2, eu-west-1":            {trail: config.NoTrail, warns: true},
	} {
		t.Run(regions+" "+string(test.trail), func(t *testing.T) {
			home, further, _ := strings.Cut(regions, ", ")
			for _, region := range newEnvironmentFrom(t, `
environments:
  test:
    account: "111122223333"
    region: `+home+`
    additionalRegions: [`+further+`]
    trail: {mode: `+string(test.trail)+`}
    ledger: {mode: none}
    alerts: {emails: [admin@example.com]}
    tags: {project: p, owner: o, cost-center: c}
`, "test").Regions() {
				warned := slices.ContainsFunc(cdktest.Warnings(region.Monitoring), func(text string) bool {
					return strings.Contains(text, "events of IAM do not arrive")
				})
				assert.Equal(t, test.warns, warned, region.Region)
			}
		})
	}
}

func TestAnUnknownRegionIsWarnedOf(t *testing.T) {
	for region, want := range map[string]bool{"us-east-9": true, "us-east-2": false} {
		env := newEnvironmentFrom(t, strings.Replace(environments, "additionalRegions: [us-east-1]", "additionalRegions: ["+region+"]", 1), "test")
		said := false
		for _, entry := range *env.Node().Metadata() {
			said = said || strings.Contains(fmt.Sprint(entry.Data), `"us-east-9" is no Region of AWS that this release knows; did you mean "us-east-1"?`)
		}
		assert.Equal(t, want, said, region)
	}
}

// Access logs are evidence of who read the evidence.
func TestTheAccessLogsAreProtectedToo(t *testing.T) {
	region := newEnvironment(t, "test").Regions()[0]
	template := cdktest.Synth(t, region.Monitoring)
	rules := 0
	for id, rule := range template.OfType("AWS::Events::Rule") {
		if strings.Contains(id, "TamperRulesBuckets") {
			rules++
			pattern := cdktest.JSON(t, rule.Properties["EventPattern"])
			for _, bucket := range []string{"InvocationBucketAccessLogs", "TrailBucketAccessLogs"} {
				assert.Contains(t, pattern, bucket, id)
			}
		}
	}
	assert.Equal(t, 2, rules, "for deployments and for others")
}

// The patterns of the rules have a limit, and the roles of all Regions are in them.
func TestManyRegionsFitIntoThePatterns(t *testing.T) {
	file, err := config.Parse("environments.yaml", []byte(`
environments:
  production-worldwide:
    account: "111122223333"
    region: us-east-1
    additionalRegions: [us-east-2, us-west-2, eu-west-1, eu-central-1, ap-northeast-1, ap-southeast-2, ca-central-1]
    alerts: {emails: [admin@example.com]}
    tags: {project: p, owner: o, cost-center: c}
`))
	require.NoError(t, err)
	env, err := file.Select("production-worldwide")
	require.NoError(t, err)
	assert.NotPanics(t, func() {
		stacks.NewEnvironment(cdktest.NewApp(t), env, &stacks.EnvironmentProps{FunctionCodePath: functionFolder(t)})
	})
}
