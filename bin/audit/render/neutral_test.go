package render_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

func TestTerminalsAreLeftInPeace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, line, lines string }{
		"plain text":             {"Grüße, 世界 🙂", "Grüße, 世界 🙂", "Grüße, 世界 🙂"},
		"lines and tabs":         {"a\tb\nc", `a\tb\nc`, "a\tb\nc"},
		"return":                 {"paid\rfree", `paid\rfree`, `paid\rfree`},
		"escape sequence":        {"\x1b[2Jgone", `\x1b[2Jgone`, `\x1b[2Jgone`},
		"title of the window":    {"\x1b]0;x\x07", `\x1b]0;x\x07`, `\x1b]0;x\x07`},
		"8-bit control":          {"\u009b31m", `\x9b31m`, `\x9b31m`},
		"delete":                 {"a\x7fb", `a\x7fb`, `a\x7fb`},
		"right-to-left":          {"safe\u202eexe", `safe\u202eexe`, `safe\u202eexe`},
		"bytes that are no text": {"a\xff\x9b", "a��", "a��"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.line, render.Line(c.in))
			require.Equal(t, c.lines, render.Lines(c.in))
		})
	}
}

func TestSpreadsheetsSeeNoFormula(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                  "",
		"alice":             "alice",
		"=HYPERLINK(\"x\")": "'=HYPERLINK(\"x\")",
		"+1":                "'+1",
		"-1":                "'-1",
		"@SUM(A1)":          "'@SUM(A1)",
		"\t=1":              "'\t=1",
		"\r=1":              `\r=1`,
		"a=1":               "a=1",
	} {
		require.Equal(t, want, render.Cell(in))
	}
}
