package register

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

func toBucket(name string) *logging.Config {
	return &logging.Config{S3Config: &logging.S3Config{BucketName: name}}
}

func TestRegisterWithoutAnOwner(t *testing.T) {
	t.Parallel()
	found := toBucket
	chain := func() *Register {
		return &Register{Owner: "c", Previous: found("b's"), Earlier: &Register{
			Owner: "b", Previous: found("a's"), Earlier: &Register{Owner: "a", Previous: found("theirs")}}}
	}
	for owner, want := range map[string]*Register{
		"c": chain().Earlier,
		"b": {Owner: "c", Previous: found("a's"), Earlier: chain().Earlier.Earlier},
		"a": {Owner: "c", Previous: found("b's"), Earlier: &Register{Owner: "b", Previous: found("theirs")}},
		"d": chain(),
	} {
		assert.Equal(t, want, chain().Without(owner), owner)
		assert.Equal(t, owner != "d", chain().Contains(owner), owner)
	}
	assert.Nil(t, (&Register{Owner: "a"}).Without("a"))
}

// Each stack that is deleted without its resource leaves an entry behind.
func TestARegisterThatGrowsKeepsItsNewestEntries(t *testing.T) {
	t.Parallel()
	s := newStore("")
	var loaded *Register
	var err error
	for i := range 20 {
		r := &Register{Owner: fmt.Sprint("stack-", i), Declared: toBucket(strings.Repeat("d", 500)), Previous: toBucket(strings.Repeat("p", 500)), Earlier: loaded}
		require.NoError(t, Save(t.Context(), s, "/register", loaded, r))
		require.LessOrEqual(t, len(s.parameters["/register"].Value), 4096)
		loaded, err = Load(t.Context(), s, "/register")
		require.NoError(t, err)
	}
	for i := range 20 {
		assert.Equal(t, i > 16, loaded.Contains(fmt.Sprint("stack-", i)), i)
	}
	assert.Equal(t, toBucket(strings.Repeat("p", 500)), loaded.Previous)
}
