package logging

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

// Patient returns a client that repeats the calls of client which may succeed
// later: throttled ones, failures of the service or the connection, and a Put
// that a permission has not reached yet. Everything else fails at once.
func Patient(client Client) Client { return patient{client} }

type patient struct {
	client Client
}

func (p patient) GetModelInvocationLoggingConfiguration(ctx context.Context) (config *Config, err error) {
	err = retry.Do(ctx, IsTransient, func(ctx context.Context) error {
		config, err = p.client.GetModelInvocationLoggingConfiguration(ctx)
		return err
	})
	return config.OrNone(), named("reading the model invocation logging configuration", err)
}

func (p patient) PutModelInvocationLoggingConfiguration(ctx context.Context, config Config) error {
	return p.write(ctx, &config, nil)
}

func (p patient) DeleteModelInvocationLoggingConfiguration(ctx context.Context) error {
	return p.write(ctx, nil, nil)
}

// ErrChanged means that somebody else changed the configuration.
var ErrChanged = errors.New("somebody changed the logging configuration while this request was at work, and it is left alone")

// Replace makes wanted the live configuration instead of before; nil stands for
// none. It looks before each attempt, as late as can be, since whoever overwrites
// the configuration asks nobody: it fails with ErrChanged, and writes nothing,
// where neither before nor wanted is live. client comes from Patient.
func Replace(ctx context.Context, client Client, before, wanted *Config) error {
	p := client.(patient)
	return p.write(ctx, wanted, func(ctx context.Context) error {
		live, err := p.client.GetModelInvocationLoggingConfiguration(ctx)
		if err != nil {
			return named("reading the model invocation logging configuration", err)
		}
		if found := Difference(live, before); found != "" && Difference(live, wanted) != "" {
			return fmt.Errorf("%w: %s. Try again", ErrChanged, found)
		}
		return nil
	})
}

// write makes wanted live, none where it is nil, after look agrees. It repeats
// both, and remembers attempts without an answer.
func (p patient) write(ctx context.Context, wanted *Config, look func(context.Context) error) error {
	start, unsure := time.Now(), false
	again := func(err error) bool {
		return IsTransient(err) || isPropagation(err) && time.Since(start) < propagationBudget
	}
	err := retry.Do(ctx, again, func(ctx context.Context) error {
		if look != nil {
			if err := look(ctx); err != nil {
				return err
			}
		}
		err := p.put(ctx, wanted)
		unsure = unsure || err != nil && !isAnswer(err)
		return err
	})
	if isPropagation(err) {
		err = fmt.Errorf("%w (for %s; check that the log group and the buckets exist in this account and Region, that the role trusts bedrock.amazonaws.com and may write to the log group's stream aws/bedrock/modelinvocations, and that bucket and key policies let bedrock.amazonaws.com in)",
			err, time.Since(start).Round(time.Second))
	}
	if err != nil && unsure {
		return &unsureError{err}
	}
	return err
}

func (p patient) put(ctx context.Context, wanted *Config) error {
	if wanted == nil {
		return named("deleting the model invocation logging configuration", p.client.DeleteModelInvocationLoggingConfiguration(ctx))
	}
	return named("writing the model invocation logging configuration", p.client.PutModelInvocationLoggingConfiguration(ctx, *wanted))
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

// IsTransient tells whether a call that failed with err may succeed when it is
// repeated.
func IsTransient(err error) bool {
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

// IsUnsure tells whether the configuration may have been changed although the
// call failed with err: at least one attempt got no answer.
func IsUnsure(err error) bool {
	_, unsure := errors.AsType[*unsureError](err)
	return unsure
}

// isAnswer tells an answer of AWS that blames the caller, throttling included,
// from a failure of the service or the connection.
func isAnswer(err error) bool {
	failed, ok := errors.AsType[smithy.APIError](err)
	if !ok || failed.ErrorFault() == smithy.FaultServer {
		return false
	}
	status, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	return !ok || status.HTTPStatusCode() < 500
}

// unsureError is a failure after an attempt of which nobody knows whether it was
// done.
type unsureError struct{ error }

func (e *unsureError) Unwrap() error { return e.error }
