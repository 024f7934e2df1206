package register

import (
	"testing"

	"github.com/stretchr/testify/assert"

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
