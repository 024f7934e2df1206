package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// tamperNames are what a TamperAlarm watches, and who deploys it.
type tamperNames struct {
	roles, rulePrefixes, deployRoles []string
}

// tamperCaller is who made the calls of a filter. A filter pattern that says !=
// wants the field to exist.
type tamperCaller struct {
	id, metric, condition string
}

const (
	invokedBySelector = "$.userIdentity.invokedBy"
	issuerSelector    = "$.userIdentity.sessionContext.sessionIssuer.arn"
)

// callers are deployments and all others; only one kind, where nobody is known
// to deploy.
func (n tamperNames) callers(deployRoles []string) []tamperCaller {
	if len(deployRoles) == 0 {
		return []tamperCaller{{metric: TamperMetricName}}
	}
	var one, none []string
	for _, role := range deployRoles {
		one = append(one, "("+issuerSelector+` = "`+role+`")`)
		none = append(none, "("+issuerSelector+` != "`+role+`")`)
	}
	return []tamperCaller{
		{metric: TamperMetricName, condition: " && ((" + invokedBySelector + " NOT EXISTS) || (" + invokedBySelector + ` != "` + cloudFormation + `")` +
			" || (" + issuerSelector + " NOT EXISTS) || (" + strings.Join(none, " && ") + "))"},
		{id: "ByDeployment", metric: TamperDeploymentMetricName, condition: " && (" + invokedBySelector + ` = "` + cloudFormation + `")` +
			" && (" + strings.Join(one, " || ") + ")"},
	}
}

// tamperFilter matches calls of one service that change something named in one
// of the conditions.
type tamperFilter struct {
	id, service, prop string
	conditions        []string
}

func (f tamperFilter) pattern(caller tamperCaller, conditions []string) string {
	return `{ ($.eventSource = "` + f.service + `.amazonaws.com") && ($.readOnly IS FALSE)` + caller.condition +
		` && (` + strings.Join(conditions, " || ") + `) }`
}

// room tells whether a pattern with these conditions is short enough.
func (f tamperFilter) room(caller tamperCaller, conditions []string) bool {
	return resolvedLength(f.pattern(caller, conditions)) <= maxFilterPattern
}

// fits tells whether each condition has room in a filter pattern.
func (f tamperFilter) fits(caller tamperCaller) bool {
	for _, condition := range f.conditions {
		if !f.room(caller, []string{condition}) {
			return false
		}
	}
	return true
}

// plans are as many filters as it takes.
func (f tamperFilter) plans(caller tamperCaller) []filterPlan {
	var plans []filterPlan
	var some []string
	plan := func() {
		id := f.id + caller.id
		if len(plans) > 0 {
			id += fmt.Sprint(len(plans) + 1)
		}
		plans = append(plans, filterPlan{id: id, metric: caller.metric, pattern: f.pattern(caller, some)})
	}
	for _, condition := range f.conditions {
		if len(some) > 0 && !f.room(caller, append(some, condition)) {
			plan()
			some = nil
		}
		some = append(some, condition)
	}
	if len(some) > 0 {
		plan()
	}
	return plans
}

func (n tamperNames) filters() (plans []filterPlan, problems []error) {
	roles := tamperFilter{id: "Roles", service: "iam", prop: "RoleNames"}
	for _, name := range n.roles {
		roles.conditions = append(roles.conditions, `($.requestParameters.roleName = "`+name+`")`)
	}
	rules := tamperFilter{id: "Rules", service: "events", prop: "RuleNamePrefixes"}
	for _, prefix := range n.rulePrefixes {
		for _, parameter := range []string{"name", "rule"} {
			rules.conditions = append(rules.conditions, `($.requestParameters.`+parameter+` = "`+prefix+`*")`)
		}
	}
	callers := n.callers(n.deployRoles)
	if !roles.fits(callers[0]) || !rules.fits(callers[0]) {
		callers = n.callers(alike(n.deployRoles))
	}
	for _, filter := range []tamperFilter{roles, rules} {
		if !filter.fits(callers[0]) {
			problems = append(problems, misuse.Errorf(pkg, "a filter pattern has at most %d characters, got more for one of TamperAlarmProps.%s and DeployRoleArns; give fewer DeployRoleArns, or divide them between two TamperAlarms", maxFilterPattern, filter.prop))
			continue
		}
		for _, caller := range callers {
			plans = append(plans, filter.plans(caller)...)
		}
	}
	return plans, problems
}

// alike writes the roles of one bootstrap in several Regions as one: their names
// end in the account and the Region (AWS CDK developer guide, "Customize AWS CDK
// bootstrapping"). Others stay as they are.
func alike(arns []string) []string {
	beginnings := map[string]bool{}
	for _, arn := range arns {
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) < 6 {
			return arns
		}
		end := "-" + parts[4] + "-"
		name, _, found := strings.Cut(arn, end)
		if !found {
			return arns
		}
		beginnings[name+end+"*"] = true
	}
	return slices.Sorted(maps.Keys(beginnings))
}
