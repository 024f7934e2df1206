package alerting

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func everything() tamperTargets {
	return tamperTargets{
		arn: func(service, resource string) string {
			return "arn:aws:" + service + ":us-east-1:111111111111:" + resource
		},
		trails:            []string{"trail"},
		stacks:            []string{"stack"},
		buckets:           []string{"bucket"},
		keys:              []tamperKey{{id: "id", arn: "arn:key"}},
		logGroups:         []string{"/group"},
		alarmPrefixes:     []string{"stack-"},
		rulePrefixes:      []string{"stack"},
		topicArns:         []string{"arn:topic"},
		functions:         []string{"function"},
		parameterPrefixes: []string{"/paper-trail/"},
		roles:             []string{"role"},
		deployRoles:       []string{"arn:deploy"},
		deployers:         []string{"arn:deployer"},
		own:               []string{"arn:own"},
	}
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return string(raw)
}

func TestEveryTamperCallIsInThePatternsOfItsGroup(t *testing.T) {
	t.Parallel()
	for _, call := range TamperCalls() {
		deployments, others := everything().patterns(call.Group)
		for _, pattern := range []map[string]any{deployments, others} {
			text := jsonOf(t, pattern)
			assert.Contains(t, text, `"`+call.Event+`"`)
			assert.Contains(t, text, `"source":[{"prefix":"aws."}]`, "nobody else can send such events")
			assert.Contains(t, text, `"`+call.Service+`.amazonaws.com"`)
			if call.Parameter != "" {
				assert.Contains(t, text, `"requestParameters"`)
			}
		}
	}
}

func TestTamperPatternsOfOneKindOfResource(t *testing.T) {
	t.Parallel()
	targets := tamperTargets{buckets: []string{"b"}}
	deployments, others := targets.patterns(TamperGroup_BUCKETS)
	detail := others["detail"].(map[string]any)
	assert.NotContains(t, detail, "$or", "one alternative is no alternative")
	assert.Equal(t, map[string]any{"bucketName": []any{"b"}}, detail["requestParameters"])
	assert.Equal(t, map[string]any{"invokedBy": []any{cloudFormation}}, deployments["detail"].(map[string]any)["userIdentity"])

	for _, group := range []TamperGroup{TamperGroup_TRAILS, TamperGroup_KEYS, TamperGroup_FUNCTIONS, TamperGroup_ROLES, TamperGroup_PARAMETERS} {
		_, others := targets.patterns(group)
		assert.Nil(t, others, "%s has nothing to protect", group)
	}
	_, recording := targets.patterns(TamperGroup_RECORDING)
	assert.Contains(t, jsonOf(t, recording), "DeleteModelInvocationLoggingConfiguration")
}

// Whoever is trusted with one kind of calls is anybody for all others.
func TestRolesCountForWhatTheyAreThereFor(t *testing.T) {
	t.Parallel()
	for _, titled := range tamperTitles {
		deployments, others := everything().patterns(titled.group)
		own := titled.group == TamperGroup_RECORDING
		assert.Equal(t, own, strings.Contains(jsonOf(t, deployments), "arn:own"), titled.group)
		assert.Equal(t, own || titled.group == TamperGroup_PARAMETERS, strings.Contains(jsonOf(t, others), "arn:own"), titled.group)
		updates := titled.group == TamperGroup_UPDATES
		assert.Equal(t, updates, strings.Contains(jsonOf(t, deployments), "arn:deployer"), titled.group)
		assert.Equal(t, updates, strings.Contains(jsonOf(t, others), "arn:deployer"), titled.group)
	}
}

func TestPatternProblem(t *testing.T) {
	t.Parallel()
	of := func(bucket string, n int) error {
		targets := everything()
		targets.buckets = nil
		for range n {
			targets.buckets = append(targets.buckets, bucket)
		}
		_, others := targets.patterns(TamperGroup_BUCKETS)
		return patternProblem(TamperGroup_BUCKETS, others)
	}
	assert.NoError(t, of(strings.Repeat("b", 63), 6))
	assert.ErrorContains(t, of(strings.Repeat("b", 63), 20), "for the resources of Buckets; divide them")
	assert.Equal(t, fmt.Sprint(of(strings.Repeat("b", tokenLength), 20)), fmt.Sprint(of("${Token[TOKEN.4711]}", 20)), "a token counts as a name")
	assert.Equal(t, fmt.Sprint(of(strings.Repeat("b", placeLength), 90)), fmt.Sprint(of("${Token[AWS.Partition.7]}", 90)))
}

// What EventBridge puts into a template must leave it JSON, whatever the caller
// chose.
func TestTamperMessageHoldsNoValueThatTheCallerChooses(t *testing.T) {
	t.Parallel()
	for _, titled := range tamperTitles {
		message := tamperMessage{group: titled.group, title: titled.title, runbook: "https://example.com/#tamper"}
		for name, path := range message.paths() {
			for _, free := range []string{"userAgent", "errorMessage", "userName", "Names", "requestParameters.policy"} {
				assert.NotContains(t, *path, free, "%s of %s", name, titled.group)
			}
		}
		var chat map[string]any
		require.NoError(t, json.Unmarshal([]byte(message.chat()), &chat))
		assert.Contains(t, message.chat(), "<event>")
		for _, line := range strings.Split(message.text(), "\n") {
			assert.Regexp(t, `^"[^"\\]*"$`, line)
			assert.LessOrEqual(t, len(message.text()), 8192)
		}
		for _, used := range []string{message.text(), message.chat()} {
			for name := range message.paths() {
				assert.Contains(t, used, "<"+name+">", "every value is shown")
			}
		}
	}
}

func TestTamperRunbookProblem(t *testing.T) {
	t.Parallel()
	assert.NoError(t, runbookProblem("https://wiki.example.com/tamper?x=1&y=2#now"))
	for _, url := range []string{"", `https://a"b`, "https://a<b>", "https://a b", `https://a\b`} {
		assert.ErrorContains(t, runbookProblem(url), "RunbookURL")
	}
}

func TestRulePrefix(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "short", rulePrefix("short"))
	assert.Equal(t, 16, len(rulePrefix(strings.Repeat("s", 30))))
}

// What one Region of an environment has, with names that only the deployment
// knows, fits into one TamperRules.
func TestTamperPatternsOfAnEnvironmentFit(t *testing.T) {
	t.Parallel()
	tokens := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("${Token[TOKEN.%d]}", 1000+i)
		}
		return list
	}
	targets := everything()
	targets.trails = []string{"paper-trail-production"}
	targets.stacks = []string{"paper-trail-production-storage", "paper-trail-production-capture", "paper-trail-production-monitoring"}
	targets.buckets = tokens(4)
	for _, token := range tokens(3) {
		targets.keys = append(targets.keys, tamperKey{id: token, arn: token})
	}
	targets.logGroups = append(tokens(2), "/aws/bedrock/model-invocations/production", "/aws/cloudtrail/paper-trail-production")
	targets.alarmPrefixes = []string{"paper-trail-production-monitoring-"}
	targets.rulePrefixes = []string{"paper-trail-prod"}
	targets.topicArns = tokens(2)
	targets.functions = tokens(2)
	targets.roles = tokens(4)
	targets.deployRoles, targets.own = tokens(1), tokens(2)
	for _, plan := range targets.plans("us-east-1") {
		assert.NoError(t, patternProblem(plan.group, plan.pattern))
	}
}
