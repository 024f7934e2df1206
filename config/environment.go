package config

// sevenYears is seven calendar years in days, leap days included. 7*365 falls
// two days short of it, and it is the value CloudWatch Logs accepts.
const sevenYears = 2557

// lifecycleMargin is how many days an object stays after its lock has ended,
// unless expireAfterDays says otherwise.
const lifecycleMargin = 30

// Environment is one deployment of the paper trail into one AWS account.
type Environment struct {
	// Name is the key under `environments`. It is part of each stack's name: up
	// to 20 lower-case letters, digits and hyphens, beginning with a letter.
	Name string `yaml:"-"`

	// The AWS account's twelve digits, in quotes.
	// Default: the account that the CLI's credentials name.
	Account string `yaml:"account"`

	// The home Region, where the trail is kept, such as eu-west-1.
	// Default: the Region the CLI is set to.
	Region string `yaml:"region"`

	// Further Regions whose model calls are recorded. Bedrock logs a call in the
	// Region it was sent to, so list each Region that applications call. Needs
	// account and region. Default: none.
	AdditionalRegions []string `yaml:"additionalRegions"`

	// What happens to the evidence when a stack is destroyed: "retain" leaves
	// it and keeps logging on, "destroy" removes everything. Default: retain.
	Removal Removal `yaml:"removal"`

	// Whether CloudFormation refuses to delete the stacks that hold evidence and
	// alarms. The Capture stack is never protected, so that a refused first
	// deployment can be repeated. Default: true where removal is retain, false
	// where it is destroy.
	TerminationProtection bool `yaml:"terminationProtection"`

	// How long, and how firmly, S3 refuses to delete or change evidence.
	// Default: COMPLIANCE for 2557 days.
	ObjectLock ObjectLock `yaml:"objectLock"`

	// Days after which S3 deletes an object; more than objectLock.days, and at
	// most 2147483647.
	// Default: 30 more than objectLock.days.
	ExpireAfterDays int `yaml:"expireAfterDays"`

	// Days that CloudWatch Logs keeps the logs, one of the values it accepts.
	// Default: 2557, seven years.
	LogRetentionDays int `yaml:"logRetentionDays"`

	// What Bedrock writes into the record of a model call.
	// Default: every kind of data, and an existing configuration is respected.
	InvocationLogging InvocationLogging `yaml:"invocationLogging"`

	// Managed data identifiers, such as CreditCardNumber, that CloudWatch Logs
	// masks for readers without logs:Unmask. EmailAddress also masks callers
	// whose role session is named after them, as single sign-on does. The copy
	// in S3 stays unmasked. Default: none.
	MaskedDataIdentifiers []string `yaml:"maskedDataIdentifiers"`

	// When throttled model calls raise an alarm.
	// Default: 5 within 5 minutes.
	Throttling Throttling `yaml:"throttling"`

	// How the logging configuration, and what it relies on, is watched.
	// Default: checked every 15 minutes, and changed by nobody but a deployment.
	Guard Guard `yaml:"guard"`

	// Who is told. Default: nobody, which only removal: destroy allows.
	Alerts Alerts `yaml:"alerts"`

	// Which alarms there are beside the one on throttling, and what they allow.
	// Default: all of them.
	Alarms Alarms `yaml:"alarms"`

	// Models whose errors, slowness and quotas raise alarms, each by itself.
	// Default: none.
	WatchedModels []WatchedModel `yaml:"watchedModels"`

	// The CloudTrail trail. Default: one is created, without Insights.
	Trail Trail `yaml:"trail"`

	// What models cost, and who pays. With anything in it, the home Region has a
	// Cost stack. Default: nothing.
	Costs Costs `yaml:"costs"`

	// The ledger: a row for each model call, without its prompt, that Athena answers
	// questions from. Default: one in each Region.
	Ledger Ledger `yaml:"ledger"`

	// ARN of the one IAM role exempt from the buckets' denies, for emergencies,
	// a role of account where that is set. A COMPLIANCE lock binds it all the
	// same. Default: no role is exempt.
	BreakGlassRoleArn string `yaml:"breakGlassRoleArn"`

	// Cost-allocation tags put on every resource: project, owner and
	// cost-center at least, 50 at most.
	// Default: environment is the environment's name; the others have none.
	Tags map[string]string `yaml:"tags"`
}

// Removal says what becomes of the evidence when its stack is destroyed.
type Removal string

// The values of [Removal].
const (
	Retain  Removal = "retain"
	Destroy Removal = "destroy"
)

func (Removal) values() []string { return []string{string(Retain), string(Destroy)} }

// ObjectLock is the default retention of the evidence buckets.
type ObjectLock struct {
	// COMPLIANCE: nobody can shorten it or delete what it covers before its
	// end, the account's root user included, and it cannot be undone.
	// GOVERNANCE: whoever holds s3:BypassGovernanceRetention can.
	// Default: COMPLIANCE.
	Mode LockMode `yaml:"mode"`

	// Days from an object's arrival, 1 to 36500. Default: 2557, seven years.
	Days int `yaml:"days"`
}

// LockMode is the mode of an S3 Object Lock.
type LockMode string

// The values of [LockMode].
const (
	Compliance LockMode = "COMPLIANCE"
	Governance LockMode = "GOVERNANCE"
)

func (LockMode) values() []string { return []string{string(Compliance), string(Governance)} }

// InvocationLogging is what Bedrock's model invocation logging records. With
// all five kinds of data off a record still says who, which model and how many
// tokens.
type InvocationLogging struct {
	// What to do where the account has a different logging configuration in
	// the Region already: "refuse" fails the deployment and shows the
	// difference, "adopt" remembers the old one and replaces it.
	// Default: refuse.
	OnExisting OnExisting `yaml:"onExisting"`

	// ARN of the IAM role in the configuration that onExisting: adopt replaces.
	// With removal: destroy, that configuration is restored at the end, and IAM
	// has to allow handing this role to Bedrock. Default: none.
	AdoptedRoleArn string `yaml:"adoptedRoleArn"`

	// Whether text is recorded. Default: true.
	Text bool `yaml:"text"`
	// Whether images are recorded. Default: true.
	Image bool `yaml:"image"`
	// Whether embeddings are recorded. Default: true.
	Embedding bool `yaml:"embedding"`
	// Whether video is recorded. Default: true.
	Video bool `yaml:"video"`
	// Whether audio is recorded. Default: true.
	Audio bool `yaml:"audio"`
}

// OnExisting says what to do about a logging configuration that is not ours.
type OnExisting string

// The values of [OnExisting].
const (
	Refuse OnExisting = "refuse"
	Adopt  OnExisting = "adopt"
)

func (OnExisting) values() []string { return []string{string(Refuse), string(Adopt)} }

// Throttling is the limit above which throttled model calls raise an alarm.
type Throttling struct {
	// Throttled calls within one period, at least 1. Default: 5.
	Threshold int `yaml:"threshold"`
	// Length of the period in minutes, 1 to 60. Default: 5.
	PeriodMinutes int `yaml:"periodMinutes"`
}

// Guard watches the logging configuration between deployments.
type Guard struct {
	// Minutes between two checks, 1 to 480. Changes that CloudTrail reports are
	// looked at within minutes in any case. Default: 15.
	IntervalMinutes int `yaml:"intervalMinutes"`
	// How often within an hour the declared configuration is put back when
	// somebody changed it, 0 to 60. After that the guard gives up, and the alarm
	// stays. 0 leaves it to people. Default: 0.
	HealsPerHour int `yaml:"healsPerHour"`
}

// Alerts names the people an alarm reaches.
type Alerts struct {
	// Addresses without display names, in ASCII. Each receives a subscription to confirm.
	// At least one where removal is retain. Default: none.
	Emails []string `yaml:"emails"`

	// Addresses that hear of what can wait for office hours, in place of emails.
	// Default: emails hear of everything.
	WarningEmails []string `yaml:"warningEmails"`
}

// Alarms says which alarms an environment has.
type Alarms struct {
	// Kinds of alarms that are left out, each with a warning at synthesis.
	// Default: none.
	Without []AlarmKind `yaml:"without"`

	// Keys of the request metadata without which a call counts as unattributed.
	// Default: user_id, task_type and request_id.
	RequiredMetadata []string `yaml:"requiredMetadata"`

	// ARNs of the IAM roles that may call models; a call by another one raises
	// an alarm. Needs trail.mode create. Default: any role may.
	AllowedCallers []string `yaml:"allowedCallers"`
}

// AlarmKind is a kind of alarms.
type AlarmKind string

func (AlarmKind) values() []string {
	return []string{
		"DeliveryFailure", "Silence", "UnloggedEndpoint", "Tamper", "Content",
		"Unattributed", "Callers", "Errors", "Quota", "SpendPace",
	}
}

// WatchedModel is a model whose calls are watched by themselves.
type WatchedModel struct {
	// Id of the model, or of the inference profile that callers pass, as
	// Bedrock's metrics show it. Required.
	ID string `yaml:"id"`

	// The account's quota of tokens per minute for it. Default: 0, its use is not
	// watched.
	TokensPerMinuteQuota int `yaml:"tokensPerMinuteQuota"`
}

// Costs tells what models cost and to whom.
type Costs struct {
	// Whether the keys of tags are activated as cost allocation tags. The account
	// that pays the bill can do so; in another one the function logs what to run
	// there. Default: false.
	ActivateTags bool `yaml:"activateTags"`

	// Past months that are counted again once all the keys are active, 0 to 12.
	// AWS does so for all tag keys of the account: one that is inactive by now
	// disappears from months in which it was active. Needs activateTags.
	// Default: 0, the past stays as it is.
	BackfillMonths int `yaml:"backfillMonths"`

	// US dollars a month for all that the account is billed as one of services, 1
	// or more. Default: 0, no budget.
	MonthlyBudget int `yaml:"monthlyBudget"`

	// Services that monthlyBudget counts, spelled as on the bill. Models of third
	// parties, such as Claude, are services of their own there, for instance
	// "Claude Sonnet 4 (Amazon Bedrock Edition)". Default: Amazon Bedrock.
	Services []string `yaml:"services"`

	// What the models are used for. Default: none.
	Projects []Project `yaml:"projects"`

	// Whether unusual spend of the projects is told. AWS lets the account that
	// pays make such a monitor, the management account or one outside of any
	// organisation; in a member account the Cost stack would fail and be rolled
	// back. Needs projects. Default: false.
	Anomalies bool `yaml:"anomalies"`
}

// Project is a use of models that is billed by itself.
type Project struct {
	// Value of the tag project of its inference profiles. Required.
	Name string `yaml:"name"`

	// Ids of the models, or cross-Region inference profiles, that it calls. Each
	// becomes an application inference profile in the home Region. At least one.
	Models []string `yaml:"models"`

	// US dollars a month for the project, 1 or more. Default: 0, no budget.
	MonthlyBudget int `yaml:"monthlyBudget"`
}

// Ledger is a table of the model calls in one Region.
type Ledger struct {
	// "create" makes a Ledger stack in each Region. "none" leaves it out; the
	// records stay, and the audit command reads them as well. Default: create.
	Mode LedgerMode `yaml:"mode"`

	// Hours of records that each hourly fill reads again, for those that arrive
	// late, 1 to 24. Athena bills what it reads. Once a day three days are read
	// again in any case. Default: 3.
	LookBackHours int `yaml:"lookBackHours"`

	// Gigabytes that one question to the ledger may read before Athena ends it, 1 to
	// 100000. Questions to the raw records, which auditors put, have a limit of their
	// own.
	// Default: 100.
	QueryLimitGigabytes int `yaml:"queryLimitGigabytes"`

	// ARNs of the IAM roles of the account that may read the ledger, which has no
	// prompts. Default: none but those whose own policies allow it.
	Readers []string `yaml:"readers"`

	// ARNs of the IAM roles of the account that may read everything: prompts,
	// answers, API events and the ledger. Default: as with readers.
	Auditors []string `yaml:"auditors"`

	// ARNs of the IAM roles of the account that may start and stop the fill, and read
	// nothing. Default: as with readers.
	Operators []string `yaml:"operators"`
}

// LedgerMode says whether the environment has a ledger.
type LedgerMode string

// The values of [LedgerMode].
const (
	CreateLedger LedgerMode = "create"
	NoLedger     LedgerMode = "none"
)

func (LedgerMode) values() []string { return []string{string(CreateLedger), string(NoLedger)} }

// Any tells whether there is anything in it.
func (c Costs) Any() bool {
	return c.ActivateTags || c.MonthlyBudget > 0 || len(c.Projects) > 0
}

// Trail is the CloudTrail trail of the home Region.
type Trail struct {
	// "create" makes a multi-Region trail. "none" is for an account that an
	// organisation's trail or another environment covers, since AWS bills
	// every further copy of the management events. Default: create.
	Mode TrailMode `yaml:"mode"`

	// Whether CloudTrail Insights watches the rate of calls and errors, at a
	// charge. Default: false.
	Insights bool `yaml:"insights"`

	// Resource types of Bedrock whose data events the trail leaves out, such as
	// AWS::Bedrock::Guardrail. CloudTrail refuses a trail that selects a type
	// which its partition does not know. Default: none.
	ExcludedDataEventTypes []string `yaml:"excludedDataEventTypes"`
}

// TrailMode says whether the environment has a trail of its own.
type TrailMode string

// The values of [TrailMode].
const (
	CreateTrail TrailMode = "create"
	NoTrail     TrailMode = "none"
)

func (TrailMode) values() []string { return []string{string(CreateTrail), string(NoTrail)} }

// Regions returns the home Region followed by the additional ones. An open home
// Region is the empty string.
func (e *Environment) Regions() []string {
	return append([]string{e.Region}, e.AdditionalRegions...)
}

// setDefaults fills in what holds however the rest is set. It runs before
// decoding, so that an explicit false or 0 survives it.
func (e *Environment) setDefaults() {
	*e = Environment{
		Removal:          Retain,
		ObjectLock:       ObjectLock{Mode: Compliance, Days: sevenYears},
		LogRetentionDays: sevenYears,
		InvocationLogging: InvocationLogging{
			OnExisting: Refuse, Text: true, Image: true, Embedding: true, Video: true, Audio: true,
		},
		Throttling: Throttling{Threshold: 5, PeriodMinutes: 5},
		Guard:      Guard{IntervalMinutes: 15},
		Trail:      Trail{Mode: CreateTrail},
		Ledger:     Ledger{Mode: CreateLedger, LookBackHours: 3, QueryLimitGigabytes: 100},
	}
}

// deriveDefaults fills in what follows from other settings. It runs after
// decoding, of the section in.
func (e *Environment) deriveDefaults(name string, in section) {
	e.Name = name
	if !in.written("terminationProtection") {
		e.TerminationProtection = e.Removal == Retain
	}
	if !in.written("expireAfterDays") {
		e.ExpireAfterDays = e.ObjectLock.Days + lifecycleMargin
	}
	if !in.written("alarms.requiredMetadata") {
		e.Alarms.RequiredMetadata = []string{"user_id", "task_type", "request_id"}
	}
	if !in.written("costs.services") {
		e.Costs.Services = []string{"Amazon Bedrock"}
	}
	if e.Tags == nil {
		e.Tags = map[string]string{}
	}
	if !in.written("tags.environment") {
		e.Tags["environment"] = name
	}
}
