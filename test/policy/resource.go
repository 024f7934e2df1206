package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Resource is a resource of a template together with the policies attached to it.
type Resource struct {
	world     *World
	stack     *Stack
	logicalID string
	arn       string
	policy    map[string]any
	identity  []namedPolicy
}

// ARN returns the resource's ARN.
func (r *Resource) ARN() string { return r.arn }

// Type returns the resource's CloudFormation type, such as "AWS::S3::Bucket".
func (r *Resource) Type() string { return r.stack.typeOf(r.logicalID) }

// Object returns the ARN of an object in a bucket.
func (r *Resource) Object(key string) string { return r.arn + "/" + key }

// Principal returns a role as the caller of requests, with the identity policies that the
// templates attach to it. It fails the test for any other resource.
func (r *Resource) Principal() Principal {
	r.world.t.Helper()
	if r.Type() != "AWS::IAM::Role" {
		r.world.t.Fatalf("policy: %s is of type %s, which calls nothing; only an AWS::IAM::Role is a principal", r.logicalID, r.Type())
	}
	_, path, _ := strings.Cut(r.arn, "::"+r.stack.Account+":")
	return Principal{account: r.stack.Account, path: path, policies: r.identity}
}

// resource reads a resource with its policies.
func (env environment) resource(s *Stack, logicalID string) (*Resource, error) {
	r := &Resource{stack: s, logicalID: logicalID}
	var err error
	if r.arn, err = env.arn(s, logicalID); err != nil {
		return nil, err
	}
	switch s.typeOf(logicalID) {
	case "AWS::S3::Bucket":
		r.policy, err = env.attached("AWS::S3::BucketPolicy", "Bucket", s, logicalID)
	case "AWS::SNS::Topic":
		r.policy, err = env.attached("AWS::SNS::TopicPolicy", "Topics", s, logicalID)
	case "AWS::KMS::Key":
		r.policy, err = env.document(s, s.properties(logicalID)["KeyPolicy"])
	case "AWS::IAM::Role":
		r.policy, err = env.document(s, s.properties(logicalID)["AssumeRolePolicyDocument"])
		if err == nil {
			r.identity, err = env.identityPolicies(s, logicalID)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("policies of %s: %w", logicalID, err)
	}
	return r, nil
}

// attached returns the document of the policy resource whose property names the resource.
// There is at most one: AWS keeps one policy, so a second would silently replace the first.
func (env environment) attached(policyType, property string, s *Stack, logicalID string) (map[string]any, error) {
	target, err := env.ref(s, logicalID)
	if err != nil {
		return nil, err
	}
	var documents []map[string]any
	err = env.each(policyType, func(s *Stack, id string) error {
		named, err := env.resolve(s, s.properties(id)[property])
		if err != nil {
			return err
		}
		if named != target && !contains(named, target) {
			return nil
		}
		d, err := env.document(s, s.properties(id)["PolicyDocument"])
		documents = append(documents, d)
		return err
	})
	if err != nil || len(documents) == 0 {
		return nil, err
	}
	if len(documents) > 1 {
		return nil, fmt.Errorf("%d resources of type %s are attached; AWS keeps only one, merge them", len(documents), policyType)
	}
	return documents[0], nil
}

// identityPolicies gathers a role's inline policies and those that other resources attach to it.
func (env environment) identityPolicies(s *Stack, logicalID string) ([]namedPolicy, error) {
	properties := s.properties(logicalID)
	if _, ok := properties["PermissionsBoundary"]; ok {
		return nil, errors.New("the role has a permissions boundary, which is not evaluated; add it to test/policy")
	}
	role, err := env.ref(s, logicalID)
	if err != nil {
		return nil, err
	}
	arns, err := env.resolve(s, properties["ManagedPolicyArns"])
	if err != nil {
		return nil, err
	}
	managedARNs, _ := arns.([]any)
	var policies []namedPolicy
	inline, _ := properties["Policies"].([]any)
	for _, entry := range inline {
		p, _ := entry.(map[string]any)
		d, err := env.document(s, p["PolicyDocument"])
		if err != nil {
			return nil, err
		}
		policies = append(policies, namedPolicy{Name: fmt.Sprint(p["PolicyName"]), Policy: d})
	}
	for _, policyType := range []string{"AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"} {
		err := env.each(policyType, func(s *Stack, id string) error {
			attached, err := env.attachedToRole(s, id, role)
			if err != nil {
				return err
			}
			if policyType == "AWS::IAM::ManagedPolicy" {
				arn, err := env.arn(s, id)
				if err != nil {
					return err
				}
				if i := slices.Index(managedARNs, any(arn)); i >= 0 {
					managedARNs = slices.Delete(managedARNs, i, i+1)
					attached = true
				}
			}
			if !attached {
				return nil
			}
			d, err := env.document(s, s.properties(id)["PolicyDocument"])
			policies = append(policies, namedPolicy{Name: id, Policy: d})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, arn := range managedARNs {
		name := fmt.Sprint(arn)
		name = name[strings.LastIndex(name, "/")+1:]
		if _, ok := managedPolicies[name]; !ok {
			return nil, fmt.Errorf("what the managed policy %v allows is unknown; add it to test/policy/managed.go", arn)
		}
		policies = append(policies, managed(name)...)
	}
	return policies, nil
}

// attachedToRole tells whether a policy resource names the role in Roles or RoleName.
func (env environment) attachedToRole(s *Stack, id, role string) (bool, error) {
	named, err := env.resolve(s, []any{s.properties(id)["Roles"], s.properties(id)["RoleName"]})
	if err != nil {
		return false, err
	}
	both := named.([]any)
	return contains(both[0], role) || both[1] == role, nil
}

func (env environment) document(s *Stack, unresolved any) (map[string]any, error) {
	resolved, err := env.resolve(s, unresolved)
	if err != nil {
		return nil, err
	}
	d, ok := resolved.(map[string]any)
	if !ok {
		return nil, errors.New("the resource has no policy document")
	}
	return d, nil
}

// each calls f for every resource of a type in every stack, in a fixed order.
func (env environment) each(resourceType string, f func(s *Stack, logicalID string) error) error {
	for _, s := range env {
		for _, id := range s.logicalIDs(resourceType) {
			if err := f(s, id); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
		}
	}
	return nil
}

func contains(list any, value string) bool {
	members, _ := list.([]any)
	return slices.Contains(members, any(value))
}
