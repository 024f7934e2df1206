package policy

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const storageTemplate = `{
  "Resources": {
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": {"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}}, "Action": "kms:*", "Resource": "*"}]}}},
    "Logs0A1B2C3D": {"Type": "AWS::S3::Bucket"},
    "LogsPolicy4E5F6789": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Logs0A1B2C3D"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Sid": "TLSOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*",
       "Resource": [{"Fn::GetAtt": ["Logs0A1B2C3D", "Arn"]}, {"Fn::Join": ["", [{"Fn::GetAtt": ["Logs0A1B2C3D", "Arn"]}, "/*"]]}],
       "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
      {"Sid": "Bedrock", "Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "s3:PutObject",
       "Resource": {"Fn::Sub": "${Logs0A1B2C3D.Arn}/AWSLogs/${AWS::AccountId}/*"},
       "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}}]}}},
    "Open": {"Type": "AWS::S3::Bucket"},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "TopicPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish", "Resource": {"Ref": "Topic"}}]}}}
  },
  "Outputs": {"BucketArn": {"Value": {"Fn::GetAtt": ["Logs0A1B2C3D", "Arn"]}}}
}`

const captureTemplate = `{
  "Resources": {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {
      "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
      "ManagedPolicyArns": [{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]]}, {"Ref": "Shared"}],
      "Policies": [{"PolicyName": "inline", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "bedrock:GetModelInvocationLoggingConfiguration", "Resource": "*"}]}}]}},
    "DefaultPolicy": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyName": "default", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::Join": ["", [{"Fn::GetStackOutput": {"StackName": "storage", "OutputName": "BucketArn"}}, "/*"]]}}]}}},
    "Separate": {"Type": "AWS::IAM::RolePolicy", "Properties": {"RoleName": {"Ref": "Role"}, "PolicyName": "separate", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}]}}},
    "Shared": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}}},
    "Attached": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]}}},
    "Foreign": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": ["somebody-else"], "PolicyName": "foreign", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "*", "Resource": "*"}]}}}
  }
}`

func loadWorld(t *testing.T) *World {
	t.Helper()
	return Load(t,
		Stack{Name: "storage", Account: account, Region: region, Template: template(t, storageTemplate)},
		Stack{Name: "capture", Account: account, Region: region, Template: template(t, captureTemplate)},
	)
}

func TestPoliciesOfTemplatesDecide(t *testing.T) {
	t.Parallel()
	w := loadWorld(t)
	bedrock := Service("bedrock.amazonaws.com")

	bucket := w.Bucket("storage", "Logs")
	record := bucket.Object("AWSLogs/111122223333/record.json.gz")
	bucket.Expect(Allow,
		Case{Name: "Bedrock delivers", Principal: bedrock, Action: "s3:PutObject", Resource: record, Context: Context{"aws:SourceAccount": account}},
		Case{Principal: Admin(account), Action: "s3:ListBucket"},
	)
	bucket.Expect(Deny,
		Case{Name: "Bedrock for another account", Principal: bedrock, Action: "s3:PutObject", Resource: record, Context: Context{"aws:SourceAccount": stranger}},
		Case{Name: "Bedrock outside its prefix", Principal: bedrock, Action: "s3:PutObject", Resource: bucket.Object("x"), Context: Context{"aws:SourceAccount": account}},
		Case{Name: "plain HTTP", Principal: Admin(account), Action: "s3:ListBucket", Context: Context{"aws:SecureTransport": "false"}},
		Case{Action: "s3:ListBucket"},
	)
	w.Bucket("storage", "Open").Expect(Allow,
		Case{Name: "plain HTTP without a policy", Principal: Admin(account), Action: "s3:ListBucket", Context: Context{"aws:SecureTransport": "false"}})

	w.Topic("storage", "Topic").Expect(Allow, Case{Principal: Service("cloudwatch.amazonaws.com"), Action: "sns:Publish"})
	w.Topic("storage", "Topic").Expect(Deny, Case{Principal: Service("events.amazonaws.com"), Action: "sns:Publish"})

	role := w.Role("capture", "Role")
	role.Expect(Allow, Case{Principal: Service("lambda.amazonaws.com"), Action: "sts:AssumeRole"})
	role.Expect(Deny, Case{Principal: bedrock, Action: "sts:AssumeRole"}, Case{Principal: Admin(account), Action: "sts:AssumeRole"})

	caller := role.Principal()
	bucket.Expect(Allow, Case{Name: "attached policy across stacks", Principal: caller, Action: "s3:GetObject", Resource: record})
	bucket.Expect(Deny, Case{Name: "what the role lacks", Principal: caller, Action: "s3:DeleteObject", Resource: record})
	w.Key("storage", "Key").Expect(Allow, Case{Name: "managed policy in ManagedPolicyArns", Principal: caller, Action: "kms:Decrypt"})
	w.Key("storage", "Key").Expect(Deny, Case{Name: "what the role lacks", Principal: caller, Action: "kms:Encrypt"})
	w.Topic("storage", "Topic").Expect(Allow, Case{Name: "managed policy that names the role", Principal: caller, Action: "sns:Publish"})
	w.Expect("capture", Allow,
		Case{Name: "inline policy", Principal: caller, Action: "bedrock:GetModelInvocationLoggingConfiguration", Resource: "*"},
		Case{Name: "separate policy", Principal: caller, Action: "ssm:GetParameter", Resource: "arn:aws:ssm:eu-central-1:111122223333:parameter/x"},
		Case{Name: "AWS managed policy", Principal: caller, Action: "logs:CreateLogStream", Resource: streamARN},
	)
	w.Expect("capture", Deny,
		Case{Name: "somebody else's policy", Principal: caller, Action: "bedrock:DeleteModelInvocationLoggingConfiguration", Resource: "*"})
	w.Run()
}

func TestAllFindsEveryResourceOfAType(t *testing.T) {
	t.Parallel()
	w := loadWorld(t)
	var arns []string
	for _, b := range w.All("AWS::S3::Bucket") {
		arns = append(arns, b.ARN())
		b.Expect(Deny, Case{Principal: Admin(stranger), Action: "s3:ListBucket"})
	}
	assert.Equal(t, []string{w.ARN("storage", "Logs"), w.ARN("storage", "Open")}, arns)
	assert.Len(t, w.All("AWS::IAM::ManagedPolicy"), 2)
	assert.Len(t, w.All("AWS::IAM::ManagedPolicy", "storage", "capture"), 2)
	assert.Len(t, w.All("AWS::S3::Bucket", "storage"), 2)
	w.Run()
}

func TestAFailedCaseSaysWhereItIsStatedAndWhichStatementDecided(t *testing.T) {
	t.Parallel()
	w := loadWorld(t)
	bucket := w.Bucket("storage", "Logs")
	bucket.Expect(Allow, Case{Principal: Admin(account), Action: "s3:ListBucket", Context: Context{"aws:SecureTransport": "false"}})
	bucket.Expect(Deny, Case{Principal: Admin(account), Action: "s3:ListBucket"})
	cases := w.cases
	w.cases = nil // evaluated here, so that this test can look at what would have failed
	results, err := Evaluate(cases[0].request, cases[1].request)
	require.NoError(t, err)

	assert.Regexp(t, `^world_test\.go:\d+: 111122223333:role/Admin s3:ListBucket on arn:aws:s3:::storage-eu-central-1-logs0a1b2c3d: want allow, got ExplicitlyDenied
resource policy, statement TLSOnly \(Deny\) applies
identity policy AdministratorAccess, statement 1 \(Allow\) applies$`, cases[0].judge(results[0]))
	assert.Regexp(t, `want deny, got Allowed
identity policy AdministratorAccess, statement 1 \(Allow\) applies
resource policy, statement TLSOnly \(Deny\) does not apply: Bool aws:SecureTransport \["false"\]: the request has "true"$`, cases[1].judge(results[1]))
	assert.Empty(t, cases[0].judge(results[1]))
	assert.Empty(t, cases[1].judge(results[0]))
}

func TestPoliciesThatWouldBeReadWronglyAreErrors(t *testing.T) {
	t.Parallel()
	const nothing = `"PolicyDocument": {"Version": "2012-10-17", "Statement": []}`
	for name, c := range map[string]struct{ resources, message string }{
		"two bucket policies": {
			`"X": {"Type": "AWS::S3::Bucket"},
			 "A": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "X"}, ` + nothing + `}},
			 "B": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "X"}, ` + nothing + `}}`,
			"policies of X: 2 resources of type AWS::S3::BucketPolicy are attached; AWS keeps only one, merge them",
		},
		"no key policy": {`"X": {"Type": "AWS::KMS::Key"}`, "policies of X: the resource has no policy document"},
		"permissions boundary": {
			`"X": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "PermissionsBoundary": "b"}}`,
			"the role has a permissions boundary, which is not evaluated",
		},
		"unknown managed policy": {
			`"X": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/Other"]}}`,
			"what the managed policy arn:aws:iam::aws:policy/Other allows is unknown; add it to test/policy/managed.go",
		},
		"unresolvable": {
			`"X": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [{"Resource": {"Ref": "Y"}}]}}}`,
			`policies of X: Statement: [0]: Resource: Ref: stack s has no resource or parameter "Y"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := load(t, Stack{Name: "s", Account: account, Region: region, Template: template(t, `{"Resources": {`+c.resources+`}}`)})
			_, err := env.resource(env[0], "X")
			assert.ErrorContains(t, err, c.message)
		})
	}
}

func TestPrincipalsCallAsTheyDoAtAWS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		principal          Principal
		caller, arn, label string
	}{
		{Service("bedrock.amazonaws.com"), "bedrock.amazonaws.com", "", "bedrock.amazonaws.com"},
		{Anonymous(), "", "", "anonymous"},
		{Root(account), "arn:aws-cn:iam::111122223333:root", "arn:aws-cn:iam::111122223333:root", "111122223333:root"},
		{
			Administrator(account, "a/b/Admin"), "arn:aws-cn:sts::111122223333:assumed-role/Admin/session",
			"arn:aws-cn:iam::111122223333:role/a/b/Admin", "111122223333:role/a/b/Admin",
		},
		{
			DeployRole(account, region), "arn:aws-cn:sts::111122223333:assumed-role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1/session",
			"arn:aws-cn:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1", "111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1",
		},
	} {
		assert.Equal(t, c.caller, c.principal.caller("aws-cn"))
		assert.Equal(t, c.arn, c.principal.context("aws-cn")["aws:PrincipalArn"])
		assert.Equal(t, c.label, c.principal.String())
	}
}

func TestAMissingSimulatorNamesTheRemedy(t *testing.T) {
	t.Parallel()
	elsewhere := t.TempDir()
	_, err := runNode(elsewhere, nil, "evaluate.mjs")
	require.ErrorContains(t, err, "no test/policy/evaluate.mjs in "+elsewhere+" or a parent; run the tests from the repository")

	folder := filepath.Join(elsewhere, "test", "policy")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "evaluate.mjs"), nil, 0o644))
	_, err = runNode(filepath.Join(elsewhere, "test"), nil, "evaluate.mjs")
	require.EqualError(t, err, "policy: the policy simulator is not installed in "+folder+"; run `make install`")

	require.NoError(t, os.MkdirAll(filepath.Join(folder, "node_modules", "@cloud-copilot", "iam-simulate"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "evaluate.mjs"), []byte("throw new Error('broken')"), 0o644))
	_, err = runNode(folder, nil, "evaluate.mjs")
	require.ErrorContains(t, err, "policy: node evaluate.mjs: exit status 1")
	require.ErrorContains(t, err, "broken")
}

func TestMissingNodeNamesTheRemedy(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Evaluate(Request{Action: "s3:GetObject", Resource: objectARN, Account: account})
	require.EqualError(t, err, "policy: node is not on PATH; install Node.js 20 or later")
}

// Load and Run fail the test they belong to, so their refusals are seen from outside: this test
// runs the package's own binary for a test that misuses them.
func TestMisuseFailsTheTest(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"never run": "policy: 1 cases were stated but not evaluated; call Run at the end of the test",
		"no case":   "policy: no case is stated; call Expect before Run",
		"no type":   "policy: no loaded stack has a resource of type AWS::SQS::Queue",
		"elsewhere": "policy: no loaded stack has a resource of type AWS::S3::Bucket",
		"no role":   "policy: Open is of type AWS::S3::Bucket, which calls nothing; only an AWS::IAM::Role is a principal",
		"no stack":  `policy: no stack is named "nowhere"`,
		"wrong":     "want deny, got Allowed",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.Command(os.Args[0], "-test.run=^TestMisuse$")
			command.Env = append(os.Environ(), "POLICY_MISUSE="+name)
			output, err := command.CombinedOutput()
			require.Error(t, err, "%s", output)
			assert.Contains(t, string(output), message)
		})
	}
}

// TestMisuse does nothing unless TestMisuseFailsTheTest runs it.
func TestMisuse(t *testing.T) {
	misuse := map[string]func(w *World){
		"never run": func(w *World) { w.Bucket("storage", "Open").Expect(Allow, Case{Action: "s3:ListBucket"}) },
		"no case":   func(w *World) { w.Run() },
		"no type":   func(w *World) { w.All("AWS::SQS::Queue") },
		"elsewhere": func(w *World) { w.All("AWS::S3::Bucket", "capture") },
		"no role":   func(w *World) { w.Bucket("storage", "Open").Principal() },
		"no stack":  func(w *World) { w.Expect("nowhere", Allow) },
		"wrong": func(w *World) {
			w.Bucket("storage", "Open").Expect(Deny, Case{Principal: Admin(account), Action: "s3:ListBucket"})
			w.Run()
		},
	}[os.Getenv("POLICY_MISUSE")]
	if misuse != nil {
		misuse(loadWorld(t))
	}
}
