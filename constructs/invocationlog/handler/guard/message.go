package guard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

// outcome is what the guard did about a drift.
type outcome int

const (
	// watched means that it does not heal, or that there was nothing to heal.
	watched outcome = iota
	healed
	healFailed
	// gaveUp means that it was changed too often within an hour.
	gaveUp
)

// incident is what a message tells: a call, what the guard did, or both.
type incident struct {
	// call is nil where the change was found without the event of a call.
	call *call
	// old is what was live before the call; nil where the guard did not see it.
	old *sighting
	// difference is that between live and declared; empty where there is none.
	difference string
	// live is what is live after all, where shown says that it was read.
	live  *logging.Config
	shown bool
	// problem says why live could not be compared with declared.
	problem error

	outcome   outcome
	healError error
	limit     int // of heals within an hour
}

// needsMessage is false for the runs that nobody has to know about.
func (i incident) needsMessage() bool { return i.call != nil || i.outcome != watched }

func (i *incident) show(live *logging.Config) { i.live, i.shown = live, true }

// place is the account and Region of the guard.
type place struct{ account, region string }

// placeOf reads the place from an ARN.
func placeOf(arn string) place {
	parts := append(strings.SplitN(arn, ":", 6), "", "", "", "", "", "")
	return place{account: parts[4], region: parts[3]}
}

// maxSubject is the limit of SNS, in characters of ASCII (Amazon SNS API
// reference, Publish).
const maxSubject = 100

// subject is one line of ASCII. The name of the caller gives way to the rest.
func (i incident) subject(p place) string {
	what, where := "Bedrock logging: ", fmt.Sprintf(" (%s, account %s)", p.region, p.account)
	by := ""
	if i.call != nil {
		by = " by "
		room := maxSubject - len(what) - len(i.headline(by)) - len(where)
		by += clip(shortName(i.call.caller), min(room, 30))
	}
	return clip(ascii(what+i.headline(by)+where), maxSubject)
}

// headline says it in a few words.
func (i incident) headline(by string) string {
	switch {
	case i.outcome == gaveUp:
		return "CHANGED" + by + ", guard GIVES UP"
	case i.outcome == healFailed:
		return "CHANGED" + by + ", NOT put back"
	case i.outcome == healed:
		return "changed" + by + ", put back"
	case i.call.refused():
		return "refused attempt" + by
	case i.shown && i.live == nil:
		return "SWITCHED OFF" + by
	case i.problem != nil:
		return "CHANGED" + by + ", not compared"
	case i.difference == "":
		return "changed" + by + ", as declared"
	default:
		return "CHANGED" + by
	}
}

// body is plain text for an e-mail.
func (i incident) body(p place) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }

	line("%s", i.summary())
	line("")
	line("Account:     %s", p.account)
	line("Region:      %s", p.region)
	if c := i.call; c != nil {
		line("Call:        %s", c.operation)
		line("Who:         %s", plain(orUnknown(c.caller)))
		if c.issuer != "" && c.issuer != c.caller {
			line("Role:        %s", plain(c.issuer))
		}
		line("Of account:  %s", plain(orUnknown(c.account)))
		line("When:        %s", when(c.at))
		line("From:        %s", plain(orUnknown(c.sourceIP)))
		line("With:        %s", plain(orUnknown(c.userAgent)))
		line("Event:       %s", plain(orUnknown(c.id)))
		if c.refused() {
			line("Refused:     %s %s", plain(c.errorCode), plain(c.errorMessage))
		}
	} else {
		line("Who:         found without the event of a call; CloudTrail's event history has it under %s and %s", putOperation, deleteOperation)
	}
	if i.difference != "" {
		line("Difference:  %s", strings.ReplaceAll(plain(i.difference), "; ", "\n             "))
	}
	if i.problem != nil {
		line("Not compared: %s", plain(i.problem.Error()))
	}
	if i.healError != nil {
		line("Failure:     %s", plain(i.healError.Error()))
	}
	if i.call != nil {
		line("")
		if i.old != nil {
			line("Before, first seen by the guard %s:", when(i.old.Since))
			line("%s", pretty(i.old.Config))
		} else {
			line("Before: the guard had not looked yet")
		}
		if i.call.operation == putOperation {
			line("")
			if i.call.requested != nil {
				line("Asked for:")
				line("%s", pretty(i.call.requested))
			} else {
				line("Asked for: CloudTrail does not say")
			}
		}
	}
	line("")
	if i.shown {
		line("Live now:")
		line("%s", pretty(i.live))
	} else {
		line("Live now: not read")
	}
	line("")
	line("What to do:")
	for n, step := range i.advice() {
		line("%d. %s", n+1, step)
	}
	return printable(b.String())
}

func (i incident) summary() string {
	switch {
	case i.outcome == gaveUp:
		return fmt.Sprintf("The logging of Amazon Bedrock model calls is not as it was declared, and the guard has given up: it put the declared configuration back %s within an hour, and somebody changed it again. Model calls may be going unrecorded.", times(i.limit))
	case i.outcome == healFailed:
		return "The logging of Amazon Bedrock model calls was changed, and the guard could not put the declared configuration back. Model calls may be going unrecorded."
	case i.outcome == healed:
		return "The logging of Amazon Bedrock model calls was changed. The guard has put the declared configuration back and read it back: it is live. Model calls in between may be unrecorded."
	case i.call.refused():
		return "Somebody tried to change the logging of Amazon Bedrock model calls and was refused." + i.compared()
	case i.shown && i.live == nil:
		return "The logging of Amazon Bedrock model calls was switched off. Model calls are going unrecorded."
	case i.problem != nil:
		return "Somebody changed the logging of Amazon Bedrock model calls, and the guard could not compare it with what was declared. Model calls may be going unrecorded."
	case i.difference == "":
		return "Somebody changed the logging of Amazon Bedrock model calls. What is live now is as it was declared."
	default:
		return "The logging of Amazon Bedrock model calls was changed and is not as it was declared. Model calls may be going unrecorded."
	}
}

// compared tells, after a refused call, whether all is well nevertheless.
func (i incident) compared() string {
	switch {
	case i.problem != nil:
		return " The guard could not compare what is live with what was declared."
	case i.difference == "":
		return " Nothing has changed: what is live is as it was declared."
	default:
		return " Apart from that, what is live is not as it was declared. Model calls may be going unrecorded."
	}
}

func (i incident) advice() []string {
	var steps []string
	if i.call != nil {
		steps = append(steps, "Ask the caller above. If nobody means to have done it, take the credentials as stolen: revoke the role's sessions or the user's keys.")
	} else {
		steps = append(steps, "Find out who did it in CloudTrail's event history.")
	}
	switch {
	case i.outcome == healed:
		steps = append(steps, "If the change was meant, declare it and deploy the stack: the guard will put the declared configuration back again.")
	case i.outcome == healFailed:
		steps = append(steps, "Mend the failure above, or deploy the stack. The guard tries again at its next run, but not more than "+times(i.limit)+" an hour.")
	case i.outcome == gaveUp:
		steps = append(steps, "Take away the permission that it is changed with. Then deploy the stack, or put the declared configuration yourself: the guard heals again once it has seen it live.")
	case i.problem != nil:
		steps = append(steps, "Look at the live configuration: aws bedrock get-model-invocation-logging-configuration. If it is not the declared one, deploy the stack.")
	case i.difference != "":
		steps = append(steps, "Deploy the stack to have the declared configuration back. If the change was meant, declare it first.")
	}
	return append(steps, "The drift alarm is over when the guard finds the declared configuration live.")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func when(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

// pretty is a configuration as the AWS CLI takes it.
func pretty(c *logging.Config) string {
	if c == nil {
		return "nothing: logging is off"
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(c); err != nil {
		return err.Error()
	}
	return clip(strings.TrimSpace(b.String()), maxConfiguration)
}

// shortName is the part of an ARN by which people know somebody: the user, or
// the role and its session.
func shortName(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	name := parts[len(parts)-1]
	for _, kind := range []string{"assumed-role/", "user/", "role/", "federated-user/"} {
		name = strings.TrimPrefix(name, kind)
	}
	return orUnknown(name)
}

const (
	// maxValue keeps what a caller chose, such as a user agent, from filling the
	// message.
	maxValue = 2000
	// maxConfiguration does the same for a configuration that was asked for.
	maxConfiguration = 8000
)

// plain keeps a text on its line, whatever a caller put into it.
func plain(text string) string {
	return clip(printable(strings.ReplaceAll(text, "\n", " ")), maxValue)
}

// printable takes out what a mail program would not show, or would show as
// something else, such as text from right to left. Lines stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
}

// clip shortens a text to so many characters.
func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:max(0, most-3)]) + "..."
}
