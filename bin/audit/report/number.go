package report

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// places returns how many decimals the amounts of money of a whole report have,
// so that columns line up: cents where the total is worth it, more where cents
// would hide it.
func places(totalNanoUSD int64) int {
	switch {
	case totalNanoUSD == 0 || totalNanoUSD >= 10e9:
		return 2
	case totalNanoUSD >= 100e6:
		return 4
	default:
		return 6
	}
}

// dollars writes an amount in billionths of a dollar, rounded half up to the
// given number of decimals, 0 to 9.
func dollars(nanoUSD int64, places int) string {
	unit := int64(1)
	for range 9 - places {
		unit *= 10
	}
	sign := ""
	n := uint64(nanoUSD)
	if nanoUSD < 0 {
		sign, n = "−", -n
	}
	n = n/uint64(unit) + n%uint64(unit)*2/uint64(unit)
	scale := uint64(1e9 / unit)
	text := sign + "$" + grouped(strconv.FormatUint(n/scale, 10))
	if places > 0 {
		text += fmt.Sprintf(".%0*d", places, n%scale)
	}
	return text
}

// count writes a whole number with its digits in groups of three.
func count(n int64) string {
	if n < 0 {
		return "−" + grouped(strconv.FormatInt(n, 10)[1:])
	}
	return grouped(strconv.FormatInt(n, 10))
}

func grouped(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// compact writes a number short enough for an axis or a tile: 1.25 M.
func compact(n int64) string {
	for _, u := range []struct {
		size   float64
		suffix string
	}{{1e12, " tn"}, {1e9, " bn"}, {1e6, " M"}, {1e3, " k"}} {
		// 999,500 is 1 M, not 1000 k: three digits are shown.
		if v := float64(n) / u.size; v >= 0.9995 {
			return strconv.FormatFloat(v, 'f', decimals(v), 64) + u.suffix
		}
	}
	return count(n)
}

// decimals is how many decimals show three digits of v, none of them a closing
// zero.
func decimals(v float64) int {
	places := 2
	if v >= 99.95 {
		places = 0
	} else if v >= 9.995 {
		places = 1
	}
	for places > 0 && strings.HasSuffix(strconv.FormatFloat(v, 'f', places, 64), "0") {
		places--
	}
	return places
}

// percent writes part of whole with one decimal. A part that is not nothing
// never reads 0.0 %, and one that is not all never reads 100.0 %. Nothing of
// nothing is a dash.
func percent(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	// Thousandths, rounded half up; sums of nano-dollars times 1000 may
	// leave int64.
	p := new(big.Int).Mul(big.NewInt(part), big.NewInt(2000))
	p.Add(p, big.NewInt(whole)).Quo(p, new(big.Int).Mul(big.NewInt(whole), big.NewInt(2)))
	switch t := p.Int64(); {
	case t == 0 && part > 0:
		return "< 0.1 %"
	case t == 1000 && part < whole:
		return "> 99.9 %"
	default:
		return fmt.Sprintf("%d.%d %%", t/10, t%10)
	}
}

// size writes a number of bytes in units of 1000, as Athena's price list does.
func size(n int64) string {
	for _, u := range []struct {
		size   float64
		suffix string
	}{{1e12, " TB"}, {1e9, " GB"}, {1e6, " MB"}, {1e3, " kB"}} {
		if v := float64(n) / u.size; v >= 0.9995 {
			return strconv.FormatFloat(v, 'f', decimals(v), 64) + u.suffix
		}
	}
	return count(n) + " bytes"
}

// plural writes a number and the noun in the form that fits.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

func day(t time.Time) string    { return t.UTC().Format("2 Jan 2006") }
func minute(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// visible makes text from outside safe to look at: what does not print, or
// changes the direction of the text around it, is written as a Go escape.
func visible(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unicode.IsPrint(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// shorten cuts the middle out of text that takes more than width columns, so
// that both the kind and the number at the end of an ARN stay. Characters of
// East Asian scripts and the like are wide: they count two.
func shorten(s string, width int) string {
	runes := []rune(s)
	total := 0
	for _, r := range runes {
		total += columns(r)
	}
	if total <= width {
		return s
	}
	head, room := 0, (width-1)/2
	for head < len(runes) && columns(runes[head]) <= room {
		room -= columns(runes[head])
		head++
	}
	tail, room := len(runes), (width-1)/2
	for tail > head && columns(runes[tail-1]) <= room {
		room -= columns(runes[tail-1])
		tail--
	}
	return string(runes[:head]) + "…" + string(runes[tail:])
}

func columns(r rune) int {
	if r >= 0x1100 {
		return 2
	}
	return 1
}
