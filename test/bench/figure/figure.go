package figure

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Figure is one measured figure and the limit it has to keep.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Limit is the most it may be, or with AtLeast the least; 0 is none.
	Limit   float64 `json:"limit,omitempty"`
	AtLeast bool    `json:"atLeast,omitempty"`
}

// Exceeded tells whether the figure breaks its limit.
func (f Figure) Exceeded() bool {
	return f.Limit > 0 && (f.AtLeast && f.Value < f.Limit || !f.AtLeast && f.Value > f.Limit)
}

// Write writes figures for machines as JSON, or else as a table.
func Write(to io.Writer, figures []Figure, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(to).Encode(figures)
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, f := range figures {
		limit := ""
		if f.Limit > 0 {
			most, verdict := "at most", "OK"
			if f.AtLeast {
				most = "at least"
			}
			if f.Exceeded() {
				verdict = "EXCEEDED"
			}
			limit = fmt.Sprintf("%s %g\t%s", most, f.Limit, verdict)
		}
		fmt.Fprintf(table, "%s\t%.4g %s\t%s\n", f.Name, f.Value, f.Unit, limit)
	}
	return table.Flush()
}

// Median is the middle one of values, or the upper of two.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Pairwise compares the runs of a with those of b that were made beside them.
func Pairwise(a, b []float64, compare func(a, b float64) float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = compare(a[i], b[i])
	}
	return out
}

// Ratio compares by division.
func Ratio(a, b float64) float64 { return a / b }
