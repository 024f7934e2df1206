package logging

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Config is where and what Amazon Bedrock logs, with the member names of
// the API type LoggingConfig (Amazon Bedrock API reference).
type Config struct {
	// CloudWatchConfig is the log group. Default: no delivery to CloudWatch
	// Logs.
	CloudWatchConfig *CloudWatchConfig `json:"cloudWatchConfig,omitempty"`
	// S3Config is the bucket. Default: no delivery to S3.
	S3Config *S3Config `json:"s3Config,omitempty"`
	// TextDataDeliveryEnabled keeps text bodies. Default of AWS: on.
	TextDataDeliveryEnabled *bool `json:"textDataDeliveryEnabled,omitempty"`
	// ImageDataDeliveryEnabled keeps image bodies. Default of AWS: on.
	ImageDataDeliveryEnabled *bool `json:"imageDataDeliveryEnabled,omitempty"`
	// EmbeddingDataDeliveryEnabled keeps embeddings. Default of AWS: on.
	EmbeddingDataDeliveryEnabled *bool `json:"embeddingDataDeliveryEnabled,omitempty"`
	// VideoDataDeliveryEnabled keeps video bodies. Default of AWS: on.
	VideoDataDeliveryEnabled *bool `json:"videoDataDeliveryEnabled,omitempty"`
	// AudioDataDeliveryEnabled keeps audio bodies. Default of AWS: on.
	AudioDataDeliveryEnabled *bool `json:"audioDataDeliveryEnabled,omitempty"`
}

// CloudWatchConfig is delivery to CloudWatch Logs.
type CloudWatchConfig struct {
	// LogGroupName is required.
	LogGroupName string `json:"logGroupName"`
	// RoleArn is the role that Bedrock assumes to write. Required.
	RoleArn string `json:"roleArn"`
	// LargeDataDeliveryS3Config is where bodies over 100 KB go. Default:
	// nowhere, they are lost.
	LargeDataDeliveryS3Config *S3Config `json:"largeDataDeliveryS3Config,omitempty"`
}

// S3Config is delivery to a bucket.
type S3Config struct {
	// BucketName is required.
	BucketName string `json:"bucketName"`
	// KeyPrefix precedes AWSLogs/ in each key. Default: none.
	KeyPrefix string `json:"keyPrefix,omitempty"`
}

// Parse reads the JSON text of a complete configuration and reports every problem
// in it. All five flags are required because those left out would be on.
func Parse(text string) (Config, error) {
	var c Config
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Config{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Config{}, errors.New("text follows the JSON object")
	}
	var problems []error
	for _, f := range c.fields() {
		if f.flag && f.value == absent {
			problems = append(problems, fmt.Errorf("%s is required; set it to true or false", f.path))
		}
	}
	require := func(path, value string) {
		if value == "" {
			problems = append(problems, fmt.Errorf("%s is required", path))
		}
	}
	if c.CloudWatchConfig != nil {
		require("cloudWatchConfig.logGroupName", c.CloudWatchConfig.LogGroupName)
		require("cloudWatchConfig.roleArn", c.CloudWatchConfig.RoleArn)
		if large := c.CloudWatchConfig.LargeDataDeliveryS3Config; large != nil {
			require("cloudWatchConfig.largeDataDeliveryS3Config.bucketName", large.BucketName)
		}
	}
	if c.S3Config != nil {
		require("s3Config.bucketName", c.S3Config.BucketName)
	}
	if c.CloudWatchConfig == nil && c.S3Config == nil {
		problems = append(problems, errors.New("no destination; set cloudWatchConfig, s3Config or both"))
	}
	return c, errors.Join(problems...)
}

// absent stands for a member without value.
const absent = "none"

// field is one member of a configuration, by its path in the API.
type field struct {
	path  string
	value string
	flag  bool
}

// fields lists every member in the order of the API. Empty texts and empty
// objects count as absent.
func (c *Config) fields() []field {
	if c == nil {
		c = &Config{}
	}
	cloudWatch, s3, large := CloudWatchConfig{}, S3Config{}, S3Config{}
	if c.CloudWatchConfig != nil {
		cloudWatch = *c.CloudWatchConfig
	}
	if cloudWatch.LargeDataDeliveryS3Config != nil {
		large = *cloudWatch.LargeDataDeliveryS3Config
	}
	if c.S3Config != nil {
		s3 = *c.S3Config
	}
	text := func(path, value string) field {
		if value == "" {
			return field{path: path, value: absent}
		}
		return field{path: path, value: strconv.Quote(value)}
	}
	flag := func(path string, value *bool) field {
		if value == nil {
			return field{path: path, value: absent, flag: true}
		}
		return field{path: path, value: strconv.FormatBool(*value), flag: true}
	}
	return []field{
		text("cloudWatchConfig.logGroupName", cloudWatch.LogGroupName),
		text("cloudWatchConfig.roleArn", cloudWatch.RoleArn),
		text("cloudWatchConfig.largeDataDeliveryS3Config.bucketName", large.BucketName),
		text("cloudWatchConfig.largeDataDeliveryS3Config.keyPrefix", large.KeyPrefix),
		text("s3Config.bucketName", s3.BucketName),
		text("s3Config.keyPrefix", s3.KeyPrefix),
		flag("textDataDeliveryEnabled", c.TextDataDeliveryEnabled),
		flag("imageDataDeliveryEnabled", c.ImageDataDeliveryEnabled),
		flag("embeddingDataDeliveryEnabled", c.EmbeddingDataDeliveryEnabled),
		flag("videoDataDeliveryEnabled", c.VideoDataDeliveryEnabled),
		flag("audioDataDeliveryEnabled", c.AudioDataDeliveryEnabled),
	}
}

// OrNone returns nil for a configuration without destination: it logs nothing.
// Some answers to Get are such an empty object where nothing is configured.
func (c *Config) OrNone() *Config {
	for _, f := range c.fields() {
		if !f.flag && f.value != absent {
			return c
		}
	}
	return nil
}

// Difference lists the members in which live and wanted disagree, nil meaning
// that nothing is configured. It is empty when both have the same effect: a flag
// left out is on.
func Difference(live, wanted *Config) string {
	live, wanted = live.OrNone(), wanted.OrNone()
	if live == nil && wanted == nil {
		return ""
	}
	if live == nil {
		return "live: nothing is configured"
	}
	if wanted == nil {
		return "live: a configuration, wanted none"
	}
	var lines []string
	wantedFields := wanted.fields()
	for i, l := range live.fields() {
		w := wantedFields[i]
		if l.effect() != w.effect() {
			lines = append(lines, fmt.Sprintf("%s: live %s, wanted %s", l.path, l.effect(), w.effect()))
		}
	}
	return strings.Join(lines, "; ")
}

// Fingerprint tells configurations of different effect apart: two have no
// [Difference] when theirs are the same. It is empty where nothing is configured.
func (c *Config) Fingerprint() string {
	if c.OrNone() == nil {
		return ""
	}
	hash := sha256.New()
	for _, f := range c.fields() {
		// Texts are quoted, so no value runs into the next.
		fmt.Fprintln(hash, f.effect())
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

func (f field) effect() string {
	if f.flag && f.value == absent {
		return "true"
	}
	return f.value
}

// SameDestinations tells whether both log to the same log group with the same
// role, and to the same buckets below the same prefixes, with whatever flags.
func SameDestinations(a, b *Config) bool {
	places := func(c *Config) [6]string {
		var p [6]string
		if c == nil {
			return p
		}
		if c.CloudWatchConfig != nil {
			p[0], p[1] = c.CloudWatchConfig.LogGroupName, c.CloudWatchConfig.RoleArn
			if large := c.CloudWatchConfig.LargeDataDeliveryS3Config; large != nil {
				p[2], p[3] = large.BucketName, large.KeyPrefix
			}
		}
		if c.S3Config != nil {
			p[4], p[5] = c.S3Config.BucketName, c.S3Config.KeyPrefix
		}
		return p
	}
	return places(a) == places(b)
}
