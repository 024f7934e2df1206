package policy

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Stack is one synthesised CloudFormation stack and where it is deployed.
type Stack struct {
	// Name is the stack's CloudFormation name, which Fn::GetStackOutput refers to. Required.
	Name string
	// Account is the 12-digit account id. Required.
	Account string
	// Region is the AWS Region, which also decides the partition. Required.
	Region string
	// Template is the template as decoded from JSON. Required.
	Template map[string]any
}

var accountID = regexp.MustCompile(`^\d{12}$`)

func (s *Stack) validate() error {
	var problems []error
	if s.Name == "" {
		problems = append(problems, errors.New("Name is empty; give the stack's CloudFormation name"))
	}
	if !accountID.MatchString(s.Account) {
		problems = append(problems, fmt.Errorf("Account is %q; give 12 digits", s.Account))
	}
	if s.Region == "" {
		problems = append(problems, errors.New("Region is empty; give one such as eu-central-1"))
	}
	if len(section(s.Template, "Resources")) == 0 {
		problems = append(problems, errors.New("Template has no Resources; pass the whole template as decoded from JSON"))
	}
	return errors.Join(problems...)
}

// partition returns the partition that a Region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

func section(template map[string]any, name string) map[string]any {
	s, _ := template[name].(map[string]any)
	return s
}

// environment is the set of stacks that refer to each other.
type environment []*Stack

func newEnvironment(stacks []Stack) (environment, error) {
	if len(stacks) == 0 {
		return nil, errors.New("no stack given; pass at least one")
	}
	var env environment
	var problems []error
	seen := map[string]bool{}
	for i, s := range stacks {
		if err := s.validate(); err != nil {
			problems = append(problems, fmt.Errorf("stack %d (%q): %w", i, s.Name, err))
		}
		if where := s.Region + "/" + s.Name; seen[where] {
			problems = append(problems, fmt.Errorf("stack %d: %s is given twice; load each stack once", i, where))
		} else {
			seen[where] = true
		}
		env = append(env, &s)
	}
	return env, errors.Join(problems...)
}

// stack finds a stack by its name, or by Region/name where the name is used in several Regions.
func (env environment) stack(name string) (*Stack, error) {
	var found []*Stack
	var known []string
	for _, s := range env {
		known = append(known, s.Region+"/"+s.Name)
		if s.Name == name || s.Region+"/"+s.Name == name {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("no stack is named %q; loaded are %s", name, strings.Join(known, ", "))
	default:
		return nil, fmt.Errorf("%d stacks are named %q; write Region/name, one of %s", len(found), name, strings.Join(known, ", "))
	}
}

// find returns the logical id of the one resource of a type whose id is the prefix, the prefix
// and the hash of 8 characters that CDK appends, or failing both starts with the prefix.
func (s *Stack) find(resourceType, prefix string) (string, error) {
	exact := regexp.MustCompile(`^` + regexp.QuoteMeta(prefix) + `([0-9A-F]{8})?$`)
	var exactly, starting []string
	all := s.logicalIDs(resourceType)
	for _, id := range all {
		if exact.MatchString(id) {
			exactly = append(exactly, id)
		} else if strings.HasPrefix(id, prefix) {
			starting = append(starting, id)
		}
	}
	found := exactly
	if len(found) == 0 {
		found = starting
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if resourceType == "" {
		resourceType = "resource"
	}
	if len(found) == 0 {
		return "", fmt.Errorf("stack %s has no %s whose logical id starts with %q; it has %s", s.Name, resourceType, prefix, strings.Join(all, ", "))
	}
	return "", fmt.Errorf("stack %s has %d of %s whose logical id starts with %q (%s); write more of the id", s.Name, len(found), resourceType, prefix, strings.Join(found, ", "))
}

// logicalIDs returns the sorted logical ids of a type, or of every type when it is empty.
func (s *Stack) logicalIDs(resourceType string) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(section(s.Template, "Resources"))) {
		if resourceType == "" || s.typeOf(id) == resourceType {
			ids = append(ids, id)
		}
	}
	return ids
}

// typeOf returns a resource's type, or nothing if there is no such resource.
func (s *Stack) typeOf(logicalID string) string {
	t, _ := section(section(s.Template, "Resources"), logicalID)["Type"].(string)
	return t
}

// properties returns a resource's properties as the template has them, unresolved.
func (s *Stack) properties(logicalID string) map[string]any {
	return section(section(section(s.Template, "Resources"), logicalID), "Properties")
}
