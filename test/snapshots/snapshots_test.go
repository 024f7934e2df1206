package snapshots_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/gkampitakis/go-snaps/snaps"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// assetHash is masked: the compiled function changes more often than what is
// declared around it.
var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

// Every stack of the sample environments dev and prod, as cdk.json synthesises
// them.
func TestTemplates(t *testing.T) {
	file, err := config.Load(filepath.Join("..", "..", "environments.yaml"))
	require.NoError(t, err)
	for _, name := range []string{"dev", "prod"} {
		env, err := file.Select(name)
		require.NoError(t, err)
		out := t.TempDir()
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: &out, AnalyticsReporting: jsii.Bool(false), Context: appContext(t)})
		stacks.NewEnvironment(app, env, &stacks.EnvironmentProps{FunctionCodePath: prebuilt(t)})
		app.Synth(nil)

		templates, err := filepath.Glob(filepath.Join(out, "*.template.json"))
		require.NoError(t, err)
		slices.Sort(templates)
		cost := 0
		if env.Costs.Any() {
			cost = 1
		}
		require.Len(t, templates, 4*len(env.Regions())+cost)
		for _, path := range templates {
			t.Run(filepath.Base(path), func(t *testing.T) {
				raw, err := os.ReadFile(path)
				require.NoError(t, err)
				var template map[string]any
				require.NoError(t, json.Unmarshal(assetHash.ReplaceAll(raw, []byte("ASSET")), &template))
				snaps.WithConfig(snaps.Filename(filepath.Base(path))).MatchStandaloneJSON(t, template)
			})
		}
	}
}

// prebuilt keeps the compiler out of a test of templates.
func prebuilt(t *testing.T) *string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	return &dir
}

// appContext is the context of cdk.json, without the validation engine.
func appContext(t *testing.T) *map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "cdk.json"))
	require.NoError(t, err)
	var settings struct {
		Context map[string]any `json:"context"`
	}
	require.NoError(t, json.Unmarshal(raw, &settings), "cdk.json")
	return &settings.Context
}
