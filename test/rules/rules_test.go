package rules

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/cxapi"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

var root = filepath.Join("..", "..")

func newEnvironment(t *testing.T, name string) (awscdk.App, string, stacks.Environment) {
	t.Helper()
	file, err := config.Load(filepath.Join(root, "environments.yaml"))
	require.NoError(t, err)
	env, err := file.Select(name)
	require.NoError(t, err)
	code := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(code, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	out := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &out, AnalyticsReporting: jsii.Bool(false)})
	return app, out, stacks.NewEnvironment(app, env, &stacks.EnvironmentProps{FunctionCodePath: &code})
}

func TestCdkNag(t *testing.T) {
	for _, name := range []string{"dev", "prod"} {
		t.Run(name, func(t *testing.T) {
			app, _, env := newEnvironment(t, name)
			accept(env)
			awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
			awscdk.Aspects_Of(app).Add(cdknag.NewNIST80053R5Checks(nil), nil)
			for _, region := range env.Regions() {
				list := []awscdk.Stack{region.Storage, region.Capture, region.Monitoring}
				if region.Cost != nil {
					list = append(list, region.Cost)
				}
				if region.Ledger != nil {
					list = append(list, region.Ledger)
				}
				for _, stack := range list {
					annotations := assertions.Annotations_FromStack(stack)
					for _, found := range [][]string{
						messages(annotations.FindError(jsii.String("*"), assertions.Match_AnyValue())),
						messages(annotations.FindWarning(jsii.String("*"), assertions.Match_StringLikeRegexp(jsii.String("(AwsSolutions|NIST|CdkNag).*")))),
					} {
						assert.Empty(t, found, "%s", *stack.Node().Path())
					}
				}
			}
		})
	}
}

func messages(found *[]*cxapi.SynthesisMessage) []string {
	var out []string
	for _, m := range *found {
		text, _, _ := strings.Cut(fmt.Sprint(m.Entry.Data), "\n")
		out = append(out, *m.Id+" "+text)
	}
	return out
}

// acceptedByLint are checks of cfn-lint that are left as they are. W3005: the
// CDK writes a DependsOn beside each reference of a function to its role.
var acceptedByLint = []string{"W3005"}

func TestCfnLint(t *testing.T) {
	linter, err := filepath.Abs(filepath.Join(root, ".venv", "bin", "cfn-lint"))
	require.NoError(t, err)
	require.FileExists(t, linter, "run `make install`")
	for _, name := range []string{"dev", "prod"} {
		app, out, _ := newEnvironment(t, name)
		app.Synth(nil)
		templates, err := filepath.Glob(filepath.Join(out, "*.template.json"))
		require.NoError(t, err)
		require.NotEmpty(t, templates)
		cmd := exec.Command(linter, append(append([]string{"--format", "parseable", "--ignore-checks"}, acceptedByLint...), append([]string{"--template"}, templates...)...)...)
		report, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s", report)
	}
}

// cdk.json makes findings of the CDK's own validation engine errors. The real
// CLI runs it over the real app here.
func TestStrictTemplateValidation(t *testing.T) {
	cli, err := filepath.Abs(filepath.Join(root, "node_modules", ".bin", "cdk"))
	require.NoError(t, err)
	require.FileExists(t, cli, "run `make install`")
	cmd := exec.Command(cli, "synth", "--quiet", "--no-notices", "--output", t.TempDir())
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CDK_VALIDATION=true")
	report, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s", report)
	assert.NotContains(t, string(report), "CloudFormation Validate")
}
