// Command bootstrap is the Lambda functions of the paper trail: the custom
// resource that owns the model invocation logging configuration of an account and
// Region, the guard that watches it, and the activation of cost allocation tags.
// The name of the handler tells which.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/awsclient"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/costtags"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/guard"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/lifecycle"
)

func main() {
	config := awsclient.FromEnvironment(os.Getenv)
	logging, parameters := awsclient.NewLogging(config), awsclient.NewParameters(config)
	switch os.Getenv("_HANDLER") {
	case "guard":
		settings := parse("GUARD", guard.ParseSettings)
		lambda.Start(guard.New(settings, lambdacontext.FunctionName, logging, parameters, awsclient.NewGuard(config)))
	case "costtags":
		lambda.Start(costtags.New(parse("COST_TAGS", costtags.ParseSettings), awsclient.NewCostTags(config)))
	default:
		function := lifecycle.New(logging, parameters)
		lambda.Start(customresource.NewHandler(lifecycle.PhysicalResourceID, function.Handle))
	}
}

// parse reads an environment variable. Without it there is no function.
func parse[T any](name string, read func(string) (T, error)) T {
	settings, err := read(os.Getenv(name))
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("environment variable "+name, "error", err)
		os.Exit(1)
	}
	return settings
}
