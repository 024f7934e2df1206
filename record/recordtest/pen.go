package recordtest

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// pen writes JSON, which it does not look at: what is written must be escaped.
type pen struct {
	b         []byte
	random    *rand.Rand
	sentences []string
}

// raw writes strings as they are.
func (p *pen) raw(parts ...string) {
	for _, part := range parts {
		p.b = append(p.b, part...)
	}
}

func (p *pen) int(n int64) { p.b = strconv.AppendInt(p.b, n, 10) }

// text writes sentences of about so many bytes.
func (p *pen) text(length int) {
	for end := len(p.b) + length; len(p.b) < end; {
		p.raw(p.sentences[p.random.IntN(len(p.sentences))])
	}
}

// pieces calls write for the pieces of a text of about so many bytes, as streams
// break it up: at spaces.
func (p *pen) pieces(length int, write func(piece string)) {
	for length > 0 {
		rest := p.sentences[p.random.IntN(len(p.sentences))]
		length -= len(rest)
		for rest != "" {
			piece := rest
			if len(rest) > 40 {
				if at := strings.IndexByte(rest[24:], ' '); at >= 0 {
					piece = rest[:24+at]
				}
			}
			rest = rest[len(piece):]
			write(piece)
		}
	}
}

// vector writes the numbers of an embedding.
func (p *pen) vector(dimensions int) {
	p.raw("[")
	for i := range dimensions {
		if i > 0 {
			p.raw(",")
		}
		p.b = strconv.AppendFloat(p.b, p.random.NormFloat64()/16, 'g', 8, 64)
	}
	p.raw("]")
}

const hexDigits = "0123456789abcdef"

func (p *pen) hex(digits int) {
	var bits uint64
	for i := range digits {
		if i%16 == 0 {
			bits = p.random.Uint64()
		}
		p.b = append(p.b, hexDigits[bits&15])
		bits >>= 4
	}
}

func (p *pen) uuid() {
	p.hex(8)
	p.raw("-")
	p.hex(4)
	p.raw("-4")
	p.hex(3)
	p.raw("-a")
	p.hex(3)
	p.raw("-")
	p.hex(12)
}
