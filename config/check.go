package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

// Limits of AWS that the checks and the JSON Schema share.
const (
	// S3 locks an object by default for at most 100 years.
	maxLockDays = 36500
	// S3 takes the days of a lifecycle rule as a 32-bit integer (the model of its
	// API, type Days). The CDK passes on what it is given.
	maxExpireDays = math.MaxInt32
	// An alarm on a Metrics Insights query sees the latest three hours, and the
	// alarm looks at three periods.
	maxPeriodMinutes = 60
	// An alarm looks back at most a day, and one looks at three intervals.
	maxIntervalMinutes = 480
	// Billing counts no earlier month again (AWS Cost Explorer API reference,
	// StartCostAllocationTagBackfill).
	maxBackfillMonths = 12
	// The guard remembers its heals in an SSM parameter of at most 4 KB.
	maxHealsPerHour = 60
)

var (
	namePattern        = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)
	accountPattern     = regexp.MustCompile(`^([0-9]{12})?$`)
	regionPattern      = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)
	identifierPattern  = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	metadataKeyPattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	eventTypePattern   = regexp.MustCompile(`^AWS::Bedrock[A-Za-z0-9]*::[A-Za-z0-9]+$`)
	// A domain of two labels or more, of which the last begins with a letter:
	// neither a host's name nor an IP address.
	emailPattern   = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)
	roleArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$`)
)

// logRetentions are the periods that CloudWatch Logs accepts, in days (API
// reference, PutRetentionPolicy).
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
	1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// check reports every rule the decoded file breaks.
func (f *File) check(p *problems) {
	if len(f.Environments) == 0 {
		p.broken("environments", "holds no environment; add one, such as:\n\n%s", starter)
	}
	for _, name := range f.Names() {
		path := join("environments", name)
		if !namePattern.MatchString(name) && !p.unnamed[path] {
			p.broken(path, "want a name of up to 20 lower-case letters, digits and hyphens that begins with a letter, got %q; rename it", name)
		}
		f.Environments[name].check(section{p, path})
	}
	f.checkPlaces(p)
	f.checkTrails(p)
}

// checkPlaces refuses two environments in one place. Bedrock has one logging
// configuration per account and Region, so the second would undo the first.
func (f *File) checkPlaces(p *problems) {
	taken := map[[2]string]string{}
	for _, name := range f.Names() {
		e, path := f.Environments[name], join("environments", name)
		if !(section{p, path}).readable("account", "region") {
			continue
		}
		for _, region := range e.Regions() {
			place := [2]string{e.Account, region}
			first, ok := taken[place]
			if ok && first != name { // a Region named twice has its own message
				p.broken(path, "shares %s and %s with %q, and Bedrock keeps one logging configuration per account and Region; give one of the two another account or Region",
					orOpen("account", e.Account), orOpen("Region", region), first)
			}
			taken[place] = name
		}
	}
}

// checkTrails refuses a second trail in one account: a trail records the events
// of all Regions, and AWS bills every further copy of them.
func (f *File) checkTrails(p *problems) {
	owner := map[string]string{}
	for _, name := range f.Names() {
		e, in := f.Environments[name], section{p, join("environments", name)}
		if e.Account == "" || e.Trail.Mode != CreateTrail || !in.readable("account", "trail.mode") {
			continue
		}
		if first, ok := owner[e.Account]; ok && !slices.Contains(f.Environments[first].Regions(), e.Region) {
			in.broken("trail.mode", "want none, since the trail of %q already covers all Regions of account %s, got create, and AWS bills every event twice; set mode: none here or there", first, e.Account)
		}
		owner[e.Account] = name
	}
}

// orOpen words an account or Region, which may be left open.
func orOpen(what, value string) string {
	if value == "" {
		return "an open " + what
	}
	return what + " " + value
}

// check reports every rule the environment breaks, its defaults included.
func (e *Environment) check(in section) {
	e.checkPlace(in)
	e.checkRetention(in)
	e.checkAlerts(in)
	for _, problem := range tagrules.Problems(e.Tags) {
		path := "tags"
		if problem.Key != "" {
			path = join("tags", problem.Key)
		}
		in.broken(path, "%s", problem.Text)
	}
	for i, id := range e.MaskedDataIdentifiers {
		path := fmt.Sprintf("maskedDataIdentifiers[%d]", i)
		if !identifierPattern.MatchString(id) {
			in.broken(path, "want the name of a managed data identifier, letters, digits and hyphens only, got %q; EmailAddress is one", id)
		}
		if slices.Contains(e.MaskedDataIdentifiers[:i], id) {
			in.broken(path, "%s is listed twice; remove one", id)
		}
	}
	if e.Trail.Mode == NoTrail && e.Trail.Insights && in.readable("trail.mode") {
		in.broken("trail.insights", "want a trail to watch, got mode none; set mode: create or remove insights")
	}
	for i, eventType := range e.Trail.ExcludedDataEventTypes {
		if !eventTypePattern.MatchString(eventType) {
			in.broken(fmt.Sprintf("trail.excludedDataEventTypes[%d]", i), "want a resource type of Bedrock such as AWS::Bedrock::Guardrail, got %q; correct it or remove it", eventType)
		}
	}
	e.checkAlarms(in)
	e.checkCosts(in)
	e.checkLedger(in)
	checkRoleArn("breakGlassRoleArn", e.BreakGlassRoleArn, in)
	e.checkRoleAccount("breakGlassRoleArn", e.BreakGlassRoleArn, in)
	checkRoleArn("invocationLogging.adoptedRoleArn", e.InvocationLogging.AdoptedRoleArn, in)
}

// maxMetadataKeys is how many keys a call may have (Amazon Bedrock API reference,
// Converse, requestMetadata).
const maxMetadataKeys = 16

func (e *Environment) checkAlarms(in section) {
	for i, kind := range e.Alarms.Without {
		if slices.Contains(e.Alarms.Without[:i], kind) {
			in.broken(fmt.Sprintf("alarms.without[%d]", i), "%s is listed twice; remove one", kind)
		}
	}
	if n := len(e.Alarms.RequiredMetadata); n == 0 {
		in.broken("alarms.requiredMetadata", "want at least one key, got none; to leave the alarm out, list Unattributed in alarms.without")
	} else if n > maxMetadataKeys {
		in.broken("alarms.requiredMetadata", "want at most %d keys, which is what a call can have, got %d; remove some", maxMetadataKeys, n)
	}
	for i, key := range e.Alarms.RequiredMetadata {
		path := fmt.Sprintf("alarms.requiredMetadata[%d]", i)
		if !metadataKeyPattern.MatchString(key) {
			in.broken(path, "want a key of letters, digits, hyphens and underscores, got %q; user_id is one", key)
		}
		if slices.Contains(e.Alarms.RequiredMetadata[:i], key) {
			in.broken(path, "%s is listed twice; remove one", key)
		}
	}
	if len(e.Alarms.AllowedCallers) > 0 && e.Trail.Mode == NoTrail && in.readable("trail.mode") {
		in.broken("alarms.allowedCallers", "want a trail, which knows the callers, got mode none; set trail.mode: create or remove allowedCallers")
	}
	for i, arn := range e.Alarms.AllowedCallers {
		path := fmt.Sprintf("alarms.allowedCallers[%d]", i)
		if arn == "" {
			in.broken(path, "is empty; give the ARN of a role or remove it")
		}
		checkRoleArn(path, arn, in)
	}
	for i, model := range e.WatchedModels {
		path := fmt.Sprintf("watchedModels[%d]", i)
		if model.ID == "" {
			in.broken(path+".id", "is missing; give the id that callers pass, such as eu.amazon.nova-pro-v1:0")
		}
		if model.TokensPerMinuteQuota < 0 {
			in.broken(path+".tokensPerMinuteQuota", "want 0 or more tokens, got %d; 0, the default, watches no quota", model.TokensPerMinuteQuota)
		}
		for _, other := range e.WatchedModels[:i] {
			if other.ID == model.ID && model.ID != "" {
				in.broken(path+".id", "%s is listed twice; remove one", model.ID)
			}
		}
	}
}

func (e *Environment) checkCosts(in section) {
	if e.Costs.MonthlyBudget < 0 {
		in.broken("costs.monthlyBudget", "want 1 or more US dollars, got %d; 0, the default, makes no budget", e.Costs.MonthlyBudget)
	}
	if m := e.Costs.BackfillMonths; m < 0 || m > maxBackfillMonths {
		in.broken("costs.backfillMonths", "want 0 to %d months, got %d; 0, the default, leaves the past as it is", maxBackfillMonths, m)
	} else if m > 0 && !e.Costs.ActivateTags && in.readable("costs.activateTags") {
		in.broken("costs.backfillMonths", "want activateTags as well, got it off; set costs.activateTags: true or remove backfillMonths")
	}
	if len(e.Costs.Services) == 0 {
		in.broken("costs.services", "want at least one service, got none; leave it out for Amazon Bedrock")
	}
	for i, service := range e.Costs.Services {
		path := fmt.Sprintf("costs.services[%d]", i)
		if strings.TrimSpace(service) != service || service == "" {
			in.broken(path, "want the name of a service as the bill spells it, got %q; Amazon Bedrock is one", service)
		}
		if slices.Contains(e.Costs.Services[:i], service) {
			in.broken(path, "%s is listed twice; remove one", service)
		}
	}
	if e.Costs.Anomalies && len(e.Costs.Projects) == 0 && in.readable("costs.projects") {
		in.broken("costs.anomalies", "want projects to watch, got none; add one to costs.projects, or remove anomalies")
	}
	spelled := map[string]string{}
	for i, project := range e.Costs.Projects {
		path := fmt.Sprintf("costs.projects[%d]", i)
		if project.Name == "" {
			in.broken(path+".name", "is missing; it becomes the tag that the bill is split by")
		} else {
			for _, problem := range tagrules.Invalid(map[string]string{"project": project.Name}) {
				in.broken(path+".name", "%s", problem.Text)
			}
		}
		other, again := spelled[strings.ToLower(project.Name)]
		switch audit := e.Tags["project"]; {
		case project.Name == "":
		case again && other == project.Name:
			in.broken(path+".name", "%s is listed twice; remove one, or join their models", project.Name)
		case again:
			in.broken(path+".name", "want names that differ in more than case, got %q and %q, which the bill tells apart; keep one of them", other, project.Name)
		case in.readable("tags.project") && audit != project.Name && strings.EqualFold(audit, project.Name):
			in.broken(path+".name", "want a name that differs from tags.project in more than case, got %q and %q, which the bill tells apart; spell both alike or rename one", audit, project.Name)
		}
		spelled[strings.ToLower(project.Name)] = project.Name
		if len(project.Models) == 0 {
			in.broken(path+".models", "want at least one model, got none; give the id of a model or of a cross-Region inference profile")
		}
		for j, model := range project.Models {
			if model == "" {
				in.broken(fmt.Sprintf("%s.models[%d]", path, j), "is empty; give the id of a model or remove it")
			} else if slices.Contains(project.Models[:j], model) {
				in.broken(fmt.Sprintf("%s.models[%d]", path, j), "%s is listed twice; remove one", model)
			}
		}
		if project.MonthlyBudget < 0 {
			in.broken(path+".monthlyBudget", "want 1 or more US dollars, got %d; 0, the default, makes no budget", project.MonthlyBudget)
		}
	}
}

const (
	maxLookBackHours  = 24
	maxQueryGigabytes = 100_000
)

func (e *Environment) checkLedger(in section) {
	if h := e.Ledger.LookBackHours; h < 1 || h > maxLookBackHours {
		in.broken("ledger.lookBackHours", "want 1 to %d hours, got %d; 3 is the default", maxLookBackHours, h)
	}
	if g := e.Ledger.QueryLimitGigabytes; g < 1 || g > maxQueryGigabytes {
		in.broken("ledger.queryLimitGigabytes", "want 1 to %d gigabytes, got %d; 100 is the default", maxQueryGigabytes, g)
	}
	for _, list := range []struct {
		path string
		arns []string
	}{{"ledger.readers", e.Ledger.Readers}, {"ledger.auditors", e.Ledger.Auditors}, {"ledger.operators", e.Ledger.Operators}} {
		if len(list.arns) > 0 && e.Ledger.Mode == NoLedger {
			in.broken("ledger.mode", "want create, for %s to have a ledger, got none; set mode: create or remove the roles", list.path)
			return
		}
		e.checkRoles(list.path, list.arns, in)
	}
	for i, arn := range e.Ledger.Readers {
		if slices.Contains(e.Ledger.Auditors, arn) && in.readable("ledger.auditors") {
			in.broken(fmt.Sprintf("ledger.readers[%d]", i), "%s is an auditor as well, whose answers with prompts other readers could then fetch; remove one, auditors can read the ledger", arn)
		}
	}
}

// checkRoles reports roles that cannot be given a policy from the account's stacks.
func (e *Environment) checkRoles(list string, arns []string, in section) {
	for i, arn := range arns {
		path := fmt.Sprintf("%s[%d]", list, i)
		if arn == "" {
			in.broken(path, "is empty; give the ARN of a role or remove it")
		}
		checkRoleArn(path, arn, in)
		if strings.Contains(arn, ":role/aws-reserved/") {
			in.broken(path, "%s is managed by IAM Identity Center, which lets nobody else attach a policy; list a role that its people may assume, or write the statements into the permission set", arn)
		}
		if slices.Contains(arns[:i], arn) {
			in.broken(path, "%s is listed twice; remove one", arn)
		}
		e.checkRoleAccount(path, arn, in)
	}
}

// checkRoleAccount reports a role of another account than the environment's.
func (e *Environment) checkRoleAccount(path, arn string, in section) {
	if e.Account == "" || !accountPattern.MatchString(e.Account) || !roleArnPattern.MatchString(arn) || !in.readable("account") {
		return
	}
	if account := strings.Split(arn, ":")[4]; account != e.Account {
		in.broken(path, "want a role of account %s, got one of %s; give a role there that people of the other account assume", e.Account, account)
	}
}

func checkRoleArn(path, arn string, in section) {
	if arn != "" && !roleArnPattern.MatchString(arn) {
		in.broken(path, "want the ARN of one IAM role, such as arn:aws:iam::111111111111:role/break-glass, got %q; wildcards are not allowed", arn)
	}
}

func (e *Environment) checkPlace(in section) {
	if !accountPattern.MatchString(e.Account) {
		in.broken("account", "want the 12 digits of an AWS account, got %q; write them in quotes, without spaces or hyphens", e.Account)
	}
	if in.readable("account", "region") && len(e.AdditionalRegions) > 0 && (e.Account == "" || e.Region == "") {
		in.broken("additionalRegions", "want account and region set as well, got an open one; set both, or the home Region could turn out to be one of these")
	}
	for i, region := range e.Regions() {
		path := "region"
		if i > 0 {
			path = fmt.Sprintf("additionalRegions[%d]", i-1)
		}
		open := i == 0 && region == ""
		if !open && !regionPattern.MatchString(region) {
			in.broken(path, "want the code of an AWS Region, such as eu-west-1 or us-gov-west-1, got %q; an Availability Zone's letter does not belong to it", region)
		}
		if slices.Contains(e.Regions()[:i], region) {
			in.broken(path, "%s is listed twice, the home Region counting as one; remove one", region)
		}
	}
}

func (e *Environment) checkRetention(in section) {
	if e.ObjectLock.Mode == Compliance && e.Removal == Destroy && in.readable("removal") {
		in.broken("objectLock.mode", "want GOVERNANCE where removal is destroy, got COMPLIANCE, which nobody can remove before its end; set mode: GOVERNANCE or removal: retain")
	}
	if d := e.ObjectLock.Days; d < 1 || d > maxLockDays {
		in.broken("objectLock.days", "want 1 to %d days, got %d; seven years are %d", maxLockDays, d, sevenYears)
	}
	if expire := e.ExpireAfterDays; in.written("expireAfterDays") && expire > maxExpireDays {
		in.broken("expireAfterDays", "want at most %d days, the largest number that S3 takes, got %d; leave it out for %d", maxExpireDays, expire, e.ObjectLock.Days+lifecycleMargin)
	} else if in.written("expireAfterDays") && expire <= e.ObjectLock.Days && in.readable("objectLock.days") {
		in.broken("expireAfterDays", "want more than the %d days of objectLock, since S3 cannot delete what is locked, got %d; raise it or leave it out for %d",
			e.ObjectLock.Days, e.ExpireAfterDays, e.ObjectLock.Days+lifecycleMargin)
	}
	if !slices.Contains(logRetentions, e.LogRetentionDays) {
		in.broken("logRetentionDays", "want a period that CloudWatch Logs accepts, got %d; take %s", e.LogRetentionDays, nearestRetentions(e.LogRetentionDays))
	}
}

// nearestRetentions names the accepted periods on both sides of days.
func nearestRetentions(days int) string {
	i, _ := slices.BinarySearch(logRetentions, days)
	switch {
	case i == 0:
		return fmt.Sprint(logRetentions[0])
	case i == len(logRetentions):
		return fmt.Sprint(logRetentions[i-1])
	default:
		return fmt.Sprintf("%d or %d", logRetentions[i-1], logRetentions[i])
	}
}

func (e *Environment) checkAlerts(in section) {
	if e.Throttling.Threshold < 1 {
		in.broken("throttling.threshold", "want at least 1 throttled call, got %d; 5 is the default", e.Throttling.Threshold)
	}
	if m := e.Throttling.PeriodMinutes; m < 1 || m > maxPeriodMinutes {
		in.broken("throttling.periodMinutes", "want 1 to %d minutes, got %d; 5 is the default", maxPeriodMinutes, m)
	}
	if m := e.Guard.IntervalMinutes; m < 1 || m > maxIntervalMinutes {
		in.broken("guard.intervalMinutes", "want 1 to %d minutes, got %d; 15 is the default", maxIntervalMinutes, m)
	}
	if n := e.Guard.HealsPerHour; n < 0 || n > maxHealsPerHour {
		in.broken("guard.healsPerHour", "want 0 to %d, got %d; 0, the default, changes nothing", maxHealsPerHour, n)
	}
	if in.readable("removal") && e.Removal == Retain && len(e.Alerts.Emails) == 0 {
		in.broken("alerts.emails", "want at least one address where removal is retain, got none; add one, or the alarms reach nobody")
	}
	checkEmails("alerts.emails", e.Alerts.Emails, in)
	checkEmails("alerts.warningEmails", e.Alerts.WarningEmails, in)
	if e.Removal == Destroy && len(e.Alerts.WarningEmails) > 0 && len(e.Alerts.Emails) == 0 && in.readable("removal", "alerts.emails") {
		in.broken("alerts.warningEmails", "want emails as well, got none, so nobody would hear of what is critical; add them")
	}
}

func checkEmails(key string, emails []string, in section) {
	seen := map[string]bool{}
	for i, email := range emails {
		path := fmt.Sprintf("%s[%d]", key, i)
		if !emailPattern.MatchString(email) {
			in.broken(path, "want a bare e-mail address such as team@example.com, got %q; write it in ASCII, without display name, quotes or brackets, at a domain with a dot whose labels are letters, digits and inner hyphens", email)
		}
		if seen[strings.ToLower(email)] {
			in.broken(path, "%s is listed twice; remove one", email)
		}
		seen[strings.ToLower(email)] = true
	}
}
