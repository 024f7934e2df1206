package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// most is how many findings of a kind are named to people; JSON names all.
const most = 10

// Footer says in a few lines what an answer rests on.
func Footer(w io.Writer, c *engine.Completeness) error {
	var out strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&out, "%-10s %s\n", label, fmt.Sprintf(format, args...))
	}
	if c.Unchecked != "" {
		line("record", "not looked at: %s", c.Unchecked)
	} else {
		line("record", "%s", read(c))
		if c.Searched {
			line("", "only lines that may mention the id were looked into")
		}
		if c.Empty {
			line("NOTHING", "no log object is there, or none of that time; one is named like")
			line("", "AWSLogs/ACCOUNT/BedrockModelInvocationLogs/REGION/2026/11/24/09/….json.gz below the source")
		}
		findings(line, &out, c)
	}
	if c.ScannedBytes > 0 || c.ScanNanoUSD > 0 {
		line("athena", "%s bytes scanned, about %s USD at list price", Grouped(c.ScannedBytes), Dollars(c.ScanNanoUSD))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// liner writes a line with a label.
type liner func(label, format string, args ...any)

func read(c *engine.Completeness) string {
	read := count(c.Records, "call")
	if c.Searched {
		read = count(c.Records, "line") + " searched"
	}
	if c.Objects > 0 || c.ScannedBytes == 0 {
		read += " in " + count(c.Objects, "object")
	}
	if c.Duplicates > 0 {
		read += fmt.Sprintf("; %s left out, delivered twice", count(c.Duplicates, "record"))
	}
	if c.Skipped > 0 {
		read += fmt.Sprintf("; %s skipped", count(c.Skipped, "other object"))
	}
	if c.Partial {
		read += "; the question needed no more of the record"
	}
	return read
}

func findings(line liner, out *strings.Builder, c *engine.Completeness) {
	if c.BrokenObjects+c.BrokenLines > 0 {
		broken := count(c.BrokenObjects, "object") + " broken off"
		if c.BrokenLines > 0 || !c.Searched {
			broken += ", " + count(c.BrokenLines, "line") + " unreadable"
		}
		line("BROKEN", "%s", broken)
		for _, b := range c.Broken[:min(most, len(c.Broken))] {
			where := Line(b.Object)
			switch {
			case b.Lines > 0:
				where += ", " + count(b.Lines, "line")
			case b.Line > 0:
				where += fmt.Sprintf(", line %d", b.Line)
			default:
				where += fmt.Sprintf(", after %s", count(b.Records, "record"))
			}
			line("", "%s: %s", where, Line(b.Problem))
		}
		more(out, c.BrokenObjects+c.BrokenLines)
	}
	hours(line, out, c.Hours)
	if len(c.Unpriced) > 0 {
		line("unpriced", "calls that no sum of money holds, since the rate card has no rate or the record no tokens:")
		for _, u := range c.Unpriced[:min(most, len(c.Unpriced))] {
			id := Line(u.ModelID)
			if id == "" {
				id = "no model id"
			}
			line("", "%s: %s", id, count(u.Calls, "call"))
		}
		more(out, int64(len(c.Unpriced)))
	}
}

func hours(line liner, out *strings.Builder, h engine.Hours) {
	switch {
	case !h.Checked:
		line("hours", "not compared with the number of calls: %s", Line(h.Why))
	case len(h.Silent) == 0:
		line("hours", "every hour with calls has a record")
	default:
		line("SILENT", "%s with calls but without a record", count(int64(len(h.Silent)), "hour"))
		for _, s := range h.Silent[:min(most, len(h.Silent))] {
			line("", "%s %s: %s", Line(s.Region), s.Hour.Format("2006-01-02 15:04"), count(s.Calls, "call"))
		}
		more(out, int64(len(h.Silent)))
	}
}

func more(out *strings.Builder, all int64) {
	if all > most {
		fmt.Fprintf(out, "%-10s and %s more; --json names them\n", "", Grouped(all-most))
	}
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}
