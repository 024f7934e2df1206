package logstore

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore/internal/gunzip"
)

func compressed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// A mistake of our decompressor loses nothing.
func TestTheLibraryGoesOnWhereOursFails(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a record of a call\n", 1000)
	failing := func(after int, err error) io.Reader {
		return io.MultiReader(strings.NewReader(text[:after]), iotest.ErrReader(err))
	}
	for _, after := range []int{0, 1, 7000} {
		got, err := io.ReadAll(&secondOpinion{first: failing(after, gunzip.ErrCorrupt), content: compressed(t, text)})
		require.NoError(t, err)
		assert.Equal(t, text, string(got))
	}
	cut := compressed(t, text)
	_, err := io.ReadAll(&secondOpinion{first: failing(50, gunzip.ErrCorrupt), content: cut[:len(cut)-9]})
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "what the library says counts")
	_, err = io.ReadAll(&secondOpinion{first: failing(50, gunzip.ErrChecksum), content: compressed(t, text)})
	assert.ErrorIs(t, err, gunzip.ErrChecksum, "some of what was read may be wrong")
	_, err = io.ReadAll(&secondOpinion{first: failing(50, errors.New("no such bits")), content: []byte("not gzip")})
	assert.ErrorContains(t, err, "no such bits")
}
