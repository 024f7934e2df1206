package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/retry"
)

// propagationBudget is how long Put waits for a new role or policy to be seen
// everywhere. IAM takes up to a minute.
const propagationBudget = 2 * time.Minute

// patient is a [Client] that repeats calls which may succeed later: throttled
// ones, failures of the service or the connection, and a Put that a permission
// has not reached yet. Everything else fails at once.
type patient struct {
	client Client
}

func (p patient) GetModelInvocationLoggingConfiguration(ctx context.Context) (config *LoggingConfig, err error) {
	err = retry.Do(ctx, isTransient, func(ctx context.Context) error {
		config, err = p.client.GetModelInvocationLoggingConfiguration(ctx)
		return err
	})
	return config.orNone(), named("reading the model invocation logging configuration", err)
}

func (p patient) PutModelInvocationLoggingConfiguration(ctx context.Context, config LoggingConfig) error {
	start := time.Now()
	again := func(err error) bool {
		return isTransient(err) || isPropagation(err) && time.Since(start) < propagationBudget
	}
	err := retry.Do(ctx, again, func(ctx context.Context) error {
		return p.client.PutModelInvocationLoggingConfiguration(ctx, config)
	})
	if isPropagation(err) {
		err = fmt.Errorf("%w (for %s; check that the log group and the buckets exist in this account and Region, that the role trusts bedrock.amazonaws.com and may write to the log group's stream aws/bedrock/modelinvocations, and that bucket and key policies let bedrock.amazonaws.com in)",
			err, time.Since(start).Round(time.Second))
	}
	return named("writing the model invocation logging configuration", err)
}

func (p patient) DeleteModelInvocationLoggingConfiguration(ctx context.Context) error {
	err := retry.Do(ctx, isTransient, p.client.DeleteModelInvocationLoggingConfiguration)
	return named("deleting the model invocation logging configuration", err)
}

func (p patient) GetParameter(ctx context.Context, name string) (value string, err error) {
	err = retry.Do(ctx, isTransient, func(ctx context.Context) error {
		value, err = p.client.GetParameter(ctx, name)
		return err
	})
	return value, named("reading SSM parameter "+name, err)
}

func (p patient) PutParameter(ctx context.Context, name, value string, overwrite bool) error {
	err := retry.Do(ctx, isTransient, func(ctx context.Context) error {
		return p.client.PutParameter(ctx, name, value, overwrite)
	})
	return named("writing SSM parameter "+name, err)
}

func (p patient) DeleteParameter(ctx context.Context, name string) error {
	err := retry.Do(ctx, isTransient, func(ctx context.Context) error {
		return p.client.DeleteParameter(ctx, name)
	})
	return named("deleting SSM parameter "+name, err)
}

func named(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// transient is the SDK's judgement plus TooManyUpdates, with which SSM refuses a
// write beside another one to the same parameter.
var transient = append(awsretry.IsErrorRetryables{
	awsretry.RetryableErrorCode{Codes: map[string]struct{}{"TooManyUpdates": {}}},
}, awsretry.DefaultRetryables...)

func isTransient(err error) bool {
	if transient.IsErrorRetryable(err).Bool() {
		return true
	}
	failed, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	return ok && (failed.HTTPStatusCode() == 429 || failed.HTTPStatusCode() >= 500)
}

// isPropagation recognises Bedrock's refusal of a destination it cannot write
// to. A role or policy made seconds ago causes it as much as a wrong one.
func isPropagation(err error) bool {
	failed, ok := errors.AsType[smithy.APIError](err)
	return ok && failed.ErrorCode() == "ValidationException" &&
		(strings.Contains(failed.ErrorMessage(), "Failed to validate permissions for log group") ||
			strings.Contains(failed.ErrorMessage(), "Failed to validate permissions for bucket"))
}
