package render_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

var result = &engine.Result{
	Columns: []engine.Column{
		{Name: "user_id"}, {Name: "calls", Kind: engine.Integer}, {Name: "estimated_nanousd", Kind: engine.Integer},
		{Name: "share", Kind: engine.Float}, {Name: "ok", Kind: engine.Boolean},
		{Name: "at", Kind: engine.Timestamp}, {Name: "day", Kind: engine.Date},
	},
	Rows: [][]any{
		{"世界", int64(1234567), int64(1_500_000_000), 0.25, true, time.Date(2026, 3, 1, 14, 5, 6, 7e6, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		{nil, nil, nil, nil, nil, nil, nil},
	},
}

func table(t *testing.T, look render.Look) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, render.Table(&out, result, look))
	return out.String()
}

func TestAPlainTableIsAligned(t *testing.T) {
	t.Parallel()
	require.Equal(t, `
user id      calls  estimated USD  share  ok    at                   day
世界     1,234,567         1.5000   0.25  true  2026-03-01 14:05:06  2026-03-01
-                -              -      -  -     -                    -
`, "\n"+table(t, render.Look{}))
}

func TestAStyledTableAdaptsToTheTerminal(t *testing.T) {
	t.Parallel()
	require.Contains(t, table(t, render.Look{Styled: true, Width: 120}), "╭")
	without := table(t, render.Look{Styled: true, Width: 80})
	require.NotContains(t, without, "╭")
	require.Contains(t, without, "\x1b[1m")
	require.Contains(t, table(t, render.Look{Styled: true, Width: 40}), "1,234,567\n")
}

func TestMoneyIsNeverRoundedToNothing(t *testing.T) {
	t.Parallel()
	for nano, want := range map[int64]string{
		0: "0.0000", 1: "<0.0001", 49_999: "<0.0001", 50_000: "0.0001", 149_999: "0.0001", 150_000: "0.0002",
		1_000_000_000: "1.0000", 1_234_567_890_000_000: "1,234,567.8900", -2_500_000_000: "-2.5000",
	} {
		require.Equal(t, want, render.Dollars(nano))
	}
}

func TestCSVKeepsValuesAsTheyAre(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	write(t, render.CSV(&out), false)
	require.Equal(t, "user_id,calls,estimated_nanousd,share,ok,at,day\n"+
		"世界,1234567,1500000000,0.25,true,2026-03-01T14:05:06.007Z,2026-03-01\n,,,,,,\n", out.String())
}

// write writes the result.
func write(t *testing.T, rows render.Rows, truncated bool) {
	t.Helper()
	require.NoError(t, rows.Begin(result.Columns))
	for _, values := range result.Rows {
		require.NoError(t, rows.Row(values))
	}
	require.NoError(t, rows.End(truncated, &engine.Completeness{Records: 3}))
}

func TestJSONIsOneDocument(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	write(t, render.JSON(&out, "cost", render.Filter{Users: []string{"a\x1b"}, Limit: 2}), true)
	require.Equal(t, `{
  "question": "cost",
  "filter": {
    "users": [
      "a\u001b"
    ],
    "limit": 2
  },
  "rows": [
    {
      "user_id": "世界",
      "calls": 1234567,
      "estimated_nanousd": 1500000000,
      "share": 0.25,
      "ok": true,
      "at": "2026-03-01T14:05:06.007Z",
      "day": "2026-03-01T00:00:00Z"
    },
    {
      "user_id": null,
      "calls": null,
      "estimated_nanousd": null,
      "share": null,
      "ok": null,
      "at": null,
      "day": null
    }
  ],
  "truncated": true,
  "completeness": {
    "objects": 0,
    "records": 3,
    "duplicates": 0,
    "skipped": 0,
    "brokenObjects": 0,
    "brokenLines": 0,
    "hours": {
      "checked": false
    }
  }
}
`, out.String())

	out.Reset()
	rows := render.JSON(&out, "cost", render.Filter{})
	require.NoError(t, rows.Begin(nil))
	require.NoError(t, rows.End(false, nil))
	require.Equal(t, "{\n  \"question\": \"cost\",\n  \"filter\": {},\n  \"rows\": [],\n  \"completeness\": null\n}\n", out.String())
}

func TestTheTotalIsTheSumOfWholeNumbers(t *testing.T) {
	t.Parallel()
	split := &engine.Result{
		Columns: []engine.Column{
			{Name: "day", Kind: engine.Date}, {Name: "user_id"}, {Name: "calls", Kind: engine.Integer},
			{Name: "estimated_nanousd", Kind: engine.Integer}, {Name: "unpriced_calls", Kind: engine.Integer},
		},
		Rows: [][]any{{nil, "alice", int64(2), nil, nil}, {nil, nil, int64(3), int64(0), nil}},
	}
	require.Equal(t, []any{"total", "", int64(5), int64(0), nil}, render.Total(split))
}

func TestARawTableHasTheNamesAndUnitsOfAQuery(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, render.Table(&out, &engine.Result{
		Columns: []engine.Column{{Name: "stop_reason"}, {Name: "count_star()", Kind: engine.Integer}, {Name: "estimated_nanousd", Kind: engine.Integer}, {Name: "x\x1b"}},
		Rows:    [][]any{{"end_turn", int64(1200), int64(1_500_000_000), nil}},
	}, render.Look{Raw: true}))
	require.Equal(t, `
stop_reason  count_star()  estimated_nanousd  x\x1b
end_turn            1,200      1,500,000,000  -
`, "\n"+out.String())
}
