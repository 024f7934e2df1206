package auditstore

import (
	"strconv"
	"strings"
	"unicode"
)

// sids are the Sids that a policy has, with what each of them is about.
type sids map[string]string

// of is the Sid of the statement that does what about name, and whether it is
// new. Names may differ only in what a Sid cannot hold, or not be known yet; a
// policy takes each Sid once, so the later ones are numbered.
func (s sids) of(what, name string) (sid string, isNew bool) {
	base, about := what+sidPart(name), what+" "+name
	sid = base
	for n := 2; ; n++ {
		known, taken := s[sid]
		if !taken {
			s[sid] = about
			return sid, true
		}
		if known == about {
			return sid, false
		}
		sid = base + strconv.Itoa(n)
	}
}

// sidPart turns a name into what a Sid allows, [A-Za-z0-9]. A name that only
// the deployment knows has none: its placeholder differs from run to run.
func sidPart(name string) string {
	if strings.Contains(name, "${Token[") {
		return ""
	}
	var b strings.Builder
	upper := true
	for _, r := range name {
		switch {
		case r == '*':
			b.WriteString("Any")
			upper = true
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
