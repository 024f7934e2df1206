package attribution

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

// CostTags tags every resource below its scope, and warns of those that could
// carry the required tags and end up without one of them, because something
// else removed it, or with a tag that breaks the policy, because something else
// set it. The warnings are paper-trail:CostTags.untagged and
// paper-trail:CostTags.policy.
type CostTags interface {
	constructs.Construct
	// Tags are the tags that are applied, by key. The map is the caller's own.
	Tags() map[string]string
	// OrganizationsTagPolicy is the policy as the JSON text of an AWS
	// Organizations tag policy: keys spelled as here, values as allowed. Its
	// owner attaches it in the management account; it reports what breaks it in
	// every account, and refuses nothing by itself.
	OrganizationsTagPolicy() *string
	// DenyUntaggedCreation are statements for a role's policy, a permissions
	// boundary or a service control policy: whoever has them cannot make a
	// taggable resource of Amazon Bedrock (service prefix bedrock) without the
	// required tags, spelled as here, or with a value that is not allowed. There
	// is one for each required key and one for each key with allowed values, of
	// 1,000 characters or so each: mind the limit of the policy they go into.
	DenyUntaggedCreation() *[]awsiam.PolicyStatement
}

// CostTagsProps configures CostTags. All values are literals of 1 to 256
// letters, digits, spaces and _ . : / = + - @, and do not start with "aws:".
type CostTagsProps struct {
	// Project is the value of the tag "project". Required.
	Project *string
	// Environment is the value of the tag "environment". Required.
	Environment *string
	// Owner is the value of the tag "owner": whom to ask. Required.
	Owner *string
	// CostCenter is the value of the tag "cost-center". Required.
	CostCenter *string
	// Additional are further tags, by key: 1 to 128 of the same characters,
	// and 50 tags at most with the four above. Default: none.
	Additional *map[string]*string
	// Policy says which tags are required and which values they may have. The
	// four above are required here in any case. Default: the four are required,
	// with any value.
	Policy *TagPolicy
}

type costTags struct {
	constructs.Construct
	tags   map[string]string
	policy plainPolicy
}

var _ CostTags = (*costTags)(nil)

// NewCostTags tags all resources below scope, those that are added later
// included. scope is a stack, a stage or a construct in one; tags do not reach
// from an app into its stages, so resources there are reported.
//
// It panics on a missing required value, on tags that AWS would reject and on
// an additional tag that repeats another; all problems are in one message.
func NewCostTags(scope constructs.Construct, id *string, props *CostTagsProps) CostTags {
	misuse.RequireScope(pkg, "CostTags", scope, id)
	if props == nil {
		props = &CostTagsProps{}
	}
	tags, problems := collect(*props)
	policy, wrong := newPlainPolicy(props.Policy)
	problems = append(problems, wrong...)
	for _, key := range policy.required {
		if _, ok := tags[key]; !ok && !slices.Contains(tagrules.Required(), key) {
			problems = append(problems, misuse.Errorf(pkg, "CostTags: the policy requires the tag %q, got none; add it to CostTagsProps.Additional", key))
		}
	}
	misuse.PanicAll(append(problems, policy.problems(tags)...))

	this := &costTags{tags: tags, policy: policy}
	constructs.NewConstruct_Override(this, scope, id)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		awscdk.Tags_Of(scope).Add(jsii.String(key), jsii.String(tags[key]), nil)
	}
	this.Node().AddValidation(&untagged{scope: scope, policy: policy})
	return this
}

func (c *costTags) Tags() map[string]string { return maps.Clone(c.tags) }

func (c *costTags) OrganizationsTagPolicy() *string { return jsii.String(c.policy.organizationsJSON()) }

func (c *costTags) DenyUntaggedCreation() *[]awsiam.PolicyStatement {
	return buildAll(c.policy.denyUntagged())
}

// collect turns props into tags and lists all that is wrong with them.
func collect(p CostTagsProps) (map[string]string, []error) {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, misuse.Errorf(pkg, format, args...)) }
	tags := map[string]string{}
	for key, value := range map[string]*string{
		"project": p.Project, "environment": p.Environment, "owner": p.Owner, "cost-center": p.CostCenter,
	} {
		if value != nil {
			tags[key] = *value
		}
	}
	if p.Additional != nil {
		for _, key := range slices.Sorted(maps.Keys(*p.Additional)) {
			value := (*p.Additional)[key]
			if slices.Contains(tagrules.Required(), key) {
				add("CostTagsProps.Additional repeats a tag that has a field of its own, got %q; set the field", key)
			} else if value == nil {
				add("CostTagsProps.Additional has a tag without a value, got nil for %q; set it", key)
			} else {
				tags[key] = *value
			}
		}
	}
	for _, problem := range tagrules.Problems(tags) {
		if problem.Key == "" {
			add("CostTags: %s", problem.Text)
		} else {
			add("CostTags, tag %q: %s", problem.Key, problem.Text)
		}
	}
	return tags, problems
}

// untagged reports resources whose tags break the policy. It is a validation and
// not an aspect: validations run when all tags are applied, and one walk through
// the tree costs a fraction of an aspect, which crosses from Node.js to Go for
// every construct.
type untagged struct {
	scope  constructs.Construct
	policy plainPolicy
}

var _ constructs.IValidation = (*untagged)(nil)

// Validate never fails the synthesis: what is untagged is a matter of cost.
func (u *untagged) Validate() *[]*string {
	for _, node := range *u.scope.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		resource, ok := node.(awscdk.CfnResource)
		if !ok {
			continue
		}
		manager := tagManager(node)
		if manager == nil {
			continue
		}
		values := *manager.TagValues()
		if missing := u.missing(values); len(missing) > 0 {
			awscdk.Annotations_Of(node).AddWarningV2(jsii.String("paper-trail:CostTags.untagged"), jsii.String(fmt.Sprintf(
				"This resource (%s) can be tagged and is without %s, so its costs are nobody's. Something removes the tag or excludes the type; find it, or acknowledge this warning.",
				*resource.CfnResourceType(), strings.Join(missing, ", "))))
		}
		if breaches := u.policy.breaches(known(values)); len(breaches) > 0 {
			awscdk.Annotations_Of(node).AddWarningV2(jsii.String("paper-trail:CostTags.policy"), jsii.String(fmt.Sprintf(
				"The tags of this resource break the tag policy, so its costs are counted apart. Find what sets them, or acknowledge this warning.\n%s%s",
				*resource.CfnResourceType(), strings.Join(breaches, "\n"+*resource.CfnResourceType()))))
		}
	}
	return &[]*string{}
}

// tagManager is nil for resources that cannot be tagged. The types are asked
// here because TagManager_Of would ask the kernel about each.
func tagManager(node constructs.IConstruct) awscdk.TagManager {
	switch taggable := node.(type) {
	case awscdk.ITaggableV2:
		return taggable.CdkTagManager()
	case awscdk.ITaggable:
		return taggable.Tags()
	default:
		return nil
	}
}

func (u *untagged) missing(values map[string]*string) []string {
	var keys []string
	for _, key := range u.policy.required {
		if values[key] == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// known are the tags whose values are literals: of the others, only CloudFormation
// knows what they become. How CDK writes a token is asked here, since the kernel
// would be asked for every tag.
func known(values map[string]*string) map[string]string {
	literal := map[string]string{}
	for key, text := range values {
		if text != nil && !strings.Contains(*text, "${Token[") {
			literal[key] = *text
		}
	}
	return literal
}
