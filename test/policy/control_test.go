package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// protect is a service control policy that refuses actions to all roles but one.
func protect(actions ...any) map[string]any {
	s := statement("Deny", "Action", actions...).(map[string]any)
	s["Sid"] = "Protect"
	s["Condition"] = when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Deployer*")
	return document(s)
}

// The rules are those of the AWS Organizations User Guide, "Service control policies (SCPs)": they
// take away and give nothing, bind the root user as well, and bind neither services nor
// service-linked roles.
func TestServiceControlPoliciesBindThePrincipalsOfTheirAccount(t *testing.T) {
	t.Parallel()
	const stop, policyOf = "cloudtrail:StopLogging", "s3:PutBucketPolicy"
	admin, deployer := Admin(account), Administrator(account, "DeployerOne")
	cases := []struct {
		name     string
		request  Request
		verdict  Verdict
		policies []map[string]any
	}{
		{name: "an administrator", request: Request{Principal: admin, Action: stop, Resource: trailARN}, verdict: ExplicitlyDenied},
		{name: "through a service", request: Request{Principal: admin, Action: stop, Resource: trailARN, Context: Context{"aws:ViaAWSService": "true"}}, verdict: ExplicitlyDenied},
		{name: "the root user", request: Request{Principal: Root(account), Action: stop, Resource: trailARN}, verdict: ExplicitlyDenied},
		{name: "the role left out", request: Request{Principal: deployer, Action: stop, Resource: trailARN}, verdict: Allowed},
		{name: "another action", request: Request{Principal: admin, Action: "cloudtrail:StartLogging", Resource: trailARN}, verdict: Allowed},
		{name: "what IAM does not allow", request: Request{Principal: Role(account, "DeployerTwo"), Action: stop, Resource: trailARN}, verdict: ImplicitlyDenied},
		{name: "the owner's root user on a bucket policy", request: Request{Principal: Root(account), Action: policyOf, Resource: bucketARN}, verdict: ExplicitlyDenied},
		{name: "an administrator on a bucket policy", request: Request{Principal: admin, Action: policyOf, Resource: bucketARN}, verdict: ExplicitlyDenied},
		{name: "a service", request: Request{Principal: Service("cloudtrail.amazonaws.com"), Action: policyOf, Resource: bucketARN, ResourcePolicy: document(rule("Allow", service("cloudtrail.amazonaws.com"), policyOf, nil))}, verdict: Allowed},
		{name: "a service-linked role", request: Request{Principal: Administrator(account, "aws-service-role/x.amazonaws.com/AWSServiceRoleForX"), Action: stop, Resource: trailARN}, verdict: Allowed},
		{name: "an anonymous caller", request: Request{Action: policyOf, Resource: bucketARN, ResourcePolicy: document(rule("Allow", "*", policyOf, nil))}, verdict: Allowed},
		{name: "a key, whose policy delegates", request: Request{Principal: admin, Action: "kms:DisableKey", Resource: keyARN, ResourcePolicy: document(rule("Allow", aws("arn:aws:iam::"+account+":root"), "kms:*", nil))}, verdict: ExplicitlyDenied},
		{name: "a role that trusts the caller", request: Request{Principal: admin, Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/x", ResourcePolicy: document(map[string]any{"Effect": "Allow", "Principal": aws("arn:aws:iam::111122223333:role/Admin"), "Action": "sts:AssumeRole"})}, verdict: ExplicitlyDenied},
		{name: "the handing over of a role", request: Request{Principal: admin, Action: "iam:PassRole", Resource: "arn:aws:iam::111122223333:role/x"}, verdict: ExplicitlyDenied},
		{
			name: "one of two policies", request: Request{Principal: admin, Action: stop, Resource: trailARN}, verdict: ExplicitlyDenied,
			policies: []map[string]any{protect("s3:*"), protect(stop)},
		},
		{
			name: "on an encryption context", verdict: ExplicitlyDenied,
			request:  Request{Principal: admin, Action: "kms:Decrypt", Resource: keyARN, Context: Context{"kms:EncryptionContext:a:b": "x"}, ResourcePolicy: document(rule("Allow", aws("arn:aws:iam::"+account+":root"), "kms:*", nil))},
			policies: []map[string]any{document(map[string]any{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": when("StringEquals", "kms:EncryptionContext:a:b", "x")})},
		},
	}
	var requests []Request
	for _, c := range cases {
		c.request.Account = account
		c.request.ServiceControlPolicies = c.policies
		if c.policies == nil {
			c.request.ServiceControlPolicies = []map[string]any{protect(stop, policyOf, "kms:DisableKey", "sts:AssumeRole", "iam:PassRole")}
		}
		requests = append(requests, c.request)
	}
	results, err := Evaluate(requests...)
	require.NoError(t, err)
	for i, c := range cases {
		assert.Equal(t, c.verdict, results[i].Verdict, "%s\n%s", c.name, results[i].Explain())
	}
	assert.Equal(t, results[0].Explain(), results[6].Explain())
	assert.Equal(t, `service control policy Policy1, statement Protect (Deny) applies
service control policy FullAWSAccess, statement 1 (Allow) applies
identity policy AdministratorAccess, statement 1 (Allow) applies`, results[0].Explain())
	assert.Equal(t, `service control policy FullAWSAccess, statement 1 (Allow) applies
identity policy AdministratorAccess, statement 1 (Allow) applies
service control policy Policy1, statement Protect (Deny) does not apply: ArnNotLike aws:PrincipalArn ["arn:aws:iam::*:role/Deployer*"]: the request has "arn:aws:iam::111122223333:role/DeployerOne"`, results[3].Explain())
}

func TestServiceControlPoliciesThatAWSWouldRefuseAreErrors(t *testing.T) {
	t.Parallel()
	for want, document := range map[string]map[string]any{
		"a policy is not valid (policy.errors":         document(rule("Deny", "*", "s3:*", nil)), // they have no principal
		`ArnNotLike aws:PrincipalArn "*": Invalid ARN`: document(map[string]any{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": when("ArnNotLike", "aws:PrincipalArn", "*")}),
	} {
		_, err := Evaluate(Request{Principal: Admin(account), Action: "s3:GetObject", Resource: objectARN, Account: account, ServiceControlPolicies: []map[string]any{document}})
		assert.ErrorContains(t, err, want)
	}
}

func TestAWorldAttachesServiceControlPoliciesToOneAccount(t *testing.T) {
	t.Parallel()
	w := loadWorld(t)
	bucket := w.Bucket("storage", "Open")
	listing := Case{Principal: Admin(account), Action: "s3:ListBucket"}
	bucket.Expect(Allow, listing)
	w.Attach(account, protect("s3:ListBucket"))
	w.Attach(account, protect("s3:GetBucketPolicy"))
	bucket.Expect(Deny, listing, Case{Principal: Admin(account), Action: "s3:GetBucketPolicy"})
	bucket.Expect(Allow, Case{Principal: Admin(account), Action: "s3:GetBucketVersioning"})
	role := w.Role("capture", "Role")
	role.Expect(Allow, Case{Principal: Service("lambda.amazonaws.com"), Action: "sts:AssumeRole"})
	w.Attach(stranger, protect("s3:*"))
	bucket.Expect(Allow, Case{Principal: Admin(account), Action: "s3:GetBucketVersioning"})
	w.Run()
}
