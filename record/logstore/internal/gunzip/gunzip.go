package gunzip

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

var (
	// ErrHeader is what Read returns if a member does not start as one.
	ErrHeader = errors.New("gzip: invalid header")
	// ErrChecksum is what Read returns if a member is not what was compressed.
	ErrChecksum = errors.New("gzip: invalid checksum")
	// ErrCorrupt is what Read returns if the compressed data makes no sense.
	ErrCorrupt = errors.New("gzip: corrupt data")
)

const (
	window = 32 << 10 // how far back data may refer
	chunk  = 128 << 10
	slack  = 16 // that copies may write beyond their end
)

// Reader decompresses. The zero value reads nothing until Reset.
type Reader struct {
	in    []byte
	at    int    // of in, behind what is in bits
	bits  uint64 // read and not yet used; beyond count they are those at at
	count uint   // of bits

	out         []byte // the window, then what was not returned yet
	start, end  int    // of that
	checked     int    // of out, up to where the checksum is
	checksum    uint32
	length      uint32
	err         error // once out is empty
	member      int   // where it starts in out, below 0 if it starts before out
	inMember    bool
	inBlock     bool
	last        bool // block of the member
	stored      int  // bytes left of a stored block, or -1
	literals    litTable
	distances   distTable
	lengthCodes [320]uint8
}

// Reset makes the reader read from in, which must stay as it is.
func (r *Reader) Reset(in []byte) {
	out := r.out
	if out == nil {
		out = make([]byte, window+chunk+slack)
	}
	r.in, r.out = in, out
	r.at, r.bits, r.count = 0, 0, 0
	r.start, r.end, r.checked = window, window, window
	r.err, r.inMember, r.inBlock = nil, false, false
}

// Read returns io.EOF after the last member, and io.ErrUnexpectedEOF where one
// breaks off, after all that comes before.
func (r *Reader) Read(p []byte) (int, error) {
	for r.start == r.end {
		if r.err != nil {
			return 0, r.err
		}
		r.err = r.fill()
	}
	n := copy(p, r.out[r.start:r.end])
	r.start += n
	return n, nil
}

// fill decompresses until out is full or there is no more.
func (r *Reader) fill() (err error) {
	if r.end > window {
		copy(r.out, r.out[r.end-window:r.end])
		r.member = max(r.member-(r.end-window), -1)
		r.start, r.end, r.checked = window, window, window
	}
	for err == nil && r.end < len(r.out)-slack {
		switch {
		case !r.inMember:
			err = r.header()
		case !r.inBlock && r.last:
			err = r.trailer()
		case !r.inBlock:
			err = r.block()
		case r.stored >= 0:
			err = r.copyStored()
		default:
			err = r.inflate()
			if err == errFull {
				r.check()
				return nil
			}
		}
	}
	r.check()
	return err
}

// check takes what was decompressed into the checksum.
func (r *Reader) check() {
	fresh := r.out[r.checked:r.end]
	r.checksum = crc32.Update(r.checksum, crc32.IEEETable, fresh)
	r.length += uint32(len(fresh))
	r.checked = r.end
}

// header reads what is before a member's data.
func (r *Reader) header() error {
	rest := r.in[r.at:]
	if len(rest) == 0 && r.at > 0 {
		return io.EOF
	}
	if len(rest) < 10 {
		if len(rest) >= 2 && (rest[0] != 0x1f || rest[1] != 0x8b) {
			return ErrHeader
		}
		return io.ErrUnexpectedEOF
	}
	if rest[0] != 0x1f || rest[1] != 0x8b || rest[2] != 8 {
		return ErrHeader
	}
	const hasChecksum, hasExtra, hasName, hasComment = 2, 4, 8, 16
	flags, n := rest[3], 10
	if flags&hasExtra != 0 {
		if len(rest) < n+2 {
			return io.ErrUnexpectedEOF
		}
		n += 2 + int(binary.LittleEndian.Uint16(rest[n:]))
	}
	for _, text := range []byte{hasName, hasComment} {
		if flags&text == 0 {
			continue
		}
		for n < len(rest) && rest[n] != 0 {
			n++
		}
		n++
	}
	if flags&hasChecksum != 0 {
		n += 2
	}
	if n > len(rest) {
		return io.ErrUnexpectedEOF
	}
	if flags&hasChecksum != 0 && binary.LittleEndian.Uint16(rest[n-2:]) != uint16(crc32.ChecksumIEEE(rest[:n-2])) {
		return ErrHeader
	}
	r.at += n
	r.checksum, r.length, r.checked = 0, 0, r.end
	r.member = r.end
	r.inMember, r.last = true, false
	return nil
}

// trailer compares a member with its checksum and length.
func (r *Reader) trailer() error {
	r.toByte()
	r.check()
	if len(r.in)-r.at < 8 {
		return io.ErrUnexpectedEOF
	}
	want := r.in[r.at : r.at+8]
	r.at += 8
	r.inMember = false
	if binary.LittleEndian.Uint32(want) != r.checksum || binary.LittleEndian.Uint32(want[4:]) != r.length {
		return ErrChecksum
	}
	return nil
}

// toByte drops the bits up to the next byte, and gives back whole bytes.
func (r *Reader) toByte() {
	r.at -= int(r.count / 8)
	r.bits, r.count = 0, 0
}

// take returns the next n bits, at most 16.
func (r *Reader) take(n uint) (uint, error) {
	r.refill()
	if r.count < n {
		return 0, io.ErrUnexpectedEOF
	}
	value := uint(r.bits) & (1<<n - 1)
	r.bits >>= n
	r.count -= n
	return value, nil
}

// refill makes 56 bits or more available, or all that are left.
func (r *Reader) refill() {
	for r.count < 56 && r.at < len(r.in) {
		r.bits |= uint64(r.in[r.at]) << r.count
		r.at++
		r.count += 8
	}
}

// block reads what is before a block's data.
func (r *Reader) block() error {
	kind, err := r.take(3)
	if err != nil {
		return err
	}
	r.last, r.stored = kind&1 != 0, -1
	switch kind >> 1 {
	case 0:
		r.toByte()
		if len(r.in)-r.at < 4 {
			return io.ErrUnexpectedEOF
		}
		size := binary.LittleEndian.Uint16(r.in[r.at:])
		if size != ^binary.LittleEndian.Uint16(r.in[r.at+2:]) {
			return ErrCorrupt
		}
		r.at += 4
		r.stored = int(size)
	case 1:
		err = r.fixedTables()
	case 2:
		err = r.dynamicTables()
	default:
		return ErrCorrupt
	}
	r.inBlock = err == nil
	return err
}

func (r *Reader) copyStored() error {
	n := min(r.stored, len(r.out)-slack-r.end)
	copied := copy(r.out[r.end:r.end+n], r.in[r.at:])
	r.at += copied
	r.end += copied
	r.stored -= copied
	if copied < n {
		return io.ErrUnexpectedEOF
	}
	r.inBlock = r.stored > 0
	return nil
}
