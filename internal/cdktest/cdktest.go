package cdktest

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"
)

// Account and Region that tests synthesise for.
const (
	Account = "111122223333"
	Region  = "eu-west-1"
)

// kernelSettings leave out of each test what is not its business: the template
// validation engine, which costs seconds for each synthesis and has a test of
// its own, and the banner about old versions of Node.js.
var kernelSettings = map[string]string{
	"CDK_VALIDATION": "false",
	"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20",
}

// Main runs a package's tests and ends the jsii kernel.
func Main(m *testing.M) {
	startWithSettings()
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// startWithSettings starts the test binary anew with the kernel's settings in
// its environment. jsii copies the environment for the kernel while packages
// are initialised, before any code of a test can set it.
func startWithSettings() {
	missing := false
	for name, value := range kernelSettings {
		if os.Getenv(name) == "" {
			missing = true
			os.Setenv(name, value)
		}
	}
	if !missing {
		return
	}
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	jsii.Close() // removes the folder that the kernel was unpacked to
	panic(syscall.Exec(self, os.Args, os.Environ()))
}

// NewApp makes an app whose output goes to the test's own folder.
func NewApp(t *testing.T) awscdk.App {
	t.Helper()
	return awscdk.NewApp(&awscdk.AppProps{
		Outdir:             jsii.String(t.TempDir()),
		AnalyticsReporting: jsii.Bool(false),
	})
}

// NewStack makes a stack with a fixed account and Region in an app of its own.
func NewStack(t *testing.T) awscdk.Stack {
	t.Helper()
	return NewStackIn(NewApp(t), "Test")
}

// NewStackIn makes a stack with a fixed account and Region in scope.
func NewStackIn(scope constructs.Construct, id string) awscdk.Stack {
	return awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(Account), Region: jsii.String(Region)},
	})
}

// Resource is one resource of a template.
type Resource struct {
	Type                string         `json:"Type"`
	Properties          map[string]any `json:"Properties"`
	DependsOn           any            `json:"DependsOn"`
	DeletionPolicy      string         `json:"DeletionPolicy"`
	UpdateReplacePolicy string         `json:"UpdateReplacePolicy"`
}

// Template is a synthesised template as plain values.
type Template struct {
	Resources map[string]Resource `json:"Resources"`
	Outputs   map[string]any      `json:"Outputs"`
	raw       map[string]any
}

// Synth synthesises the stack's app and returns the stack's template. A failed
// synthesis fails the test.
func Synth(t *testing.T, stack awscdk.Stack) Template {
	t.Helper()
	template, message := trySynth(stack)
	require.Empty(t, message, "synthesis failed")
	raw, err := json.Marshal(template)
	require.NoError(t, err)
	var out Template
	require.NoError(t, json.Unmarshal(raw, &out))
	require.NoError(t, json.Unmarshal(raw, &out.raw))
	return out
}

func trySynth(stack awscdk.Stack) (template *map[string]any, message string) {
	defer func() {
		if r := recover(); r != nil {
			message = fmt.Sprint(r)
		}
	}()
	return assertions.Template_FromStack(stack, nil).ToJSON(), ""
}

// Map is the template as it was synthesised.
func (t Template) Map() map[string]any { return t.raw }

// OfType lists the resources of a type by logical id.
func (t Template) OfType(resourceType string) map[string]Resource {
	found := map[string]Resource{}
	for id, r := range t.Resources {
		if r.Type == resourceType {
			found[id] = r
		}
	}
	return found
}

// Only returns the one resource of a type whose logical id starts with prefix;
// any other number fails the test.
func (t Template) Only(tb testing.TB, resourceType, prefix string) (string, Resource) {
	tb.Helper()
	var ids []string
	for id := range t.OfType(resourceType) {
		if strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	require.Len(tb, ids, 1, "resources of type %s with prefix %q", resourceType, prefix)
	return ids[0], t.Resources[ids[0]]
}

// JSON renders any part of a template, for substring assertions on intrinsics.
func JSON(tb testing.TB, v any) string {
	tb.Helper()
	raw, err := json.Marshal(v)
	require.NoError(tb, err)
	return string(raw)
}

// Statement finds the policy statement with the given Sid in a policy document.
func Statement(tb testing.TB, document any, sid string) map[string]any {
	tb.Helper()
	doc, ok := document.(map[string]any)
	require.True(tb, ok, "not a policy document: %T", document)
	list, ok := doc["Statement"].([]any)
	require.True(tb, ok, "no statements in %v", doc)
	for _, s := range list {
		if m, ok := s.(map[string]any); ok && m["Sid"] == sid {
			return m
		}
	}
	require.Failf(tb, "no such statement", "sid %q in %s", sid, JSON(tb, document))
	return nil
}

// Panics runs f and returns the message it panics with.
func Panics(t *testing.T, f func()) (message string) {
	t.Helper()
	defer func() {
		r := recover()
		require.NotNil(t, r, "expected a panic")
		message = fmt.Sprint(r)
	}()
	f()
	return ""
}

// Warnings lists the warnings that the stack's constructs carry.
func Warnings(stack awscdk.Stack) []string {
	var out []string
	found := assertions.Annotations_FromStack(stack).FindWarning(jsii.String("*"), assertions.Match_AnyValue())
	for _, w := range *found {
		out = append(out, fmt.Sprint(w.Entry.Data))
	}
	return out
}

// AssertImportable does to a construct what importers do: scope, tags, aspects
// and dependencies. A Go struct around a construct made by NewConstruct panics
// at each of them.
func AssertImportable(t *testing.T, construct constructs.Construct) {
	t.Helper()
	require.NotPanics(t, func() {
		child := constructs.NewConstruct(construct, jsii.String("ImporterChild"))
		require.Contains(t, *child.Node().Path(), *construct.Node().Id(), "usable as a scope")
		awscdk.Tags_Of(construct).Add(jsii.String("importer"), jsii.String("yes"), nil)
		awscdk.Aspects_Of(construct).Add(&visit{}, nil)
		other := constructs.NewConstruct(awscdk.Stack_Of(construct), jsii.String("ImporterOther"+*construct.Node().Id()))
		other.Node().AddDependency(construct)
		construct.Node().AddMetadata(jsii.String("importer"), "yes", nil)
	})
}

type visit struct{ visited int }

func (v *visit) Visit(constructs.IConstruct) { v.visited++ }

var _ awscdk.IAspect = (*visit)(nil)
