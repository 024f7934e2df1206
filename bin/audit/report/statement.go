package report

import (
	"fmt"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// statement says in words how far the page's numbers can be relied on.
type statement struct {
	// State is the kind of the verdict, for the style sheet: gaps,
	// unchecked or whole.
	State    string
	Headline string
	Details  []string
}

// state judges a record. Only a record that was compared with an independent
// count can be called whole.
func state(c *content) statement {
	k := c.Completeness
	var s statement
	switch {
	case k.Unchecked != "":
		s.State = "unchecked"
		s.Headline = "Nobody looked whether the record is complete."
		s.Details = []string{visible(k.Unchecked)}
		return s
	case !k.Complete():
		s.State = "gaps"
		s.Headline = "The record has gaps. Take the numbers on this page as lower bounds."
	case k.Partial:
		s.State = "unchecked"
		s.Headline = "The record was not read to its end. Take the numbers on this page as lower bounds."
	case !k.Hours.Checked:
		s.State = "unchecked"
		s.Headline = "No gap is known, but the record was not compared with an independent count."
	default:
		s.State = "whole"
		s.Headline = "No gap was found in the record."
	}
	say := func(format string, args ...any) { s.Details = append(s.Details, fmt.Sprintf(format, args...)) }

	say("%s", readWhat(k))
	if k.BrokenObjects+k.BrokenLines > 0 {
		say("%s and %s could not be read. What they held is missing here; how many calls that is cannot be told.",
			plural(k.BrokenObjects, "object", "objects"), plural(k.BrokenLines, "line", "lines"))
	} else if k.Empty {
		say("There was no log object at all. Is it the right source and time?")
	} else {
		say("All of it could be read.")
	}
	switch hours := k.Hours; {
	case !hours.Checked:
		say("Hours without records were not looked for: %s.", visible(strings.TrimSuffix(hours.Why, ".")))
	case len(hours.Silent) > 0:
		var calls int64
		for _, h := range hours.Silent {
			calls += h.Calls
		}
		say("In %s Amazon CloudWatch counted %s and the record has none.",
			plural(int64(len(hours.Silent)), "hour", "hours"), plural(calls, "call", "calls"))
	default:
		say("In every hour in which Amazon CloudWatch counted calls, the record has calls, too.")
	}
	if n := c.Totals.Unpriced; n > 0 {
		say("The sums of money leave out %s (%s) without a known price, and are therefore lower bounds.",
			plural(n, "call", "calls"), percent(n, c.Totals.Calls))
	} else if c.Totals.Calls > 0 {
		say("Every call has an estimated price.")
	}
	return s
}

func readWhat(k engine.Completeness) string {
	var s strings.Builder
	if k.Objects > 0 {
		fmt.Fprintf(&s, "%s with %s read", plural(k.Objects, "log object", "log objects"), plural(k.Records, "call", "calls"))
	} else {
		fmt.Fprintf(&s, "%s read from the ledger", plural(k.Records, "call", "calls"))
	}
	if k.Duplicates > 0 {
		fmt.Fprintf(&s, "; %s with a request id already seen left out", plural(k.Duplicates, "record", "records"))
	} else if k.Objects > 0 {
		s.WriteString("; no request id appeared twice")
	}
	if k.Skipped > 0 {
		fmt.Fprintf(&s, "; %s passed over that hold no records (markers, bodies stored aside)", plural(k.Skipped, "object", "objects"))
	}
	s.WriteString(".")
	return s.String()
}
