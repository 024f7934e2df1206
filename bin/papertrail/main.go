// Command papertrail is the CDK app of the Bedrock paper trail: it reads
// environments.yaml and makes the stacks of the selected environment. The CDK
// CLI runs it, see cdk.json.
//
// It understands these context values (-c NAME=VALUE):
//
//	env                  the environment to synthesise; all without it
//	config               the path of environments.yaml; ./environments.yaml without it
//	lambdaArchitecture   arm64 (without it) or x86_64
//
// The flags in cdk.json are those that the CDK recommends, but for
// annotationsInValidationReport: with it, each warning is printed again for each
// Region, and twice as often for each further one.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

func main() {
	stderr := os.Stderr
	err := run()
	closeKernel()
	if err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

// run turns the panics of constructs into errors: their messages say what to
// do, and the stack trace of an app that is not the reader's own says nothing.
func run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	// A stack trace taken in the jsii runtime names no line of this program.
	app := awscdk.NewApp(&awscdk.AppProps{StackTraces: jsii.Bool(false)})
	environments, err := selected(app)
	if err != nil {
		return err
	}
	architecture, err := lambdaArchitecture(app)
	if err != nil {
		return err
	}
	for _, env := range environments {
		stacks.NewEnvironment(app, env, &stacks.EnvironmentProps{FunctionArchitecture: architecture})
	}
	app.Synth(nil)
	return nil
}

// mistaken are names that people give for env by mistake. Whatever is unknown is
// context of somebody else's to the CDK, and all environments would be deployed.
var mistaken = []string{"environment", "environments", "ENV", "stage"}

func selected(app awscdk.App) ([]*config.Environment, error) {
	for _, name := range mistaken {
		if given := contextText(app, name); given != "" {
			return nil, fmt.Errorf("context %s: got %q, which selects nothing; write -c env=%s", name, given, given)
		}
	}
	path := contextText(app, "config")
	if path == "" {
		path = "environments.yaml"
	}
	file, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	names := file.Names()
	switch name := contextText(app, "env"); {
	case name != "":
		names = []string{name}
	case app.Node().TryGetContext(jsii.String("env")) != nil:
		// A script whose variable is unset asks for one environment, not for all.
		return nil, fmt.Errorf("context env: given but empty; name one of %s, or leave -c env out for all of them", strings.Join(names, ", "))
	}
	var environments []*config.Environment
	for _, name := range names {
		env, err := file.Select(name)
		if err != nil {
			return nil, err
		}
		environments = append(environments, env)
	}
	return environments, nil
}

func lambdaArchitecture(app awscdk.App) (awslambda.Architecture, error) {
	switch name := contextText(app, "lambdaArchitecture"); name {
	case "", "arm64":
		return awslambda.Architecture_ARM_64(), nil
	case "x86_64":
		return awslambda.Architecture_X86_64(), nil
	default:
		return nil, fmt.Errorf("context lambdaArchitecture: got %q; use arm64 or x86_64", name)
	}
}

// contextText reads a context value given as -c NAME=VALUE or in cdk.json.
func contextText(app awscdk.App, name string) string {
	switch value := app.Node().TryGetContext(jsii.String(name)).(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		return fmt.Sprint(value)
	}
}
