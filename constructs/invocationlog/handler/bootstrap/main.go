// Command bootstrap is the Lambda function that owns the model invocation
// logging configuration of an account and Region.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/awsclient"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/lifecycle"
)

func main() {
	config := awsclient.FromEnvironment(os.Getenv)
	function := lifecycle.New(awsclient.NewLogging(config), awsclient.NewParameters(config))
	lambda.Start(customresource.NewHandler(lifecycle.PhysicalResourceID, function.Handle))
}
