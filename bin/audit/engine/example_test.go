package engine_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

func ExampleCompleteness_Complete() {
	whole := engine.Completeness{Objects: 24, Records: 1200, Unpriced: []engine.Unpriced{{ModelID: "new.model", Calls: 3}}}
	torn := engine.Completeness{Objects: 24, Records: 1180, BrokenObjects: 1, Broken: []engine.Broken{
		{Object: "2026/03/01/14/20260301T141500000Z_1.json.gz", Records: 30, Problem: "unexpected EOF"},
	}}
	fmt.Println(whole.Complete(), torn.Complete())
	// Output: true false
}
