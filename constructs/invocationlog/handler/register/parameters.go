package register

import (
	"context"
	"errors"
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

// Parameters is what the register needs of SSM. Each method is the API operation
// of that name.
type Parameters interface {
	// GetParameter fails with ErrParameterNotFound where there is none.
	GetParameter(ctx context.Context, name string) (Parameter, error)
	// PutParameter returns the version it made. It fails with
	// ErrParameterAlreadyExists where there is one, unless it may overwrite it.
	PutParameter(ctx context.Context, name, value string, overwrite bool) (version int64, err error)
	// DeleteParameter fails with ErrParameterNotFound where there is none.
	DeleteParameter(ctx context.Context, name string) error
}

// Parameter is an SSM parameter.
type Parameter struct {
	Value string
	// Version counts the writes of the parameter, from 1.
	Version int64
}

var (
	// ErrParameterNotFound means that the SSM parameter does not exist.
	ErrParameterNotFound = errors.New("parameter not found")
	// ErrParameterAlreadyExists means that the SSM parameter exists.
	ErrParameterAlreadyExists = errors.New("parameter already exists")
)

// Patient returns parameters whose calls are repeated while they fail with what
// transient says may pass.
func Patient(parameters Parameters, transient func(error) bool) Parameters {
	return patient{parameters, transient}
}

type patient struct {
	parameters Parameters
	transient  func(error) bool
}

func (p patient) GetParameter(ctx context.Context, name string) (parameter Parameter, err error) {
	err = retry.Do(ctx, p.transient, func(ctx context.Context) error {
		parameter, err = p.parameters.GetParameter(ctx, name)
		return err
	})
	return parameter, named("reading SSM parameter "+name, err)
}

func (p patient) PutParameter(ctx context.Context, name, value string, overwrite bool) (version int64, err error) {
	err = retry.Do(ctx, p.transient, func(ctx context.Context) error {
		version, err = p.parameters.PutParameter(ctx, name, value, overwrite)
		return err
	})
	return version, named("writing SSM parameter "+name, err)
}

func (p patient) DeleteParameter(ctx context.Context, name string) error {
	err := retry.Do(ctx, p.transient, func(ctx context.Context) error {
		return p.parameters.DeleteParameter(ctx, name)
	})
	return named("deleting SSM parameter "+name, err)
}

func named(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
