package policies_test

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

func ExampleStatement() {
	stack := awscdk.NewStack(nil, jsii.String("Example"), nil)
	statement := policies.Statement{
		Sid:       "ReadLogs",
		Actions:   []string{"logs:GetLogEvents"},
		Resources: *policies.Strings("*"),
	}.Build()
	text, _ := json.Marshal(stack.Resolve(statement.ToStatementJson()))
	fmt.Println(string(text))
	// Output: {"Action":"logs:GetLogEvents","Effect":"Allow","Resource":"*","Sid":"ReadLogs"}
}
