package picture

import "strings"

// font is one that is everywhere, or looks like one that is.
const font = "Helvetica, Arial, 'Liberation Sans', sans-serif"

// textWidth is about how wide a text is in that font. The picture is made
// without the font at hand, so it need only be near enough to break lines.
func textWidth(text string, size float64, bold bool) float64 {
	sum := 0.0
	for _, r := range text {
		switch {
		case strings.ContainsRune("ijl|'", r):
			sum += 0.23
		case strings.ContainsRune(" ftI.,:;!/\\()[]·-", r):
			sum += 0.3
		case strings.ContainsRune("mMwW@%", r):
			sum += 0.86
		case r >= 'A' && r <= 'Z':
			sum += 0.68
		default:
			sum += 0.55
		}
	}
	if bold {
		sum *= 1.07
	}
	return sum * size
}

// shorten cuts the middle out of a text that is too wide.
func shorten(text string, width, size float64) string {
	runes := []rune(text)
	if textWidth(text, size, false) <= width {
		return text
	}
	for keep := len(runes) - 1; keep > 2; keep-- {
		short := string(runes[:(keep+1)/2]) + "…" + string(runes[len(runes)-keep/2:])
		if textWidth(short, size, false) <= width {
			return short
		}
	}
	return "…"
}
