package metadata

import (
	"strings"
	"unicode/utf8"
)

// looksLike names the kind of personal data that value looks like, or nothing.
// It goes by form alone: it knows no names, and a number that happens to have
// the form of a payment card is taken for one.
func looksLike(value string) string {
	if strings.IndexByte(value, '@') >= 0 && hasAddress(value) {
		return "an e-mail address"
	}
	for start := 0; start < len(value); {
		end := wordEnd(value, start)
		if end == start {
			start++
			continue
		}
		if kind := numberFrom(value, start); kind != "" {
			return kind
		}
		start = end
	}
	return ""
}

// hasAddress finds local@domain.tld.
func hasAddress(value string) bool {
	for rest := value; ; {
		at := strings.IndexByte(rest, '@')
		if at < 0 {
			return false
		}
		local, domain := rest[:at], rest[at+1:]
		if end := strings.IndexFunc(domain, func(r rune) bool { return !isDomainRune(r) }); end >= 0 {
			domain = domain[:end]
		}
		domain = strings.Trim(domain, ".-")
		named := local != "" && isLocalByte(local[len(local)-1])
		if named && endsInTopLevel(domain) && !isVersion(domain) {
			return true
		}
		rest = rest[at+1:]
	}
}

// endsInTopLevel reports whether letters follow the last dot, or the ASCII form
// of letters (RFC 5890).
func endsInTopLevel(domain string) bool {
	dot := strings.LastIndexByte(domain, '.')
	if dot <= 0 || len(domain)-dot <= 2 {
		return false
	}
	top := domain[dot+1:]
	return strings.HasPrefix(strings.ToLower(top), "xn--") || strings.IndexFunc(top, isNoLetter) < 0
}

// isVersion recognises v1.2.rc and 1.2.rc, which have the form of a domain.
func isVersion(domain string) bool {
	first, rest, _ := strings.Cut(domain, ".")
	number := strings.TrimPrefix(first, "v")
	return number != "" && isDigits(number) && rest != "" && (number != first || isDigit(rest[0]))
}

// The letters of other scripts are refused by Amazon Bedrock, but the error
// must not show an address that has them.
func isDomainRune(r rune) bool { return !isNoLetter(r) || '0' <= r && r <= '9' || r == '.' || r == '-' }

func isLocalByte(b byte) bool { return isDomainRune(rune(b)) || b == '_' || b == '+' }

func isNoLetter(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < utf8.RuneSelf
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func inWord(b byte) bool {
	return isDigit(b) || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_' || b == '-' || b == '.'
}

func wordEnd(value string, start int) int {
	for start < len(value) && inWord(value[start]) {
		start++
	}
	return start
}

// numberFrom names what the number looks like that begins with the word at
// start. People write numbers in groups, so the words after it may belong to it,
// or be a number of their own: each length is tried. A word that has letters in
// it is a name and ends the number.
func numberFrom(value string, start int) string {
	plus := start > 0 && value[start-1] == '+' && (start == 1 || !inWord(value[start-2]))
	var longest [mostDigits]byte
	digits := longest[:0]
	for at := start; ; {
		end := wordEnd(value, at)
		group := strings.Trim(value[at:end], "-.")
		if !isNumber(group) {
			return ""
		}
		for i := range len(group) {
			if !isDigit(group[i]) {
				continue
			}
			if len(digits) == mostDigits {
				return ""
			}
			digits = append(digits, group[i])
		}
		switch {
		case isPhone(strings.Trim(value[start:end], "-."), len(digits), plus):
			return "a phone number"
		case isCard(digits):
			return "a payment card number"
		case end == len(value) || value[end] != ' ':
			return ""
		}
		at = end + 1
	}
}

// isNumber reports whether a word is digits, in groups parted by single hyphens
// or dots.
func isNumber(word string) bool {
	for i := range len(word) {
		if !isDigit(word[i]) && (word[i] != '-' && word[i] != '.' || !isDigit(word[i-1])) {
			return false
		}
	}
	return word != ""
}

// mostDigits is how many digits a payment card has at most (ISO/IEC 7812).
const mostDigits = 19

// cards are the numbers that the networks issue: the first six digits, and how
// many there are in all.
var cards = []struct{ from, to, least, most int }{
	{400000, 499999, 13, 13}, // Visa
	{400000, 499999, 16, 16},
	{400000, 499999, 19, 19},
	{222100, 272099, 16, 16}, // Mastercard
	{510000, 559999, 16, 16},
	{501800, 501899, 13, 19}, // Maestro; those of 12 digits look like accounts of AWS
	{502000, 502099, 13, 19},
	{503800, 503899, 13, 19},
	{589300, 589399, 13, 19},
	{630400, 630499, 13, 19},
	{675900, 675999, 13, 19},
	{676100, 676399, 13, 19},
	{340000, 349999, 15, 15}, // American Express
	{370000, 379999, 15, 15},
	{300000, 305999, 14, 19}, // Diners Club
	{309500, 309599, 14, 19},
	{360000, 369999, 14, 19},
	{380000, 399999, 14, 19},
	{352800, 358999, 16, 19}, // JCB
	{601100, 601199, 16, 19}, // Discover
	{644000, 659999, 16, 19},
	{620000, 629999, 16, 19}, // UnionPay
	{508500, 508999, 16, 16}, // RuPay
	{606985, 608500, 16, 16},
	{817200, 820199, 16, 16},
	{220000, 220499, 16, 19}, // Mir
	{979200, 979289, 16, 16}, // Troy
}

// isCard goes by the networks' numbers and the check digit (ISO/IEC 7812).
func isCard(digits []byte) bool {
	if len(digits) < 13 {
		return false
	}
	first := 0
	for _, digit := range digits[:6] {
		first = 10*first + int(digit-'0')
	}
	for _, card := range cards {
		if card.from <= first && first <= card.to && card.least <= len(digits) && len(digits) <= card.most {
			return hasCheckDigit(digits)
		}
	}
	return false
}

func hasCheckDigit(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// isPhone recognises the international form, + or 00, country and number (ITU-T
// E.164), and the North American 555-123-4567. Other national forms look like
// any number. After 00 more digits are asked for, as numbers filled up with
// zeros have it, too.
func isPhone(number string, digits int, plus bool) bool {
	switch {
	case plus:
		return digits >= 8 && digits <= 15
	case strings.HasPrefix(number, "00"):
		return digits >= 12 && digits <= 15 && isDigit(number[2]) && number[2] != '0'
	default:
		return len(number) == 12 && number[3] == number[7] && !isDigit(number[3]) &&
			isDigits(number[:3]) && isDigits(number[4:7]) && isDigits(number[8:])
	}
}

func isDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}
