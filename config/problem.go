package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// position is where something stands in the file. A line of 0 is unknown.
type position struct {
	line, column int
}

func positionOf(n *yaml.Node) position { return position{n.Line, n.Column} }

// problem is one thing wrong with the file.
type problem struct {
	file string
	position
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

// problems gathers what is wrong, and knows the position of every path the
// file sets.
type problems struct {
	file string
	all  []problem
	said map[said]bool

	// What the present reading of the file knows of its paths.
	positions map[string]position
	unread    map[string]bool // could not be read
	unclear   map[string]bool // has several values
	unnamed   map[string]bool // has a key that is no name
}

// said is a text about a position.
type said struct {
	position
	text string
}

// startReading forgets what the last reading knew, but no problem it found.
func (p *problems) startReading() {
	p.positions = map[string]position{"": {1, 1}}
	p.unread, p.unclear, p.unnamed = map[string]bool{}, map[string]bool{}, map[string]bool{}
}

// written reports whether the file sets path.
func (p *problems) written(path string) bool {
	return p.positions[path].line > 0
}

// misread reports a value that could not be read. Rules about the same path
// say nothing more, because they would speak of a value nobody wrote.
func (p *problems) misread(n *yaml.Node, path, format string, args ...any) {
	p.unread[path] = true
	p.at(positionOf(n), path, format, args...)
}

// broken reports a value that was read but breaks a rule, at the line of path
// or, where the file does not set it, of the nearest thing around it.
func (p *problems) broken(path, format string, args ...any) {
	if within(path, p.unread) {
		return
	}
	set := path
	for !p.written(set) {
		set = parent(set)
	}
	p.at(p.positions[set], path, format, args...)
}

// at reports a problem, unless the same has been said of the same position: in
// an earlier reading, or through an alias, which gives it another path.
func (p *problems) at(where position, path, format string, args ...any) {
	this := said{where, fmt.Sprintf(format, args...)}
	if p.said[this] {
		return
	}
	p.said[this] = true
	p.all = append(p.all, problem{p.file, where, path, this.text})
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

// readable reports whether the values at all of these paths could be read, and
// are the only ones there. A rule that compares a value with others asks about
// them first.
func (s section) readable(paths ...string) bool {
	for _, path := range paths {
		if at := s.path + "." + path; within(at, s.unread) || within(at, s.unclear) {
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

// within reports whether path, or anything it lies in, is one of paths.
func within(path string, paths map[string]bool) bool {
	for at := path; at != ""; at = parent(at) {
		if paths[at] {
			return true
		}
	}
	return paths[""]
}

// parent cuts the last key or index off a path. A path whose last key holds a
// dot needs several cuts.
func parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}
