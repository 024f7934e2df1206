package alarmcost_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
	"github.com/bedrock-paper-trail/paper-trail/test/alarmcost"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

var update = flag.Bool("update", false, "rewrite the table of docs/costs.md")

// calledModels is how many models the page takes to be called.
const calledModels = 5

// The table of the page is what the templates cost.
func TestCostsPageIsCurrent(t *testing.T) {
	const path, begin, end = "../../docs/costs.md", "<!-- costs -->\n", "<!-- /costs -->\n"
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(raw), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)
	want := before + begin + table(t) + end + after
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(raw), "run: go test ./test/alarmcost -update")
}

const minimal = `
environments:
  test:
    account: "111122223333"
    region: us-east-1
    alerts: {emails: [admin@example.com]}
    tags: {project: p, owner: o, cost-center: c}
`

func table(t *testing.T) string {
	t.Helper()
	one := bill(t, minimal)
	columns := []struct {
		title string
		bill  alarmcost.Bill
	}{
		{"home Region", one},
		{"each further Region", minus(bill(t, minimal+"    additionalRegions: [eu-west-1]\n"), one)},
		{"each watched model", minus(bill(t, minimal+"    watchedModels: [{id: a.model, tokensPerMinuteQuota: 400000}]\n"), one)},
	}
	var page strings.Builder
	fmt.Fprintf(&page, "\nList prices of us-east-1, taken on %s, in US dollars a month, with %d models called:\n\n| | each |", alarmcost.PricesOf, calledModels)
	for _, c := range columns {
		fmt.Fprintf(&page, " %s |", c.title)
	}
	page.WriteString("\n| --- | ---: |" + strings.Repeat(" ---: |", len(columns)) + "\n")
	for i, line := range one {
		fmt.Fprintf(&page, "| %s | %.2f |", line.Name, line.Price)
		for _, c := range columns {
			if l := c.bill[i]; l.Count > 0 {
				fmt.Fprintf(&page, " %d: %.2f |", l.Count, l.Cost())
			} else {
				page.WriteString(" |")
			}
		}
		page.WriteString("\n")
	}
	page.WriteString("| **sum** | |")
	for _, c := range columns {
		fmt.Fprintf(&page, " **%.2f** |", c.bill.Total())
	}
	return page.String() + "\n\n"
}

// bill is that of all stacks of an environment.
func bill(t *testing.T, environments string) alarmcost.Bill {
	t.Helper()
	file, err := config.Parse("environments.yaml", []byte(environments))
	require.NoError(t, err)
	env, err := file.Select("test")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	made := stacks.NewEnvironment(cdktest.NewApp(t), env, &stacks.EnvironmentProps{FunctionCodePath: &dir})
	var total alarmcost.Bill
	for _, region := range made.Regions() {
		var templates []map[string]any
		for _, stack := range []awscdk.Stack{region.Storage, region.Capture, region.Monitoring, region.Ledger} {
			templates = append(templates, cdktest.Synth(t, stack).Map())
		}
		use := alarmcost.Use{Models: calledModels, GuardMetrics: guardMetrics(t, region), FillMetrics: fillMetrics(t, region)}
		// A metric of one Region is another than that of the same name elsewhere.
		part, err := alarmcost.Of(use, templates...)
		require.NoError(t, err)
		total = plus(total, part)
	}
	return total
}

// guardMetrics is how many metrics the guard publishes: drift and number, of all
// checks together and of each. The trail is checked where it is.
func guardMetrics(t *testing.T, region stacks.RegionStacks) int {
	t.Helper()
	_, function := cdktest.Synth(t, region.Monitoring).Only(t, "AWS::Lambda::Function", "InvocationLoggingGuard")
	checks := 4
	if strings.Contains(cdktest.JSON(t, function.Properties["Environment"]), "trailArn") {
		checks++
	}
	return 2 * (1 + checks)
}

// fillMetrics is how many metrics the state machine publishes.
func fillMetrics(t *testing.T, region stacks.RegionStacks) int {
	t.Helper()
	_, machine := cdktest.Synth(t, region.Ledger).Only(t, "AWS::StepFunctions::StateMachine", "")
	return strings.Count(cdktest.JSON(t, machine.Properties["DefinitionString"]), `\"MetricName\":`)
}

func plus(some, more alarmcost.Bill) alarmcost.Bill {
	if some == nil {
		return more
	}
	return change(some, more, 1)
}

func minus(more, less alarmcost.Bill) alarmcost.Bill { return change(more, less, -1) }

func change(bill, by alarmcost.Bill, times int) alarmcost.Bill {
	changed := append(alarmcost.Bill(nil), bill...)
	for i := range changed {
		changed[i].Count += times * by[i].Count
	}
	return changed
}
