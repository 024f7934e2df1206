package papertrail_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

const (
	home  = "eu-west-1"
	other = "us-east-1"
)

// environment is an entry of environments.yaml, named e2e, in an emulated account
// of its own. Its T is that of the test or step that uses it.
type environment struct {
	*testing.T
	stand   *emulator.Emulator
	regions []string
	config  string // path of environments.yaml
}

// start runs an emulator, in which the roles of the CLI and of the function may do
// what their policies allow, and bootstraps its account in the Regions.
func start(t *testing.T, regions ...string) *environment {
	t.Helper()
	t.Parallel()
	stand, err := emulator.Start(t.Context(), emulator.Options{Name: t.Name(), EnforcePolicies: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stand.Stop()) })
	args := []string{"bootstrap", "--app", ""} // there is nothing to synthesise yet
	for _, region := range regions {
		args = append(args, "aws://"+stand.Account()+"/"+region)
	}
	_, err = stand.CDK(t.Context(), regions[0], args...)
	require.NoError(t, err)
	return &environment{T: t, stand: stand, regions: regions, config: filepath.Join(t.TempDir(), "environments.yaml")}
}

// step runs a part of the test. The parts build on each other, so the first that
// fails is the last.
func (e *environment) step(behaviour string, do func(*environment)) {
	e.Helper()
	passed := e.Run(behaviour, func(part *testing.T) {
		in := *e
		in.T = part
		do(&in)
	})
	if !passed {
		e.FailNow()
	}
}

// configure writes environments.yaml: the keys given, with those that every
// environment needs.
func (e *environment) configure(keys ...string) {
	e.Helper()
	keys = append(keys,
		`account: "`+e.stand.Account()+`"`,
		"region: "+e.regions[0],
		"additionalRegions: ["+strings.Join(e.regions[1:], ", ")+"]",
		"tags: {project: paper-trail, owner: tests, cost-center: cc-1}",
	)
	if !slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, "ledger:") }) {
		keys = append(keys, "ledger: {mode: none}")
	}
	if !slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, "alerts:") }) {
		keys = append(keys, "alerts: {emails: [admin@example.com]}")
	}
	text := "environments:\n  e2e:\n    " + strings.Join(keys, "\n    ") + "\n"
	require.NoError(e, os.WriteFile(e.config, []byte(text), 0o644))
}

// configureDisposable is configure for an environment that goes without trace.
func (e *environment) configureDisposable(keys ...string) {
	e.Helper()
	e.configure(append(keys, "removal: destroy", "objectLock: {mode: GOVERNANCE, days: 1}")...)
}

// cdk runs the CLI with the app and the configuration.
func (e *environment) cdk(command string, args ...string) (string, error) {
	e.Helper()
	return e.stand.CDK(e.Context(), e.regions[0], append([]string{
		command, "--all",
		"--app", app,
		"--output", filepath.Join(e.TempDir(), "cdk.out"),
		"-c", "env=e2e",
		"-c", "config=" + e.config,
		"-c", "lambdaArchitecture=" + emulator.LambdaArchitecture(),
	}, args...)...)
}

// deploy expects success and returns what the CLI wrote.
func (e *environment) deploy(args ...string) string {
	e.Helper()
	out, err := e.cdk("deploy", args...)
	require.NoError(e, err)
	return out
}

// destroy expects success.
func (e *environment) destroy() {
	e.Helper()
	_, err := e.cdk("destroy", "--force")
	require.NoError(e, err)
}
