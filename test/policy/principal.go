package policy

import (
	"fmt"
	"strings"
)

// Principal is who makes a request, with the identity policies that are attached to it.
// The zero value is an anonymous caller.
type Principal struct {
	service  string
	account  string
	path     string // "role/NAME" or "root"
	policies []namedPolicy
}

type namedPolicy struct {
	Name   string         `json:"name"`
	Policy map[string]any `json:"policy"`
}

// Service is an AWS service that calls in its own name, such as "bedrock.amazonaws.com".
// Its requests have no aws:PrincipalArn, so a negated condition on that key (ArnNotLike and
// the like) is true for them.
func Service(name string) Principal { return Principal{service: name} }

// Anonymous is a caller without credentials.
func Anonymous() Principal { return Principal{} }

// Root is the root user of an account, who has every permission there without any policy.
func Root(account string) Principal {
	return Principal{account: account, path: "root", policies: managed("AdministratorAccess")}
}

// Admin is a role named Admin with AdministratorAccess.
func Admin(account string) Principal { return Administrator(account, "Admin") }

// Administrator is a role of that name, its path included, with AdministratorAccess.
func Administrator(account, role string) Principal {
	return Principal{account: account, path: "role/" + role, policies: managed("AdministratorAccess")}
}

// PowerUser is a role named PowerUser with PowerUserAccess: everything but IAM and Organizations.
func PowerUser(account string) Principal {
	return Principal{account: account, path: "role/PowerUser", policies: managed("PowerUserAccess")}
}

// DeployRole is the role that CDK's default bootstrap makes for CloudFormation,
// cdk-hnb659fds-cfn-exec-role-ACCOUNT-REGION, with AdministratorAccess.
func DeployRole(account, region string) Principal {
	return Administrator(account, fmt.Sprintf("cdk-hnb659fds-cfn-exec-role-%s-%s", account, region))
}

// Role is a role of that name, its path included, with the given identity policy documents.
func Role(account, role string, documents ...map[string]any) Principal {
	return Principal{account: account, path: "role/" + role, policies: numbered(documents)}
}

func numbered(documents []map[string]any) []namedPolicy {
	var policies []namedPolicy
	for i, document := range documents {
		policies = append(policies, namedPolicy{Name: fmt.Sprintf("Policy%d", i+1), Policy: document})
	}
	return policies
}

// String names the principal in a test's output.
func (p Principal) String() string {
	switch {
	case p.service != "":
		return p.service
	case p.path == "":
		return "anonymous"
	default:
		return p.account + ":" + p.path
	}
}

// arn is the value of aws:PrincipalArn: for a session it is the role's ARN.
func (p Principal) arn(partition string) string {
	if p.path == "" {
		return ""
	}
	return fmt.Sprintf("arn:%s:iam::%s:%s", partition, p.account, p.path)
}

// caller is the principal as it stands in a request: a role calls as one of its sessions.
func (p Principal) caller(partition string) string {
	if p.service != "" {
		return p.service
	}
	if role, ok := strings.CutPrefix(p.path, "role/"); ok {
		return fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/session", partition, p.account, role[strings.LastIndex(role, "/")+1:])
	}
	return p.arn(partition)
}

// context returns the keys that AWS fills in for this principal.
func (p Principal) context(partition string) Context {
	if p.service != "" {
		return Context{
			"aws:PrincipalIsAWSService":     "true",
			"aws:PrincipalServiceName":      p.service,
			"aws:PrincipalServiceNamesList": p.service,
			"aws:ViaAWSService":             "false",
		}
	}
	if p.path == "" {
		return Context{"aws:PrincipalType": "Anonymous", "aws:ViaAWSService": "false"}
	}
	principalType := "AssumedRole"
	if p.path == "root" {
		principalType = "Account"
	}
	return Context{
		"aws:PrincipalArn":          p.arn(partition),
		"aws:PrincipalAccount":      p.account,
		"aws:PrincipalType":         principalType,
		"aws:PrincipalIsAWSService": "false",
		"aws:ViaAWSService":         "false",
		"kms:CallerAccount":         p.account,
	}
}
