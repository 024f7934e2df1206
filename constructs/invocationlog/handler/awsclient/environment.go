package awsclient

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// attemptTimeout bounds one call. Put tries out the destinations before it
// answers, which takes seconds.
const attemptTimeout = 30 * time.Second

// FromEnvironment returns the settings of clients: Region, credentials and an
// optional AWS_ENDPOINT_URL are taken from the variables which Lambda sets. The SDK's own loader
// would look for credentials in many more places, at a cost in size and start-up
// time that buys nothing inside Lambda. Calls are not repeated: that is the
// caller's decision.
func FromEnvironment(getenv func(string) string) aws.Config {
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
	return config
}
