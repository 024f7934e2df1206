package alerting_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/gkampitakis/go-snaps/snaps"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func recordsIn(stack awscdk.Stack) awslogs.ILogGroup {
	return awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String("/aws/bedrock/model-invocations"))
}

// newAuditAlarms makes those of a factory with the topic Alerts.
func newAuditAlarms(t *testing.T, change func(awscdk.Stack, *alerting.AuditAlarmsProps)) (awscdk.Stack, alerting.AlarmFactory, alerting.AuditAlarms) {
	t.Helper()
	stack, topic := newTopic(t)
	factory := alerting.NewAlarmFactory(stack, jsii.String("Factory"), &alerting.AlarmFactoryProps{Critical: topic})
	props := &alerting.AuditAlarmsProps{Alarms: factory, InvocationLogGroup: recordsIn(stack)}
	if change != nil {
		change(stack, props)
	}
	return stack, factory, alerting.NewAuditAlarms(stack, jsii.String("Audit"), props)
}

func everything(stack awscdk.Stack, props *alerting.AuditAlarmsProps) {
	props.TrailLogGroup = trailLogs(stack)
	props.Models = &[]*alerting.WatchedModel{{
		ModelID: jsii.String("eu.anthropic.claude-sonnet-4-20250514-v1:0"), Name: jsii.String("sonnet"), TokensPerMinuteQuota: jsii.Number(2_000_000),
	}}
	props.Kinds = &alerting.AuditAlarmKinds{
		Tamper:  &alerting.TamperRulesProps{TrailNames: jsii.Strings("trail"), RoleNames: jsii.Strings("guard")},
		Callers: &alerting.CallerAlarmsProps{AllowedRoleArns: jsii.Strings("arn:aws:iam::111122223333:role/assistants/*")},
	}
}

func kindsOf(a alerting.AuditAlarms) map[alerting.AlarmKind]any {
	return map[alerting.AlarmKind]any{
		alerting.AlarmKind_DELIVERY_FAILURE:  a.DeliveryFailure(),
		alerting.AlarmKind_SILENCE:           a.Silence(),
		alerting.AlarmKind_UNLOGGED_ENDPOINT: a.UnloggedEndpoint(),
		alerting.AlarmKind_TAMPER:            a.TamperRules(),
		alerting.AlarmKind_CONTENT:           a.Content(),
		alerting.AlarmKind_UNATTRIBUTED:      a.Unattributed(),
		alerting.AlarmKind_CALLERS:           a.Callers(),
		alerting.AlarmKind_ERRORS:            a.Errors(),
		alerting.AlarmKind_QUOTA:             a.Quota(),
		alerting.AlarmKind_SPEND_PACE:        a.SpendPace(),
	}
}

func TestAuditAlarmsAll(t *testing.T) {
	stack, factory, alarms := newAuditAlarms(t, everything)
	for kind, made := range kindsOf(alarms) {
		assert.NotNil(t, made, kind)
	}
	assert.NotNil(t, alarms.TamperAlarm())
	notifying := len(*factory.AlarmArns())
	template := cdktest.Synth(t, stack)
	assert.Len(t, cdktest.Warnings(stack), 2, "of buckets and keys, which are not given")

	made := map[string]any{}
	runbook, err := os.ReadFile(filepath.Join("..", "..", "docs", "runbook.md"))
	require.NoError(t, err)
	for id, resource := range template.Resources {
		if !strings.HasPrefix(id, "Audit") {
			continue
		}
		made[id] = inShort(resource)
		if !strings.HasPrefix(resource.Type, "AWS::CloudWatch::") {
			continue
		}
		description := cdktest.JSON(t, resource.Properties["AlarmDescription"])
		assert.LessOrEqual(t, len(description), 1024, id)
		if resource.Properties["AlarmActions"] == nil {
			assert.NotContains(t, description, "#", "%s notifies nobody", id)
			continue
		}
		notifying--
		assert.Equal(t, resource.Properties["AlarmActions"], resource.Properties["OKActions"], id)
		section := regexp.MustCompile(`runbook\.md#([a-z-]+)`).FindStringSubmatch(description)
		require.NotNil(t, section, id)
		assert.Contains(t, string(runbook), "\n## "+section[1]+"\n", id)
	}
	assert.Zero(t, notifying, "the factory knows them")
	snaps.WithConfig(snaps.Filename("all")).MatchStandaloneJSON(t, made)
}

// inShort leaves out whom an alarm notifies and what it tells, and of a rule all
// but its kind.
func inShort(resource cdktest.Resource) map[string]any {
	short := map[string]any{"Type": resource.Type}
	if resource.Type == "AWS::Events::Rule" {
		return short
	}
	for name, value := range resource.Properties {
		if name != "AlarmDescription" && name != "AlarmActions" && name != "OKActions" {
			short[name] = value
		}
	}
	return short
}

func TestAuditAlarmsNone(t *testing.T) {
	all := []alerting.AlarmKind{
		alerting.AlarmKind_DELIVERY_FAILURE, alerting.AlarmKind_SILENCE, alerting.AlarmKind_UNLOGGED_ENDPOINT, alerting.AlarmKind_TAMPER,
		alerting.AlarmKind_CONTENT, alerting.AlarmKind_UNATTRIBUTED, alerting.AlarmKind_CALLERS,
		alerting.AlarmKind_ERRORS, alerting.AlarmKind_QUOTA, alerting.AlarmKind_SPEND_PACE,
	}
	stack, _, alarms := newAuditAlarms(t, func(stack awscdk.Stack, props *alerting.AuditAlarmsProps) {
		everything(stack, props)
		props.Kinds = nil
		props.Without = &all
	})
	for kind, made := range kindsOf(alarms) {
		assert.Nil(t, made, kind)
	}
	assert.Nil(t, alarms.TamperAlarm())
	for id := range cdktest.Synth(t, stack).Resources {
		assert.NotContains(t, id, "Audit")
	}
	warnings := cdktest.Warnings(stack)
	assert.Len(t, warnings, len(all))
	for _, kind := range all {
		assert.True(t, slices.ContainsFunc(warnings, func(w string) bool {
			return strings.Contains(w, "AuditAlarmsProps.Without leaves "+string(kind)+" out: nobody is told of ") &&
				strings.Contains(w, "paper-trail:AuditAlarms.without."+string(kind))
		}), kind)
	}
}

func TestAuditAlarmsWithoutTrailAndModels(t *testing.T) {
	stack, _, alarms := newAuditAlarms(t, nil)
	cdktest.AssertImportable(t, alarms)
	assert.NotNil(t, alarms.TamperRules())
	assert.Nil(t, alarms.TamperAlarm())
	assert.Nil(t, alarms.Callers())
	assert.Nil(t, alarms.Errors())
	assert.Nil(t, alarms.Quota())
	cdktest.Synth(t, stack)
}

func TestAuditAlarmsLetAKindHaveAFactoryOfItsOwn(t *testing.T) {
	stack, factory, _ := newAuditAlarms(t, func(stack awscdk.Stack, props *alerting.AuditAlarmsProps) {
		own := alerting.NewAlarmFactory(stack, jsii.String("Own"), &alerting.AlarmFactoryProps{
			Critical: props.Alarms.Topic(alerting.Severity_CRITICAL), RunbookURL: jsii.String("https://wiki.example.com"),
		})
		props.Kinds = &alerting.AuditAlarmKinds{UnloggedEndpoint: &alerting.UnloggedEndpointAlarmProps{Alarms: own}}
	})
	_, alarm := cdktest.Synth(t, stack).Only(t, "AWS::CloudWatch::Alarm", "AuditUnloggedEndpoint")
	assert.Contains(t, alarm.Properties["AlarmDescription"], "https://wiki.example.com#unlogged-endpoint")
	assert.NotEmpty(t, *factory.AlarmArns())
}

func TestAuditAlarmsMisuse(t *testing.T) {
	stack, topic := newTopic(t)
	factory := alerting.NewAlarmFactory(stack, jsii.String("Factory"), &alerting.AlarmFactoryProps{Critical: topic})
	without := func(kinds ...alerting.AlarmKind) *alerting.AuditAlarmsProps {
		return &alerting.AuditAlarmsProps{
			Alarms: factory, InvocationLogGroup: recordsIn(awscdk.NewStack(stack, jsii.String("S"+string(kinds[0])), nil)),
			Kinds:   &alerting.AuditAlarmKinds{Quota: &alerting.QuotaAlarmsProps{}},
			Without: &kinds,
		}
	}
	for want, props := range map[string]*alerting.AuditAlarmsProps{
		"AuditAlarms needs AuditAlarmsProps.Alarms, got nil":             nil,
		"AuditAlarms needs AuditAlarmsProps.InvocationLogGroup, got nil": {Alarms: factory},
		`Without has an unknown kind, got "Weather"`:                     without("Weather"),
		`Without has a kind twice, got "Silence" again`:                  without(alerting.AlarmKind_SILENCE, alerting.AlarmKind_SILENCE),
		`Without leaves out what Kinds changes, got "Quota" in both`:     without(alerting.AlarmKind_QUOTA),
	} {
		message := cdktest.Panics(t, func() { alerting.NewAuditAlarms(stack, jsii.String("A"), props) })
		assert.Contains(t, message, want)
		assert.Contains(t, message, "paper-trail/alerting: ")
	}
}

func TestAuditAlarmsSayWhatNobodyWatches(t *testing.T) {
	stack := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Frankfurt"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-central-1")},
	})
	topic := alerting.NewAlertTopic(stack, jsii.String("Alerts"), &alerting.AlertTopicProps{Key: auditstore.NewAuditKey(stack, jsii.String("Key"), nil)})
	alerting.NewAuditAlarms(stack, jsii.String("Audit"), &alerting.AuditAlarmsProps{
		Alarms:             alarmsOf(stack, topic),
		InvocationLogGroup: recordsIn(stack),
		Kinds:              &alerting.AuditAlarmKinds{Tamper: &alerting.TamperRulesProps{RoleNames: jsii.Strings("guard")}},
	})
	warnings := strings.Join(cdktest.Warnings(stack), "\n")
	for _, id := range []string{"Buckets", "Keys", "iam"} {
		assert.Contains(t, warnings, "paper-trail:AuditAlarms.tamper."+id)
	}
	for _, id := range []string{"TrailNames", "RoleNames"} {
		assert.NotContains(t, warnings, "paper-trail:AuditAlarms.tamper."+id)
	}
}

func TestAuditAlarmsProtectTheirLogGroups(t *testing.T) {
	stack, _, _ := newAuditAlarms(t, everything)
	found := 0
	for id, rule := range cdktest.Synth(t, stack).OfType("AWS::Events::Rule") {
		if strings.Contains(id, "TamperRulesLogGroups") {
			found++
			pattern := cdktest.JSON(t, rule.Properties["EventPattern"])
			assert.Contains(t, pattern, `"/aws/bedrock/model-invocations"`, id)
			assert.Contains(t, pattern, `"/aws/cloudtrail/paper-trail"`, id)
		}
	}
	assert.Equal(t, 2, found)
}
