package duckdb

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"sync"
)

// seen is a set of request ids that many goroutines share. It keeps 16 bytes an
// id, at most three quarters full, so ten million ids take up to 350 MB.
type seen struct {
	shards [64]shard
}

type shard struct {
	mu    sync.Mutex
	slots [][16]byte // the zero value is a free slot
	used  int
	zero  bool // the set holds the id of sixteen zero bytes
	_     [64]byte
}

// add puts an id into the set, and returns false if it was there.
func (s *seen) add(id string) bool {
	key := keyOf(id)
	sh := &s.shards[mix(key)>>58]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if key == ([16]byte{}) {
		fresh := !sh.zero
		sh.zero = true
		return fresh
	}
	if sh.used*4 >= len(sh.slots)*3 {
		sh.grow()
	}
	if !place(sh.slots, key) {
		return false
	}
	sh.used++
	return true
}

func (sh *shard) grow() {
	bigger := make([][16]byte, max(256, 2*len(sh.slots)))
	for _, key := range sh.slots {
		if key != ([16]byte{}) {
			place(bigger, key)
		}
	}
	sh.slots = bigger
}

func place(slots [][16]byte, key [16]byte) bool {
	mask := uint64(len(slots) - 1)
	at := mix(key) & mask
	for ; slots[at] != ([16]byte{}); at = (at + 1) & mask {
		if slots[at] == key {
			return false
		}
	}
	slots[at] = key
	return true
}

// mix spreads keys that differ in few bits over the slots (the finaliser of
// MurmurHash3 by Austin Appleby, public domain).
func mix(key [16]byte) uint64 {
	h := binary.LittleEndian.Uint64(key[:8])*0x9e3779b97f4a7c15 ^ binary.LittleEndian.Uint64(key[8:])
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// keyOf is the 16 bytes of a UUID, which request ids are, and a hash of
// anything else.
func keyOf(id string) [16]byte {
	var key [16]byte
	if len(id) == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' {
		var digits [32]byte
		n := copy(digits[:], id[:8])
		n += copy(digits[n:], id[9:13])
		n += copy(digits[n:], id[14:18])
		n += copy(digits[n:], id[19:23])
		copy(digits[n:], id[24:])
		if _, err := hex.Decode(key[:], digits[:]); err == nil && isLower(digits[:]) {
			return key
		}
	}
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}

// isLower keeps ids apart that differ in case only: SQL tells them apart, too.
func isLower(digits []byte) bool {
	for _, c := range digits {
		if c >= 'A' && c <= 'F' {
			return false
		}
	}
	return true
}
