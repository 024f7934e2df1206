package policy

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
)

// World is a set of stacks that refer to each other, and the cases stated about them.
// It belongs to one test.
type World struct {
	t       *testing.T
	env     environment
	cases   []statedCase
	control map[string][]map[string]any // service control policies, by account
}

// Expectation is what a case must come to.
type Expectation string

// Allow expects a request to be allowed; Deny expects it to be denied, by a statement or for
// want of one that allows it.
const (
	Allow Expectation = "allow"
	Deny  Expectation = "deny"
)

// Case is a request to a resource of a template.
type Case struct {
	// Name says what the case shows and names its subtest. Default: the principal and the action.
	Name string
	// Principal is the caller. Default: anonymous.
	Principal Principal
	// Action is the action, such as "s3:PutObject". Required.
	Action string
	// Resource is the ARN acted on. Default: the resource the case is stated about.
	Resource string
	// Context adds condition keys to those [Request] lists. Default: none.
	Context Context
}

type statedCase struct {
	Case
	expectation Expectation
	request     Request
	label       string
	source      string
}

// Load reads stacks that refer to each other. It fails the test if they are not whole, and if
// a stated case is never run.
func Load(t *testing.T, stacks ...Stack) *World {
	t.Helper()
	env, err := newEnvironment(stacks)
	if err != nil {
		t.Fatalf("policy: %v", err)
	}
	w := &World{t: t, env: env, control: map[string][]map[string]any{}}
	t.Cleanup(func() {
		if len(w.cases) > 0 && !t.Failed() {
			t.Errorf("policy: %d cases were stated but not evaluated; call Run at the end of the test", len(w.cases))
		}
	})
	return w
}

// Bucket finds a bucket with its bucket policy. The stack is named as in [Stack], as Region/name
// where several Regions use the name; the logical id may be shortened to its beginning, such as
// the construct's path without CDK's hash. It fails the test unless exactly one bucket fits.
func (w *World) Bucket(stack, logicalID string) *Resource {
	w.t.Helper()
	return w.resource(stack, "AWS::S3::Bucket", logicalID)
}

// Key finds a KMS key with its key policy, as [World.Bucket] does a bucket.
func (w *World) Key(stack, logicalID string) *Resource {
	w.t.Helper()
	return w.resource(stack, "AWS::KMS::Key", logicalID)
}

// Topic finds an SNS topic with its topic policy, as [World.Bucket] does a bucket.
func (w *World) Topic(stack, logicalID string) *Resource {
	w.t.Helper()
	return w.resource(stack, "AWS::SNS::Topic", logicalID)
}

// Role finds a role with its trust policy and identity policies, as [World.Bucket] does a bucket.
// Cases about it concern the trust policy (sts:AssumeRole); [Resource.Principal] makes it the caller.
func (w *World) Role(stack, logicalID string) *Resource {
	w.t.Helper()
	return w.resource(stack, "AWS::IAM::Role", logicalID)
}

// ARN returns the ARN of any resource, found as [World.Bucket] finds a bucket.
func (w *World) ARN(stack, logicalID string) string {
	w.t.Helper()
	return w.resource(stack, "", logicalID).arn
}

// All returns every resource of a CloudFormation type, such as "AWS::S3::Bucket", with its
// policies, in the stacks named as in [World.Bucket] or else in all of them. It fails the test if
// there is none, because then nothing would be proven.
func (w *World) All(resourceType string, stacks ...string) []*Resource {
	w.t.Helper()
	among := w.env
	if len(stacks) > 0 {
		among = nil
	}
	for _, name := range stacks {
		s, err := w.env.stack(name)
		if err != nil {
			w.t.Fatalf("policy: %v", err)
		}
		among = append(among, s)
	}
	var resources []*Resource
	err := among.each(resourceType, func(s *Stack, id string) error {
		r, err := w.env.resource(s, id)
		if err == nil {
			r.world = w
			resources = append(resources, r)
		}
		return err
	})
	if err != nil {
		w.t.Fatalf("policy: %v", err)
	}
	if len(resources) == 0 {
		w.t.Fatalf("policy: no loaded stack has a resource of type %s", resourceType)
	}
	return resources
}

// Attach attaches service control policies to an account, as [Request] says, for the cases stated
// from then on.
func (w *World) Attach(account string, documents ...map[string]any) {
	w.control[account] = append(w.control[account], documents...)
}

// Expect states cases about something that is no resource of these stacks or has no policy of its
// own: only the principal's identity policies decide. Each case names its Resource, which the
// stack's account owns; the requests go to the stack's Region.
func (w *World) Expect(stack string, expectation Expectation, cases ...Case) {
	w.t.Helper()
	s, err := w.env.stack(stack)
	if err != nil {
		w.t.Fatalf("policy: %v", err)
	}
	w.state(&Resource{world: w, stack: s}, expectation, cases)
}

// Expect states cases about the resource and its policy. [World.Run] evaluates them.
func (r *Resource) Expect(expectation Expectation, cases ...Case) {
	r.world.t.Helper()
	r.world.state(r, expectation, cases)
}

func (w *World) state(r *Resource, expectation Expectation, cases []Case) {
	_, file, line, _ := runtime.Caller(2)
	for _, c := range cases {
		if c.Name == "" {
			c.Name = c.Principal.String() + " " + c.Action
		}
		resource := c.Resource
		if resource == "" {
			resource = r.arn
		}
		label := r.logicalID
		if label == "" {
			label = r.stack.Name
		}
		w.cases = append(w.cases, statedCase{
			Case: c, expectation: expectation, label: label,
			source: fmt.Sprintf("%s:%d", filepath.Base(file), line),
			request: Request{
				Principal: c.Principal, Action: c.Action, Resource: resource,
				Account: r.stack.Account, Region: r.stack.Region, Context: c.Context, ResourcePolicy: r.policy,
				ServiceControlPolicies: w.control[c.Principal.account],
			},
		})
	}
}

// Run evaluates the cases stated so far, each as a subtest of its own. A subtest that fails says
// which statements applied and why others did not.
func (w *World) Run() {
	w.t.Helper()
	cases := w.cases
	w.cases = nil
	if len(cases) == 0 {
		w.t.Fatal("policy: no case is stated; call Expect before Run")
	}
	requests := make([]Request, len(cases))
	for i, c := range cases {
		requests[i] = c.request
	}
	results, err := Evaluate(requests...)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, c := range cases {
		w.t.Run(fmt.Sprintf("%s/%s/%s", c.label, c.expectation, c.Name), func(t *testing.T) {
			if message := c.judge(results[i]); message != "" {
				t.Error(message)
			}
		})
	}
}

// judge returns what is wrong with a result, or nothing.
func (c statedCase) judge(result Result) string {
	if (c.expectation == Allow) == (result.Verdict == Allowed) {
		return ""
	}
	return fmt.Sprintf("%s: %s %s on %s: want %s, got %s\n%s",
		c.source, c.Principal, c.Action, c.request.Resource, c.expectation, result.Verdict, result.Explain())
}

func (w *World) resource(stack, resourceType, logicalID string) *Resource {
	w.t.Helper()
	s, err := w.env.stack(stack)
	if err != nil {
		w.t.Fatalf("policy: %v", err)
	}
	id, err := s.find(resourceType, logicalID)
	if err != nil {
		w.t.Fatalf("policy: %v", err)
	}
	r, err := w.env.resource(s, id)
	if err != nil {
		w.t.Fatalf("policy: %v", err)
	}
	r.world = w
	return r
}
