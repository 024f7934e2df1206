package attribution

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseModelSource(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]modelSource{
		"anthropic.claude-sonnet-4-20250514-v1:0": {modelID: "anthropic.claude-sonnet-4-20250514-v1:0", id: "anthropic.claude-sonnet-4-20250514-v1:0"},
		"amazon.nova-lite-v1:0:300k":              {modelID: "amazon.nova-lite-v1:0:300k", id: "amazon.nova-lite-v1:0:300k"},
		"openai.gpt-oss-120b-1:0":                 {modelID: "openai.gpt-oss-120b-1:0", id: "openai.gpt-oss-120b-1:0"},
		"eu.amazon.nova-pro-v1:0":                 {reach: geographic, modelID: "amazon.nova-pro-v1:0", id: "eu.amazon.nova-pro-v1:0"},
		"us-gov.anthropic.claude-v1:0":            {reach: geographic, modelID: "anthropic.claude-v1:0", id: "us-gov.anthropic.claude-v1:0"},
		"global.anthropic.claude-sonnet-4-v1:0":   {reach: global, modelID: "anthropic.claude-sonnet-4-v1:0", id: "global.anthropic.claude-sonnet-4-v1:0"},
		"arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0": {
			region: "eu-west-1", modelID: "amazon.nova-pro-v1:0", id: "amazon.nova-pro-v1:0", arn: "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0"},
		"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-pro-v1:0": {
			reach: geographic, region: "eu-west-1", modelID: "amazon.nova-pro-v1:0", id: "eu.amazon.nova-pro-v1:0", arn: "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-pro-v1:0"},
		"arn:aws:bedrock:mx-central-1:111122223333:inference-profile/mx.amazon.nova-pro-v1:0": {
			reach: geographic, region: "mx-central-1", modelID: "amazon.nova-pro-v1:0", id: "mx.amazon.nova-pro-v1:0", arn: "arn:aws:bedrock:mx-central-1:111122223333:inference-profile/mx.amazon.nova-pro-v1:0"},
		"deepseek.v3.2":    {modelID: "deepseek.v3.2", id: "deepseek.v3.2"},
		"us.deepseek.v3.2": {reach: geographic, modelID: "deepseek.v3.2", id: "us.deepseek.v3.2"},
		"zai.glm-4.7":      {modelID: "zai.glm-4.7", id: "zai.glm-4.7"},
	} {
		got, err := parseModelSource(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for text, hint := range map[string]string{
		"claude":                         "use the id of a foundation model",
		"eu.claude":                      "use the id of a foundation model",
		"xx.anthropic claude":            "use the id of a foundation model",
		"anthropic.claude v1":            "use the id of a foundation model",
		"eu.eu.amazon.nova-pro-v1:0":     "use the id of a foundation model",
		"global.us.amazon.nova-pro-v1:0": "use the id of a foundation model",
		"arn:aws:bedrock:eu-west-1::foundation-model/eu.amazon.nova-pro-v1:0":                 "use the id of a foundation model",
		"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.eu.amazon.nova-pro-v1:0": "use the id of a foundation model",
		"arn:aws:bedrock:eu::x": "use the id of a foundation model",
		"arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc":         "cannot be copied from another one",
		"arn:aws:bedrock:eu-west-1:111122223333:provisioned-model/abc":                     "provisioned throughput has tags of its own",
		"arn:aws:bedrock:eu-west-1:111122223333:inference-profile/amazon.nova-pro-v1:0":    "use the id of a foundation model",
		"arn:aws:bedrock:eu-west-1::foundation-model/eu amazon":                            "use the id of a foundation model",
		"arn:aws:bedrock:eu-west-1:111122223333:custom-model/amazon.titan-text:0/abcdefgh": "custom models take no profile",
	} {
		_, err := parseModelSource(text)
		require.ErrorContains(t, err, "the form of the model id is unknown, got", text)
		assert.ErrorContains(t, err, hint, text)
	}
	for _, text := range []string{"mx.anthropic.claude-sonnet-4-v1:0", "ap.amazon.nova-pro-v1:0", "us-iso.amazon.nova-pro-v1:0"} {
		_, err := parseModelSource(text)
		prefix, _, _ := strings.Cut(text, ".")
		assert.EqualError(t, err, `the geography of the cross-Region inference profile is unknown, got "`+prefix+`" in "`+text+`"; take one of us, us-gov, eu, apac, au, ca, jp, global, or give the ARN of the profile`)
	}
}
