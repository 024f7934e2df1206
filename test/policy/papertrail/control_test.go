package papertrail_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

// maxControlPolicy is how many characters a service control policy may have (AWS
// Organizations user guide, "Quotas").
const maxControlPolicy = 5120

var jsonBlock = regexp.MustCompile("(?s)```json\n(.*?)```")

// controlPolicies are the service control policies that docs/security.md prints,
// after what it tells readers to replace.
func controlPolicies(t *testing.T, replace ...string) []map[string]any {
	t.Helper()
	page, err := os.ReadFile("../../../docs/security.md")
	require.NoError(t, err)
	blocks := jsonBlock.FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2)
	replacer := strings.NewReplacer(append([]string{"ROLE-THAT-DEPLOYS", "Pipeline"}, replace...)...)
	var documents []map[string]any
	for _, block := range blocks {
		require.LessOrEqual(t, len(block[1]), maxControlPolicy)
		var document map[string]any
		require.NoError(t, json.Unmarshal([]byte(replacer.Replace(block[1])), &document))
		documents = append(documents, document)
	}
	return documents
}

// bootstrap is what CDK's bootstrap makes in a Region, as far as people may
// assume it. It trusts a pipeline of another account, too.
func bootstrap(region string) policy.Stack {
	trust := map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole",
		"Principal": map[string]any{"AWS": []any{"arn:aws:iam::" + account + ":root", "arn:aws:iam::" + stranger + ":root"}},
	}}}
	return policy.Stack{Name: "CDKToolkit", Account: account, Region: region, Template: map[string]any{"Resources": map[string]any{
		"DeploymentActionRole": map[string]any{"Type": "AWS::IAM::Role", "Properties": map[string]any{
			"RoleName": "cdk-hnb659fds-deploy-role-" + account + "-" + region, "AssumeRolePolicyDocument": trust,
		}},
	}}}
}

func loadWithBootstrap(t *testing.T, name string) *policy.World {
	t.Helper()
	load(t, name)
	stacks := slices.Clone(synthesised[name])
	for _, region := range regions[name] {
		stacks = append(stacks, bootstrap(region))
	}
	return policy.Load(t, stacks...)
}

func deployRole(region string) policy.Principal {
	return policy.Administrator(account, "cdk-hnb659fds-deploy-role-"+account+"-"+region)
}

// bound are those who are refused although IAM allows them everything.
func bound() []policy.Principal {
	return []policy.Principal{
		admin, root, breakGlass,
		policy.Administrator(account, "paper-trail-admin"),
		policy.Administrator(account, "team/paper-trail-InvocationLoggingFunction"),
		policy.Administrator(account, "cdk-other-cfn-exec-role-"+account+"-"+home),
		policy.Administrator(account, "team/cdk-hnb659fds-cfn-exec-role-"+account+"-"+home),
		policy.Administrator(account, "aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0a1b"),
	}
}

// Each call is stated twice: without the policies nothing refuses it.
func TestServiceControlPoliciesStopAnAdministrator(t *testing.T) {
	w := loadWithBootstrap(t, "kept")
	documents := controlPolicies(t)
	tried := map[string]bool{}
	for _, attached := range []bool{false, true} {
		expectation := policy.Allow
		if attached {
			expectation = policy.Deny
			w.Attach(account, documents...)
		}
		for _, region := range regions["kept"] {
			refused := slices.Concat(replacingLogging, deploying(w, region), changingStacks(region))
			for _, principal := range bound() {
				w.Expect(capture("kept", region), expectation, calledBy(principal, refused)...)
			}
			w.Role(region+"/CDKToolkit", "DeploymentActionRole").Expect(expectation, policy.Case{Principal: admin, Action: "sts:AssumeRole"})
			for _, c := range refused {
				tried[c.action] = true
			}
		}
	}
	tried["sts:AssumeRole"] = true
	w.Run()

	for _, document := range documents {
		for _, statement := range document["Statement"].([]any) {
			for _, action := range statement.(map[string]any)["Action"].([]any) {
				assert.Contains(t, tried, action, "no case above shows that it is refused")
			}
		}
	}
}

func TestServiceControlPoliciesLetTheExemptRolesWork(t *testing.T) {
	w := loadWithBootstrap(t, "kept")
	w.Attach(account, controlPolicies(t)...)
	for _, region := range regions["kept"] {
		stack := capture("kept", region)
		function := w.Role(stack, "InvocationLoggingFunctionRole")
		w.Expect(stack, policy.Allow, calledBy(function.Principal(), replacingLogging)...)
		for _, name := range []string{"paper-trail-prod-capture-InvocationLoggingFunctio-0A1B2C3D4E5F", "paper-trail-a-InvocationLoggingFunctio-0A1B2C3D4E5F"} {
			w.Expect(stack, policy.Allow, calledBy(policy.Administrator(account, name), replacingLogging)...)
		}
		execution := policy.DeployRole(account, region)
		w.Expect(stack, policy.Allow, calledBy(execution, deploying(w, region))...)
		w.Expect(stack, policy.Deny, calledBy(execution, replacingLogging)...)

		for _, deployer := range []policy.Principal{deployRole(region), policy.Administrator(account, "Pipeline")} {
			w.Expect(stack, policy.Allow, calledBy(deployer, changingStacks(region))...)
			w.Expect(stack, policy.Deny, calledBy(deployer, slices.Concat(replacingLogging, deploying(w, region)))...)
		}
		deployment := w.Role(region+"/CDKToolkit", "DeploymentActionRole")
		deployment.Expect(policy.Allow,
			policy.Case{Principal: policy.Administrator(account, "Pipeline"), Action: "sts:AssumeRole"},
			// Its trust policy decides, not the policies of this account.
			policy.Case{Principal: policy.Administrator(stranger, "Pipeline"), Action: "sts:AssumeRole"},
		)
		function.Expect(policy.Allow, policy.Case{Principal: policy.Service("lambda.amazonaws.com"), Action: "sts:AssumeRole"})
		// The guard is no exempt role, and needs to be none as long as it reports only.
		w.Expect(stack, policy.Allow, calledBy(guardRole(w, "kept", region).Principal(), calls("*", "bedrock:GetModelInvocationLoggingConfiguration"))...)
		w.Expect(stack, policy.Allow, calledBy(admin, everyday(w, region))...)

		prompts := w.Bucket(storage("kept", region), "InvocationBucket")
		prompts.Expect(policy.Allow, bedrockDelivery(prompts, region))
	}
	events := w.Bucket(storage("kept", home), "TrailBucket")
	events.Expect(policy.Allow, cloudTrailDelivery(events, w.ARN(capture("kept", home), "ActivityTrail")))
	w.Run()
}

// beside puts a further ARN beside each occurrence of one.
func beside(v any, arn, further string) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			v[key] = beside(member, arn, further)
		}
	case []any:
		if slices.Contains(v, any(arn)) {
			return append(v, further)
		}
		for i, member := range v {
			v[i] = beside(member, arn, further)
		}
	case string:
		if v == arn {
			return []any{arn, further}
		}
	}
	return v
}

func TestAHealingGuardIsSparedOnceItsRoleIsAdded(t *testing.T) {
	role := func(w *policy.World) policy.Principal { return guardRole(w, "sealed", sealed).Principal() }
	healing := calls("*", "bedrock:PutModelInvocationLoggingConfiguration")

	printed := loadWithBootstrap(t, "sealed")
	printed.Attach(account, controlPolicies(t)...)
	printed.Expect(capture("sealed", sealed), policy.Deny, calledBy(role(printed), healing)...)
	printed.Run()

	w := loadWithBootstrap(t, "sealed")
	for _, document := range controlPolicies(t) {
		w.Attach(account, beside(document, "arn:aws:iam::*:role/paper-trail-*InvocationLoggingF*", "arn:aws:iam::*:role/paper-trail-*InvocationLoggingGuard*").(map[string]any))
	}
	w.Expect(capture("sealed", sealed), policy.Allow, calledBy(role(w), healing)...)
	w.Expect(capture("sealed", sealed), policy.Allow, calledBy(policy.Administrator(account, "paper-trail-prod-monitor-InvocationLoggingGuardFu-0A1B2C3D4E5F"), healing)...)
	w.Expect(capture("sealed", sealed), policy.Allow, calledBy(w.Role(capture("sealed", sealed), "InvocationLoggingFunctionRole").Principal(), replacingLogging)...)
	w.Expect(capture("sealed", sealed), policy.Deny, calledBy(admin, replacingLogging)...)
	w.Expect(capture("sealed", sealed), policy.Deny, passing(admin, guardRole(w, "sealed", sealed).ARN(), "lambda.amazonaws.com"))
	w.Run()
}

func TestTheBreakGlassRoleStaysAsItIsOnceItIsAdded(t *testing.T) {
	changing := calls(iamRole("BreakGlass"), "iam:UpdateAssumeRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRole", "iam:CreateRole")
	w := loadWithBootstrap(t, "kept")
	documents := controlPolicies(t)
	w.Attach(account, documents...)
	w.Expect(capture("kept", home), policy.Allow, calledBy(admin, changing)...)
	w.Run()

	statement := documents[1]["Statement"].([]any)[0].(map[string]any)
	require.Equal(t, "KeepTheExemptRoles", statement["Sid"])
	statement["Resource"] = append(statement["Resource"].([]any), iamRole("BreakGlass"))

	with := loadWithBootstrap(t, "kept")
	with.Attach(account, documents...)
	with.Expect(capture("kept", home), policy.Deny, calledBy(admin, changing)...)
	with.Run()
}

func TestServiceControlPoliciesHoldInOtherPartitions(t *testing.T) {
	for partition, region := range map[string]string{"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"} {
		arn := func(service, resource string) string {
			if service == "iam" {
				return "arn:" + partition + ":iam::" + account + ":" + resource
			}
			return "arn:" + partition + ":" + service + ":" + region + ":" + account + ":" + resource
		}
		function := policy.Administrator(account, "paper-trail-prod-capture-InvocationLoggingFunctio-0A1B2C3D4E5F")
		requests := []policy.Request{
			{Principal: admin, Action: "bedrock:PutModelInvocationLoggingConfiguration", Resource: "*"},
			{Principal: function, Action: "bedrock:PutModelInvocationLoggingConfiguration", Resource: "*"},
			{Principal: admin, Action: "cloudtrail:StopLogging", Resource: arn("cloudtrail", "trail/paper-trail-prod")},
			{Principal: policy.DeployRole(account, region), Action: "cloudtrail:StopLogging", Resource: arn("cloudtrail", "trail/paper-trail-prod")},
			{Principal: admin, Action: "logs:DeleteLogGroup", Resource: arn("logs", "log-group:"+records)},
			{Principal: policy.DeployRole(account, region), Action: "logs:DeleteLogGroup", Resource: arn("logs", "log-group:"+records)},
			{Principal: admin, Action: "lambda:InvokeFunction", Resource: arn("lambda", "function:paper-trail-prod-capture-x")},
			{Principal: policy.DeployRole(account, region), Action: "lambda:InvokeFunction", Resource: arn("lambda", "function:paper-trail-prod-capture-x")},
			{Principal: admin, Action: "iam:UpdateAssumeRolePolicy", Resource: arn("iam", "role/Pipeline")},
			{Principal: policy.DeployRole(account, region), Action: "iam:UpdateAssumeRolePolicy", Resource: arn("iam", "role/paper-trail-x")},
			{Principal: admin, Action: "cloudformation:UpdateStack", Resource: arn("cloudformation", "stack/x/y")},
			{Principal: deployRole(region), Action: "cloudformation:UpdateStack", Resource: arn("cloudformation", "stack/x/y")},
		}
		for i := range requests {
			requests[i].Account, requests[i].Region = account, region
			requests[i].ServiceControlPolicies = controlPolicies(t, "arn:aws:", "arn:"+partition+":")
		}
		results, err := policy.Evaluate(requests...)
		require.NoError(t, err)
		for i, result := range results {
			want := policy.ExplicitlyDenied
			if i%2 == 1 {
				want = policy.Allowed
			}
			assert.Equal(t, want, result.Verdict, "%s %s on %s\n%s", requests[i].Principal, requests[i].Action, requests[i].Resource, result.Explain())
		}
	}
}
