package lifecycle

import (
	"context"
	"errors"
)

// Client is what the lifecycle needs of AWS. Each method is the API operation of
// that name.
type Client interface {
	// GetModelInvocationLoggingConfiguration returns nil where nothing is
	// configured.
	GetModelInvocationLoggingConfiguration(ctx context.Context) (*LoggingConfig, error)
	PutModelInvocationLoggingConfiguration(ctx context.Context, config LoggingConfig) error
	DeleteModelInvocationLoggingConfiguration(ctx context.Context) error

	// GetParameter fails with ErrParameterNotFound where there is none.
	GetParameter(ctx context.Context, name string) (string, error)
	// PutParameter fails with ErrParameterAlreadyExists where there is one,
	// unless it may overwrite it.
	PutParameter(ctx context.Context, name, value string, overwrite bool) error
	// DeleteParameter fails with ErrParameterNotFound where there is none.
	DeleteParameter(ctx context.Context, name string) error
}

var (
	// ErrParameterNotFound means that the SSM parameter does not exist.
	ErrParameterNotFound = errors.New("parameter not found")
	// ErrParameterAlreadyExists means that the SSM parameter exists.
	ErrParameterAlreadyExists = errors.New("parameter already exists")
)
