package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The app is run as the CDK CLI runs it: a process that is given its context
// and the folder for its output in the environment.
type app struct {
	binary string
	dir    string
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "papertrail")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

func (a app) run(t *testing.T, context map[string]string, env ...string) (output string, templates []string, err error) {
	t.Helper()
	raw, marshalErr := json.Marshal(context)
	require.NoError(t, marshalErr)
	out := t.TempDir()
	cmd := exec.Command(a.binary)
	cmd.Dir = a.dir
	cmd.Env = append(os.Environ(), "CDK_CONTEXT_JSON="+string(raw), "CDK_OUTDIR="+out, "CDK_VALIDATION=false",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20")
	cmd.Env = append(cmd.Env, env...)
	text, err := cmd.CombinedOutput()
	assert.NotContains(t, string(text), "abnormally", "it ended as it was told to")
	templates, globErr := filepath.Glob(filepath.Join(out, "*.template.json"))
	require.NoError(t, globErr)
	return string(text), templates, err
}

const environments = `
environments:
  dev:
    removal: destroy
    objectLock: {mode: GOVERNANCE, days: 1}
    tags: {project: p, owner: o, cost-center: c}
  prod:
    account: "111122223333"
    region: eu-west-1
    alerts: {emails: [admin@example.com]}
    tags: {project: p, owner: o, cost-center: c}
`

func write(t *testing.T, dir, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "environments.yaml"), []byte(text), 0o600))
}

func TestApp(t *testing.T) {
	binary := build(t)
	dir := t.TempDir()
	write(t, dir, environments)
	app := app{binary, dir}

	t.Run("makes the selected environment", func(t *testing.T) {
		output, templates, err := app.run(t, map[string]string{"env": "prod"})
		require.NoError(t, err, output)
		require.Len(t, templates, 4)
		for _, template := range templates {
			assert.True(t, strings.HasPrefix(filepath.Base(template), "prod"), template)
		}
	})
	t.Run("makes all without a selection", func(t *testing.T) {
		output, templates, err := app.run(t, nil)
		require.NoError(t, err, output)
		assert.Len(t, templates, 8)
	})
	t.Run("reads another file", func(t *testing.T) {
		other := t.TempDir()
		write(t, other, strings.ReplaceAll(environments, "  dev:", "  lab:"))
		output, templates, err := app.run(t, map[string]string{"config": filepath.Join(other, "environments.yaml"), "env": "lab"})
		require.NoError(t, err, output)
		assert.Len(t, templates, 4)
	})
	t.Run("compiles for the other architecture", func(t *testing.T) {
		output, templates, err := app.run(t, map[string]string{"env": "dev", "lambdaArchitecture": "x86_64"})
		require.NoError(t, err, output)
		text, err := os.ReadFile(templates[0])
		require.NoError(t, err)
		assert.Contains(t, string(text), `"x86_64"`)
	})
}

func TestAppSaysWhatIsWrong(t *testing.T) {
	binary := build(t)
	good, empty, broken, refused := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	write(t, good, environments)
	write(t, broken, "environments:\n  dev: [\n")
	write(t, refused, strings.Replace(environments, "mode: GOVERNANCE", "mode: COMPLIANCE", 1))
	for name, test := range map[string]struct {
		dir     string
		context map[string]string
		env     []string
		want    []string
	}{
		"unknown environment":        {dir: good, context: map[string]string{"env": "prdo"}, want: []string{"prdo", "dev, prod", `did you mean "prod"?`}},
		"empty environment":          {dir: good, context: map[string]string{"env": ""}, want: []string{"context env: given but empty; name one of dev, prod"}},
		"another name for env":       {dir: good, context: map[string]string{"environment": "dev"}, want: []string{`context environment: got "dev", which selects nothing; write -c env=dev`}},
		"no file":                    {dir: empty, want: []string{"environments.yaml: file does not exist; run from the folder that holds it, or create it from this:\n\nenvironments:\n  dev:\n"}},
		"malformed file":             {dir: broken, want: []string{"environments.yaml:2: not valid YAML: did not find expected node content; check the indentation, colons and quotes from here on"}},
		"refused settings":           {dir: refused, want: []string{"environments.dev.objectLock", "COMPLIANCE", "destroy"}},
		"unknown architecture":       {dir: good, context: map[string]string{"lambdaArchitecture": "arm"}, want: []string{`context lambdaArchitecture: got "arm"; use arm64 or x86_64`}},
		"no go command and no cache": {dir: good, env: []string{"PATH=" + nodeOnly(t), "XDG_CACHE_HOME=" + t.TempDir()}, want: []string{"no go command on PATH", "install Go, or pass Code with a prebuilt bootstrap"}},
	} {
		t.Run(name, func(t *testing.T) {
			output, templates, err := app{binary, test.dir}.run(t, test.context, test.env...)
			require.Error(t, err, "the exit code tells the CLI")
			for _, want := range test.want {
				assert.Contains(t, output, want)
			}
			assert.NotContains(t, output, "goroutine", "a message, not a stack trace")
			assert.Empty(t, templates)
		})
	}
}

// nodeOnly is a PATH with the node command and nothing else.
func nodeOnly(t *testing.T) string {
	t.Helper()
	node, err := exec.LookPath("node")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(node, filepath.Join(dir, "node")))
	return dir
}
