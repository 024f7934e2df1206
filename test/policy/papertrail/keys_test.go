package papertrail_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

const encryptionContext = "kms:EncryptionContext:"

func TestBedrockUsesTheKeyOfPromptsForThisAccountAndRegionOnly(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		key := w.Key(storage("kept", region), "InvocationKey")
		bedrock := policy.Service("bedrock.amazonaws.com")
		context := source("arn:aws:bedrock:" + region + ":" + account + ":*")
		// S3 decrypts the parts of a multipart upload to join them.
		for _, use := range each(bedrock, "", context, "kms:GenerateDataKey", "kms:Decrypt") {
			key.Expect(policy.Allow, use)
			for name, change := range map[string]policy.Context{
				"another account":       {"aws:SourceAccount": stranger},
				"another account's ARN": {"aws:SourceArn": "arn:aws:bedrock:" + region + ":" + stranger + ":*"},
				"another Region":        {"aws:SourceArn": "arn:aws:bedrock:" + elsewhere + ":" + account + ":*"},
				"another service's ARN": {"aws:SourceArn": "arn:aws:sagemaker:" + region + ":" + account + ":*"},
				"no source ARN":         {"aws:SourceArn": policy.Absent},
				"no source account":     {"aws:SourceAccount": policy.Absent},
			} {
				key.Expect(policy.Deny, but(use.Action+", "+name, use, change))
			}
			w.Key(storage("kept", region), "ActivityKey").Expect(policy.Deny, named(use.Action+" with the key of API events", use))
		}
		key.Expect(policy.Deny, each(bedrock, "", context,
			"kms:Encrypt", "kms:ReEncryptFrom", "kms:GenerateDataKeyPair", "kms:DescribeKey")...)
	}
	w.Run()
}

func TestCloudWatchLogsUsesEachKeyForItsLogGroupsOnly(t *testing.T) {
	w := load(t, "kept")
	group := func(region, name string) policy.Context {
		return policy.Context{encryptionContext + "aws:logs:arn": "arn:aws:logs:" + region + ":" + account + ":log-group:" + name}
	}
	const (
		function = "paper-trail-kept-capture-InvocationLoggingFunctionLogs0A1B2C3D-x"
		events   = "/aws/cloudtrail/paper-trail-kept"
	)
	using := []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"}
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		invocation := w.Key(storage("kept", region), "InvocationKey")
		activity := w.Key(storage("kept", region), "ActivityKey")
		logs := policy.Service("logs." + region + ".amazonaws.com")
		invocation.Expect(policy.Allow, each(logs, "", group(region, records), using...)...)
		invocation.Expect(policy.Allow, each(logs, "", group(region, function), using...)...)
		invocation.Expect(policy.Deny, each(logs, "", group(region, events), using...)...)
		activity.Expect(policy.Deny, each(logs, "", group(region, records), using...)...)
		activity.Expect(policy.Deny, each(logs, "", group(region, function), using...)...)

		decrypt := policy.Case{Principal: logs, Action: "kms:Decrypt", Context: group(region, records)}
		invocation.Expect(policy.Deny,
			but("another log group", decrypt, group(region, "/aws/lambda/other")),
			but("a longer name", decrypt, group(region, records+"-2")),
			but("a stream of the log group", decrypt, group(region, records+":*")),
			but("another Region's log group", decrypt, group(elsewhere, records)),
			but("another account's log group", decrypt, policy.Context{encryptionContext + "aws:logs:arn": "arn:aws:logs:" + region + ":" + stranger + ":log-group:" + records}),
			but("no encryption context", decrypt, policy.Context{encryptionContext + "aws:logs:arn": policy.Absent}),
			by(policy.Service("logs."+elsewhere+".amazonaws.com"), decrypt),
			by(policy.Service("logs.amazonaws.com"), decrypt),
			by(policy.Service("delivery.logs.amazonaws.com"), decrypt),
		)
		invocation.Expect(policy.Deny, each(logs, "", nil, "kms:CreateGrant")...)
	}
	logs := policy.Service("logs." + home + ".amazonaws.com")
	w.Key(storage("kept", home), "ActivityKey").Expect(policy.Allow, each(logs, "", group(home, events), using...)...)
	w.Key(storage("kept", additional), "ActivityKey").Expect(policy.Deny,
		each(policy.Service("logs."+additional+".amazonaws.com"), "", group(additional, events), using...)...)
	w.Run()
}

func TestCloudTrailUsesTheKeyOfAPIEventsForTheTrailOnly(t *testing.T) {
	w := load(t, "kept")
	key := w.Key(storage("kept", home), "ActivityKey")
	trail := w.ARN(capture("kept", home), "ActivityTrail")
	cloudTrail := policy.Service("cloudtrail.amazonaws.com")
	context := func(arn string) policy.Context { return policy.Context{encryptionContext + "aws:cloudtrail:arn": arn} }
	// With an S3 Bucket Key the encryption context names the bucket, and no trail.
	ofBucket := policy.Context{
		encryptionContext + "aws:cloudtrail:arn": policy.Absent,
		encryptionContext + "aws:s3:arn":         w.ARN(storage("kept", home), "TrailBucket"),
	}

	encrypt := policy.Case{Principal: cloudTrail, Action: "kms:GenerateDataKey", Context: source(trail)}
	encrypt = but("a log file", encrypt, context(trail))
	decrypt := policy.Case{Principal: cloudTrail, Action: "kms:Decrypt", Context: source(trail)}
	describe := policy.Case{Principal: cloudTrail, Action: "kms:DescribeKey", Context: source(trail)}
	inOther := "arn:aws:cloudtrail:ap-southeast-2:" + account + ":trail/paper-trail-kept"
	key.Expect(policy.Allow,
		encrypt,
		but("a log file of another Region", encrypt, context(inOther)),
		but("a log file with the bucket's key", encrypt, ofBucket),
		but("a log file read back", decrypt, context(trail)),
		but("the bucket's key read back", decrypt, ofBucket),
		named("describe", describe),
	)
	for name, change := range map[string]policy.Context{
		"another trail":         {"aws:SourceArn": trail + "-2"},
		"another Region's":      {"aws:SourceArn": inOther},
		"another account's ARN": {"aws:SourceArn": "arn:aws:cloudtrail:" + home + ":" + stranger + ":trail/paper-trail-kept"},
		"another account":       {"aws:SourceAccount": stranger},
		"no source ARN":         {"aws:SourceArn": policy.Absent},
		"no source account":     {"aws:SourceAccount": policy.Absent},
	} {
		key.Expect(policy.Deny,
			but("encrypt, "+name, encrypt, change),
			but("encrypt with the bucket's key, "+name, but("", encrypt, ofBucket), change),
			but("decrypt, "+name, decrypt, change),
			but("describe, "+name, describe, change))
	}
	key.Expect(policy.Deny, each(cloudTrail, "", encrypt.Context, "kms:Encrypt", "kms:ReEncryptTo")...)
	for _, refused := range []*policy.Resource{
		w.Key(storage("kept", home), "InvocationKey"),
		w.Key(storage("kept", additional), "InvocationKey"),
		w.Key(storage("kept", additional), "ActivityKey"),
	} {
		refused.Expect(policy.Deny, encrypt, named("decrypt", decrypt), named("describe", describe))
	}
	w.Run()
}

func TestAlarmsAndRulesReachEachTopicThroughItsKey(t *testing.T) {
	w := load(t, "kept")
	using := []string{"kms:Decrypt", "kms:GenerateDataKey"}
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		invocation := w.Key(storage("kept", region), "InvocationKey")
		for topicName, keyName := range map[string]string{"AlertTopic": "AlertKey", "WarningTopic": "ActivityKey"} {
			key := w.Key(storage("kept", region), keyName)

			alarms := policy.Service("cloudwatch.amazonaws.com")
			alarm := source("arn:aws:cloudwatch:" + region + ":" + account + ":alarm:ThrottlingAlarm")
			key.Expect(policy.Allow, each(alarms, "", alarm, using...)...)
			invocation.Expect(policy.Deny, each(alarms, "", alarm, using...)...)
			publish := policy.Case{Principal: alarms, Action: "kms:GenerateDataKey", Context: alarm}
			key.Expect(policy.Deny,
				but("another account's alarm", publish, source("arn:aws:cloudwatch:"+region+":"+stranger+":alarm:x")),
				but("another source account", publish, policy.Context{"aws:SourceAccount": stranger}),
				but("another Region's alarm", publish, source("arn:aws:cloudwatch:"+elsewhere+":"+account+":alarm:x")),
				but("a dashboard", publish, source("arn:aws:cloudwatch::"+account+":dashboard/x")),
				but("no source", publish, policy.Context{"aws:SourceAccount": policy.Absent, "aws:SourceArn": policy.Absent}),
			)
			key.Expect(policy.Deny, each(alarms, "", alarm, "kms:Encrypt", "kms:DescribeKey")...)

			// EventBridge sends neither aws:SourceAccount nor aws:SourceArn here.
			rules := policy.Service("events.amazonaws.com")
			topic := policy.Context{encryptionContext + "aws:sns:topicArn": w.ARN(monitoring("kept", region), topicName)}
			key.Expect(policy.Allow, each(rules, "", topic, using...)...)
			invocation.Expect(policy.Deny, each(rules, "", topic, using...)...)
			notify := policy.Case{Principal: rules, Action: "kms:GenerateDataKey", Context: topic}
			topicOf := func(region, account string) policy.Context {
				return policy.Context{encryptionContext + "aws:sns:topicArn": "arn:aws:sns:" + region + ":" + account + ":topic"}
			}
			key.Expect(policy.Deny,
				but("another account's topic", notify, topicOf(region, stranger)),
				but("another Region's topic", notify, topicOf(elsewhere, account)),
				but("no topic", notify, policy.Context{encryptionContext + "aws:sns:topicArn": policy.Absent}),
				by(policy.Service("scheduler.amazonaws.com"), notify),
			)
		}
	}
	w.Run()
}

// What no service is let in for, whatever it says about its source.
func TestNoOtherServiceUsesAKey(t *testing.T) {
	w := load(t, "kept")
	for _, key := range w.All("AWS::KMS::Key") {
		for _, name := range []string{"s3", "lambda", "sns", "sqs", "ec2", "athena", "glue", "logging.s3", "config", "backup"} {
			service := policy.Service(name + ".amazonaws.com")
			key.Expect(policy.Deny, each(service, "", source("arn:aws:"+name+":"+home+":"+account+":x"),
				"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey")...)
		}
		for _, name := range []string{"bedrock", "cloudtrail", "logs." + home, "cloudwatch", "events"} {
			service := policy.Service(name + ".amazonaws.com")
			key.Expect(policy.Deny, each(service, "", policy.Context{"aws:SourceAccount": account},
				"kms:CreateGrant", "kms:PutKeyPolicy", "kms:DisableKey", "kms:ScheduleKeyDeletion")...)
		}
	}
	w.Run()
}

// disabling are the ways to make the evidence unreadable.
var disabling = []string{
	"kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:DisableKeyRotation", "kms:DeleteImportedKeyMaterial",
}

func TestNobodyButTheDeploymentAndBreakGlassDisablesAKey(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		keys := w.All("AWS::KMS::Key", storage("kept", region), ledger("kept", region))
		require.Len(t, keys, 4) // InvocationKey, ActivityKey, AlertKey and LedgerKey
		for _, key := range keys {
			refused := append(breakGlassLookalikes(), admin, powerUser, root,
				policy.DeployRole(account, elsewhere), policy.DeployRole(stranger, region), policy.Role(account, "BreakGlass"))
			for _, principal := range refused {
				key.Expect(policy.Deny, each(principal, "", nil, disabling...)...)
			}
			key.Expect(policy.Allow, each(breakGlass, "", nil, disabling...)...)
			// What CloudFormation calls to create, update, tag and delete an AWS::KMS::Key.
			key.Expect(policy.Allow, each(policy.DeployRole(account, region), "", nil,
				append([]string{"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:EnableKey",
					"kms:EnableKeyRotation", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription"}, disabling...)...)...)

			key.Expect(policy.Allow, each(admin, "", nil,
				"kms:Decrypt", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:EnableKey", "kms:CancelKeyDeletion")...)
			key.Expect(policy.Deny, each(policy.Role(account, "Nobody"), "", nil, "kms:Decrypt", "kms:DescribeKey")...)
			key.Expect(policy.Deny, each(policy.Administrator(stranger, "Admin"), "", nil, "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant")...)
			key.Expect(policy.Deny, each(policy.Anonymous(), "", nil, "kms:Decrypt")...)
		}
	}
	w.Run()
}

func TestWithoutBreakGlassOnlyTheDeploymentDisablesAKey(t *testing.T) {
	w := load(t, "sealed")
	for _, key := range w.All("AWS::KMS::Key") {
		for _, principal := range []policy.Principal{admin, powerUser, root, breakGlass} {
			key.Expect(policy.Deny, each(principal, "", nil, disabling...)...)
		}
		key.Expect(policy.Allow, each(policy.DeployRole(account, sealed), "", nil, disabling...)...)
	}
	w.Run()
}

func TestADisposableKeyGoesWithItsStackOnly(t *testing.T) {
	w := load(t, "disposable")
	for _, key := range w.All("AWS::KMS::Key") {
		key.Expect(policy.Deny, each(admin, "", nil, disabling...)...)
		key.Expect(policy.Allow, each(policy.DeployRole(account, home), "", nil, disabling...)...)
	}
	w.Run()
}
