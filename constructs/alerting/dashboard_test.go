package alerting_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func logGroup(stack awscdk.Stack, id, name string) awslogs.ILogGroup {
	return awslogs.LogGroup_FromLogGroupName(stack, jsii.String(id), jsii.String(name))
}

func TestADashboardShowsAlarmsAndLinksEverySavedQuery(t *testing.T) {
	stack := cdktest.NewStack(t)
	dashboard := alerting.NewAuditDashboard(stack, jsii.String("Dashboard"), &alerting.AuditDashboardProps{
		InvocationLogGroup: logGroup(stack, "Invocations", "/aws/bedrock/model-invocations"),
		TrailLogGroup:      logGroup(stack, "Trail", "/aws/cloudtrail/audit"),
		AlarmArns:          jsii.Strings("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a"),
	})
	cdktest.AssertImportable(t, dashboard)
	template := cdktest.Synth(t, stack)

	_, resource := template.Only(t, "AWS::CloudWatch::Dashboard", "Dashboard")
	assert.Equal(t, "Test-Dashboard-eu-west-1", resource.Properties["DashboardName"])
	assert.Equal(t, "Test-Dashboard-eu-west-1", *dashboard.DashboardName())
	assert.Equal(t, "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards:name=Test-Dashboard-eu-west-1", *dashboard.ConsoleURL())

	body := resource.Properties["DashboardBody"].(string)
	require.True(t, json.Valid([]byte(body)), body)
	assert.Contains(t, body, `"alarms":["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a"]`)

	queries := template.OfType("AWS::Logs::QueryDefinition")
	require.Len(t, queries, 5)
	for _, query := range queries {
		name := query.Properties["Name"].(string)
		require.True(t, strings.HasPrefix(name, "Test/"), name)
		assert.Contains(t, body, "["+strings.TrimPrefix(name, "Test/")+"](https://", "linked")
		want := "/aws/bedrock/model-invocations"
		if strings.Contains(name, "Who changed") {
			want = "/aws/cloudtrail/audit"
		}
		assert.Equal(t, []any{want}, query.Properties["LogGroupNames"])
	}
}

// The packages do not import each other, so that each can be imported alone.
func TestADashboardReadsWhatTheGuardPublishes(t *testing.T) {
	stack := cdktest.NewStack(t)
	alerting.NewAuditDashboard(stack, jsii.String("Dashboard"), &alerting.AuditDashboardProps{
		InvocationLogGroup: logGroup(stack, "Invocations", "/aws/bedrock/model-invocations"),
	})
	_, resource := cdktest.Synth(t, stack).Only(t, "AWS::CloudWatch::Dashboard", "")
	body := resource.Properties["DashboardBody"]
	assert.Contains(t, body, fmt.Sprintf(`SEARCH('{%s,Check} MetricName=\"%s\"', 'Maximum'`, invocationlog.MetricNamespace, invocationlog.DriftMetricName))
	assert.Contains(t, body, fmt.Sprintf(`["%s","%s",{`, invocationlog.MetricNamespace, invocationlog.ChecksMetricName))
}

func TestADashboardWithoutATrailHasNoQueryAboutIt(t *testing.T) {
	stack := cdktest.NewStack(t)
	alerting.NewAuditDashboard(stack, jsii.String("Dashboard"), &alerting.AuditDashboardProps{
		InvocationLogGroup: logGroup(stack, "Invocations", "/aws/bedrock/model-invocations"),
		DashboardName:      jsii.String("audit"),
	})
	template := cdktest.Synth(t, stack)
	assert.Len(t, template.OfType("AWS::Logs::QueryDefinition"), 4)
	_, resource := template.Only(t, "AWS::CloudWatch::Dashboard", "")
	assert.Equal(t, "audit", resource.Properties["DashboardName"])
	assert.NotContains(t, resource.Properties["DashboardBody"], `"type":"alarm"`)
}

// Names, ARNs and Regions that only CloudFormation knows end up in the body.
func TestADashboardOfAStackThatIsBoundToNoRegionIsStillJSON(t *testing.T) {
	app := cdktest.NewApp(t)
	stack := awscdk.NewStack(app, jsii.String("Anywhere"), nil)
	group := awslogs.NewLogGroup(stack, jsii.String("Invocations"), nil)
	alerting.NewAuditDashboard(stack, jsii.String("Dash board"), &alerting.AuditDashboardProps{
		InvocationLogGroup: group,
		AlarmArns:          &[]*string{awscdk.Fn_ImportValue(jsii.String("alarm"))},
	})
	_, resource := cdktest.Synth(t, stack).Only(t, "AWS::CloudWatch::Dashboard", "")
	parts := resource.Properties["DashboardBody"].(map[string]any)["Fn::Join"].([]any)[1].([]any)
	var body strings.Builder
	for _, part := range parts {
		if text, ok := part.(string); ok {
			body.WriteString(text)
		} else {
			body.WriteString("VALUE")
		}
	}
	assert.True(t, json.Valid([]byte(body.String())), body.String())
	assert.Contains(t, body.String(), "VALUE", "the log group's name")
	assert.JSONEq(t, `{"Fn::Join":["",["Anywhere-Dash-board-",{"Ref":"AWS::Region"}]]}`, cdktest.JSON(t, resource.Properties["DashboardName"]))
}

func TestADashboardIsRefused(t *testing.T) {
	stack := cdktest.NewStack(t)
	assert.Contains(t, cdktest.Panics(t, func() { alerting.NewAuditDashboard(stack, jsii.String("D"), nil) }),
		"paper-trail/alerting: AuditDashboard needs AuditDashboardProps.InvocationLogGroup, got nil")

	many := make([]*string, 101)
	for i := range many {
		many[i] = jsii.String(fmt.Sprint("arn:", i))
	}
	many[7] = nil
	message := cdktest.Panics(t, func() {
		alerting.NewAuditDashboard(stack, jsii.String("E"), &alerting.AuditDashboardProps{
			InvocationLogGroup: logGroup(stack, "Invocations", "/aws/bedrock/model-invocations"),
			AlarmArns:          &many,
			DashboardName:      jsii.String("a dashboard"),
		})
	})
	assert.Contains(t, message, `AuditDashboardProps.DashboardName has to be at most 255 letters, digits, - and _, got "a dashboard"`)
	assert.Contains(t, message, "AuditDashboardProps.AlarmArns has more than 100 alarms, got 101")
	assert.Contains(t, message, "AuditDashboardProps.AlarmArns[7] is empty")
}
