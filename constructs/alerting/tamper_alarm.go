package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

const (
	// TamperMetricName counts the calls that a TamperAlarm is about, in the trail's
	// log group, but those by deployments.
	TamperMetricName = "PaperTrailTamperCalls"
	// TamperDeploymentMetricName counts those by deployments.
	TamperDeploymentMetricName = "PaperTrailTamperCallsByDeployment"
)

// TamperAlarm fires on calls that TamperRules may miss, by another way: it counts
// them in the log group of a trail, which has the calls to IAM whatever the
// Region, and which nobody silences by disabling a rule. It fires when somebody
// changes a role of the paper trail, or a rule.
//
// The calls of CloudFormation with a deploy role have an alarm of their own, a
// warning: a deployment that nobody made is an incident. A trail's log group is
// up to 15 minutes late (CloudTrail user guide, "How CloudTrail works").
type TamperAlarm interface {
	constructs.Construct
	// Alarm notifies the topic when it fires, and when half an hour is over
	// without a further call.
	Alarm() awscloudwatch.CfnAlarm
	// DeploymentAlarm is that on calls by deployments; nil where no deploy role is
	// known.
	DeploymentAlarm() awscloudwatch.CfnAlarm
	// MetricCalls is the number of calls that no deployment made. Default of
	// opts: the sum in 5 minutes.
	MetricCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricDeploymentCalls is the number of calls by deployments. Default of
	// opts: the sum in 5 minutes.
	MetricDeploymentCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// TamperAlarmProps configures a TamperAlarm.
type TamperAlarmProps struct {
	// TrailLogGroup is the log group of a multi-Region trail, of log class
	// Standard. Required.
	TrailLogGroup awslogs.ILogGroup
	// Alarms says who is told: with Severity_CRITICAL of calls that no deployment
	// made, with Severity_WARNING of calls by deployments. Required.
	Alarms AlarmFactory
	// RoleNames are IAM roles of the paper trail; a name that ends in "*" stands
	// for all that begin so. Default: none.
	RoleNames *[]*string
	// RuleNamePrefixes begin the names of EventBridge rules. Default: as of
	// TamperRules.
	RuleNamePrefixes *[]*string
	// DeployRoleArns are the roles with which CloudFormation deploys. A call by
	// CloudFormation with another role is not taken for a deployment. A filter has
	// room for four or so: of more, those of a CDK bootstrap count in all Regions
	// of their account. Default: the execution role of the stack's CDK bootstrap;
	// where that cannot be told, no call is taken for a deployment.
	DeployRoleArns *[]*string
}

type tamperAlarm struct {
	constructs.Construct
	alarm, deployments awscloudwatch.CfnAlarm
}

var _ TamperAlarm = (*tamperAlarm)(nil)

// A quiet half hour ends the alarm, so that a series of calls is one incident.
const (
	tamperSeconds = 300
	tamperPeriods = 6
)

// NewTamperAlarm makes the metric filters and the alarms.
//
// It panics without TrailLogGroup or Alarms, on empty names, and on names that do
// not fit into a filter; all problems of names are in one message.
func NewTamperAlarm(scope constructs.Construct, id *string, props *TamperAlarmProps) TamperAlarm {
	misuse.RequireScope(pkg, "TamperAlarm", scope, id)
	p := TamperAlarmProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "TamperAlarm", "TrailLogGroup", p.TrailLogGroup)
	misuse.Require(pkg, "TamperAlarm", "Alarms", p.Alarms)
	place := policies.At(scope)
	if p.RuleNamePrefixes == nil {
		p.RuleNamePrefixes = jsii.Strings(rulePrefix(place.StackName))
	}
	if p.DeployRoleArns == nil && place.DeployRoleArn != nil {
		p.DeployRoleArns = &[]*string{place.DeployRoleArn}
	}
	names, problems := p.names()
	misuse.PanicAll(problems)
	for i, role := range names.deployRoles {
		names.deployRoles[i] = spelledOut(scope, place, role)
	}
	filters, problems := names.filters()
	misuse.PanicAll(problems)

	this := &tamperAlarm{}
	constructs.NewConstruct_Override(this, scope, id)
	for _, filter := range filters {
		filter.on(p.TrailLogGroup, this)
	}
	this.alarm = p.Alarms.alarm(this, "Alarm", Severity_CRITICAL, p.plan())
	if len(names.deployRoles) > 0 {
		this.deployments = p.Alarms.alarm(this, "ByDeployment", Severity_WARNING, p.deploymentPlan())
	}
	return this
}

func (a *tamperAlarm) Alarm() awscloudwatch.CfnAlarm { return a.alarm }

func (a *tamperAlarm) DeploymentAlarm() awscloudwatch.CfnAlarm { return a.deployments }

func (a *tamperAlarm) MetricCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return ownSeries(TamperMetricName).metricOf(opts)
}

func (a *tamperAlarm) MetricDeploymentCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return ownSeries(TamperDeploymentMetricName).metricOf(opts)
}

func (p TamperAlarmProps) names() (n tamperNames, problems []error) {
	for _, list := range []struct {
		prop  string
		given *[]*string
		to    *[]string
	}{
		{"RoleNames", p.RoleNames, &n.roles},
		{"RuleNamePrefixes", p.RuleNamePrefixes, &n.rulePrefixes},
		{"DeployRoleArns", p.DeployRoleArns, &n.deployRoles},
	} {
		if list.given == nil {
			continue
		}
		for i, name := range *list.given {
			if text(name) == "" {
				problems = append(problems, misuse.Errorf(pkg, "TamperAlarmProps.%s[%d] is empty, which nothing or everything would match; remove it", list.prop, i))
				continue
			}
			*list.to = append(*list.to, *name)
		}
	}
	return n, problems
}

func (p TamperAlarmProps) plan() alarmPlan {
	return p.planOn(TamperMetricName,
		"somebody changed a role or a rule of the paper trail, and it was no deployment.",
		"Was a rule disabled, deleted or its target removed? Deploy again; until then its messages are missing.",
		"Until it is explained, treat it as an incident.",
	)
}

func (p TamperAlarmProps) deploymentPlan() alarmPlan {
	return p.planOn(TamperDeploymentMetricName,
		"a deployment changed a role or a rule of the paper trail.",
		"Is it a deployment that you know of? One that nobody made is an incident.",
	)
}

func (p TamperAlarmProps) planOn(metric, title string, steps ...string) alarmPlan {
	query := "Who and what: query the log group " + *p.TrailLogGroup.LogGroupName() + ":\n" +
		"fields eventTime, eventName, userIdentity.arn, sourceIPAddress, errorCode, requestParameters.roleName, requestParameters.name, requestParameters.rule\n" +
		"| filter eventSource in ['iam.amazonaws.com', 'events.amazonaws.com'] and readOnly = 0\n" +
		"| sort eventTime desc"
	return alarmPlan{
		told:              told{title: title, steps: append([]string{query}, steps...), anchor: tamperSection},
		metric:            ownSeries(metric),
		threshold:         1,
		periodSeconds:     tamperSeconds,
		evaluationPeriods: tamperPeriods,
		datapointsToAlarm: 1,
	}
}
