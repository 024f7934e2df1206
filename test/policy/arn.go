package policy

import (
	"fmt"
	"slices"
	"strings"
)

// shape says how a resource type is named and addressed. In arn, {partition}, {region},
// {account} and {name} stand for their values.
type shape struct {
	nameProperty string
	arn          string
	refIsARN     bool
	arnAttribute []string // the attributes that return the ARN; default "Arn"
}

// shapes are the types whose Ref or ARN a policy can mention.
var shapes = map[string]shape{
	// The last part is an id that Bedrock makes up, not the name.
	"AWS::Bedrock::ApplicationInferenceProfile": {arn: "arn:{partition}:bedrock:{region}:{account}:application-inference-profile/{name}", refIsARN: true, arnAttribute: []string{"InferenceProfileArn"}},
	"AWS::CloudTrail::Trail":                    {nameProperty: "TrailName", arn: "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"},
	"AWS::CloudWatch::Alarm":                    {nameProperty: "AlarmName", arn: "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"},
	"AWS::Events::Rule":                         {nameProperty: "Name", arn: "arn:{partition}:events:{region}:{account}:rule/{name}"},
	"AWS::IAM::ManagedPolicy":                   {nameProperty: "ManagedPolicyName", arn: "arn:{partition}:iam::{account}:policy/{name}", refIsARN: true, arnAttribute: []string{"PolicyArn"}},
	"AWS::IAM::Role":                            {nameProperty: "RoleName", arn: "arn:{partition}:iam::{account}:role/{name}"},
	"AWS::IAM::User":                            {nameProperty: "UserName", arn: "arn:{partition}:iam::{account}:user/{name}"},
	"AWS::KMS::Key":                             {arn: "arn:{partition}:kms:{region}:{account}:key/{name}"},
	"AWS::Lambda::Function":                     {nameProperty: "FunctionName", arn: "arn:{partition}:lambda:{region}:{account}:function:{name}"},
	"AWS::Logs::LogGroup":                       {nameProperty: "LogGroupName", arn: "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"},
	"AWS::S3::Bucket":                           {nameProperty: "BucketName", arn: "arn:{partition}:s3:::{name}"},
	"AWS::Scheduler::Schedule":                  {nameProperty: "Name", arn: "arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}"},
	"AWS::SNS::Topic":                           {nameProperty: "TopicName", arn: "arn:{partition}:sns:{region}:{account}:{name}", refIsARN: true, arnAttribute: []string{"TopicArn"}},
	"AWS::SQS::Queue":                           {nameProperty: "QueueName", arn: "arn:{partition}:sqs:{region}:{account}:{name}"},
	"AWS::SSM::Parameter":                       {nameProperty: "Name", arn: "arn:{partition}:ssm:{region}:{account}:parameter/{name}"},
	"AWS::SecretsManager::Secret":               {nameProperty: "Name", arn: "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}", refIsARN: true},
}

// physicalName returns the name the template gives, or else one made of the stack and logical id.
func (env environment) physicalName(s *Stack, logicalID string) (string, error) {
	sh, err := s.shapeOf(logicalID)
	if err != nil {
		return "", err
	}
	if given, ok := s.properties(logicalID)[sh.nameProperty]; ok && sh.nameProperty != "" {
		name, err := env.resolveString(s, given)
		if err != nil {
			return "", fmt.Errorf("%s of %s: %w", sh.nameProperty, logicalID, err)
		}
		return name, nil
	}
	name := s.Name + "-" + logicalID
	if !strings.Contains(sh.arn, "{region}") { // names are unique across Regions
		name = s.Name + "-" + s.Region + "-" + logicalID
	}
	if s.typeOf(logicalID) == "AWS::S3::Bucket" {
		name = strings.ToLower(name)
	}
	return name, nil
}

func (env environment) arn(s *Stack, logicalID string) (string, error) {
	sh, err := s.shapeOf(logicalID)
	if err != nil {
		return "", err
	}
	name, err := env.physicalName(s, logicalID)
	if err != nil {
		return "", err
	}
	return strings.NewReplacer(
		"{partition}", partition(s.Region), "{region}", s.Region, "{account}", s.Account, "{name}", name,
	).Replace(sh.arn), nil
}

func (s *Stack) shapeOf(logicalID string) (shape, error) {
	t := s.typeOf(logicalID)
	if t == "" {
		return shape{}, fmt.Errorf("stack %s has no resource or parameter %q", s.Name, logicalID)
	}
	sh, ok := shapes[t]
	if !ok {
		return shape{}, fmt.Errorf("how a %s (%s) is named is unknown; add it to shapes in test/policy/arn.go", t, logicalID)
	}
	return sh, nil
}

func (env environment) ref(s *Stack, logicalID string) (string, error) {
	sh, err := s.shapeOf(logicalID)
	if err != nil {
		return "", err
	}
	if sh.refIsARN {
		return env.arn(s, logicalID)
	}
	return env.physicalName(s, logicalID)
}

func (env environment) attribute(s *Stack, logicalID, name string) (string, error) {
	sh, err := s.shapeOf(logicalID)
	if err != nil {
		return "", err
	}
	if name == "Arn" || slices.Contains(sh.arnAttribute, name) {
		return env.arn(s, logicalID)
	}
	return "", fmt.Errorf("attribute %s of %s is not known to be an ARN; only ARNs can be resolved", name, logicalID)
}
