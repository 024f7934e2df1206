package recordtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// family is a provider's form of bodies.
type family int

const (
	anthropic family = iota
	nova
	titan
	llama
	mistral
	cohere
	jamba
	deepseek
	openAI
	titanEmbedding
	cohereEmbedding
)

func (f family) embeds() bool { return f >= titanEmbedding }

// caches says whether the family's models have prompt caching.
func (f family) caches() bool { return f == anthropic || f == nova }

// model is a foundation model.
type model struct {
	id     string
	family family
	weight int
	// profiles are the Region scopes that it has inference profiles for, the one
	// of the calling Region being "geo".
	profiles []string
}

var geo, geoAndGlobal = []string{"geo"}, []string{"geo", "global"}

var models = []model{
	{"anthropic.claude-sonnet-4-5-20250929-v1:0", anthropic, 22, geoAndGlobal},
	{"anthropic.claude-haiku-4-5-20251001-v1:0", anthropic, 18, geoAndGlobal},
	{"anthropic.claude-opus-4-1-20250805-v1:0", anthropic, 3, geo},
	{"anthropic.claude-3-5-sonnet-20241022-v2:0", anthropic, 6, geo},
	{"anthropic.claude-3-haiku-20240307-v1:0", anthropic, 5, geo},
	{"amazon.nova-pro-v1:0", nova, 8, geo},
	{"amazon.nova-lite-v1:0", nova, 6, geo},
	{"amazon.nova-micro-v1:0", nova, 4, geo},
	{"amazon.titan-text-express-v1", titan, 2, nil},
	{"meta.llama3-3-70b-instruct-v1:0", llama, 4, geo},
	{"meta.llama3-1-8b-instruct-v1:0", llama, 2, nil},
	{"mistral.mistral-large-2407-v1:0", mistral, 3, nil},
	{"mistral.mixtral-8x7b-instruct-v0:1", mistral, 1, nil},
	{"cohere.command-r-plus-v1:0", cohere, 2, nil},
	{"ai21.jamba-1-5-large-v1:0", jamba, 1, nil},
	{"deepseek.r1-v1:0", deepseek, 2, geo},
	{"openai.gpt-oss-120b-1:0", openAI, 3, nil},
	{"qwen.qwen3-32b-v1:0", openAI, 1, nil},
	{"amazon.titan-embed-text-v2:0", titanEmbedding, 5, nil},
	{"cohere.embed-multilingual-v3", cohereEmbedding, 2, nil},
}

// form is how a caller names a model.
type form int

const (
	plainID form = iota
	plainARN
	geoProfile
	geoProfileARN
	globalProfile
	applicationProfile // the forms from here on do not say which model it is
	provisioned
	customDeployment
	importedModel
	promptRouter
	forms
)

// fits says whether a model can be named that way.
func (f form) fits(m *model) bool {
	switch f {
	case geoProfile, geoProfileARN:
		return len(m.profiles) > 0
	case globalProfile:
		return len(m.profiles) > 1
	case applicationProfile, provisioned:
		return !m.family.embeds()
	case customDeployment:
		return m.family == nova
	case importedModel:
		return m.family == llama
	case promptRouter:
		return m.family == anthropic
	}
	return true
}

// geography is what the Region's inference profiles start with.
func geography(region string) string {
	area, _, _ := strings.Cut(region, "-")
	if area == "ap" {
		return "apac"
	}
	return area
}

// reach are Regions that profiles send calls to.
var reach = map[string][]string{
	"eu":     {"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"},
	"us":     {"us-east-1", "us-east-2", "us-west-2"},
	"apac":   {"ap-northeast-1", "ap-south-1", "ap-southeast-2"},
	"global": {"ap-northeast-1", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2"},
}

// name returns what the caller passes, the foundation model as far as that says
// it, and the Regions it may be served in, if they are others.
func (f form) name(m *model, account, region string, random *rand.Rand) (id, foundation string, served []string) {
	arn := func(account, resource string) string {
		return "arn:aws:bedrock:" + region + ":" + account + ":" + resource
	}
	// A dozen characters that stay the same for a model and an account.
	resource := fmt.Sprintf("%s%04x%s", account[8:], 7919*(len(m.id)+m.weight), "k3zq")
	area := geography(region)
	switch f {
	case plainARN:
		return arn("", "foundation-model/"+m.id), m.id, nil
	case geoProfile:
		return area + "." + m.id, m.id, reach[area]
	case geoProfileARN:
		return arn(account, "inference-profile/"+area+"."+m.id), m.id, reach[area]
	case globalProfile:
		return "global." + m.id, m.id, reach["global"]
	case applicationProfile:
		id, served = arn(account, "application-inference-profile/"+resource), reach[area]
	case provisioned:
		id = arn(account, "provisioned-model/"+resource)
	case customDeployment:
		id = arn(account, "custom-model-deployment/"+resource)
	case importedModel:
		id = arn(account, "imported-model/"+resource)
	case promptRouter:
		id, served = arn(account, "default-prompt-router/anthropic.claude:1"), reach[area]
	default:
		return m.id, m.id, nil
	}
	return id, id, served
}
