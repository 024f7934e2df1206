package papertrail_test

import (
	"slices"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// The calls that the service control policies of docs/security.md are about.

// call is a request without its principal.
type call struct {
	action, resource string
	context          policy.Context
}

func calls(resource string, actions ...string) []call {
	list := make([]call, len(actions))
	for i, action := range actions {
		list[i] = call{action: action, resource: resource}
	}
	return list
}

func calledBy(principal policy.Principal, list []call) []policy.Case {
	cases := make([]policy.Case, len(list))
	for i, c := range list {
		cases[i] = policy.Case{Name: principal.String() + " " + c.action + " " + c.resource, Principal: principal, Action: c.action, Resource: c.resource, Context: c.context}
	}
	return cases
}

var replacingLogging = calls("*", "bedrock:DeleteModelInvocationLoggingConfiguration", "bedrock:PutModelInvocationLoggingConfiguration")

// deploying are the calls that the first policy leaves to CloudFormation's role,
// and the second one those on the exempt roles.
func deploying(w *policy.World, region string) []call {
	var list []call
	groups := []string{records}
	functions := []string{w.ARN(capture("kept", region), "InvocationLoggingFunction"), w.ARN(monitoring("kept", region), "InvocationLoggingGuardFunction")}
	if region == home {
		list = append(list, calls(w.ARN(capture("kept", home), "ActivityTrail"),
			"cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail")...)
		// The name that an ActivityTrail has by default.
		list = append(list, calls("arn:aws:cloudtrail:"+home+":"+account+":trail/paper-trail", "cloudtrail:StopLogging")...)
		groups = append(groups, "/aws/cloudtrail/paper-trail-kept")
		functions = append(functions, w.ARN(cost("kept", home), "CostTagActivationFunction"))
	}
	for _, group := range groups {
		list = append(list, calls(logGroup(region, group),
			"logs:AssociateKmsKey", "logs:DeleteDataProtectionPolicy", "logs:DeleteLogGroup", "logs:DeleteMetricFilter",
			"logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey", "logs:PutDataProtectionPolicy", "logs:PutLogGroupDeletionProtection",
			"logs:PutMetricFilter", "logs:PutRetentionPolicy", "logs:PutTransformer")...)
		list = append(list, calls(logStream(region, group, "a/stream"), "logs:DeleteLogStream")...)
	}
	for _, function := range functions {
		list = append(list, calls(function,
			"lambda:AddPermission", "lambda:CreateFunctionUrlConfig", "lambda:DeleteFunction", "lambda:InvokeAsync", "lambda:InvokeFunction",
			"lambda:InvokeFunctionUrl", "lambda:PutFunctionConcurrency", "lambda:PutFunctionEventInvokeConfig", "lambda:UpdateFunctionCode",
			"lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionEventInvokeConfig", "lambda:UpdateFunctionUrlConfig")...)
		list = append(list,
			// A custom resource in a template of the caller's own.
			call{"lambda:InvokeFunction", function, policy.Context{"aws:ViaAWSService": "true"}},
			call{"lambda:CreateEventSourceMapping", "*", policy.Context{"lambda:FunctionArn": function}},
			call{"lambda:UpdateEventSourceMapping", "arn:aws:lambda:" + region + ":" + account + ":event-source-mapping:0a1b2c3d", policy.Context{"lambda:FunctionArn": function}})
	}
	functionRole := w.Role(capture("kept", region), "InvocationLoggingFunctionRole").ARN()
	for _, service := range []string{"lambda.amazonaws.com", "ec2.amazonaws.com"} {
		list = append(list, call{"iam:PassRole", functionRole, policy.Context{"iam:PassedToService": service}})
	}
	for _, role := range []string{
		functionRole, guardRole(w, "kept", region).ARN(), w.Role(capture("kept", region), "InvocationLoggingRole").ARN(),
		// As CloudFormation would have it.
		iamRole("paper-trail-prod-capture-InvocationLoggingFunctio-0A1B2C3D4E5F"),
		iamRole("cdk-hnb659fds-cfn-exec-role-" + account + "-" + region), iamRole("cdk-hnb659fds-deploy-role-" + account + "-" + region),
		iamRole("Pipeline"),
	} {
		list = append(list, calls(role,
			"iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy",
			"iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole")...)
	}
	return list
}

// changingStacks are the calls that the second policy leaves to those who deploy.
func changingStacks(region string) []call {
	var list []call
	for _, name := range []string{"paper-trail-kept-capture", "paper-trail-kept-storage", "CDKToolkit", "an-application"} {
		list = append(list, calls(stackARN(region, name),
			"cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback", "cloudformation:CreateStackRefactor",
			"cloudformation:DeleteStack", "cloudformation:ExecuteChangeSet", "cloudformation:ExecuteStackRefactor",
			"cloudformation:RollbackStack", "cloudformation:SetStackPolicy", "cloudformation:UpdateStack", "cloudformation:UpdateTerminationProtection")...)
	}
	return append(list, call{
		"iam:PassRole", iamRole("cdk-hnb659fds-cfn-exec-role-" + account + "-" + region), policy.Context{"iam:PassedToService": "cloudformation.amazonaws.com"},
	})
}

// everyday are calls of applications, and of people who look at the paper trail.
func everyday(w *policy.World, region string) []call {
	return slices.Concat(
		calls("*", "bedrock:GetModelInvocationLoggingConfiguration", "bedrock:ListFoundationModels", "logs:DescribeLogGroups"),
		calls("arn:aws:bedrock:"+region+"::foundation-model/x", "bedrock:InvokeModel"),
		calls(w.ARN(capture("kept", home), "ActivityTrail"), "cloudtrail:GetTrailStatus", "cloudtrail:StartLogging"),
		calls("arn:aws:cloudtrail:"+region+":"+account+":trail/theirs", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail"),
		calls(logGroup(region, records), "logs:FilterLogEvents", "logs:StartQuery"),
		calls(logGroup(region, "/aws/lambda/app"), "logs:PutRetentionPolicy", "logs:PutMetricFilter", "logs:DeleteLogGroup"),
		calls("arn:aws:lambda:"+region+":"+account+":function:app", "lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:AddPermission"),
		[]call{
			{"lambda:CreateEventSourceMapping", "*", policy.Context{"lambda:FunctionArn": "arn:aws:lambda:" + region + ":" + account + ":function:app"}},
			{"iam:PassRole", iamRole("app"), policy.Context{"iam:PassedToService": "lambda.amazonaws.com"}},
		},
		calls(w.ARN(capture("kept", region), "InvocationLoggingFunction"), "lambda:GetFunction"),
		calls(iamRole("app"), "iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"),
		calls(w.Role(capture("kept", region), "InvocationLoggingFunctionRole").ARN(), "iam:GetRole"),
		calls(stackARN(region, "an-application"), "cloudformation:CreateStack", "cloudformation:CreateChangeSet", "cloudformation:DescribeStacks"),
	)
}

func stackARN(region, name string) string {
	return "arn:aws:cloudformation:" + region + ":" + account + ":stack/" + name + "/0a1b2c3d-0000-0000-0000-000000000000"
}
