package awsclient

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

type loggingClient struct{ bedrock *bedrock.Client }

// NewLogging returns a client of the logging configuration.
func NewLogging(config aws.Config) logging.Client {
	return loggingClient{bedrock.NewFromConfig(config)}
}

func (c loggingClient) GetModelInvocationLoggingConfiguration(ctx context.Context) (*logging.Config, error) {
	output, err := c.bedrock.GetModelInvocationLoggingConfiguration(ctx, &bedrock.GetModelInvocationLoggingConfigurationInput{})
	if err != nil {
		return nil, err
	}
	return fromAPI(output.LoggingConfig), nil
}

func (c loggingClient) PutModelInvocationLoggingConfiguration(ctx context.Context, config logging.Config) error {
	_, err := c.bedrock.PutModelInvocationLoggingConfiguration(ctx, &bedrock.PutModelInvocationLoggingConfigurationInput{
		LoggingConfig: toAPI(config),
	})
	return err
}

func (c loggingClient) DeleteModelInvocationLoggingConfiguration(ctx context.Context) error {
	_, err := c.bedrock.DeleteModelInvocationLoggingConfiguration(ctx, &bedrock.DeleteModelInvocationLoggingConfigurationInput{})
	return err
}

func toAPI(c logging.Config) *bedrocktypes.LoggingConfig {
	api := &bedrocktypes.LoggingConfig{
		S3Config:                     bucketToAPI(c.S3Config),
		TextDataDeliveryEnabled:      c.TextDataDeliveryEnabled,
		ImageDataDeliveryEnabled:     c.ImageDataDeliveryEnabled,
		EmbeddingDataDeliveryEnabled: c.EmbeddingDataDeliveryEnabled,
		VideoDataDeliveryEnabled:     c.VideoDataDeliveryEnabled,
		AudioDataDeliveryEnabled:     c.AudioDataDeliveryEnabled,
	}
	if c.CloudWatchConfig != nil {
		api.CloudWatchConfig = &bedrocktypes.CloudWatchConfig{
			LogGroupName:              aws.String(c.CloudWatchConfig.LogGroupName),
			RoleArn:                   aws.String(c.CloudWatchConfig.RoleArn),
			LargeDataDeliveryS3Config: bucketToAPI(c.CloudWatchConfig.LargeDataDeliveryS3Config),
		}
	}
	return api
}

func bucketToAPI(c *logging.S3Config) *bedrocktypes.S3Config {
	if c == nil {
		return nil
	}
	api := &bedrocktypes.S3Config{BucketName: aws.String(c.BucketName)}
	if c.KeyPrefix != "" {
		api.KeyPrefix = aws.String(c.KeyPrefix)
	}
	return api
}

// fromAPI leaves out empty objects, which Put would not take back.
func fromAPI(api *bedrocktypes.LoggingConfig) *logging.Config {
	if api == nil {
		return nil
	}
	c := &logging.Config{
		S3Config:                     bucketFromAPI(api.S3Config),
		TextDataDeliveryEnabled:      api.TextDataDeliveryEnabled,
		ImageDataDeliveryEnabled:     api.ImageDataDeliveryEnabled,
		EmbeddingDataDeliveryEnabled: api.EmbeddingDataDeliveryEnabled,
		VideoDataDeliveryEnabled:     api.VideoDataDeliveryEnabled,
		AudioDataDeliveryEnabled:     api.AudioDataDeliveryEnabled,
	}
	if cloudWatch := api.CloudWatchConfig; cloudWatch != nil && aws.ToString(cloudWatch.LogGroupName) != "" {
		c.CloudWatchConfig = &logging.CloudWatchConfig{
			LogGroupName:              aws.ToString(cloudWatch.LogGroupName),
			RoleArn:                   aws.ToString(cloudWatch.RoleArn),
			LargeDataDeliveryS3Config: bucketFromAPI(cloudWatch.LargeDataDeliveryS3Config),
		}
	}
	return c.OrNone()
}

func bucketFromAPI(api *bedrocktypes.S3Config) *logging.S3Config {
	if api == nil || aws.ToString(api.BucketName) == "" {
		return nil
	}
	return &logging.S3Config{BucketName: aws.ToString(api.BucketName), KeyPrefix: aws.ToString(api.KeyPrefix)}
}
