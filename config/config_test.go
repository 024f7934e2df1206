package config

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// complete sets every key. Tests break it one line at a time.
const complete = `environments:
  dev:
    account: "111111111111"
    region: eu-west-1
    additionalRegions: [us-east-1, us-gov-west-1]
    removal: retain
    terminationProtection: false
    objectLock:
      mode: COMPLIANCE
      days: 2557
    expireAfterDays: 3000
    logRetentionDays: 2557
    invocationLogging:
      onExisting: adopt
      text: false
      image: false
      embedding: false
      video: false
      audio: false
    maskedDataIdentifiers: [EmailAddress, DriversLicense-US]
    throttling:
      threshold: 5
      periodMinutes: 5
    guard:
      intervalMinutes: 30
      healsPerHour: 2
    alerts:
      emails:
        - team@example.com
    trail:
      mode: create
      insights: true
    breakGlassRoleArn: arn:aws:iam::111111111111:role/break-glass
    tags:
      project: paper-trail
      owner: team
      cost-center: "4711"
      "data class": top
    alarms:
      without: [Content]
      requiredMetadata: [user_id]
      allowedCallers: []
    watchedModels:
      - id: eu.amazon.nova-pro-v1:0
        tokensPerMinuteQuota: 1000
    costs:
      activateTags: true
      monthlyBudget: 100
      projects:
        - name: chat
          models: [amazon.nova-pro-v1:0]
          monthlyBudget: 50
      anomalies: true
      services: [Amazon Bedrock, Claude Sonnet 4 (Amazon Bedrock Edition)]
      backfillMonths: 3
    ledger:
      mode: "create"
      lookBackHours: 4
      queryLimitGigabytes: 50
      readers: [arn:aws:iam::111111111111:role/finance]
      auditors: [arn:aws:iam::111111111111:role/auditors]
      operators: [arn:aws:iam::111111111111:role/on-call]
`

// edit replaces the one place where old stands in complete.
func edit(t *testing.T, old, replacement string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(complete, old), "%q must stand in the file once", old)
	return strings.Replace(complete, old, replacement, 1)
}

// parseErrors returns the problems of text, one a line, without the file's name.
func parseErrors(t *testing.T, text string) []string {
	t.Helper()
	file, err := Parse("environments.yaml", []byte(text))
	require.Error(t, err)
	require.Nil(t, file)
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "environments.yaml:")
	}
	return lines
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	file, err := Parse("environments.yaml", []byte(complete))
	require.NoError(t, err)
	assert.Equal(t, &Environment{
		Name:                  "dev",
		Account:               "111111111111",
		Region:                "eu-west-1",
		AdditionalRegions:     []string{"us-east-1", "us-gov-west-1"},
		Removal:               Retain,
		ObjectLock:            ObjectLock{Mode: Compliance, Days: 2557},
		ExpireAfterDays:       3000,
		LogRetentionDays:      2557,
		InvocationLogging:     InvocationLogging{OnExisting: Adopt},
		MaskedDataIdentifiers: []string{"EmailAddress", "DriversLicense-US"},
		Throttling:            Throttling{Threshold: 5, PeriodMinutes: 5},
		Guard:                 Guard{IntervalMinutes: 30, HealsPerHour: 2},
		Alerts:                Alerts{Emails: []string{"team@example.com"}},
		Alarms: Alarms{
			Without: []AlarmKind{"Content"}, RequiredMetadata: []string{"user_id"},
		},
		WatchedModels: []WatchedModel{{ID: "eu.amazon.nova-pro-v1:0", TokensPerMinuteQuota: 1000}},
		Costs: Costs{ActivateTags: true, MonthlyBudget: 100, Projects: []Project{
			{Name: "chat", Models: []string{"amazon.nova-pro-v1:0"}, MonthlyBudget: 50},
		}, BackfillMonths: 3, Anomalies: true, Services: []string{"Amazon Bedrock", "Claude Sonnet 4 (Amazon Bedrock Edition)"}},
		Ledger: Ledger{
			Mode: CreateLedger, LookBackHours: 4, QueryLimitGigabytes: 50,
			Readers: []string{"arn:aws:iam::111111111111:role/finance"}, Auditors: []string{"arn:aws:iam::111111111111:role/auditors"},
			Operators: []string{"arn:aws:iam::111111111111:role/on-call"},
		},
		Trail:             Trail{Mode: CreateTrail, Insights: true},
		BreakGlassRoleArn: "arn:aws:iam::111111111111:role/break-glass",
		Tags: map[string]string{
			"project": "paper-trail", "environment": "dev", "owner": "team", "cost-center": "4711", "data class": "top",
		},
	}, file.Environments["dev"])
}

func TestDefaultsKeepEvidence(t *testing.T) {
	t.Parallel()
	file, err := Parse("environments.yaml", []byte(`
environments:
  prod:
    alerts: {emails: [team@example.com]}
    tags: {project: p, owner: o, cost-center: c}
`))
	require.NoError(t, err)
	assert.Equal(t, &Environment{
		Name:                  "prod",
		Removal:               Retain,
		TerminationProtection: true,
		ObjectLock:            ObjectLock{Mode: Compliance, Days: 2557},
		ExpireAfterDays:       2587,
		LogRetentionDays:      2557,
		InvocationLogging: InvocationLogging{
			OnExisting: Refuse, Text: true, Image: true, Embedding: true, Video: true, Audio: true,
		},
		Throttling: Throttling{Threshold: 5, PeriodMinutes: 5},
		Guard:      Guard{IntervalMinutes: 15},
		Alerts:     Alerts{Emails: []string{"team@example.com"}},
		Alarms:     Alarms{RequiredMetadata: []string{"user_id", "task_type", "request_id"}},
		Costs:      Costs{Services: []string{"Amazon Bedrock"}},
		Trail:      Trail{Mode: CreateTrail},
		Ledger:     Ledger{Mode: CreateLedger, LookBackHours: 3, QueryLimitGigabytes: 100},
		Tags:       map[string]string{"project": "p", "environment": "prod", "owner": "o", "cost-center": "c"},
	}, file.Environments["prod"])
}

func TestDefaultsFollowOtherSettings(t *testing.T) {
	t.Parallel()
	file, err := Parse("environments.yaml", []byte(starter))
	require.NoError(t, err)
	dev := file.Environments["dev"]
	assert.False(t, dev.TerminationProtection, "an environment to be destroyed is not protected")
	assert.Equal(t, 31, dev.ExpireAfterDays, "30 days after the lock ends")
	assert.Equal(t, "dev", dev.Tags["environment"])

	written := strings.Replace(starter, "tags: {", "terminationProtection: true\n    tags: {environment: sandbox, ", 1)
	file, err = Parse("environments.yaml", []byte(written))
	require.NoError(t, err)
	assert.Equal(t, "sandbox", file.Environments["dev"].Tags["environment"])
	assert.True(t, file.Environments["dev"].TerminationProtection, "what is written wins")
}

func TestRegionsBeginAtHome(t *testing.T) {
	t.Parallel()
	e := Environment{Region: "eu-west-1", AdditionalRegions: []string{"us-east-1", "ap-south-1"}}
	assert.Equal(t, []string{"eu-west-1", "us-east-1", "ap-south-1"}, e.Regions())
	assert.Equal(t, []string{""}, new(Environment).Regions(), "an open Region is one Region")
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{
		`3: environments.dev.account: want text, got 111111111111, which YAML takes for a number and may change; quote it: "111111111111"`,
		`4: environments.dev.removel: unknown key; did you mean "removal"?`,
		`6: environments.dev.objectLock.mdoe: unknown key; did you mean "mode"?`,
		`7: environments.dev.objectLock.days: want 1 to 36500 days, got 0; seven years are 2557`,
		`8: environments.dev.alerts.email: unknown key; did you mean "emails"?`,
		`9: environments.dev.logRetentionDays: want a period that CloudWatch Logs accepts, got 2555; take 2192 or 2557`,
		`10: environments.dev.tags: want the tag "cost-center", got none; add it, since costs are split by it`,
		`11: environments.Prod: want keys with values, got "soon"; write each as an indented "key: value" line`,
	}, parseErrors(t, `environments:
  dev:
    account: 111111111111
    removel: destroy
    objectLock:
      mdoe: GOVERNANCE
      days: 0
    alerts: {email: [team@example.com]}
    logRetentionDays: 2555
    tags: {project: p, owner: o}
  Prod: soon
`))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const email, role, tags = "- team@example.com", "arn:aws:iam::111111111111:role/break-glass", "    tags:\n"
	const plainly = "write it in ASCII, without display name, quotes or brackets, at a domain with a dot whose labels are letters, digits and inner hyphens"
	for _, c := range []struct{ name, old, new, want string }{
		// Form
		{"unknown key, nothing near", "trail:", "cloud:", `30: environments.dev.cloud: unknown key; the keys here are account, region, `},
		{"duplicate key", "removal: retain", "region: eu-west-2", `6: environments.dev.region: already set on line 4; remove one of the two`},
		{"duplicate tag", `"data class": top`, "owner: me", `38: environments.dev.tags.owner: already set on line 36; remove one of the two`},
		{"duplicate environment", "role/on-call]\n", "role/on-call]\n  dev: {}\n", `63: environments.dev: already set on line 2; remove one of the two`},
		{"text for number", "days: 2557", `days: "2557"`, `10: environments.dev.objectLock.days: want a whole number, got "2557"; write digits only, without quotes`},
		{"fraction", "days: 2557", `days: 1.5`, `10: environments.dev.objectLock.days: want a whole number, got "1.5"; write digits only, without quotes`},
		{"octal", "days: 2557", `days: 010`, `10: environments.dev.objectLock.days: want a whole number, got "010"; write digits only, without quotes`},
		{"text for bool", "text: false", `text: no`, `15: environments.dev.invocationLogging.text: want true or false, got "no"; write one of the two, without quotes`},
		{"forced bool", "text: false", `text: !!bool no`, `15: environments.dev.invocationLogging.text: want true or false, got "no"; write one of the two, without quotes`},
		{"account loses its zero", `"111111111111"`, "012345678901", `3: environments.dev.account: want text, got 012345678901, which YAML takes for a number and may change; quote it: "012345678901"`},
		{"tag as a date", "top", "2026-01-31", `38: environments.dev.tags["data class"]: want text, got 2026-01-31, which YAML takes for a date and may change; quote it: "2026-01-31"`},
		{"list for text", "region: eu-west-1", "region: [eu-west-1]", `4: environments.dev.region: want text, got a list; write one value`},
		{"text for list", "[EmailAddress, DriversLicense-US]", "EmailAddress", `20: environments.dev.maskedDataIdentifiers: want a list, got "EmailAddress"; write it in brackets, as in [first, second]`},
		{"keys for list", "[EmailAddress, DriversLicense-US]", "{a: b}", `20: environments.dev.maskedDataIdentifiers: want a list, got keys with values; write it in brackets, as in [first, second]`},
		{"no value", "removal: retain", "removal:", `6: environments.dev.removal: has no value; give it one or remove the line`},
		{"alias", "text: false\n      image: false", "text: &off false\n      image: *off", `16: environments.dev.invocationLogging.image: an alias (*off) is not supported; write the value out`},
		{"merge", "removal: retain", "<<: {removal: retain}", `6: environments.dev: only plain keys are supported here, no merge (<<), alias or list; write the values out`},
		{"removal", "removal: retain", "removal: Retain", `6: environments.dev.removal: want retain or destroy, got "Retain"; did you mean "retain"?`},
		{"lock mode", "COMPLIANCE", "COMPLIENCE", `9: environments.dev.objectLock.mode: want COMPLIANCE or GOVERNANCE, got "COMPLIENCE"; did you mean "COMPLIANCE"?`},
		{"on existing", "adopt", "overwrite", `14: environments.dev.invocationLogging.onExisting: want refuse or adopt, got "overwrite"`},
		{"trail mode", "mode: create", "mode: organisation", `31: environments.dev.trail.mode: want create or none, got "organisation"`},

		{"complex key", "removal: retain", "? [removal]\n    : retain", `6: environments.dev: only plain keys are supported here, no merge (<<), alias or list; write the values out`},

		// Place
		{"name", "dev:", "Dev_1:", `2: environments.Dev_1: want a name of up to 20 lower-case letters, digits and hyphens that begins with a letter, got "Dev_1"; rename it`},
		{"account", `"111111111111"`, `"1111-1111-1111"`, `3: environments.dev.account: want the 12 digits of an AWS account, got "1111-1111-1111"; write them in quotes, without spaces or hyphens`},
		{"region", "eu-west-1", "eu-west-1a", `4: environments.dev.region: want the code of an AWS Region, such as eu-west-1 or us-gov-west-1, got "eu-west-1a"; an Availability Zone's letter does not belong to it`},
		{"additional region", "us-east-1", "virginia", `5: environments.dev.additionalRegions[0]: want the code of an AWS Region, such as eu-west-1 or us-gov-west-1, got "virginia"; an Availability Zone's letter does not belong to it`},
		{"region twice", "[us-east-1, us-gov-west-1]", "[us-east-1, eu-west-1]", `5: environments.dev.additionalRegions[1]: eu-west-1 is listed twice, the home Region counting as one; remove one`},
		{"open account", `"111111111111"`, `""`, `5: environments.dev.additionalRegions: want account and region set as well, got an open one; set both, or the home Region could turn out to be one of these`},
		{"open region", "eu-west-1", `""`, `5: environments.dev.additionalRegions: want account and region set as well, got an open one; set both, or the home Region could turn out to be one of these`},

		// Retention
		{"compliance and destroy", "removal: retain", "removal: destroy", `9: environments.dev.objectLock.mode: want GOVERNANCE where removal is destroy, got COMPLIANCE, which nobody can remove before its end; set mode: GOVERNANCE or removal: retain`},
		{"lock under a day", "days: 2557", "days: 0", `10: environments.dev.objectLock.days: want 1 to 36500 days, got 0; seven years are 2557`},
		{"lock over a century", "days: 2557\n    expireAfterDays: 3000", "days: 40000\n    expireAfterDays: 50000", `10: environments.dev.objectLock.days: want 1 to 36500 days, got 40000; seven years are 2557`},
		{"lifecycle on the lock's last day", "expireAfterDays: 3000", "expireAfterDays: 2557", `11: environments.dev.expireAfterDays: want more than the 2557 days of objectLock, since S3 cannot delete what is locked, got 2557; raise it or leave it out for 2587`},
		{"lifecycle longer than S3 counts", "expireAfterDays: 3000", "expireAfterDays: 2147483648", `11: environments.dev.expireAfterDays: want at most 2147483647 days, the largest number that S3 takes, got 2147483648; leave it out for 2587`},
		{"lifecycle longer than Go counts", "expireAfterDays: 3000", "expireAfterDays: 99999999999999999999", `11: environments.dev.expireAfterDays: want a smaller number, got 99999999999999999999; no setting takes as much`},
		{"lock longer than S3 counts, lifecycle left out", "days: 2557\n    expireAfterDays: 3000", "days: 9223372036854775807", `10: environments.dev.objectLock.days: want 1 to 36500 days, got 9223372036854775807; seven years are 2557`},
		{"log retention under a day", "logRetentionDays: 2557", "logRetentionDays: 0", `12: environments.dev.logRetentionDays: want a period that CloudWatch Logs accepts, got 0; take 1`},
		{"log retention 7 times 365", "logRetentionDays: 2557", "logRetentionDays: 2555", `12: environments.dev.logRetentionDays: want a period that CloudWatch Logs accepts, got 2555; take 2192 or 2557`},
		{"log retention too long", "logRetentionDays: 2557", "logRetentionDays: 9999", `12: environments.dev.logRetentionDays: want a period that CloudWatch Logs accepts, got 9999; take 3653`},

		// Logging and alarms
		{"masked identifier", "EmailAddress", "arn:aws:x", `20: environments.dev.maskedDataIdentifiers[0]: want the name of a managed data identifier, letters, digits and hyphens only, got "arn:aws:x"; EmailAddress is one`},
		{"masked identifier twice", "DriversLicense-US", "EmailAddress", `20: environments.dev.maskedDataIdentifiers[1]: EmailAddress is listed twice; remove one`},
		{"threshold", "threshold: 5", "threshold: 0", `22: environments.dev.throttling.threshold: want at least 1 throttled call, got 0; 5 is the default`},
		{"interval", "intervalMinutes: 30", "intervalMinutes: 481", `25: environments.dev.guard.intervalMinutes: want 1 to 480 minutes, got 481; 15 is the default`},
		{"heals", "healsPerHour: 2", "healsPerHour: -1", `26: environments.dev.guard.healsPerHour: want 0 to 60, got -1; 0, the default, changes nothing`},
		{"period", "periodMinutes: 5", "periodMinutes: 61", `23: environments.dev.throttling.periodMinutes: want 1 to 60 minutes, got 61; 5 is the default`},
		{"nobody to tell", "\n        " + email, " []", `28: environments.dev.alerts.emails: want at least one address where removal is retain, got none; add one, or the alarms reach nobody`},
		{"no address", email, "- team", `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "team"; ` + plainly},
		{"display name", email, "- Team <team@example.com>", `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "Team <team@example.com>"; ` + plainly},
		{"local address", email, "- root@localhost", `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "root@localhost"; ` + plainly},
		{"hyphen at a label's edge", email, `- "a@-.c"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "a@-.c"; ` + plainly},
		{"letters outside of ASCII", email, `- "ü@example.com"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "ü@example.com"; ` + plainly},
		{"domain outside of ASCII", email, `- "team@exämple.com"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "team@exämple.com"; ` + plainly},
		{"address literal", email, `- "a@[1.2.3.4]"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "a@[1.2.3.4]"; ` + plainly},
		{"IP address", email, `- "a@1.2.3.4"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "a@1.2.3.4"; ` + plainly},
		{"underscore in the domain", email, `- "a@b_c.com"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "a@b_c.com"; ` + plainly},
		{"empty label", email, `- "a@b..com"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "a@b..com"; ` + plainly},
		{"two dots", email, `- "a..b@example.com"`, `29: environments.dev.alerts.emails[0]: want a bare e-mail address such as team@example.com, got "a..b@example.com"; ` + plainly},
		{"warning address", email, email + "\n      warningEmails: [team]", `30: environments.dev.alerts.warningEmails[0]: want a bare e-mail address such as team@example.com, got "team"; ` + plainly},
		{"address twice", email, email + "\n        - Team@example.com", `30: environments.dev.alerts.emails[1]: Team@example.com is listed twice; remove one`},
		{"insights without a trail", "mode: create", "mode: none", `32: environments.dev.trail.insights: want a trail to watch, got mode none; set mode: create or remove insights`},
		{"break-glass user", role, "arn:aws:iam::111111111111:user/root", `33: environments.dev.breakGlassRoleArn: want the ARN of one IAM role, such as arn:aws:iam::111111111111:role/break-glass, got "arn:aws:iam::111111111111:user/root"; wildcards are not allowed`},
		{"break-glass wildcard", role, `"arn:aws:iam::111111111111:role/*"`, `33: environments.dev.breakGlassRoleArn: want the ARN of one IAM role, such as arn:aws:iam::111111111111:role/break-glass, got "arn:aws:iam::111111111111:role/*"; wildcards are not allowed`},
		{"break-glass elsewhere", role, "arn:aws:iam::222222222222:role/break-glass", `33: environments.dev.breakGlassRoleArn: want a role of account 111111111111, got one of 222222222222; give a role there that people of the other account assume`},
		{"look back", "lookBackHours: 4", "lookBackHours: 25", `58: environments.dev.ledger.lookBackHours: want 1 to 24 hours, got 25; 3 is the default`},
		{"query limit", "queryLimitGigabytes: 50", "queryLimitGigabytes: 0", `59: environments.dev.ledger.queryLimitGigabytes: want 1 to 100000 gigabytes, got 0; 100 is the default`},
		{"reader", "role/finance", "user/finance", `60: environments.dev.ledger.readers[0]: want the ARN of one IAM role, such as arn:aws:iam::111111111111:role/break-glass, got "arn:aws:iam::111111111111:user/finance"; wildcards are not allowed`},
		{"reader of Identity Center", "role/finance", "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Finance_0123456789abcdef", `60: environments.dev.ledger.readers[0]: arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Finance_0123456789abcdef is managed by IAM Identity Center, which lets nobody else attach a policy; list a role that its people may assume, or write the statements into the permission set`},
		{"reader and auditor", "role/finance", "role/auditors", `60: environments.dev.ledger.readers[0]: arn:aws:iam::111111111111:role/auditors is an auditor as well, whose answers with prompts other readers could then fetch; remove one, auditors can read the ledger`},
		{"auditor elsewhere", "arn:aws:iam::111111111111:role/auditors", "arn:aws:iam::222222222222:role/auditors", `61: environments.dev.ledger.auditors[0]: want a role of account 111111111111, got one of 222222222222; give a role there that people of the other account assume`},
		{"readers of no ledger", `mode: "create"`, "mode: none", `57: environments.dev.ledger.mode: want create, for ledger.readers to have a ledger, got none; set mode: create or remove the roles`},
		{"ledger mode", `mode: "create"`, "mode: off", `57: environments.dev.ledger.mode: want create or none, got "off"`},
		{"excluded event type", "insights: true", "excludedDataEventTypes: [Guardrail]", `32: environments.dev.trail.excludedDataEventTypes[0]: want a resource type of Bedrock such as AWS::Bedrock::Guardrail, got "Guardrail"; correct it or remove it`},
		{"adopted role", "onExisting: adopt", "onExisting: adopt\n      adoptedRoleArn: logs", `15: environments.dev.invocationLogging.adoptedRoleArn: want the ARN of one IAM role, such as arn:aws:iam::111111111111:role/break-glass, got "logs"; wildcards are not allowed`},

		// Alarms and costs
		{"unknown kind of alarms", "without: [Content]", "without: [Contents]", `40: environments.dev.alarms.without[0]: want DeliveryFailure or Silence or UnloggedEndpoint or Tamper or Content or Unattributed or Callers or Errors or Quota or SpendPace, got "Contents"; did you mean "Content"?`},
		{"kind twice", "[Content]", "[Content, Content]", `40: environments.dev.alarms.without[1]: Content is listed twice; remove one`},
		{"no metadata key", "[user_id]", "[]", `41: environments.dev.alarms.requiredMetadata: want at least one key, got none; to leave the alarm out, list Unattributed in alarms.without`},
		{"metadata key", "[user_id]", "[user id]", `41: environments.dev.alarms.requiredMetadata[0]: want a key of letters, digits, hyphens and underscores, got "user id"; user_id is one`},
		{"metadata key twice", "[user_id]", "[user_id, user_id]", `41: environments.dev.alarms.requiredMetadata[1]: user_id is listed twice; remove one`},
		{"too many metadata keys", "[user_id]", "[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]", `41: environments.dev.alarms.requiredMetadata: want at most 16 keys`},
		{"caller that is no role", "allowedCallers: []", "allowedCallers: [arn:aws:iam::111111111111:user/app]", `42: environments.dev.alarms.allowedCallers[0]: want the ARN of one IAM role`},
		{"caller that is empty", "allowedCallers: []", `allowedCallers: [""]`, `42: environments.dev.alarms.allowedCallers[0]: is empty; give the ARN of a role or remove it`},
		{"model without id", "- id: eu.amazon.nova-pro-v1:0\n        ", "- ", `44: environments.dev.watchedModels[0].id: is missing`},
		{"negative quota", "tokensPerMinuteQuota: 1000", "tokensPerMinuteQuota: -1", `45: environments.dev.watchedModels[0].tokensPerMinuteQuota: want 0 or more tokens, got -1`},
		{"model twice", "        tokensPerMinuteQuota: 1000\n", "      - id: eu.amazon.nova-pro-v1:0\n", `45: environments.dev.watchedModels[1].id: eu.amazon.nova-pro-v1:0 is listed twice; remove one`},
		{"negative budget", "monthlyBudget: 100", "monthlyBudget: -1", `48: environments.dev.costs.monthlyBudget: want 1 or more US dollars, got -1; 0, the default, makes no budget`},
		{"project's negative budget", "monthlyBudget: 50", "monthlyBudget: -1", `52: environments.dev.costs.projects[0].monthlyBudget: want 1 or more US dollars, got -1`},
		{"project without models", "models: [amazon.nova-pro-v1:0]", "models: []", `51: environments.dev.costs.projects[0].models: want at least one model, got none`},
		{"project's model twice", "[amazon.nova-pro-v1:0]", "[a.b, a.b]", `51: environments.dev.costs.projects[0].models[1]: a.b is listed twice; remove one`},
		{"project's name", "name: chat", `name: "a;b"`, `50: environments.dev.costs.projects[0].name: want a tag value of letters`},
		{"projects that differ in case", "          monthlyBudget: 50", "        - name: Chat\n          models: [a.b]", `52: environments.dev.costs.projects[1].name: want names that differ in more than case, got "chat" and "Chat", which the bill tells apart; keep one of them`},
		{"anomalies without projects", "      projects:\n        - name: chat\n          models: [amazon.nova-pro-v1:0]\n          monthlyBudget: 50\n", "", `49: environments.dev.costs.anomalies: want projects to watch, got none; add one to costs.projects, or remove anomalies`},
		{"no services", "[Amazon Bedrock, Claude Sonnet 4 (Amazon Bedrock Edition)]", "[]", `54: environments.dev.costs.services: want at least one service, got none; leave it out for Amazon Bedrock`},
		{"service twice", "Claude Sonnet 4 (Amazon Bedrock Edition)", "Amazon Bedrock", `54: environments.dev.costs.services[1]: Amazon Bedrock is listed twice; remove one`},
		{"service without a name", "Claude Sonnet 4 (Amazon Bedrock Edition)", `""`, `54: environments.dev.costs.services[1]: want the name of a service as the bill spells it, got ""; Amazon Bedrock is one`},
		{"too many past months", "backfillMonths: 3", "backfillMonths: 13", `55: environments.dev.costs.backfillMonths: want 0 to 12 months, got 13; 0, the default, leaves the past as it is`},
		{"past months of tags that stay inactive", "activateTags: true", "activateTags: false", `55: environments.dev.costs.backfillMonths: want activateTags as well, got it off; set costs.activateTags: true or remove backfillMonths`},
		{"project twice", "          monthlyBudget: 50", "        - name: chat\n          models: [a.b]", `52: environments.dev.costs.projects[1].name: chat is listed twice; remove one, or join their models`},
		{"project in another case than the tag", "name: chat", "name: Paper-Trail", `50: environments.dev.costs.projects[0].name: want a name that differs from tags.project in more than case, got "paper-trail" and "Paper-Trail", which the bill tells apart; spell both alike or rename one`},

		// Tags
		{"required tag missing", "      owner: team\n", "", `34: environments.dev.tags: want the tag "owner", got none; add it, since costs are split by it`},
		{"required tag empty", "owner: team", `owner: ""`, `36: environments.dev.tags.owner: want a tag value of 1 to 256 characters, got 0; change its length`},
		{"reserved key", `"data class"`, `"AWS:class"`, `38: environments.dev.tags["AWS:class"]: want a tag key without the prefix aws:, which AWS keeps for itself, got "AWS:class"; rename it`},
		{"reserved value", "top", "aws:top", `38: environments.dev.tags["data class"]: want a tag value without the prefix aws:, which AWS keeps for itself, got "aws:top"; rename it`},
		{"key characters", `"data class"`, `class&order`, `38: environments.dev.tags["class&order"]: want a tag key of letters, digits, spaces and _ . : / = + - @ only, got "class&order"; remove the other characters`},
		{"value characters", "top", `"top!"`, `38: environments.dev.tags["data class"]: want a tag value of letters, digits, spaces and _ . : / = + - @ only, got "top!"; remove the other characters`},
		{"empty key", `"data class"`, `""`, `34: environments.dev.tags: want a tag key of 1 to 128 characters, got 0; change its length`},
		{"long key", `"data class"`, strings.Repeat("ä", 129), `want a tag key of 1 to 128 characters, got 129; change its length`},
		{"long value", "top", strings.Repeat("ä", 257), `38: environments.dev.tags["data class"]: want a tag value of 1 to 256 characters, got 257; change its length`},
		{"same key in another case", `"data class"`, `Owner`, `36: environments.dev.tags.owner: want keys that differ in more than case, got "Owner" and "owner", which IAM takes for one; keep one of them`},
		{"too many tags", tags, tags + manyTags(46), `34: environments.dev.tags: want at most 50 tags, got 51; remove some`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := parseErrors(t, edit(t, c.old, c.new))
			require.Len(t, got, 1, "one mistake, one message")
			assert.Contains(t, got[0], c.want)
		})
	}
}

func TestRefusalsAcrossSections(t *testing.T) {
	t.Parallel()
	const head = "environments:\n  dev:\n    tags: {project: p, owner: o, cost-center: c}\n"
	for name, c := range map[string]struct{ text, want string }{
		"warnings for nobody else": {"    removal: destroy\n    objectLock: {mode: GOVERNANCE}\n    alerts: {warningEmails: [a@example.com]}\n",
			`6: environments.dev.alerts.warningEmails: want emails as well, got none, so nobody would hear of what is critical; add them`},
		"callers without a trail": {"    alerts: {emails: [a@example.com]}\n    trail: {mode: none}\n    alarms: {allowedCallers: [arn:aws:iam::111111111111:role/app]}\n",
			`6: environments.dev.alarms.allowedCallers: want a trail, which knows the callers, got mode none; set trail.mode: create or remove allowedCallers`},
	} {
		assert.Equal(t, []string{c.want}, parseErrors(t, head+c.text), name)
	}
}

func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "      extra-%d: x\n", i)
	}
	return b.String()
}

func TestLimitsAreAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new string }{
		{"one day of lock", "days: 2557\n    expireAfterDays: 3000", "days: 1\n    expireAfterDays: 2"},
		{"a century of lock", "days: 2557\n    expireAfterDays: 3000", "days: 36500\n    expireAfterDays: 36501"},
		{"longest lifecycle", "expireAfterDays: 3000", "expireAfterDays: 2147483647"},
		{"address with all that is allowed", "team@example.com", "first.last+tag@mail-1.xn--exmple-cua.co.uk"},
		{"one day of logs", "logRetentionDays: 2557", "logRetentionDays: 1"},
		{"longest period", "periodMinutes: 5", "periodMinutes: 60"},
		{"longest key", `"data class"`, strings.Repeat("ä", 128)},
		{"longest value", "top", strings.Repeat("ä", 256)},
		{"fifty tags", "    tags:\n", "    tags:\n" + manyTags(45)},
		{"own environment tag", `"data class": top`, "environment: production"},
		{"longest name", "dev:", "d2345678901234567-90:"},
		{"European Sovereign Cloud", "us-gov-west-1", "eusc-de-east-1"},
		{"role in China", "arn:aws:iam::111111111111:role/break-glass", "arn:aws-cn:iam::111111111111:role/ops/break-glass"},
	} {
		_, err := Parse("environments.yaml", []byte(edit(t, c.old, c.new)))
		assert.NoError(t, err, c.name)
	}
}

func TestTwoEnvironmentsInOnePlace(t *testing.T) {
	t.Parallel()
	const reason = ", and Bedrock keeps one logging configuration per account and Region; give one of the two another account or Region"
	for _, c := range []struct{ name, a, b, want string }{
		{"same account and Region", "1/eu-west-1", "1/eu-west-1", "shares account 111111111111 and Region eu-west-1 with \"a\"" + reason},
		{"another's additional Region", "1/eu-west-1,us-east-1", "1/us-east-1", "shares account 111111111111 and Region us-east-1 with \"a\"" + reason},
		{"both open", "/", "/", "shares an open account and an open Region with \"a\"" + reason},
		{"both accounts open, same Region", "/eu-west-1", "/eu-west-1", "shares an open account and Region eu-west-1 with \"a\"" + reason},
		{"same account, both Regions open", "1/", "1/", "shares account 111111111111 and an open Region with \"a\"" + reason},
		{"two accounts", "1/eu-west-1", "2/eu-west-1", ""},
		{"two Regions, each with a trail", "1/eu-west-1", "1/us-east-1", "trail.mode: want none, since the trail of \"a\" already covers all Regions of account 111111111111, got create, and AWS bills every event twice; set mode: none here or there"},
		{"two Regions, one with a trail", "1/eu-west-1", "1/us-east-1,!", ""},
		{"open beside fixed", "/eu-west-1", "1/eu-west-1", ""},
		{"wholly open beside fixed", "/", "1/eu-west-1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := "environments:\n  a:\n" + place(c.a) + "  b:\n" + place(c.b)
			if c.want == "" {
				_, err := Parse("environments.yaml", []byte(text))
				assert.NoError(t, err)
				return
			}
			found := parseErrors(t, text)
			require.Len(t, found, 1)
			assert.True(t, strings.HasSuffix(found[0], c.want), found[0])
			assert.Contains(t, found[0], "environments.b")
		})
	}
}

// place writes the body of an environment from "account digit/home,additional";
// "!" instead of an additional Region leaves the trail out.
func place(where string) string {
	account, regions, _ := strings.Cut(where, "/")
	home, additional, _ := strings.Cut(regions, ",")
	trail := "create"
	if additional == "!" {
		additional, trail = "", "none"
	}
	return fmt.Sprintf(`    account: "%s"
    region: "%s"
    additionalRegions: [%s]
    removal: destroy
    objectLock: {mode: GOVERNANCE, days: 1}
    trail: {mode: %s}
    tags: {project: p, owner: o, cost-center: c}
`, strings.Repeat(account, 12), home, additional, trail)
}

// An account that could not be read is not an open one.
func TestUnreadableValuesCauseNoFurtherComplaint(t *testing.T) {
	t.Parallel()
	text := "environments:\n  a:\n" + place("/") + "  b:\n" + strings.Replace(place("/"), `""`, "111111111111", 1)
	assert.Len(t, parseErrors(t, text), 1)
	assert.Len(t, parseErrors(t, edit(t, "\n        - team@example.com", " team@example.com")), 1)
	assert.Len(t, parseErrors(t, "environments: {a: , b: }"), 2)
	assert.Len(t, parseErrors(t, edit(t, "account:", "acount:")), 1)
	assert.Len(t, parseErrors(t, edit(t, "removal: retain", "removal: reatin")), 1)
	assert.Len(t, parseErrors(t, edit(t, "removal: retain", "removal: destroy\n    objetLock: {}")), 2, "objectLock is there as well, and still checked")
}

func TestWholeFileProblems(t *testing.T) {
	t.Parallel()
	empty := "environments.yaml: is empty; start from this:\n\n" + starter
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", empty},
		{"only a comment", "# nothing\n", empty},
		{"only a document mark", "---\n", empty},
		{"no environments key", "{}", "environments.yaml:1: environments: holds no environment; add one, such as:\n\n" + starter},
		{"no environment", "\nenvironments: {}", "environments.yaml:2: environments: holds no environment; add one, such as:\n\n" + starter},
		{"not a mapping", "- a\n- b\n", `environments.yaml:1: want keys with values, got a list; write each as an indented "key: value" line`},
		{"two documents", starter + "---\n" + starter, "environments.yaml:6: another YAML document begins here; keep everything in one"},
		{"indentation", "environments:\n  dev:\n    region: x\n   removal: retain\n", "environments.yaml:1: not valid YAML: did not find expected key; check the indentation, colons and quotes from here on"},
		{"two colons", "environments:\n  dev: removal: retain\n", "environments.yaml:2: not valid YAML: mapping values are not allowed in this context; check the indentation, colons and quotes from here on"},
		{"tab", "environments:\n\tdev:\n", "environments.yaml:2: not valid YAML: found character that cannot start any token; check the indentation, colons and quotes from here on"},
		{"broken second document", starter + "---\n- [", "environments.yaml:7: not valid YAML: "},
		{"nothing before the second document", "---\n---\n" + starter, "environments.yaml:2: another YAML document begins here; keep everything in one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("environments.yaml", []byte(c.text))
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
		})
	}
}

func TestLoadMissingFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "environments.yaml")
	_, err := Load(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Contains(t, err.Error(), path+": file does not exist; run from the folder that holds it, or create it from this:\n\n"+starter)
}

func TestLoadUnreadableFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, err := Load(folder)
	assert.ErrorContains(t, err, folder+": cannot be read; check that it is a file you may read: ")
}

func TestLoadNamesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(path, []byte("environment: {}\n"), 0o600))
	_, err := Load(path)
	assert.ErrorContains(t, err, path+`:1: environment: unknown key; did you mean "environments"?`)
}

func TestSelect(t *testing.T) {
	t.Parallel()
	file, err := Load(sampleFile)
	require.NoError(t, err)
	assert.Equal(t, []string{"dev", "prod", "staging"}, file.Names())

	prod, err := file.Select("prod")
	require.NoError(t, err)
	assert.Equal(t, "prod", prod.Name)

	_, err = file.Select("prd")
	assert.EqualError(t, err, `no environment is called "prd"; choose from dev, prod, staging; did you mean "prod"?`)
	_, err = file.Select("qa-team-7")
	assert.EqualError(t, err, `no environment is called "qa-team-7"; choose from dev, prod, staging`)
}

func TestSampleShowsEveryKey(t *testing.T) {
	t.Parallel()
	file, err := Load(sampleFile)
	require.NoError(t, err)
	dev, prod := file.Environments["dev"], file.Environments["prod"]
	assert.Equal(t, Destroy, dev.Removal)
	assert.Equal(t, ObjectLock{Mode: Governance, Days: 1}, dev.ObjectLock)
	assert.Equal(t, []string{""}, dev.Regions(), "dev deploys anywhere")
	assert.Equal(t, ObjectLock{Mode: Compliance, Days: 2557}, prod.ObjectLock)
	assert.Equal(t, []string{"eu-west-1", "us-east-1"}, prod.Regions())

	sample, err := os.ReadFile(sampleFile)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(sample), "# yaml-language-server: $schema=environments.schema.json\n"))
	for field := range reflect.TypeFor[Environment]().Fields() {
		if key := field.Tag.Get("yaml"); key != "-" {
			assert.Contains(t, string(sample), "\n    "+key+":", "dev writes every key out")
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		complete, starter, "", "{}", "environments: {a: , b: }", "a: &a [*a]", "<<: *x", "? [a]\n: b", "environments: {x: {tags: {<<: {a: b}}}}", "a: &a {<<: [*a, *a], *a : *a}", "environments: {x: &x {<<: *x, tags: *x}}\n---\nenvironments: {x: }\n---\n[]", "environments: {x: {account: 1, account: \"\", account: []}}\nenvironments: ~",
		"environments: {\"a.b[\": {tags: {\"c.d]\": e}}}", "environments: {a: {alerts: {emails: [[], {}, 1, ~]}}}", "\xff\xfe", "%YAML 9.9\n---\n", "- - - [", "!!binary x: !!set {}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("environments.yaml", data)
		if err != nil {
			assert.Contains(t, err.Error(), "environments.yaml")
			assert.Nil(t, file)
			return
		}
		assert.NotEmpty(t, file.Names())
		for _, name := range file.Names() {
			assert.Equal(t, name, file.Environments[name].Name)
		}
	})
}

func TestUnknownRegionsAreToldApart(t *testing.T) {
	t.Parallel()
	env := &Environment{Region: "eu-wst-1", AdditionalRegions: []string{"us-east-1", "xx-new-1"}}
	assert.Equal(t, []string{
		`"eu-wst-1" is no Region of AWS that this release knows; did you mean "eu-west-1"?`,
		`"xx-new-1" is no Region of AWS that this release knows`,
	}, env.UnknownRegions())
	assert.Empty(t, (&Environment{AdditionalRegions: []string{"eu-central-1"}}).UnknownRegions())
}
