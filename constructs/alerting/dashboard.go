package alerting

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// AuditDashboard is a CloudWatch dashboard that answers four questions at a
// glance: is every model call recorded, what is called, what goes wrong, and
// what will it cost. Beside each row stands what a healthy picture looks like.
//
// Each model that is called appears by itself. Graphs of metrics that nothing
// publishes stay empty: those of the logging guard and of the alarms on content,
// unattributed calls and spend pace need them deployed.
//
// CloudWatch bills a dashboard at a fixed price a month, after three that are
// free in each account.
type AuditDashboard interface {
	constructs.Construct
	// DashboardName is the name in the console's list, which shows the
	// dashboards of all Regions.
	DashboardName() *string
	// ConsoleURL opens the dashboard.
	ConsoleURL() *string
}

// AuditDashboardProps configures an AuditDashboard.
type AuditDashboardProps struct {
	// InvocationLogGroup is the log group that Amazon Bedrock delivers
	// invocation logs to; the saved queries read it. Required.
	InvocationLogGroup awslogs.ILogGroup
	// TrailLogGroup is the log group of a CloudTrail trail, for the saved query
	// about changes of the logging configuration. Default: that query is left
	// out.
	TrailLogGroup awslogs.ILogGroup
	// AlarmArns are the alarms whose state is shown on top, at most 100 of this
	// Region. Default: none is shown.
	AlarmArns *[]*string
	// DashboardName is 1 to 255 letters, digits, hyphens and underscores,
	// unique in the account in all Regions: CloudWatch replaces a dashboard of
	// the same name. Default: the stack's name, the construct's id and the
	// Region, with hyphens between.
	DashboardName *string
}

type auditDashboard struct {
	constructs.Construct
	name, url string
}

var _ AuditDashboard = (*auditDashboard)(nil)

// NewAuditDashboard makes the dashboard and the saved queries it links to.
//
// It panics on a missing log group, on a name that CloudWatch would reject and
// on too many alarms; all problems are in one message.
func NewAuditDashboard(scope constructs.Construct, id *string, props *AuditDashboardProps) AuditDashboard {
	misuse.RequireScope(pkg, "AuditDashboard", scope, id)
	p := AuditDashboardProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "AuditDashboard", "InvocationLogGroup", p.InvocationLogGroup)

	this := &auditDashboard{}
	constructs.NewConstruct_Override(this, scope, id)
	place := policies.At(this)
	content := dashboardContent{
		stackName:          place.StackName,
		region:             place.Region,
		invocationLogGroup: *p.InvocationLogGroup.LogGroupName(),
	}
	if p.TrailLogGroup != nil {
		content.trailLogGroup = *p.TrailLogGroup.LogGroupName()
	}
	if p.AlarmArns != nil {
		for _, arn := range *p.AlarmArns {
			content.alarmArns = append(content.alarmArns, text(arn))
		}
	}
	this.name = text(p.DashboardName)
	if this.name == "" {
		this.name = nameInAccount(place.StackName, *id, place.Region)
	}
	body := content.body()
	misuse.PanicAll(append(dashboardNameProblems(this.name), content.problems(body)...))

	this.url = fmt.Sprintf("https://%s.%s/cloudwatch/home?region=%s#dashboards:name=%s",
		place.Region, consoleHost(place.Region), place.Region, this.name)
	awscloudwatch.NewCfnDashboard(this, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(this.name),
		DashboardBody: jsii.String(body.JSON()),
	})
	this.save(invocationQueries, content.stackName, content.invocationLogGroup)
	if content.trailLogGroup != "" {
		this.save(trailQueries, content.stackName, content.trailLogGroup)
	}
	return this
}

func (d *auditDashboard) DashboardName() *string { return jsii.String(d.name) }
func (d *auditDashboard) ConsoleURL() *string    { return jsii.String(d.url) }

// save keeps queries in the console's list. A slash makes a folder there.
func (d *auditDashboard) save(queries []savedQuery, folder, logGroupName string) {
	for _, q := range queries {
		awslogs.NewCfnQueryDefinition(d, jsii.String(q.id), &awslogs.CfnQueryDefinitionProps{
			Name:          jsii.String(folder + "/" + q.name),
			QueryString:   jsii.String(q.text),
			LogGroupNames: &[]any{logGroupName},
		})
	}
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// nameInAccount tells apart what has one name space for all Regions of an
// account.
func nameInAccount(stackName, id, region string) string {
	return stackName + "-" + notInNames.ReplaceAllString(id, "-") + "-" + region
}

func dashboardNameProblems(name string) []error {
	if *awscdk.Token_IsUnresolved(name) {
		return nil
	}
	if len(name) > maxDashboardNameLength || notInNames.MatchString(name) {
		return []error{misuse.Errorf(pkg, "AuditDashboardProps.DashboardName has to be at most %d letters, digits, - and _, got %q; give another one", maxDashboardNameLength, name)}
	}
	return nil
}

func (c dashboardContent) problems(body dashboardBody) []error {
	var found []error
	if n := len(c.alarmArns); n > maxAlarmsOfWidget {
		found = append(found, misuse.Errorf(pkg, "AuditDashboardProps.AlarmArns has more than %d alarms, got %d; give those that notify somebody", maxAlarmsOfWidget, n))
	}
	for i, arn := range c.alarmArns {
		if arn == "" {
			found = append(found, misuse.Errorf(pkg, "AuditDashboardProps.AlarmArns[%d] is empty, got %q; give the alarm's ARN", i, arn))
		}
	}
	return found
}
