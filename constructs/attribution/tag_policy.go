package attribution

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

// TagPolicy says which tags resources have to carry, and with which values. One
// policy serves CostTags, an AWS Organizations tag policy, and an IAM policy, so
// that the three cannot differ.
//
// Billing takes chat and Chat for two projects and adds up neither. So keys and
// values are compared with their case, and a value that differs from an allowed
// one in case only is refused with the allowed spelling.
type TagPolicy struct {
	// RequiredKeys are the tags that everything has to carry. Default: project,
	// environment, owner and cost-center.
	RequiredKeys *[]*string
	// AllowedValues are the values that a key may have; a key that is not named
	// here may have any. An allowed value may end in * for every ending.
	// Default: any value.
	AllowedValues *map[string]*[]*string
}

// creations are the calls that make a taggable resource of Amazon Bedrock
// (Service Authorization Reference, "Actions, resources, and condition keys for
// Amazon Bedrock": creations with the condition key aws:RequestTag). Not here is
// CreateAgentActionGroup, which has the key and takes no tags (Agents for Amazon
// Bedrock API reference): nobody could satisfy the condition.
var creations = []string{
	"bedrock:CreateAdvancedPromptOptimizationJob",
	"bedrock:CreateAgent",
	"bedrock:CreateAgentAlias",
	"bedrock:CreateAutomatedReasoningPolicy",
	"bedrock:CreateAutomatedReasoningPolicyVersion",
	"bedrock:CreateBlueprint",
	"bedrock:CreateCustomModel",
	"bedrock:CreateCustomModelDeployment",
	"bedrock:CreateDataAutomationLibrary",
	"bedrock:CreateDataAutomationProject",
	"bedrock:CreateEvaluationJob",
	"bedrock:CreateFlow",
	"bedrock:CreateFlowAlias",
	"bedrock:CreateGuardrail",
	"bedrock:CreateInferenceProfile",
	"bedrock:CreateKnowledgeBase",
	"bedrock:CreateModelCopyJob",
	"bedrock:CreateModelCustomizationJob",
	"bedrock:CreateModelEvaluationJob",
	"bedrock:CreateModelImportJob",
	"bedrock:CreateModelInvocationJob",
	"bedrock:CreatePrompt",
	"bedrock:CreatePromptRouter",
	"bedrock:CreatePromptVersion",
	"bedrock:CreateProvisionedModelThroughput",
	"bedrock:CreateSession",
}

// plainPolicy is a TagPolicy as plain values.
type plainPolicy struct {
	required []string
	allowed  map[string][]string
}

// newPlainPolicy lists all that is wrong with a policy.
func newPlainPolicy(policy *TagPolicy) (plainPolicy, []error) {
	p := plainPolicy{required: tagrules.Required(), allowed: map[string][]string{}}
	if policy == nil {
		return p, nil
	}
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, misuse.Errorf(pkg, format, args...)) }
	keys := map[string]string{} // checked as tags are, by key
	if policy.RequiredKeys != nil {
		p.required = nil
		for _, key := range *policy.RequiredKeys {
			k := value(key)
			if slices.Contains(p.required, k) {
				add("TagPolicy.RequiredKeys has a key twice, got %q again; remove one", k)
				continue
			}
			p.required = append(p.required, k)
			keys[k] = "any"
		}
	}
	if policy.AllowedValues != nil {
		for _, key := range slices.Sorted(maps.Keys(*policy.AllowedValues)) {
			values := (*policy.AllowedValues)[key]
			keys[key] = "any"
			if values == nil || len(*values) == 0 {
				add("TagPolicy.AllowedValues allows no value of %q; name one, or leave the key out to allow any", key)
				continue
			}
			spelled := map[string]string{}
			for _, allowed := range *values {
				v := value(allowed)
				// A value that is only * allows any.
				if base := strings.TrimSuffix(v, "*"); v == "" || base != "" {
					for _, problem := range tagrules.Invalid(map[string]string{"key": base}) {
						add("TagPolicy.AllowedValues, key %q, value %q: %s", key, v, problem.Text)
					}
				}
				if other, ok := spelled[strings.ToLower(v)]; ok {
					add("TagPolicy.AllowedValues, key %q: %q and %q differ in case only, and the bill tells them apart; keep one of them", key, other, v)
				}
				spelled[strings.ToLower(v)] = v
				p.allowed[key] = append(p.allowed[key], v)
			}
		}
	}
	for _, problem := range tagrules.Invalid(keys) {
		add("TagPolicy, key %q: %s", problem.Key, problem.Text)
	}
	return p, problems
}

// problems lists where tags break the policy, required keys aside.
func (p plainPolicy) problems(tags map[string]string) []error {
	var found []error
	for _, breach := range p.breaches(tags) {
		found = append(found, misuse.Errorf(pkg, "CostTags%s", breach))
	}
	return found
}

// breaches are the problems as texts that follow the name of what has the tags.
func (p plainPolicy) breaches(tags map[string]string) []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		got := tags[key]
		if wanted, ok := p.spelling(key); ok && wanted != key {
			add(": the policy spells the key %q, got %q; spell it alike, since the bill tells them apart", wanted, key)
			continue
		}
		allowed, limited := p.allowed[key]
		if !limited || slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, got) }) {
			continue
		}
		if near := slices.IndexFunc(allowed, func(a string) bool { return strings.EqualFold(a, got) }); near >= 0 {
			add(", tag %q: the policy spells the value %q, got %q; spell it alike, since the bill tells them apart", key, allowed[near], got)
			continue
		}
		add(", tag %q: the policy allows %s, got %q; take one of them, or add it to TagPolicy.AllowedValues", key, strings.Join(allowed, ", "), got)
	}
	return found
}

// spelling is how the policy writes a key, whatever its case.
func (p plainPolicy) spelling(key string) (string, bool) {
	for _, known := range append(slices.Collect(maps.Keys(p.allowed)), p.required...) {
		if strings.EqualFold(known, key) {
			return known, true
		}
	}
	return "", false
}

func matches(pattern, text string) bool {
	if head, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(text, head)
	}
	return pattern == text
}

// keys are all keys that the policy names, sorted.
func (p plainPolicy) keys() []string {
	keys := slices.Concat(p.required, slices.Collect(maps.Keys(p.allowed)))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// organizationsJSON is the policy in the syntax of AWS Organizations (AWS
// Organizations user guide, "Tag policy syntax").
func (p plainPolicy) organizationsJSON() string {
	tags := map[string]any{}
	for _, key := range p.keys() {
		rule := map[string]any{"tag_key": map[string]any{"@@assign": key}}
		if allowed := p.allowed[key]; allowed != nil {
			rule["tag_value"] = map[string]any{"@@assign": allowed}
		}
		// The name of a rule does not tell keys apart by their case.
		tags[strings.ToLower(key)] = rule
	}
	raw, err := json.MarshalIndent(map[string]any{"tags": tags}, "", "  ")
	if err != nil {
		panic(err) // plain maps of texts
	}
	return string(raw)
}

// denyUntagged refuses to make a resource of Amazon Bedrock that breaks the
// policy. Conditions of one statement hold together, so each key has its own.
func (p plainPolicy) denyUntagged() []policies.Statement {
	var statements []policies.Statement
	taken := map[string]int{}
	deny := func(what, key string, conditions map[string]map[string]any) {
		// A Sid is unique in its policy, and cost-center and cost.center come to
		// the same.
		sid := what + sidOf(key)
		if taken[sid]++; taken[sid] > 1 {
			sid += "No" + strconv.Itoa(taken[sid])
		}
		statements = append(statements, policies.Statement{
			Sid: sid, Deny: true, Actions: creations, Resources: *policies.Strings("*"), Conditions: conditions,
		})
	}
	for _, key := range p.required {
		// The name of a condition key has no case, so Project would do for
		// aws:RequestTag/project; the values of aws:TagKeys have. ForAllValues
		// holds for a request without tags as well (IAM user guide, "Set
		// operators for multivalued context keys").
		deny("DenyWithout", key, map[string]map[string]any{"ForAllValues:StringNotEquals": {"aws:TagKeys": key}})
	}
	for _, key := range slices.Sorted(maps.Keys(p.allowed)) {
		deny("DenyOther", key, map[string]map[string]any{
			"StringNotLike": {"aws:RequestTag/" + key: p.allowed[key]},
			"Null":          {"aws:RequestTag/" + key: "false"},
		})
	}
	return statements
}

// sidOf makes a key into what a Sid may hold, letters and digits: cost-center
// becomes CostCenter.
func sidOf(key string) string {
	var sid strings.Builder
	for _, part := range notInName.Split(key, -1) {
		if part != "" {
			sid.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return sid.String()
}

func buildAll(statements []policies.Statement) *[]awsiam.PolicyStatement {
	var built []awsiam.PolicyStatement
	for _, s := range statements {
		built = append(built, s.Build())
	}
	return &built
}
