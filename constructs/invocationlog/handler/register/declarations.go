package register

import (
	"encoding/json"
	"slices"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

// Declaration says what the newest owner in a register declares. The lock keeps
// the declarations of the account and Region, so that the delete of one stack can
// tell that another one wants the same configuration: a function may not read the
// registers of other stacks.
type Declaration struct {
	// Register is the SSM parameter of the register. Each stack has one.
	Register string `json:"register"`
	// Config is the configuration's [logging.Config.Fingerprint].
	Config string `json:"config"`
	// FoundOff means that a stack that is gone declared the same, and had found
	// logging off: who finds its configuration live found another stack's.
	FoundOff bool `json:"foundOff,omitempty"`
}

// Declaring is the declaration of config in a register.
func Declaring(register string, config *logging.Config) Declaration {
	return Declaration{Register: register, Config: config.Fingerprint()}
}

// Declare notes what the newest owner in a register declares now; nil is
// nothing. Like all changes of the declarations it is written when the lock is
// freed.
func (l *Lock) Declare(register string, config *logging.Config) {
	now, unchanged := Declaring(register, config), func(d Declaration) bool {
		return d.Register == register && d.Config == config.Fingerprint()
	}
	if i := slices.IndexFunc(l.declared, unchanged); i >= 0 {
		now = l.declared[i]
	}
	l.declared = slices.DeleteFunc(slices.Clone(l.declared), func(d Declaration) bool { return d.Register == register })
	if now.Config != "" {
		l.declared = append(l.declared, now)
	}
}

// AlsoDeclared lists the other registers whose newest owner declares config.
func (l *Lock) AlsoDeclared(register string, config *logging.Config) (others []string) {
	for _, d := range l.declared {
		if d.Register != register && d.Config == config.Fingerprint() && !slices.Contains(others, d.Register) {
			others = append(others, d.Register)
		}
	}
	return others
}

// HandDown tells all that declare config that logging was off before.
func (l *Lock) HandDown(config *logging.Config) {
	l.declared = slices.Clone(l.declared)
	for i := range l.declared {
		if l.declared[i].Config == config.Fingerprint() {
			l.declared[i].FoundOff = true
		}
	}
}

// FoundOff tells whether that was handed down to a register.
func (l *Lock) FoundOff(register string, config *logging.Config) bool {
	return slices.Contains(l.declared, Declaration{register, config.Fingerprint(), true})
}

// text is the value of the parameter. Where it would not fit, the oldest
// declarations go: whatever they protected is deleted as if nobody else were
// there.
func (l lease) text() (string, error) {
	text, err := json.Marshal(l)
	for ; err == nil && len(text) > maxCharacters && len(l.Declared) > 0; text, err = json.Marshal(l) {
		l.Declared = l.Declared[1:]
	}
	return string(text), err
}
