package alerting

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

const (
	// RootCallsMetricName counts the model calls by root users.
	RootCallsMetricName = "ModelCallsByRoot"
	// UserCallsMetricName counts those by IAM users.
	UserCallsMetricName = "ModelCallsByUsers"
	// TrailCallsMetricName counts all model calls in the trail's log group.
	TrailCallsMetricName = "ModelCalls"
	// ListedCallsMetricName counts those by roles on the list.
	ListedCallsMetricName = "ModelCallsByListedRoles"
)

// CallerAlarms fire on who calls models: the root user, IAM users, whose keys
// live long and have no session that names a person, and whoever is not on a
// list of roles. A long-term API key of Amazon Bedrock belongs to an IAM user.
//
// They read a trail's log group, so that they hear of calls up to 15 minutes
// late (CloudTrail user guide, "How CloudTrail works"), of refused and failed
// calls too, and with that of a multi-Region trail of calls in all Regions.
// Model calls are those of Converse, ConverseStream, InvokeModel and
// InvokeModelWithResponseStream, and of InvokeModelWithBidirectionalStream where
// the trail logs data events.
type CallerAlarms interface {
	constructs.Construct
	// MetricRootCalls is the number of model calls by root users. Default of
	// opts: the sum in an hour.
	MetricRootCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricUserCalls is the number of model calls by IAM users. Default of
	// opts: the sum in an hour.
	MetricUserCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// CallerAlarmsProps configures CallerAlarms.
type CallerAlarmsProps struct {
	// Alarms makes the alarms. Required.
	Alarms AlarmFactory
	// TrailLogGroup is the log group of a CloudTrail trail that logs management
	// events, of log class Standard. Required.
	TrailLogGroup awslogs.ILogGroup
	// AllowedRoleArns are the IAM roles that may call models, with their paths.
	// An asterisk at the end stands for any text, as in
	// "arn:aws:iam::111122223333:role/assistants/*". Default: any role.
	AllowedRoleArns *[]*string
	// Warning is when to notify with severity Warning. Default: on any call by
	// an IAM user, and on any by a caller that is not on AllowedRoleArns where
	// they are given, unless Warning or Critical is given.
	Warning *CallerThreshold
	// Critical is when to notify with severity Critical. Default: on any call by
	// a root user, unless Warning or Critical is given.
	Critical *CallerThreshold
}

// CallerThreshold is how many calls by callers of a kind are borne.
type CallerThreshold struct {
	// MaxRootCalls is the number of model calls by root users in an hour above
	// which an alarm fires. Default: no such alarm.
	MaxRootCalls *float64
	// MaxUserCalls is the number of model calls by IAM users in an hour above
	// which an alarm fires. Default: no such alarm.
	MaxUserCalls *float64
	// MaxUnlistedCalls is the number of model calls in an hour by any other
	// than AllowedRoleArns, root and users among them, above which an alarm
	// fires. Default: no such alarm.
	MaxUnlistedCalls *float64
}

type callerAlarms struct {
	constructs.Construct
	logGroupName string
}

var _ CallerAlarms = (*callerAlarms)(nil)

// NewCallerAlarms makes the metric filters and the alarms.
//
// It panics without Alarms or TrailLogGroup, on ARNs that are not of roles or
// that another covers, on MaxUnlistedCalls without AllowedRoleArns or the other
// way round, and on a threshold that is empty or below 0; all problems of ARNs
// and thresholds are in one message.
func NewCallerAlarms(scope constructs.Construct, id *string, props *CallerAlarmsProps) CallerAlarms {
	misuse.RequireScope(pkg, "CallerAlarms", scope, id)
	p := CallerAlarmsProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "CallerAlarms", "Alarms", p.Alarms)
	misuse.Require(pkg, "CallerAlarms", "TrailLogGroup", p.TrailLogGroup)
	var roles []string
	if p.AllowedRoleArns != nil {
		for _, arn := range *p.AllowedRoleArns {
			roles = append(roles, text(arn))
		}
	}
	if p.Warning == nil && p.Critical == nil {
		p.Warning, p.Critical = callerDefaults(len(roles) > 0)
	}
	thresholds := grade(p.Warning, p.Critical, Severity_WARNING, CallerThreshold{})
	misuse.PanicAll(append(roleProblems(roles), callerProblems(thresholds, len(roles) > 0)...))

	this := &callerAlarms{logGroupName: *p.TrailLogGroup.LogGroupName()}
	constructs.NewConstruct_Override(this, scope, id)
	for _, filter := range callerFilters(roles) {
		filter.on(p.TrailLogGroup, this)
	}
	for _, g := range thresholds {
		for _, kind := range callerKinds {
			if most := kind.threshold(g.threshold); most != nil {
				p.Alarms.alarm(this, kind.id+string(g.severity), g.severity, this.plan(kind, *most))
			}
		}
	}
	return this
}

func callerDefaults(listed bool) (warning, critical *CallerThreshold) {
	warning = &CallerThreshold{MaxUserCalls: jsii.Number(0)}
	if listed {
		warning.MaxUnlistedCalls = jsii.Number(0)
	}
	return warning, &CallerThreshold{MaxRootCalls: jsii.Number(0)}
}

var roleArn = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9_+=,.@/-]*\*?$`)

func roleProblems(roles []string) []error {
	var found []error
	for i, role := range roles {
		if !*awscdk.Token_IsUnresolved(role) && !roleArn.MatchString(role) {
			found = append(found, misuse.Errorf(pkg, "CallerAlarmsProps.AllowedRoleArns[%d] has to be the ARN of a role, with at most one * and that at the end, got %q; give it as IAM shows it", i, role))
		}
		// Two filters would count one call twice, and hide another.
		for k, other := range roles {
			if k != i && (other == role && k < i || other != role && covers(other, role)) {
				found = append(found, misuse.Errorf(pkg, "CallerAlarmsProps.AllowedRoleArns[%d] is covered by AllowedRoleArns[%d], got %q and %q; leave it out", i, k, role, other))
			}
		}
	}
	return found
}

func covers(pattern, arn string) bool {
	prefix, open := strings.CutSuffix(pattern, "*")
	return open && strings.HasPrefix(arn, prefix)
}

func callerProblems(thresholds []graded[CallerThreshold], listed bool) []error {
	var found []error
	unlisted := false
	for _, g := range thresholds {
		given := false
		for _, kind := range callerKinds {
			most := kind.threshold(g.threshold)
			given = given || most != nil
			found = append(found, outside("CallerThreshold.Max"+kind.id+"Calls", or(most, 0), 0, maxCount)...)
		}
		if !given {
			found = append(found, misuse.Errorf(pkg, "CallerThreshold is empty, got neither MaxRootCalls nor MaxUserCalls nor MaxUnlistedCalls; set one, or leave the threshold out"))
		}
		unlisted = unlisted || g.threshold.MaxUnlistedCalls != nil
	}
	switch {
	case unlisted && !listed:
		found = append(found, misuse.Errorf(pkg, "CallerThreshold.MaxUnlistedCalls needs a list, got no CallerAlarmsProps.AllowedRoleArns; give the roles that may call models"))
	case listed && !unlisted:
		found = append(found, misuse.Errorf(pkg, "CallerAlarmsProps.AllowedRoleArns alarm nobody, got no CallerThreshold.MaxUnlistedCalls; set it, 0 for any call, or leave the list out"))
	}
	return found
}

// modelCall matches the event of a model call. Each endpoint of Bedrock has an
// event source of its own, and all of them start alike. A streamed call has a
// second event, which is of another type.
const modelCall = `($.eventSource = "bedrock*") && ($.eventType = "AwsApiCall") && (($.eventName = "InvokeModel*") || ($.eventName = "Converse*"))`

func callerFilters(roles []string) []filterPlan {
	// A federated user is an IAM user in a session of its own.
	list := []filterPlan{
		{id: "RootFilter", metric: RootCallsMetricName, pattern: `{ ` + modelCall + ` && ($.userIdentity.type = "Root") }`},
		{id: "UserFilter", metric: UserCallsMetricName, pattern: `{ ` + modelCall + ` && (($.userIdentity.type = "IAMUser") || ($.userIdentity.type = "FederatedUser")) }`},
	}
	if len(roles) == 0 {
		return list
	}
	// A pattern has room for a few roles only. So those on the list are counted,
	// in as many filters as it takes, and the rest is what is left.
	list = append(list, filterPlan{id: "CallsFilter", metric: TrailCallsMetricName, pattern: `{ ` + modelCall + ` }`})
	for i, pattern := range listedPatterns(roles) {
		list = append(list, filterPlan{id: fmt.Sprintf("ListedFilter%d", i+1), metric: ListedCallsMetricName, pattern: pattern})
	}
	return list
}

func listedPatterns(roles []string) []string {
	var patterns []string
	var some []string
	for _, role := range roles {
		condition := `($.userIdentity.sessionContext.sessionIssuer.arn = "` + role + `")`
		if len(some) > 0 && resolvedLength(listedPattern(append(some, condition))) > maxFilterPattern {
			patterns = append(patterns, listedPattern(some))
			some = nil
		}
		some = append(some, condition)
	}
	return append(patterns, listedPattern(some))
}

func listedPattern(conditions []string) string {
	return `{ ` + modelCall + ` && ($.userIdentity.type = "AssumedRole") && (` + strings.Join(conditions, " || ") + `) }`
}

// callerKind is a kind of caller that an alarm is about.
type callerKind struct {
	id, who   string
	threshold func(CallerThreshold) *float64
	metrics   []mathPart
	step      string
}

var callerKinds = []callerKind{
	{
		id: "Root", who: "The root user",
		threshold: func(t CallerThreshold) *float64 { return t.MaxRootCalls },
		metrics:   []mathPart{{id: "calls", series: ownSeries(RootCallsMetricName), returned: true}},
		step:      "Nobody works as root: if the account's owner did not, take it for stolen. Change the password, delete its access keys and look at all it did.",
	},
	{
		id: "User", who: "IAM users",
		threshold: func(t CallerThreshold) *float64 { return t.MaxUserCalls },
		metrics:   []mathPart{{id: "calls", series: ownSeries(UserCallsMetricName), returned: true}},
		step:      "Their keys live long and name no person. If the calls are not meant, disable the keys; else give the caller a role.",
	},
	{
		id: "Unlisted", who: "Callers that are not on the list of roles",
		threshold: func(t CallerThreshold) *float64 { return t.MaxUnlistedCalls },
		metrics: []mathPart{
			{id: "calls", series: ownSeries(TrailCallsMetricName)},
			{id: "listed", series: ownSeries(ListedCallsMetricName)},
			{id: "unlisted", expression: "calls - FILL(listed, 0)", returned: true},
		},
		step: "If they are meant, add userIdentity.sessionContext.sessionIssuer.arn to AllowedRoleArns. Else deny the caller bedrock:InvokeModel*.",
	},
}

func (a *callerAlarms) plan(kind callerKind, most float64) alarmPlan {
	plan := alarmPlan{
		told: told{
			title: kind.who + " made " + moreThan(most, "model calls") + " within an hour.",
			steps: []string{
				"Who, and from where: query the log group " + a.logGroupName + " for eventName InvokeModel or Converse, and count by userIdentity.arn, sourceIPAddress and awsRegion.",
				kind.step,
				"What was asked and answered: the record with the event's requestID in the invocation log group.",
			},
			anchor: "callers",
		},
		comparison:    above,
		threshold:     most,
		periodSeconds: inAnHour,
	}
	if len(kind.metrics) == 1 {
		plan.metric = kind.metrics[0].series
	} else {
		plan.metrics = kind.metrics
	}
	return plan
}

func (a *callerAlarms) MetricRootCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return hourly(ownSeries(RootCallsMetricName), opts)
}

func (a *callerAlarms) MetricUserCalls(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return hourly(ownSeries(UserCallsMetricName), opts)
}
