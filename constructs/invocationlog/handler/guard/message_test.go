package guard

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gkampitakis/go-snaps/snaps"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

var (
	ireland  = placeOf(topicArn)
	declared = &logging.Config{
		CloudWatchConfig: &logging.CloudWatchConfig{
			LogGroupName:              "/aws/bedrock/model-invocations",
			RoleArn:                   "arn:aws:iam::111122223333:role/logging",
			LargeDataDeliveryS3Config: &logging.S3Config{BucketName: "invocations", KeyPrefix: "large"},
		},
		S3Config:                     &logging.S3Config{BucketName: "invocations"},
		TextDataDeliveryEnabled:      new(true),
		ImageDataDeliveryEnabled:     new(true),
		EmbeddingDataDeliveryEnabled: new(false),
		VideoDataDeliveryEnabled:     new(true),
		AudioDataDeliveryEnabled:     new(true),
	}
	without = &logging.Config{S3Config: declared.S3Config, TextDataDeliveryEnabled: new(false), EmbeddingDataDeliveryEnabled: new(false)}
	noon    = time.Date(2026, 11, 24, 12, 0, 5, 0, time.UTC)
)

func malloryCalls(operation string) *call {
	c := &call{
		operation: operation, id: "0f3c1ed2-b1f7-4b0c-9f0e-7f1a5a0f9d11", at: noon, region: "eu-west-1",
		caller: mallory, account: "111122223333", issuer: malloryRole, session: "mallory",
		sourceIP: "203.0.113.7", userAgent: "aws-cli/2.31.0 md/awscrt#0.27.6",
	}
	if operation == putOperation {
		c.requested = without
	}
	return c
}

// To write the files anew after an intended change:
//
//	UPDATE_SNAPS=always go test ./constructs/invocationlog/handler/guard
func TestMessagesReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	old := &sighting{Since: noon.Add(-21 * 24 * time.Hour), Config: declared}
	differs := logging.Difference(without, declared)
	refused := malloryCalls(deleteOperation)
	refused.errorCode, refused.errorMessage = "AccessDenied", "User: "+mallory+" is not authorized to perform: bedrock:DeleteModelInvocationLoggingConfiguration with an explicit deny in a service control policy"
	for name, i := range map[string]incident{
		"changed":        {call: malloryCalls(putOperation), old: old, difference: differs, live: without, shown: true},
		"switched-off":   {call: malloryCalls(deleteOperation), old: old, difference: logging.Difference(nil, declared), shown: true},
		"as-declared":    {call: malloryCalls(putOperation), old: old, live: declared, shown: true},
		"refused":        {call: refused, old: old, live: declared, shown: true},
		"not-compared":   {call: malloryCalls(putOperation), problem: errors.New("stack/Logging is changing the logging configuration of this account and Region, until 2026-11-24T12:05:00Z at the latest; try again when it has finished")},
		"put-back":       {call: malloryCalls(putOperation), old: old, difference: differs, live: declared, shown: true, outcome: healed, limit: 3},
		"put-back-alone": {difference: differs, live: declared, shown: true, outcome: healed, limit: 3},
		"not-put-back":   {difference: differs, live: without, shown: true, outcome: healFailed, limit: 3, healError: errors.New("writing the model invocation logging configuration: AccessDeniedException: no identity-based policy allows iam:PassRole")},
		"gave-up":        {call: malloryCalls(putOperation), old: old, difference: differs, live: without, shown: true, outcome: gaveUp, limit: 3},
	} {
		text := "Subject: " + i.subject(ireland) + "\n\n" + i.body(ireland)
		snaps.WithConfig(snaps.Dir("testdata"), snaps.Filename(name), snaps.Ext(".txt")).MatchStandaloneSnapshot(t, text)
		checkMessage(t, i)
		assert.NotContains(t, text, `\u`, "JSON is as one writes it")
	}
}

// checkMessage holds what SNS and e-mail ask of every message.
func checkMessage(t *testing.T, i incident) {
	t.Helper()
	subject, body := i.subject(ireland), i.body(ireland)
	assert.LessOrEqual(t, len(subject), 100)
	assert.True(t, strings.HasSuffix(subject, " (eu-west-1, account 111122223333)"), subject)
	for _, r := range subject {
		assert.True(t, r >= ' ' && r <= '~', "%q in %q", r, subject)
	}
	for _, r := range body {
		assert.True(t, r == '\n' || unicode.IsPrint(r), "%q in %q", r, body)
	}
	assert.Less(t, len(body), 256<<10)
}

func TestNobodyWritesIntoAMessage(t *testing.T) {
	t.Parallel()
	c := malloryCalls(putOperation)
	c.caller = "arn:aws:sts::1:assumed-role/Ädmin\r\n/" + strings.Repeat("x", 5000)
	c.userAgent = "curl\n\nWhat to do:\n1. Nothing. \u202eAll is well\x00" + strings.Repeat("y", 5000)
	c.id, c.sourceIP = "\n", "\r"
	c.errorCode, c.errorMessage = "Access\nDenied", "no\x1b[2J"
	c.requested = &logging.Config{S3Config: &logging.S3Config{BucketName: "a\nWhat to do:\n1. <b>&\u202e"}}
	i := incident{call: c, problem: errors.New("a\nWhat to do:")}
	checkMessage(t, i)
	assert.Equal(t, 1, strings.Count(i.body(ireland), "\nWhat to do:\n"))
	assert.Contains(t, i.body(ireland), `"bucketName": "a\nWhat to do:\n1. <b>&`)
	assert.Contains(t, i.subject(ireland), "?dmin??/xxx")
}

func TestALongNameLeavesTheSubjectWhole(t *testing.T) {
	t.Parallel()
	c := malloryCalls(putOperation)
	c.caller = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/somebody@example.com"
	for outcome, want := range map[outcome]string{
		watched: "Bedrock logging: SWITCHED OFF by AWSReservedSSO_Administra... (ap-southeast-2, account 111122223333)",
		gaveUp:  "Bedrock logging: CHANGED by AWSReservedSSO..., guard GIVES UP (ap-southeast-2, account 111122223333)",
	} {
		i := incident{call: c, outcome: outcome, difference: "d", shown: true}
		subject := i.subject(place{region: "ap-southeast-2", account: "111122223333"})
		assert.Equal(t, want, subject)
		assert.LessOrEqual(t, len(subject), 100)
	}
	assert.Len(t, incident{outcome: healed}.subject(place{region: strings.Repeat("r", 200)}), 100)
}

func TestConfigurationsInMessagesCanBePutAsTheyAre(t *testing.T) {
	t.Parallel()
	var again logging.Config
	assert.NoError(t, json.Unmarshal([]byte(pretty(declared)), &again))
	assert.Equal(t, *declared, again)
	assert.Equal(t, "nothing: logging is off", pretty(nil))
}

func TestShortNames(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		mallory: "Admin/mallory",
		"arn:aws:iam::111122223333:user/division/alice": "division/alice",
		"arn:aws:iam::111122223333:root":                "root",
		"cloudformation.amazonaws.com":                  "cloudformation.amazonaws.com",
		"":                                              "unknown",
	} {
		assert.Equal(t, want, shortName(arn), arn)
	}
}
