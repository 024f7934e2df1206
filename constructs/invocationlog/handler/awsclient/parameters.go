package awsclient

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/register"
)

type parametersClient struct{ caller }

// NewParameters returns a client of SSM parameters.
func NewParameters(config aws.Config) register.Parameters {
	return parametersClient{newCaller(config)}
}

func (c parametersClient) GetParameter(ctx context.Context, name string) (register.Parameter, error) {
	var output struct {
		Parameter *struct {
			Value   string
			Version int64
		}
	}
	if err := c.ssm(ctx, "GetParameter", map[string]any{"Name": name}, &output); err != nil {
		return register.Parameter{}, err
	}
	if output.Parameter == nil {
		return register.Parameter{}, fmt.Errorf("SSM answered without parameter %s", name)
	}
	return register.Parameter{Value: output.Parameter.Value, Version: output.Parameter.Version}, nil
}

func (c parametersClient) PutParameter(ctx context.Context, name, value string, overwrite bool) (int64, error) {
	var output struct{ Version int64 }
	err := c.ssm(ctx, "PutParameter", map[string]any{
		"Name": name, "Value": value, "Type": "String", "Overwrite": overwrite,
		"Description": "Kept by the Bedrock paper trail: who owns the model invocation logging configuration",
	}, &output)
	return output.Version, err
}

func (c parametersClient) DeleteParameter(ctx context.Context, name string) error {
	return c.ssm(ctx, "DeleteParameter", map[string]any{"Name": name}, &struct{}{})
}

func (c parametersClient) ssm(ctx context.Context, operation string, input, output any) error {
	err := c.callJSON(ctx, "ssm", "AmazonSSM."+operation, input, output)
	switch {
	case isCode(err, "ParameterNotFound"):
		return register.ErrParameterNotFound
	case isCode(err, "ParameterAlreadyExists"):
		return register.ErrParameterAlreadyExists
	}
	return err
}
