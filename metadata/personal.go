package metadata

import "strings"

// looksLike names the kind of personal data that value looks like, or nothing.
// It goes by form alone: it knows no names, and a number that happens to have
// the form of a payment card is taken for one.
func looksLike(value string) string {
	if strings.IndexByte(value, '@') >= 0 && hasAddress(value) {
		return "an e-mail address"
	}
	digits := 0
	for i := range len(value) {
		if isDigit(value[i]) {
			digits++
		}
	}
	// Below that nothing has the form of a number; above it a UUID does, in
	// part, and this package generates some.
	if digits < 8 || isUUID(value) {
		return ""
	}
	for start := 0; start < len(value); {
		run, end := numberAt(value, start)
		switch {
		case end == start:
			start++
			continue
		case isCard(run):
			return "a payment card number"
		case isPhone(run):
			return "a phone number"
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
		dot := strings.LastIndexByte(domain, '.')
		named := local != "" && isLocalByte(local[len(local)-1])
		if named && dot > 0 && len(domain)-dot > 2 && strings.IndexFunc(domain[dot+1:], isNoLetter) < 0 {
			return true
		}
		rest = rest[at+1:]
	}
}

func isDomainRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-'
}

func isLocalByte(b byte) bool { return isDomainRune(rune(b)) || b == '_' || b == '+' }

func isNoLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// numberAt reads a number as people write it, digits in groups parted by single
// spaces, hyphens or dots, that stands by itself: no letter, underscore or
// further digit touches it. The end is start where there is none.
func numberAt(value string, start int) (number string, end int) {
	i := start
	if i < len(value) && value[i] == '+' {
		i++
	}
	if i == len(value) || !isDigit(value[i]) || start > 0 && touches(value[start-1]) {
		return "", start
	}
	for i < len(value) {
		separated := (value[i] == ' ' || value[i] == '-' || value[i] == '.') && i+1 < len(value) && isDigit(value[i+1])
		if !isDigit(value[i]) && !separated {
			break
		}
		i++
	}
	if i < len(value) && touches(value[i]) {
		return "", start
	}
	return value[start:i], i
}

func touches(b byte) bool {
	return isDigit(b) || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '_' || b == '-' || b == '='
}

// isCard goes by the length, the first digit and the check digit of payment
// cards (ISO/IEC 7812).
func isCard(number string) bool {
	var digits []byte
	for i := range len(number) {
		if isDigit(number[i]) {
			digits = append(digits, number[i]-'0')
		}
	}
	if number[0] == '+' || len(digits) < 13 || len(digits) > 19 || digits[0] < 2 || digits[0] > 6 {
		return false
	}
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i])
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// isPhone recognises the international form, +, country and number (ITU-T
// E.164), and the North American 555-123-4567. Other national forms look like
// any number.
func isPhone(number string) bool {
	if number[0] == '+' {
		digits := 0
		for i := range len(number) {
			if isDigit(number[i]) {
				digits++
			}
		}
		return digits >= 8 && digits <= 15
	}
	return len(number) == 12 && number[3] == number[7] && !isDigit(number[3]) &&
		isDigits(number[:3]) && isDigits(number[4:7]) && isDigits(number[8:])
}

func isDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}

// isUUID recognises the usual form, 8-4-4-4-12 hexadecimal digits.
func isUUID(value string) bool {
	if len(value) != 36 {
		return false
	}
	for i := range len(value) {
		switch b := value[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if b != '-' {
				return false
			}
		case !isDigit(b) && (b < 'a' || b > 'f') && (b < 'A' || b > 'F'):
			return false
		}
	}
	return true
}
