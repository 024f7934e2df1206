package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// problem is one thing wrong with the file. A line of 0 is unknown.
type problem struct {
	file string
	line int
	path string
	text string
}

func (p problem) Error() string {
	var b strings.Builder
	b.WriteString(p.file)
	if p.line > 0 {
		b.WriteString(":" + strconv.Itoa(p.line))
	}
	b.WriteString(": ")
	if p.path != "" {
		b.WriteString(p.path + ": ")
	}
	return b.String() + p.text
}

// problems gathers what is wrong, and knows the line of every path the file
// sets.
type problems struct {
	file   string
	lines  map[string]int
	unread map[string]bool
	all    []problem
}

func newProblems(file string) *problems {
	return &problems{file: file, lines: map[string]int{"": 1}, unread: map[string]bool{}}
}

// written reports whether the file sets path.
func (p *problems) written(path string) bool {
	return p.lines[path] > 0
}

// misread reports a value that could not be read. Rules about the same path
// say nothing more, because they would speak of a value nobody wrote.
func (p *problems) misread(line int, path, format string, args ...any) {
	p.unread[path] = true
	p.at(line, path, format, args...)
}

// readable reports whether path, and all it lies in, could be read.
func (p *problems) readable(path string) bool {
	for at := path; at != ""; at = parent(at) {
		if p.unread[at] {
			return false
		}
	}
	return !p.unread[""]
}

// broken reports a value that was read but breaks a rule, at the line of path
// or, where the file does not set it, of the nearest thing around it.
func (p *problems) broken(path, format string, args ...any) {
	if !p.readable(path) {
		return
	}
	set := path
	for !p.written(set) {
		set = parent(set)
	}
	p.at(p.lines[set], path, format, args...)
}

func (p *problems) at(line int, path, format string, args ...any) {
	p.all = append(p.all, problem{p.file, line, path, fmt.Sprintf(format, args...)})
}

// err joins the problems in the order of their lines; nil if there are none.
func (p *problems) err() error {
	slices.SortStableFunc(p.all, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	var errs []error
	for _, one := range p.all {
		errs = append(errs, one)
	}
	return errors.Join(errs...)
}

// section is the part of the file below a path.
type section struct {
	*problems
	path string
}

// readable reports whether the values at all of these paths could be read. A
// rule that compares two values asks first.
func (s section) readable(paths ...string) bool {
	for _, path := range paths {
		if !s.problems.readable(s.path + "." + path) {
			return false
		}
	}
	return true
}

// written reports whether the file sets path.
func (s section) written(path string) bool {
	return s.problems.written(s.path + "." + path)
}

func (s section) broken(path, format string, args ...any) {
	s.problems.broken(s.path+"."+path, format, args...)
}

var plainKey = regexp.MustCompile(`^[\w-]+$`)

// join appends a key to a path, quoted where it would be misread.
func join(path, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return fmt.Sprintf("%s[%q]", path, key)
	case path == "":
		return key
	default:
		return path + "." + key
	}
}

// parent cuts the last key or index off a path. A path whose last key holds a
// dot needs several cuts.
func parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}
