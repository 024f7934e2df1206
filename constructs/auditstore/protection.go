package auditstore

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// exempt lists the principals that the denies of a bucket or key leave out.
func exempt(scope constructs.Construct, construct string, deploy *[]*string, breakGlass *string) []*string {
	var out []*string
	if deploy != nil {
		out = append(out, *deploy...)
	} else if role := policies.At(scope).DeployRoleArn; role != nil {
		out = append(out, role)
	}
	if len(out) == 0 {
		misuse.Panicf(pkg, "%s cannot tell which role deploys its stack (its synthesizer uses the credentials of the caller, or was made by the program and not by the CDK), and would lock the deployment out; set %sProps.DeployPrincipalArns, or instead of a synthesizer of your own give its qualifier as the context @aws-cdk/core:bootstrapQualifier", construct, construct)
	}
	if breakGlass != nil {
		out = append(out, breakGlass)
	}
	return out
}

// principalProblems refuses what would silently exempt everybody, or nobody.
func principalProblems(construct string, breakGlass *string, deploy *[]*string) []error {
	var found []error
	check := func(prop string, arn *string) {
		if arn == nil || !namesPrincipals(*arn) {
			got := "nil"
			if arn != nil {
				got = strconv.Quote(*arn)
			}
			found = append(found, misuse.Errorf(pkg, "%sProps.%s has to be the ARN of an IAM principal, got %s; give one such as arn:aws:iam::111122223333:role/break-glass, of a role or user, and for a session that of its role", construct, prop, got))
		}
	}
	if breakGlass != nil {
		check("BreakGlassPrincipalArn", breakGlass)
	}
	if deploy != nil {
		for i, arn := range *deploy {
			check(fmt.Sprintf("DeployPrincipalArns[%d]", i), arn)
		}
	}
	return found
}

// namesPrincipals tells whether arn is that of roles or users of one account,
// and not of all of them. An ARN of AWS STS is none: aws:PrincipalArn holds the
// role of a session (IAM user guide, "AWS global condition context keys"). What
// only the deployment knows is taken as given.
func namesPrincipals(arn string) bool {
	if strings.Contains(arn, "${Token[") {
		return true
	}
	named := iamPrincipal.FindStringSubmatch(arn)
	return named != nil && strings.Trim(named[1], "*?/") != ""
}

// iamPrincipal is the ARN of a role or user; its group is the name, the path
// included. IAM has no Region, and the partition is that of the account.
var iamPrincipal = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:(?:role|user)/(.+)$`)
