package record

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCallIsTheRowOfARecord(t *testing.T) {
	t.Parallel()
	r := sample(t, "converse")
	price, known := Rates().Price(NormaliseModel(r.ModelID), r.Timestamp, Tokens{Input: 900, Output: 12, CacheRead: 300})
	require.True(t, known)
	require.Positive(t, price.NanoUSD)
	call := Rates().Call(r, "a/b.json.gz")
	assert.Equal(t, Call{
		RequestID: r.RequestID, CalledAt: time.Date(2026, 3, 2, 9, 30, 11, 0, time.UTC),
		AccountID: "111122223333", Region: "eu-central-1", InferenceRegion: "eu-west-3",
		Operation: "Converse", ModelID: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
		Vendor: "anthropic", Model: "claude-sonnet-4-5", ModelVersion: "20250929-v1:0", Scope: "eu",
		Principal: "arn:aws:iam::111122223333:role/assistant", Session: "worker-7",
		UserID: "u-1001", TaskType: "summary", KBID: "KB12345678", BusinessID: "order-77",
		Metadata:    `{"kb_id":"KB12345678","request_id":"order-77","task_type":"summary","user_id":"u-1001"}`,
		InputTokens: ms(900), OutputTokens: ms(12), CacheReadTokens: ms(300), CacheWriteTokens: ms(0),
		StopReason: "end_turn", LatencyMS: ms(2345),
		EstimatedNanoUSD: &price.NanoUSD, RateSince: call.RateSince, Object: "a/b.json.gz",
	}, call)
	assert.Regexp(t, `^\d{4}-\d\d-\d\d$`, call.RateSince)
}

func TestCallOfOtherOutcomes(t *testing.T) {
	t.Parallel()
	failed := Rates().Call(sample(t, "error"), "o")
	assert.Equal(t, "AccessDeniedException", failed.ErrorCode)
	assert.Equal(t, "arn:aws:iam::111122223333:user/dev", failed.Principal)
	assert.Empty(t, failed.Session)
	assert.Equal(t, ms(0), failed.EstimatedNanoUSD, "a failed call cost nothing")
	assert.Empty(t, failed.Metadata)

	large := Rates().Call(sample(t, "s3-bodies"), "o")
	assert.True(t, strings.HasSuffix(large.InputBodyS3, "5b0f_input.json.gz"))
	assert.True(t, strings.HasSuffix(large.OutputBodyS3, "5b0f_output.json.gz"))
	assert.NotNil(t, large.EstimatedNanoUSD)

	uncounted := sample(t, "converse")
	uncounted.Input.Tokens, uncounted.Input.CacheReadTokens, uncounted.Input.CacheWriteTokens = nil, nil, nil
	assert.Nil(t, Rates().Call(uncounted, "o").EstimatedNanoUSD, "nobody knows what an uncounted call cost")
	uncounted.Input.CacheReadTokens = ms(5)
	assert.NotNil(t, Rates().Call(uncounted, "o").EstimatedNanoUSD)

	imported := Rates().Call(sample(t, "imported"), "o")
	assert.Nil(t, imported.EstimatedNanoUSD)
	assert.Empty(t, imported.RateSince)
	assert.Empty(t, imported.Vendor+imported.Model+imported.ModelVersion)

	embedded := Rates().Call(sample(t, "titan-embedding"), "o")
	assert.Nil(t, embedded.OutputTokens)
	assert.NotNil(t, embedded.EstimatedNanoUSD, "an absent output count is zero")
	assert.True(t, Rates().Call(sample(t, "titan-stream"), "o").GuardrailIntervened)
}

func TestPrincipalIsWithoutSession(t *testing.T) {
	t.Parallel()
	tests := []struct{ arn, principal, session string }{
		{"", "", ""},
		{"arn:aws:sts::111122223333:assumed-role/app/i-1", "arn:aws:iam::111122223333:role/app", "i-1"},
		{"arn:aws-us-gov:sts::111122223333:assumed-role/app/a@b:c", "arn:aws-us-gov:iam::111122223333:role/app", "a@b:c"},
		{"arn:aws:sts::111122223333:assumed-role/app/", "arn:aws:iam::111122223333:role/app", ""},
		{"arn:aws:sts::111122223333:assumed-role/app", "arn:aws:sts::111122223333:assumed-role/app", ""},
		{"arn:aws:sts::111122223333:assumed-role//x", "arn:aws:sts::111122223333:assumed-role//x", ""},
		{"arn:aws:sts::111122223333:federated-user/jo", "arn:aws:sts::111122223333:federated-user/jo", ""},
		{"arn:aws:iam::111122223333:assumed-role/app/x", "arn:aws:iam::111122223333:assumed-role/app/x", ""},
		{"arn:aws:iam::111122223333:user/team/jo", "arn:aws:iam::111122223333:user/team/jo", ""},
		{"arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root", ""},
		{"not an arn", "not an arn", ""},
	}
	for _, test := range tests {
		principal, session := splitPrincipal(test.arn)
		assert.Equal(t, test.principal, principal, test.arn)
		assert.Equal(t, test.session, session, test.arn)
	}
}

func TestMetadataTextIsCompactAndSorted(t *testing.T) {
	t.Parallel()
	assert.Empty(t, metadataText(nil))
	assert.Empty(t, metadataText(map[string]string{}))
	m := map[string]string{"b": "x", "a": "<&>\u2028ä", "c": "\"\\\n\t\r\b\f\x01", "": ""}
	text := metadataText(m)
	assert.Equal(t, `{"":"","a":"<&>`+"\u2028"+`ä","b":"x","c":"\"\\\n\t\r\b\f\u0001"}`, text)
	var back map[string]string
	require.NoError(t, json.Unmarshal([]byte(text), &back))
	assert.Equal(t, m, back)
}
