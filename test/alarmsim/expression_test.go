package alarmsim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpressions(t *testing.T) {
	t.Parallel()
	values := map[string]point{"a": exactly(6), "b": exactly(4), "zero": exactly(0), "none": {}}
	for text, want := range map[string]point{
		"a":                             exactly(6),
		"a - b - 1":                     exactly(1),
		"a + b * 2":                     exactly(14),
		"(a + b) * 2":                   exactly(20),
		"-a + 1.5":                      exactly(-4.5),
		"a / b":                         exactly(1.5),
		"a / zero":                      {},
		"a - none":                      {},
		"a - FILL(none, 0)":             exactly(6),
		"FILL(a, 0)":                    exactly(6),
		"a > b AND b > 5":               exactly(0),
		"a > b OR b > 5":                exactly(1),
		"a >= 6 && b <= 4":              exactly(1),
		"a == 6 || none":                {},
		"a != 6":                        exactly(0),
		"a < b":                         exactly(0),
		"IF(a >= 6, 100 * b / a, 0)":    exactly(400. / 6),
		"IF(zero > 0, a / zero, 0)":     exactly(0),
		"IF(none, 1, 0)":                {},
		"SUM([a, b, none])":             exactly(10),
		"MAX([a, b])":                   exactly(6),
		"MIN([a, b]) + AVG([a, b])":     exactly(9),
		"SUM([none, none])":             {},
		"IF(SUM([none, b]) >= 4, a, 0)": exactly(6),
	} {
		e, ids, err := parseExpression(text)
		require.NoError(t, err, text)
		assert.NotEmpty(t, ids, text)
		assert.Equal(t, want, e(func(id string) point { return values[id] }), text)
	}
}

func TestExpressionsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "a +", "a b", "(a", "RATE(a)", "SUM(METRICS())", "SUM(a)", "FILL(a, REPEAT)", "FILL(a)", "IF(a, 1)",
		"a ^ 2", "SEARCH('x', 'Sum', 60)", "SUM([a", "IF(a, 1, 0", "MAX", "A", "1 +* 2",
	} {
		_, _, err := parseExpression(text)
		assert.ErrorContains(t, err, "expression", text)
	}
}
