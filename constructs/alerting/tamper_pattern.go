package alerting

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// tamperTargets are the protected resources as plain values, which may be
// tokens.
type tamperTargets struct {
	// arn begins the ARN of a resource of the account and Region: partition,
	// service and account are put in by it.
	arn func(service, resource string) string

	trails, stacks, buckets, logGroups, functions, roles []string
	keys                                                 []tamperKey
	alarmPrefixes, rulePrefixes, parameterPrefixes       []string
	topicArns                                            []string

	// deployRoles deploy through CloudFormation; deployers start that; own are the
	// roles of the paper trail's functions.
	deployRoles, deployers, own []string
	// furtherDeployRoles deploy roles elsewhere.
	furtherDeployRoles []string
}

type tamperKey struct{ id, arn string }

// values are the alternatives that an event may name a kind of resource by.
func (t tamperTargets) values(kind tamperResource) []any {
	var list []any
	add := func(alternatives ...any) { list = append(list, alternatives...) }
	prefixes := func(all []string) {
		for _, prefix := range all {
			add(matching("prefix", prefix))
		}
	}
	switch kind {
	case tamperedTrail:
		for _, name := range t.trails {
			add(name, t.arn("cloudtrail", "trail/"+name))
		}
	case tamperedStack:
		for _, name := range t.stacks {
			add(name, matching("prefix", t.arn("cloudformation", "stack/"+name+"/")))
		}
	case tamperedBucket:
		add(anys(t.buckets)...)
	case tamperedKey:
		for _, k := range t.keys {
			add(k.id, k.arn)
		}
	case tamperedLogGroup:
		add(anys(t.logGroups)...)
	case tamperedLogGroupArn:
		for _, name := range t.logGroups {
			add(matching("suffix", ":log-group:"+name))
		}
	case tamperedLogGroupOrArn:
		for _, name := range t.logGroups {
			add(name, matching("suffix", ":log-group:"+name))
		}
	case tamperedAlarm:
		prefixes(t.alarmPrefixes)
	case tamperedMetric:
		add(MetricNamespace)
	case tamperedRule:
		prefixes(t.rulePrefixes)
	case tamperedTopic:
		add(anys(t.topicArns)...)
	case tamperedSubscription:
		for _, arn := range t.topicArns {
			add(matching("prefix", arn+":"))
		}
	case tamperedFunction:
		for _, name := range t.functions {
			// A name, or an ARN, whole or without its first parts; each of them may
			// go on with a version or an alias (AWS Lambda API reference,
			// "UpdateFunctionCode").
			add(name, matching("prefix", name+":"), matching("suffix", ":"+name), matching("wildcard", "*:"+name+":*"))
		}
	case tamperedParameter:
		prefixes(t.parameterPrefixes)
		for _, prefix := range t.parameterPrefixes {
			add(matching("prefix", t.arn("ssm", "parameter"+prefix)))
		}
	case tamperedRole:
		for _, name := range t.roles {
			if prefix, many := strings.CutSuffix(name, "*"); many {
				add(matching("prefix", prefix))
			} else {
				add(name)
			}
		}
	}
	return list
}

// alternative is a part of a pattern: calls of one service that name the
// resource in one place.
type alternative struct {
	TamperCall
	events []any
}

// patterns are those of a group's two rules, for calls by deployments and for
// all others. They are nil when nothing of the group is protected.
func (t tamperTargets) patterns(group TamperGroup) (byDeployments, byOthers map[string]any) {
	if group == TamperGroup_ROLES && len(t.deployRoles) > 0 {
		t.deployRoles = append(slices.Clone(t.deployRoles), t.furtherDeployRoles...)
	}
	var parts []*alternative
	for _, call := range TamperCalls() {
		if call.Group != group || (call.resource != tamperedWholeAccount && len(t.values(call.resource)) == 0) {
			continue
		}
		var last *alternative
		if len(parts) > 0 {
			last = parts[len(parts)-1]
		}
		if last == nil || last.Service != call.Service || last.Parameter != call.Parameter || len(call.only) > 0 {
			last = &alternative{TamperCall: call}
			parts = append(parts, last)
		}
		if call.AnyVersion {
			last.events = append(last.events, matching("prefix", call.Event))
		} else {
			last.events = append(last.events, call.Event)
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	pattern := func(caller map[string]any) map[string]any {
		detail := map[string]any{"userIdentity": caller}
		if len(parts) == 1 {
			for name, value := range t.detail(parts[0]) {
				detail[name] = value
			}
		} else {
			var either []any
			for _, part := range parts {
				either = append(either, t.detail(part))
			}
			detail["$or"] = either
		}
		return map[string]any{
			// Only AWS may send events of such sources. The rest of the name is not
			// always that of the service.
			"source":      []any{matching("prefix", "aws.")},
			"detail-type": []any{"AWS API Call via CloudTrail"},
			"detail":      detail,
		}
	}
	return pattern(t.deployments(group)), pattern(t.others(group))
}

func (t tamperTargets) detail(part *alternative) map[string]any {
	detail := map[string]any{
		"eventSource": []any{part.Service + ".amazonaws.com"},
		"eventName":   part.events,
	}
	if part.Parameter != "" {
		parameters := nested(part.Parameter, t.values(part.resource))
		maps.Copy(parameters, part.only)
		detail["requestParameters"] = parameters
	}
	return detail
}

// cloudFormation is in userIdentity.invokedBy when CloudFormation made the call,
// with a role or for its caller (CloudTrail user guide, "CloudTrail userIdentity
// element"). AWS sets it; a user agent is for everybody to choose.
const cloudFormation = "cloudformation.amazonaws.com"

// trusted are the roles whose own calls are a deployment's: each counts only for
// the calls that it is there for.
func (t tamperTargets) trusted(group TamperGroup) []string {
	switch group {
	case TamperGroup_RECORDING, TamperGroup_PARAMETERS:
		return t.own
	case TamperGroup_UPDATES:
		return t.deployers
	}
	return nil
}

// deployments is the identity of a deployment: CloudFormation with a deploy
// role, or a trusted one.
func (t tamperTargets) deployments(group TamperGroup) map[string]any {
	byCloudFormation := map[string]any{"invokedBy": []any{cloudFormation}}
	if len(t.deployRoles) > 0 {
		byCloudFormation["sessionContext"] = issuer(anys(t.deployRoles)...)
	}
	trusted := t.trusted(group)
	// Functions write their parameters all the time. That is no news, so neither
	// rule matches it.
	if len(trusted) == 0 || group == TamperGroup_PARAMETERS {
		return byCloudFormation
	}
	return map[string]any{"$or": []any{byCloudFormation, map[string]any{"sessionContext": issuer(anys(trusted)...)}}}
}

// others is everybody else. What an event leaves out has to be named too: a
// pattern that excludes values wants the field to exist.
func (t tamperTargets) others(group TamperGroup) map[string]any {
	trusted := t.trusted(group)
	notCloudFormation := map[string]any{"invokedBy": []any{absent(), except(cloudFormation)}}
	if len(trusted) > 0 {
		notCloudFormation["sessionContext"] = issuer(absent(), except(trusted...))
	}
	if len(t.deployRoles) == 0 {
		return notCloudFormation
	}
	notOurs := map[string]any{"sessionContext": issuer(absent(), except(append(slices.Clone(t.deployRoles), trusted...)...))}
	return map[string]any{"$or": []any{notCloudFormation, notOurs}}
}

// issuer matches the role of a session.
func issuer(arns ...any) map[string]any { return nested("sessionIssuer.arn", arns) }

func absent() any { return map[string]any{"exists": false} }

func except(values ...string) any { return map[string]any{"anything-but": values} }

func matching(how, value string) any { return map[string]any{how: value} }

func anys(values []string) []any {
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = value
	}
	return list
}

// nested puts a value below a dotted path.
func nested(path string, value any) map[string]any {
	name, rest, deeper := strings.Cut(path, ".")
	if deeper {
		value = nested(rest, value)
	}
	return map[string]any{name: value}
}

// maxPattern is the number of characters of an event pattern (EventBridge user
// guide, "Amazon EventBridge quotas").
const maxPattern = 2048

// A token stands for a value whose length only the deployment knows. Names of
// buckets have at most 63 characters, of which most are used, and ARNs about 80;
// account, Region and partition are short.
var (
	placeToken  = regexp.MustCompile(`\$\{Token\[AWS\.[^\]]*\]\}`)
	anyToken    = regexp.MustCompile(`\$\{Token\[[^\]]*\]\}`)
	placeLength = len("ap-southeast-2")
	tokenLength = 72
)

// resolvedLength estimates how long a text with tokens will be.
func resolvedLength(text string) int {
	text = placeToken.ReplaceAllString(text, strings.Repeat("x", placeLength))
	return len(anyToken.ReplaceAllString(text, strings.Repeat("x", tokenLength)))
}

func patternProblem(group TamperGroup, pattern map[string]any) error {
	raw, err := json.Marshal(pattern)
	if err != nil {
		panic(err) // plain values by construction
	}
	length := resolvedLength(string(raw))
	if length <= maxPattern {
		return nil
	}
	return misuse.Errorf(pkg, "an event pattern has at most %d characters, got about %d for the resources of %s; divide them between two TamperRules", maxPattern, length, group)
}
