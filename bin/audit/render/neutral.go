package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes text harmless for one line of a terminal.
func Line(text string) string { return neutral(text, "") }

// Lines does so, too, but keeps line ends and tabs.
func Lines(text string) string { return neutral(text, "\n\t") }

// neutral writes characters that act on a terminal as escapes, except those to
// keep. The common case, nothing to do, copies nothing.
func neutral(text, keep string) string {
	acts := func(r rune) bool { return active(r) && !strings.ContainsRune(keep, r) }
	if utf8.ValidString(text) && strings.IndexFunc(text, acts) < 0 {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		switch {
		case !acts(r):
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case r < 0x100:
			fmt.Fprintf(&out, `\x%02x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

// active reports whether a terminal acts on a character instead of showing it:
// C0 and C1 controls, among them the escape and the 8-bit introducer of control
// sequences, and the characters that reverse or isolate the direction of writing.
func active(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Cell makes text harmless in a CSV cell. Spreadsheets take text that begins
// with one of these characters for a formula.
func Cell(text string) string {
	text = Lines(text)
	if text != "" && strings.ContainsRune("=+-@\t\n", rune(text[0])) {
		return "'" + text
	}
	return text
}
