package gunzip

import (
	"io"
	"math/bits"
)

// A table finds a symbol by the next bits. Codes longer than its index continue
// in a second table behind it, which the entry at their first bits points to.
//
// An entry has the number of bits to use in its lowest byte, and above:
//
//	literal       flag literal, the byte from bit 16
//	length        the bits that follow from bit 8, the shortest length from bit 16
//	distance      the bits that follow from bit 8, the shortest distance from bit 16
//	end of block  flags special and end
//	second table  flag special, for distances far; its bits from bit 8, where it starts from bit 16
//	no code       0
type entry = uint32

const (
	literal entry = 1 << 31
	special entry = 1 << 30
	end     entry = 1 << 29
	far     entry = 1 << 31 // since distances need the bits of the others

	litBits  = 11
	distBits = 8
	maxBits  = 15
)

// The sizes are those of the fullest tables that 288 and 32 codes can need.
type (
	litTable  [2342]entry
	distTable [402]entry
)

// Lengths and distances as in RFC 1951, section 3.2.5.
var (
	lengthEntries   [31]entry
	distanceEntries [32]entry
)

func init() {
	base := entry(3)
	for i := range 28 {
		extra := entry(0)
		if i >= 8 {
			extra = entry(i/4 - 1)
		}
		lengthEntries[i] = base<<16 | extra<<8
		base += 1 << extra
	}
	lengthEntries[28] = 258 << 16
	base = 1
	for i := range 30 {
		extra := entry(0)
		if i >= 4 {
			extra = entry(i/2 - 1)
		}
		distanceEntries[i] = base<<16 | extra<<8
		base += 1 << extra
	}
}

func litEntry(symbol int) entry {
	switch {
	case symbol < 256:
		return literal | entry(symbol)<<16
	case symbol == 256:
		return special | end
	case symbol < 286:
		return lengthEntries[symbol-257]
	}
	return 0
}

func distEntry(symbol int) entry {
	if symbol < 30 {
		return distanceEntries[symbol]
	}
	return 0
}

// build fills a table for codes of the given lengths, pointer being the flag of
// second tables. It returns false if they are no prefix code; a lone code of one
// bit passes, as do no codes at all.
func build(table []entry, index uint, pointer entry, lengths []uint8, symbol func(int) entry) bool {
	var counts, next [maxBits + 2]int // of the codes of a length; where they go
	for _, n := range lengths {
		counts[n]++
	}
	codes, left, longest := 0, 1, uint(0)
	for n := uint(1); n <= maxBits; n++ {
		next[n] = codes
		codes += counts[n]
		if left = left<<1 - counts[n]; left < 0 {
			return false
		}
		if counts[n] > 0 {
			longest = n
		}
	}
	if left > 0 && longest > 1 {
		return false
	}
	var order [288]uint16 // of the symbols, by their codes
	for at, n := range lengths {
		if n > 0 {
			order[next[n]] = uint16(at)
			next[n]++
		}
	}
	clear(table[:1<<index])
	free := 1 << index // where the next second table goes
	code, n := 0, uint(1)
	for _, at := range order[:codes] {
		for counts[n] == 0 {
			code <<= 1
			n++
		}
		reversed := uint(bits.Reverse16(uint16(code)) >> (16 - n))
		e := symbol(int(at))
		if n <= index {
			if e != 0 {
				e |= entry(n)
			}
			for i := reversed; i < 1<<index; i += 1 << n {
				table[i] = e
			}
		} else {
			first := reversed & (1<<index - 1)
			if table[first] == 0 {
				// As wide as the codes with these first bits need: the shortest come
				// first, and they take up all of it.
				width := n - index
				for room := 1<<width - counts[n]; room > 0 && index+width < longest; {
					width++
					room = room<<1 - counts[index+width]
				}
				table[first] = pointer | entry(free)<<16 | entry(width)<<8 | entry(index)
				clear(table[free : free+1<<width])
				free += 1 << width
			}
			second := table[table[first]>>16&0x1fff:][:1<<(table[first]>>8&31)]
			if e != 0 {
				e |= entry(n - index)
			}
			for i := reversed >> index; i < uint(len(second)); i += 1 << (n - index) {
				second[i] = e
			}
		}
		code++
		counts[n]--
	}
	return true
}

// fixedTables are those of RFC 1951, section 3.2.6.
func (r *Reader) fixedTables() error {
	lengths := r.lengthCodes[:]
	for i := range 288 {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	for i := range 32 {
		lengths[288+i] = 5
	}
	build(r.literals[:], litBits, special, lengths[:288], litEntry)
	build(r.distances[:], distBits, far, lengths[288:], distEntry)
	return nil
}

// codeOrder is in which order the lengths of the codes of lengths come.
var codeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamicTables reads the tables of RFC 1951, section 3.2.7.
func (r *Reader) dynamicTables() error {
	sizes, err := r.take(14)
	if err != nil {
		return err
	}
	literals, distances, codes := 257+int(sizes&31), 1+int(sizes>>5&31), 4+int(sizes>>10)
	if literals > 286 || distances > 30 {
		return ErrCorrupt
	}
	var of [19]uint8
	for _, at := range codeOrder[:codes] {
		n, err := r.take(3)
		if err != nil {
			return err
		}
		of[at] = uint8(n)
	}
	var table [128]entry
	if !build(table[:], 7, special, of[:], func(symbol int) entry { return literal | entry(symbol)<<16 }) {
		return ErrCorrupt
	}
	lengths := r.lengthCodes[:literals+distances]
	for i := 0; i < len(lengths); {
		r.refill()
		e := table[r.bits&127]
		used := uint(e & 0xff)
		if r.count < used || e == 0 && r.count < 7 {
			return io.ErrUnexpectedEOF
		}
		if e == 0 {
			return ErrCorrupt
		}
		r.bits >>= used
		r.count -= used
		symbol := uint8(e >> 16)
		if symbol < 16 {
			lengths[i] = symbol
			i++
			continue
		}
		repeated, extra, times := uint8(0), uint(3), 3
		switch symbol {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			repeated, extra = lengths[i-1], 2
		case 18:
			extra, times = 7, 11
		}
		more, err := r.take(extra)
		if err != nil {
			return err
		}
		if times += int(more); i+times > len(lengths) {
			return ErrCorrupt
		}
		for range times {
			lengths[i] = repeated
			i++
		}
	}
	if !build(r.literals[:], litBits, special, lengths[:literals], litEntry) ||
		!build(r.distances[:], distBits, far, lengths[literals:], distEntry) {
		return ErrCorrupt
	}
	return nil
}
