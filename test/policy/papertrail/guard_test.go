package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

func guardRole(w *policy.World, env, region string) *policy.Resource {
	return w.Role(monitoring(env, region), "InvocationLoggingGuardFunctionRole")
}

func TestTheGuardIsLambdasAlone(t *testing.T) {
	w := load(t, "kept")
	role := guardRole(w, "kept", home)
	assume := policy.Case{Principal: policy.Service("lambda.amazonaws.com"), Action: "sts:AssumeRole"}
	role.Expect(policy.Allow, assume)
	role.Expect(policy.Deny,
		by(policy.Service("events.amazonaws.com"), assume),
		by(policy.Service("bedrock.amazonaws.com"), assume),
		by(policy.Service("scheduler.amazonaws.com"), assume),
		by(admin, assume),
		by(root, assume),
		by(policy.Administrator(stranger, "Admin"), assume),
		by(policy.Anonymous(), assume),
	)
	w.Run()
}

func TestTheGuardReadsTheConfigurationAndChangesNothing(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		stack, caller := monitoring("kept", region), guardRole(w, "kept", region).Principal()
		w.Expect(stack, policy.Allow, each(caller, "*", nil, "bedrock:GetModelInvocationLoggingConfiguration")...)
		w.Expect(stack, policy.Deny, each(caller, "*", nil,
			"bedrock:PutModelInvocationLoggingConfiguration", "bedrock:DeleteModelInvocationLoggingConfiguration", "bedrock:ListFoundationModels")...)
		for _, role := range []string{
			w.ARN(capture("kept", region), "InvocationLoggingRole"), w.ARN(capture("kept", elsewhere), "InvocationLoggingRole"),
			guardRole(w, "kept", region).ARN(), iamRole("Admin"),
		} {
			w.Expect(stack, policy.Deny, passing(caller, role, "bedrock.amazonaws.com"), passing(caller, role, "lambda.amazonaws.com"))
		}
	}
	w.Run()
}

func TestAHealingGuardPutsTheConfigurationAndHandsOnNoRoleButBedrocks(t *testing.T) {
	w := load(t, "sealed")
	stack, role := monitoring("sealed", sealed), guardRole(w, "sealed", sealed)
	caller, logging := role.Principal(), w.ARN(capture("sealed", sealed), "InvocationLoggingRole")
	w.Expect(stack, policy.Allow, each(caller, "*", nil,
		"bedrock:GetModelInvocationLoggingConfiguration", "bedrock:PutModelInvocationLoggingConfiguration")...)
	w.Expect(stack, policy.Allow, passing(caller, logging, "bedrock.amazonaws.com"))
	w.Expect(stack, policy.Deny, each(caller, "*", nil, "bedrock:DeleteModelInvocationLoggingConfiguration")...)
	w.Expect(stack, policy.Deny,
		passing(caller, logging, "lambda.amazonaws.com"),
		passing(caller, logging, "ec2.amazonaws.com"),
		named("pass it to nobody in particular", policy.Case{Principal: caller, Action: "iam:PassRole", Resource: logging}),
		passing(caller, role.ARN(), "bedrock.amazonaws.com"),
		passing(caller, w.ARN(capture("sealed", sealed), "InvocationLoggingFunctionRole"), "bedrock.amazonaws.com"),
		passing(caller, iamRole("Admin"), "bedrock.amazonaws.com"),
	)
	w.Run()
}

func TestTheGuardPublishesItsMetricsAndMessages(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		stack, caller := monitoring("kept", region), guardRole(w, "kept", region).Principal()
		put := policy.Case{Principal: caller, Action: "cloudwatch:PutMetricData", Resource: "*"}
		w.Expect(stack, policy.Allow, but("its namespace", put, policy.Context{"cloudwatch:namespace": "PaperTrail"}))
		w.Expect(stack, policy.Deny,
			but("Bedrock's namespace", put, policy.Context{"cloudwatch:namespace": "AWS/Bedrock"}),
			but("a longer namespace", put, policy.Context{"cloudwatch:namespace": "PaperTrail/Other"}),
			but("the namespace of throttling", put, policy.Context{"cloudwatch:namespace": "GenAI/Metrics"}),
			named("no namespace", put),
		)
		w.Expect(stack, policy.Deny, each(caller, "*", nil,
			"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions", "cloudwatch:SetAlarmState", "cloudwatch:GetMetricData")...)

		topic := w.Topic(monitoring("kept", region), "AlertTopic")
		topic.Expect(policy.Allow, each(caller, "", nil, "sns:Publish")...)
		topic.Expect(policy.Deny, each(caller, "", plainHTTP, "sns:Publish")...)
		topic.Expect(policy.Deny, each(caller, "", nil, "sns:Subscribe", "sns:SetTopicAttributes", "sns:DeleteTopic")...)
		w.Topic(monitoring("kept", elsewhere), "AlertTopic").Expect(policy.Deny, each(caller, "", nil, "sns:Publish")...)
		w.Expect(stack, policy.Deny, each(caller, "arn:aws:sns:"+region+":"+account+":other", nil, "sns:Publish")...)

		throughTopic, throughLogs := policy.Context{"kms:ViaService": "sns." + region + ".amazonaws.com"}, policy.Context{"kms:ViaService": "logs." + region + ".amazonaws.com"}
		alerts, activity := w.Key(storage("kept", region), "AlertKey"), w.Key(storage("kept", region), "ActivityKey")
		alerts.Expect(policy.Allow, each(caller, "", throughTopic, "kms:Decrypt", "kms:GenerateDataKey")...)
		alerts.Expect(policy.Deny, named("its log", policy.Case{Principal: caller, Action: "kms:Decrypt", Context: throughLogs}))
		activity.Expect(policy.Allow, each(caller, "", throughLogs, keyUse...)...)
		activity.Expect(policy.Deny, named("a topic", policy.Case{Principal: caller, Action: "kms:Decrypt", Context: throughTopic}))
		for _, via := range []policy.Context{
			nil,
			{"kms:ViaService": "s3." + region + ".amazonaws.com"},
			{"kms:ViaService": "sns." + elsewhere + ".amazonaws.com"},
		} {
			for _, c := range each(caller, "", via, "kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt") {
				alerts.Expect(policy.Deny, named(c.Action+" via "+via["kms:ViaService"], c))
				activity.Expect(policy.Deny, named(c.Action+" via "+via["kms:ViaService"], c))
			}
		}
	}
	w.Run()
}

func TestTheGuardChecksWhatWasDeclaredAndTouchesNoneOfIt(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		stack, caller := monitoring("kept", region), guardRole(w, "kept", region).Principal()
		buckets := []*policy.Resource{w.Bucket(storage("kept", region), "InvocationBucket")}
		if region == home {
			buckets = append(buckets, w.Bucket(storage("kept", home), "TrailBucket"))
		}
		for _, bucket := range buckets {
			bucket.Expect(policy.Allow, each(caller, "", nil, "s3:GetBucketObjectLockConfiguration")...)
			bucket.Expect(policy.Deny, each(caller, "", nil, append([]string{"s3:GetBucketPolicy", "s3:ListBucket"}, weakening...)...)...)
			bucket.Expect(policy.Deny, each(caller, bucket.Object("AWSLogs/record.json.gz"), nil,
				"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:BypassGovernanceRetention")...)
		}
		w.Bucket(storage("kept", region), "InvocationBucketAccessLogs").Expect(policy.Deny, each(caller, "", nil,
			"s3:GetBucketObjectLockConfiguration", "s3:ListBucket")...)
		w.Bucket(storage("kept", elsewhere), "InvocationBucket").Expect(policy.Deny, each(caller, "", nil, "s3:GetBucketObjectLockConfiguration")...)

		trail := w.ARN(capture("kept", home), "ActivityTrail")
		if region == home {
			w.Expect(stack, policy.Allow, each(caller, trail, nil, "cloudtrail:GetTrailStatus")...)
		} else {
			w.Expect(stack, policy.Deny, each(caller, trail, nil, "cloudtrail:GetTrailStatus")...)
		}
		w.Expect(stack, policy.Deny, each(caller, trail, nil,
			"cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors")...)
		w.Expect(stack, policy.Deny, each(caller, "arn:aws:cloudtrail:"+region+":"+account+":trail/other", nil, "cloudtrail:GetTrailStatus")...)

		w.Expect(stack, policy.Allow, each(caller, "*", nil, "logs:DescribeLogGroups")...)
		w.Expect(stack, policy.Deny, each(caller, logGroup(region, records), nil,
			"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy",
			"logs:DisassociateKmsKey", "logs:FilterLogEvents", "logs:StartQuery", "logs:Unmask", "logs:DeleteMetricFilter")...)
		w.Expect(stack, policy.Deny, each(caller, logStream(region, records, "aws/bedrock/modelinvocations"), nil,
			"logs:GetLogEvents", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DeleteLogStream")...)
		own := w.ARN(stack, "InvocationLoggingGuardFunctionLogs") // ends in :*
		own = own[:len(own)-len(":*")] + ":log-stream:2026/01/31/[1]0a1b"
		w.Expect(stack, policy.Allow, each(caller, own, nil, writing...)...)

		for _, name := range []string{"InvocationKey", "ActivityKey"} {
			key := w.Key(storage("kept", region), name)
			key.Expect(policy.Allow, each(caller, "", nil, "kms:DescribeKey")...)
			key.Expect(policy.Deny, each(caller, "", nil,
				append([]string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:EnableKey"}, disabling...)...)...)
			w.Key(storage("kept", elsewhere), name).Expect(policy.Deny, each(caller, "", nil, "kms:DescribeKey")...)
		}
		// What it must not read even in passing: prompts.
		w.Key(storage("kept", region), "InvocationKey").Expect(policy.Deny, each(caller, "",
			policy.Context{"kms:ViaService": "logs." + region + ".amazonaws.com"}, "kms:Decrypt", "kms:GenerateDataKey")...)

		w.Expect(stack, policy.Deny, each(caller, iamRole("Admin"), nil,
			"sts:AssumeRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy")...)
		w.Expect(stack, policy.Deny, each(caller, w.ARN(stack, "InvocationLoggingGuardFunction"), nil,
			"lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")...)
		w.Expect(stack, policy.Deny, each(caller, "*", nil, "s3:ListAllMyBuckets", "iam:ListRoles", "cloudformation:ListStacks")...)
	}
	w.Run()
}

func TestTheLogOfTheGuardIsEncryptedWithTheKeyOfActivity(t *testing.T) {
	w := load(t, "kept")
	group := policy.Context{encryptionContext + "aws:logs:arn": logGroup(home, "paper-trail-kept-monitoring-InvocationLoggingGuardFunctionLogs0A1B2C3D-x")}
	logs := policy.Service("logs." + home + ".amazonaws.com")
	using := []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey"}
	w.Key(storage("kept", home), "ActivityKey").Expect(policy.Allow, each(logs, "", group, using...)...)
	w.Key(storage("kept", home), "InvocationKey").Expect(policy.Deny, each(logs, "", group, using...)...)
	w.Run()
}
