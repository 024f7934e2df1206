package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// What a ledger grants to its readers is evaluated in test/policy/ledger. Here it
// is where the environment puts it: beside the evidence, in each Region.

func recordsOf(region string) string {
	return "AWSLogs/" + account + "/BedrockModelInvocationLogs/" + region + "/2026/01/31/23/record.json.gz"
}

func TestTheFillReadsTheRecordsOfItsRegionAndLeavesThemAsTheyAre(t *testing.T) {
	w := load(t, "kept")
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		fill := w.Role(ledger("kept", region), "LedgerFillRole").Principal()
		throughS3 := policy.Context{"kms:ViaService": "s3." + region + ".amazonaws.com"}
		prompts := w.Bucket(storage("kept", region), "InvocationBucket")
		prompts.Expect(policy.Allow, each(fill, prompts.Object(recordsOf(region)), nil, "s3:GetObject")...)
		prompts.Expect(policy.Allow, each(fill, "", nil, "s3:ListBucket")...)
		prompts.Expect(policy.Deny, each(fill, prompts.Object(recordsOf(elsewhere)), nil, "s3:GetObject")...)
		prompts.Expect(policy.Deny, each(fill, prompts.Object(recordsOf(region)), plainHTTP, "s3:GetObject")...)
		prompts.Expect(policy.Deny, each(fill, prompts.Object(recordsOf(region)), nil, append(forging, writingObjects...)...)...)
		prompts.Expect(policy.Deny, each(fill, "", nil, weakening...)...)
		key := w.Key(storage("kept", region), "InvocationKey")
		key.Expect(policy.Allow, each(fill, "", throughS3, "kms:Decrypt")...)
		key.Expect(policy.Deny, each(fill, "", nil, append([]string{"kms:Decrypt"}, disabling...)...)...)

		theirs := w.Bucket(storage("kept", elsewhere), "InvocationBucket")
		theirs.Expect(policy.Deny, each(fill, theirs.Object(recordsOf(elsewhere)), nil, "s3:GetObject")...)
		w.Key(storage("kept", elsewhere), "InvocationKey").Expect(policy.Deny, each(fill, "", throughS3, "kms:Decrypt")...)
		for _, closed := range []string{"ActivityKey", "AlertKey"} {
			w.Key(storage("kept", region), closed).Expect(policy.Deny, each(fill, "", throughS3, "kms:Decrypt", "kms:GenerateDataKey")...)
		}
		refuseConfiguring(w, region, fill)

		rows := w.Key(ledger("kept", region), "LedgerKey")
		rows.Expect(policy.Allow, each(fill, "", throughS3, "kms:Decrypt", "kms:GenerateDataKey")...)
		w.Key(ledger("kept", elsewhere), "LedgerKey").Expect(policy.Deny, each(fill, "", throughS3, "kms:Decrypt")...)
	}
	events := w.Bucket(storage("kept", home), "TrailBucket")
	fill := w.Role(ledger("kept", home), "LedgerFillRole").Principal()
	events.Expect(policy.Deny, each(fill, events.Object("AWSLogs/"+account+"/CloudTrail/"+home+"/2026/01/31/log.json.gz"), nil, "s3:GetObject")...)
	w.Run()
}

func TestCloudWatchLogsUsesTheKeyOfTheLedgerForTheFillOnly(t *testing.T) {
	w := load(t, "kept")
	group := func(region, name string) policy.Context {
		return policy.Context{encryptionContext + "aws:logs:arn": logGroup(region, name)}
	}
	const own = "paper-trail-kept-ledger-LedgerFillLogs0A1B2C3D-x"
	using := []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey"}
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		key := w.Key(ledger("kept", region), "LedgerKey")
		logs := policy.Service("logs." + region + ".amazonaws.com")
		key.Expect(policy.Allow, each(logs, "", group(region, own), using...)...)
		decrypt := policy.Case{Principal: logs, Action: "kms:Decrypt", Context: group(region, own)}
		key.Expect(policy.Deny,
			but("prompts", decrypt, group(region, records)),
			but("another stack's log group", decrypt, group(region, "paper-trail-kept-capture-x")),
			but("another Region's log group", decrypt, group(elsewhere, own)),
			but("no log group", decrypt, policy.Context{encryptionContext + "aws:logs:arn": policy.Absent}),
			by(policy.Service("logs."+elsewhere+".amazonaws.com"), decrypt),
		)
		for _, service := range []policy.Principal{
			policy.Service("bedrock.amazonaws.com"), policy.Service("cloudtrail.amazonaws.com"), policy.Service("states.amazonaws.com"),
		} {
			key.Expect(policy.Deny, each(service, "", source("arn:aws:bedrock:"+region+":"+account+":*"), "kms:Decrypt", "kms:GenerateDataKey")...)
		}
		for _, service := range []policy.Principal{policy.Service("cloudwatch.amazonaws.com"), policy.Service("events.amazonaws.com")} {
			topic := policy.Context{encryptionContext + "aws:sns:topicArn": w.ARN(monitoring("kept", region), "WarningTopic")}
			key.Expect(policy.Deny, each(service, "", topic, "kms:Decrypt", "kms:GenerateDataKey")...)
		}
	}
	w.Run()
}
