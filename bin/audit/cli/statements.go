package cli

import "regexp"

// part is what SQL takes as one: a text, a name, a comment, blanks, or a character.
// A text in dollars is so with an empty tag only.
var part = regexp.MustCompile(`(?s)^(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$.*?\$\$|--[^\n]*|/\*.*?\*/|\s+|.)`)

// several reports whether a query is more than one statement: anything but blanks
// and comments stands behind a semicolon.
func several(query string) bool {
	ended := false
	for query != "" {
		token := part.FindString(query)
		if token == "" {
			return false // no text: the engine says so
		}
		query = query[len(token):]
		switch {
		case token == ";":
			ended = true
		case len(token) > 1 && (token[:2] == "--" || token[:2] == "/*"), token[0] <= ' ':
		case ended:
			return true
		}
	}
	return false
}
