package config

import (
	"fmt"
	"strings"
)

// nearest returns the option most like got, or "" where none is near enough to
// be a slip of the hand.
func nearest(got string, options []string) string {
	best, bestDistance := "", 2+len(got)/4
	for _, option := range options {
		if d := distance(strings.ToLower(got), strings.ToLower(option)); d < bestDistance {
			best, bestDistance = option, d
		}
	}
	return best
}

// suggest ends a message with the option nearest to got, if there is one.
func suggest(got string, options []string) string {
	if option := nearest(got, options); option != "" {
		return fmt.Sprintf("; did you mean %q?", option)
	}
	return ""
}

// distance counts the letters to insert, delete or replace to turn a into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = 1 + min(rows[i-1][j-1], rows[i-1][j], rows[i][j-1])
			}
		}
	}
	return rows[len(a)][len(b)]
}
