package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
)

// write is the report on june.
func write(t *testing.T, e engine.Engine) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(t.Context(), &out, e, june, Options{Written: written, Source: "s3://invocation-logs", Engine: "duckdb"}))
	return out.String()
}

// composed is the report's content, and how it is laid out.
func composed(t *testing.T, e engine.Engine, f ledgersql.Filter) (*content, *page) {
	t.Helper()
	o, err := Options{Written: written}.withDefaults()
	require.NoError(t, err)
	a, err := ask(t.Context(), e, f, o.Top)
	require.NoError(t, err)
	c, err := compose(a, f, o)
	require.NoError(t, err)
	return c, lay(c)
}

func tables(p *page) []*table {
	var out []*table
	for _, s := range p.Sections {
		for _, f := range s.Figures {
			if f.Table != nil {
				out = append(out, f.Table)
			}
		}
	}
	return out
}

// addUp checks that the rows of each table add up to the last.
func addUp(t *testing.T, p *page) {
	t.Helper()
	checked := 0
	for _, table := range tables(p) {
		last := table.Rows[len(table.Rows)-1]
		if !last.Sum {
			continue
		}
		for column, h := range table.Head {
			if !h.Number || h.Text == "Share" {
				continue
			}
			sum, off := 0.0, 0.0
			for _, row := range table.Rows[:len(table.Rows)-1] {
				require.Len(t, row.Cells, len(table.Head), table.Caption)
				sum += number(t, row.Cells[column].Text)
				if strings.HasPrefix(row.Cells[column].Text, "$") {
					off += 0.005
				}
			}
			assert.InDelta(t, number(t, last.Cells[column].Text), sum, off+1e-6, "%s, column %s", table.Caption, h.Text)
			checked++
		}
	}
	assert.Greater(t, checked, 20)
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	if text == "not priced" {
		return 0
	}
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", "$", "").Replace(text), 64)
	require.NoError(t, err)
	return n
}

func TestTablesAddUp(t *testing.T) {
	t.Parallel()
	_, p := composed(t, &fake{calls: month()}, june)
	addUp(t, p)
	assert.Len(t, p.Sections, 7)
}

func TestTheLargestByNameAndTheOthersInOneSum(t *testing.T) {
	t.Parallel()
	var calls []call
	for i := range 25 {
		calls = append(calls, call{
			user: fmt.Sprintf("user-%02d", i), model: "m", failure: fmt.Sprintf("Code%02d", i), at: june.From,
			amounts: amounts{Calls: 1, Input: 10, NanoUSD: int64(100 - i)},
		})
	}
	c, p := composed(t, &fake{calls: calls}, june)
	require.Len(t, c.Users.Rows, 10)
	assert.Equal(t, "user-00", c.Users.Rows[0].Text)
	assert.Equal(t, &amounts{Calls: 15, Input: 150, NanoUSD: 90 + 89 + 88 + 87 + 86 + 85 + 84 + 83 + 82 + 81 + 80 + 79 + 78 + 77 + 76}, c.Users.Others)
	assert.Nil(t, c.Models.Others)

	users, codes := p.Sections[1].Figures[0], p.Sections[2].Figures[1]
	assert.Len(t, users.Bars.Bars, 11)
	assert.Equal(t, "All other users", users.Bars.Bars[10].Name)
	require.Len(t, codes.Bars.Bars, maxEntries)
	assert.Equal(t, bar{Name: "All others", Plain: true, Value: "14", Length: "100.000%"}, codes.Bars.Bars[maxEntries-1])
	addUpTo := codes.Table.Rows[len(codes.Table.Rows)-1]
	assert.Equal(t, []cell{{"Total", true}, {}, {Text: "25"}, {Text: "100.0 %"}}, addUpTo.Cells)
}

// Ids are chosen by those who call: they are shown as they are, and do nothing.
func TestIDsAreEscaped(t *testing.T) {
	t.Parallel()
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style><style>*{display:none}`,
		`{{.Title}}`, "a\x00b\x1b[31m", "\u202egnp.exe", "\xff\xfe", `javascript:alert(1)`, strings.Repeat("W", 5000),
	}
	f := &fake{record: engine.Completeness{
		BrokenObjects: 1, Broken: []engine.Broken{{Object: hostile[0], Problem: hostile[1]}},
		Unpriced: []engine.Unpriced{{ModelID: hostile[0], Calls: 1}},
		Hours:    engine.Hours{Why: hostile[0]},
	}}
	for _, h := range hostile {
		f.calls = append(f.calls, call{user: h, task: h, model: h, failure: h, intervened: true, at: june.From, amounts: amounts{Calls: 1, NanoUSD: 1e9}})
	}
	text := write(t, f)
	assert.Contains(t, text, `&lt;script&gt;alert(1)&lt;/script&gt;`)
	assert.Contains(t, text, `\u202egnp.exe`)
	assert.Contains(t, text, `\x1b[31m`)
	for _, never := range []string{"<script", "<img", "\x00", "\x1b", "\u202e", "\xff", "href=\"javascript", strings.Repeat("W", 400)} {
		assert.NotContains(t, text, never)
	}
	assert.Equal(t, 1, strings.Count(text, "<style"))
}

func TestNothingToReport(t *testing.T) {
	t.Parallel()
	f := &fake{record: engine.Completeness{Hours: engine.Hours{Why: "no metric to compare with; give --metrics"}}}
	text := write(t, f)
	assert.Contains(t, text, "The record has no calls that this report was asked about.")
	assert.Contains(t, text, "no metric to compare with")
	assert.NotContains(t, text, "<figure")
	assert.NotContains(t, text, "NaN")
}

// With one call of each kind there is nothing to divide by, or to compare with.
func TestOneCallIsEnough(t *testing.T) {
	t.Parallel()
	for _, one := range []call{
		{amounts: amounts{Calls: 1, Unpriced: 1}},
		{user: "u", failure: "ThrottlingException", amounts: amounts{Calls: 1}},
		{user: "u", intervened: true, amounts: amounts{Calls: 1, Input: 1, NanoUSD: 1}},
	} {
		one.at = june.From
		text := write(t, &fake{calls: []call{one}})
		assert.Contains(t, text, "<figure")
		assert.NotContains(t, text, "NaN")
	}
}

func TestTheSameAnswersGiveTheSamePage(t *testing.T) {
	t.Parallel()
	calls := month()
	assert.Equal(t, write(t, &fake{calls: calls}), write(t, &fake{calls: calls}))
}

func TestThePageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	text := write(t, &fake{calls: month()})
	csp := `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-`
	assert.True(t, strings.Contains(text, csp), "no %s", csp)
	for _, never := range []string{"http://", "https://", "<script", "<iframe", "<object", "@import", "url(", " style="} {
		assert.False(t, strings.Contains(text, never), never)
	}
}

func TestStatement(t *testing.T) {
	t.Parallel()
	broken := engine.Broken{Object: "eu-central-1/2026/06/09/14/a.json.gz", Records: 118, Problem: "unexpected EOF"}
	silent := engine.Silent{Region: "eu-central-1", Hour: june.From, Calls: 212}
	for name, tt := range map[string]struct {
		record engine.Completeness
		state  string
		says   []string
	}{
		"whole": {engine.Completeness{Objects: 3, Records: 9, Hours: engine.Hours{Checked: true}}, "whole",
			[]string{"No gap was found in the record.", "3 log objects with 9 calls read; no request id appeared twice.", "In every hour in which"}},
		"unchecked": {engine.Completeness{Objects: 1, Records: 1, Hours: engine.Hours{Why: "no metric"}}, "unchecked",
			[]string{"was not compared with an independent count", "Hours without records were not looked for: no metric."}},
		"broken": {engine.Completeness{Objects: 3, BrokenObjects: 1, Broken: []engine.Broken{broken}, Hours: engine.Hours{Checked: true}}, "gaps",
			[]string{"The record has gaps.", "1 object and 0 lines could not be read.", broken.Object, "unexpected EOF", "118"}},
		"silent": {engine.Completeness{Objects: 3, Hours: engine.Hours{Checked: true, Silent: []engine.Silent{silent}}}, "gaps",
			[]string{"The record has gaps.", "In 1 hour Amazon CloudWatch counted 212 calls and the record has none.", "1 Jun 2026, 00:00"}},
		"duplicates": {engine.Completeness{Objects: 3, Records: 7, Duplicates: 2, Skipped: 4, Hours: engine.Hours{Checked: true}}, "whole",
			[]string{"2 records with a request id already seen left out", "4 objects passed over"}},
		"unpriced": {engine.Completeness{Unpriced: []engine.Unpriced{{ModelID: "arn:profile", Calls: 7}}, Hours: engine.Hours{Checked: true}}, "whole",
			[]string{"Models without a price", "arn:profile"}},
		"part": {engine.Completeness{Partial: true, Hours: engine.Hours{Checked: true}}, "unchecked",
			[]string{"The record was not read to its end."}},
		"nobody looked": {engine.Completeness{Unchecked: "the query may read anything"}, "unchecked",
			[]string{"Nobody looked whether the record is complete.", "the query may read anything"}},
		"paid by the byte": {engine.Completeness{Records: 5, ScannedBytes: 2_500_000, ScanNanoUSD: 12_500_000, Hours: engine.Hours{Checked: true}}, "whole",
			[]string{"5 calls read from the ledger.", "2.5 MB scanned, $0.0125 at list price"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := write(t, &fake{record: tt.record})
			assert.Contains(t, text, `class="statement `+tt.state+`"`)
			for _, s := range tt.says {
				assert.Contains(t, text, s)
			}
		})
	}
}

func TestManyGapsAreCutAndCounted(t *testing.T) {
	t.Parallel()
	var record engine.Completeness
	for i := range 130 {
		record.Hours.Silent = append(record.Hours.Silent, engine.Silent{Region: "eu-west-1", Hour: june.From.Add(time.Duration(i) * time.Hour), Calls: 1})
	}
	record.Hours.Checked = true
	text := write(t, &fake{record: record})
	assert.Contains(t, text, "And 30 more.")
	assert.Equal(t, 100, strings.Count(text, "<bdi>eu-west-1</bdi>"))
}

// A ledger may be filled between two questions. Numbers that do not agree are no report.
func TestAnswersThatDoNotAgree(t *testing.T) {
	t.Parallel()
	for _, question := range []string{"users", "spend", "hours", "throttles", "errors", "interventions", "unattributed"} {
		t.Run(question, func(t *testing.T) {
			t.Parallel()
			f := &fake{calls: month(), spoil: map[string]func(*engine.Result){question: func(r *engine.Result) {
				i := r.Index("calls")
				r.Rows[0][i] = r.Rows[0][i].(int64) + 1_000_000
			}}}
			var out bytes.Buffer
			err := Write(t.Context(), &out, f, june, Options{Written: written})
			require.ErrorContains(t, err, "the record changed while it was read; give --to")
			assert.Empty(t, out.String())
		})
	}
}

func TestAnAnswerOfAnotherKind(t *testing.T) {
	t.Parallel()
	for column, problem := range map[string]struct {
		spoil func(*engine.Result, int)
		says  string
	}{
		"calls":     {func(r *engine.Result, i int) { r.Columns[i].Name = "n" }, "the column calls is missing"},
		"last_call": {func(r *engine.Result, i int) { r.Rows[0][i] = "today" }, "the column last_call holds string, not a time"},
		"errors":    {func(r *engine.Result, i int) { r.Rows[0][i] = 1.5 }, "the column errors holds float64, not a whole number"},
	} {
		f := &fake{calls: month(), spoil: map[string]func(*engine.Result){"totals": func(r *engine.Result) { problem.spoil(r, r.Index(column)) }}}
		err := Write(t.Context(), io.Discard, f, june, Options{Written: written})
		assert.ErrorContains(t, err, problem.says)
	}
}

// refusing fails at the n-th question.
type refusing struct {
	fake
	at int
}

func (r *refusing) Query(ctx context.Context, sql string) (*engine.Result, error) {
	if r.asked == r.at {
		return nil, errors.New("no more")
	}
	return r.fake.Query(ctx, sql)
}

func TestNothingIsWrittenWhenAQuestionFails(t *testing.T) {
	t.Parallel()
	for at := range 10 {
		var out bytes.Buffer
		require.ErrorContains(t, Write(t.Context(), &out, &refusing{at: at}, june, Options{Written: written}), "no more")
		assert.Empty(t, out.String())
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	err := Write(t.Context(), io.Discard, &fake{}, june, Options{Top: 101})
	assert.ErrorContains(t, err, "Options.Written is not set")
	assert.ErrorContains(t, err, "Options.Top is 1 to 100, got 101")
}

func TestStepsFitTheRange(t *testing.T) {
	t.Parallel()
	for length, step := range map[time.Duration]string{
		time.Hour: "hour", 48 * time.Hour: "hour", 7 * 24 * time.Hour: "day", 60 * 24 * time.Hour: "day",
		365 * 24 * time.Hour: "week", 4 * 365 * 24 * time.Hour: "month", 7 * 365 * 24 * time.Hour: "year",
	} {
		s := overTime([]point{{Start: june.From, Failed: 1}, {Start: june.From.Add(length - time.Hour), Failed: 2}}, june.From, june.From.Add(length))
		assert.Equal(t, step, s.Step, length)
		var failed int64
		for _, p := range s.Points {
			failed += p.Failed
		}
		assert.EqualValues(t, 3, failed)
		assert.LessOrEqual(t, len(s.Points), maxPoints)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "$1,234,567.89", dollars(1_234_567_891_000_000, 2))
	assert.Equal(t, "$0.01", dollars(5_000_000, 2))
	assert.Equal(t, "$0.000001", dollars(1_000, 6))
	assert.Equal(t, "−1,000", count(-1000))
	assert.Equal(t, "1 M", compact(999_999))
	assert.Equal(t, "12.3 k", compact(12_345))
	assert.Equal(t, "< 0.1 %", percent(1, 100_000))
	assert.Equal(t, "> 99.9 %", percent(99_999, 100_000))
	assert.Equal(t, "–", percent(0, 0))
	assert.Equal(t, "33.3 %", percent(3_000_000_000_000_000_000, 9_000_000_000_000_000_000))
	assert.Equal(t, "abc…xyz", shorten("abcdefghijklmnopqrstuvwxyz", 7))
	assert.Equal(t, []int64{0, 5, 10, 15, 20}, niceTicks(17))
	assert.Equal(t, []int64{0, 1, 2}, niceTicks(0))
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	noon := june.From.Add(12 * time.Hour)
	assert.Equal(t, "1 Jun 2026 to 30 Jun 2026 (UTC)", period(june.From, june.To))
	assert.Equal(t, "1 Jun 2026 (UTC)", period(june.From, june.From.AddDate(0, 0, 1)))
	assert.Equal(t, "The whole record", period(time.Time{}, time.Time{}))
	assert.Equal(t, "Up to 30 Jun 2026 (UTC)", period(time.Time{}, june.To))
	assert.Equal(t, "From 1 Jun 2026 on (UTC)", period(june.From, time.Time{}))
	assert.Equal(t, "1 Jun 2026, 00:00 UTC to before 1 Jun 2026, 12:00 UTC", period(june.From, noon))
}
