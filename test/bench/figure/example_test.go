package figure_test

import (
	"os"

	"github.com/bedrock-paper-trail/paper-trail/test/bench/figure"
)

func ExampleWrite() {
	ours, theirs := []float64{10, 12, 30}, []float64{40, 48, 90}
	figure.Write(os.Stdout, []figure.Figure{
		{Name: "ours", Value: figure.Median(ours), Unit: "ms", Limit: 50},
		{Name: "  against theirs", Value: figure.Median(figure.Pairwise(ours, theirs, figure.Ratio)), Unit: "x", Limit: 0.2},
	}, false)
	// Output:
	// ours              12 ms   at most 50   OK
	//   against theirs  0.25 x  at most 0.2  EXCEEDED
}
