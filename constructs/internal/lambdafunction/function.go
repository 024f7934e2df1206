package lambdafunction

import (
	"context"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// Props configures a Lambda function. The packages of the constructs declare the
// same fields as FunctionProps, so that their documentation has them.
type Props struct {
	// Code is a prebuilt function. Default: compiled at synthesis.
	Code awslambda.Code
	// Architecture is the instruction set. Default: arm64.
	Architecture awslambda.Architecture
}

// Function is a Lambda function that is still to be made.
type Function struct {
	// Package is that of the construct, for messages. Required.
	Package     string
	Description string
	// Handler tells the compiled code which of its parts to run.
	Handler        string
	TimeoutSeconds float64
	Environment    map[string]*string
	// Key encrypts the log group; nil leaves that to CloudWatch Logs.
	Key           auditstore.AuditKey
	RemovalPolicy awscdk.RemovalPolicy
	// May is all that it is allowed to do besides writing its own logs.
	May []policies.Statement
}

// Made is a Lambda function with what belongs to it.
type Made struct {
	Function awslambda.CfnFunction
	Role     awsiam.Role
	Logs     awslogs.LogGroup
}

// In makes the function. It is the plain resource: the CDK's own construct
// loads a table of all Regions, which costs a synthesis more than the rest of
// this package.
func (f Function) In(scope constructs.Construct, props *Props) Made {
	p := Props{}
	if props != nil {
		p = *props
	}
	if p.Architecture == nil {
		p.Architecture = awslambda.Architecture_ARM_64()
	}
	var code *awslambda.CfnFunction_CodeProperty
	if p.Code != nil {
		code = f.given(scope, p.Code)
	} else {
		code = f.compiled(scope, gofunction.Architecture(*p.Architecture.Name()))
	}
	made := Made{Logs: f.newLogGroup(scope)}
	may := append(f.May, policies.Statement{
		Sid:       "WriteOwnLogs",
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []*string{made.Logs.LogGroupArn()},
	})
	if f.Key != nil {
		may = append(may, policies.At(scope).UseKeyThroughLogs("UseLogGroupKey", f.Key.Key().KeyArn()))
	}
	made.Role = awsiam.NewRole(scope, jsii.String("FunctionRole"), &awsiam.RoleProps{
		Description:    jsii.String(f.Description),
		AssumedBy:      awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Function": policies.Document(may...)},
	})
	var environment *awslambda.CfnFunction_EnvironmentProperty
	if f.Environment != nil {
		environment = &awslambda.CfnFunction_EnvironmentProperty{Variables: &f.Environment}
	}
	made.Function = awslambda.NewCfnFunction(scope, jsii.String("Function"), &awslambda.CfnFunctionProps{
		Description:   jsii.String(f.Description),
		Runtime:       jsii.String("provided.al2023"),
		Architectures: &[]*string{p.Architecture.Name()},
		Handler:       jsii.String(f.Handler),
		Code:          code,
		MemorySize:    jsii.Number(256),
		Timeout:       jsii.Number(f.TimeoutSeconds),
		Environment:   environment,
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{
			LogFormat: jsii.String("JSON"),
			LogGroup:  made.Logs.LogGroupName(),
		},
		Role: made.Role.RoleArn(),
	})
	return made
}

// newLogGroup makes the function's log group. It shows what this project did to
// the configuration and saw of it, and is kept as long as the records.
func (f Function) newLogGroup(scope constructs.Construct) awslogs.LogGroup {
	props := &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_SEVEN_YEARS,
		RemovalPolicy: f.RemovalPolicy,
	}
	if f.Key != nil {
		// CloudFormation names the group after the stack, so this covers it
		// without naming it, which would be a circle.
		f.Key.AllowCloudWatchLogs(jsii.String(policies.At(scope).StackName + "-*"))
		props.EncryptionKey = f.Key.Key()
	}
	return awslogs.NewLogGroup(scope, jsii.String("FunctionLogs"), props)
}

// given is the code that the user brought.
func (f Function) given(scope constructs.Construct, code awslambda.Code) *awslambda.CfnFunction_CodeProperty {
	bound := code.Bind(scope)
	if bound.S3Location == nil {
		misuse.Panicf(f.Package, "FunctionProps.Code has to be a folder or zip file with a file bootstrap, got inline code or an image; use awslambda.Code_FromAsset or Code_FromBucket")
	}
	return &awslambda.CfnFunction_CodeProperty{
		S3Bucket:        bound.S3Location.BucketName,
		S3Key:           bound.S3Location.ObjectKey,
		S3ObjectVersion: bound.S3Location.ObjectVersion,
	}
}

// compiled is the function built from the source in this library. The asset
// hash is that of the source, so templates do not change with the Go release.
func (f Function) compiled(scope constructs.Construct, arch gofunction.Architecture) *awslambda.CfnFunction_CodeProperty {
	hash, err := handler.Source().Hash(arch)
	if err != nil {
		misuse.Panicf(f.Package, "%v", err)
	}
	dir, err := handler.Source().Build(context.Background(), arch)
	if err != nil {
		misuse.Panicf(f.Package, "%v", err)
	}
	asset := awss3assets.NewAsset(scope, jsii.String("FunctionCode"), &awss3assets.AssetProps{
		Path:          jsii.String(filepath.Join(dir, gofunction.Archive)),
		AssetHash:     &hash,
		AssetHashType: awscdk.AssetHashType_CUSTOM,
		DisplayName:   jsii.String("Function of " + *scope.Node().Path()),
	})
	return &awslambda.CfnFunction_CodeProperty{S3Bucket: asset.S3BucketName(), S3Key: asset.S3ObjectKey()}
}
