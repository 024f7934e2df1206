package activitytrail

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// BedrockDataEventTypes lists the resource types of Amazon Bedrock whose use is
// a CloudTrail data event, which a trail logs only when it selects the type.
// The source is the table of data events in the CloudTrail user guide, "Logging
// data events". AWS::BedrockMantle::Project covers the bedrock-mantle endpoint,
// whose calls the model-invocation logs leave out. Each call returns a list of
// its own.
func BedrockDataEventTypes() []string {
	return []string{
		"AWS::Bedrock::AdvancedOptimizePromptJob",
		"AWS::Bedrock::AgentAlias",
		"AWS::Bedrock::AsyncInvoke",
		"AWS::Bedrock::AutomatedReasoningPolicy",
		"AWS::Bedrock::AutomatedReasoningPolicyVersion",
		"AWS::Bedrock::Blueprint",
		"AWS::Bedrock::DataAutomationInvocation",
		"AWS::Bedrock::DataAutomationProfile",
		"AWS::Bedrock::DataAutomationProject",
		"AWS::Bedrock::FlowAlias",
		"AWS::Bedrock::FlowExecution",
		"AWS::Bedrock::Guardrail",
		"AWS::Bedrock::InlineAgent",
		"AWS::Bedrock::KnowledgeBase",
		"AWS::Bedrock::Model",
		"AWS::Bedrock::PromptVersion",
		"AWS::Bedrock::Session",
		"AWS::Bedrock::Tool",
		"AWS::BedrockMantle::Project",
	}
}

// selector is an advanced event selector as a plain value.
type selector struct {
	name   string
	fields []field
}

// field restricts one field of an event to exact values or to prefixes.
type field struct {
	name               string
	equals, startsWith []string
}

// selectors are those of the trail. Advanced selectors replace the default of
// logging management events, so these come first. CloudTrail takes one resource
// type in a selector.
//
// read are the ARNs, up to the slash, of buckets whose reads are logged. Their
// objects are evidence, as those of the trail's own bucket are: tampering with
// them is logged.
func selectors(dataEventTypes, read []string, own string) []selector {
	list := []selector{{
		name:   "All management events",
		fields: []field{{name: "eventCategory", equals: []string{"Management"}}},
	}}
	for _, resourceType := range dataEventTypes {
		list = append(list, dataEvents("Data events of "+resourceType, resourceType))
	}
	list = append(list, dataEvents("Tampering with evidence", objects,
		// By name, so that deliveries are neither logged nor billed, and those to
		// the trail's own bucket are no events to deliver.
		field{name: "eventName", equals: tampering()},
		field{name: "resources.ARN", startsWith: append(slices.Clone(read), own)}))
	if len(read) > 0 {
		list = append(list, dataEvents("Reads of audited objects", objects,
			// Without this the deliveries to the buckets would be logged too.
			field{name: "readOnly", equals: []string{"true"}},
			field{name: "resources.ARN", startsWith: read}))
	}
	return list
}

// objects is the resource type of S3's data events.
const objects = "AWS::S3::Object"

// tampering are the events that remove an object, loosen its lock or change its
// key. Calls of some operations are recorded under the one or the other name.
func tampering() []string {
	return []string{
		"DeleteObject", "DeleteObjects",
		"PutObjectRetention", "PutObjectLockRetention",
		"PutObjectLegalHold", "PutObjectLockLegalHold",
		"UpdateObjectEncryption",
	}
}

func dataEvents(name, resourceType string, further ...field) selector {
	return selector{name: name, fields: append([]field{
		{name: "eventCategory", equals: []string{"Data"}},
		{name: "resources.type", equals: []string{resourceType}},
	}, further...)}
}

// maxConditions is the number of values that the selectors of one trail may
// hold together (CloudTrail user guide, "Quotas").
const maxConditions = 500

func selectorProblems(dataEventTypes []string, list []selector) []error {
	var found []error
	seen := map[string]bool{}
	for _, resourceType := range dataEventTypes {
		if !resourceTypePattern.MatchString(resourceType) {
			found = append(found, misuse.Errorf(pkg, "ActivityTrailProps.DataEventTypes holds what is no resource type, got %q; write it like AWS::Bedrock::Guardrail", resourceType))
		}
		if resourceType == objects {
			found = append(found, misuse.Errorf(pkg, "ActivityTrailProps.DataEventTypes holds %s, got all buckets of the account: the trail would log its own deliveries without end; give the buckets that count as DataEventBuckets", objects))
		}
		if seen[resourceType] {
			found = append(found, misuse.Errorf(pkg, "ActivityTrailProps.DataEventTypes holds a type twice, got %q again; remove one", resourceType))
		}
		seen[resourceType] = true
	}
	conditions := 0
	for _, s := range list {
		for _, f := range s.fields {
			conditions += len(f.equals) + len(f.startsWith)
		}
	}
	if conditions > maxConditions {
		found = append(found, misuse.Errorf(pkg, "a trail takes %d conditions in its event selectors, got %d; give fewer DataEventTypes or DataEventBuckets", maxConditions, conditions))
	}
	return found
}

var resourceTypePattern = regexp.MustCompile(`^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$`)

// Rules of a trail's name (CloudTrail user guide, "Naming requirements").
var (
	trailNamePattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	adjacentPattern  = regexp.MustCompile(`[._-]{2}`)
	addressPattern   = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
)

func trailNameProblem(name string) error {
	rule := ""
	switch {
	case strings.Contains(name, "${"):
		// Only a literal can be in the policies of bucket, key and log group
		// without a cycle between them and the trail.
		rule = "has to be literal, not a value known at deployment"
	case len(name) < 3 || len(name) > 128:
		rule = fmt.Sprintf("has 3 to 128 characters, not %d", len(name))
	case !trailNamePattern.MatchString(name):
		rule = "is of letters, digits, periods, underscores and dashes, with a letter or digit at both ends"
	case adjacentPattern.MatchString(name):
		rule = "has no two periods, underscores or dashes side by side"
	case addressPattern.MatchString(name):
		rule = "is no IP address"
	default:
		return nil
	}
	return misuse.Errorf(pkg, "a trail's name %s, got ActivityTrailProps.TrailName %q; change it", rule, name)
}
