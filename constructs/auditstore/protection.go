package auditstore

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

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
		misuse.Panicf(pkg, "%s cannot tell which role deploys its stack (its synthesizer uses the credentials of the caller, belongs to a nested stack, or was made by the program and not by the CDK), and would lock the deployment out; set %sProps.DeployPrincipalArns, or instead of a synthesizer of your own give its qualifier as the context @aws-cdk/core:bootstrapQualifier", construct, construct)
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
			found = append(found, misuse.Errorf(pkg, "%sProps.%s has to be the ARN of an IAM principal, got %s; give one such as arn:aws:iam::111122223333:role/break-glass", construct, prop, got))
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

// namesPrincipals tells whether arn is that of IAM principals of one account,
// and not of all of them. What only the deployment knows is taken as given.
func namesPrincipals(arn string) bool {
	if strings.Contains(arn, "${Token[") {
		return true
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || strings.ContainsAny(parts[4], "*?") {
		return false
	}
	_, name, _ := strings.Cut(parts[5], "/")
	return strings.Trim(name, "*?/") != ""
}

// sidPart turns a name into what a Sid allows, [A-Za-z0-9]. A name that only
// the deployment knows has none: its placeholder differs from run to run.
func sidPart(name string) string {
	if strings.Contains(name, "${Token[") {
		return ""
	}
	var b strings.Builder
	upper := true
	for _, r := range name {
		switch {
		case r == '*':
			b.WriteString("Any")
			upper = true
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
