package attribution

import (
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDefaultDescriptionIsOneThatAWSTakes(t *testing.T) {
	t.Parallel()
	const model = "eu.amazon.nova-pro-v1:0"
	for project, want := range map[string]string{
		"chat":                    "Calls of eu.amazon.nova-pro-v1:0 for project chat",
		"_chat":                   "Calls of eu.amazon.nova-pro-v1:0 for project chat",
		"chat_":                   "Calls of eu.amazon.nova-pro-v1:0 for project chat",
		"a - b/c=d@e+f_g-h":       "Calls of eu.amazon.nova-pro-v1:0 for project a b c d e f_g-h",
		"Größe":                   "Calls of eu.amazon.nova-pro-v1:0 for project Gr e",
		"大":                       "Calls of eu.amazon.nova-pro-v1:0",
		"-":                       "Calls of eu.amazon.nova-pro-v1:0",
		strings.Repeat("x ", 128): "Calls of eu.amazon.nova-pro-v1:0 for project " + strings.TrimSpace(strings.Repeat("x ", 78)),
	} {
		rows, problems := tabulate(&[]*InferenceProfile{{Project: jsii.String(project), Model: jsii.String(model)}}, "eu-west-1")
		require.Empty(t, problems, project)
		assert.Equal(t, want, rows[0].description)
		assert.Regexp(t, `^([0-9a-zA-Z:.][ _-]?)+$`, rows[0].description)
		assert.LessOrEqual(t, len(rows[0].description), 200)
	}
}

func TestAModelIsOfTheRegionOfItsProfile(t *testing.T) {
	t.Parallel()
	const model, profile = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-pro-v1:0"
	for _, arn := range []string{model, profile} {
		lines := &[]*InferenceProfile{{Project: jsii.String("chat"), Model: jsii.String(arn)}}
		for _, region := range []string{"us-east-1", "${Token[AWS.Region.4]}"} {
			_, problems := tabulate(lines, region)
			assert.Empty(t, problems, region)
		}
		_, problems := tabulate(lines, "eu-west-1")
		require.Len(t, problems, 1)
		assert.EqualError(t, problems[0], `paper-trail/attribution: InferenceProfilesProps.Profiles[0]: Model is of Region us-east-1, got "`+arn+`", and a profile copies from its own Region, eu-west-1; give the ARN there, or the id`)
	}
}
