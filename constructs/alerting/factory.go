package alerting

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// Severity says how soon somebody has to look at an alarm.
type Severity string

const (
	// Severity_WARNING can wait for office hours.
	Severity_WARNING Severity = "Warning"
	// Severity_CRITICAL is worth a call at night: the record has a gap, or
	// somebody makes one.
	Severity_CRITICAL Severity = "Critical"
)

// AlarmFactory makes alarms alike. All of them notify the topic of their
// severity when they fire and when they are over. Their descriptions say what
// happened, what to do and where the runbook says more. What missing data means
// is decided by each kind of alarm, and never left to CloudWatch's default,
// which notifies nobody.
//
// Alarms get no physical names: CloudFormation begins each with the name of the
// stack, and two stacks cannot collide.
type AlarmFactory interface {
	constructs.Construct
	// Topic is the one that alarms of a severity notify.
	Topic(severity Severity) AlertTopic
	// AlarmArns are those of the alarms made so far that notify somebody.
	AlarmArns() *[]*string

	alarm(scope constructs.Construct, id string, severity Severity, a alarmPlan) awscloudwatch.CfnAlarm
	composite(scope constructs.Construct, id string, severity Severity, c compositePlan) awscloudwatch.CfnCompositeAlarm
	// section is the URL of a section of the runbook.
	section(anchor string) string
}

// AlarmFactoryProps configures an AlarmFactory.
type AlarmFactoryProps struct {
	// Critical is notified by alarms of severity Critical. Required.
	Critical AlertTopic
	// Warning is notified by alarms of severity Warning. Default: Critical.
	Warning AlertTopic
	// RunbookURL is the page that says what to do, without a fragment: the name
	// of the section is appended to it, as "#silence". Default: the project's
	// runbook.
	RunbookURL *string
}

type alarmFactory struct {
	constructs.Construct
	topics  map[Severity]AlertTopic
	told    map[Severity]*[]any
	runbook string
	arns    []func() *string
}

var _ AlarmFactory = (*alarmFactory)(nil)

// NewAlarmFactory makes a factory. It has no resources of its own.
//
// It panics without the topic Critical, and on a RunbookURL that is empty or has
// a fragment.
func NewAlarmFactory(scope constructs.Construct, id *string, props *AlarmFactoryProps) AlarmFactory {
	misuse.RequireScope(pkg, "AlarmFactory", scope, id)
	p := AlarmFactoryProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "AlarmFactory", "Critical", p.Critical)
	if misuse.IsNil(p.Warning) {
		p.Warning = p.Critical
	}
	if p.RunbookURL == nil {
		p.RunbookURL = jsii.String(defaultRunbook)
	}
	if *p.RunbookURL == "" || strings.Contains(*p.RunbookURL, "#") {
		misuse.Panicf(pkg, "AlarmFactoryProps.RunbookURL is a page to whose URL the section is appended, got %q; give it without #", *p.RunbookURL)
	}

	this := &alarmFactory{
		topics:  map[Severity]AlertTopic{Severity_CRITICAL: p.Critical, Severity_WARNING: p.Warning},
		told:    map[Severity]*[]any{},
		runbook: *p.RunbookURL,
	}
	constructs.NewConstruct_Override(this, scope, id)
	for severity, topic := range this.topics {
		this.told[severity] = &[]any{topic.arn()}
	}
	return this
}

func (f *alarmFactory) Topic(severity Severity) AlertTopic { return f.topics[severity] }

func (f *alarmFactory) section(anchor string) string { return f.runbook + "#" + anchor }

func (f *alarmFactory) AlarmArns() *[]*string {
	arns := make([]*string, len(f.arns))
	for i, arn := range f.arns {
		arns[i] = arn()
	}
	return &arns
}

func (f *alarmFactory) alarm(scope constructs.Construct, id string, severity Severity, a alarmPlan) awscloudwatch.CfnAlarm {
	props := a.props()
	if a.silent {
		props.AlarmDescription = jsii.String(a.title)
	} else {
		props.AlarmDescription = f.description(severity, a.told)
		props.AlarmActions, props.OkActions = f.told[severity], f.told[severity]
	}
	made := awscloudwatch.NewCfnAlarm(scope, jsii.String(id), props)
	if !a.silent {
		f.arns = append(f.arns, made.AttrArn)
	}
	return made
}

func (f *alarmFactory) composite(scope constructs.Construct, id string, severity Severity, c compositePlan) awscloudwatch.CfnCompositeAlarm {
	made := awscloudwatch.NewCfnCompositeAlarm(scope, jsii.String(id), &awscloudwatch.CfnCompositeAlarmProps{
		AlarmRule:        jsii.String(c.rule),
		AlarmDescription: f.description(severity, c.told),
		AlarmActions:     f.told[severity],
		OkActions:        f.told[severity],
	})
	f.arns = append(f.arns, made.AttrArn)
	return made
}

func (f *alarmFactory) description(severity Severity, t told) *string {
	text := t.description(severity, f.runbook)
	if n := resolvedLength(text); n > maxDescription {
		misuse.Panicf(pkg, "an alarm's description has at most %d characters, got about %d in that of %s; give a shorter AlarmFactoryProps.RunbookURL or shorter names", maxDescription, n, t.anchor)
	}
	return &text
}
