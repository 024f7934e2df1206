package ledger

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
	"github.com/bedrock-paper-trail/paper-trail/record"
)

// Ledger is a table with a row for each model call (table calls of the database
// of Tables), and what fills it: who, when, which model, tokens, an estimate of
// the cost, and where the raw record is. Prompts and answers are not in it;
// request metadata is, as the application supplied it.
//
// A state machine runs every hour, and looks some hours back; once a day it looks
// three days back, joins small files and removes old snapshots. A call that is in
// the ledger already is not added again, so late records find their way into it
// and nothing is counted twice. Started by hand, it fills the past:
//
//	aws stepfunctions start-execution --state-machine-arn ARN \
//	  --input '{"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}'
//
// Three Athena work groups keep readers apart, each with results of its own that
// the readers of the others cannot fetch: that of the fill, that of auditors and
// that of the ledger's readers. An auditor uses the auditors' group for the
// ledger, too: in the other one, prompts that a query answers could be read by
// the ledger's readers.
//
// The buckets are retained by default; everything else can be made again.
type Ledger interface {
	constructs.Construct
	// Tables are the raw records and the database that the ledger is in.
	Tables() Tables
	// Key encrypts the ledger and the results of queries of it.
	Key() auditstore.AuditKey
	// Bucket holds the ledger's files.
	Bucket() awss3.IBucket
	// ResultsBucket holds what queries answered, for seven days.
	ResultsBucket() awss3.IBucket
	// AccessLogsBucket receives the server access logs of the others, for a year.
	AccessLogsBucket() awss3.IBucket
	// StateMachine fills the ledger.
	StateMachine() awsstepfunctions.CfnStateMachine
	// StateMachineArn is its ARN.
	StateMachineArn() *string
	// FillRole is what it calls AWS with: it reads raw records and writes the
	// ledger.
	FillRole() awsiam.IRole
	// LedgerWorkGroup is the name of the work group of the ledger's readers.
	LedgerWorkGroup() *string
	// AuditWorkGroup is the name of the work group of auditors.
	AuditWorkGroup() *string
	// FillWorkGroup is the name of the work group of the state machine.
	FillWorkGroup() *string
	// GrantLedgerRead lets grantee query the ledger in LedgerWorkGroup. It is not
	// enough to read a prompt or an answer.
	GrantLedgerRead(grantee awsiam.IGrantable) awsiam.Grant
	// GrantAuditRead lets grantee query everything in AuditWorkGroup: raw records
	// with prompts and answers, events, ledger; and read the bucket of the raw
	// records and the log group itself, unmasked.
	GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant
	// GrantOperate lets grantee start, stop and look at the fill. It is not enough
	// to read the ledger.
	GrantOperate(grantee awsiam.IGrantable) awsiam.Grant
	// MetricLag is how late calls arrive in the ledger, in seconds. Default of
	// opts: the maximum in one hour.
	MetricLag(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricRows is the number of calls that were added. Default of opts: the
	// maximum in one hour.
	MetricRows(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricUnreadable is the number of lines that are no records, in objects that
	// the fill came upon or measured. Default of opts: the maximum in one hour.
	MetricUnreadable(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricMissing is the number of calls in the measured hours that the ledger
	// lacks although they can be read. Default of opts: the maximum in one hour.
	MetricMissing(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricDuplicates is the number of rows that the ledger has too many of those
	// calls. Default of opts: the maximum in one hour.
	MetricDuplicates(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricHoursFailed is the number of hours that could not be filled. Default of
	// opts: the maximum in one hour.
	MetricHoursFailed(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// LedgerProps configures a Ledger.
type LedgerProps struct {
	// Tables are the raw records to fill it from. Required.
	Tables Tables
	// Key encrypts the ledger, the results of queries of it and the logs of the
	// state machine. It is not the key of the raw records: the ledger's readers
	// use it. Required.
	Key auditstore.AuditKey
	// InvocationLogGroup is the log group that auditors may read. Default:
	// GrantAuditRead grants nothing on log groups.
	InvocationLogGroup invocationlog.InvocationLogGroup
	// Rates estimate the cost of calls. Calls of a model without a rate have no
	// estimate. Default: record.Rates().
	Rates *record.RateCard
	// LookBackHours is how many hours before the present one the hourly fill looks
	// for records that arrived late, 1 to 72. Default: 3.
	LookBackHours *float64
	// ScanLimits are the bytes after which Athena cancels a query. Default: see
	// ScanLimits.
	ScanLimits *ScanLimits
	// RemovalPolicy says what becomes of the buckets and the logs of the state
	// machine when they leave the stack. DESTROY adds a warning; CloudFormation
	// deletes only an empty bucket. Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

type ledger struct {
	constructs.Construct
	tables                           Tables
	key                              auditstore.AuditKey
	logGroup                         invocationlog.InvocationLogGroup
	store                            store
	fillGroup, auditGroup, readGroup workGroup
	machine                          awsstepfunctions.CfnStateMachine
	machineArn                       *string
	role                             awsiam.Role
}

var _ Ledger = (*ledger)(nil)

const defaultLookBackHours = 3

// NewLedger makes the buckets, the work groups with their saved queries, the
// state machine and its schedule.
//
// It panics without Tables or Key; and, all in one message, on the key of the raw
// records, a look-back that is no whole number of hours or out of range and on
// limits that Athena does not take.
func NewLedger(scope constructs.Construct, id *string, props *LedgerProps) Ledger {
	misuse.RequireScope(pkg, "Ledger", scope, id)
	p := LedgerProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "Ledger", "Tables", p.Tables)
	misuse.Require(pkg, "Ledger", "Key", p.Key)
	if p.ScanLimits == nil {
		p.ScanLimits = &ScanLimits{}
	}
	if p.LookBackHours == nil {
		p.LookBackHours = jsii.Number(defaultLookBackHours)
	}
	misuse.PanicAll(append(p.problems(), p.ScanLimits.problems()...))
	if p.Rates == nil {
		p.Rates = record.Rates()
	}
	if p.RemovalPolicy == "" {
		p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	}

	this := &ledger{tables: p.Tables, key: p.Key, logGroup: p.InvocationLogGroup}
	constructs.NewConstruct_Override(this, scope, id)
	if p.RemovalPolicy == awscdk.RemovalPolicy_DESTROY {
		misuse.Warn(this, "Ledger.destroy", "The ledger goes with the stack (RemovalPolicy DESTROY). It can be filled again from the raw records while there are any.")
	}
	this.store = newStore(this, p.Key.Key(), p.RemovalPolicy)
	this.makeWorkGroups(*p.ScanLimits)
	this.makeFill(p)
	return this
}

func (p LedgerProps) problems() (found []error) {
	if raw := p.Tables.Invocations().Key(); !misuse.IsNil(raw) && sameKey(raw, p.Key) {
		found = append(found, misuse.Errorf(pkg, "LedgerProps.Key is the key of the raw records, got %s; give another one, or the ledger's readers may decrypt prompts", *p.Key.Node().Path()))
	}
	if hours := *p.LookBackHours; hours != float64(int(hours)) || hours < 1 || hours > dailyHours {
		found = append(found, misuse.Errorf(pkg, "LedgerProps.LookBackHours has to be a whole number of 1 to %d, got %v; give a number in between", dailyHours, hours))
	}
	return found
}

// sameKey tells whether two constructs stand for one key. ARNs that only the
// deployment knows are the same only if they are of one resource.
func sameKey(a, b auditstore.AuditKey) bool { return *a.Key().KeyArn() == *b.Key().KeyArn() }

// folder is where the tables' folders are in the bucket. A database of another name
// has another one: a table is made in an empty folder.
func (l *ledger) folder() string { return *l.tables.DatabaseName() + "/" }

// fileArns are those of the tables' files.
func (l *ledger) fileArns() []*string {
	of := func(table string) *string {
		return jsii.String(*l.store.ledger.BucketArn() + "/" + l.folder() + table + "/*")
	}
	return []*string{of("calls"), of("unreadable")}
}

func (l *ledger) makeWorkGroups(limits ScanLimits) {
	prompts := l.key.Key()
	if key := l.tables.Invocations().Key(); !misuse.IsNil(key) {
		// What auditors' queries answer is as sensitive as what they read.
		prompts = key.Key()
	}
	base := strings.ReplaceAll(*l.tables.DatabaseName(), "_", "-")
	l.fillGroup = workGroup{
		name: base + "-fill", folder: "fill/", key: l.key.Key(), limit: bytesOf(limits.Fill, defaultRawLimit),
		description: "Fills the ledger. For its state machine only",
	}
	l.auditGroup = workGroup{
		name: base + "-audit", folder: "audit/", key: prompts, limit: bytesOf(limits.Audit, defaultRawLimit),
		description: "For auditors: raw records with prompts and answers, events, ledger",
	}
	l.readGroup = workGroup{
		name: base + "-ledger", folder: "ledger/", key: l.key.Key(), limit: bytesOf(limits.Ledger, defaultLimit),
		description: "For readers of the ledger: who, which model, how much; no prompts and answers",
	}
	bucket := *l.store.results.BucketName()
	fillGroup := l.fillGroup.in(l, "FillWorkGroup", bucket)
	fillGroup.Node().AddDependency(l.store.results.Policy())
	l.saveQueries("Audit", l.auditGroup.in(l, "AuditWorkGroup", bucket), auditQueries(!misuse.IsNil(l.tables.Trail())))
	l.saveQueries("Ledger", l.readGroup.in(l, "LedgerWorkGroup", bucket), ledgerQueries())
}

func (l *ledger) Tables() Tables                                 { return l.tables }
func (l *ledger) Key() auditstore.AuditKey                       { return l.key }
func (l *ledger) Bucket() awss3.IBucket                          { return l.store.ledger }
func (l *ledger) ResultsBucket() awss3.IBucket                   { return l.store.results }
func (l *ledger) AccessLogsBucket() awss3.IBucket                { return l.store.accessLogs }
func (l *ledger) StateMachine() awsstepfunctions.CfnStateMachine { return l.machine }
func (l *ledger) StateMachineArn() *string                       { return l.machineArn }
func (l *ledger) FillRole() awsiam.IRole                         { return l.role }
func (l *ledger) LedgerWorkGroup() *string                       { return &l.readGroup.name }
func (l *ledger) AuditWorkGroup() *string                        { return &l.auditGroup.name }
func (l *ledger) FillWorkGroup() *string                         { return &l.fillGroup.name }

// place is where the ledger is.
func (l *ledger) place() policies.Place { return policies.At(l) }
