package invocationlog

import (
	"context"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// FunctionProps configures a Lambda function of this package.
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

// function is a Lambda function of this package that is still to be made.
type function struct {
	description string
	// handler tells the compiled code which of its parts to run.
	handler        string
	timeoutSeconds float64
	environment    map[string]*string
	// key encrypts the log group; nil leaves that to CloudWatch Logs.
	key     auditstore.AuditKey
	removal awscdk.RemovalPolicy
	// may is all that it is allowed to do besides writing its own logs.
	may []policies.Statement
}

// madeFunction is a Lambda function with what belongs to it.
type madeFunction struct {
	function awslambda.CfnFunction
	role     awsiam.Role
	logs     awslogs.LogGroup
}

// in makes the function. It is the plain resource: the CDK's own construct
// loads a table of all Regions, which costs a synthesis more than the rest of
// this package.
func (f function) in(scope constructs.Construct, props *FunctionProps) madeFunction {
	p := FunctionProps{}
	if props != nil {
		p = *props
	}
	if p.Architecture == nil {
		p.Architecture = awslambda.Architecture_ARM_64()
	}
	var code *awslambda.CfnFunction_CodeProperty
	if p.Code != nil {
		code = given(scope, p.Code)
	} else {
		code = compiled(scope, gofunction.Architecture(*p.Architecture.Name()))
	}
	made := madeFunction{logs: f.newLogGroup(scope)}
	may := append(f.may, policies.Statement{
		Sid:       "WriteOwnLogs",
		Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []*string{made.logs.LogGroupArn()},
	})
	if f.key != nil {
		may = append(may, policies.At(scope).UseKeyThroughLogs("UseLogGroupKey", f.key.Key().KeyArn()))
	}
	made.role = awsiam.NewRole(scope, jsii.String("FunctionRole"), &awsiam.RoleProps{
		Description:    jsii.String(f.description),
		AssumedBy:      awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"Function": policies.Document(may...)},
	})
	var environment *awslambda.CfnFunction_EnvironmentProperty
	if f.environment != nil {
		environment = &awslambda.CfnFunction_EnvironmentProperty{Variables: &f.environment}
	}
	made.function = awslambda.NewCfnFunction(scope, jsii.String("Function"), &awslambda.CfnFunctionProps{
		Description:   jsii.String(f.description),
		Runtime:       jsii.String("provided.al2023"),
		Architectures: &[]*string{p.Architecture.Name()},
		Handler:       jsii.String(f.handler),
		Code:          code,
		MemorySize:    jsii.Number(256),
		Timeout:       jsii.Number(f.timeoutSeconds),
		Environment:   environment,
		LoggingConfig: &awslambda.CfnFunction_LoggingConfigProperty{
			LogFormat: jsii.String("JSON"),
			LogGroup:  made.logs.LogGroupName(),
		},
		Role: made.role.RoleArn(),
	})
	return made
}

// newLogGroup makes the function's log group. It shows what this project did to
// the configuration and saw of it, and is kept as long as the records.
func (f function) newLogGroup(scope constructs.Construct) awslogs.LogGroup {
	props := &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_SEVEN_YEARS,
		RemovalPolicy: f.removal,
	}
	if f.key != nil {
		// CloudFormation names the group after the stack, so this covers it
		// without naming it, which would be a circle.
		f.key.AllowCloudWatchLogs(jsii.String(policies.At(scope).StackName + "-*"))
		props.EncryptionKey = f.key.Key()
	}
	return awslogs.NewLogGroup(scope, jsii.String("FunctionLogs"), props)
}

// newFunction makes the function behind the custom resource.
func (l *invocationLogging) newFunction(p InvocationLoggingProps, parameter string) madeFunction {
	return function{
		description:    "Owns the Bedrock model-invocation logging configuration of this account and Region",
		handler:        "bootstrap",
		timeoutSeconds: functionTimeoutMinutes * 60,
		key:            p.key(),
		removal:        p.RemovalPolicy,
		may:            l.functionMay(p, parameter),
	}.in(l, p.Function)
}

// functionMay lists all that the function is allowed to do. Not among it are
// s3:GetBucketPolicy and s3:PutBucketPolicy: with them Bedrock attaches a
// bucket policy of its own, over the one declared here.
func (l *invocationLogging) functionMay(p InvocationLoggingProps, parameter string) []policies.Statement {
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
			Sid:     "TakeTurnsAndRemember",
			Actions: []string{"ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter"},
			Resources: []*string{
				l.place.Arn("ssm", "parameter"+parameter),
				l.place.Arn("ssm", "parameter"+lockParameter),
			},
		},
	}
	var roles []*string
	if l.role != nil {
		roles = append(roles, l.role.RoleArn())
	}
	if p.AdoptedRoleArn != nil {
		roles = append(roles, p.AdoptedRoleArn)
	}
	if len(roles) > 0 {
		may = append(may, handOver(roles...))
	}
	return may
}

// handOver lets the caller of PutModelInvocationLoggingConfiguration hand the
// roles in it to Bedrock, and to nobody else.
func handOver(roles ...*string) policies.Statement {
	return policies.Statement{
		Sid:        "HandLoggingRoleToBedrock",
		Actions:    []string{"iam:PassRole"},
		Resources:  roles,
		Conditions: map[string]map[string]any{"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}},
	}
}

// given is the code that the user brought.
func given(scope constructs.Construct, code awslambda.Code) *awslambda.CfnFunction_CodeProperty {
	bound := code.Bind(scope)
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
func compiled(scope constructs.Construct, arch gofunction.Architecture) *awslambda.CfnFunction_CodeProperty {
	hash, err := handler.Source().Hash(arch)
	if err != nil {
		misuse.Panicf(pkg, "%v", err)
	}
	dir, err := handler.Source().Build(context.Background(), arch)
	if err != nil {
		misuse.Panicf(pkg, "%v", err)
	}
	stack := awscdk.Stack_Of(scope)
	staged := awscdk.NewAssetStaging(scope, jsii.String("FunctionCode"), &awscdk.AssetStagingProps{
		SourcePath:    jsii.String(filepath.Join(dir, gofunction.Archive)),
		AssetHash:     &hash,
		AssetHashType: awscdk.AssetHashType_CUSTOM,
	})
	location := stack.Synthesizer().AddFileAsset(&awscdk.FileAssetSource{
		SourceHash:  staged.AssetHash(),
		FileName:    staged.RelativeStagedPath(stack),
		Packaging:   awscdk.FileAssetPackaging_FILE,
		DisplayName: jsii.String("Function of " + *scope.Node().Path()),
	})
	return &awslambda.CfnFunction_CodeProperty{S3Bucket: location.BucketName, S3Key: location.ObjectKey}
}
