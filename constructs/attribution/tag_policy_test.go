package attribution_test

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

func withPolicy(project string, additional map[string]*string, policy *attribution.TagPolicy) *attribution.CostTagsProps {
	return &attribution.CostTagsProps{
		Project: jsii.String(project), Environment: jsii.String("prod"), Owner: jsii.String("platform"), CostCenter: jsii.String("cc-1"),
		Additional: &additional, Policy: policy,
	}
}

func projects(values ...string) *attribution.TagPolicy {
	return &attribution.TagPolicy{
		RequiredKeys:  jsii.Strings("project", "data-class"),
		AllowedValues: &map[string]*[]*string{"project": jsii.Strings(values...), "cost-center": jsii.Strings("cc-*")},
	}
}

func TestTagPolicyIsOneForAllThree(t *testing.T) {
	stack := cdktest.NewStack(t)
	tags := attribution.NewCostTags(stack, jsii.String("CostTags"), withPolicy("chat",
		map[string]*string{"data-class": jsii.String("secret")}, projects("chat", "search")))

	assert.JSONEq(t, `{"tags": {
		"cost-center": {"tag_key": {"@@assign": "cost-center"}, "tag_value": {"@@assign": ["cc-*"]}},
		"data-class": {"tag_key": {"@@assign": "data-class"}},
		"project": {"tag_key": {"@@assign": "project"}, "tag_value": {"@@assign": ["chat", "search"]}}
	}}`, *tags.OrganizationsTagPolicy())

	statements := *tags.DenyUntaggedCreation()
	require.Len(t, statements, 4)
	first := policies.Text(stack, statements[0])
	assert.Contains(t, first, "bedrock:CreateInferenceProfile")
	assert.Contains(t, first, `"aws:TagKeys": "project"`)
	assert.Contains(t, policies.Text(stack, statements[1]), `"DenyWithoutDataClass"`)
}

func TestWithoutAPolicyTheFourAreRequired(t *testing.T) {
	tags := tag(cdktest.NewStack(t))
	assert.Contains(t, *tags.OrganizationsTagPolicy(), `"cost-center"`)
	assert.NotContains(t, *tags.OrganizationsTagPolicy(), "tag_value")
	assert.Len(t, *tags.DenyUntaggedCreation(), 4)
}

func TestEveryDenialHasASidOfItsOwn(t *testing.T) {
	stack := cdktest.NewStack(t)
	tags := attribution.NewCostTags(stack, jsii.String("CostTags"), withPolicy("chat",
		map[string]*string{"cost.center": jsii.String("x"), "大": jsii.String("y"), "小": jsii.String("z")},
		&attribution.TagPolicy{RequiredKeys: jsii.Strings("cost-center", "cost.center", "大", "小")}))
	var sids []string
	for _, statement := range *tags.DenyUntaggedCreation() {
		sids = append(sids, *statement.Sid())
	}
	assert.Equal(t, []string{"DenyWithoutCostCenter", "DenyWithoutCostCenterNo2", "DenyWithout", "DenyWithoutNo2"}, sids)
}

func TestTagPolicyMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	message := func(project string, additional map[string]*string, policy *attribution.TagPolicy) string {
		return cdktest.Panics(t, func() {
			attribution.NewCostTags(stack, jsii.String("T"), withPolicy(project, additional, policy))
		})
	}
	secret := map[string]*string{"data-class": jsii.String("secret")}
	for name, test := range map[string]struct{ got, want string }{
		"a value in another case": {message("Chat", secret, projects("chat")),
			`CostTags, tag "project": the policy spells the value "chat", got "Chat"; spell it alike, since the bill tells them apart`},
		"another value": {message("mail", secret, projects("chat", "search")),
			`CostTags, tag "project": the policy allows chat, search, got "mail"; take one of them, or add it to TagPolicy.AllowedValues`},
		"a key in another case": {message("chat", map[string]*string{"Data-Class": jsii.String("secret")}, projects("chat")),
			`CostTags: the policy spells the key "data-class", got "Data-Class"`},
		"a key too few": {message("chat", nil, projects("chat")),
			`CostTags: the policy requires the tag "data-class", got none; add it to CostTagsProps.Additional`},
		"values that differ in case": {message("chat", secret, projects("chat", "CHAT")),
			`TagPolicy.AllowedValues, key "project": "chat" and "CHAT" differ in case only`},
		"no value":       {message("chat", secret, projects()), `TagPolicy.AllowedValues allows no value of "project"`},
		"an empty value": {message("chat", secret, projects("chat", "")), `TagPolicy.AllowedValues, key "project", value "": want a tag value of 1 to 256 characters, got 0`},
		"a value that AWS refuses": {message("chat", secret, projects("chat", "a;b*")),
			`TagPolicy.AllowedValues, key "project", value "a;b*": want a tag value of letters`},
		"a key that AWS refuses": {message("chat", nil, &attribution.TagPolicy{RequiredKeys: jsii.Strings("aws:x")}),
			`TagPolicy, key "aws:x": want a tag key without the prefix aws:`},
		"a key twice": {message("chat", nil, &attribution.TagPolicy{RequiredKeys: jsii.Strings("owner", "owner")}),
			`TagPolicy.RequiredKeys has a key twice, got "owner" again; remove one`},
	} {
		assert.Contains(t, test.got, "paper-trail/attribution: "+test.want, name)
	}
}
