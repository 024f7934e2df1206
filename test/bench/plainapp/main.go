// Command plainapp declares the resources of another app's assembly, its first
// argument, again: each as one CfnResource with its properties written out, and
// nothing else. It is the least that any CDK app in Go does for them, so it tells
// what the CDK needs from what the paper trail adds.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// artifact is a stack in an assembly's manifest.
type artifact struct {
	Type        string
	Environment string // aws://ACCOUNT/REGION
	Properties  struct{ TemplateFile string }
}

type template struct {
	Resources map[string]struct {
		Type       string
		Properties map[string]any
	}
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(assembly string) error {
	defer jsii.Close()
	var manifest struct{ Artifacts map[string]artifact }
	if err := read(filepath.Join(assembly, "manifest.json"), &manifest); err != nil {
		return err
	}
	app := awscdk.NewApp(nil)
	for _, id := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		a := manifest.Artifacts[id]
		if a.Type != "aws:cloudformation:stack" {
			continue
		}
		var t template
		if err := read(filepath.Join(assembly, a.Properties.TemplateFile), &t); err != nil {
			return err
		}
		account, region, _ := strings.Cut(strings.TrimPrefix(a.Environment, "aws://"), "/")
		declare(awscdk.NewStack(app, &id, &awscdk.StackProps{Env: &awscdk.Environment{Account: &account, Region: &region}}), t)
	}
	app.Synth(nil)
	return nil
}

func declare(stack awscdk.Stack, t template) {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		resource := t.Resources[id]
		if resource.Type == "AWS::CDK::Metadata" { // the CDK adds its own
			continue
		}
		awscdk.NewCfnResource(stack, &id, &awscdk.CfnResourceProps{Type: &resource.Type, Properties: &resource.Properties})
	}
}

func read(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
