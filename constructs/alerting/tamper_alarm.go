package alerting

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// TamperMetricName counts the calls that a TamperAlarm is about, in the trail's
// log group.
const TamperMetricName = "PaperTrailTamperCalls"

// TamperAlarm fires on calls that TamperRules may miss, by another way: it counts
// them in the log group of a trail, which has the calls to IAM whatever the
// Region, and which nobody silences by disabling a rule. It fires when somebody
// changes a role of the paper trail, or a rule.
//
// CloudFormation's calls are left out: an alarm cannot say who it was. A trail's
// log group is up to 15 minutes late (CloudTrail user guide, "How CloudTrail
// works").
type TamperAlarm interface {
	constructs.Construct
	// Alarm notifies the topic when it fires, and when half an hour is over
	// without a further call.
	Alarm() awscloudwatch.CfnAlarm
	// MetricCalls is the number of calls. Default of opts: the sum in 5 minutes.
	MetricCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// TamperAlarmProps configures a TamperAlarm.
type TamperAlarmProps struct {
	// TrailLogGroup is the log group of a multi-Region trail, of log class
	// Standard. Required.
	TrailLogGroup awslogs.ILogGroup
	// Alarms says who is told; the severity is Severity_CRITICAL. Required.
	Alarms AlarmFactory
	// RoleNames are IAM roles of the paper trail. Default: none.
	RoleNames *[]*string
	// RuleNamePrefixes begin the names of EventBridge rules. Default: as of
	// TamperRules.
	RuleNamePrefixes *[]*string
}

type tamperAlarm struct {
	constructs.Construct
	alarm awscloudwatch.CfnAlarm
}

var _ TamperAlarm = (*tamperAlarm)(nil)

// A quiet half hour ends the alarm, so that a series of calls is one incident.
const (
	tamperSeconds = 300
	tamperPeriods = 6
)

// NewTamperAlarm makes the metric filters and the alarm.
//
// It panics without TrailLogGroup or Alarms, on empty names, and on more names
// than fit into a filter; all problems of names are in one message.
func NewTamperAlarm(scope constructs.Construct, id *string, props *TamperAlarmProps) TamperAlarm {
	misuse.RequireScope(pkg, "TamperAlarm", scope, id)
	p := TamperAlarmProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "TamperAlarm", "TrailLogGroup", p.TrailLogGroup)
	misuse.Require(pkg, "TamperAlarm", "Alarms", p.Alarms)
	filters, problems := p.filters(policies.At(scope).StackName)
	misuse.PanicAll(problems)

	this := &tamperAlarm{}
	constructs.NewConstruct_Override(this, scope, id)
	for _, filter := range filters {
		filterPlan{id: filter.id, metric: TamperMetricName, pattern: filter.pattern()}.on(p.TrailLogGroup, this)
	}
	this.alarm = p.Alarms.alarm(this, "Alarm", Severity_CRITICAL, p.plan())
	return this
}

func (a *tamperAlarm) Alarm() awscloudwatch.CfnAlarm { return a.alarm }

func (a *tamperAlarm) MetricCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return ownSeries(TamperMetricName).metricOf(opts)
}

// tamperFilter matches calls of one service that change something named in one
// of the conditions, unless CloudFormation made them.
type tamperFilter struct {
	id, service string
	conditions  []string
}

func (f tamperFilter) pattern() string {
	return `{ ($.eventSource = "` + f.service + `.amazonaws.com") && ($.readOnly IS FALSE)` +
		` && (($.userIdentity.invokedBy NOT EXISTS) || ($.userIdentity.invokedBy != "` + cloudFormation + `"))` +
		` && (` + strings.Join(f.conditions, " || ") + `) }`
}

func (p TamperAlarmProps) filters(stackName string) (filters []tamperFilter, problems []error) {
	of := func(prop string, given *[]*string, filter tamperFilter, parameters ...string) {
		if given == nil {
			return
		}
		suffix := ""
		if filter.service == "events" {
			suffix = "*"
		}
		for i, name := range *given {
			if text(name) == "" {
				problems = append(problems, misuse.Errorf(pkg, "TamperAlarmProps.%s[%d] is empty, which nothing or everything would match; remove it", prop, i))
				continue
			}
			for _, parameter := range parameters {
				filter.conditions = append(filter.conditions, `($.requestParameters.`+parameter+` = "`+*name+suffix+`")`)
			}
		}
		if n := resolvedLength(filter.pattern()); n > maxFilterPattern {
			problems = append(problems, misuse.Errorf(pkg, "a filter pattern has at most %d characters, got about %d for TamperAlarmProps.%s; divide them between two TamperAlarms", maxFilterPattern, n, prop))
		}
		if len(filter.conditions) > 0 {
			filters = append(filters, filter)
		}
	}
	if p.RuleNamePrefixes == nil {
		p.RuleNamePrefixes = jsii.Strings(rulePrefix(stackName))
	}
	of("RoleNames", p.RoleNames, tamperFilter{id: "Roles", service: "iam"}, "roleName")
	of("RuleNamePrefixes", p.RuleNamePrefixes, tamperFilter{id: "Rules", service: "events"}, "name", "rule")
	return filters, problems
}

func (p TamperAlarmProps) plan() alarmPlan {
	return alarmPlan{
		told: told{
			title: "somebody changed a role or a rule of the paper trail, and it was not CloudFormation.",
			steps: []string{
				"Who and what: query the log group " + *p.TrailLogGroup.LogGroupName() + ":\n" +
					"fields eventTime, eventName, userIdentity.arn, sourceIPAddress, errorCode, requestParameters.roleName, requestParameters.name, requestParameters.rule\n" +
					"| filter eventSource in ['iam.amazonaws.com', 'events.amazonaws.com'] and readOnly = 0\n" +
					"| sort eventTime desc",
				"Was a rule disabled, deleted or its target removed? Deploy again; until then its messages are missing.",
				"Until it is explained, treat it as an incident.",
			},
			anchor: tamperSection,
		},
		metric:            ownSeries(TamperMetricName),
		threshold:         1,
		periodSeconds:     tamperSeconds,
		evaluationPeriods: tamperPeriods,
		datapointsToAlarm: 1,
	}
}
