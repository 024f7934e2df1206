package scenario_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/stacks"
	"github.com/bedrock-paper-trail/paper-trail/test/alarmsim"
	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// The model that is called, its quota, and how often the guard looks.
const (
	model         = "anthropic.claude-sonnet-4-5-20250929-v1:0"
	quota         = 400_000
	guardInterval = 15
)

// monitored is a stack with alarms.
type monitored struct {
	name     string
	spared   bool // from the second half of the options
	alarms   *alarmsim.Alarms
	filters  map[logGroup][]metricFilter
	findings alarmsim.Metric
	// role and rule are names that a TamperAlarm watches, deployRole is who changes
	// them in a deployment.
	role, rule, deployRole string
	// machine is the ARN of what fills the ledger.
	machine string
}

const environments = `
environments:
  test:
    account: "111122223333"
    region: eu-west-1
    additionalRegions: [us-east-1]
    alerts: {emails: [admin@example.com]}
    watchedModels: [{id: "` + model + `", tokensPerMinuteQuota: 400000}]
    alarms: {allowedCallers: ["arn:aws:iam::111122223333:role/Assistant"]}
    tags: {project: p, owner: o, cost-center: c}
`

// theMonitored are the stacks with alarms of an environment in both of its Regions,
// with all that can be watched.
func theMonitored(t *testing.T) []monitored {
	t.Helper()
	if len(allMonitored) > 0 {
		return allMonitored
	}
	file, err := config.Parse("environments.yaml", []byte(environments))
	require.NoError(t, err)
	env, err := file.Select("test")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	made := stacks.NewEnvironment(cdktest.NewApp(t), env, &stacks.EnvironmentProps{FunctionCodePath: &dir})
	for i, region := range made.Regions() {
		m := newMonitored(t, region.Region, region.Monitoring)
		m.spared = i > 0
		answered := newMonitored(t, region.Region+" ledger", region.Ledger)
		answered.spared = true
		allMonitored = append(allMonitored, m, answered)
	}
	return allMonitored
}

// allMonitored are synthesised once.
var allMonitored []monitored

var (
	logGroupOfQuery = regexp.MustCompile(`LogEventsWithFindings\).* WHERE LogGroupName = '([^']+)'`)
	machineInAlarm  = regexp.MustCompile(`"Name":"StateMachineArn","Value":"([^"]+)"`)
	namedRole       = regexp.MustCompile(`requestParameters\.roleName = "([^"]+)"`)
	namedDeployer   = regexp.MustCompile(`sessionIssuer\.arn = "([^"]+)"`)
	namedRule       = regexp.MustCompile(`requestParameters\.rule = "([^"*]+)\*"`)
)

func newMonitored(t *testing.T, name string, stack awscdk.Stack) monitored {
	t.Helper()
	template := cdktest.Synth(t, stack)
	alarms, err := alarmsim.Load(template.Map())
	require.NoError(t, err, name)
	m := monitored{name: name, alarms: alarms, filters: map[logGroup][]metricFilter{}}
	for id, resource := range template.OfType("AWS::Logs::MetricFilter") {
		properties := alarmsim.Resolve(resource.Properties).(map[string]any)
		filter, err := filterpattern.ParseFilter(properties)
		require.NoError(t, err, id)
		group := records
		switch {
		case strings.Contains(filter.LogGroupName, "ActivityTrail"):
			group = events
		default:
			require.Contains(t, filter.LogGroupName, "InvocationLogGroup", id)
		}
		pattern, _ := properties["FilterPattern"].(string)
		if found := namedRole.FindStringSubmatch(pattern); found != nil {
			m.role = found[1]
		}
		if found := namedRule.FindStringSubmatch(pattern); found != nil {
			m.rule = found[1] + "rule"
		}
		if found := namedDeployer.FindStringSubmatch(pattern); found != nil && strings.Contains(id, "TamperAlarm") {
			m.deployRole = found[1]
		}
		m.filters[group] = append(m.filters[group], metricFilter{id, filter})
	}
	// Where the log group's name is known at deployment only, the alarm's query has
	// the reference to it.
	if found := logGroupOfQuery.FindStringSubmatch(cdktest.JSON(t, m.texts())); found != nil {
		m.findings = alarmsim.Metric{Namespace: "AWS/Logs", Name: "LogEventsWithFindings", Dimensions: map[string]string{
			"DataProtectionOperation": "Audit", "LogGroupName": found[1],
		}}
	}
	if found := machineInAlarm.FindStringSubmatch(cdktest.JSON(t, m.texts())); found != nil {
		m.machine = found[1]
	}
	return m
}

// notifying lists the alarms that tell somebody and whose id matches.
func (m monitored) notifying(ids *regexp.Regexp) []string {
	var list []string
	for _, id := range m.alarms.IDs() {
		if m.alarms.Notifies(id) && ids.MatchString(id) {
			list = append(list, id)
		}
	}
	return list
}

// told lists the alarms that told somebody.
func (m monitored) told(history alarmsim.History) []string {
	var list []string
	for _, id := range history.Fired() {
		if m.alarms.Notifies(id) {
			list = append(list, id)
		}
	}
	return list
}

func (m monitored) texts() []any {
	var list []any
	for _, id := range m.alarms.IDs() {
		list = append(list, m.alarms.Properties(id)["Metrics"])
	}
	return list
}
