package ledger_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

func TestLedgerIsImportable(t *testing.T) {
	f := newFixture(t)
	cdktest.AssertImportable(t, f.ledger(nil))
	cdktest.Synth(t, f.stack)
}

func TestLedgerBucketsAreClosedEncryptedAndRetained(t *testing.T) {
	f := newFixture(t)
	made := f.ledger(nil)
	template := cdktest.Synth(t, f.stack)
	assert.NotNil(t, made.Bucket())
	for id, want := range map[string]struct {
		days, older float64 // 0 days is never
		key         string
		logs        string
	}{
		"LedgerBucket":     {0, 30, "CallKey", "ledger/"},
		"LedgerResults":    {7, 1, "CallKey", "results/"},
		"LedgerAccessLogs": {365, 30, "", ""},
	} {
		_, bucket := template.Only(t, "AWS::S3::Bucket", id)
		p := bucket.Properties
		assert.Equal(t, "Retain", bucket.DeletionPolicy, id)
		assert.Equal(t, "Retain", bucket.UpdateReplacePolicy, id)
		assert.Equal(t, map[string]any{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}, p["PublicAccessBlockConfiguration"], id)
		assert.Equal(t, map[string]any{"Status": "Enabled"}, p["VersioningConfiguration"], id)
		assert.NotContains(t, p, "ObjectLockEnabled", "%s: what is derived is not locked", id)
		encryption := cdktest.JSON(t, p["BucketEncryption"])
		if want.key == "" {
			assert.Contains(t, encryption, `"AES256"`, id)
		} else {
			assert.Contains(t, encryption, want.key, id)
			assert.Contains(t, encryption, `"BucketKeyEnabled":true`, id)
			assert.Equal(t, want.logs, p["LoggingConfiguration"].(map[string]any)["LogFilePrefix"], id)
		}
		rule := p["LifecycleConfiguration"].(map[string]any)["Rules"].([]any)[0].(map[string]any)
		assert.Equal(t, want.older, rule["NoncurrentVersionExpiration"].(map[string]any)["NoncurrentDays"], id)
		if want.days == 0 {
			assert.NotContains(t, rule, "ExpirationInDays", id)
		} else {
			assert.Equal(t, want.days, rule["ExpirationInDays"], id)
		}
		_, policy := template.Only(t, "AWS::S3::BucketPolicy", id)
		assert.Equal(t, "Retain", policy.DeletionPolicy, id)
		cdktest.Statement(t, policy.Properties["PolicyDocument"], "DenyPlainHttp")
		cdktest.Statement(t, policy.Properties["PolicyDocument"], "DenyOldTls")
	}
}

func TestLedgerWorkGroupsEnforceTheirSettings(t *testing.T) {
	f := newFixture(t)
	made := f.ledger(func(p *ledger.LedgerProps) {
		p.ScanLimits = &ledger.ScanLimits{Ledger: awscdk.Size_Gibibytes(jsii.Number(1))}
	})
	assert.Equal(t, "paper-trail-ledger", *made.LedgerWorkGroup())
	assert.Equal(t, "paper-trail-audit", *made.AuditWorkGroup())
	assert.Equal(t, "paper-trail-fill", *made.FillWorkGroup())
	template := cdktest.Synth(t, f.stack)
	folders := map[string]bool{}
	for id, want := range map[string]struct {
		name, key, folder string
		limit             float64
	}{
		"LedgerFillWorkGroup":   {"paper-trail-fill", "CallKey", "fill", 1 << 40},
		"LedgerAuditWorkGroup":  {"paper-trail-audit", "PromptKey", "audit", 1 << 40},
		"LedgerLedgerWorkGroup": {"paper-trail-ledger", "CallKey", "ledger", 1 << 30},
	} {
		_, group := template.Only(t, "AWS::Athena::WorkGroup", id)
		assert.Equal(t, want.name, group.Properties["Name"])
		settings := group.Properties["WorkGroupConfiguration"].(map[string]any)
		assert.Equal(t, true, settings["EnforceWorkGroupConfiguration"], id)
		assert.Equal(t, true, settings["PublishCloudWatchMetricsEnabled"], id)
		assert.Equal(t, "Athena engine version 3", settings["EngineVersion"].(map[string]any)["SelectedEngineVersion"], id)
		assert.Equal(t, want.limit, settings["BytesScannedCutoffPerQuery"], id)
		result := settings["ResultConfiguration"].(map[string]any)
		encryption := result["EncryptionConfiguration"].(map[string]any)
		assert.Equal(t, "SSE_KMS", encryption["EncryptionOption"], id)
		assert.Contains(t, cdktest.JSON(t, encryption["KmsKey"]), want.key, "%s: answers are as sensitive as what was read", id)
		location := cdktest.JSON(t, result["OutputLocation"])
		assert.Contains(t, location, `"/`+want.folder+`/"`, id)
		assert.False(t, folders[location], "%s has a folder of its own", id)
		folders[location] = true
	}
}

func TestLedgerSavesTheQuestionsInBothGroups(t *testing.T) {
	f := newFixture(t)
	f.ledger(nil)
	template := cdktest.Synth(t, f.stack)
	workGroups := template.OfType("AWS::Athena::WorkGroup")
	groups := map[string][]string{}
	for id, query := range template.OfType("AWS::Athena::NamedQuery") {
		p := query.Properties
		assert.NotEmpty(t, p["QueryString"], id)
		assert.NotEmpty(t, p["Description"], id)
		assert.Equal(t, "paper_trail", p["Database"], id)
		group := workGroups[p["WorkGroup"].(map[string]any)["Ref"].(string)].Properties["Name"].(string)
		groups[group] = append(groups[group], p["Name"].(string))
		if group == "paper-trail-ledger" {
			for _, closed := range []string{"invocations", "records", "calls_with_events"} {
				assert.NotContains(t, p["QueryString"], closed, "%s: its readers cannot read that", id)
			}
		}
	}
	assert.Len(t, groups, 2)
	assert.ElementsMatch(t, append(groups["paper-trail-ledger"], "One call in full", "Unreadable lines", "Missing calls"), groups["paper-trail-audit"])
	for _, name := range []string{"Who", "What", "Which", "How much, by user", "Throttled", "Guardrail interventions", "Unattributed"} {
		assert.Contains(t, groups["paper-trail-ledger"], name)
	}
}

func TestLedgerWithATrailJoinsEvents(t *testing.T) {
	f := newFixture(t)
	f.ledger(func(p *ledger.LedgerProps) {
		p.Tables = ledger.NewTables(f.stack, jsii.String("More"), &ledger.TablesProps{Invocations: f.prompts, Trail: f.bucket("Trail", f.key)})
	})
	template := cdktest.Synth(t, f.stack)
	template.Only(t, "AWS::Athena::NamedQuery", "LedgerAuditCallsWithEvents")
	_, machine := template.Only(t, "AWS::StepFunctions::StateMachine", "Ledger")
	assert.Contains(t, cdktest.JSON(t, machine.Properties["DefinitionString"]), "DefineCallsWithEvents")
}

func TestLedgerIsFilledEveryHour(t *testing.T) {
	f := newFixture(t)
	made := f.ledger(func(p *ledger.LedgerProps) { p.LookBackHours = jsii.Number(5) })
	template := cdktest.Synth(t, f.stack)

	_, machine := template.Only(t, "AWS::StepFunctions::StateMachine", "Ledger")
	p := machine.Properties
	assert.Equal(t, "paper-trail-fill", p["StateMachineName"])
	assert.Equal(t, "STANDARD", p["StateMachineType"])
	assert.Equal(t, map[string]any{"Enabled": true}, p["TracingConfiguration"])
	assert.Equal(t, "ALL", p["LoggingConfiguration"].(map[string]any)["Level"])
	dependencies := cdktest.JSON(t, machine.DependsOn)
	assert.Contains(t, dependencies, "TablesInvocations")
	_, logs := template.Only(t, "AWS::Logs::LogGroup", "LedgerFillLogs")
	assert.Contains(t, cdktest.JSON(t, logs.Properties["KmsKeyId"]), "CallKey")
	assert.Equal(t, "Retain", logs.DeletionPolicy)
	_, key := template.Only(t, "AWS::KMS::Key", "CallKey")
	cdktest.Statement(t, key.Properties["KeyPolicy"], "AllowCloudWatchLogsTestAny")

	hours := map[string]string{}
	for id, schedule := range template.OfType("AWS::Scheduler::Schedule") {
		target := schedule.Properties["Target"].(map[string]any)
		assert.Contains(t, cdktest.JSON(t, target["Arn"]), ":stateMachine:paper-trail-fill", id)
		assert.Equal(t, "paper-trail-fill", schedule.Properties["GroupName"], id)
		assert.Equal(t, "UTC", schedule.Properties["ScheduleExpressionTimezone"], id)
		assert.Contains(t, cdktest.JSON(t, schedule.DependsOn), "LedgerFill", id)
		var input map[string]any
		require.NoError(t, json.Unmarshal([]byte(target["Input"].(string)), &input))
		hours[schedule.Properties["ScheduleExpression"].(string)] = cdktest.JSON(t, input)
	}
	assert.Equal(t, map[string]string{
		"cron(25 0-2,4-23 * * ? *)": `{"hours":5}`,
		"cron(25 3 * * ? *)":        `{"hours":72,"maintain":true}`,
	}, hours, "each hour has one")
	assert.Contains(t, *made.StateMachineArn(), ":stateMachine:paper-trail-fill")
	assert.NotNil(t, made.StateMachine())
	assert.NotNil(t, made.FillRole())
}

func TestLedgerKnowsItsOwnRates(t *testing.T) {
	rates, err := record.ReadRates(strings.NewReader(ownRates))
	require.NoError(t, err)
	f := newFixture(t)
	f.ledger(func(p *ledger.LedgerProps) { p.Rates = rates })
	_, machine := cdktest.Synth(t, f.stack).Only(t, "AWS::StepFunctions::StateMachine", "Ledger")
	definition := cdktest.JSON(t, machine.Properties["DefinitionString"])
	assert.Contains(t, definition, "our-own-model")
	assert.NotContains(t, definition, "claude")
}

func TestLedgerMetrics(t *testing.T) {
	f := newFixture(t)
	made := f.ledger(nil)
	for name, metric := range map[string]awscloudwatch.Metric{
		ledger.LagMetricName:        made.MetricLag(nil),
		ledger.RowsMetricName:       made.MetricRows(nil),
		ledger.UnreadableMetricName: made.MetricUnreadable(nil),
		ledger.MissingMetricName:    made.MetricMissing(nil),
	} {
		assert.Equal(t, name, *metric.MetricName())
		assert.Equal(t, "PaperTrail", *metric.Namespace())
		assert.Equal(t, "Maximum", *metric.Statistic())
		assert.Equal(t, "paper_trail", (*metric.Dimensions())["Database"])
	}
	assert.Equal(t, "Average", *made.MetricLag(&awscloudwatch.MetricOptions{Statistic: jsii.String("Average")}).Statistic())
}

func TestLedgerOfDisposableEnvironments(t *testing.T) {
	f := newFixture(t)
	f.ledger(func(p *ledger.LedgerProps) { p.RemovalPolicy = awscdk.RemovalPolicy_DESTROY })
	template := cdktest.Synth(t, f.stack)
	for _, id := range []string{"LedgerBucket", "LedgerResults", "LedgerAccessLogs"} {
		_, bucket := template.Only(t, "AWS::S3::Bucket", id)
		assert.Equal(t, "Delete", bucket.DeletionPolicy, id)
	}
	_, logs := template.Only(t, "AWS::Logs::LogGroup", "LedgerFillLogs")
	assert.Equal(t, "Delete", logs.DeletionPolicy)
	assert.Contains(t, strings.Join(cdktest.Warnings(f.stack), "\n"), "paper-trail:Ledger.destroy")
}

func TestLedgerMisuse(t *testing.T) {
	f := newFixture(t)
	tables := f.tables(nil)
	assert.Contains(t, cdktest.Panics(t, func() { ledger.NewLedger(f.stack, jsii.String("L"), nil) }),
		"paper-trail/ledger: Ledger needs LedgerProps.Tables, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { ledger.NewLedger(f.stack, jsii.String("L"), &ledger.LedgerProps{Tables: tables}) }),
		"Ledger needs LedgerProps.Key, got nil")
	message := cdktest.Panics(t, func() {
		ledger.NewLedger(f.stack, jsii.String("L"), &ledger.LedgerProps{
			Tables:        tables,
			Key:           auditstore.NewAuditKey(f.stack, jsii.String("SameKey"), &auditstore.AuditKeyProps{ExistingKey: f.promptKey.Key()}),
			LookBackHours: jsii.Number(1.5),
			ScanLimits:    &ledger.ScanLimits{Audit: awscdk.Size_Mebibytes(jsii.Number(1))},
		})
	})
	for _, want := range []string{
		"LedgerProps.Key is the key of the raw records, got Test/SameKey; give another one",
		"LedgerProps.LookBackHours has to be a whole number of 1 to 72, got 1.5",
		"ScanLimits.Audit has to be 10 MB or more, got 1.048576e+06 bytes",
	} {
		assert.Contains(t, message, want)
	}
}

const ownRates = `alias,model,scope,above,since,input,output,cache_read,cache_write,source,retrieved
,amazon.our-own-model,,,,0.33,2.75,,,contract,2026-11-24
`
