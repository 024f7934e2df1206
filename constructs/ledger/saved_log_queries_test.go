package ledger_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestSavedLogQueriesAreOnBothLogGroups(t *testing.T) {
	stack := cdktest.NewStack(t)
	queries := ledger.NewSavedLogQueries(stack, jsii.String("Queries"), &ledger.SavedLogQueriesProps{
		InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String("/aws/bedrock/model-invocations")),
		TrailLogGroup:      awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Events"), jsii.String("/aws/cloudtrail/paper-trail")),
	})
	cdktest.AssertImportable(t, queries)
	groups := map[any]int{}
	var names []string
	for id, query := range cdktest.Synth(t, stack).OfType("AWS::Logs::QueryDefinition") {
		p := query.Properties
		assert.NotEmpty(t, p["QueryString"], id)
		names = append(names, p["Name"].(string))
		for _, group := range p["LogGroupNames"].([]any) {
			groups[group]++
		}
	}
	assert.Equal(t, map[any]int{"/aws/bedrock/model-invocations": 9, "/aws/cloudtrail/paper-trail": 5}, groups)
	assert.ElementsMatch(t, queries.Names(), names)
	assert.Contains(t, names, "Test/Who called models")
	assert.Contains(t, names, "Test/Who read prompts from the bucket")
}

func TestSavedLogQueriesWithoutATrail(t *testing.T) {
	stack := cdktest.NewStack(t)
	queries := ledger.NewSavedLogQueries(stack, jsii.String("Queries"), &ledger.SavedLogQueriesProps{
		InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String("/aws/bedrock/model-invocations")),
		Folder:             jsii.String("audit/calls"),
	})
	assert.Len(t, cdktest.Synth(t, stack).OfType("AWS::Logs::QueryDefinition"), 9)
	assert.Contains(t, queries.Names(), "audit/calls/Throttled calls")
}

func TestSavedLogQueriesMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	assert.Contains(t, cdktest.Panics(t, func() { ledger.NewSavedLogQueries(stack, jsii.String("Q"), nil) }),
		"paper-trail/ledger: SavedLogQueries needs SavedLogQueriesProps.InvocationLogGroup, got nil")
	assert.Contains(t, cdktest.Panics(t, func() {
		ledger.NewSavedLogQueries(stack, jsii.String("Q"), &ledger.SavedLogQueriesProps{
			InvocationLogGroup: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String("records")),
			Folder:             jsii.String(""),
		})
	}), "SavedLogQueriesProps.Folder is empty")
}
