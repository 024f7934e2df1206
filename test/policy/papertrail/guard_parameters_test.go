package papertrail_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/test/policy"
)

const (
	lock     = "/paper-trail/logging-configuration-lock"
	state    = "/paper-trail/paper-trail-kept-monitoring/logging-guard"
	register = "/paper-trail/paper-trail-kept-capture/logging-configuration"
)

// parameterARN is that of an SSM parameter, whose name begins with a slash.
func parameterARN(region, name string) string {
	return "arn:aws:ssm:" + region + ":" + account + ":parameter" + name
}

func TestTheGuardRemembersInItsOwnParameterAndOnlyReadsTheRegister(t *testing.T) {
	w := load(t, "kept")
	all := []string{"ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"}
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		stack, caller := monitoring("kept", region), guardRole(w, "kept", region).Principal()
		w.Expect(stack, policy.Allow, each(caller, parameterARN(region, register), nil, "ssm:GetParameter")...)
		w.Expect(stack, policy.Deny, each(caller, parameterARN(region, register), nil, "ssm:PutParameter", "ssm:DeleteParameter", "ssm:GetParameterHistory")...)
		for _, own := range []string{lock, state} {
			w.Expect(stack, policy.Allow, each(caller, parameterARN(region, own), nil, "ssm:GetParameter", "ssm:PutParameter")...)
			w.Expect(stack, policy.Deny, each(caller, parameterARN(region, own), nil, "ssm:DeleteParameter", "ssm:AddTagsToResource")...)
			w.Expect(stack, policy.Deny, each(caller, parameterARN(region, own+"/x"), nil, all...)...)
			w.Expect(stack, policy.Deny, each(caller, parameterARN(elsewhere, own), nil, all...)...)
		}
		for _, other := range []string{
			"/other",
			"/paper-trail/paper-trail-other-capture/logging-configuration",
			"/paper-trail/paper-trail-other-monitoring/logging-guard",
			register + "/x",
		} {
			w.Expect(stack, policy.Deny, each(caller, parameterARN(region, other), nil, all...)...)
		}
		w.Expect(stack, policy.Deny, each(caller, "*", nil, "ssm:DescribeParameters", "ssm:GetParametersByPath")...)
	}
	w.Run()
}

// The function behind the custom resource takes turns with the guard, and
// leaves its memory alone.
func TestTheFunctionSharesTheLockWithTheGuardAndNothingElse(t *testing.T) {
	w := load(t, "kept")
	remembering := []string{"ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"}
	for region, elsewhere := range map[string]string{home: additional, additional: home} {
		stack, caller := capture("kept", region), w.Role(capture("kept", region), "InvocationLoggingFunctionRole").Principal()
		for _, own := range []string{lock, register} {
			w.Expect(stack, policy.Allow, each(caller, parameterARN(region, own), nil, remembering...)...)
			w.Expect(stack, policy.Deny, each(caller, parameterARN(elsewhere, own), nil, remembering...)...)
		}
		for _, other := range []string{state, "/paper-trail/paper-trail-other-capture/logging-configuration", lock + "/x"} {
			w.Expect(stack, policy.Deny, each(caller, parameterARN(region, other), nil, remembering...)...)
		}
		w.Expect(stack, policy.Deny, each(caller, "*", policy.Context{"cloudwatch:namespace": "PaperTrail"}, "cloudwatch:PutMetricData")...)
	}
	w.Run()
}
