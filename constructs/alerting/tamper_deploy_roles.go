package alerting

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// spelledOut writes the ARN of a bootstrap's role with as few tokens as it takes,
// so that its length is known, and what it has in common with others. The CDK has
// it as one text for Fn::Sub.
func spelledOut(scope constructs.Construct, place policies.Place, arn string) string {
	if !*awscdk.Token_IsUnresolved(arn) {
		return arn
	}
	resolved, _ := awscdk.Stack_Of(scope).Resolve(arn).(map[string]any)
	text, ok := resolved["Fn::Sub"].(string)
	if !ok {
		return arn
	}
	return in(place, text)
}

// in fills in the placeholders of Fn::Sub.
func in(place policies.Place, text string) string {
	return strings.NewReplacer(
		"${AWS::Partition}", place.Partition, "${AWS::Region}", place.Region, "${AWS::AccountId}", place.Account,
	).Replace(text)
}

// deployerRoleArns are the role with which the cdk CLI starts deployments of the
// scope's stack; none where that cannot be told.
func deployerRoleArns(scope constructs.Construct, place policies.Place) []string {
	synthesizer := policies.Synthesizer(awscdk.Stack_Of(scope))
	if synthesizer == nil {
		return nil
	}
	return []string{in(place, *synthesizer.DeployRoleArn())}
}
