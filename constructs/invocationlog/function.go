package invocationlog

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"

	"github.com/bedrock-paper-trail/paper-trail/constructs/internal/lambdafunction"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// FunctionProps configures a Lambda function of this package: its code and its
// instruction set.
type FunctionProps struct {
	// Code is a prebuilt function: a folder or zip file with a file "bootstrap"
	// for provided.al2023 and Architecture. Default: compiled at synthesis from
	// the source in this library with the go command on PATH; the result is kept
	// in the user's cache folder.
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

// newFunction makes the function behind the custom resource.
func (l *invocationLogging) newFunction(p InvocationLoggingProps, parameter string) lambdafunction.Made {
	return lambdafunction.Function{
		Package:        pkg,
		Description:    "Owns the Bedrock model-invocation logging configuration of this account and Region",
		Handler:        "bootstrap",
		TimeoutSeconds: functionTimeoutMinutes * 60,
		Key:            p.key(),
		RemovalPolicy:  p.RemovalPolicy,
		May:            l.functionMay(p, parameter),
	}.In(l, (*lambdafunction.Props)(p.Function))
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
