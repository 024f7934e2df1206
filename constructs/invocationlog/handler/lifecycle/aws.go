package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// attemptTimeout bounds one call. Put tries out the destinations before it
// answers, which takes seconds.
const attemptTimeout = 30 * time.Second

// awsClient is a [Client] on the AWS SDK.
type awsClient struct {
	bedrock *bedrock.Client
	ssm     *ssm.Client
}

// NewClient returns a client that takes Region, credentials and an optional
// AWS_ENDPOINT_URL from the variables which Lambda sets. The SDK's own loader
// would look for credentials in many more places, at a cost in size and start-up
// time that buys nothing inside Lambda. Calls are not repeated: that is the
// lifecycle's decision.
func NewClient(getenv func(string) string) Client {
	config := aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			credentials := aws.Credentials{
				AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken:    getenv("AWS_SESSION_TOKEN"),
				Source:          "environment",
			}
			if !credentials.HasKeys() {
				return aws.Credentials{}, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; Lambda sets them")
			}
			return credentials, nil
		}),
		HTTPClient: awshttp.NewBuildableClient().WithTimeout(attemptTimeout),
		Retryer:    func() aws.Retryer { return aws.NopRetryer{} },
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		config.BaseEndpoint = aws.String(endpoint)
	}
	return awsClient{bedrock: bedrock.NewFromConfig(config), ssm: ssm.NewFromConfig(config)}
}

func (c awsClient) GetModelInvocationLoggingConfiguration(ctx context.Context) (*LoggingConfig, error) {
	output, err := c.bedrock.GetModelInvocationLoggingConfiguration(ctx, &bedrock.GetModelInvocationLoggingConfigurationInput{})
	if err != nil {
		return nil, err
	}
	return fromAPI(output.LoggingConfig), nil
}

func (c awsClient) PutModelInvocationLoggingConfiguration(ctx context.Context, config LoggingConfig) error {
	_, err := c.bedrock.PutModelInvocationLoggingConfiguration(ctx, &bedrock.PutModelInvocationLoggingConfigurationInput{
		LoggingConfig: toAPI(config),
	})
	return err
}

func (c awsClient) DeleteModelInvocationLoggingConfiguration(ctx context.Context) error {
	_, err := c.bedrock.DeleteModelInvocationLoggingConfiguration(ctx, &bedrock.DeleteModelInvocationLoggingConfigurationInput{})
	return err
}

func (c awsClient) GetParameter(ctx context.Context, name string) (string, error) {
	output, err := c.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name)})
	if err != nil {
		return "", parameterError(err)
	}
	if output.Parameter == nil {
		return "", fmt.Errorf("SSM answered without parameter %s", name)
	}
	return aws.ToString(output.Parameter.Value), nil
}

func (c awsClient) PutParameter(ctx context.Context, name, value string, overwrite bool) error {
	_, err := c.ssm.PutParameter(ctx, &ssm.PutParameterInput{
		Name:        aws.String(name),
		Value:       aws.String(value),
		Type:        ssmtypes.ParameterTypeString,
		Description: aws.String("The model invocation logging configuration to restore when the paper trail's is deleted"),
		Overwrite:   aws.Bool(overwrite),
	})
	return parameterError(err)
}

func (c awsClient) DeleteParameter(ctx context.Context, name string) error {
	_, err := c.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(name)})
	return parameterError(err)
}

func parameterError(err error) error {
	if _, ok := errors.AsType[*ssmtypes.ParameterNotFound](err); ok {
		return ErrParameterNotFound
	}
	if _, ok := errors.AsType[*ssmtypes.ParameterAlreadyExists](err); ok {
		return ErrParameterAlreadyExists
	}
	return err
}

func toAPI(c LoggingConfig) *bedrocktypes.LoggingConfig {
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

func bucketToAPI(c *S3Config) *bedrocktypes.S3Config {
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
func fromAPI(api *bedrocktypes.LoggingConfig) *LoggingConfig {
	if api == nil {
		return nil
	}
	c := &LoggingConfig{
		S3Config:                     bucketFromAPI(api.S3Config),
		TextDataDeliveryEnabled:      api.TextDataDeliveryEnabled,
		ImageDataDeliveryEnabled:     api.ImageDataDeliveryEnabled,
		EmbeddingDataDeliveryEnabled: api.EmbeddingDataDeliveryEnabled,
		VideoDataDeliveryEnabled:     api.VideoDataDeliveryEnabled,
		AudioDataDeliveryEnabled:     api.AudioDataDeliveryEnabled,
	}
	if cloudWatch := api.CloudWatchConfig; cloudWatch != nil && aws.ToString(cloudWatch.LogGroupName) != "" {
		c.CloudWatchConfig = &CloudWatchConfig{
			LogGroupName:              aws.ToString(cloudWatch.LogGroupName),
			RoleArn:                   aws.ToString(cloudWatch.RoleArn),
			LargeDataDeliveryS3Config: bucketFromAPI(cloudWatch.LargeDataDeliveryS3Config),
		}
	}
	return c.orNone()
}

func bucketFromAPI(api *bedrocktypes.S3Config) *S3Config {
	if api == nil || aws.ToString(api.BucketName) == "" {
		return nil
	}
	return &S3Config{BucketName: aws.ToString(api.BucketName), KeyPrefix: aws.ToString(api.KeyPrefix)}
}
