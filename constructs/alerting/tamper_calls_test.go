package alerting

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTamperCallsAreDistinctAndComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	titles := map[TamperGroup]bool{}
	for _, titled := range tamperTitles {
		titles[titled.group] = true
	}
	for _, call := range TamperCalls() {
		name := call.Service + " " + call.Event + " " + call.Parameter
		assert.False(t, seen[name], "%s is listed twice", name)
		seen[name] = true
		assert.NotEmpty(t, call.Change, name)
		assert.True(t, titles[call.Group], name)
		assert.Equal(t, call.resource == tamperedWholeAccount, call.Parameter == "", name)
	}
	TamperCalls()[0].Event = "changed"
	assert.NotEqual(t, "changed", TamperCalls()[0].Event, "callers get a copy")
}

// The table in the docs is made of the calls; UPDATE_SNAPS=always rewrites it.
func TestTamperPageShowsEveryCall(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- calls -->\n", "<!-- /calls -->\n"
	assertCurrent(t, "../../docs/tamper.md", func(page string) string {
		before, rest, found := strings.Cut(page, begin)
		require.True(t, found)
		_, after, found := strings.Cut(rest, end)
		require.True(t, found)
		return before + begin + tamperTable() + end + after
	})
}

func tamperTable() string {
	var page strings.Builder
	for _, titled := range tamperTitles {
		fmt.Fprintf(&page, "\n### %s: %s\n\n| source | call | what it does | our resource is in |\n| --- | --- | --- | --- |\n", titled.group, titled.title)
		for _, call := range TamperCalls() {
			if call.Group != titled.group {
				continue
			}
			name, where := "`"+call.Event+"`", "`"+call.Parameter+"`"
			if call.AnyVersion {
				name = "`" + call.Event + "…`"
			}
			if call.DataEvent {
				name += " (data event)"
			}
			if call.Parameter == "" {
				where = "any: it is of the whole account and Region"
			}
			fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", call.Service, name, call.Change, where)
		}
	}
	return page.String() + "\n"
}

// assertCurrent compares a generated file with what it would be made into now.
func assertCurrent(t *testing.T, path string, generate func(old string) string) {
	t.Helper()
	old, err := os.ReadFile(path)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	wanted := generate(string(old))
	if os.Getenv("UPDATE_SNAPS") == "always" {
		require.NoError(t, os.WriteFile(path, []byte(wanted), 0o644))
		return
	}
	assert.Equal(t, wanted, string(old), "%s is out of date; run UPDATE_SNAPS=always go test ./constructs/alerting -run Tamper", path)
}
