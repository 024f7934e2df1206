package alerting

import (
	"encoding/json"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// tamperTitles say what was called for, in the first line of a message.
var tamperTitles = []struct {
	group TamperGroup
	title string
}{
	{TamperGroup_RECORDING, "what is recorded"},
	{TamperGroup_TRAILS, "a trail"},
	{TamperGroup_STACKS, "a stack of the paper trail, or its protection"},
	{TamperGroup_UPDATES, "what a stack of the paper trail declares"},
	{TamperGroup_BUCKETS, "a bucket with evidence, or objects in it"},
	{TamperGroup_KEYS, "a key of the evidence"},
	{TamperGroup_LOG_GROUPS, "a log group with evidence"},
	{TamperGroup_LOG_POLICIES, "what a log group masks, transforms or protects"},
	{TamperGroup_ALARMS, "an alarm"},
	{TamperGroup_RULES, "a rule that watches or starts a check"},
	{TamperGroup_TOPICS, "a topic that tells people, or who listens to it"},
	{TamperGroup_FUNCTIONS, "a function of the paper trail"},
	{TamperGroup_PARAMETERS, "a parameter of the paper trail"},
	{TamperGroup_ROLES, "a role of the paper trail"},
}

// tamperMessage is what a rule sends. EventBridge puts values into a template
// without escaping them (EventBridge user guide, "Amazon EventBridge input
// transformation"), and what is no JSON afterwards may be lost. So a message
// holds only what AWS writes itself or limits to harmless characters, and no
// value in which the caller could place a quotation mark to stay unnoticed: no
// user agent, no error message, no list of names. For the same reason no two
// calls of a group may have parameters of one name and different meanings.
type tamperMessage struct {
	group        TamperGroup
	title        string
	byDeployment bool
	runbook      string
}

// tamperPaths are the values of a message. One that an event does not have is
// left empty.
var tamperPaths = map[string]string{
	"event":     "$.detail.eventName",
	"source":    "$.detail.eventSource",
	"who":       "$.detail.userIdentity.arn",
	"type":      "$.detail.userIdentity.type",
	"principal": "$.detail.userIdentity.principalId",
	"owner":     "$.detail.userIdentity.accountId",
	"from":      "$.detail.sourceIPAddress",
	"time":      "$.detail.eventTime",
	"account":   "$.account",
	"region":    "$.detail.awsRegion",
	"error":     "$.detail.errorCode",
	"id":        "$.detail.eventID",
}

// namedParameters are the parameters that a message of the group shows.
func namedParameters(group TamperGroup) []string {
	var names []string
	seen := map[string]bool{}
	for _, call := range TamperCalls() {
		name := call.Parameter
		// A list may hold any name beside ours, and the namespace of metrics is always
		// the same.
		if call.Group != group || name == "" || seen[name] || call.resource == tamperedMetric || strings.HasSuffix(strings.ToLower(name), "names") {
			continue
		}
		seen[name] = true
		names = append(names, name)
	}
	if group == TamperGroup_BUCKETS {
		// The keys of evidence are of letters, digits and a few signs.
		names = append(names, "key")
	}
	return names
}

func (m tamperMessage) paths() map[string]*string {
	paths := map[string]*string{}
	for name, path := range tamperPaths {
		paths[name] = &path
	}
	for _, name := range namedParameters(m.group) {
		path := "$.detail.requestParameters." + name
		paths["p-"+name] = &path
	}
	return paths
}

func (m tamperMessage) headline() string {
	if m.byDeployment {
		return "Paper trail: change to " + m.title + ", by a deployment"
	}
	return "Paper trail: change to " + m.title + ", NOT by a deployment"
}

func (m tamperMessage) meaning() string {
	if !m.byDeployment {
		return "Until it is explained, treat it as an incident."
	}
	by := "By CloudFormation with a deploy role"
	switch m.group {
	case TamperGroup_RECORDING:
		by += ", or by a function of the paper trail"
	case TamperGroup_UPDATES:
		by += ", or by a role that starts deployments"
	}
	return by + ". A deployment that nobody made is an incident."
}

func (m tamperMessage) lines() []string {
	on := ""
	for _, name := range namedParameters(m.group) {
		on += " <p-" + name + ">"
	}
	return []string{
		"What: <event> of <source>",
		"On:" + on,
		"Error (none: the change was made): <error>",
		"Who: <who> (<type> <principal> of account <owner>)",
		"From: <from>",
		"When: <time>",
		"Where: account <account>, Region <region>",
		"CloudTrail event: <id>",
		"What to do: " + m.runbook,
	}
}

// text is a template for e-mail: EventBridge takes one quoted string a line.
func (m tamperMessage) text() string {
	var quoted []string
	for _, line := range append([]string{m.headline(), m.meaning()}, m.lines()...) {
		quoted = append(quoted, `"`+line+`"`)
	}
	return strings.Join(quoted, "\n")
}

// chat is a template in the form that Amazon Q Developer in chat applications
// shows (its administrator guide, "Custom notifications").
func (m tamperMessage) chat() string {
	lines := m.lines()
	return jsonText(map[string]any{
		"version": "1.0",
		"source":  "custom",
		"content": map[string]any{
			"textType":    "client-markdown",
			"title":       m.headline(),
			"description": m.meaning() + "\n" + strings.Join(lines[:len(lines)-1], "\n"),
			"nextSteps":   []string{m.runbook},
			"keywords":    []string{"tamper", string(m.group)},
		},
		"metadata": map[string]any{
			"summary":   m.headline(),
			"eventType": "tamper",
		},
	})
}

// jsonText keeps the angle brackets of placeholders, which json.Marshal escapes.
func jsonText(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // plain values by construction
	}
	return strings.TrimSpace(text.String())
}

func runbookProblem(url string) error {
	if url == "" || strings.ContainsAny(url, "\"\\<> \n") {
		return misuse.Errorf(pkg, "AlarmFactoryProps.RunbookURL is put into the template of a message, got %q; give a URL without quotation marks, angle brackets, backslashes and spaces", url)
	}
	return nil
}
