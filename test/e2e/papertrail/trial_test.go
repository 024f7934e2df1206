package papertrail_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/test/e2e/emulator"
)

const (
	home  = "eu-west-1"
	other = "us-east-1"
)

// trial is one emulated account with one environment, named e2e.
type trial struct {
	*testing.T
	stand   *emulator.Emulator
	regions []string
	config  string // path of environments.yaml
}

// start runs an emulator and bootstraps its account in the Regions.
func start(t *testing.T, regions ...string) *trial {
	t.Helper()
	t.Parallel()
	stand, err := emulator.Start(t.Context(), emulator.Options{Name: t.Name()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stand.Stop()) })
	trial := &trial{T: t, stand: stand, regions: regions, config: filepath.Join(t.TempDir(), "environments.yaml")}
	// Without an app, nothing is synthesised for it.
	args := []string{"bootstrap", "--app", "", "--output", filepath.Join(t.TempDir(), "cdk.out")}
	for _, region := range regions {
		args = append(args, "aws://"+stand.Account()+"/"+region)
	}
	_, err = stand.CDK(t.Context(), regions[0], args...)
	require.NoError(t, err)
	return trial
}

// configure writes environments.yaml: the keys given, with those that every
// environment needs.
func (t *trial) configure(keys ...string) {
	t.Helper()
	keys = append(keys,
		`account: "`+t.stand.Account()+`"`,
		"region: "+t.regions[0],
		"additionalRegions: ["+strings.Join(t.regions[1:], ", ")+"]",
		"alerts: {emails: [admin@example.com]}",
		"tags: {project: paper-trail, owner: tests, cost-center: cc-1}",
	)
	text := "environments:\n  e2e:\n    " + strings.Join(keys, "\n    ") + "\n"
	require.NoError(t, os.WriteFile(t.config, []byte(text), 0o644))
}

// cdk runs the CLI with the app and the configuration.
func (t *trial) cdk(command string, args ...string) (string, error) {
	t.Helper()
	return t.stand.CDK(t.Context(), t.regions[0], append([]string{
		command, "--all",
		"--app", app,
		"--output", filepath.Join(t.TempDir(), "cdk.out"),
		"-c", "env=e2e",
		"-c", "config=" + t.config,
		"-c", "lambdaArchitecture=" + emulator.LambdaArchitecture(),
	}, args...)...)
}

// deploy expects success and returns what the CLI wrote.
func (t *trial) deploy(args ...string) string {
	t.Helper()
	out, err := t.cdk("deploy", args...)
	require.NoError(t, err)
	return out
}

// destroy expects success.
func (t *trial) destroy() {
	t.Helper()
	_, err := t.cdk("destroy", "--force")
	require.NoError(t, err)
}
