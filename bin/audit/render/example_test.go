package render_test

import (
	"os"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
)

func ExampleTable() {
	answer := &engine.Result{
		Columns: []engine.Column{{Name: "user_id"}, {Name: "calls", Kind: engine.Integer}, {Name: "estimated_nanousd", Kind: engine.Integer}},
		Rows:    [][]any{{"alice", int64(1204), int64(3_250_000_000)}, {"mallory\x1b[2J", int64(1), nil}},
	}
	render.Table(os.Stdout, answer, render.Look{})
	render.Footer(os.Stdout, &engine.Completeness{
		Objects: 3, Records: 1205, BrokenLines: 1,
		Broken:   []engine.Broken{{Object: "13/a.json.gz", Line: 7, Problem: "it is cut short"}},
		Unpriced: []engine.Unpriced{{ModelID: "acme.new", Calls: 1}},
		Hours:    engine.Hours{Checked: true},
	})
	// Output:
	// user id         calls  estimated USD
	// alice           1,204         3.2500
	// mallory\x1b[2J      1              -
	// record     1,205 calls in 3 objects
	// BROKEN     0 objects broken off, 1 line unreadable
	//            13/a.json.gz, line 7: it is cut short
	// hours      every hour with calls has a record
	// unpriced   calls that no sum of money holds, since the rate card has no rate or the record no tokens:
	//            acme.new: 1 call
}
