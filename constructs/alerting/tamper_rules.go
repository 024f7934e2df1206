package alerting

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// TamperRules tell people when somebody calls an API that changes or blinds the
// recording: who, what, on which resource, from where, when, and whether AWS
// refused it. [TamperCalls] lists the calls. Only those on the given resources
// count.
//
// Each group of calls has two rules. One matches the calls of deployments: by
// CloudFormation with a deploy role, and for the calls that they are there for by
// who starts deployments and by the functions of the paper trail. Its message says
// so. The other matches all other calls. Every call is told by exactly one of
// them.
//
// EventBridge hears of a call within minutes, and only where a trail logs
// management events; of calls on objects, where it logs their data events, as an
// activitytrail.ActivityTrail does. Calls to IAM are heard of in one Region of
// the partition only, us-east-1 in that of most accounts.
type TamperRules interface {
	constructs.Construct
	// Rules are the EventBridge rules. Their ids are the group's name, followed
	// by ByDeployment for the calls of deployments.
	Rules() *[]awsevents.CfnRule
}

// TamperRulesProps configures TamperRules. What is protected is in the account
// and Region of the stack. The logging configuration always is.
type TamperRulesProps struct {
	// Alarms says who is told: its topic for Severity_CRITICAL of calls that no
	// deployment made, its topic for Severity_WARNING of calls by deployments.
	// Required.
	Alarms AlarmFactory
	// ChatTopic is told of both, in the form that a ChatChannel shows; its other
	// subscribers get JSON. Default: no chat.
	ChatTopic AlertTopic
	// TrailNames are CloudTrail trails. Default: none.
	TrailNames *[]*string
	// StackNames are CloudFormation stacks. Default: the construct's own.
	StackNames *[]*string
	// Buckets hold evidence. Default: none.
	Buckets *[]awss3.IBucket
	// Keys encrypt evidence. Default: none.
	Keys *[]awskms.IKey
	// LogGroups hold evidence. Default: none.
	LogGroups *[]awslogs.ILogGroup
	// AlarmNamePrefixes begin the names of CloudWatch alarms. Default: the name
	// of the stack and a hyphen, with which CloudFormation begins the names of
	// all its alarms.
	AlarmNamePrefixes *[]*string
	// RuleNamePrefixes begin the names of EventBridge rules. Default: the name of
	// the stack, of a long one the first 16 characters: CloudFormation shortens
	// it for a rule, and AWS does not say to how many.
	RuleNamePrefixes *[]*string
	// Topics tell people. Default: those of Alarms, and ChatTopic.
	Topics *[]awssns.ITopic
	// FunctionNames are Lambda functions of the paper trail. Default: none.
	FunctionNames *[]*string
	// ParameterPrefixes begin the names of SSM parameters; each with a slash at
	// the beginning. Default: "/paper-trail/".
	ParameterPrefixes *[]*string
	// RoleNames are IAM roles of the paper trail; a name that ends in "*" stands
	// for all that begin so. Where IAM's events do not arrive in the stack's
	// Region there are no rules for them. Default: none.
	RoleNames *[]*string
	// DeployRoleArns are the roles with which CloudFormation deploys. A call by
	// CloudFormation with another role is not taken for a deployment. Default:
	// the execution role of the stack's CDK bootstrap; where that cannot be told,
	// as with a synthesizer of the program's own, any role.
	DeployRoleArns *[]*string
	// FurtherDeployRoleArns deploy RoleNames in other Regions, whose bootstrap has
	// an execution role of its own. They count for RoleNames only. Default: none.
	FurtherDeployRoleArns *[]*string
	// DeployerRoleArns are the roles that tell CloudFormation to deploy: their
	// calls of TamperGroup_UPDATES are a deployment's. Default: the deploy role of
	// the stack's CDK bootstrap; where that cannot be told, nobody.
	DeployerRoleArns *[]*string
	// OwnRoleArns are the roles of the paper trail's own functions: their calls of
	// TamperGroup_RECORDING are a deployment's. That they write ParameterPrefixes
	// is not told at all. Default: none.
	OwnRoleArns *[]*string
}

type tamperRules struct {
	constructs.Construct
	rules []awsevents.CfnRule
}

var _ TamperRules = (*tamperRules)(nil)

// tamperSection of the runbook says what to do.
const tamperSection = "tamper"

// defaultRunbook is the project's own.
const defaultRunbook = "https://github.com/bedrock-paper-trail/paper-trail/blob/main/docs/runbook.md"

// NewTamperRules makes the rules.
//
// It panics without Alarms, on empty names, on a runbook whose URL no message can
// hold, and on more resources than fit into a pattern; all problems are in one
// message.
func NewTamperRules(scope constructs.Construct, id *string, props *TamperRulesProps) TamperRules {
	misuse.RequireScope(pkg, "TamperRules", scope, id)
	p := TamperRulesProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "TamperRules", "Alarms", p.Alarms)
	place := policies.At(scope)
	targets, problems := p.targets(place, deployerRoleArns(scope, place))
	if problem := runbookProblem(p.Alarms.section(tamperSection)); problem != nil {
		problems = append(problems, problem)
	}
	for _, roles := range [][]string{targets.deployRoles, targets.furtherDeployRoles, targets.deployers} {
		for i, role := range roles {
			roles[i] = spelledOut(scope, place, role)
		}
	}
	plans := targets.plans(place.Region)
	for _, plan := range plans {
		if problem := patternProblem(plan.group, plan.pattern); problem != nil {
			problems = append(problems, problem)
		}
	}
	misuse.PanicAll(problems)

	this := &tamperRules{}
	constructs.NewConstruct_Override(this, scope, id)
	for _, plan := range plans {
		this.rules = append(this.rules, this.newRule(plan, p))
	}
	return this
}

func (r *tamperRules) Rules() *[]awsevents.CfnRule { return &r.rules }

// tamperPlan is a rule to be made.
type tamperPlan struct {
	tamperMessage
	pattern map[string]any
}

func (t tamperTargets) plans(region string) []tamperPlan {
	var plans []tamperPlan
	for _, titled := range tamperTitles {
		if titled.group == TamperGroup_ROLES && !policies.HearsOfIAM(region) {
			continue
		}
		byDeployments, byOthers := t.patterns(titled.group)
		if byOthers == nil {
			continue
		}
		plans = append(plans,
			tamperPlan{tamperMessage{group: titled.group, title: titled.title}, byOthers},
			tamperPlan{tamperMessage{group: titled.group, title: titled.title, byDeployment: true}, byDeployments})
	}
	return plans
}

func (r *tamperRules) newRule(plan tamperPlan, p TamperRulesProps) awsevents.CfnRule {
	plan.runbook = p.Alarms.section(tamperSection)
	people, deployments := p.Alarms.Topic(Severity_CRITICAL), p.Alarms.Topic(Severity_WARNING)
	id, topic, other, by := string(plan.group), people, deployments, "but not by a deployment"
	if plan.byDeployment {
		id, topic, other, by = id+"ByDeployment", deployments, people, "by a deployment"
	}
	paths := plan.paths()
	send := func(id string, topic AlertTopic, template string) any {
		// No role: EventBridge may fail to publish to an encrypted topic with one
		// (EventBridge user guide, "Using resource-based policies").
		return &awsevents.CfnRule_TargetProperty{
			Id:  jsii.String(id),
			Arn: topic.arn(),
			InputTransformer: &awsevents.CfnRule_InputTransformerProperty{
				InputPathsMap: &paths,
				InputTemplate: jsii.String(template),
			},
		}
	}
	to := []any{send("Topic", topic, plan.text())}
	if (plan.group == TamperGroup_TOPICS || plan.group == TamperGroup_KEYS) && *topic.arn() != *other.arn() {
		// The topic that was deleted tells nobody, nor does one whose key is
		// disabled.
		to = append(to, send("OtherTopic", other, plan.text()))
	}
	if p.ChatTopic != nil {
		to = append(to, send("Chat", p.ChatTopic, plan.chat()))
	}
	return awsevents.NewCfnRule(r, jsii.String(id), &awsevents.CfnRuleProps{
		Description:  jsii.String(fmt.Sprintf("Tells when %s is changed, %s", plan.title, by)),
		EventPattern: plan.pattern,
		Targets:      to,
	})
}

// targets turns the props into plain values.
func (p TamperRulesProps) targets(place policies.Place, deployers []string) (tamperTargets, []error) {
	var problems []error
	names := func(prop string, given *[]*string, byDefault ...string) []string {
		if given == nil {
			return byDefault
		}
		var list []string
		for i, name := range *given {
			if text(name) == "" {
				problems = append(problems, misuse.Errorf(pkg, "TamperRulesProps.%s[%d] is empty, which nothing or everything would match; remove it", prop, i))
				continue
			}
			list = append(list, *name)
		}
		return list
	}
	t := tamperTargets{
		arn:               func(service, resource string) string { return *place.Arn(service, resource) },
		trails:            names("TrailNames", p.TrailNames),
		stacks:            names("StackNames", p.StackNames, place.StackName),
		functions:         names("FunctionNames", p.FunctionNames),
		roles:             names("RoleNames", p.RoleNames),
		alarmPrefixes:     names("AlarmNamePrefixes", p.AlarmNamePrefixes, place.StackName+"-"),
		rulePrefixes:      names("RuleNamePrefixes", p.RuleNamePrefixes, rulePrefix(place.StackName)),
		parameterPrefixes: names("ParameterPrefixes", p.ParameterPrefixes, "/paper-trail/"),
		deployers:         names("DeployerRoleArns", p.DeployerRoleArns, deployers...),
		own:               names("OwnRoleArns", p.OwnRoleArns),
	}
	if p.DeployRoleArns != nil {
		t.deployRoles = names("DeployRoleArns", p.DeployRoleArns)
	} else if place.DeployRoleArn != nil {
		t.deployRoles = []string{*place.DeployRoleArn}
	}
	t.furtherDeployRoles = names("FurtherDeployRoleArns", p.FurtherDeployRoleArns)
	if p.Buckets != nil {
		for i, given := range *p.Buckets {
			misuse.Require(pkg, "TamperRules", fmt.Sprintf("Buckets[%d]", i), given)
			t.buckets = append(t.buckets, *given.BucketName())
		}
	}
	if p.Keys != nil {
		for i, given := range *p.Keys {
			misuse.Require(pkg, "TamperRules", fmt.Sprintf("Keys[%d]", i), given)
			t.keys = append(t.keys, tamperKey{id: *given.KeyId(), arn: *given.KeyArn()})
		}
	}
	if p.LogGroups != nil {
		for i, given := range *p.LogGroups {
			misuse.Require(pkg, "TamperRules", fmt.Sprintf("LogGroups[%d]", i), given)
			t.logGroups = append(t.logGroups, *given.LogGroupName())
		}
	}
	topics, seen := p.topics(), map[string]bool{}
	for i, given := range topics {
		misuse.Require(pkg, "TamperRules", fmt.Sprintf("Topics[%d]", i), given)
		if arn := *given.TopicArn(); !seen[arn] {
			seen[arn] = true
			t.topicArns = append(t.topicArns, arn)
		}
	}
	return t, problems
}

func (p TamperRulesProps) topics() []awssns.ITopic {
	if p.Topics != nil {
		return *p.Topics
	}
	topics := []awssns.ITopic{p.Alarms.Topic(Severity_CRITICAL).Topic(), p.Alarms.Topic(Severity_WARNING).Topic()}
	if p.ChatTopic != nil {
		topics = append(topics, p.ChatTopic.Topic())
	}
	return topics
}

// rulePrefix is what the names of a stack's rules begin with. They have at most
// 64 characters, and CloudFormation makes room for the logical id and for the end,
// which is random. How much of the stack's name it keeps is not documented.
func rulePrefix(stackName string) string {
	const kept = 16
	if len(stackName) > kept && !*awscdk.Token_IsUnresolved(stackName) {
		return stackName[:kept]
	}
	return stackName
}
