package picture

import (
	"fmt"
	"regexp"
	"strings"
)

// run is a stretch of text that looks alike.
type run struct {
	text string
	bold bool
	link string
}

// paragraph is a heading of a level, or plain text at level 0.
type paragraph struct {
	level int
	runs  []run
}

var (
	headingForm = regexp.MustCompile(`^(#{1,3}) (.+)$`)
	unknownForm = regexp.MustCompile("^([-*+>|]|\\d+\\.) |`|\\]\\(#|\\[button")
	inlineForm  = regexp.MustCompile(`\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)`)
)

func parseMarkdown(markdown string) ([]paragraph, error) {
	var found []paragraph
	for line := range strings.SplitSeq(markdown, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if unknownForm.MatchString(line) {
			return nil, fmt.Errorf("the picture does not know this Markdown: %s", line)
		}
		p := paragraph{}
		if heading := headingForm.FindStringSubmatch(line); heading != nil {
			p.level, line = len(heading[1]), heading[2]
		}
		for line != "" {
			at := inlineForm.FindStringSubmatchIndex(line)
			if at == nil {
				p.runs = append(p.runs, run{text: line})
				break
			}
			if at[0] > 0 {
				p.runs = append(p.runs, run{text: line[:at[0]]})
			}
			if at[2] >= 0 {
				p.runs = append(p.runs, run{text: line[at[2]:at[3]], bold: true})
			} else {
				p.runs = append(p.runs, run{text: line[at[4]:at[5]], link: line[at[6]:at[7]]})
			}
			line = line[at[1]:]
		}
		found = append(found, p)
	}
	return found, nil
}

// wrap breaks runs into lines of at most a width.
func wrap(runs []run, width, size float64) [][]run {
	lines := [][]run{nil}
	used := 0.0
	for _, r := range runs {
		for _, word := range strings.SplitAfter(r.text, " ") {
			if word == "" {
				continue
			}
			wide := textWidth(word, size, r.bold)
			if used > 0 && used+textWidth(strings.TrimRight(word, " "), size, r.bold) > width {
				lines, used = append(lines, nil), 0
			}
			line := &lines[len(lines)-1]
			if n := len(*line); n > 0 && (*line)[n-1].bold == r.bold && (*line)[n-1].link == r.link {
				(*line)[n-1].text += word
			} else {
				*line = append(*line, run{word, r.bold, r.link})
			}
			used += wide
		}
	}
	return lines
}
