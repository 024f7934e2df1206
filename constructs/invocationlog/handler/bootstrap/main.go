// Command bootstrap is the two Lambda functions of the model invocation logging
// configuration of an account and Region: the custom resource that owns it and
// the guard that watches it. The name of the handler tells which.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/awsclient"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/lifecycle"
)

func main() {
	config := awsclient.FromEnvironment(os.Getenv)
	logging, parameters := awsclient.NewLogging(config), awsclient.NewParameters(config)
	if os.Getenv("_HANDLER") != "guard" {
		function := lifecycle.New(logging, parameters)
		lambda.Start(customresource.NewHandler(lifecycle.PhysicalResourceID, function.Handle))
		return
	}
	settings, err := guard.ParseSettings(os.Getenv("GUARD"))
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("environment variable GUARD", "error", err)
		os.Exit(1)
	}
	lambda.Start(guard.New(settings, lambdacontext.FunctionName, logging, parameters, awsclient.NewGuard(config)))
}
