package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ledongthuc/pdf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

var (
	update = flag.Bool("update", false, "write the picture of the report for the documentation (docs/report.png)")
	shots  = flag.String("shots", "", "also keep the pages and pictures of them in this folder, to look at")
)

// gappy is what is known about a record with all kinds of gaps.
func gappy() engine.Completeness {
	object := "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1/2026/06/09/14/20260609T141502113Z_5f0e8a7d31c2b946.json.gz"
	return engine.Completeness{
		Objects: 412, Records: 5400, Duplicates: 3, Skipped: 57, BrokenObjects: 1, BrokenLines: 1,
		Broken: []engine.Broken{
			{Object: object, Records: 118, Problem: "unexpected EOF"},
			{Object: object, Line: 17, Records: 230, Problem: "input: not a JSON object at byte 311"},
		},
		Unpriced: []engine.Unpriced{{ModelID: "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/k3v9q0c1x7ab", Calls: 101}},
		Hours: engine.Hours{Checked: true, Silent: []engine.Silent{
			{Region: "eu-central-1", Hour: june.From.AddDate(0, 0, 17).Add(9 * time.Hour), Calls: 212},
		}},
	}
}

// pages are the reports that the browser shows.
func pages() map[string]engine.Engine {
	long := string(bytes.Repeat([]byte("W"), 500))
	hostile := &fake{record: engine.Completeness{Hours: engine.Hours{Why: long}}}
	for _, id := range []string{`<script>document.title="x"</script>`, `<img src="https://example.com/x">`, "\u202egnp", long, "山田太郎"} {
		hostile.calls = append(hostile.calls, call{user: id, task: id, model: id, failure: id, intervened: true, at: june.From, amounts: amounts{Calls: 1, Input: 9e10, NanoUSD: 9e14}})
	}
	hostile.calls = append(hostile.calls, call{model: long, at: june.From, amounts: amounts{Calls: 1, Unpriced: 1}})
	return map[string]engine.Engine{
		"month":   &fake{calls: month(), record: gappy()},
		"empty":   &fake{record: engine.Completeness{Hours: engine.Hours{Checked: true}}},
		"hostile": hostile,
	}
}

// Scripts that list what is wrong with a page.
const (
	overflow = `(() => {
	const wide = document.documentElement.clientWidth, out = [];
	if (document.documentElement.scrollWidth > wide) out.push("the page scrolls sideways: " + document.documentElement.scrollWidth + " > " + wide);
	for (const e of document.querySelectorAll("h1,h2,p,li,dt,dd,figcaption,svg,svg text,.scroll")) {
		const r = e.getBoundingClientRect();
		if (r.right > wide + 1 || r.left < -1) out.push(e.tagName + " sticks out: " + e.textContent.slice(0, 60));
	}
	return out;
})()`
	invisible = `(() => {
	const out = [];
	for (const e of document.querySelectorAll("figure > svg")) {
		const r = e.getBoundingClientRect();
		if (r.width < 200 || r.height < 30) out.push("small chart: " + e.textContent.slice(0, 60));
		const drawn = [...e.querySelectorAll("rect")].some(b => b.getBoundingClientRect().width > 0 && b.getBoundingClientRect().height > 0);
		if (!drawn) out.push("nothing drawn: " + e.textContent.slice(0, 60));
		if (!e.querySelector("title") || !e.querySelector("desc").textContent) out.push("chart without a description");
	}
	return out;
})()`
	// Contrast as WCAG 2.2 computes it: 4.5 for text, 3 for what is drawn.
	illegible = `(() => {
	const rgb = s => s.match(/[\d.]+/g).slice(0, 3).map(Number);
	const light = s => { const [r, g, b] = rgb(s).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126*r + 0.7152*g + 0.0722*b; };
	const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\)$/.test(c)) return c; } return "rgb(255,255,255)"; };
	const out = new Set();
	for (const e of document.querySelectorAll("h1,h2,p,li,dt,dd,th,td,caption,figcaption,i,a,bdi,svg text,.bar,.rest,[class^=layer]")) {
		const s = getComputedStyle(e), drawn = e instanceof SVGElement;
		const ratio = contrast(drawn ? s.fill : s.color, behind(e.closest("figure, :not(svg *)")));
		const least = drawn && e.tagName !== "text" ? 3 : 4.5;
		if (ratio < least) out.add(e.tagName + "." + (e.getAttribute("class") || "") + " has a contrast of " + ratio.toFixed(2));
	}
	return [...out];
})()`
	cut = `(() => {
	const out = [];
	for (const e of document.querySelectorAll("figure > svg")) {
		const boxes = [...e.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
		for (const [i, [a, r]] of boxes.entries()) for (const [b, s] of boxes.slice(i + 1))
			if (r.left < s.right && s.left < r.right && r.top + 3 < s.bottom && s.top + 3 < r.bottom) out.push(a + " runs into " + b);
		for (const t of e.querySelectorAll("svg.name text"))
			if (t.getBoundingClientRect().right > t.parentElement.getBoundingClientRect().right + 0.5) out.push("the name is cut: " + t.textContent);
	}
	for (const e of document.querySelectorAll("h1,h2,p,li,dt,dd,figcaption,th,td"))
		if (e.scrollWidth > e.clientWidth + 1) out.push("the text is cut: " + e.textContent.slice(0, 60));
	return out;
})()`
	unnamed = `(() => {
	const ids = [...document.querySelectorAll("[id]")].map(e => e.id), out = ids.filter((id, i) => ids.indexOf(id) !== i).map(id => "id twice: " + id);
	for (const e of document.querySelectorAll("[aria-labelledby]"))
		for (const id of e.getAttribute("aria-labelledby").split(" ")) if (!document.getElementById(id)) out.push("no element " + id);
	for (const a of document.querySelectorAll("a[href^='#']")) if (!document.getElementById(a.hash.slice(1))) out.push("no target " + a.hash);
	for (const e of document.querySelectorAll("table")) if (!e.caption || !e.querySelector("th[scope=col]")) out.push("table without caption or heads");
	if (document.querySelectorAll("h1").length !== 1) out.push("not one h1");
	return out;
})()`
)

func TestInABrowser(t *testing.T) {
	b := openBrowser(t)
	dir := t.TempDir()
	if *shots != "" {
		dir = *shots
	}
	for name, e := range pages() {
		file := save(t, filepath.Join(absolute(t, dir), name+".html"), []byte(write(t, e)))
		for _, scheme := range []string{"light", "dark"} {
			for width, size := range map[int64]string{1280: "wide", 390: "narrow"} {
				what := name + ", " + scheme + ", " + size
				b.open(t, file, width, scheme)
				for _, script := range []string{overflow, invisible, illegible, unnamed} {
					assert.Empty(t, b.list(t, script), what)
				}
				// Names made to be too long are cut; their tables have them.
				if name != "hostile" {
					assert.Empty(t, b.list(t, cut), what)
				}
				shot := b.shoot(t)
				assert.Greater(t, colours(t, shot), 20, "the picture is blank: %s", what)
				save(t, filepath.Join(dir, name+"-"+scheme+"-"+size+".png"), shot)
			}
		}
		b.paper(t, file)
		assert.Empty(t, b.list(t, overflow), "%s, printed", name)
		// The tab's scheme is dark still: paper is white all the same.
		assert.Equal(t, []string{"rgb(0, 0, 0)"}, b.list(t, `[getComputedStyle(document.body).color]`), "%s, printed", name)
		if name != "hostile" {
			assert.Empty(t, b.list(t, cut), "%s, printed", name)
		}
		printed(t, name, save(t, filepath.Join(dir, name+".pdf"), b.pdf(t)))
	}
	assert.Empty(t, b.console, "the browser complains")
	assert.Empty(t, b.requests, "the page loads something")
}

// printed checks that a PDF has pages of A4 and that there is more on each, the
// last one too, than the number of the page.
func printed(t *testing.T, name, path string) {
	t.Helper()
	file, paper, err := pdf.Open(path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	require.Positive(t, paper.NumPage(), name)
	for i := 1; i <= paper.NumPage(); i++ {
		box := paper.Page(i).V.Key("MediaBox")
		assert.InDelta(t, 595, box.Index(2).Float64(), 1, "%s, width of page %d", name, i)
		assert.InDelta(t, 842, box.Index(3).Float64(), 1, "%s, height of page %d", name, i)
		text, err := paper.Page(i).GetPlainText(nil)
		require.NoError(t, err)
		assert.Contains(t, text, "Page", "%s, page %d", name, i)
		assert.Greater(t, len(text), 100, "%s, page %d is blank", name, i)
	}
}

// TestPicture takes the picture of the documentation. To renew it:
//
//	go test ./report -run TestPicture -update
func TestPicture(t *testing.T) {
	from := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	e, _ := madeUp(t, recordtest.Traffic{
		Records: 20_000, From: from, Hours: 7 * 24, Users: 12, Regions: []string{"eu-west-1", "us-east-1"}, Metrics: true,
		Faults: recordtest.Faults{Truncated: 1, Broken: 1, Duplicated: 2, Late: 5, Silent: 1},
	})
	to := from.AddDate(0, 0, 7)
	var out bytes.Buffer
	require.NoError(t, Write(t.Context(), &out, e, ledgersql.Filter{From: from, To: to},
		Options{Written: to.Add(8 * time.Hour), Source: "s3://invocation-logs", Engine: "duckdb"}))
	dir := t.TempDir()
	if *shots != "" {
		dir = *shots
	}
	b := openBrowser(t)
	b.open(t, save(t, filepath.Join(absolute(t, dir), "picture.html"), out.Bytes()), 1200, "light")
	shot := b.top(t, 1600)
	assert.Greater(t, colours(t, shot), 20)
	assert.Less(t, len(shot), 300_000)
	save(t, filepath.Join(dir, "picture.png"), shot)
	if *update {
		require.NoError(t, os.WriteFile("../../../docs/report.png", shot, 0o644))
	}
}

func absolute(t *testing.T, dir string) string {
	t.Helper()
	path, err := filepath.Abs(dir)
	require.NoError(t, err)
	return path
}
