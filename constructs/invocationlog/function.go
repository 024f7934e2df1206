package invocationlog

import (
	"context"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// FunctionProps configures the Lambda function behind the custom resource.
type FunctionProps struct {
	// Code is a prebuilt function: a file "bootstrap" for provided.al2023 and
	// Architecture. Default: compiled at synthesis from the source in this
	// library with the go command on PATH; the result is kept in the user's
	// cache folder.
	Code awslambda.Code
	// Architecture is the instruction set. Default: arm64.
	Architecture awslambda.Architecture
}

// Lambda runs the function again, after one minute and after two more, when an
// answer could not be delivered. CloudFormation waits for all three runs, so
// that none is left to act on a stack that has gone on without it.
const (
	functionTimeoutMinutes = 3
	serviceTimeoutMinutes  = 15
)

// newFunction makes the Lambda function. It is the plain resource: the CDK's
// own construct loads a table of all Regions, which costs a synthesis more than
// the rest of this package.
func (l *invocationLogging) newFunction(p InvocationLoggingProps, parameter string) awslambda.CfnFunction {
	f := FunctionProps{}
	if p.Function != nil {
		f = *p.Function
	}
	if f.Architecture == nil {
		f.Architecture = awslambda.Architecture_ARM_64()
	}
	var code *awslambda.CfnFunction_CodeProperty
	if f.Code != nil {
		code = l.given(f.Code)
	} else {
		code = l.compiled(gofunction.Architecture(*f.Architecture.Name()))
	}
	logs, key := l.newFunctionLogGroup(p)
	role := awsiam.NewRole(l, jsii.String("FunctionRole"), &awsiam.RoleProps{
		Description: jsii.String("Owns the Bedrock model-invocation logging configuration of this account and Region"),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Function": policies.Document(l.functionMay(p, parameter, logs, key)...),
		},
	})
	return awslambda.NewCfnFunction(l, jsii.String("Function"), &awslambda.CfnFunctionProps{
		Description:   jsii.String("Owns the Bedrock model-invocation logging configuration of this account and Region"),
		Runtime:       jsii.String("provided.al2023"),
		Architectures: &[]*string{f.Architecture.Name()},
		Handler:       jsii.String("bootstrap"),
		Code:          code,
		MemorySize:    jsii.Number(256),
		Timeout:       jsii.Number(functionTimeoutMinutes * 60),
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{
			LogFormat: jsii.String("JSON"),
			LogGroup:  logs.LogGroupName(),
		},
		Role: role.RoleArn(),
	})
}

// newFunctionLogGroup makes the function's log group, which shows every change
// of the configuration that this project made and is kept as long as the
// records. The key that encrypts it is nil where no destination has one.
func (l *invocationLogging) newFunctionLogGroup(p InvocationLoggingProps) (awslogs.LogGroup, *string) {
	props := &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_SEVEN_YEARS,
		RemovalPolicy: p.RemovalPolicy,
	}
	var keyArn *string
	if key := p.key(); key != nil {
		// CloudFormation names the group after the stack, so this covers it
		// without naming it, which would be a circle.
		key.AllowCloudWatchLogs(jsii.String(l.place.StackName + "-*"))
		props.EncryptionKey = key.Key()
		keyArn = key.Key().KeyArn()
	}
	return awslogs.NewLogGroup(l, jsii.String("FunctionLogs"), props), keyArn
}

// functionMay lists all that the function is allowed to do. Not among it are
// s3:GetBucketPolicy and s3:PutBucketPolicy: with them Bedrock attaches a
// bucket policy of its own, over the one declared here.
func (l *invocationLogging) functionMay(p InvocationLoggingProps, parameter string, logs awslogs.LogGroup, keyArn *string) []policies.Statement {
	may := []policies.Statement{
		{
			Sid: "OwnLoggingConfiguration",
			Actions: []string{
				"bedrock:DeleteModelInvocationLoggingConfiguration",
				"bedrock:GetModelInvocationLoggingConfiguration",
				"bedrock:PutModelInvocationLoggingConfiguration",
			},
			Resources: *policies.Strings("*"), // the configuration has no ARN
		},
		{
			Sid:       "RememberPreviousConfiguration",
			Actions:   []string{"ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"},
			Resources: []*string{l.place.Arn("ssm", "parameter"+parameter)},
		},
		{
			Sid:       "WriteOwnLogs",
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: []*string{logs.LogGroupArn()},
		},
	}
	if keyArn != nil {
		may = append(may, l.place.UseKeyThroughLogs("UseLogGroupKey", keyArn))
	}
	var roles []*string
	if l.role != nil {
		roles = append(roles, l.role.RoleArn())
	}
	if p.AdoptedRoleArn != nil {
		roles = append(roles, p.AdoptedRoleArn)
	}
	if len(roles) > 0 {
		may = append(may, policies.Statement{
			Sid:        "HandLoggingRoleToBedrock",
			Actions:    []string{"iam:PassRole"},
			Resources:  roles,
			Conditions: map[string]map[string]any{"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}},
		})
	}
	return may
}

// given is the code that the user brought.
func (l *invocationLogging) given(code awslambda.Code) *awslambda.CfnFunction_CodeProperty {
	bound := code.Bind(l)
	if bound.S3Location == nil {
		misuse.Panicf(pkg, "FunctionProps.Code has to be a folder or zip file with a file bootstrap, got inline code or an image; use awslambda.Code_FromAsset or Code_FromBucket")
	}
	return &awslambda.CfnFunction_CodeProperty{
		S3Bucket:        bound.S3Location.BucketName,
		S3Key:           bound.S3Location.ObjectKey,
		S3ObjectVersion: bound.S3Location.ObjectVersion,
	}
}

// compiled is the function built from the source in this library. The asset
// hash is that of the source, so templates do not change with the Go release.
func (l *invocationLogging) compiled(arch gofunction.Architecture) *awslambda.CfnFunction_CodeProperty {
	hash, err := handler.Source().Hash(arch)
	if err != nil {
		misuse.Panicf(pkg, "%v", err)
	}
	dir, err := handler.Source().Build(context.Background(), arch)
	if err != nil {
		misuse.Panicf(pkg, "%v", err)
	}
	stack := awscdk.Stack_Of(l)
	staged := awscdk.NewAssetStaging(l, jsii.String("FunctionCode"), &awscdk.AssetStagingProps{
		SourcePath:    jsii.String(filepath.Join(dir, gofunction.Archive)),
		AssetHash:     &hash,
		AssetHashType: awscdk.AssetHashType_CUSTOM,
	})
	location := stack.Synthesizer().AddFileAsset(&awscdk.FileAssetSource{
		SourceHash:  staged.AssetHash(),
		FileName:    staged.RelativeStagedPath(stack),
		Packaging:   awscdk.FileAssetPackaging_FILE,
		DisplayName: jsii.String("Function of " + *l.Node().Path()),
	})
	return &awslambda.CfnFunction_CodeProperty{S3Bucket: location.BucketName, S3Key: location.ObjectKey}
}
