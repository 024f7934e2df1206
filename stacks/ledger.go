package stacks

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/config"
	"github.com/bedrock-paper-trail/paper-trail/constructs/alerting"
	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

// Ledger answers questions about the model calls of one Region. It is in each
// Region, unless environments.yaml says otherwise.
type Ledger interface {
	awscdk.Stack
	// LedgerKey encrypts the ledger. Whoever reads it needs no other key.
	LedgerKey() auditstore.AuditKey
	// Tables are the raw records, and in the home Region the trail's files.
	Tables() ledger.Tables
	// Ledger holds a row for each call.
	Ledger() ledger.Ledger
	// SavedLogQueries ask the log groups.
	SavedLogQueries() ledger.SavedLogQueries
	// LedgerAlarms tell of a ledger that is not filled.
	LedgerAlarms() alerting.LedgerAlarms
}

type ledgerStack struct {
	awscdk.Stack
	key     auditstore.AuditKey
	tables  ledger.Tables
	ledger  ledger.Ledger
	queries ledger.SavedLogQueries
	alarms  alerting.LedgerAlarms
}

var _ Ledger = (*ledgerStack)(nil)

// newLedger makes the stack. cost is nil outside the home Region and where there
// is none; regions are those whose events the trail has.
func newLedger(place placement, storage Storage, capture Capture, monitoring Monitoring, cost Cost, regions []string) Ledger {
	this := &ledgerStack{}
	awscdk.NewStack_Override(this, place.scope, jsii.String("Ledger"),
		place.stackProps("ledger", "the ledger of model calls, its tables, work groups and saved queries"))

	this.key = auditstore.NewAuditKey(this, jsii.String("LedgerKey"), &auditstore.AuditKeyProps{
		Description:            jsii.String("Encrypts the ledger of model calls, which has no prompts"),
		BreakGlassPrincipalArn: place.breakGlass(),
		RemovalPolicy:          place.removal(),
	})
	tables := &ledger.TablesProps{
		Invocations:  storage.InvocationBucket(),
		DatabaseName: jsii.String(place.databaseName()),
	}
	var trailLogs awslogs.ILogGroup
	if bucket := storage.TrailBucket(); bucket != nil {
		tables.Trail = bucket
		if !slices.Contains(regions, "") {
			tables.TrailRegions = jsii.Strings(regions...)
		}
	}
	if trail := capture.ActivityTrail(); trail != nil {
		trailLogs = trail.LogGroup()
	}
	this.tables = ledger.NewTables(this, jsii.String("Tables"), tables)
	this.ledger = ledger.NewLedger(this, jsii.String("Ledger"), &ledger.LedgerProps{
		Tables:             this.tables,
		Key:                this.key,
		InvocationLogGroup: storage.InvocationLogGroup(),
		Rates:              rates(cost),
		LookBackHours:      jsii.Number(place.env.Ledger.LookBackHours),
		ScanLimits:         &ledger.ScanLimits{Ledger: awscdk.Size_Gibibytes(jsii.Number(place.env.Ledger.QueryLimitGigabytes))},
		RemovalPolicy:      place.removal(),
	})
	this.queries = ledger.NewSavedLogQueries(this, jsii.String("SavedLogQueries"), &ledger.SavedLogQueriesProps{
		InvocationLogGroup: storage.InvocationLogGroup().LogGroup(),
		TrailLogGroup:      trailLogs,
	})
	this.alarms = alerting.NewLedgerAlarms(this, jsii.String("LedgerAlarms"), &alerting.LedgerAlarmsProps{
		Alarms: alerting.NewAlarmFactory(this, jsii.String("AlarmFactory"), &alerting.AlarmFactoryProps{
			Critical: monitoring.AlertTopic(),
			Warning:  monitoring.WarningTopic(),
		}),
		Ledger: this.ledger,
	})
	this.grant(place.env.Ledger)
	for _, output := range []struct{ id, description, value string }{
		{"Database", "Glue database of the ledger", *this.tables.DatabaseName()},
		{"LedgerWorkGroup", "Athena work group for questions to the ledger", *this.ledger.LedgerWorkGroup()},
		{"AuditWorkGroup", "Athena work group for auditors", *this.ledger.AuditWorkGroup()},
		{"FillStateMachine", "State machine that fills the ledger", *this.ledger.StateMachineArn()},
	} {
		awscdk.NewCfnOutput(this, jsii.String(output.id), &awscdk.CfnOutputProps{
			Description: jsii.String(output.description), Value: jsii.String(output.value),
		})
	}
	return this
}

// grant gives the environment's roles what they are listed for.
func (l *ledgerStack) grant(env config.Ledger) {
	for _, list := range []struct {
		id    string
		arns  []string
		grant func(awsiam.IGrantable) awsiam.Grant
	}{
		{"Reader", env.Readers, l.ledger.GrantLedgerRead},
		{"Auditor", env.Auditors, l.ledger.GrantAuditRead},
		{"Operator", env.Operators, l.ledger.GrantOperate},
	} {
		for _, arn := range list.arns {
			list.grant(awsiam.Role_FromRoleArn(l, jsii.String(list.id+"-"+arn[strings.LastIndex(arn, ":")+1:]), jsii.String(arn), nil))
		}
	}
}

// rates know which models are behind the environment's own inference profiles.
func rates(cost Cost) *record.RateCard {
	card := record.Rates()
	if cost == nil || cost.InferenceProfiles() == nil {
		return card
	}
	return card.WithAliases(cost.InferenceProfiles().Models())
}

// databaseName is what people write in queries.
func (p placement) databaseName() string {
	return "paper_trail_" + strings.ReplaceAll(p.env.Name, "-", "_")
}

func (l *ledgerStack) LedgerKey() auditstore.AuditKey          { return l.key }
func (l *ledgerStack) Tables() ledger.Tables                   { return l.tables }
func (l *ledgerStack) Ledger() ledger.Ledger                   { return l.ledger }
func (l *ledgerStack) SavedLogQueries() ledger.SavedLogQueries { return l.queries }
func (l *ledgerStack) LedgerAlarms() alerting.LedgerAlarms     { return l.alarms }
