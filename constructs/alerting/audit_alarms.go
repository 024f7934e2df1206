package alerting

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// AuditAlarms are all alarms and rules of this package but the ThrottlingAlarm,
// in one construct with good defaults: that the record has no gap, that nobody
// tampers with it, what it contains, and how models are used.
//
// Each kind can be had by itself as well, by its own constructor.
type AuditAlarms interface {
	constructs.Construct
	// DeliveryFailure is nil where Without leaves it out. So are the others.
	DeliveryFailure() DeliveryFailureAlarms
	// Silence is about calls without records.
	Silence() SilenceAlarms
	// UnloggedEndpoint is about calls that are never recorded.
	UnloggedEndpoint() UnloggedEndpointAlarm
	// TamperRules tell of changes of the recording.
	TamperRules() TamperRules
	// TamperAlarm is nil without a TrailLogGroup, too.
	TamperAlarm() TamperAlarm
	// Content is about guardrails and sensitive data.
	Content() ContentAlarms
	// Unattributed is about calls without request metadata.
	Unattributed() UnattributedAlarms
	// Callers is nil without a TrailLogGroup, too.
	Callers() CallerAlarms
	// Errors is nil without Models, too.
	Errors() ErrorAlarms
	// Quota is nil without Models, too.
	Quota() QuotaAlarms
	// SpendPace is about unusual numbers of tokens.
	SpendPace() SpendPaceAlarms
}

// AuditAlarmsProps configures AuditAlarms.
type AuditAlarmsProps struct {
	// Alarms makes the alarms, and says who is told. Required.
	Alarms AlarmFactory
	// InvocationLogGroup is the log group that Amazon Bedrock delivers
	// invocation logs to, of log class Standard. Required.
	InvocationLogGroup awslogs.ILogGroup
	// TrailLogGroup is the log group of a multi-Region CloudTrail trail, of log
	// class Standard. Default: who calls models is not watched, and tampering by
	// TamperRules only.
	TrailLogGroup awslogs.ILogGroup
	// Models are watched for errors, slowness and quotas, each by itself.
	// Default: none is.
	Models *[]*WatchedModel
	// Kinds changes what single kinds of alarms do, and says what TamperRules
	// protect. Default: the defaults of each kind; TamperRules protect the logging
	// configuration, the log groups given here, the stack, its alarms and rules, the
	// topics of Alarms and the parameters of the paper trail; a warning names what
	// else they have to be given.
	Kinds *AuditAlarmKinds
	// Without are kinds that are left out, each with a warning. Default: none.
	Without *[]AlarmKind
}

// AuditAlarmKinds are the props of the kinds of AuditAlarms. In each, the
// factory, log groups and models that are not given are those of
// AuditAlarmsProps.
type AuditAlarmKinds struct {
	// DeliveryFailure changes the alarms on failed deliveries. Default: none of
	// its props is given, as with the others.
	DeliveryFailure *DeliveryFailureAlarmsProps
	// Silence changes the alarms on missing records.
	Silence *SilenceAlarmsProps
	// UnloggedEndpoint changes the alarm on the endpoint that is not recorded.
	UnloggedEndpoint *UnloggedEndpointAlarmProps
	// Tamper says what is protected. Its RoleNames, RuleNamePrefixes,
	// DeployRoleArns and FurtherDeployRoleArns are those of the TamperAlarm, too.
	// Its LogGroups are by default those of AuditAlarmsProps.
	Tamper *TamperRulesProps
	// Content changes the alarms on guardrails and sensitive data.
	Content *ContentAlarmsProps
	// Unattributed changes the alarms on calls without request metadata.
	Unattributed *UnattributedAlarmsProps
	// Callers changes the alarms on who calls models.
	Callers *CallerAlarmsProps
	// Errors changes the alarms on errors and slowness.
	Errors *ErrorAlarmsProps
	// Quota changes the alarms on quotas.
	Quota *QuotaAlarmsProps
	// SpendPace changes the alarm on token counts.
	SpendPace *SpendPaceAlarmsProps
}

// AlarmKind is a kind of alarms of AuditAlarms.
type AlarmKind string

const (
	// AlarmKind_DELIVERY_FAILURE is DeliveryFailureAlarms.
	AlarmKind_DELIVERY_FAILURE AlarmKind = "DeliveryFailure"
	// AlarmKind_SILENCE is SilenceAlarms.
	AlarmKind_SILENCE AlarmKind = "Silence"
	// AlarmKind_UNLOGGED_ENDPOINT is UnloggedEndpointAlarm.
	AlarmKind_UNLOGGED_ENDPOINT AlarmKind = "UnloggedEndpoint"
	// AlarmKind_TAMPER is TamperRules and TamperAlarm.
	AlarmKind_TAMPER AlarmKind = "Tamper"
	// AlarmKind_CONTENT is ContentAlarms.
	AlarmKind_CONTENT AlarmKind = "Content"
	// AlarmKind_UNATTRIBUTED is UnattributedAlarms.
	AlarmKind_UNATTRIBUTED AlarmKind = "Unattributed"
	// AlarmKind_CALLERS is CallerAlarms.
	AlarmKind_CALLERS AlarmKind = "Callers"
	// AlarmKind_ERRORS is ErrorAlarms.
	AlarmKind_ERRORS AlarmKind = "Errors"
	// AlarmKind_QUOTA is QuotaAlarms.
	AlarmKind_QUOTA AlarmKind = "Quota"
	// AlarmKind_SPEND_PACE is SpendPaceAlarms.
	AlarmKind_SPEND_PACE AlarmKind = "SpendPace"
)

// alarmKinds are all kinds, and what nobody notices without them.
var alarmKinds = map[AlarmKind]string{
	AlarmKind_DELIVERY_FAILURE:  "that records are not delivered",
	AlarmKind_SILENCE:           "that no record arrives at all",
	AlarmKind_UNLOGGED_ENDPOINT: "calls of models that are not recorded",
	AlarmKind_TAMPER:            "who changes the recording",
	AlarmKind_CONTENT:           "interventions of guardrails and sensitive data",
	AlarmKind_UNATTRIBUTED:      "calls that name no user",
	AlarmKind_CALLERS:           "calls by root, by users and by strangers",
	AlarmKind_ERRORS:            "errors and slowness of models",
	AlarmKind_QUOTA:             "quotas that are nearly used up",
	AlarmKind_SPEND_PACE:        "unusual numbers of tokens",
}

type auditAlarms struct {
	constructs.Construct
	deliveryFailure  DeliveryFailureAlarms
	silence          SilenceAlarms
	unloggedEndpoint UnloggedEndpointAlarm
	tamperRules      TamperRules
	tamperAlarm      TamperAlarm
	content          ContentAlarms
	unattributed     UnattributedAlarms
	callers          CallerAlarms
	errors           ErrorAlarms
	quota            QuotaAlarms
	spendPace        SpendPaceAlarms
}

var _ AuditAlarms = (*auditAlarms)(nil)

// NewAuditAlarms makes the alarms and rules.
//
// It panics without Alarms or InvocationLogGroup, on a kind in Without that is
// unknown, comes twice or is changed in Kinds, and on what the kinds panic on.
func NewAuditAlarms(scope constructs.Construct, id *string, props *AuditAlarmsProps) AuditAlarms {
	misuse.RequireScope(pkg, "AuditAlarms", scope, id)
	p := valueOf(props)
	misuse.Require(pkg, "AuditAlarms", "Alarms", p.Alarms)
	misuse.Require(pkg, "AuditAlarms", "InvocationLogGroup", p.InvocationLogGroup)
	kinds := valueOf(p.Kinds)
	misuse.PanicAll(p.withoutProblems(kinds))

	this := &auditAlarms{}
	constructs.NewConstruct_Override(this, scope, id)
	this.record(p, kinds)
	this.tamper(p, kinds)
	this.use(p, kinds)
	this.models(p, kinds)
	if p.Without != nil {
		for _, kind := range *p.Without {
			misuse.Warn(this, "AuditAlarms.without."+string(kind), "AuditAlarmsProps.Without leaves "+string(kind)+" out: nobody is told of "+alarmKinds[kind]+".")
		}
	}
	return this
}

// record watches that the record has no gap.
func (a *auditAlarms) record(p AuditAlarmsProps, kinds AuditAlarmKinds) {
	if p.has(AlarmKind_DELIVERY_FAILURE) {
		props := valueOf(kinds.DeliveryFailure)
		p.give(&props.Alarms)
		a.deliveryFailure = NewDeliveryFailureAlarms(a, jsii.String("DeliveryFailure"), &props)
	}
	if p.has(AlarmKind_SILENCE) {
		props := valueOf(kinds.Silence)
		p.give(&props.Alarms)
		a.silence = NewSilenceAlarms(a, jsii.String("Silence"), &props)
	}
	if p.has(AlarmKind_UNLOGGED_ENDPOINT) {
		props := valueOf(kinds.UnloggedEndpoint)
		p.give(&props.Alarms)
		a.unloggedEndpoint = NewUnloggedEndpointAlarm(a, jsii.String("UnloggedEndpoint"), &props)
	}
}

// tamper watches that nobody changes the recording.
func (a *auditAlarms) tamper(p AuditAlarmsProps, kinds AuditAlarmKinds) {
	if !p.has(AlarmKind_TAMPER) {
		return
	}
	props := valueOf(kinds.Tamper)
	p.give(&props.Alarms)
	if props.LogGroups == nil {
		props.LogGroups = &[]awslogs.ILogGroup{p.InvocationLogGroup}
		if !misuse.IsNil(p.TrailLogGroup) {
			props.LogGroups = &[]awslogs.ILogGroup{p.InvocationLogGroup, p.TrailLogGroup}
		}
	}
	a.tamperRules = NewTamperRules(a, jsii.String("TamperRules"), &props)
	a.warnOfUnprotected(props, !misuse.IsNil(p.TrailLogGroup))
	if !misuse.IsNil(p.TrailLogGroup) {
		a.tamperAlarm = NewTamperAlarm(a, jsii.String("TamperAlarm"), &TamperAlarmProps{
			TrailLogGroup:    p.TrailLogGroup,
			Alarms:           props.Alarms,
			RoleNames:        props.RoleNames,
			RuleNamePrefixes: props.RuleNamePrefixes,
			DeployRoleArns:   allDeployRoles(props, policies.At(a).DeployRoleArn),
		})
	}
}

// allDeployRoles is nil where the TamperAlarm has a default.
func allDeployRoles(props TamperRulesProps, byDefault *string) *[]*string {
	if props.FurtherDeployRoleArns == nil {
		return props.DeployRoleArns
	}
	var all []*string
	switch {
	case props.DeployRoleArns != nil:
		all = append(all, *props.DeployRoleArns...)
	case byDefault != nil:
		all = append(all, byDefault)
	default:
		return nil
	}
	all = append(all, *props.FurtherDeployRoleArns...)
	return &all
}

// warnOfUnprotected says what nobody watches for lack of a name.
func (a *auditAlarms) warnOfUnprotected(props TamperRulesProps, hasTrail bool) {
	warn := func(prop, what string) {
		misuse.Warn(a, "AuditAlarms.tamper."+prop, "AuditAlarmsProps.Kinds.Tamper has no "+prop+": nobody is told when "+what+". Give those of your paper trail.")
	}
	if props.Buckets == nil {
		warn("Buckets", "a bucket with evidence is changed")
	}
	if props.Keys == nil {
		warn("Keys", "a key of the evidence is disabled")
	}
	if props.TrailNames == nil && hasTrail {
		warn("TrailNames", "the trail is stopped")
	}
	switch {
	case props.RoleNames == nil:
		warn("RoleNames", "a role of the paper trail is changed")
	case !hasTrail && !policies.HearsOfIAM(policies.At(a).Region):
		misuse.Warn(a, "AuditAlarms.tamper.iam", "The events of IAM do not arrive in this Region, and there is no TrailLogGroup: nobody is told when a role of the paper trail is changed. Give a TrailLogGroup, or have TamperRules in the Region of IAM as well.")
	}
}

// use watches what models are used for, by whom, and how much.
func (a *auditAlarms) use(p AuditAlarmsProps, kinds AuditAlarmKinds) {
	if p.has(AlarmKind_CONTENT) {
		props := valueOf(kinds.Content)
		p.give(&props.Alarms)
		orElse(&props.InvocationLogGroup, p.InvocationLogGroup)
		a.content = NewContentAlarms(a, jsii.String("Content"), &props)
	}
	if p.has(AlarmKind_UNATTRIBUTED) {
		props := valueOf(kinds.Unattributed)
		p.give(&props.Alarms)
		orElse(&props.InvocationLogGroup, p.InvocationLogGroup)
		a.unattributed = NewUnattributedAlarms(a, jsii.String("Unattributed"), &props)
	}
	if p.has(AlarmKind_CALLERS) {
		props := valueOf(kinds.Callers)
		p.give(&props.Alarms)
		orElse(&props.TrailLogGroup, p.TrailLogGroup)
		if !misuse.IsNil(props.TrailLogGroup) {
			a.callers = NewCallerAlarms(a, jsii.String("Callers"), &props)
		}
	}
	if p.has(AlarmKind_SPEND_PACE) {
		props := valueOf(kinds.SpendPace)
		p.give(&props.Alarms)
		orElse(&props.InvocationLogGroup, p.InvocationLogGroup)
		a.spendPace = NewSpendPaceAlarms(a, jsii.String("SpendPace"), &props)
	}
}

// models watches single models.
func (a *auditAlarms) models(p AuditAlarmsProps, kinds AuditAlarmKinds) {
	if p.has(AlarmKind_ERRORS) {
		props := valueOf(kinds.Errors)
		p.give(&props.Alarms)
		orElse(&props.Models, p.Models)
		if props.Models != nil {
			a.errors = NewErrorAlarms(a, jsii.String("Errors"), &props)
		}
	}
	if p.has(AlarmKind_QUOTA) {
		props := valueOf(kinds.Quota)
		p.give(&props.Alarms)
		orElse(&props.Models, p.Models)
		if props.Models != nil {
			a.quota = NewQuotaAlarms(a, jsii.String("Quota"), &props)
		}
	}
}

func (p AuditAlarmsProps) has(kind AlarmKind) bool {
	return p.Without == nil || !slices.Contains(*p.Without, kind)
}

// give makes the factory of all kinds that of one without its own.
func (p AuditAlarmsProps) give(to *AlarmFactory) { orElse(to, p.Alarms) }

func (p AuditAlarmsProps) withoutProblems(kinds AuditAlarmKinds) []error {
	if p.Without == nil {
		return nil
	}
	changed := map[AlarmKind]any{
		AlarmKind_DELIVERY_FAILURE:  kinds.DeliveryFailure,
		AlarmKind_SILENCE:           kinds.Silence,
		AlarmKind_UNLOGGED_ENDPOINT: kinds.UnloggedEndpoint,
		AlarmKind_TAMPER:            kinds.Tamper,
		AlarmKind_CONTENT:           kinds.Content,
		AlarmKind_UNATTRIBUTED:      kinds.Unattributed,
		AlarmKind_CALLERS:           kinds.Callers,
		AlarmKind_ERRORS:            kinds.Errors,
		AlarmKind_QUOTA:             kinds.Quota,
		AlarmKind_SPEND_PACE:        kinds.SpendPace,
	}
	var problems []error
	seen := map[AlarmKind]bool{}
	for _, kind := range *p.Without {
		switch {
		case alarmKinds[kind] == "":
			problems = append(problems, misuse.Errorf(pkg, "AuditAlarmsProps.Without has an unknown kind, got %q; use the constants AlarmKind_…", kind))
		case seen[kind]:
			problems = append(problems, misuse.Errorf(pkg, "AuditAlarmsProps.Without has a kind twice, got %q again; remove it", kind))
		case !misuse.IsNil(changed[kind]):
			problems = append(problems, misuse.Errorf(pkg, "AuditAlarmsProps.Without leaves out what Kinds changes, got %q in both; remove one", kind))
		}
		seen[kind] = true
	}
	return problems
}

// valueOf is a copy of props, empty where there are none.
func valueOf[T any](props *T) T {
	if props == nil {
		var empty T
		return empty
	}
	return *props
}

// orElse sets what is not set.
func orElse[T any](value *T, byDefault T) {
	if misuse.IsNil(*value) {
		*value = byDefault
	}
}

func (a *auditAlarms) DeliveryFailure() DeliveryFailureAlarms  { return a.deliveryFailure }
func (a *auditAlarms) Silence() SilenceAlarms                  { return a.silence }
func (a *auditAlarms) UnloggedEndpoint() UnloggedEndpointAlarm { return a.unloggedEndpoint }
func (a *auditAlarms) TamperRules() TamperRules                { return a.tamperRules }
func (a *auditAlarms) TamperAlarm() TamperAlarm                { return a.tamperAlarm }
func (a *auditAlarms) Content() ContentAlarms                  { return a.content }
func (a *auditAlarms) Unattributed() UnattributedAlarms        { return a.unattributed }
func (a *auditAlarms) Callers() CallerAlarms                   { return a.callers }
func (a *auditAlarms) Errors() ErrorAlarms                     { return a.errors }
func (a *auditAlarms) Quota() QuotaAlarms                      { return a.quota }
func (a *auditAlarms) SpendPace() SpendPaceAlarms              { return a.spendPace }
