package customresource

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShortensTheReasonInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, filler := range map[string]string{
		"plain":   "x",
		"wide":    "é🙂",
		"escaped": "\"\n\x01\u2028",
		"invalid": "\xffx",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := answer{
				Status:    "FAILED",
				Reason:    "what failed" + strings.Repeat(filler, 10_000) + "what to do",
				StackID:   "stack",
				RequestID: "request",
			}.encode()
			assert.LessOrEqual(t, len(body), maxAnswerBytes)
			assert.Greater(t, len(body), maxAnswerBytes-100)

			var got answer
			require.NoError(t, json.Unmarshal(body, &got))
			assert.True(t, utf8.ValidString(got.Reason))
			assert.True(t, strings.HasPrefix(got.Reason, "what failed"), got.Reason)
			assert.True(t, strings.HasSuffix(got.Reason, "what to do"), got.Reason)
			assert.Equal(t, "request", got.RequestID)
		})
	}
}

func TestKeepsAReasonThatFits(t *testing.T) {
	t.Parallel()
	body := answer{Status: "FAILED", Reason: "a <b> & c"}.encode()
	assert.JSONEq(t, `{"Status":"FAILED","Reason":"a <b> & c","PhysicalResourceId":"","StackId":"","RequestId":"","LogicalResourceId":"","NoEcho":false}`, string(body))
}
