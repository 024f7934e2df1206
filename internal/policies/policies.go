// Package policies builds the policy statements that several constructs need
// in one form.
package policies

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Strings turns plain strings into what CDK's props take.
func Strings(values ...string) *[]*string { return jsii.Strings(values...) }

// Arn is the ARN of a resource in the scope's partition, Region and account.
// The resource part is written as AWS does: "trail/name", "log-group:name".
func Arn(scope constructs.IConstruct, service, resource string) *string {
	return arn(scope, service, nil, resource)
}

// ArnInAnyRegion is Arn with a wildcard for the Region.
func ArnInAnyRegion(scope constructs.IConstruct, service, resource string) *string {
	return arn(scope, service, jsii.String("*"), resource)
}

func arn(scope constructs.IConstruct, service string, region *string, resource string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service:   jsii.String(service),
		Region:    region,
		Resource:  jsii.String(resource),
		ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
}

// ForService is a statement for an AWS service principal that acts for a
// resource of this account only: aws:SourceAccount and aws:SourceArn are
// required of it, against the confused deputy. Further conditions are added by
// operator; the same operator twice is merged.
func ForService(scope constructs.IConstruct, sid, service string, sourceArn *string, actions []string, resources []*string, further map[string]map[string]any) awsiam.PolicyStatement {
	conditions := map[string]map[string]any{
		"StringEquals": {"aws:SourceAccount": awscdk.Stack_Of(scope).Account()},
		"ArnLike":      {"aws:SourceArn": sourceArn},
	}
	for operator, keys := range further {
		if conditions[operator] == nil {
			conditions[operator] = map[string]any{}
		}
		for key, value := range keys {
			conditions[operator][key] = value
		}
	}
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String(sid),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service), nil)},
		Actions:    Strings(actions...),
		Resources:  &resources,
		Conditions: Conditions(conditions),
	})
}

// Conditions converts to the type that CDK's props take.
func Conditions(conditions map[string]map[string]any) *map[string]any {
	out := map[string]any{}
	for operator, keys := range conditions {
		out[operator] = keys
	}
	return &out
}

// DeployRoleArn is the role with which CloudFormation deploys the scope's
// stack: the execution role of its CDK bootstrap. It is nil where the stack's
// synthesizer deploys with the credentials of the caller.
func DeployRoleArn(scope constructs.IConstruct) *string {
	synthesizer, ok := awscdk.Stack_Of(scope).Synthesizer().(awscdk.DefaultStackSynthesizer)
	if !ok {
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

// UseKeyThroughLogs lets a writer of an encrypted log group use its key:
// CloudWatch Logs calls KMS on behalf of the writer (CloudWatch Logs user
// guide, "Encrypt log data").
func UseKeyThroughLogs(scope constructs.IConstruct, sid string, keyArn *string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:       jsii.String(sid),
		Actions:   Strings("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
		Resources: &[]*string{keyArn},
		Conditions: &map[string]any{"StringEquals": map[string]any{
			"kms:ViaService": jsii.String("logs." + *awscdk.Stack_Of(scope).Region() + ".amazonaws.com"),
		}},
	})
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
