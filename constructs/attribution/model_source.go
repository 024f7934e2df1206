package attribution

import (
	"fmt"
	"regexp"
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
}

// geographies are the prefixes of the ids of cross-Region inference profiles
// (Amazon Bedrock user guide, "Supported Regions and models for inference
// profiles").
var geographies = []string{"us", "us-gov", "eu", "apac", "au", "ca", "jp", "sa"}

const globalPrefix = "global"

var (
	// A foundation model's id is PROVIDER.MODEL, with a version or without.
	modelIDForm = regexp.MustCompile(`^[a-z0-9-]{1,63}\.[a-zA-Z0-9-]{1,63}(\.[a-zA-Z0-9-]{1,63})*(:[a-z0-9]{1,63}){0,2}$`)
	modelARN    = regexp.MustCompile(`^arn:aws[a-z-]*:bedrock:[a-z0-9-]+::foundation-model/(.+)$`)
	profileARN  = regexp.MustCompile(`^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:inference-profile/(.+)$`)
)

// parseModelSource reads the id or ARN of a foundation model or of a
// cross-Region inference profile.
func parseModelSource(text string) (modelSource, error) {
	s := modelSource{id: text}
	if found := modelARN.FindStringSubmatch(text); found != nil {
		s.arn, s.id, s.modelID = text, found[1], found[1]
		if !modelIDForm.MatchString(s.modelID) {
			return s, unknownForm(text)
		}
		return s, nil
	}
	profile := profileARN.FindStringSubmatch(text)
	if profile != nil {
		s.arn, s.id = text, profile[1]
	}
	prefix, rest, _ := strings.Cut(s.id, ".")
	s.modelID = s.id
	switch {
	case prefix == globalPrefix:
		s.reach, s.modelID = global, rest
	case contains(geographies, prefix):
		s.reach, s.modelID = geographic, rest
	case profile != nil:
		return s, unknownForm(text)
	}
	if !modelIDForm.MatchString(s.modelID) {
		return s, unknownForm(text)
	}
	return s, nil
}

func contains(list []string, text string) bool {
	for _, item := range list {
		if item == text {
			return true
		}
	}
	return false
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
