package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder fills Go values from YAML nodes and goes on after a problem, so that
// the reader hears of all of them. yaml.v3's own strict mode stops short of
// that: it names neither paths nor the key that was meant.
type decoder struct {
	*problems

	// reading counts from 0. Of a key with several values each reading takes
	// another one, so that all are decoded and checked; readings is how many
	// readings that takes.
	reading, readings int
}

// value decodes nodes into v: one, or several mappings that are read as if they
// were one. On a problem v keeps what it held, its default.
func (d *decoder) value(nodes []*yaml.Node, path string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		if e, ok := v.Interface().(interface{ setDefaults() }); ok {
			e.setDefaults()
		}
		v = v.Elem()
	}
	plain := make([]*yaml.Node, len(nodes))
	for i, n := range nodes {
		plain[i] = resolve(n)
		if n.Kind == yaml.AliasNode {
			d.at(positionOf(n), path, "an alias (*%s) is not supported; write the value out", n.Value)
		}
	}
	n := plain[0]
	if n.ShortTag() == "!!null" {
		d.misread(n, path, "has no value; give it one or remove the line")
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.object(plain, path, v)
	case reflect.Map:
		d.dictionary(plain, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	case reflect.String:
		d.text(n, path, v)
	case reflect.Int:
		d.number(n, path, v)
	case reflect.Bool:
		d.boolean(n, path, v)
	default:
		panic(fmt.Sprintf("paper-trail/config: no rule to decode %s at %s; add one", v.Type(), path))
	}
}

func (d *decoder) object(nodes []*yaml.Node, path string, v reflect.Value) {
	fields := map[string]reflect.Value{}
	var keys []string
	for i := range v.NumField() {
		if key := v.Type().Field(i).Tag.Get("yaml"); key != "-" {
			fields[key] = v.Field(i)
			keys = append(keys, key)
		}
	}
	var meant []string
	d.entries(nodes, path, func(name string, entries []entry, at string) {
		if field, ok := fields[name]; ok {
			d.value(values(entries), at, field)
			return
		}
		if d.unnamed[at] {
			return
		}
		option := nearest(name, keys)
		if option == "" {
			d.misread(entries[0].key, at, "unknown key; the keys here are %s", strings.Join(keys, ", "))
			return
		}
		d.misread(entries[0].key, at, "unknown key; did you mean %q?", option)
		meant = append(meant, join(path, option))
	})
	for _, at := range meant {
		if !d.written(at) {
			d.unread[at] = true // its default is not what was meant
		}
	}
}

func (d *decoder) dictionary(nodes []*yaml.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.entries(nodes, path, func(name string, entries []entry, path string) {
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(values(entries), path, element)
		v.SetMapIndex(reflect.ValueOf(name), element)
	})
}

// entries visits the keys of mappings and notes the position of each.
func (d *decoder) entries(nodes []*yaml.Node, path string, visit func(name string, entries []entry, path string)) {
	if n := nodes[0]; n.Kind != yaml.MappingNode {
		d.misread(n, path, "want keys with values, got %s; write each as an indented \"key: value\" line", describe(n))
		return
	}
	all := d.collect(nodes, path)
	for _, name := range all.names {
		at := join(path, name)
		chosen := d.choose(all.entries[name], at)
		d.positions[at] = positionOf(chosen[0].key)
		visit(name, chosen, at)
	}
}

func (d *decoder) list(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.misread(n, path, "want a list, got %s; write it in brackets, as in [first, second]", describe(n))
		return
	}
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.positions[at] = positionOf(item)
		element := reflect.New(v.Type().Elem()).Elem()
		d.value([]*yaml.Node{item}, at, element)
		v.Set(reflect.Append(v, element))
	}
}

// tagNames words the types that YAML gives to text without quotes.
var tagNames = map[string]string{
	"!!int": "a number", "!!float": "a number", "!!bool": "true or false", "!!timestamp": "a date",
}

func (d *decoder) text(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.misread(n, path, "want text, got %s; write one value", describe(n))
		return
	}
	if tag := n.ShortTag(); tag != "!!str" {
		d.misread(n, path, "want text, got %s, which YAML takes for %s and may change; quote it: %q",
			n.Value, cmp.Or(tagNames[tag], "the type "+tag), n.Value)
		return
	}
	if e, ok := v.Interface().(interface{ values() []string }); ok {
		for _, allowed := range e.values() {
			if n.Value == allowed {
				v.SetString(n.Value)
				return
			}
		}
		d.misread(n, path, "want %s, got %q%s", strings.Join(e.values(), " or "), n.Value, suggest(n.Value, e.values()))
		return
	}
	v.SetString(n.Value)
}

func (d *decoder) number(n *yaml.Node, path string, v reflect.Value) {
	number, err := strconv.Atoi(n.Value)
	if errors.Is(err, strconv.ErrRange) && n.ShortTag() != "!!str" {
		d.misread(n, path, "want a smaller number, got %s; no setting takes as much", n.Value)
		return
	}
	// The second look refuses 0x10, 1_000 and 010, which YAML reads as 8.
	if n.ShortTag() != "!!int" || err != nil || strconv.Itoa(number) != n.Value {
		d.misread(n, path, "want a whole number, got %s; write digits only, without quotes", describe(n))
		return
	}
	v.SetInt(int64(number))
}

func (d *decoder) boolean(n *yaml.Node, path string, v reflect.Value) {
	b, err := strconv.ParseBool(n.Value)
	if n.ShortTag() != "!!bool" || err != nil {
		d.misread(n, path, "want true or false, got %s; write one of the two, without quotes", describe(n))
		return
	}
	v.SetBool(b)
}

// describe says what a node is in words for a message.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	default:
		return strconv.Quote(n.Value)
	}
}
