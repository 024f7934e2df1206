package alerting

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

// test/e2e/tamper deploys the template and asks an emulator of EventBridge which
// of its rules match the calls. Both files are made here: that module knows
// neither the CDK nor the list of calls. UPDATE_SNAPS=always rewrites them.
const tamperData = "../../test/e2e/tamper/testdata/"

const (
	e2eAccount   = "111111111111"
	e2eArn       = "arn:aws:%:us-east-1:" + e2eAccount + ":"
	e2eKey       = "11111111-2222-3333-4444-555555555555"
	e2eLogGroup  = "/aws/bedrock/model-invocations"
	e2eHandler   = "paper-trail-e2e-Handler-4EZ2"
	e2eRole      = "paper-trail-e2e-HandlerRole-7QW1"
	e2eTopic     = "paper-trail-e2e-AlertTopic-K3X9"
	e2eTrail     = "paper-trail-e2e"
	e2eRecords   = "paper-trail-e2e-records"
	e2eUniqueEnd = "/7d2c0a10-8f0e-11f0-9d3b-0e5f3c1a2b4d"
)

func arnIn(service, resource string) string {
	return strings.ReplaceAll(e2eArn, "%", service) + resource
}

func TestTamperTemplateOfTheEndToEndTestIsCurrent(t *testing.T) {
	stack := awscdk.NewStack(cdktest.NewApp(t), jsii.String("tamper"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(e2eAccount), Region: jsii.String("us-east-1")},
	})
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	topics := map[string]AlertTopic{}
	for _, id := range []string{"People", "Deployments", "Chat"} {
		topics[id] = NewAlertTopic(stack, jsii.String(id), &AlertTopicProps{Key: key})
		awscdk.NewCfnOutput(stack, jsii.String(id+"Arn"), &awscdk.CfnOutputProps{Value: topics[id].Topic().TopicArn()})
	}
	NewTamperRules(stack, jsii.String("Tamper"), &TamperRulesProps{
		Alarms: NewAlarmFactory(stack, jsii.String("Alarms"), &AlarmFactoryProps{
			Critical: topics["People"], Warning: topics["Deployments"],
		}),
		ChatTopic:  topics["Chat"],
		TrailNames: jsii.Strings(e2eTrail),
		Buckets: &[]awss3.IBucket{
			awss3.Bucket_FromBucketName(stack, jsii.String("Records"), jsii.String(e2eRecords)),
			awss3.Bucket_FromBucketName(stack, jsii.String("Trail"), jsii.String("paper-trail-e2e-trail")),
		},
		Keys:          &[]awskms.IKey{awskms.Key_FromKeyArn(stack, jsii.String("Given"), jsii.String(arnIn("kms", "key/"+e2eKey)))},
		LogGroups:     &[]awslogs.ILogGroup{awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Group"), jsii.String(e2eLogGroup))},
		Topics:        &[]awssns.ITopic{awssns.Topic_FromTopicArn(stack, jsii.String("Told"), jsii.String(arnIn("sns", e2eTopic)))},
		FunctionNames: jsii.Strings(e2eHandler),
		RoleNames:     jsii.Strings(e2eRole),
		OwnRoleArns:   jsii.Strings("arn:aws:iam::" + e2eAccount + ":role/" + e2eRole),
	})
	template := cdktest.Synth(t, stack).Map()
	// The check of the bootstrap's version: there is none.
	delete(template, "Parameters")
	delete(template, "Rules")
	assertCurrent(t, tamperData+"template.json", func(string) string { return indented(t, template) })
}

func indented(t *testing.T, value any) string {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	require.NoError(t, encoder.Encode(value))
	return text.String()
}

// tamperCase is a call with the parameters of a real event. Group is that of the
// rules that match, none for a call on a foreign resource.
type tamperCase struct {
	Service    string         `json:"service"`
	Event      string         `json:"event"`
	Group      TamperGroup    `json:"group,omitempty"`
	DataEvent  bool           `json:"dataEvent,omitempty"`
	Parameters map[string]any `json:"parameters"`
}

func TestTamperCallsOfTheEndToEndTestAreCurrent(t *testing.T) {
	t.Parallel()
	var cases []tamperCase
	for _, call := range TamperCalls() {
		event := call.Event
		if call.AnyVersion {
			event += "20150331v2"
		}
		add := func(group TamperGroup, event string, value any) {
			parameters := maps.Clone(furtherParameters[call.Event])
			if parameters == nil {
				parameters = map[string]any{}
			}
			if call.Parameter != "" {
				maps.Copy(parameters, nested(call.Parameter, value))
			}
			cases = append(cases, tamperCase{Service: call.Service, Event: event, Group: group, DataEvent: call.DataEvent, Parameters: parameters})
		}
		if call.resource == tamperedWholeAccount {
			add(call.Group, event, nil)
			continue
		}
		ours, foreign := namesInEvents(call)
		for _, value := range ours {
			add(call.Group, event, value)
		}
		for _, value := range foreign {
			add("", event, value)
		}
	}
	cases = append(cases, harmlessCalls...)
	var lines []string
	for _, c := range cases {
		raw, err := json.Marshal(c)
		require.NoError(t, err)
		lines = append(lines, string(raw))
	}
	assertCurrent(t, tamperData+"calls.json", func(string) string { return "[\n" + strings.Join(lines, ",\n") + "\n]\n" })
}

// namesInEvents are the ways in which callers name a resource of ours, and of a
// neighbour, whose name is as close as it gets.
func namesInEvents(call TamperCall) (ours, foreign []any) {
	arns := func(service, before, name, after string) {
		ours = append(ours, name, arnIn(service, before+name+after))
		foreign = append(foreign, name+"-2", "other-"+name, arnIn(service, before+name+"-2"+after))
	}
	switch call.resource {
	case tamperedTrail:
		arns("cloudtrail", "trail/", e2eTrail, "")
	case tamperedStack:
		arns("cloudformation", "stack/", "tamper", e2eUniqueEnd)
	case tamperedBucket:
		return []any{e2eRecords}, []any{e2eRecords + "-2", "other-" + e2eRecords}
	case tamperedKey:
		other := strings.Replace(e2eKey, "1", "9", 1)
		return []any{e2eKey, arnIn("kms", "key/"+e2eKey)}, []any{other, arnIn("kms", "key/"+other)}
	case tamperedLogGroup:
		return []any{e2eLogGroup}, []any{e2eLogGroup + "-2", "/other" + e2eLogGroup}
	case tamperedLogGroupArn, tamperedLogGroupOrArn:
		arns("logs", "log-group:", e2eLogGroup, "")
		if call.resource == tamperedLogGroupArn {
			ours = ours[1:]
		}
	case tamperedAlarm:
		ours, foreign = []any{"tamper-Alarm-1A2B"}, []any{"other-tamper-Alarm-1A2B", "tampering"}
		if strings.HasSuffix(call.Parameter, "alarmNames") {
			ours, foreign = []any{[]any{"other", "tamper-Alarm-1A2B"}}, []any{[]any{"other", "tampering"}}
		}
	case tamperedMetric:
		return []any{MetricNamespace}, []any{"AWS/Bedrock", MetricNamespace + "/2"}
	case tamperedRule:
		return []any{"tamper-TamperKeys-1A2B"}, []any{"other-tamper-rule"}
	case tamperedTopic:
		return []any{arnIn("sns", e2eTopic)}, []any{arnIn("sns", e2eTopic+"-2")}
	case tamperedSubscription:
		const id = ":0a1b2c3d-0000-4000-8000-000000000000"
		return []any{arnIn("sns", e2eTopic+id)}, []any{arnIn("sns", e2eTopic+"-2"+id)}
	case tamperedFunction:
		for _, before := range []string{"", "function:", e2eAccount + ":", e2eAccount + ":function:", arnIn("lambda", "function:")} {
			for _, after := range []string{"", ":$LATEST", ":3", ":live"} {
				ours = append(ours, before+e2eHandler+after)
				foreign = append(foreign, before+e2eHandler+"-2"+after, before+"other-"+e2eHandler+after)
			}
		}
	case tamperedParameter:
		ours = []any{"/paper-trail/tamper/logging-configuration", arnIn("ssm", "parameter/paper-trail/tamper/logging-configuration")}
		foreign = []any{"/other/paper-trail/x", arnIn("ssm", "parameter/other")}
		if call.Parameter == "names" {
			ours, foreign = []any{[]any{"/other", ours[0]}}, []any{[]any{"/other"}}
		}
	case tamperedRole:
		return []any{e2eRole}, []any{e2eRole + "-2", "other-" + e2eRole}
	}
	return ours, foreign
}

// furtherParameters make events as long and as nested as real ones.
var furtherParameters = map[string]map[string]any{
	"PutModelInvocationLoggingConfiguration": {"loggingConfig": map[string]any{"textDataDeliveryEnabled": false, "s3Config": map[string]any{"bucketName": "elsewhere", "keyPrefix": ""}}},
	"PutEventSelectors":                      {"advancedEventSelectors": []any{map[string]any{"name": "nothing", "fieldSelectors": []any{map[string]any{"field": "eventCategory", "equals": []any{"Management"}}}}}},
	"UpdateTrail":                            {"isMultiRegionTrail": false, "includeGlobalServiceEvents": false},
	"ExecuteChangeSet":                       {"changeSetName": "cdk-deploy-change-set"},
	"UpdateTerminationProtection":            {"enableTerminationProtection": false},
	"PutBucketPolicy":                        {"Host": e2eRecords + ".s3.amazonaws.com", "policy": "", "bucketPolicy": map[string]any{"Version": "2012-10-17", "Statement": []any{}}},
	"PutBucketLifecycle":                     {"lifecycle": "", "LifecycleConfiguration": map[string]any{"Rule": map[string]any{"Status": "Enabled", "Expiration": map[string]any{"Days": 1}}}},
	"PutBucketPublicAccessBlock":             {"publicAccessBlock": "", "PublicAccessBlockConfiguration": map[string]any{"BlockPublicAcls": false}},
	"DeleteObject":                           {"key": "AWSLogs/" + e2eAccount + "/x.json.gz", "versionId": "abc"},
	"DeleteObjects":                          {"delete": ""},
	"PutObjectRetention":                     {"key": "AWSLogs/" + e2eAccount + "/x.json.gz", "retention": "", "x-amz-bypass-governance-retention": "true"},
	"ScheduleKeyDeletion":                    {"pendingWindowInDays": 7},
	"PutKeyPolicy":                           {"policyName": "default", "bypassPolicyLockoutSafetyCheck": false, "policy": `{"Version":"2012-10-17"}`},
	"PutRetentionPolicy":                     {"retentionInDays": 1},
	"PutMetricFilter":                        {"filterName": "f", "filterPattern": `{ $.a = "b" }`, "metricTransformations": []any{map[string]any{"metricName": "m"}}},
	"PutAccountPolicy":                       {"policyName": "mask", "policyType": "DATA_PROTECTION_POLICY", "scope": "ALL"},
	"PutMetricAlarm":                         {"threshold": 1000000, "actionsEnabled": false, "alarmActions": []any{}},
	"SetAlarmState":                          {"stateValue": "OK", "stateReason": `all is "fine"`},
	"PutAlarmMuteRule":                       {"name": `a "quiet" week`, "rule": map[string]any{"schedule": map[string]any{"expression": "cron(0 0 * * *)", "duration": "PT24H"}}},
	"UpdateObjectEncryption":                 {"key": "AWSLogs/" + e2eAccount + "/x.json.gz", "objectEncryption": ""},
	"PutRuntimeManagementConfig":             {"updateRuntimeOn": "Manual"},
	"PutRule":                                {"eventPattern": `{"source":["nothing"]}`, "state": "DISABLED"},
	"RemoveTargets":                          {"ids": []any{"Topic"}, "force": false},
	"SetTopicAttributes":                     {"attributeName": "Policy", "attributeValue": "{}"},
	"SetSubscriptionAttributes":              {"attributeName": "FilterPolicy", "attributeValue": `{"a":["b"]}`},
	"UpdateFunctionCode":                     {"publish": false, "dryRun": false, "s3Bucket": "elsewhere"},
	"PutFunctionConcurrency":                 {"reservedConcurrentExecutions": 0},
	"PutParameter":                           {"type": "String", "overwrite": true},
	"PutRolePolicy":                          {"policyName": "p", "policyDocument": `{"Statement":[]}`},
	"AttachRolePolicy":                       {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
}

// harmlessCalls are on our resources and change nothing, or are of another
// service with a parameter of the same name.
var harmlessCalls = []tamperCase{
	{Service: "bedrock", Event: "GetModelInvocationLoggingConfiguration", Parameters: map[string]any{}},
	{Service: "bedrock", Event: "CreateGuardrail", Parameters: map[string]any{"name": e2eTrail}},
	{Service: "cloudtrail", Event: "GetTrailStatus", Parameters: map[string]any{"name": e2eTrail}},
	{Service: "cloudtrail", Event: "StartLogging", Parameters: map[string]any{"name": e2eTrail}},
	{Service: "cloudformation", Event: "DescribeStacks", Parameters: map[string]any{"stackName": "tamper"}},
	{Service: "cloudformation", Event: "UpdateTerminationProtection", Parameters: map[string]any{"stackName": "tamper", "enableTerminationProtection": true}},
	{Service: "s3", Event: "GetBucketPolicy", Parameters: map[string]any{"bucketName": e2eRecords}},
	{Service: "s3", Event: "PutObject", DataEvent: true, Parameters: map[string]any{"bucketName": e2eRecords, "key": "AWSLogs/x"}},
	{Service: "kms", Event: "GenerateDataKey", Parameters: map[string]any{"keyId": arnIn("kms", "key/"+e2eKey)}},
	{Service: "logs", Event: "CreateLogStream", Parameters: map[string]any{"logGroupName": e2eLogGroup}},
	{Service: "logs", Event: "PutQueryDefinition", Parameters: map[string]any{"name": "q"}},
	{Service: "monitoring", Event: "EnableAlarmActions", Parameters: map[string]any{"alarmNames": []any{"tamper-Alarm-1A2B"}}},
	{Service: "events", Event: "EnableRule", Parameters: map[string]any{"name": "tamper-TamperKeys-1A2B"}},
	{Service: "sns", Event: "Subscribe", Parameters: map[string]any{"topicArn": arnIn("sns", e2eTopic)}},
	{Service: "lambda", Event: "GetFunction20150331v2", Parameters: map[string]any{"functionName": e2eHandler}},
	{Service: "ssm", Event: "GetParameter", Parameters: map[string]any{"name": "/paper-trail/tamper/logging-configuration"}},
	{Service: "iam", Event: "TagRole", Parameters: map[string]any{"roleName": e2eRole}},
	{Service: "sns", Event: "DisableRule", Parameters: map[string]any{"name": "tamper-TamperKeys-1A2B"}},
}
