package lifecycle

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRecordWithoutAnOwner(t *testing.T) {
	t.Parallel()
	found := toBucket
	chain := func() *record {
		return &record{Owner: "c", Previous: found("b's"), Earlier: &record{
			Owner: "b", Previous: found("a's"), Earlier: &record{Owner: "a", Previous: found("theirs")}}}
	}
	for owner, want := range map[string]*record{
		"c": chain().Earlier,
		"b": {Owner: "c", Previous: found("a's"), Earlier: chain().Earlier.Earlier},
		"a": {Owner: "c", Previous: found("b's"), Earlier: &record{Owner: "b", Previous: found("theirs")}},
		"d": chain(),
	} {
		assert.Equal(t, want, chain().without(owner), owner)
		assert.Equal(t, owner != "d", chain().contains(owner), owner)
	}
	assert.Nil(t, (&record{Owner: "a"}).without("a"))
}
