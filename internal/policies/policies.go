package policies

import (
	"encoding/json"
	"maps"
	"strings"
	"sync"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Strings turns plain strings into what CDK's props take.
func Strings(values ...string) *[]*string { return jsii.Strings(values...) }

// Place is where a stack is deployed to, and by whom.
type Place struct {
	Partition, Region, Account, StackName string
	// DeployRoleArn is the role with which CloudFormation deploys the stack:
	// the execution role of its CDK bootstrap. It is nil where that cannot be
	// told, see [Synthesizer].
	DeployRoleArn *string
}

// places are those of the stacks and scopes asked for so far. Each question to
// the CDK is a round trip to another process, and each construct has the same
// ones. The kernel hands out one Go value for a construct, so it serves as the
// key.
var places sync.Map

// At is the place of the scope's stack. What is not known at synthesis is a
// token and resolves in that stack.
func At(scope constructs.IConstruct) Place {
	if known, ok := places.Load(scope); ok {
		return known.(Place)
	}
	place := ofStack(awscdk.Stack_Of(scope))
	places.Store(scope, place)
	return place
}

func ofStack(stack awscdk.Stack) Place {
	if known, ok := places.Load(stack); ok {
		return known.(Place)
	}
	place := Place{
		// Not stack.Partition, which loads a table of all Regions.
		Partition:     *awscdk.Aws_PARTITION(),
		Region:        *stack.Region(),
		Account:       *stack.Account(),
		StackName:     *stack.StackName(),
		DeployRoleArn: deployRoleArn(stack),
	}
	places.Store(stack, place)
	return place
}

// Synthesizer is that of a stack which knows the roles of its CDK bootstrap; of a
// nested stack, that of the outermost one, with whose roles it is deployed. It is
// nil where the stack is deployed with the credentials of the caller, and where
// the program made the synthesizer itself: the CDK binds a copy of it to the
// stack, and jsii hands out the original, which knows nothing.
func Synthesizer(stack awscdk.Stack) (bound awscdk.DefaultStackSynthesizer) {
	synthesizer, ok := stack.Synthesizer().(awscdk.DefaultStackSynthesizer)
	if !ok {
		if parent := stack.NestedStackParent(); parent != nil {
			return Synthesizer(parent)
		}
		return nil
	}
	defer func() {
		if recover() != nil {
			bound = nil
		}
	}()
	synthesizer.CloudFormationExecutionRoleArn()
	return synthesizer
}

func deployRoleArn(stack awscdk.Stack) *string {
	synthesizer := Synthesizer(stack)
	if synthesizer == nil {
		return nil
	}
	role := synthesizer.CloudFormationExecutionRoleArn()
	if strings.Contains(*role, "${") {
		// The placeholders are those of Fn::Sub: the synthesizer writes them
		// for fields of the assembly, where no intrinsics are allowed.
		return awscdk.Fn_Sub(role, nil)
	}
	return role
}

// HearsOfIAM tells whether the events of IAM arrive in a Region: in that where
// the partition has IAM (IAM user guide, "Logging IAM and AWS STS API calls with
// AWS CloudTrail"). Where the Region is not known at synthesis, they may.
func HearsOfIAM(region string) bool {
	switch region {
	case "us-east-1", "cn-north-1", "us-gov-west-1":
		return true
	}
	return strings.Contains(region, "${")
}

// Arn is the ARN of a resource in the place. The resource part is written as
// AWS does: "trail/name", "log-group:name".
func (p Place) Arn(service, resource string) *string {
	return jsii.String(strings.Join([]string{"arn", p.Partition, service, p.Region, p.Account, resource}, ":"))
}

// Statement is a policy statement as a policy document writes it.
type Statement struct {
	// Sid names the statement: letters and digits.
	Sid string
	// Deny makes it a refusal. Default: it allows.
	Deny bool
	// Service is the AWS service principal, as "bedrock.amazonaws.com"; "*" is
	// everybody. Default: no principal, for a policy of a role.
	Service string
	// Root is the ARN of an account's root instead: the account's IAM policies
	// decide. Default: Service.
	Root string
	// Actions are required, and Resources or NotResources.
	Actions   []string
	Resources []*string
	// NotResources are those that the statement leaves out, instead of
	// Resources. Default: Resources.
	NotResources []*string
	// Conditions are by operator and key. Default: none.
	Conditions map[string]map[string]any
}

// Build makes the CDK's statement of it, in one round trip.
func (s Statement) Build() awsiam.PolicyStatement { return awsiam.PolicyStatement_FromJson(s.json()) }

// Document makes a policy document of the statements, in one round trip.
func Document(statements ...Statement) awsiam.PolicyDocument {
	list := make([]any, len(statements))
	for i, s := range statements {
		list[i] = s.json()
	}
	return awsiam.PolicyDocument_FromJson(map[string]any{"Version": "2012-10-17", "Statement": list})
}

func (s Statement) json() map[string]any {
	document := map[string]any{"Sid": s.Sid, "Effect": "Allow", "Action": s.Actions}
	if s.NotResources != nil {
		document["NotResource"] = s.NotResources
	} else {
		document["Resource"] = s.Resources
	}
	if s.Deny {
		document["Effect"] = "Deny"
	}
	switch {
	case s.Root != "":
		document["Principal"] = map[string]any{"AWS": s.Root}
	case s.Service == "*":
		document["Principal"] = "*"
	case s.Service != "":
		document["Principal"] = map[string]any{"Service": s.Service}
	}
	if len(s.Conditions) > 0 {
		document["Condition"] = s.Conditions
	}
	return document
}

// FromSource adds to a statement for a service that it acts for a resource of
// this account: aws:SourceAccount and aws:SourceArn are required of it, against
// the confused deputy.
func (p Place) FromSource(sourceArn *string, s Statement) Statement {
	conditions := map[string]map[string]any{
		"StringEquals": {"aws:SourceAccount": p.Account},
		"ArnLike":      {"aws:SourceArn": sourceArn},
	}
	for operator, keys := range s.Conditions {
		if conditions[operator] == nil {
			conditions[operator] = map[string]any{}
		}
		maps.Copy(conditions[operator], keys)
	}
	s.Conditions = conditions
	return s
}

// SourceConditions are those of FromSource, for the trust policy of a role.
func (p Place) SourceConditions(sourceArn *string) *map[string]any {
	out := map[string]any{}
	for operator, keys := range p.FromSource(sourceArn, Statement{}).Conditions {
		out[operator] = keys
	}
	return &out
}

// UseKeyThroughLogs lets a writer of an encrypted log group use its key:
// CloudWatch Logs calls KMS on behalf of the writer (CloudWatch Logs user
// guide, "Encrypt log data").
func (p Place) UseKeyThroughLogs(sid string, keyArn *string) Statement {
	return Statement{
		Sid:       sid,
		Actions:   []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
		Resources: []*string{keyArn},
		Conditions: map[string]map[string]any{"StringEquals": {
			"kms:ViaService": "logs." + p.Region + ".amazonaws.com",
		}},
	}
}

// GrantLogReading lets grantee read and query a log group.
func (p Place) GrantLogReading(grantee awsiam.IGrantable, logGroupName string) awsiam.Grant {
	read := awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: grantee,
		Actions: Strings(
			"logs:DescribeLogStreams",
			"logs:FilterLogEvents",
			"logs:GetLogEvents",
			"logs:GetLogGroupFields",
			"logs:GetLogRecord",
			"logs:StartLiveTail",
			"logs:StartQuery",
		),
		ResourceArns: p.LogGroupArns(logGroupName),
	})
	// These two name a query, and IAM knows no resource for queries.
	return read.Combine(awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      Strings("logs:GetQueryResults", "logs:StopQuery"),
		ResourceArns: Strings("*"),
	}))
}

// LogGroupArns are the two forms in which IAM names a log group: itself, and
// everything in it.
func (p Place) LogGroupArns(logGroupName string) *[]*string {
	return &[]*string{p.Arn("logs", "log-group:"+logGroupName), p.Arn("logs", "log-group:"+logGroupName+":*")}
}

// Text renders a statement as JSON that a person can paste into a policy: the
// intrinsics of CloudFormation are written as Fn::Sub does, ${AWS::Partition}.
func Text(scope constructs.IConstruct, statement awsiam.PolicyStatement) string {
	resolved := awscdk.Stack_Of(scope).Resolve(statement.ToStatementJson())
	raw, err := json.MarshalIndent(substitute(resolved), "", "  ")
	if err != nil {
		panic(err) // resolved values are plain JSON by construction
	}
	return string(raw)
}

func substitute(value any) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = substitute(v[i])
		}
		return out
	case map[string]any:
		if inner, ok := v["$jsii.map"]; ok && len(v) == 1 {
			return substitute(inner) // how the jsii kernel hands a map back
		}
		if ref, ok := v["Ref"].(string); ok && len(v) == 1 {
			return "${" + ref + "}"
		}
		if join, ok := v["Fn::Join"].([]any); ok && len(v) == 1 && len(join) == 2 {
			separator, _ := join[0].(string)
			parts, _ := join[1].([]any)
			texts := make([]string, len(parts))
			for i, part := range parts {
				texts[i], _ = substitute(part).(string)
			}
			return strings.Join(texts, separator)
		}
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = substitute(item)
		}
		return out
	default:
		return value
	}
}
