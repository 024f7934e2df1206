package misuse_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/stretchr/testify/assert"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

func TestIsNilSeesThroughInterfaces(t *testing.T) {
	t.Parallel()
	var key awskms.IKey
	var text *string
	empty := ""
	assert.True(t, misuse.IsNil(nil))
	assert.True(t, misuse.IsNil(key))
	assert.True(t, misuse.IsNil(text), "a nil pointer in an interface is no nil interface")
	assert.False(t, misuse.IsNil(&empty))
	assert.False(t, misuse.IsNil(0))
}

func TestPanicAllNamesEveryProblem(t *testing.T) {
	t.Parallel()
	assert.NotPanics(t, func() { misuse.PanicAll(nil) })
	assert.PanicsWithValue(t, "paper-trail/p: one\npaper-trail/p: two", func() {
		misuse.PanicAll([]error{misuse.Errorf("p", "one"), errors.New("paper-trail/p: two")})
	})
}
