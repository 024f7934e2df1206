package logstore_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// single is a store with one object.
type single []byte

func (s single) List(context.Context, string) (logstore.Listing, error) {
	return logstore.Listing{Objects: []logstore.Object{{Key: "a.json.gz", Size: int64(len(s))}}}, nil
}
func (s single) Walk(context.Context, string) iter.Seq2[logstore.Object, error] { return nil }
func (s single) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(s)), nil
}
func (s single) OpenURL(ctx context.Context, _ string) (io.ReadCloser, error) { return s.Open(ctx, "") }
func (s single) Name(key string) string                                       { return key }

// readAll returns the lines of one object.
func readAll(t *testing.T, object []byte, maxLine int) ([]string, logstore.Stats) {
	var lines []string
	stats, err := (&logstore.Reader{Store: single(object), Workers: 1, MaxLine: maxLine}).Each(t.Context(),
		func(_ int, _ string, line []byte) error {
			lines = append(lines, string(line))
			return nil
		})
	require.NoError(t, err)
	return lines, stats
}

// FuzzLines compares the lines of any text with those that the standard library
// finds.
func FuzzLines(f *testing.F) {
	f.Add([]byte("{}\n{}\n"), 10)
	f.Add([]byte("{}\r\n\r\n\n{}"), 2)
	f.Add(bytes.Repeat([]byte("0123456789"), 100), 20)
	f.Add([]byte("\n\n0123456789\n0123456789012345\n0"), 10)
	f.Fuzz(func(t *testing.T, text []byte, maxLine int) {
		maxLine = 1 + (maxLine&0x7fffffff)%5000
		var want []string
		long := int64(0)
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			switch bare := bytes.TrimSuffix(line, []byte("\r")); {
			case len(line) > maxLine:
				long++
			case len(bare) > 0:
				want = append(want, string(bare))
			}
		}
		var object bytes.Buffer
		zip := gzip.NewWriter(&object)
		zip.Write(text)
		zip.Close()
		got, stats := readAll(t, object.Bytes(), maxLine)
		assert.Equal(t, want, got)
		assert.Equal(t, long, stats.BrokenLines)
		assert.EqualValues(t, len(want), stats.Records)
		assert.Zero(t, stats.BrokenObjects)
	})
}

// FuzzObject reads anything, without a panic and without losing count.
func FuzzObject(f *testing.F) {
	var sound bytes.Buffer
	zip := gzip.NewWriter(&sound)
	io.WriteString(zip, "{\"a\":1}\n{\"b\":2}\n")
	zip.Close()
	f.Add(sound.Bytes())
	f.Add(sound.Bytes()[:sound.Len()-4])
	f.Add(append(bytes.Clone(sound.Bytes()), sound.Bytes()...))
	f.Add([]byte{0x1f, 0x8b})
	f.Add([]byte("plain\n"))
	f.Fuzz(func(t *testing.T, object []byte) {
		lines, stats := readAll(t, object, 1000)
		assert.EqualValues(t, 1, stats.Objects)
		assert.EqualValues(t, len(lines), stats.Records)
		assert.LessOrEqual(t, stats.BrokenObjects, int64(1))
		assert.Len(t, stats.Broken, int(min(1000, stats.BrokenObjects+stats.BrokenLines)))
	})
}
