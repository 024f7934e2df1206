package record

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNormaliseModel(t *testing.T) {
	t.Parallel()
	foundation := func(scope, vendor, name, version, length string) Model {
		id := vendor + "." + name
		if version != "" {
			id += "-" + version
		}
		return Model{ID: id, Vendor: vendor, Name: name, Version: version, ContextLength: length, Scope: scope}
	}
	tests := map[string]Model{
		"": {},

		"anthropic.claude-sonnet-4-5-20250929-v1:0":      foundation("", "anthropic", "claude-sonnet-4-5", "20250929-v1:0", ""),
		"anthropic.claude-3-haiku-20240307-v1:0:200k":    foundation("", "anthropic", "claude-3-haiku", "20240307-v1:0", "200k"),
		"anthropic.claude-v2:1":                          foundation("", "anthropic", "claude", "v2:1", ""),
		"anthropic.claude-v2:0:18k":                      foundation("", "anthropic", "claude", "v2:0", "18k"),
		"anthropic.claude-instant-v1":                    foundation("", "anthropic", "claude-instant", "v1", ""),
		"anthropic.claude-opus-4-6-v1":                   foundation("", "anthropic", "claude-opus-4-6", "v1", ""),
		"anthropic.claude-sonnet-4-6":                    foundation("", "anthropic", "claude-sonnet-4-6", "", ""),
		"anthropic.claude-haiku-4-5-20251001":            foundation("", "anthropic", "claude-haiku-4-5", "20251001", ""),
		"amazon.nova-premier-v1:0:mm":                    foundation("", "amazon", "nova-premier", "v1:0", "mm"),
		"amazon.nova-2-lite-v1:0":                        foundation("", "amazon", "nova-2-lite", "v1:0", ""),
		"amazon.titan-embed-text-v1:2:8k":                foundation("", "amazon", "titan-embed-text", "v1:2", "8k"),
		"amazon.titan-tg1-large":                         foundation("", "amazon", "titan-tg1-large", "", ""),
		"meta.llama3-1-70b-instruct-v1:0:128k":           foundation("", "meta", "llama3-1-70b-instruct", "v1:0", "128k"),
		"mistral.mistral-7b-instruct-v0:2":               foundation("", "mistral", "mistral-7b-instruct", "v0:2", ""),
		"mistral.mistral-large-2402-v1:0":                foundation("", "mistral", "mistral-large-2402", "v1:0", ""),
		"cohere.command-text-v14:7:4k":                   foundation("", "cohere", "command-text", "v14:7", "4k"),
		"cohere.embed-english-v3:0:512":                  foundation("", "cohere", "embed-english", "v3:0", "512"),
		"cohere.rerank-v3-5:0":                           foundation("", "cohere", "rerank", "v3-5:0", ""),
		"ai21.jamba-1-5-large-v1:0":                      foundation("", "ai21", "jamba-1-5-large", "v1:0", ""),
		"deepseek.r1-v1:0":                               foundation("", "deepseek", "r1", "v1:0", ""),
		"deepseek.v3.2":                                  foundation("", "deepseek", "v3.2", "", ""),
		"openai.gpt-oss-120b-1:0":                        foundation("", "openai", "gpt-oss-120b", "1:0", ""),
		"qwen.qwen3-coder-480b-a35b-v1:0":                foundation("", "qwen", "qwen3-coder-480b-a35b", "v1:0", ""),
		"zai.glm-4.7":                                    foundation("", "zai", "glm-4.7", "", ""),
		"us.anthropic.claude-3-5-sonnet-20241022-v2:0":   foundation("us", "anthropic", "claude-3-5-sonnet", "20241022-v2:0", ""),
		"eu.amazon.nova-pro-v1:0":                        foundation("eu", "amazon", "nova-pro", "v1:0", ""),
		"apac.amazon.nova-lite-v1:0":                     foundation("apac", "amazon", "nova-lite", "v1:0", ""),
		"jp.anthropic.claude-sonnet-4-5-20250929-v1:0":   foundation("jp", "anthropic", "claude-sonnet-4-5", "20250929-v1:0", ""),
		"au.anthropic.claude-sonnet-4-5-20250929-v1:0":   foundation("au", "anthropic", "claude-sonnet-4-5", "20250929-v1:0", ""),
		"ca.amazon.nova-lite-v1:0":                       foundation("ca", "amazon", "nova-lite", "v1:0", ""),
		"us-gov.anthropic.claude-3-haiku-20240307-v1:0":  foundation("us-gov", "anthropic", "claude-3-haiku", "20240307-v1:0", ""),
		"global.anthropic.claude-opus-4-5-20251101-v1:0": foundation("global", "anthropic", "claude-opus-4-5", "20251101-v1:0", ""),
		"us.deepseek.v3.2":                               foundation("us", "deepseek", "v3.2", "", ""),

		"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0:48k":                   foundation("", "anthropic", "claude-3-haiku", "20240307-v1:0", "48k"),
		"arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-text-express-v1":                      foundation("", "amazon", "titan-text-express", "v1", ""),
		"arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0": foundation("eu", "anthropic", "claude-sonnet-4-5", "20250929-v1:0", ""),
	}
	for _, profile := range []string{
		"arn:aws:bedrock:us-east-1:111122223333:inference-profile/a1b2c3d4e5f6",
		"arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
		"arn:aws:bedrock:us-east-1:111122223333:provisioned-model/a1b2c3d4e5f6",
		"arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/a1b2c3d4e5f6",
		"arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/a1b2c3d4e5f6",
		"arn:aws:bedrock:us-east-1:111122223333:imported-model/a1b2c3d4e5f6",
		"arn:aws:bedrock:us-east-1:111122223333:default-prompt-router/anthropic.claude:1",
		"arn:aws:bedrock:us-east-1:111122223333:prompt-router/a1b2c3d4e5f6",
		"arn:aws:bedrock:us-east-1:111122223333:prompt/PROMPT12345:2",
		"arn:aws:bedrock:us-east-1:111122223333:marketplace/model-endpoint/all-access",
		"arn:aws:sagemaker:us-east-1:111122223333:endpoint/endpoint-quick-start-x",
		"arn:aws:bedrock", "arn:", "a1b2c3d4e5f6", "us.", "us.anthropic", "anthropic.", ".claude", "us.us.claude", "global.claude", "us.apac.claude", "arn:aws:sagemaker:us-east-1::foundation-model/amazon.nova-lite-v1:0",
	} {
		tests[profile] = Model{Profile: profile}
	}
	for id, want := range tests {
		assert.Equal(t, want, NormaliseModel(id), id)
	}
}

var (
	inARN     = regexp.MustCompile(`^arn:[^:]*:bedrock:[^:]*:[^:]*:(foundation-model|inference-profile)/(.+)$`)
	inID      = regexp.MustCompile(`^((global|apac|[a-z]{2}(-[a-z]+)?)\.)?([a-z0-9]{3,})\.([^/\s]+)$`)
	inLength  = regexp.MustCompile(`^([^:]+:[^:]+):([^:]+)$`)
	inVersion = regexp.MustCompile(`^(.+?)-(([0-9]{8}-)?v[0-9]+([.-][0-9]+)?(:[0-9]+)?|[0-9]{8}|[0-9]+:[0-9]+)$`)
)

// byRules does what the documentation of NormaliseModel says, as SQL does it.
func byRules(id string) Model {
	at := id
	if found := inARN.FindStringSubmatch(id); found != nil {
		at = found[2]
	}
	found := inID.FindStringSubmatch(at)
	if found == nil || found[4] == "global" || found[4] == "apac" {
		return Model{Profile: id}
	}
	m := Model{Scope: found[2], Vendor: found[4]}
	rest := found[5]
	if found := inLength.FindStringSubmatch(rest); found != nil {
		rest, m.ContextLength = found[1], found[2]
	}
	m.ID, m.Name = m.Vendor+"."+rest, rest
	if found := inVersion.FindStringSubmatch(rest); found != nil {
		m.Name, m.Version = found[1], found[2]
	}
	return m
}

func FuzzNormaliseModel(f *testing.F) {
	for _, id := range []string{
		"", "eu.anthropic.claude-3-haiku-20240307-v1:0:200k", "us-gov.amazon.titan-text-v1.5:2", "openai.gpt-oss-120b-1:0", "cohere.rerank-v3-5:0",
		"deepseek.v3.2", "global.global.x", "us.us.x", "a-v1-v2:0", "abc.-v1", "abc.d-20250101",
		"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", "arn:aws:bedrock:us-east-1:1:inference-profile/x", "arn:aws:bedrock:::inference-profile/arn:a.b",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		m := NormaliseModel(id)
		require.Equal(t, byRules(id), m, "the code does what its rules say")
		if m.ID == "" {
			require.Equal(t, Model{Profile: id}, m)
			return
		}
		again := m
		again.Scope, again.ContextLength = "", ""
		require.Equal(t, again, NormaliseModel(m.ID), "what is normal stays as it is")
	})
}
