package alerting_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

func alarmsOf(stack awscdk.Stack, topic alerting.AlertTopic) alerting.AlarmFactory {
	return alerting.NewAlarmFactory(stack, jsii.String("Alarms"), &alerting.AlarmFactoryProps{Critical: topic})
}

func trailLogs(stack awscdk.Stack) awslogs.ILogGroup {
	return awslogs.LogGroup_FromLogGroupName(stack, jsii.String("TrailLogs"), jsii.String("/aws/cloudtrail/paper-trail"))
}

func TestTamperAlarm(t *testing.T) {
	stack, topic := newTopic(t)
	alarm := alerting.NewTamperAlarm(stack, jsii.String("Tamper"), &alerting.TamperAlarmProps{
		TrailLogGroup: trailLogs(stack),
		Alarms:        alarmsOf(stack, topic),
		RoleNames:     jsii.Strings("role-a", "role-b"),

		DeployRoleArns: jsii.Strings(deployRole),
	})
	cdktest.AssertImportable(t, alarm)
	assert.Equal(t, alerting.TamperMetricName, *alarm.MetricCalls(nil).MetricName())
	assert.Equal(t, alerting.TamperDeploymentMetricName, *alarm.MetricDeploymentCalls(nil).MetricName())
	assert.NotNil(t, alarm.DeploymentAlarm())
	assert.Equal(t, "calls", *alarm.MetricCalls(&awscloudwatch.MetricOptions{Label: jsii.String("calls")}).Label())
	template := cdktest.Synth(t, stack)

	const (
		people = `($.readOnly IS FALSE) && (($.userIdentity.invokedBy NOT EXISTS) || ($.userIdentity.invokedBy != "cloudformation.amazonaws.com") || ` +
			`($.userIdentity.sessionContext.sessionIssuer.arn NOT EXISTS) || (($.userIdentity.sessionContext.sessionIssuer.arn != "` + deployRole + `")))`
		deployments = `($.readOnly IS FALSE) && ($.userIdentity.invokedBy = "cloudformation.amazonaws.com") && ` +
			`(($.userIdentity.sessionContext.sessionIssuer.arn = "` + deployRole + `"))`
		roles = `(($.requestParameters.roleName = "role-a") || ($.requestParameters.roleName = "role-b"))`
		rules = `(($.requestParameters.name = "Test*") || ($.requestParameters.rule = "Test*"))`
	)
	for id, want := range map[string]string{
		"TamperRoles":             `{ ($.eventSource = "iam.amazonaws.com") && ` + people + ` && ` + roles + ` }`,
		"TamperRules":             `{ ($.eventSource = "events.amazonaws.com") && ` + people + ` && ` + rules + ` }`,
		"TamperRolesByDeployment": `{ ($.eventSource = "iam.amazonaws.com") && ` + deployments + ` && ` + roles + ` }`,
		"TamperRulesByDeployment": `{ ($.eventSource = "events.amazonaws.com") && ` + deployments + ` && ` + rules + ` }`,
	} {
		metric := "PaperTrailTamperCalls"
		if strings.HasSuffix(id, "ByDeployment") {
			metric = "PaperTrailTamperCallsByDeployment"
		}
		filter := filterOf(t, template, id)
		assert.Equal(t, want, filter.Properties["FilterPattern"])
		assert.Equal(t, "/aws/cloudtrail/paper-trail", filter.Properties["LogGroupName"])
		assert.NotContains(t, filter.Properties, "FilterName")
		assert.Equal(t, `[{"DefaultValue":0,"MetricName":"`+metric+`","MetricNamespace":"GenAI/Metrics","MetricValue":"1"}]`,
			cdktest.JSON(t, filter.Properties["MetricTransformations"]))
	}
	for id, severity := range map[string]string{"TamperAlarm": "Critical", "TamperByDeployment": "Warning"} {
		_, resource := template.Only(t, "AWS::CloudWatch::Alarm", id)
		p := resource.Properties
		assert.NotContains(t, p, "AlarmName")
		assert.Equal(t, "notBreaching", p["TreatMissingData"])
		assert.EqualValues(t, 1, p["Threshold"])
		for _, action := range []string{"AlarmActions", "OKActions"} {
			assert.Contains(t, cdktest.JSON(t, p[action]), "AlertsTopic")
		}
		description := p["AlarmDescription"].(string)
		assert.True(t, strings.HasPrefix(description, severity), description)
		assert.Contains(t, description, "/aws/cloudtrail/paper-trail")
		assert.Contains(t, description, "runbook.md#tamper")
		assert.LessOrEqual(t, len(description), 1024)
	}
}

// filterOf is the metric filter of that id, without the hash at its end.
func filterOf(t *testing.T, template cdktest.Template, id string) cdktest.Resource {
	t.Helper()
	for name, filter := range template.OfType("AWS::Logs::MetricFilter") {
		if name[:len(name)-8] == id {
			return filter
		}
	}
	require.Fail(t, "no filter", id)
	return cdktest.Resource{}
}

const deployRole = "arn:aws:iam::111122223333:role/deploy"

// patternsOf are those of the metric filters, by metric.
func patternsOf(t *testing.T, stack awscdk.Stack) map[string][]*filterpattern.Pattern {
	t.Helper()
	patterns := map[string][]*filterpattern.Pattern{}
	for _, filter := range cdktest.Synth(t, stack).OfType("AWS::Logs::MetricFilter") {
		text := filter.Properties["FilterPattern"].(string)
		assert.LessOrEqual(t, len(text), 1024)
		pattern, err := filterpattern.Parse(text)
		require.NoError(t, err)
		metric := filter.Properties["MetricTransformations"].([]any)[0].(map[string]any)["MetricName"].(string)
		patterns[metric] = append(patterns[metric], pattern)
	}
	return patterns
}

func counted(t *testing.T, patterns []*filterpattern.Pattern, event string) int {
	t.Helper()
	count := 0
	for _, pattern := range patterns {
		matches, err := pattern.Match("{" + event + "}")
		require.NoError(t, err, event)
		if matches {
			count++
		}
	}
	return count
}

func calledBy(invokedBy, role string) string {
	return `"readOnly": false, "userIdentity": {"type": "AssumedRole", "invokedBy": "` + invokedBy +
		`", "sessionContext": {"sessionIssuer": {"arn": "` + role + `"}}}`
}

func TestTamperAlarmCountsEachChangeOnce(t *testing.T) {
	stack, topic := newTopic(t)
	alerting.NewTamperAlarm(stack, jsii.String("Tamper"), &alerting.TamperAlarmProps{
		TrailLogGroup: trailLogs(stack), Alarms: alarmsOf(stack, topic), RoleNames: jsii.Strings("role-a", "role-b", "ours-*"),
		DeployRoleArns: jsii.Strings(deployRole, deployRole+"-2"),
	})
	patterns := patternsOf(t, stack)
	const (
		cloudFormation = "cloudformation.amazonaws.com"
		roleA          = `"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-a"}, `
		roleB          = `"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-b"}, `
		rule           = `"eventSource": "events.amazonaws.com", "requestParameters": {"name": "Test-TamperKeys-1A2B"}, `
		target         = `"eventSource": "events.amazonaws.com", "requestParameters": {"rule": "Test-TamperKeys-1A2B"}, `
		person         = `"readOnly": false, "userIdentity": {"type": "IAMUser"}`
		personThrough  = `"readOnly": false, "userIdentity": {"type": "IAMUser", "invokedBy": "cloudformation.amazonaws.com"}`
		reader         = `"readOnly": true, "userIdentity": {"type": "IAMUser"}`
		admin          = "arn:aws:iam::111122223333:role/Admin"
	)
	for event, want := range map[string][2]int{
		roleB + person: {1, 0},
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "ours-7QW1"}, ` + person: {1, 0},
		roleA + calledBy("config.amazonaws.com", admin):                                                 {1, 0},
		roleA + calledBy("config.amazonaws.com", deployRole):                                            {1, 0},
		roleA + calledBy(cloudFormation, deployRole):                                                    {0, 1},
		roleA + calledBy(cloudFormation, deployRole+"-2"):                                               {0, 1},
		roleA + calledBy(cloudFormation, admin):                                                         {1, 0},
		roleA + personThrough:                                                                           {1, 0},
		roleA + reader:                                                                                  {0, 0},
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-ab"}, ` + person:   {0, 0},
		`"eventSource": "iam.amazonaws.com", "requestParameters": null, ` + person:                      {0, 0},
		rule + person: {1, 0},
		rule + calledBy(cloudFormation, deployRole): {0, 1},
		rule + calledBy(cloudFormation, admin):      {1, 0},
		target + person:                             {1, 0},
		`"eventSource": "events.amazonaws.com", "requestParameters": {"name": "other"}, ` + person:             {0, 0},
		`"eventSource": "ssm.amazonaws.com", "requestParameters": {"name": "Test-TamperKeys-1A2B"}, ` + person: {0, 0},
	} {
		assert.Equal(t, want, [2]int{
			counted(t, patterns[alerting.TamperMetricName], event), counted(t, patterns[alerting.TamperDeploymentMetricName], event),
		}, event)
	}
}

// The roles of an environment in many Regions take several filters.
func TestTamperAlarmOfManyRegions(t *testing.T) {
	for _, regions := range [][]string{
		{"eu-west-1", "us-east-1", "ap-southeast-2"},
		{"eu-west-1", "us-east-1", "ap-southeast-2", "eu-central-1", "us-west-2", "ap-northeast-1", "ca-central-1", "sa-east-1"},
	} {
		stack, topic := newTopic(t)
		const exec = "arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-"
		var deployRoles, roles []string
		for i, region := range regions {
			deployRoles = append(deployRoles, exec+region)
			for _, role := range "abcd" {
				roles = append(roles, strings.Repeat(string(role), 62)+"-"+string(rune('0'+i)))
			}
		}
		props := &alerting.TamperAlarmProps{
			TrailLogGroup: trailLogs(stack), Alarms: alarmsOf(stack, topic),
			RoleNames: jsii.Strings(roles...), DeployRoleArns: jsii.Strings(deployRoles...),
		}
		alerting.NewTamperAlarm(stack, jsii.String("Tamper"), props)
		patterns := patternsOf(t, stack)
		// The CDK writes these roles for Fn::Sub.
		stack, topic = newTopic(t)
		var substituted []*string
		for _, region := range regions {
			substituted = append(substituted, awscdk.Fn_Sub(jsii.String(strings.Replace(exec, ":aws:", ":${AWS::Partition}:", 1)+region), nil))
		}
		props.TrailLogGroup, props.Alarms, props.DeployRoleArns = trailLogs(stack), alarmsOf(stack, topic), &substituted
		alerting.NewTamperAlarm(stack, jsii.String("Tamper"), props)
		for id, filter := range cdktest.Synth(t, stack).OfType("AWS::Logs::MetricFilter") {
			assert.Contains(t, cdktest.JSON(t, filter.Properties["FilterPattern"]), `{"Ref":"AWS::Partition"}`, id)
		}
		for _, role := range roles {
			call := `"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "` + role + `"}, `
			for by, want := range map[string][2]int{
				calledBy("cloudformation.amazonaws.com", deployRoles[1]):                            {0, 1},
				calledBy("cloudformation.amazonaws.com", "arn:aws:iam::111122223333:role/cdk-evil"): {1, 0},
			} {
				assert.Equal(t, want, [2]int{
					counted(t, patterns[alerting.TamperMetricName], call+by), counted(t, patterns[alerting.TamperDeploymentMetricName], call+by),
				}, call+by)
			}
		}
	}
}

func TestTamperAlarmTakesNobodyUnknownForADeployment(t *testing.T) {
	stack, topic := newTopic(t)
	alarm := alerting.NewTamperAlarm(stack, jsii.String("Tamper"), &alerting.TamperAlarmProps{
		TrailLogGroup: trailLogs(stack), Alarms: alarmsOf(stack, topic), RoleNames: jsii.Strings("role-a"), DeployRoleArns: jsii.Strings(),
	})
	assert.Nil(t, alarm.DeploymentAlarm())
	patterns := patternsOf(t, stack)
	assert.Equal(t, 1, counted(t, patterns[alerting.TamperMetricName],
		`"eventSource": "iam.amazonaws.com", "requestParameters": {"roleName": "role-a"}, `+calledBy("cloudformation.amazonaws.com", deployRole)))
	assert.NotContains(t, patterns, alerting.TamperDeploymentMetricName)
}

func TestTamperAlarmOfRulesAlone(t *testing.T) {
	stack, topic := newTopic(t)
	alerting.NewTamperAlarm(stack, jsii.String("Tamper"), &alerting.TamperAlarmProps{
		TrailLogGroup: trailLogs(stack), Alarms: alarmsOf(stack, topic), RuleNamePrefixes: jsii.Strings("ours-"),
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::Logs::MetricFilter"), 2)
	_, filter := template.Only(t, "AWS::Logs::MetricFilter", "TamperRulesByDeployment")
	text := cdktest.JSON(t, filter.Properties["FilterPattern"])
	assert.Contains(t, text, "ours-*")
	assert.Contains(t, text, "cdk-hnb659fds-cfn-exec-role", "the bootstrap's role deploys")
}

func TestTamperAlarmMisuse(t *testing.T) {
	stack, topic := newTopic(t)
	logs, alarms := trailLogs(stack), alarmsOf(stack, topic)
	for want, props := range map[string]*alerting.TamperAlarmProps{
		"TamperAlarm needs TamperAlarmProps.TrailLogGroup, got nil": {Alarms: alarms},
		"TamperAlarm needs TamperAlarmProps.Alarms, got nil":        {TrailLogGroup: logs},
		"TamperAlarmProps.RoleNames[0] is empty":                    {TrailLogGroup: logs, Alarms: alarms, RoleNames: jsii.Strings("")},
		"TamperAlarmProps.DeployRoleArns[1] is empty":               {TrailLogGroup: logs, Alarms: alarms, DeployRoleArns: jsii.Strings("r", "")},
		"at most 1024 characters":                                   {TrailLogGroup: logs, Alarms: alarms, RoleNames: jsii.Strings(strings.Repeat("r", 900))},
	} {
		message := cdktest.Panics(t, func() { alerting.NewTamperAlarm(stack, jsii.String("T"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewTamperAlarm(stack, nil, nil) }), "TamperAlarm needs an id")
}
