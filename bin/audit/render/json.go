package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// JSON writes one document. Rows are objects whose members are in the order of
// the columns; money is in billionths of a dollar, as in SQL.
func JSON(w io.Writer, question string, filter Filter) Rows {
	return &jsonRows{out: bufio.NewWriter(w), question: question, filter: filter}
}

type jsonRows struct {
	out      *bufio.Writer
	question string
	filter   Filter
	names    [][]byte
	text     bytes.Buffer
	some     bool
}

func (r *jsonRows) Begin(columns []engine.Column) error {
	r.names = make([][]byte, len(columns))
	for i, name := range distinct(columns) {
		r.names[i] = member(name, "")
	}
	fmt.Fprintf(&r.text, "{\n  \"question\": %s,\n  \"filter\": %s,\n  \"rows\": [", member(r.question, ""), member(r.filter, "  "))
	return r.flush()
}

func (r *jsonRows) Row(values []any) error {
	if r.some {
		r.text.WriteByte(',')
	}
	r.some = true
	r.text.WriteString("\n    {")
	for i, v := range values {
		if i > 0 {
			r.text.WriteByte(',')
		}
		r.text.WriteString("\n      ")
		r.text.Write(r.names[i])
		r.text.WriteString(": ")
		r.text.Write(member(v, ""))
	}
	r.text.WriteString("\n    }")
	return r.flush()
}

func (r *jsonRows) End(truncated bool, c *engine.Completeness) error {
	if r.some {
		r.text.WriteString("\n  ")
	}
	r.text.WriteByte(']')
	if truncated {
		r.text.WriteString(",\n  \"truncated\": true")
	}
	fmt.Fprintf(&r.text, ",\n  \"completeness\": %s\n}\n", member(c, "  "))
	if err := r.flush(); err != nil {
		return err
	}
	return r.out.Flush()
}

func (r *jsonRows) flush() error {
	_, err := r.out.Write(escapeActive(r.text.Bytes()))
	r.text.Reset()
	return err
}

// distinct numbers columns of the same name: an object has one member of a name.
func distinct(columns []engine.Column) []string {
	taken := map[string]bool{}
	for _, c := range columns {
		taken[c.Name] = true
	}
	names, seen := make([]string, len(columns)), map[string]bool{}
	for i, c := range columns {
		names[i] = c.Name
		for n := 2; seen[c.Name] && taken[names[i]]; n++ {
			names[i] = fmt.Sprintf("%s_%d", c.Name, n)
		}
		seen[c.Name], taken[names[i]] = true, true
	}
	return names
}

// WriteJSON writes any value as indented JSON that a terminal can show.
func WriteJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeActive(text.Bytes()))
	return err
}

// escapeActive escapes what JSON allows to stand in a string but a terminal acts
// on. Outside of strings there is no such character but the line end.
func escapeActive(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r != '\n' && active(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return out
}

// member is a name or a value; its further lines are indented by indent and more.
// JSON has no infinity: that is written as text.
func member(v any, indent string) []byte {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		v = fmt.Sprint(f)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent(indent, "  ")
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("paper-trail/render: a %T in a result, got %v; engines return what engine.Kind lists", v, err))
	}
	return bytes.TrimSpace(out.Bytes())
}
