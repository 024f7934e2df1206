package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// entry is a key of a mapping with its value.
type entry struct{ key, value *yaml.Node }

func values(entries []entry) []*yaml.Node {
	var nodes []*yaml.Node
	for _, e := range entries {
		nodes = append(nodes, e.value)
	}
	return nodes
}

// mapping holds the entries of a mapping by the name of their key. One that is
// set several times has several.
type mapping struct {
	names   []string // in the order of the file
	entries map[string][]entry
}

func (m *mapping) add(name string, entries ...entry) {
	if m.entries == nil {
		m.entries = map[string][]entry{}
	}
	if _, known := m.entries[name]; !known {
		m.names = append(m.names, name)
	}
	m.entries[name] = append(m.entries[name], entries...)
}

// collect joins the entries of nodes. Merges are refused, but what they merge
// fills in the keys that are not written, as YAML has it: the rules then speak of
// the values that the writer sees.
func (d *decoder) collect(nodes []*yaml.Node, path string) mapping {
	var all mapping
	var merged []*yaml.Node
	for _, n := range nodes {
		merged = append(merged, d.collectOne(n, path, &all)...)
	}
	seen := map[*yaml.Node]bool{} // a mapping may merge itself
	for len(merged) > 0 {
		n := merged[0]
		merged = merged[1:]
		if seen[n] {
			continue
		}
		seen[n] = true
		var further mapping
		merged = append(merged, d.collectOne(n, path, &further)...)
		for _, name := range further.names {
			if _, written := all.entries[name]; !written {
				all.add(name, further.entries[name]...)
			}
		}
	}
	return all
}

// collectOne adds the entries of n to all, reports keys that are not plain or
// set again, and returns the mappings that n merges.
func (d *decoder) collectOne(n *yaml.Node, path string, all *mapping) []*yaml.Node {
	var merged []*yaml.Node
	lines := map[string]int{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		merge := key.ShortTag() == "!!merge"
		if merge || key.Kind != yaml.ScalarNode {
			d.at(positionOf(key), path, "only plain keys are supported here, no merge (<<), alias or list; write the values out")
		}
		if merge {
			merged = append(merged, mergedBy(value)...)
			continue
		}
		name := resolve(key).Value
		if resolve(key).Kind != yaml.ScalarNode {
			name = fmt.Sprintf("key on line %d", key.Line)
			d.unnamed[join(path, name)] = true
		} else if first, again := lines[name]; again {
			d.at(positionOf(key), join(path, name), "already set on line %d; remove one of the two", first)
		} else {
			lines[name] = key.Line
		}
		all.add(name, entry{key, value})
	}
	return merged
}

// mergedBy returns the mappings in the value of a merge key.
func mergedBy(value *yaml.Node) []*yaml.Node {
	switch n := resolve(value); n.Kind {
	case yaml.MappingNode:
		return []*yaml.Node{n}
	case yaml.SequenceNode:
		var all []*yaml.Node
		for _, item := range n.Content {
			if item = resolve(item); item.Kind == yaml.MappingNode {
				all = append(all, item)
			}
		}
		return all
	default:
		return nil
	}
}

// choose returns what this reading takes of entries, which set one path: all
// that are mappings, to be read as one, or a single entry.
func (d *decoder) choose(entries []entry, path string) []entry {
	var mappings []entry
	for _, e := range entries {
		if resolve(e.value).Kind == yaml.MappingNode {
			mappings = append(mappings, e)
		}
	}
	if len(entries) > 1 && len(mappings) < len(entries) {
		d.unclear[path] = true
		d.readings = max(d.readings, len(entries))
	}
	one := entries[min(d.reading, len(entries)-1)]
	if resolve(one.value).Kind == yaml.MappingNode {
		return mappings
	}
	return []entry{one}
}

// resolve returns what an alias stands for, and any other node as it is.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
