package awsclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

type parametersClient struct{ ssm *ssm.Client }

// NewParameters returns a client of SSM parameters.
func NewParameters(config aws.Config) register.Parameters {
	return parametersClient{ssm.NewFromConfig(config)}
}

func (c parametersClient) GetParameter(ctx context.Context, name string) (register.Parameter, error) {
	output, err := c.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name)})
	if err != nil {
		return register.Parameter{}, parameterError(err)
	}
	if output.Parameter == nil {
		return register.Parameter{}, fmt.Errorf("SSM answered without parameter %s", name)
	}
	return register.Parameter{Value: aws.ToString(output.Parameter.Value), Version: output.Parameter.Version}, nil
}

func (c parametersClient) PutParameter(ctx context.Context, name, value string, overwrite bool) (int64, error) {
	output, err := c.ssm.PutParameter(ctx, &ssm.PutParameterInput{
		Name:        aws.String(name),
		Value:       aws.String(value),
		Type:        ssmtypes.ParameterTypeString,
		Description: aws.String("Kept by the Bedrock paper trail: who owns the model invocation logging configuration"),
		Overwrite:   aws.Bool(overwrite),
	})
	if err != nil {
		return 0, parameterError(err)
	}
	return output.Version, nil
}

func (c parametersClient) DeleteParameter(ctx context.Context, name string) error {
	_, err := c.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(name)})
	return parameterError(err)
}

func parameterError(err error) error {
	if _, ok := errors.AsType[*ssmtypes.ParameterNotFound](err); ok {
		return register.ErrParameterNotFound
	}
	if _, ok := errors.AsType[*ssmtypes.ParameterAlreadyExists](err); ok {
		return register.ErrParameterAlreadyExists
	}
	return err
}
