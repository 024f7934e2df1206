package policy

// managedPolicies are the AWS managed policies that principals of the tests and roles of the
// templates carry, as the AWS Managed Policy Reference Guide lists them.
var managedPolicies = map[string]map[string]any{
	"AdministratorAccess": document(
		statement("Allow", "Action", "*"),
	),
	"PowerUserAccess": document(
		statement("Allow", "NotAction", "iam:*", "organizations:*", "account:*"),
		statement("Allow", "Action",
			"account:GetAccountInformation", "account:GetPrimaryEmail", "account:ListRegions",
			"iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles",
			"organizations:DescribeOrganization"),
	),
	"AWSLambdaBasicExecutionRole": document(
		statement("Allow", "Action", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
	),
}

func managed(name string) []namedPolicy {
	return []namedPolicy{{Name: name, Policy: managedPolicies[name]}}
}

func document(statements ...any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}

func statement(effect, element string, actions ...any) any {
	return map[string]any{"Effect": effect, element: actions, "Resource": "*"}
}
