package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// starter is the smallest file that loads. Messages about a missing or empty
// file show it.
const starter = `environments:
  dev:
    removal: destroy
    objectLock: {mode: GOVERNANCE, days: 1}
    tags: {project: paper-trail, owner: my-team, cost-center: my-cost-center}
`

// File is the content of environments.yaml.
type File struct {
	// The environments by name: up to 20 lower-case letters, digits and
	// hyphens, beginning with a letter. No default; at least one.
	Environments map[string]*Environment `yaml:"environments"`
}

// Load reads the file at path as [Parse] does.
func Load(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w; run from the folder that holds it, or create it from this:\n\n%s",
			path, fs.ErrNotExist, starter)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read; check that it is a file you may read: %w", path, err)
	}
	return Parse(path, data)
}

// Parse decodes data, fills in the defaults and checks every rule. The error
// joins all problems in the order of their lines; name stands for the file in
// each of them.
func Parse(name string, data []byte) (*File, error) {
	p := &problems{file: name, said: map[said]bool{}}
	documents := p.parseYAML(data)
	file := &File{}
	for reading, readings := 0, 1; len(documents) > 0 && reading < readings; reading++ {
		p.startReading()
		file = &File{}
		d := &decoder{problems: p, reading: reading}
		d.value(values(d.choose(documents, "")), "", reflect.ValueOf(file).Elem())
		readings = max(readings, d.readings)
		for _, name := range file.Names() {
			file.Environments[name].deriveDefaults(name, section{p, join("environments", name)})
		}
		file.check(p)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return file, nil
}

// Names returns the environments' names in alphabetical order.
func (f *File) Names() []string {
	return slices.Sorted(maps.Keys(f.Environments))
}

// Select returns the environment called name. The error of an unknown name
// lists the known ones.
func (f *File) Select(name string) (*Environment, error) {
	if e, ok := f.Environments[name]; ok {
		return e, nil
	}
	known := f.Names()
	return nil, fmt.Errorf("no environment is called %q; choose from %s%s",
		name, strings.Join(known, ", "), suggest(name, known))
}

// parseYAML returns the documents in data, as entries that set the whole file.
// There should be one: further ones are reported, and read as if they continued
// the first.
func (p *problems) parseYAML(data []byte) []entry {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var documents []entry
	for count := 1; ; count++ {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.syntaxError(err)
			return documents
		}
		if count > 1 {
			p.at(positionOf(&doc), "", "another YAML document begins here; keep everything in one")
		}
		if root := doc.Content[0]; root.ShortTag() != "!!null" {
			documents = append(documents, entry{root, root})
		}
	}
	if len(documents) == 0 {
		p.at(position{}, "", "is empty; start from this:\n\n%s", starter)
	}
	return documents
}

var yamlErrorLine = regexp.MustCompile(`^(?:line (\d+): )?`)

// syntaxError brings the parser's "yaml: line 3: what" into this package's form.
func (p *problems) syntaxError(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	found := yamlErrorLine.FindStringSubmatch(text)
	line, _ := strconv.Atoi(found[1])
	what := strings.TrimPrefix(text, found[0])
	p.at(position{line: line}, "", "not valid YAML: %s; check the indentation, colons and quotes from here on", what)
}
