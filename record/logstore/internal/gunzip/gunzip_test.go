package gunzip

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// samples are data of all kinds.
func samples() map[string][]byte {
	random := rand.New(rand.NewPCG(1, 1))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	skewed := make([]byte, 400_000) // codes of all lengths
	for i := range skewed {
		skewed[i] = byte(random.ExpFloat64() * 12)
	}
	var far []byte // matches from the whole window
	for range 40 {
		far = append(far, noise[:32_000+random.IntN(700)]...)
	}
	var text strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&text, "{\"requestId\":%d,\"text\":\"%x and the same again\"}\n", i, random.Uint32())
	}
	return map[string][]byte{
		"nothing": nil, "a byte": {7}, "noise": noise, "skewed": skewed, "far": far, "text": []byte(text.String()),
		"runs": bytes.Repeat([]byte{0}, 1_000_000), "pairs": bytes.Repeat([]byte("ab"), 200_000), "sevens": bytes.Repeat([]byte("abcdefg"), 50_000),
	}
}

func compress(t testing.TB, data []byte, level int, klauspost bool) []byte {
	t.Helper()
	var out bytes.Buffer
	var zip io.WriteCloser
	var err error
	if klauspost {
		zip, err = kgzip.NewWriterLevel(&out, level)
	} else {
		zip, err = gzip.NewWriterLevel(&out, level)
	}
	require.NoError(t, err)
	_, err = zip.Write(data)
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	return out.Bytes()
}

func decompress(in []byte) ([]byte, error) {
	var r Reader
	r.Reset(in)
	return io.ReadAll(&r)
}

func TestDecompressesWhatWasCompressed(t *testing.T) {
	t.Parallel()
	var r Reader
	for name, data := range samples() {
		for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, 1, 6, 9} {
			for _, klauspost := range []bool{false, true} {
				r.Reset(compress(t, data, level, klauspost))
				got, err := io.ReadAll(&r)
				require.NoError(t, err, "%s, level %d", name, level)
				require.True(t, bytes.Equal(data, got), "%s, level %d", name, level)
			}
		}
	}
}

func TestDecompressesMembersOneAfterTheOther(t *testing.T) {
	t.Parallel()
	var in, want []byte
	for _, data := range samples() {
		in = append(in, compress(t, data, 6, false)...)
		want = append(want, data...)
	}
	got, err := decompress(in)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got))

	got, err = decompress(append(compress(t, []byte("sound"), 6, false), "garbage"...))
	assert.ErrorIs(t, err, ErrHeader)
	assert.Equal(t, "sound", string(got))
}

func TestReadsWhateverIsInAHeader(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	zip.Name, zip.Comment, zip.Extra = "a name", "a comment", []byte("more")
	_, err := zip.Write([]byte("data"))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	got, err := decompress(out.Bytes())
	require.NoError(t, err)
	assert.Equal(t, "data", string(got))
}

func TestGivesWhatComesBeforeTheBreak(t *testing.T) {
	t.Parallel()
	data := samples()["text"][:40_000]
	for _, level := range []int{0, 1, 6} {
		whole := compress(t, data, level, false)
		before := -1
		for n := 0; n < len(whole); n += 1 + n/50 {
			got, err := decompress(whole[:n])
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%d of %d bytes", n, len(whole))
			require.True(t, bytes.HasPrefix(data, got))
			require.GreaterOrEqual(t, len(got), before)
			before = len(got)
		}
		assert.Greater(t, before, len(data)*9/10)
	}
}

func TestNoticesEveryFlippedBit(t *testing.T) {
	t.Parallel()
	data := samples()["text"][:3000]
	whole := compress(t, data, 6, false)
	for i := 10 * 8; i < len(whole)*8; i++ { // a header may say many things
		whole[i/8] ^= 1 << (i % 8)
		got, err := decompress(whole)
		if err == nil { // a bit that says nothing, between the data and the checksum
			require.Equal(t, data, got, "bit %d", i)
			require.Less(t, i, (len(whole)-8)*8)
		}
		whole[i/8] ^= 1 << (i % 8)
	}
}

func TestMembersDoNotReferToEachOther(t *testing.T) {
	t.Parallel()
	in := compress(t, []byte("data"), 6, false)
	in = append(in, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"...)
	in = append(in, 0x03, 0x02, 0x00) // three bytes from one byte before, in the fixed code
	for _, more := range []int{8, 80} {
		got, err := decompress(append(in[:len(in):len(in)], make([]byte, more)...))
		assert.ErrorIs(t, err, ErrCorrupt)
		assert.Equal(t, "data", string(got))
	}
}

// FuzzReader compares with the standard library: the same data, and an error
// where it has one.
func FuzzReader(f *testing.F) {
	for _, data := range samples() {
		for _, level := range []int{0, 1, 6} {
			f.Add(compress(f, data[:min(len(data), 2000)], level, level == 1))
		}
	}
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		const most = 1 << 20
		var r Reader
		r.Reset(in)
		got, err := io.ReadAll(io.LimitReader(&r, most))
		var want []byte
		reference, wantErr := gzip.NewReader(bytes.NewReader(in))
		if wantErr == nil {
			want, wantErr = io.ReadAll(io.LimitReader(reference, most))
		}
		assert.Equal(t, wantErr == nil, err == nil, "%v, not %v", err, wantErr)
		if wantErr == nil {
			assert.True(t, bytes.Equal(want, got))
		}
	})
}

func BenchmarkReader(b *testing.B) {
	data := samples()["text"]
	in := compress(b, data, 6, false)
	buffer := make([]byte, 256<<10)
	var ours Reader
	theirs := new(kgzip.Reader)
	for name, reset := range map[string]func() io.Reader{
		"in memory": func() io.Reader { ours.Reset(in); return &ours },
		"streaming": func() io.Reader { theirs.Reset(bytes.NewReader(in)); return theirs },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				for r := reset(); ; {
					if _, err := r.Read(buffer); err != nil {
						require.Equal(b, io.EOF, err)
						break
					}
				}
			}
		})
	}
}
