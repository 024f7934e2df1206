package logging

import "context"

// Client is Amazon Bedrock's control of the configuration. Each method is the API
// operation of that name.
type Client interface {
	// GetModelInvocationLoggingConfiguration returns nil where nothing is
	// configured.
	GetModelInvocationLoggingConfiguration(ctx context.Context) (*Config, error)
	PutModelInvocationLoggingConfiguration(ctx context.Context, config Config) error
	DeleteModelInvocationLoggingConfiguration(ctx context.Context) error
}
