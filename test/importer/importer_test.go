package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program is built and run as its own module, in a folder that is no part
// of the library's, with the library compiling its Lambda function from there.
func TestImporterSynthesises(t *testing.T) {
	for name, flags := range map[string]string{"no flags": "", "mod flag": "-mod=mod"} {
		t.Run(name, func(t *testing.T) {
			module := copyModule(t)
			out := t.TempDir()
			run(t, module, flags, []string{
				"CDK_OUTDIR=" + out, "CDK_VALIDATION=false",
				"XDG_CACHE_HOME=" + t.TempDir(), // no function compiled beforehand
				"GOCACHE=" + strings.TrimSpace(run(t, ".", "", nil, "env", "GOCACHE")),
				"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20",
			}, "run", ".")

			resources := template(t, filepath.Join(out, "Assistant.template.json"))
			assert.Equal(t, 1, resources["Custom::BedrockInvocationLogging"])
			assert.Equal(t, 2, resources["AWS::S3::Bucket"])
			assert.Equal(t, 1, resources["AWS::KMS::Key"])
			functions, err := filepath.Glob(filepath.Join(out, "asset.*.zip"))
			require.NoError(t, err)
			assert.Len(t, functions, 1, "the function was compiled")
		})
	}
}

// What an importer takes on by importing constructs is the CDK, not what the
// Lambda function or the library's tests are made of.
func TestImporterStaysLean(t *testing.T) {
	list := run(t, ".", "", nil, "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
	for _, heavy := range []string{"aws-sdk-go-v2", "aws-lambda-go", "testify", "yaml", "jsonschema", "cdk-nag", "go-snaps"} {
		assert.NotContains(t, list, heavy)
	}
}

func copyModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	_, self, _, _ := runtime.Caller(0)
	library := filepath.Join(filepath.Dir(self), "..", "..")
	run(t, dir, "", nil, "mod", "edit", "-replace", "github.com/bedrock-paper-trail/paper-trail="+library)
	return dir
}

func run(t *testing.T, dir, goflags string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS="+goflags), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %v with GOFLAGS=%q:\n%s", args, goflags, out)
	return string(out)
}

func template(t *testing.T, path string) map[string]int {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var doc struct {
		Resources map[string]struct{ Type string }
	}
	require.NoError(t, json.Unmarshal(raw, &doc))
	count := map[string]int{}
	for _, resource := range doc.Resources {
		count[resource.Type]++
	}
	return count
}
