package guard

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	topicArn       = "arn:aws:sns:eu-west-1:111122223333:alerts"
	handlerRoleArn = "arn:aws:iam::111122223333:role/capture-FunctionRole"
	keyArn         = "arn:aws:kms:eu-west-1:111122223333:key/k"
	trailArn       = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"
	owner          = "arn:aws:cloudformation:eu-west-1:111122223333:stack/capture/guid/Logging"
	registerName   = "/paper-trail/capture/logging-configuration"
	stateName      = "/paper-trail/monitoring/logging-guard"
)

// complete asks for every check.
func complete() Settings {
	return Settings{
		RegisterParameter: registerName,
		Owner:             owner,
		StateParameter:    stateName,
		TopicArn:          topicArn,
		HandlerRoleArn:    handlerRoleArn,
		HealsPerHour:      2,
		Buckets:           []LockedBucket{{Name: "bucket", Mode: "COMPLIANCE", Days: 2557}},
		TrailArn:          trailArn,
		LogGroups:         []KeptLogGroup{{Name: "/aws/bedrock/model-invocations", RetentionDays: 2557, KeyArn: keyArn}},
		Keys:              []string{keyArn},
	}
}

func TestSettingsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(complete())
	require.NoError(t, err)
	got, err := ParseSettings(string(text))
	require.NoError(t, err)
	assert.Equal(t, complete(), got)
}

func TestSettingsNeedNoChecksAndNoHeals(t *testing.T) {
	t.Parallel()
	got, err := ParseSettings(`{"registerParameter":"/r","owner":"o","stateParameter":"/s","topicArn":"arn:aws-cn:sns:x","handlerRoleArn":"arn:aws-cn:iam::1:role/r"}`)
	require.NoError(t, err)
	assert.Zero(t, got.HealsPerHour)
	assert.Empty(t, got.checks(nil))
}

func TestEveryProblemOfSettingsIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := ParseSettings(`{"stateParameter":"s","healsPerHour":61,"trailArn":"t","buckets":[{"mode":"NONE"}],"logGroups":[{"retentionDays":-1,"keyArn":"k"}],"keys":[""]}`)
	assert.EqualError(t, err, `registerParameter: got ""; give the name of an SSM parameter, starting with /
owner: is required
stateParameter: got "s"; give the name of an SSM parameter, starting with /
topicArn: got ""; give an ARN
handlerRoleArn: got ""; give an ARN
healsPerHour: got 61; give 0 (never) to 60
buckets[0].name: is required
buckets[0].mode: got "NONE"; give COMPLIANCE or GOVERNANCE
buckets[0].days: got 0; give 1 or more
trailArn: got "t"; give an ARN
logGroups[0].name: is required
logGroups[0].retentionDays: got -1; give 0 (for ever) or more
logGroups[0].keyArn: got "k"; give an ARN
keys[0]: got ""; give an ARN`)
}

func TestSettingsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                         "not the JSON text of guard.Settings: EOF",
		`null`:                     "registerParameter",
		`{"trail":"a"}`:            `unknown field "trail"`,
		`{} {}`:                    "text follows the JSON object",
		`{"healsPerHour":"often"}`: "cannot unmarshal string",
		`{"registerParameter":"/a","owner":"o","stateParameter":"/a","topicArn":"arn:","handlerRoleArn":"arn:"}`: "give the guard a parameter of its own",
	} {
		_, err := ParseSettings(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func FuzzParseSettings(f *testing.F) {
	text, err := json.Marshal(complete())
	require.NoError(f, err)
	f.Add(string(text))
	f.Add(`{"keys":["arn:"],"buckets":[{}]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := ParseSettings(text)
		if err != nil {
			assert.Zero(t, settings)
			return
		}
		assert.Empty(t, settings.problems())
		again, err := json.Marshal(settings)
		require.NoError(t, err)
		same, err := ParseSettings(string(again))
		require.NoError(t, err)
		assert.Equal(t, normal(settings), normal(same))
	})
}

// normal does not tell lists that are empty from those that are missing.
func normal(s Settings) Settings {
	if len(s.Buckets) == 0 {
		s.Buckets = nil
	}
	if len(s.LogGroups) == 0 {
		s.LogGroups = nil
	}
	if len(s.Keys) == 0 {
		s.Keys = nil
	}
	return s
}
