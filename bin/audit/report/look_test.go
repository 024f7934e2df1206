package report

import (
	"bytes"
	"cmp"
	"slices"
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/stretchr/testify/require"
)

func tally(calls []call, names []string, top int, key func(call) []any) *engine.Result {
	sums := map[string]amounts{}
	keys := map[string][]any{}
	id := func(k []any) string { s := ""; for _, v := range k { if v==nil {s+="\x00"} else {s += v.(string)+"\x01"} }; return s }
	for _, c := range calls {
		k := key(c)
		sums[id(k)] = sums[id(k)].plus(c.amounts)
		keys[id(k)] = k
	}
	var ids []string
	for i := range sums { ids = append(ids, i) }
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(sums[b].NanoUSD, sums[a].NanoUSD), cmp.Compare(a, b)) })
	if top > 0 { ids = ids[:min(top, len(ids))] }
	r := result(names)
	for _, i := range ids { r.Rows = append(r.Rows, append(slices.Clone(keys[i]), sums[i].values()...)) }
	return r
}
func null(s string) any { if s == "" { return nil }; return s }

func TestLook(t *testing.T) {
	calls := month()
	a := &answers{
		users: tally(calls, []string{"user_id"}, 10, func(c call) []any { return []any{null(c.user)} }),
		tasks: tally(calls, []string{"task_type"}, 10, func(c call) []any { return []any{null(c.task)} }),
		models: tally(calls, []string{"model"}, 10, func(c call) []any { return []any{null(c.vendor+"."+c.model)} }),
		days: tally(calls, []string{"day"}, 0, func(c call) []any { return []any{c.at.Format("2006-01-02")} }),
		completeness: &engine.Completeness{Objects: 412, Records: int64(len(calls)), Duplicates: 3, Skipped: 57,
		BrokenObjects: 1, BrokenLines: 1,
		Broken: []engine.Broken{{Object:"AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1/2026/06/09/14/20260609T141502113Z_5f0e8a7d31c2b946.json.gz", Records: 118, Problem: "unexpected end of the gzip stream"},
		{Object:"AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1/2026/06/11/10/20260611T101502113Z_5f0e8a7d31c2b946.json.gz", Line: 17, Records: 230, Problem: "input: not a JSON object at byte 311"}},
		Unpriced: []engine.Unpriced{{ModelID:"arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/k3v9q0c1x7ab", Calls: 101}},
		Hours: engine.Hours{Checked: true, Silent: []engine.Silent{{Region:"eu-central-1", Hour: june.From.AddDate(0,0,17).Add(9*3600e9), Calls: 212},{Region:"eu-central-1", Hour: june.From.AddDate(0,0,17).Add(10*3600e9), Calls: 187}}}},
	}
	tot := tally(calls, nil, 0, func(c call) []any { return nil })
	tot.Columns = append(tot.Columns, engine.Column{Name:"first_call"}, engine.Column{Name:"last_call"})
	tot.Rows[0] = append(tot.Rows[0], calls[0].at, calls[len(calls)-1].at)
	a.totals = tot
	o, err := Options{Written: written, Source: "s3://paper-trail-invocations-111122223333-eu-central-1/", Engine: "DuckDB"}.withDefaults()
	require.NoError(t, err)
	c, err := compose(a, june, o)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, render(&out, lay(c)))
	f := save(t, "/tmp/look/report.html", out.Bytes())
	b := openBrowser(t)
	for _, s := range []string{"light","dark"} { for _, w := range []int64{1280, 390} {
	b.open(t, f, w, s)
	save(t, "/tmp/look/"+s+map[int64]string{1280:"wide",390:"narrow"}[w]+".png", b.shoot(t))
	}}
	save(t, "/tmp/look/report.pdf", b.pdf(t))
	t.Log(b.console, b.requests)
}
