package alerting

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// savedQuery is a query for CloudWatch Logs Insights.
type savedQuery struct {
	// id is the construct's, name what people read.
	id, name, text string
}

// invocationQueries read the invocation log group.
var invocationQueries = []savedQuery{
	{"CallersQuery", "Who calls which model", `fields @timestamp
| stats count(*) as calls, sum(input.inputTokenCount) as inputTokens, sum(output.outputTokenCount) as outputTokens by identity.arn, modelId
| sort calls desc`},
	{"FailuresQuery", "Failed and throttled calls", `filter ispresent(errorCode)
| stats count(*) as calls, max(@timestamp) as latest by errorCode, modelId, identity.arn
| sort calls desc`},
	{"InterventionsQuery", "Guardrail interventions", `filter @message like /"guardrail_intervened"/ or @message like /"amazon-bedrock-guardrailAction":\s*"INTERVENED"/
| fields @timestamp, requestId, operation, modelId, identity.arn
| sort @timestamp desc`},
	{"UnattributedQuery", "Calls that do not say who asked", `# Logs Insights reads the first 200 fields of a record; in a longer one the key may seem to be missing.
filter not ispresent(requestMetadata.user_id)
| stats count(*) as calls, max(@timestamp) as latest by identity.arn, modelId
| sort calls desc`},
}

// trailQueries read the log group of the trail.
var trailQueries = []savedQuery{
	{"ChangesQuery", "Who changed the logging of model calls", `filter eventSource = "bedrock.amazonaws.com" and eventName in ["PutModelInvocationLoggingConfiguration", "DeleteModelInvocationLoggingConfiguration"]
| fields @timestamp, awsRegion, eventName, userIdentity.arn, sourceIPAddress, errorCode
| sort @timestamp desc`},
}

// link is the query's address in the console: its text, ready to run over the
// last week. The form is the console's own and is documented nowhere; should it
// change, the saved query of the same name is still in the console's list.
func (q savedQuery) link(region, logGroupName string) string {
	detail := fmt.Sprintf("~(end~0~start~-604800~timeType~'RELATIVE~unit~'seconds~editorString~'%s~source~(~'%s))",
		consoleText(q.text), consoleText(logGroupName))
	// The detail is escaped twice, with $ for %. That leaves no parenthesis to
	// end a Markdown link early.
	escaped := strings.NewReplacer("~", "$257E", "(", "$2528", ")", "$2529", "'", "$2527").Replace(detail)
	return fmt.Sprintf("https://%s.%s/cloudwatch/home?region=%s#logsV2:logs-insights$3FqueryDetail$3D%s",
		region, consoleHost(region), region, escaped)
}

// unresolved is a value that only CloudFormation knows. It stays as it is; the
// console takes a plain name as well.
var unresolved = regexp.MustCompile(`\$\{Token\[[^\]]*\]\}`)

func consoleText(text string) string {
	if unresolved.MatchString(text) {
		return text
	}
	escaped := strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
	return strings.NewReplacer("%", "*", "~", "*7E").Replace(escaped)
}

// consoleHost is the console's domain in the Region's partition.
func consoleHost(region string) string {
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		return "console.amazonaws-us-gov.com"
	case strings.HasPrefix(region, "cn-"):
		return "console.amazonaws.cn"
	default:
		return "console.aws.amazon.com"
	}
}
