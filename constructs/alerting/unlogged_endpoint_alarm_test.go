package alerting

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestUnloggedEndpointAlarmFiresOnAnyCall(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	alarm := NewUnloggedEndpointAlarm(stack, jsii.String("Unlogged"), &UnloggedEndpointAlarmProps{Alarms: factory})
	cdktest.AssertImportable(t, alarm)
	_, made := cdktest.Synth(t, stack).Only(t, "AWS::CloudWatch::Alarm", "UnloggedCritical")
	p := made.Properties
	assert.Equal(t, "AWS/BedrockMantle", p["Namespace"])
	assert.Equal(t, *alarm.MetricInferences(nil).MetricName(), p["MetricName"])
	assert.Equal(t, "Inferences", p["MetricName"])
	assert.NotContains(t, p, "Dimensions", "the account's total")
	assert.Equal(t, []any{1.0, 1.0, 0.0, "GreaterThanThreshold", "notBreaching"}, rule(made))
	assert.Contains(t, p["AlarmDescription"], "runbook.md#unlogged-endpoint")
}

func TestUnloggedEndpointAlarmMisuse(t *testing.T) {
	stack, factory := factoryOf(t, nil)
	for want, props := range map[string]*UnloggedEndpointAlarmProps{
		"UnloggedEndpointAlarm needs UnloggedEndpointAlarmProps.Alarms, got nil":   nil,
		"UnloggedEndpointThreshold.MaxInferences has to be 0 to 1e+12, got -0.5; ": {Alarms: factory, Warning: &UnloggedEndpointThreshold{MaxInferences: jsii.Number(-0.5)}},
	} {
		assert.Contains(t, cdktest.Panics(t, func() { NewUnloggedEndpointAlarm(stack, jsii.String("U"), props) }), want)
	}
}
