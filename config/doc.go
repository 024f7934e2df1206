// Package config reads environments.yaml, the one file an operator edits
// before deploying.
//
// Each entry under `environments` is one deployment of the paper trail into
// one AWS account. Almost everything has a default, and every default errs on
// the side of keeping evidence: seven years under a COMPLIANCE lock, all kinds
// of data logged, nothing deleted with its stack. What must be said is who
// pays (the cost tags) and who is told (the alert addresses):
//
//	environments:
//	  prod:
//	    account: "222222222222"
//	    region: eu-west-1
//	    alerts:
//	      emails: [ai-governance@example.com]
//	    tags:
//	      project: paper-trail
//	      owner: ai-governance
//	      cost-center: cc-4711
//
// [Load] is strict. A key it does not know, a value of the wrong type, a value
// AWS would refuse, two environments that would fight over one account: all
// are refused, all in one answer, each with file, line and path:
//
//	environments.yaml:12: environments.dev.objectLock.mdoe: unknown key; did you mean "mode"?
//
// It wants one YAML document of plain keys, each set once. Where a file has
// more documents, merges, aliases or a key twice, they are refused, and the rest
// is checked as if what they stand for were written out.
//
// environments.schema.json in the repository's root describes the same format
// to editors. It is generated from the types of this package and their
// comments; `go test ./config -update` rewrites it.
package config
