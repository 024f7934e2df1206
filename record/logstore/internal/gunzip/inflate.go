package gunzip

import (
	"encoding/binary"
	"errors"
	"io"
)

// errFull says that out is full before the end of a block.
var errFull = errors.New("full")

const (
	longestMatch = 258
	litMask      = 1<<litBits - 1
	distMask     = 1<<distBits - 1
)

// inflate decompresses the rest of a block.
func (r *Reader) inflate() error {
	for {
		if done, err := r.fast(); done || err != nil {
			r.inBlock = false
			return err
		}
		if r.end > len(r.out)-slack-longestMatch {
			return errFull
		}
		if done, err := r.careful(); done || err != nil {
			r.inBlock = false
			return err
		}
	}
}

// fast reads symbols while there are 16 bytes or more to read them from and room
// for three literals and the longest match; done is the end of the block.
func (r *Reader) fast() (done bool, err error) {
	in, out := r.in, r.out
	at, bits, count, to := r.at, r.bits, r.count, r.end
	first := max(r.member, 0)
	limit, room := len(in)-16, len(out)-slack-longestMatch-3
	literals, distances := &r.literals, &r.distances
	for at <= limit && to <= room {
		bits |= binary.LittleEndian.Uint64(in[at:]) << (count & 63)
		at += int((63 - count) >> 3)
		count |= 56

		e := literals[bits&litMask]
		if e&literal != 0 {
			bits >>= e & 63
			count -= uint(e & 63)
			out[to] = byte(e >> 16)
			to++
			e = literals[bits&litMask]
			if e&literal != 0 {
				bits >>= e & 63
				count -= uint(e & 63)
				out[to] = byte(e >> 16)
				to++
				e = literals[bits&litMask]
				if e&literal != 0 {
					bits >>= e & 63
					count -= uint(e & 63)
					out[to] = byte(e >> 16)
					to++
					continue
				}
			}
			bits |= binary.LittleEndian.Uint64(in[at:]) << (count & 63)
			at += int((63 - count) >> 3)
			count |= 56
		}
		if e&special != 0 {
			if e&end == 0 { // a long code
				bits >>= litBits
				count -= litBits
				e = literals[(e>>16&0x1fff)+uint32(bits)&(1<<(e>>8&31)-1)]
				if e&literal != 0 {
					bits >>= e & 63
					count -= uint(e & 63)
					out[to] = byte(e >> 16)
					to++
					continue
				}
			}
			if e&end != 0 {
				bits >>= e & 63
				count -= uint(e & 63)
				done = true
				break
			}
		}
		if e == 0 {
			err = ErrCorrupt
			break
		}
		bits >>= e & 63
		count -= uint(e & 63)
		extra := e >> 8 & 31
		length := int(e>>16) + int(bits&(1<<extra-1))
		bits >>= extra & 63
		count -= uint(extra)

		e = distances[bits&distMask]
		if e&far != 0 {
			bits >>= distBits
			count -= distBits
			e = distances[(e>>16&0x1fff)+uint32(bits)&(1<<(e>>8&31)-1)]
		}
		if e == 0 {
			err = ErrCorrupt
			break
		}
		bits >>= e & 63
		count -= uint(e & 63)
		extra = e >> 8 & 31
		distance := int(e>>16&0x7fff) + int(bits&(1<<extra-1))
		bits >>= extra & 63
		count -= uint(extra)
		from := to - distance
		if from < first {
			err = ErrCorrupt
			break
		}
		stop := to + length
		if distance >= 8 {
			for { // beyond stop, into what comes next or the slack
				binary.LittleEndian.PutUint64(out[to:], binary.LittleEndian.Uint64(out[from:]))
				binary.LittleEndian.PutUint64(out[to+8:], binary.LittleEndian.Uint64(out[from+8:]))
				to += 16
				from += 16
				if to >= stop {
					break
				}
			}
			to = stop
		} else {
			for to < stop {
				out[to] = out[from]
				to++
				from++
			}
		}
	}
	r.at, r.bits, r.count, r.end = at, bits, count, to
	return done, err
}

// careful reads one symbol where the input may end.
func (r *Reader) careful() (done bool, err error) {
	e, err := r.code(r.literals[:], litBits, special)
	switch {
	case err != nil:
		return false, err
	case e&literal != 0:
		r.out[r.end] = byte(e >> 16)
		r.end++
		return false, nil
	case e&end != 0:
		return true, nil
	}
	length := int(e >> 16)
	more, err := r.take(uint(e >> 8 & 31))
	if err != nil {
		return false, err
	}
	length += int(more)
	if e, err = r.code(r.distances[:], distBits, far); err != nil {
		return false, err
	}
	if more, err = r.take(uint(e >> 8 & 31)); err != nil {
		return false, err
	}
	from := r.end - int(e>>16) - int(more)
	if from < max(r.member, 0) {
		return false, ErrCorrupt
	}
	for range length {
		r.out[r.end] = r.out[from]
		r.end++
		from++
	}
	return false, nil
}

// code reads a code.
func (r *Reader) code(table []entry, index uint, pointer entry) (entry, error) {
	r.refill()
	e := table[r.bits&(1<<index-1)]
	used := uint(0)
	if e&pointer != 0 && e&end == 0 {
		used = index
		e = table[(e>>16&0x1fff)+uint32(r.bits>>index)&(1<<(e>>8&31)-1)]
	}
	used += uint(e & 63)
	switch {
	case r.count < used, e == 0 && r.count < maxBits:
		return 0, io.ErrUnexpectedEOF
	case e == 0:
		return 0, ErrCorrupt
	}
	r.bits >>= used
	r.count -= used
	return e, nil
}
