package alerting

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestThrottlingLimitsProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limits throttlingLimits
		want   []string
	}{
		"least":           {limits: throttlingLimits{threshold: 1, seconds: 60}},
		"most":            {limits: throttlingLimits{threshold: 1e6, seconds: 3600}},
		"no threshold":    {limits: throttlingLimits{threshold: 0, seconds: 60}, want: []string{"Threshold has to be 1 or more, got 0"}},
		"not a number":    {limits: throttlingLimits{threshold: math.NaN(), seconds: 60}, want: []string{"got NaN"}},
		"half a minute":   {limits: throttlingLimits{threshold: 1, seconds: 90}, want: []string{"Period has to be whole minutes, 1 to 60, got 90 seconds"}},
		"no time":         {limits: throttlingLimits{threshold: 1, seconds: 0}, want: []string{"got 0 seconds"}},
		"beyond insights": {limits: throttlingLimits{threshold: 1, seconds: 3660}, want: []string{"got 3660 seconds"}},
		"all at once":     {limits: throttlingLimits{threshold: -1, seconds: 1}, want: []string{"got -1", "got 1 seconds"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := test.limits.problems()
			assert.Len(t, problems, len(test.want))
			for _, want := range test.want {
				assert.ErrorContains(t, errors.Join(problems...), want)
			}
		})
	}
}

func TestThrottlingDescriptionSaysWhatToDoWithinTheLimit(t *testing.T) {
	t.Parallel()
	d := throttlingLimits{threshold: 5, seconds: 300}.description("/aws/bedrock/model-invocations")
	assert.Contains(t, d, "5 or more calls within 5 minutes")
	assert.Contains(t, d, "/aws/bedrock/model-invocations")
	assert.Contains(t, d, "Service Quotas")
	longest := throttlingLimits{threshold: 1_000_000, seconds: 86_400}.description(strings.Repeat("x", 512))
	assert.LessOrEqual(t, len(longest), 1024)
}
