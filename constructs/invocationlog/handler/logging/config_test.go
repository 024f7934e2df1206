package logging

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const complete = `{
	"cloudWatchConfig": {"logGroupName": "g", "roleArn": "r", "largeDataDeliveryS3Config": {"bucketName": "l", "keyPrefix": "p"}},
	"s3Config": {"bucketName": "b", "keyPrefix": "q"},
	"textDataDeliveryEnabled": true, "imageDataDeliveryEnabled": false, "embeddingDataDeliveryEnabled": true,
	"videoDataDeliveryEnabled": true, "audioDataDeliveryEnabled": false
}`

func TestParsesACompleteConfiguration(t *testing.T) {
	t.Parallel()
	c, err := Parse(complete)
	require.NoError(t, err)
	var got []string
	for _, f := range c.fields() {
		got = append(got, f.path+"="+f.value)
	}
	assert.Equal(t, []string{
		`cloudWatchConfig.logGroupName="g"`, `cloudWatchConfig.roleArn="r"`,
		`cloudWatchConfig.largeDataDeliveryS3Config.bucketName="l"`, `cloudWatchConfig.largeDataDeliveryS3Config.keyPrefix="p"`,
		`s3Config.bucketName="b"`, `s3Config.keyPrefix="q"`,
		`textDataDeliveryEnabled=true`, `imageDataDeliveryEnabled=false`, `embeddingDataDeliveryEnabled=true`,
		`videoDataDeliveryEnabled=true`, `audioDataDeliveryEnabled=false`,
	}, got)
}

func TestRefusesAnIncompleteOrUnknownConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":        {"", []string{"EOF"}},
		"no JSON":        {"{", []string{"unexpected EOF"}},
		"two objects":    {complete + "{}", []string{"text follows"}},
		"unknown member": {strings.Replace(complete, "s3Config", "s3Bucket", 1), []string{`unknown field "s3Bucket"`}},
		"text for a flag": {strings.Replace(complete, "false", `"false"`, 1),
			[]string{"cannot unmarshal string"}},
		"all members missing": {`{"cloudWatchConfig":{"largeDataDeliveryS3Config":{}},"s3Config":{}}`, []string{
			"cloudWatchConfig.logGroupName is required", "cloudWatchConfig.roleArn is required",
			"cloudWatchConfig.largeDataDeliveryS3Config.bucketName is required", "s3Config.bucketName is required",
			"textDataDeliveryEnabled is required", "imageDataDeliveryEnabled is required", "embeddingDataDeliveryEnabled is required",
			"videoDataDeliveryEnabled is required", "audioDataDeliveryEnabled is required",
		}},
		"no destination": {`{}`, []string{"no destination"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(test.text)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	on, off := true, false
	bucket := func(change func(*Config)) *Config {
		c := &Config{S3Config: &S3Config{BucketName: "b"}}
		change(c)
		return c
	}
	plain := bucket(func(*Config) {})
	for name, test := range map[string]struct {
		live, wanted *Config
		want         string
	}{
		"none and none":       {nil, nil, ""},
		"none and empty":      {nil, &Config{}, ""},
		"none and only flags": {nil, &Config{TextDataDeliveryEnabled: &on}, ""},
		"none, wanted one":    {nil, plain, "live: nothing is configured"},
		"one, wanted none":    {plain, nil, "live: a configuration, wanted none"},
		"absent flag is on":   {plain, bucket(func(c *Config) { c.AudioDataDeliveryEnabled = &on }), ""},
		"absent flag, off":    {plain, bucket(func(c *Config) { c.AudioDataDeliveryEnabled = &off }), "audioDataDeliveryEnabled: live true, wanted false"},
		"empty object":        {plain, bucket(func(c *Config) { c.CloudWatchConfig = &CloudWatchConfig{LargeDataDeliveryS3Config: &S3Config{}} }), ""},
		"two differences at once": {plain, bucket(func(c *Config) {
			c.S3Config = &S3Config{BucketName: "other", KeyPrefix: "p"}
		}), `s3Config.bucketName: live "b", wanted "other"; s3Config.keyPrefix: live none, wanted "p"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, Difference(test.live, test.wanted))
			assert.Equal(t, test.want == "", test.live.Fingerprint() == test.wanted.Fingerprint(), "fingerprints tell the same")
		})
	}
}
