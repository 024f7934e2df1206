package record

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// scanner goes over one JSON text once. It checks the whole grammar (RFC 8259) but decodes
// nothing, and takes eight bytes at a time where it can: bodies are nearly all of a record, and
// they are long strings.
//
// It does not check that text is UTF-8: a caller can send any body, and must not be able to make
// its own record unreadable. What it can do is to nest deeper than [MaxDepth].
type scanner struct {
	b []byte
	i int
	// depth is how many objects and arrays are open, but for those that skip has opened.
	depth int
}

// MaxDepth is how many objects and arrays of a record may be open at once, the record itself among
// them: one more, and [Parse] and the ledger's SQL (internal/ledgersql) count the line as unreadable.
// Amazon Athena's parser ends a whole query at some thousands, with an error that SQL cannot catch,
// so there has to be a limit, and it has to be one for both.
const MaxDepth = 512

const (
	each    = 0x0101010101010101
	highBit = 0x8080808080808080
)

func (s *scanner) fail(want string) error {
	switch {
	case s.i >= len(s.b):
		return fmt.Errorf("byte %d: the line ends where %s should be; it is cut short", s.i, want)
	case s.b[s.i] < ' ' || s.b[s.i] > '~':
		return fmt.Errorf("byte %d: byte 0x%02x where %s should be", s.i, s.b[s.i], want)
	default:
		return fmt.Errorf("byte %d: %q where %s should be", s.i, s.b[s.i], want)
	}
}

// peek passes over white space and gives the next byte; zero, which no JSON token starts with, at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		c := s.b[s.i]
		if c > ' ' || (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
			return c
		}
		s.i++
	}
	return 0
}

// enter notes that an object or an array is opened, inside of those that are open.
func (s *scanner) enter(open int) error {
	if open >= MaxDepth {
		return fmt.Errorf("byte %d: more than %d objects and arrays are open", s.i, MaxDepth)
	}
	s.i++
	return nil
}

// members goes over an object and calls f at each value, which f must pass over.
func (s *scanner) members(f func(key []byte) error) error {
	if err := s.enter(s.depth); err != nil {
		return err
	}
	s.depth++
	defer func() { s.depth-- }()
	if s.peek() == '}' {
		s.i++
		return nil
	}
	for {
		if s.peek() != '"' {
			return s.fail("a key")
		}
		key, escaped, err := s.text()
		if err != nil {
			return err
		}
		if escaped {
			key = unescape(key)
		}
		if s.peek() != ':' {
			return s.fail("a colon")
		}
		s.i++
		s.peek()
		if err := f(key); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.i++
		case '}':
			s.i++
			return nil
		default:
			return s.fail("a comma or a closing brace")
		}
	}
}

// elements goes over an array and calls f at each value, which f must pass over.
func (s *scanner) elements(f func(index int) error) error {
	if err := s.enter(s.depth); err != nil {
		return err
	}
	s.depth++
	defer func() { s.depth-- }()
	if s.peek() == ']' {
		s.i++
		return nil
	}
	for index := 0; ; index++ {
		s.peek()
		if err := f(index); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.i++
		case ']':
			s.i++
			return nil
		default:
			return s.fail("a comma or a closing bracket")
		}
	}
}

// text passes over the string that starts here and gives what is between its quotes.
func (s *scanner) text() (raw []byte, escaped bool, err error) {
	start := s.i + 1
	escaped, ok := s.toQuote()
	if !ok {
		return nil, false, s.fail("the rest of a string")
	}
	return s.b[start : s.i-1], escaped, nil
}

// toQuote moves from a string's opening quote past its closing one, or to what is wrong.
func (s *scanner) toQuote() (escaped, ok bool) {
	b, i := s.b, s.i+1
	for {
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			// The high bit of each byte that is a quote, a backslash or a control character: turning
			// bit 1 over takes the quote, 0x22, to 0x20, next to the control characters, and a space
			// out of the way. Bytes above the first find may be marked wrongly; they are not looked at.
			found := ((x ^ each*0x02 - each*0x21) | (x ^ each*'\\' - each)) &^ x & highBit
			if found != 0 {
				i += bits.TrailingZeros64(found) >> 3
				goto special
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
			i++
		}
		if i >= len(b) {
			s.i = len(b)
			return escaped, false
		}
	special:
		switch b[i] {
		case '"':
			s.i = i + 1
			return escaped, true
		case '\\':
			n := escapeLength(b[i:])
			if n == 0 {
				s.i = i
				return escaped, false
			}
			escaped = true
			i += n
		default:
			s.i = i
			return escaped, false
		}
	}
}

// escapeLength gives the length of the escape sequence that b starts with; zero if it is none.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case 'n', '"', '\\', 't', '/', 'r', 'b', 'f':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// digits moves over digits and tells whether there were any.
func (s *scanner) digits() bool {
	b, i := s.b, s.i
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:]) ^ each*'0'
		if other := (x | (x&^highBit + each*(0x80-10))) & highBit; other != 0 {
			i += bits.TrailingZeros64(other) >> 3
			from := s.i
			s.i = i
			return i > from
		}
		i += 8
	}
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	from := s.i
	s.i = i
	return i > from
}

func (s *scanner) at(c byte) bool { return s.i < len(s.b) && s.b[s.i] == c }

// number moves over the number that starts here.
func (s *scanner) number() bool {
	if s.at('-') {
		s.i++
	}
	if s.at('0') {
		s.i++
	} else if !s.digits() {
		return false
	}
	if s.at('.') {
		s.i++
		if !s.digits() {
			return false
		}
	}
	if s.at('e') || s.at('E') {
		s.i++
		if s.at('+') || s.at('-') {
			s.i++
		}
		return s.digits()
	}
	return true
}

// word moves over true, false or null.
func (s *scanner) word(w string) bool {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

// skip passes over the value that starts here, whatever it is.
func (s *scanner) skip() error {
	var open nesting
value:
	for {
		switch c := s.peek(); c {
		case '{':
			if err := s.enter(s.depth + open.depth); err != nil {
				return err
			}
			open.push(1)
			if s.peek() != '}' {
				if err := s.key(); err != nil {
					return err
				}
				continue
			}
		case '[':
			if err := s.enter(s.depth + open.depth); err != nil {
				return err
			}
			open.push(0)
			if s.peek() != ']' {
				continue
			}
		case '"':
			if _, ok := s.toQuote(); !ok {
				return s.fail("the rest of a string")
			}
		default:
			if !s.scalar(c) {
				return s.fail("a value")
			}
		}
		for open.depth > 0 {
			object := open.inObject()
			switch c := s.peek(); {
			case c == ',':
				s.i++
				if object {
					if err := s.key(); err != nil {
						return err
					}
				}
				continue value
			case c == '}' && object, c == ']' && !object:
				s.i++
				open.pop()
			case object:
				return s.fail("a comma or a closing brace")
			default:
				return s.fail("a comma or a closing bracket")
			}
		}
		return nil
	}
}

// nesting remembers which objects and arrays are open, one bit for each, set for objects; the
// innermost 64 of them at hand.
type nesting struct {
	inner uint64
	outer []uint64
	depth int
}

func (n *nesting) push(object uint64) {
	if n.depth > 0 && n.depth&63 == 0 {
		n.outer = append(n.outer, n.inner)
	}
	n.inner = n.inner<<1 | object
	n.depth++
}

func (n *nesting) pop() {
	n.inner >>= 1
	n.depth--
	if n.depth > 0 && n.depth&63 == 0 {
		last := len(n.outer) - 1
		n.inner, n.outer = n.outer[last], n.outer[:last]
	}
}

func (n *nesting) inObject() bool { return n.inner&1 != 0 }

// key passes over a key and its colon.
func (s *scanner) key() error {
	if s.peek() != '"' {
		return s.fail("a key")
	}
	if _, ok := s.toQuote(); !ok {
		return s.fail("the rest of a key")
	}
	if s.peek() != ':' {
		return s.fail("a colon")
	}
	s.i++
	return nil
}

// scalar moves over the number or word that starts with c.
func (s *scanner) scalar(c byte) bool {
	switch c {
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}
