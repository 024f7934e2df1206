package record

import "strings"

// Model is what a model id says, taken apart.
type Model struct {
	// ID is the foundation model's id without Region scope and context length
	// ("anthropic.claude-sonnet-4-5-20250929-v1:0"). Default: empty, the id names a profile only.
	ID string
	// Vendor is the id's first part, such as "anthropic". Default: empty.
	Vendor string
	// Name is the model without its version, such as "claude-sonnet-4-5". Default: empty.
	Name string
	// Version is the rest, such as "20250929-v1:0". Default: empty.
	Version string
	// ContextLength is the id's context-length suffix, such as "200k". Default: empty.
	ContextLength string
	// Scope is where a cross-Region call may be served: "us", "eu", "apac", "global" and so on. Default: empty, in-Region.
	Scope string
	// Profile is the ARN or id that the caller passed where the foundation model is not in it: an
	// application inference profile, provisioned throughput, a custom or imported model, a prompt
	// router, an endpoint. Default: empty.
	Profile string
}

// NormaliseModel takes apart what a caller passed as model id. It knows foundation models,
// with or without a context length (anthropic.claude-3-haiku-20240307-v1:0:200k), Region-scoped
// system profiles (us.anthropic.…, global.amazon.…) and the ARNs of both. Whatever else is passed
// names something whose foundation model is not in the name, and becomes the Profile: ARNs of
// application inference profiles, provisioned throughput, custom and imported models and their
// deployments, prompts, prompt routers and endpoints, and bare ids without a vendor.
//
// The rules, which SQL repeats (internal/ledgersql), in their order:
//
//  1. Of an ARN that matches ^arn:[^:]*:bedrock:[^:]*:[^:]*:(foundation-model|inference-profile)/(.+)$
//     the second group is looked at from here on; of anything else all of it.
//  2. It must match ^((global|apac|[a-z]{2}(-[a-z]+)?)\.)?([a-z0-9]{3,})\.([^/\s]+)$, where the
//     groups 2, 4 and 5 are Scope, Vendor and the rest, and the Vendor neither global nor apac; else
//     what was passed is the Profile, and nothing more is known.
//  3. If the rest matches ^([^:]+:[^:]+):([^:]+)$, the second group is the ContextLength and the
//     first one the rest.
//  4. ID is Vendor, a dot and the rest.
//  5. If the rest matches
//     ^(.+?)-(([0-9]{8}-)?v[0-9]+([.-][0-9]+)?(:[0-9]+)?|[0-9]{8}|[0-9]+:[0-9]+)$
//     the first group is the Name and the second one the Version; else the rest is the Name.
func NormaliseModel(id string) Model {
	at := id
	if strings.HasPrefix(id, "arn:") {
		at = resourceInARN(id)
	}
	var m Model
	if scope, rest, found := strings.Cut(at, "."); found && isScope(scope) {
		if vendor, name, found := strings.Cut(rest, "."); found && isVendor(vendor) && isName(name) {
			m.Scope, at = scope, rest
		}
	}
	vendor, rest, found := strings.Cut(at, ".")
	if !found || !isVendor(vendor) || !isName(rest) {
		return Model{Profile: id}
	}
	m.Vendor = vendor
	if parts := strings.SplitN(rest, ":", 4); len(parts) == 3 && parts[0] != "" && parts[1] != "" && parts[2] != "" {
		m.ContextLength = parts[2]
		rest = rest[:len(rest)-len(parts[2])-1]
	}
	m.ID = at[:len(vendor)+1+len(rest)]
	m.Name = rest
	for i := 1; i < len(rest); i++ {
		if rest[i] == '-' && isVersion(rest[i+1:]) {
			m.Name, m.Version = rest[:i], rest[i+1:]
			break
		}
	}
	return m
}

// resourceInARN gives the model or system profile that a Bedrock ARN names; nothing for other ARNs.
func resourceInARN(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "bedrock" {
		return ""
	}
	for _, kind := range []string{"foundation-model/", "inference-profile/"} {
		if id, found := strings.CutPrefix(parts[5], kind); found {
			return id
		}
	}
	return ""
}

func isScope(s string) bool {
	switch {
	case s == "global", s == "apac":
		return true
	case len(s) < 2 || !isLower(s[0]) || !isLower(s[1]):
		return false
	case len(s) == 2:
		return true
	case s[2] != '-' || len(s) == 3:
		return false
	}
	for i := 3; i < len(s); i++ {
		if !isLower(s[i]) {
			return false
		}
	}
	return true
}

func isVendor(s string) bool {
	for i := range len(s) {
		if !isLower(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return len(s) > 2 && s != "global" && s != "apac"
}

func isName(s string) bool { return s != "" && !strings.ContainsAny(s, "/ \t\n\f\r") }

// isVersion tells whether s is a version, as the fifth rule has it.
func isVersion(s string) bool {
	day := digitsAt(s, 0)
	if day == 8 && day == len(s) {
		return true
	}
	i := 0
	if day > 0 {
		if day < len(s) && s[day] == ':' {
			n := digitsAt(s, day+1)
			return n > 0 && day+1+n == len(s)
		}
		if day != 8 || s[day] != '-' {
			return false
		}
		i = day + 1
	}
	if i == len(s) || s[i] != 'v' {
		return false
	}
	i++
	n := digitsAt(s, i)
	if n == 0 {
		return false
	}
	i += n
	if i < len(s) && (s[i] == '.' || s[i] == '-') {
		if n = digitsAt(s, i+1); n == 0 {
			return false
		}
		i += 1 + n
	}
	if i < len(s) && s[i] == ':' {
		if n = digitsAt(s, i+1); n == 0 {
			return false
		}
		i += 1 + n
	}
	return i == len(s)
}

func digitsAt(s string, i int) int {
	n := i
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n - i
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
