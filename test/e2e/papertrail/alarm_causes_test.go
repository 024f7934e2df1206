package papertrail_test

import (
	"strings"

	"github.com/stretchr/testify/require"
)

// watched is the model with alarms of its own.
const watched = "eu.amazon.nova-pro-v1:0"

// cause is how an alarm of the deployed stack comes to fire on the emulator.
// The zero value is that of a composite alarm: its parts fire.
type cause struct {
	// metric is the value of the alarm's metric that is put to make it fire, and
	// with it that ends it.
	metric *[2]float64
	// record is the record or event, of testdata of constructs/alerting, that is
	// written into a log group.
	record string
	// times is how many of it; 0 is 1.
	times int
	// edit changes its text.
	edit func(e *environment, text string) string
	// beyond is what the alarm hangs on and the emulator does not evaluate: the
	// alarm's state is set.
	beyond string
}

const (
	insights = "Metrics Insights"
	math     = "metric math"
	band     = "anomaly detection"
	absence  = "absence of data"
)

func native(firing, over float64) cause { return cause{metric: &[2]float64{firing, over}} }

// causes are of all alarms that an environment can have, by [alarmName].
var causes = map[string]cause{
	"DeliveryFailureCloudWatch":     native(1, 0),
	"DeliveryFailureLargeData":      native(1, 0),
	"DeliveryFailureS3":             native(1, 0),
	"SilenceCalls":                  {beyond: insights},
	"SilenceCloudWatchSilent":       native(0, 1),
	"SilenceCloudWatch":             {},
	"SilenceS3Silent":               native(0, 1),
	"SilenceS3":                     {},
	"UnloggedEndpoint":              native(1, 0),
	"InvocationLoggingGuardDrift":   native(1, 0),
	"InvocationLoggingGuardSilence": native(0, 1),
	"TamperAlarm": {record: "trail/user-put-logging", edit: func(e *environment, text string) string {
		text = strings.Replace(text, `"bedrock.amazonaws.com"`, `"iam.amazonaws.com"`, 1)
		return strings.Replace(text, `"loggingConfig": {`, `"roleName": "`+e.physical(home, capture, "InvocationLoggingRole")+`", "policy": {`, 1)
	}},
	"TamperAlarmByDeployment": {record: "trail/user-put-logging", edit: func(e *environment, text string) string {
		text = strings.Replace(text, `"bedrock.amazonaws.com"`, `"iam.amazonaws.com"`, 1)
		text = strings.Replace(text, `"type": "IAMUser",`, `"type": "AssumedRole", "invokedBy": "cloudformation.amazonaws.com", "sessionContext": {"sessionIssuer": {"arn": "`+
			"arn:aws:iam::111111111111:role/cdk-hnb659fds-cfn-exec-role-111111111111-"+home+`"}},`, 1)
		return strings.Replace(text, `"loggingConfig": {`, `"roleName": "`+e.physical(home, capture, "InvocationLoggingRole")+`", "policy": {`, 1)
	}},
	"CallersRoot":                 {record: "trail/root-converse"},
	"CallersUser":                 {record: "trail/user-invoke-model"},
	"CallersUnlisted":             {beyond: math},
	"ContentFindings":             {beyond: insights},
	"ContentInterventions":        {record: "invocation/converse-guardrail", times: 11},
	"UnattributedPercent":         {beyond: math},
	"ThrottlingAlarm":             {},
	"ThrottlingAlarmNative":       {beyond: insights},
	"ThrottlingAlarmRecords":      {record: "invocation/converse-throttled", times: 5},
	"ThrottlingAlarmTrail":        {record: "trail/role-throttled", times: 5},
	"ErrorsModelClientErrors":     {beyond: math},
	"ErrorsModelServerErrors":     {beyond: math},
	"ErrorsModelLatency":          native(150_000, 1_000),
	"ErrorsModelTimeToFirstToken": native(20_000, 500),
	"QuotaModelQuota":             native(90_000, 0),
	"QuotaModelThrottles":         native(5, 0),
	"LedgerAlarmsDuplicated":      native(1, 0),
	"LedgerAlarmsFailed":          {beyond: math},
	"LedgerAlarmsLate":            native(7*3600, 0),
	"LedgerAlarmsMissing":         native(1, 0),
	"LedgerAlarmsNotFilled":       {beyond: absence},
	"LedgerAlarmsUnreadable":      native(1, 0),
	"SpendPace":                   {},
	"SpendPaceInputFast":          {beyond: band},
	"SpendPaceInputMany":          {record: "invocation/converse", edit: tokens(`"inputTokenCount": 31`)},
	"SpendPaceOutputFast":         {beyond: band},
	"SpendPaceOutputMany":         {record: "invocation/converse", edit: tokens(`"outputTokenCount": 17`)},
}

// ungraded are the alarms of constructs that take one topic, with no severity in
// their descriptions.
var ungraded = map[string]string{
	"InvocationLoggingGuardDrift":   "Critical",
	"InvocationLoggingGuardSilence": "Critical",
	"ThrottlingAlarm":               "Warning",
}

// tokens makes a record's count of tokens more than the alarm lets pass.
func tokens(counted string) func(*environment, string) string {
	return func(e *environment, text string) string {
		e.Helper()
		require.Contains(e, text, counted)
		name, _, _ := strings.Cut(counted, " ")
		return strings.Replace(text, counted, name+" 100001", 1)
	}
}
