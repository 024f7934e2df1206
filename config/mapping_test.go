package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	onlyPlain = "only plain keys are supported here, no merge (<<), alias or list; write the values out"
	samePlace = "shares an open account and an open Region with \"a\", and Bedrock keeps one logging configuration per account and Region; give one of the two another account or Region"
	zeroDays  = "objectLock.days: want 1 to 36500 days, got 0; seven years are 2557"
)

// However a file is put together, all that stands in it is checked, and once.
func TestFormHidesNoOtherProblem(t *testing.T) {
	t.Parallel()
	const broken = "    removal: destroy\n    objectLock: {mode: GOVERNANCE, days: 0}\n    tags: {project: p, owner: o, cost-center: c}\n"
	one := func(name string) string { return "  " + name + ":\n" + broken }
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"environments twice", "environments:\n" + one("a") + "environments:\n" + one("b"), []string{
			"4: environments.a." + zeroDays,
			"6: environments: already set on line 1; remove one of the two",
			"7: environments.b: " + samePlace,
			"9: environments.b." + zeroDays,
		}},
		{"an environment three times", "environments:\n" + one("a") + one("a") + "  a: {region: Ireland, tags: {owner: o!}}\n", []string{
			"4: environments.a." + zeroDays,
			"6: environments.a: already set on line 2; remove one of the two",
			"8: environments.a." + zeroDays,
			"10: environments.a: already set on line 2; remove one of the two",
			"10: environments.a.region: want the code of an AWS Region, such as eu-west-1 or us-gov-west-1, got \"Ireland\"; an Availability Zone's letter does not belong to it",
			"10: environments.a.tags.owner: want a tag value of letters, digits, spaces and _ . : / = + - @ only, got \"o!\"; remove the other characters",
		}},
		{"the same block again", starter + starter, []string{
			"6: environments: already set on line 1; remove one of the two",
		}},
		{"an unknown key twice", "environment: {}\nenvironment: {}\n" + starter, []string{
			"1: environment: unknown key; did you mean \"environments\"?",
			"2: environment: already set on line 1; remove one of the two",
		}},
		{"a value of the wrong kind first", "environments: soon\nenvironments:\n" + one("a"), []string{
			"1: environments: want keys with values, got \"soon\"; write each as an indented \"key: value\" line",
			"2: environments: already set on line 1; remove one of the two",
			"5: environments.a." + zeroDays,
		}},
		{"no value second", "environments:\n" + one("a") + "environments:\n", []string{
			"4: environments.a." + zeroDays,
			"6: environments: already set on line 1; remove one of the two",
			"6: environments: has no value; give it one or remove the line",
		}},
		{"further documents", "environments:\n" + one("a") + "---\nenvironments:\n" + one("b") + "---\nenvironment: {}\n---\n", []string{
			"4: environments.a." + zeroDays,
			"6: another YAML document begins here; keep everything in one",
			"8: environments.b: " + samePlace,
			"10: environments.b." + zeroDays,
			"12: another YAML document begins here; keep everything in one",
			"13: environment: unknown key; did you mean \"environments\"?",
			"14: another YAML document begins here; keep everything in one",
		}},
		{"a second document that is no YAML", "environments:\n" + one("a") + "---\n- [", []string{
			"4: environments.a." + zeroDays,
			"7: not valid YAML: did not find expected node content; check the indentation, colons and quotes from here on",
		}},
		{"a merge beside environments", "environments:\n  <<: {b: {removal: reatin, account: \"111111111111\", tags: {project: p, owner: o, cost-center: c}}}\n" + one("a"), []string{
			"2: environments: " + onlyPlain,
			"2: environments.b.removal: want retain or destroy, got \"reatin\"; did you mean \"retain\"?",
			"5: environments.a." + zeroDays,
		}},
		{"a merge of what stands elsewhere", "base: &base\n" + broken + "environments:\n  a: {<<: *base, account: \"111111111111\"}\n  b: {<<: *base, region: Ireland}\n", []string{
			"1: base: unknown key; the keys here are environments",
			"3: environments.a." + zeroDays,
			"6: environments.a: " + onlyPlain,
			"7: environments.b: " + onlyPlain,
			"7: environments.b.region: want the code of an AWS Region, such as eu-west-1 or us-gov-west-1, got \"Ireland\"; an Availability Zone's letter does not belong to it",
		}},
		{"a merge of several at the top", "<<: [{environments: {a: {trail: {mode: off}, tags: {project: p, owner: o, cost-center: c}}}}, {environments: []}]\n", []string{
			"1: " + onlyPlain,
			"1: environments.a.trail.mode: want create or none, got \"off\"",
			"1: environments.a.alerts.emails: want at least one address where removal is retain, got none; add one, or the alarms reach nobody",
		}},
		{"a complex key beside environments", "environments:\n  ? [x, y]\n  : {region: Ireland, removal: destroy, objectLock: {mode: GOVERNANCE}, tags: {project: p, owner: o, cost-center: c}}\n" + one("a"), []string{
			"2: environments: " + onlyPlain,
			"3: environments[\"key on line 2\"].region: want the code of an AWS Region, such as eu-west-1 or us-gov-west-1, got \"Ireland\"; an Availability Zone's letter does not belong to it",
			"6: environments.a." + zeroDays,
		}},
		{"an alias for a name", "name: &name a\nenvironments:\n  *name :\n" + broken, []string{
			"1: name: unknown key; the keys here are environments",
			"3: environments: " + onlyPlain,
			"5: environments.a." + zeroDays,
		}},
		{"an alias for an environment", "environments:\n  a: &a\n" + broken + "  b: *a\n", []string{
			"4: environments.a." + zeroDays,
			"6: environments.b: an alias (*a) is not supported; write the value out",
			"6: environments.b: " + samePlace,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, parseErrors(t, c.text))
		})
	}
}

// Which of two values counts is for the writer to say. Each is checked, and none
// is held against the rest of the file.
func TestValuesOfOneKeyAreCheckedByThemselves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, old, new string
		want           []string
	}{
		{"days", "days: 2557", "days: 0\n      days: 40000", []string{
			"10: environments.dev." + zeroDays,
			"11: environments.dev.objectLock.days: already set on line 10; remove one of the two",
			"11: environments.dev.objectLock.days: want 1 to 36500 days, got 40000; seven years are 2557",
		}},
		{"account, which roles follow", `"111111111111"`, "\"222222222222\"\n    account: \"111\"", []string{
			"4: environments.dev.account: already set on line 3; remove one of the two",
			"4: environments.dev.account: want the 12 digits of an AWS account, got \"111\"; write them in quotes, without spaces or hyphens",
		}},
		{"removal, which the lock follows", "removal: retain", "removal: retain\n    removal: destroy", []string{
			"7: environments.dev.removal: already set on line 6; remove one of the two",
		}},
		{"trail, which Insights follow", "mode: create\n", "mode: create\n      mode: none\n", []string{
			"32: environments.dev.trail.mode: already set on line 31; remove one of the two",
		}},
		{"auditors, who are no readers", "      operators:", "      auditors: [arn:aws:iam::111111111111:role/finance]\n      operators:", []string{
			"62: environments.dev.ledger.auditors: already set on line 61; remove one of the two",
		}},
		{"the tag that projects follow", "project: paper-trail", "project: paper-trail\n      project: Chat", []string{
			"36: environments.dev.tags.project: already set on line 35; remove one of the two",
		}},
		{"a list", "insights: true", "insights: true\n      excludedDataEventTypes: [x]\n      excludedDataEventTypes: [y]", []string{
			"33: environments.dev.trail.excludedDataEventTypes[0]: want a resource type of Bedrock such as AWS::Bedrock::Guardrail, got \"x\"; correct it or remove it",
			"34: environments.dev.trail.excludedDataEventTypes: already set on line 33; remove one of the two",
			"34: environments.dev.trail.excludedDataEventTypes[0]: want a resource type of Bedrock such as AWS::Bedrock::Guardrail, got \"y\"; correct it or remove it",
		}},
		{"a merged value, which the written one hides", "days: 2557", "<<: {days: 1}\n      days: 2557", []string{
			"10: environments.dev.objectLock: " + onlyPlain,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := parseErrors(t, edit(t, c.old, c.new))
			assert.Equal(t, c.want, got, strings.Join(got, "\n"))
		})
	}
}
