package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

const records = "/aws/bedrock/model-invocations"

func logGroup(region, name string) string {
	return "arn:aws:logs:" + region + ":" + account + ":log-group:" + name
}

func logStream(region, group, name string) string {
	return logGroup(region, group) + ":log-stream:" + name
}

func iamRole(name string) string { return "arn:aws:iam::" + account + ":role/" + name }

var (
	writing = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	// keyUse is what CloudWatch Logs calls on behalf of a writer.
	keyUse = []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
)

// beyond states that a role of the Capture stack can do nothing of what would
// let it read, forge, hide or switch off the record, or gain other rights.
func beyond(w *policy.World, region string, principal policy.Principal) {
	stack := capture("kept", region)
	prompts := w.Bucket(storage("kept", region), "InvocationBucket")
	prompts.Expect(policy.Deny, each(principal, prompts.Object("AWSLogs/record.json.gz"), nil,
		"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:BypassGovernanceRetention")...)
	prompts.Expect(policy.Deny, each(principal, "", nil, append([]string{"s3:ListBucket", "s3:GetBucketPolicy"}, weakening...)...)...)
	for _, key := range []string{"InvocationKey", "ActivityKey", "AlertKey"} {
		w.Key(storage("kept", region), key).Expect(policy.Deny, each(principal, "", nil,
			append([]string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"}, disabling...)...)...)
	}
	w.Topic(monitoring("kept", region), "AlertTopic").Expect(policy.Deny, each(principal, "", nil, "sns:Publish", "sns:Subscribe", "sns:SetTopicAttributes")...)
	w.Expect(stack, policy.Deny, each(principal, logGroup(region, records), nil,
		"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy",
		"logs:DeleteMetricFilter", "logs:FilterLogEvents", "logs:StartQuery", "logs:Unmask", "logs:DisassociateKmsKey")...)
	w.Expect(stack, policy.Deny, each(principal, logStream(region, records, "aws/bedrock/modelinvocations"), nil,
		"logs:DeleteLogStream", "logs:GetLogEvents")...)
	w.Expect(stack, policy.Deny, each(principal, "*", nil, "s3:ListAllMyBuckets", "iam:ListRoles", "kms:CreateKey")...)
	w.Expect(stack, policy.Deny, each(principal, w.ARN(capture("kept", home), "ActivityTrail"), nil,
		"cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors")...)
	w.Expect(stack, policy.Deny, each(principal, iamRole("Admin"), nil,
		"sts:AssumeRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateRole")...)
	w.Expect(stack, policy.Deny, each(principal, w.ARN(capture("kept", region), "InvocationLoggingFunction"), nil,
		"lambda:InvokeFunction", "lambda:UpdateFunctionCode")...)
	w.Expect(stack, policy.Deny, each(principal, "arn:aws:bedrock:"+region+"::foundation-model/x", nil, "bedrock:InvokeModel")...)
}

func TestTheLoggingRoleIsBedrocksAndWritesOneStream(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		role := w.Role(capture("kept", region), "InvocationLoggingRole")
		assume := policy.Case{
			Principal: policy.Service("bedrock.amazonaws.com"), Action: "sts:AssumeRole",
			Context: source("arn:aws:bedrock:" + region + ":" + account + ":*"),
		}
		role.Expect(policy.Allow, named("Bedrock", assume))
		role.Expect(policy.Deny,
			but("another account", assume, policy.Context{"aws:SourceAccount": stranger}),
			but("another account's ARN", assume, policy.Context{"aws:SourceArn": "arn:aws:bedrock:" + region + ":" + stranger + ":*"}),
			but("another Region", assume, policy.Context{"aws:SourceArn": "arn:aws:bedrock:" + elsewhere + ":" + account + ":*"}),
			but("no source", assume, policy.Context{"aws:SourceAccount": policy.Absent, "aws:SourceArn": policy.Absent}),
			by(policy.Service("lambda.amazonaws.com"), assume),
			by(policy.Service("ec2.amazonaws.com"), assume),
			by(admin, assume),
			by(root, assume),
			by(policy.Administrator(stranger, "Admin"), assume),
			by(policy.Anonymous(), assume),
		)

		caller := role.Principal()
		stack := capture("kept", region)
		stream := logStream(region, records, "aws/bedrock/modelinvocations")
		w.Expect(stack, policy.Allow, each(caller, stream, nil, writing...)...)
		for name, other := range map[string]string{
			"another stream":            logStream(region, records, "other"),
			"a stream below it":         stream + "/other",
			"another group":             logStream(region, "/aws/bedrock/other", "aws/bedrock/modelinvocations"),
			"the trail's group":         logStream(region, "/aws/cloudtrail/paper-trail-kept", "aws/bedrock/modelinvocations"),
			"another Region":            logStream(elsewhere, records, "aws/bedrock/modelinvocations"),
			"another account's records": "arn:aws:logs:" + region + ":" + stranger + ":log-group:" + records + ":log-stream:aws/bedrock/modelinvocations",
		} {
			for _, c := range each(caller, other, nil, writing...) {
				w.Expect(stack, policy.Deny, named(name+" "+c.Action, c))
			}
		}
		key := w.Key(storage("kept", region), "InvocationKey")
		key.Expect(policy.Allow, each(caller, "", policy.Context{"kms:ViaService": "logs." + region + ".amazonaws.com"}, keyUse...)...)
		key.Expect(policy.Deny, each(caller, "", policy.Context{"kms:ViaService": "s3." + region + ".amazonaws.com"}, keyUse...)...)
		key.Expect(policy.Deny, each(caller, "", policy.Context{"kms:ViaService": "logs." + elsewhere + ".amazonaws.com"}, keyUse...)...)
		w.Key(storage("kept", region), "ActivityKey").Expect(policy.Deny,
			each(caller, "", policy.Context{"kms:ViaService": "logs." + region + ".amazonaws.com"}, keyUse...)...)
		beyond(w, region, caller)
		refuseConfiguring(w, region, caller)
	}
	w.Run()
}

// configuring are the actions on the logging configuration.
var configuring = []string{
	"bedrock:GetModelInvocationLoggingConfiguration",
	"bedrock:PutModelInvocationLoggingConfiguration",
	"bedrock:DeleteModelInvocationLoggingConfiguration",
}

// passing hands a role to a service.
func passing(principal policy.Principal, role, service string) policy.Case {
	return policy.Case{
		Name: "pass " + role + " to " + service, Principal: principal, Action: "iam:PassRole", Resource: role,
		Context: policy.Context{"iam:PassedToService": service},
	}
}

func refuseConfiguring(w *policy.World, region string, principal policy.Principal) {
	stack := capture("kept", region)
	w.Expect(stack, policy.Deny, each(principal, "*", nil, configuring...)...)
	w.Expect(stack, policy.Deny, passing(principal, w.ARN(stack, "InvocationLoggingRole"), "bedrock.amazonaws.com"))
}

func TestTheFunctionOwnsTheLoggingConfigurationAndNothingElse(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		stack := capture("kept", region)
		role := w.Role(stack, "InvocationLoggingFunctionRole")
		assume := policy.Case{Principal: policy.Service("lambda.amazonaws.com"), Action: "sts:AssumeRole"}
		role.Expect(policy.Allow, assume)
		role.Expect(policy.Deny,
			by(policy.Service("bedrock.amazonaws.com"), assume),
			by(policy.Service("cloudformation.amazonaws.com"), assume),
			by(admin, assume),
			by(policy.Administrator(stranger, "Admin"), assume),
		)

		caller := role.Principal()
		logging := w.ARN(stack, "InvocationLoggingRole")
		parameter := "arn:aws:ssm:" + region + ":" + account + ":parameter/paper-trail/paper-trail-kept-capture/logging-configuration"
		remembering := []string{"ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"}
		w.Expect(stack, policy.Allow, each(caller, "*", nil, configuring...)...)
		w.Expect(stack, policy.Allow, passing(caller, logging, "bedrock.amazonaws.com"))
		w.Expect(stack, policy.Allow, each(caller, parameter, nil, remembering...)...)
		lock := "arn:aws:ssm:" + region + ":" + account + ":parameter/paper-trail/logging-configuration-lock"
		w.Expect(stack, policy.Allow, each(caller, lock, nil, remembering...)...)
		w.Expect(stack, policy.Deny,
			passing(caller, logging, "lambda.amazonaws.com"),
			passing(caller, logging, "ec2.amazonaws.com"),
			named("pass it to nobody in particular", policy.Case{Principal: caller, Action: "iam:PassRole", Resource: logging}),
			passing(caller, role.ARN(), "bedrock.amazonaws.com"),
			passing(caller, w.ARN(capture("kept", elsewhere), "InvocationLoggingRole"), "bedrock.amazonaws.com"),
			passing(caller, w.ARN(capture("kept", home), "ActivityTrailDeliveryRole"), "cloudtrail.amazonaws.com"),
			passing(caller, iamRole("Admin"), "bedrock.amazonaws.com"),
			passing(caller, iamRole("theirs"), "bedrock.amazonaws.com"),
		)
		for _, other := range []string{
			"arn:aws:ssm:" + region + ":" + account + ":parameter/other",
			"arn:aws:ssm:" + region + ":" + account + ":parameter/paper-trail/other/logging-configuration",
			parameter + "/other",
		} {
			w.Expect(stack, policy.Deny, each(caller, other, nil, remembering...)...)
		}
		w.Expect(stack, policy.Deny, each(caller, parameter, nil, "ssm:AddTagsToResource", "ssm:GetParameterHistory")...)
		w.Expect(stack, policy.Deny, each(caller, "*", nil,
			"bedrock:ListFoundationModels", "bedrock:CreateGuardrail", "ssm:DescribeParameters", "cloudformation:ListStacks")...)

		own := w.ARN(stack, "InvocationLoggingFunctionLogs") // ends in :*
		own = own[:len(own)-len(":*")] + ":log-stream:2026/01/31/[1]0a1b"
		w.Expect(stack, policy.Allow, each(caller, own, nil, writing...)...)
		w.Expect(stack, policy.Deny, each(caller, logStream(region, records, "aws/bedrock/modelinvocations"), nil, writing...)...)
		w.Expect(stack, policy.Deny, each(caller, logStream(region, "/aws/cloudtrail/paper-trail-kept", "x"), nil, writing...)...)

		key := w.Key(storage("kept", region), "InvocationKey")
		key.Expect(policy.Allow, each(caller, "", policy.Context{"kms:ViaService": "logs." + region + ".amazonaws.com"}, keyUse...)...)
		key.Expect(policy.Deny, each(caller, "", policy.Context{"kms:ViaService": "s3." + region + ".amazonaws.com"}, keyUse...)...)
		beyond(w, region, caller)
	}
	w.Run()
}

func TestTheFunctionMayRestoreTheRoleOfAnAdoptedConfiguration(t *testing.T) {
	w := load(t, "disposable")
	stack := capture("disposable", home)
	caller := w.Role(stack, "InvocationLoggingFunctionRole").Principal()
	w.Expect(stack, policy.Allow,
		passing(caller, iamRole("theirs"), "bedrock.amazonaws.com"),
		passing(caller, w.ARN(stack, "InvocationLoggingRole"), "bedrock.amazonaws.com"),
	)
	w.Expect(stack, policy.Deny,
		passing(caller, iamRole("theirs"), "lambda.amazonaws.com"),
		passing(caller, iamRole("theirs2"), "bedrock.amazonaws.com"),
	)
	w.Run()
}

func TestTheTrailsRoleIsCloudTrailsAndWritesItsStreams(t *testing.T) {
	w := load(t, "kept")
	stack := capture("kept", home)
	role := w.Role(stack, "ActivityTrailDeliveryRole")
	// CloudTrail is not documented to say for which trail it assumes the role;
	// who may pass the role is what limits it.
	assume := policy.Case{Principal: policy.Service("cloudtrail.amazonaws.com"), Action: "sts:AssumeRole"}
	role.Expect(policy.Allow,
		named("CloudTrail", assume),
		but("CloudTrail for the trail", assume, source(w.ARN(stack, "ActivityTrail"))),
	)
	for _, principal := range []policy.Principal{
		policy.Service("bedrock.amazonaws.com"), policy.Service("config.amazonaws.com"), policy.Service("ec2.amazonaws.com"),
		policy.Service("lambda.amazonaws.com"), policy.Service("logs.amazonaws.com"),
		admin, root, policy.Administrator(stranger, "Admin"), policy.Anonymous(),
	} {
		role.Expect(policy.Deny, by(principal, assume))
	}
	for _, principal := range []policy.Principal{
		powerUser, policy.Role(account, "Nobody"), policy.Administrator(stranger, "Admin"), role.Principal(),
	} {
		pass := passing(principal, role.ARN(), "cloudtrail.amazonaws.com")
		w.Expect(stack, policy.Deny, named(principal.String()+" passes it to CloudTrail", pass))
	}

	caller := role.Principal()
	const events = "/aws/cloudtrail/paper-trail-kept"
	own := account + "_CloudTrail_" + home
	w.Expect(stack, policy.Allow, each(caller, logStream(home, events, own), nil, writing...)...)
	w.Expect(stack, policy.Allow, each(caller, logStream(home, events, own+"_2"), nil, writing...)...)
	for _, other := range []string{
		logStream(home, events, "other"),
		logStream(home, events, stranger+"_CloudTrail_"+home),
		logStream(home, events+"-2", own),
		logStream(home, records, own),
		logStream(additional, events, own),
	} {
		w.Expect(stack, policy.Deny, each(caller, other, nil, writing...)...)
	}
	via := policy.Context{"kms:ViaService": "logs." + home + ".amazonaws.com"}
	w.Key(storage("kept", home), "ActivityKey").Expect(policy.Allow, each(caller, "", via, keyUse...)...)
	w.Key(storage("kept", home), "InvocationKey").Expect(policy.Deny, each(caller, "", via, keyUse...)...)
	beyond(w, home, caller)
	refuseConfiguring(w, home, caller)
	w.Run()
}
