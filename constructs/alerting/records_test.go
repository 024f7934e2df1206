package alerting_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/test/filterpattern"
)

const (
	recordsGroup = "/aws/bedrock/model-invocations"
	eventsGroup  = "/aws/cloudtrail/t"
)

// alarmed is a stack with an alarm factory and the log groups that alarms read.
type alarmed struct {
	stack           awscdk.Stack
	topic           alerting.AlertTopic
	alarms          alerting.AlarmFactory
	records, events awslogs.ILogGroup
}

func newAlarmed(t *testing.T) alarmed {
	t.Helper()
	stack, topic := newTopic(t)
	return alarmed{
		stack:   stack,
		topic:   topic,
		alarms:  alerting.NewAlarmFactory(stack, jsii.String("Factory"), &alerting.AlarmFactoryProps{Critical: topic}),
		records: awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Records"), jsii.String(recordsGroup)),
		events:  awslogs.LogGroup_FromLogGroupName(stack, jsii.String("Events"), jsii.String(eventsGroup)),
	}
}

// filtersOf reads the metric filters of a template.
func filtersOf(t *testing.T, template cdktest.Template) map[string]filterpattern.Filter {
	t.Helper()
	filters := map[string]filterpattern.Filter{}
	for id, resource := range template.OfType("AWS::Logs::MetricFilter") {
		filter, err := filterpattern.ParseFilter(resource.Properties)
		require.NoError(t, err, id)
		filters[id] = filter
	}
	return filters
}

// readRecords reads the events of a folder by their names. They have the shape
// that AWS documents, or that samples show which were published; all that names
// somebody is made up. Of a throttled call no record was published, so there is
// one for each form that it could have.
func readRecords(t *testing.T, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "records", folder, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	records := map[string]string{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		records[strings.TrimSuffix(filepath.Base(path), ".json")] = string(raw)
	}
	return records
}

// observe sums, by metric, what the filters of a log group publish about an
// event: "Name" or "Name ModelId". What they publish must not hang on blanks
// between the tokens of the JSON text, of which AWS promises nothing.
func observe(t *testing.T, filters map[string]filterpattern.Filter, logGroup, event string) map[string]float64 {
	t.Helper()
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, []byte(event)))
	published := map[string]float64{}
	for id, filter := range filters {
		if filter.LogGroupName != logGroup {
			continue
		}
		datum, err := filter.Observe(compact.String())
		require.NoError(t, err, id)
		indented, err := filter.Observe(event)
		require.NoError(t, err, id)
		assert.Equal(t, datum, indented, "%s hangs on blanks", id)
		if datum == nil {
			continue
		}
		metric := filter.Name
		if model, ok := datum.Dimensions["ModelId"]; ok {
			metric += " " + model
		}
		published[metric] += datum.Value
	}
	return published
}

// Names of models as they are in the records.
const (
	profile     = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
	foundation  = "anthropic.claude-sonnet-4-5-20250929-v1:0"
	openWeights = "openai.gpt-oss-120b-1:0"
	application = "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3d4e5f6"
)

func TestWhatIsCountedOfEachRecord(t *testing.T) {
	s := newAlarmed(t)
	alerting.NewThrottlingAlarm(s.stack, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{InvocationLogGroup: s.records, Topic: s.topic})
	alerting.NewContentAlarms(s.stack, jsii.String("Content"), &alerting.ContentAlarmsProps{Alarms: s.alarms, InvocationLogGroup: s.records})
	alerting.NewUnattributedAlarms(s.stack, jsii.String("Unattributed"), &alerting.UnattributedAlarmsProps{Alarms: s.alarms, InvocationLogGroup: s.records})
	filters := filtersOf(t, cdktest.Synth(t, s.stack))

	type counts = map[string]float64
	attributed := counts{"RecordedCalls": 1}
	unattributed := counts{"RecordedCalls": 1, "UnattributedCalls": 1}
	stopped := func(model string) counts {
		return counts{"RecordedCalls": 1, "GuardrailInterventions": 1, "GuardrailInterventions " + model: 1}
	}
	throttled := counts{"BedrockThrottlingEvents": 1}
	want := map[string]counts{
		"converse":                         attributed,
		"converse-by-profile":              stopped(application),
		"converse-from-source-region":      attributed,
		"converse-guardrail":               stopped(profile),
		"converse-guardrail-traced-only":   attributed,
		"converse-invalid":                 {},
		"converse-large":                   attributed,
		"converse-look-alike":              unattributed,
		"converse-masked":                  attributed,
		"converse-refused":                 {},
		"converse-stream":                  attributed,
		"converse-stream-guardrail":        stopped(profile),
		"converse-stream-without-metadata": unattributed,
		"converse-throttled":               throttled,
		"converse-throttled-by-number":     {"RecordedCalls": 1, "BedrockThrottlingEvents": 1},
		"converse-throttled-by-text":       {"RecordedCalls": 1, "BedrockThrottlingEvents": 1},
		"converse-with-more-metadata":      attributed,
		"converse-with-user-only":          unattributed,
		"converse-without-bodies":          attributed,
		"converse-without-metadata":        unattributed,
		"invoke-model":                     attributed,
		"invoke-model-embeddings":          attributed,
		"invoke-model-embeddings-list":     unattributed,
		"invoke-model-guardrail":           stopped(foundation),
		"invoke-model-guardrail-passed":    attributed,
		"invoke-model-large":               attributed,
		"invoke-model-look-alike":          attributed,
		"invoke-model-refused":             {},
		"invoke-model-throttled":           throttled,
		"invoke-model-without-metadata":    unattributed,
		"invoke-stream":                    attributed,
		"invoke-stream-guardrail":          stopped(foundation),
		"invoke-stream-guardrail-done":     stopped(openWeights),
		"invoke-stream-guardrail-passed":   attributed,
		"invoke-stream-look-alike":         attributed,
		"invoke-stream-throttled":          throttled,
		"invoke-stream-without-metadata":   unattributed,
		// The arguments of a tool are the one place where a caller can make a
		// record look like a streamed one with an intervention. It counts, which
		// is better than a way to hide one.
		"converse-look-alike-tool": {"RecordedCalls": 1, "GuardrailInterventions": 1},
	}
	got := map[string]counts{}
	for name, record := range readRecords(t, "invocation") {
		got[name] = observe(t, filters, recordsGroup, record)
	}
	for name := range want {
		assert.Equal(t, want[name], got[name], name)
	}
	assert.Len(t, got, len(want), "each record is in the table")
}

func TestWhatIsCountedOfEachEventOfTheTrail(t *testing.T) {
	s := newAlarmed(t)
	alerting.NewThrottlingAlarm(s.stack, jsii.String("Throttling"), &alerting.ThrottlingAlarmProps{InvocationLogGroup: s.records, TrailLogGroup: s.events, Topic: s.topic})
	alerting.NewCallerAlarms(s.stack, jsii.String("Callers"), &alerting.CallerAlarmsProps{
		Alarms: s.alarms, TrailLogGroup: s.events,
		AllowedRoleArns: jsii.Strings("arn:aws:iam::111122223333:role/Assistant", "arn:aws:iam::111122223333:role/assistants/*"),
	})
	filters := filtersOf(t, cdktest.Synth(t, s.stack))

	type counts = map[string]float64
	listed, unlisted := counts{"ModelCalls": 1, "ModelCallsByListedRoles": 1}, counts{"ModelCalls": 1}
	byRoot, byUser := counts{"ModelCalls": 1, "ModelCallsByRoot": 1}, counts{"ModelCalls": 1, "ModelCallsByUsers": 1}
	want := map[string]counts{
		"root-converse":                   byRoot,
		"root-refused":                    byRoot,
		"root-console":                    {},
		"user-invoke-model":               byUser,
		"user-api-key":                    byUser,
		"user-put-logging":                {},
		"federated-user":                  byUser,
		"role-converse":                   listed,
		"role-in-path":                    listed,
		"role-invoke-stream":              listed,
		"role-invoke-stream-second-event": {},
		"role-throttled":                  {"ModelCalls": 1, "ModelCallsByListedRoles": 1, "BedrockThrottlingTrailEvents": 1},
		"role-unlisted":                   unlisted,
		"role-unlisted-runtime":           unlisted,
		"role-bidirectional":              unlisted,
		"role-by-agent":                   unlisted,
		"role-agent":                      {},
		"role-lambda":                     {},
		"service":                         unlisted,
		"other-account":                   unlisted,
	}
	got := map[string]counts{}
	for name, event := range readRecords(t, "trail") {
		got[name] = observe(t, filters, eventsGroup, event)
	}
	for name := range want {
		assert.Equal(t, want[name], got[name], name)
	}
	assert.Len(t, got, len(want), "each event is in the table")
}

func TestTokensOfEachRecordAreAddedUp(t *testing.T) {
	s := newAlarmed(t)
	alerting.NewSpendPaceAlarms(s.stack, jsii.String("Spend"), &alerting.SpendPaceAlarmsProps{Alarms: s.alarms, InvocationLogGroup: s.records})
	filters := filtersOf(t, cdktest.Synth(t, s.stack))
	seen := 0
	for name, record := range readRecords(t, "invocation") {
		var tokens struct {
			Input  struct{ InputTokenCount float64 }
			Output struct{ OutputTokenCount float64 }
		}
		require.NoError(t, json.Unmarshal([]byte(record), &tokens), name)
		want := map[string]float64{}
		if n := tokens.Input.InputTokenCount; n > 0 {
			want["InputTokens"] = n
			seen++
		}
		if n := tokens.Output.OutputTokenCount; n > 0 {
			want["OutputTokens"] = n
		}
		assert.Equal(t, want, observe(t, filters, recordsGroup, record), name)
	}
	assert.Positive(t, seen)
}
