package policy

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decode reads a template or a value from JSON, as tests of synthesised stacks do.
func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(text), &v))
	return v
}

func template(t *testing.T, text string) map[string]any {
	t.Helper()
	return decode(t, text).(map[string]any)
}

func load(t *testing.T, stacks ...Stack) environment {
	t.Helper()
	env, err := newEnvironment(stacks)
	require.NoError(t, err)
	return env
}

const producer = `{
  "Parameters": {"Version": {"Type": "String", "Default": "31"}, "Open": {"Type": "String"}},
  "Resources": {
    "Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Join": ["-", ["audit", {"Ref": "AWS::AccountId"}]]}}},
    "Trail": {"Type": "AWS::CloudTrail::Trail", "Properties": {"TrailName": "audit"}},
    "Unnamed": {"Type": "AWS::S3::Bucket"},
    "Key": {"Type": "AWS::KMS::Key"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/bedrock/model-invocations"}},
    "Role": {"Type": "AWS::IAM::Role"},
    "Custom": {"Type": "Custom::Thing"}
  },
  "Outputs": {
    "KeyArn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}},
    "Exported": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:key"}}}
  }
}`

const consumer = `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}`

func testEnvironment(t *testing.T) environment {
	t.Helper()
	return load(t,
		Stack{Name: "storage", Account: account, Region: region, Template: template(t, producer)},
		Stack{Name: "capture", Account: account, Region: region, Template: template(t, consumer)},
		Stack{Name: "storage", Account: account, Region: "us-gov-west-1", Template: template(t, producer)},
		Stack{Name: "storage", Account: account, Region: "cn-north-1", Template: template(t, producer)},
	)
}

func TestIntrinsicFunctionsResolveAsInCloudFormation(t *testing.T) {
	t.Parallel()
	env := testEnvironment(t)
	for _, c := range []struct{ name, stack, given, want string }{
		{"plain values stay", "capture", `{"a": [1, true, "x", "${aws:PrincipalTag/team}"]}`, `{"a": [1, true, "x", "${aws:PrincipalTag/team}"]}`},
		{"account", "capture", `{"Ref": "AWS::AccountId"}`, `"111122223333"`},
		{"region", "capture", `{"Ref": "AWS::Region"}`, `"eu-central-1"`},
		{"partition", "capture", `{"Ref": "AWS::Partition"}`, `"aws"`},
		{"partition of GovCloud", "us-gov-west-1/storage", `{"Ref": "AWS::Partition"}`, `"aws-us-gov"`},
		{"partition of China", "cn-north-1/storage", `{"Ref": "AWS::Partition"}`, `"aws-cn"`},
		{"suffix", "capture", `{"Ref": "AWS::URLSuffix"}`, `"amazonaws.com"`},
		{"suffix in China", "cn-north-1/storage", `{"Ref": "AWS::URLSuffix"}`, `"amazonaws.com.cn"`},
		{"stack name", "capture", `{"Ref": "AWS::StackName"}`, `"capture"`},
		{"stack id", "capture", `{"Ref": "AWS::StackId"}`, `"arn:aws:cloudformation:eu-central-1:111122223333:stack/capture/id"`},
		{"no value in a map and a list", "capture", `{"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 1]}`, `{"b": [1]}`},
		{"parameter", "eu-central-1/storage", `{"Ref": "Version"}`, `"31"`},
		{"bucket name", "eu-central-1/storage", `{"Ref": "Logs"}`, `"audit-111122223333"`},
		{"bucket without a name", "eu-central-1/storage", `{"Ref": "Unnamed"}`, `"storage-eu-central-1-unnamed"`},
		{"bucket ARN", "eu-central-1/storage", `{"Fn::GetAtt": ["Logs", "Arn"]}`, `"arn:aws:s3:::audit-111122223333"`},
		{"ARN written with a dot", "eu-central-1/storage", `{"Fn::GetAtt": "Key.Arn"}`, `"arn:aws:kms:eu-central-1:111122223333:key/storage-Key"`},
		{"Ref of a topic is its ARN", "eu-central-1/storage", `{"Ref": "Topic"}`, `"arn:aws:sns:eu-central-1:111122223333:storage-Topic"`},
		{"TopicArn", "eu-central-1/storage", `{"Fn::GetAtt": ["Topic", "TopicArn"]}`, `"arn:aws:sns:eu-central-1:111122223333:storage-Topic"`},
		{"log group ARN ends in a star", "eu-central-1/storage", `{"Fn::GetAtt": ["Group", "Arn"]}`, `"arn:aws:logs:eu-central-1:111122223333:log-group:/aws/bedrock/model-invocations:*"`},
		{"role ARN has no Region, its made-up name does", "cn-north-1/storage", `{"Fn::GetAtt": ["Role", "Arn"]}`, `"arn:aws-cn:iam::111122223333:role/storage-cn-north-1-Role"`},
		{"join", "eu-central-1/storage", `{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Logs"}, "/*"]]}`, `"arn:aws:s3:::audit-111122223333/*"`},
		{"sub", "eu-central-1/storage", `{"Fn::Sub": "${AWS::Region} ${Logs} ${Trail.Arn} ${!aws:username}"}`, `"eu-central-1 audit-111122223333 arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit ${aws:username}"`},
		{"sub with variables", "eu-central-1/storage", `{"Fn::Sub": ["${name}/x", {"name": {"Ref": "Logs"}}]}`, `"audit-111122223333/x"`},
		{"select and split", "eu-central-1/storage", `{"Fn::Select": [4, {"Fn::Split": [":", {"Fn::GetAtt": ["Role", "Arn"]}]}]}`, `"111122223333"`},
		{"join of a split", "eu-central-1/storage", `{"Fn::Join": ["/", {"Fn::Split": ["-", "a-b"]}]}`, `"a/b"`},
		{"import", "capture", `{"Fn::ImportValue": "storage:key"}`, `"arn:aws:kms:eu-central-1:111122223333:key/storage-Key"`},
		{"import from the own Region", "cn-north-1/storage", `{"Fn::ImportValue": "storage:key"}`, `"arn:aws-cn:kms:cn-north-1:111122223333:key/storage-Key"`},
		{"stack output", "capture", `{"Fn::GetStackOutput": {"StackName": "storage", "OutputName": "KeyArn"}}`, `"arn:aws:kms:eu-central-1:111122223333:key/storage-Key"`},
		{"stack output of another Region", "capture", `{"Fn::GetStackOutput": {"StackName": "storage", "OutputName": "KeyArn", "Region": "cn-north-1"}}`, `"arn:aws-cn:kms:cn-north-1:111122223333:key/storage-Key"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := env.stack(c.stack)
			require.NoError(t, err)
			got, err := env.resolve(s, decode(t, c.given))
			require.NoError(t, err)
			assert.Equal(t, decode(t, c.want), got)
		})
	}
}

func TestWhatCannotBeResolvedIsAnError(t *testing.T) {
	t.Parallel()
	env := testEnvironment(t)
	s, err := env.stack("eu-central-1/storage")
	require.NoError(t, err)
	for name, c := range map[string]struct{ given, message string }{
		"unknown function":   {`{"a": [{"Fn::FindInMap": ["a", "b", "c"]}]}`, "a: [0]: Fn::FindInMap: the function is not supported"},
		"missing resource":   {`{"Ref": "Nothing"}`, `Ref: stack storage has no resource or parameter "Nothing"`},
		"open parameter":     {`{"Ref": "Open"}`, "parameter Open has no Default"},
		"unknown type":       {`{"Ref": "Custom"}`, "how a Custom::Thing (Custom) is named is unknown; add it to shapes"},
		"unknown attribute":  {`{"Fn::GetAtt": ["Logs", "DomainName"]}`, "attribute DomainName of Logs is not known to be an ARN"},
		"in a sub":           {`{"Fn::Sub": "${Nothing}"}`, `has no resource or parameter "Nothing"`},
		"missing export":     {`{"Fn::ImportValue": "nothing"}`, `no loaded stack of account 111122223333 and Region eu-central-1 exports "nothing"; load the stack that does`},
		"missing stack":      {`{"Fn::GetStackOutput": {"StackName": "x", "OutputName": "y"}}`, `stack "x" of Region eu-central-1 is not loaded`},
		"missing output":     {`{"Fn::GetStackOutput": {"StackName": "storage", "OutputName": "y"}}`, `stack storage has no output "y"`},
		"malformed ref":      {`{"Ref": 1}`, "Ref: the argument 1 is malformed"},
		"malformed get":      {`{"Fn::GetAtt": ["Logs"]}`, `the argument ["Logs"] is malformed`},
		"malformed join":     {`{"Fn::Join": ["", [1]]}`, "is malformed"},
		"join of no list":    {`{"Fn::Join": ["", "x"]}`, "is malformed"},
		"malformed sub":      {`{"Fn::Sub": ["x"]}`, "is malformed"},
		"malformed split":    {`{"Fn::Split": [":", ["x"]]}`, "is malformed"},
		"malformed select":   {`{"Fn::Select": ["x", ["y"]]}`, "is malformed"},
		"select beyond":      {`{"Fn::Select": ["1", ["y"]]}`, "is malformed"},
		"malformed output":   {`{"Fn::GetStackOutput": "x"}`, "is malformed"},
		"separator no text":  {`{"Fn::Join": [1, ["y"]]}`, "is malformed"},
		"arguments no pair":  {`{"Fn::Split": ":"}`, "is malformed"},
		"select of no pair":  {`{"Fn::Select": "x"}`, "is malformed"},
		"import of no text":  {`{"Fn::ImportValue": 1}`, "is malformed"},
		"nested in a select": {`{"Fn::Select": [0, {"Fn::Split": [":", {"Ref": "Nothing"}]}]}`, `Fn::Select: Fn::Split: Ref: stack storage has no`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := env.resolve(s, decode(t, c.given))
			assert.ErrorContains(t, err, c.message)
		})
	}
}

func TestStacksThatAreNotWholeAreReportedTogether(t *testing.T) {
	t.Parallel()
	_, err := newEnvironment([]Stack{{Account: "123"}, {Name: "a", Account: account, Region: region, Template: template(t, consumer)}, {Name: "a", Account: account, Region: region, Template: template(t, consumer)}})
	for _, message := range []string{
		"Name is empty; give the stack's CloudFormation name",
		`Account is "123"; give 12 digits`,
		"Region is empty; give one such as eu-central-1",
		"Template has no Resources",
		"eu-central-1/a is given twice; load each stack once",
	} {
		assert.ErrorContains(t, err, message)
	}
	_, err = newEnvironment(nil)
	assert.ErrorContains(t, err, "no stack given")
}

func TestStacksAndResourcesAreFoundByTheBeginningOfTheirNames(t *testing.T) {
	t.Parallel()
	env := load(t,
		Stack{Name: "storage", Account: account, Region: region, Template: template(t, `{"Resources": {
			"Audit01234567": {"Type": "AWS::S3::Bucket"},
			"AuditAccessLogs89ABCDEF": {"Type": "AWS::S3::Bucket"},
			"AuditPolicy00000000": {"Type": "AWS::S3::BucketPolicy"},
			"TrailA": {"Type": "AWS::S3::Bucket"},
			"TrailB": {"Type": "AWS::S3::Bucket"}}}`)},
		Stack{Name: "storage", Account: account, Region: "us-east-1", Template: template(t, consumer)},
	)
	_, err := env.stack("storage")
	assert.ErrorContains(t, err, `2 stacks are named "storage"; write Region/name, one of eu-central-1/storage, us-east-1/storage`)
	_, err = env.stack("capture")
	assert.ErrorContains(t, err, `no stack is named "capture"; loaded are eu-central-1/storage, us-east-1/storage`)
	s, err := env.stack("eu-central-1/storage")
	require.NoError(t, err)

	for prefix, want := range map[string]string{"Audit": "Audit01234567", "AuditAcc": "AuditAccessLogs89ABCDEF", "TrailB": "TrailB"} {
		id, err := s.find("AWS::S3::Bucket", prefix)
		require.NoError(t, err)
		assert.Equal(t, want, id)
	}
	id, err := s.find("", "AuditPolicy")
	require.NoError(t, err)
	assert.Equal(t, "AuditPolicy00000000", id)
	_, err = s.find("AWS::S3::Bucket", "Trail")
	assert.ErrorContains(t, err, `stack storage has 2 of AWS::S3::Bucket whose logical id starts with "Trail" (TrailA, TrailB); write more of the id`)
	_, err = s.find("AWS::KMS::Key", "Trail")
	assert.ErrorContains(t, err, `stack storage has no AWS::KMS::Key whose logical id starts with "Trail"`)
	_, err = s.find("", "Nothing")
	assert.ErrorContains(t, err, `stack storage has no resource whose logical id starts with "Nothing"; it has Audit01234567, `)
}
