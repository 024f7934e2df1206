package attribution

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// reach is how far a call of a model may travel.
type reach int

const (
	// regional calls stay in the Region they are sent to.
	regional reach = iota
	// geographic calls go to Regions of one geography, chosen by Bedrock.
	geographic
	// global calls go to any commercial Region.
	global
)

// modelSource is what an application inference profile copies.
type modelSource struct {
	reach   reach
	modelID string // of the foundation model, as anthropic.claude-sonnet-4-20250514-v1:0
	id      string // of what is copied: the model, or the cross-Region profile us.anthropic...
	arn     string // given by the caller, or empty
	region  string // of the ARN, or empty
}

// geographies are the prefixes of the ids of cross-Region inference profiles
// (Amazon Bedrock user guide, "Supported Regions and models for inference
// profiles"). Where AWS opens another one, the ARN of its profile is taken.
var geographies = []string{"us", "us-gov", "eu", "apac", "au", "ca", "jp"}

const globalPrefix = "global"

var (
	// A foundation model's id is PROVIDER.MODEL, with a version or without.
	modelIDForm = regexp.MustCompile(`^[a-z0-9-]{1,63}\.[a-zA-Z0-9-]{1,63}(\.[a-zA-Z0-9-]{1,63})*(:[a-z0-9]{1,63}){0,2}$`)
	modelARN    = regexp.MustCompile(`^arn:aws[a-z-]*:bedrock:([a-z0-9-]+)::foundation-model/(.+)$`)
	profileARN  = regexp.MustCompile(`^arn:aws[a-z-]*:bedrock:([a-z0-9-]+):[0-9]{12}:inference-profile/(.+)$`)
	// A prefix of two letters before PROVIDER.MODEL looks like a geography: no
	// provider's name is as short.
	geographyForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)?\.[^.]+\.`)
)

// parseModelSource reads the id or ARN of a foundation model or of a
// cross-Region inference profile.
func parseModelSource(text string) (modelSource, error) {
	s := modelSource{id: text, modelID: text}
	model, profile := modelARN.FindStringSubmatch(text), profileARN.FindStringSubmatch(text)
	switch {
	case model != nil:
		s.arn, s.region, s.id, s.modelID = text, model[1], model[2], model[2]
	case profile != nil:
		s.arn, s.region, s.id = text, profile[1], profile[2]
		prefix, rest, _ := strings.Cut(s.id, ".")
		if !isGeography(prefix) && !geographyForm.MatchString(s.id) {
			return s, unknownForm(text)
		}
		s.reach, s.modelID = reachOf(prefix), rest
	default:
		prefix, rest, _ := strings.Cut(text, ".")
		if isGeography(prefix) {
			s.reach, s.modelID = reachOf(prefix), rest
		} else if geographyForm.MatchString(text) {
			return s, fmt.Errorf("the geography of the cross-Region inference profile is unknown, got %q in %q; take one of %s, %s, or give the ARN of the profile", prefix, text, strings.Join(geographies, ", "), globalPrefix)
		}
	}
	provider, _, _ := strings.Cut(s.modelID, ".")
	if !modelIDForm.MatchString(s.modelID) || isGeography(provider) {
		return s, unknownForm(text)
	}
	return s, nil
}

func isGeography(prefix string) bool {
	return prefix == globalPrefix || slices.Contains(geographies, prefix)
}

func reachOf(prefix string) reach {
	if prefix == globalPrefix {
		return global
	}
	return geographic
}

func unknownForm(text string) error {
	hint := "use the id of a foundation model, as anthropic.claude-sonnet-4-20250514-v1:0, or of a cross-Region inference profile, as eu.anthropic.claude-sonnet-4-20250514-v1:0 or global.…, or the ARN of either"
	for part, why := range map[string]string{
		"application-inference-profile/": "an application inference profile cannot be copied from another one",
		"provisioned-model/":             "provisioned throughput has tags of its own and takes no profile",
		"custom-model":                   "custom models take no profile",
		"imported-model/":                "imported models take no profile",
	} {
		if strings.Contains(text, part) {
			hint = why + "; " + hint
		}
	}
	return fmt.Errorf("the form of the model id is unknown, got %q; %s", text, hint)
}
