package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// JSON writes the answer as one document. Rows are objects whose members are in
// the order of the columns; money is in billionths of a dollar, as in SQL.
func JSON(w io.Writer, a *Answer) error {
	return WriteJSON(w, struct {
		Question     string               `json:"question"`
		Filter       Filter               `json:"filter"`
		Rows         rows                 `json:"rows"`
		Truncated    bool                 `json:"truncated,omitempty"`
		Completeness *engine.Completeness `json:"completeness"`
	}{a.Question, a.Filter, rows{a.Result}, a.Truncated, a.Completeness})
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

type rows struct{ result *engine.Result }

func (r rows) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('[')
	for i, values := range r.result.Rows {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('{')
		for j, v := range values {
			if j > 0 {
				out.WriteByte(',')
			}
			out.Write(member(r.result.Columns[j].Name))
			out.WriteByte(':')
			out.Write(member(v))
		}
		out.WriteByte('}')
	}
	out.WriteByte(']')
	return out.Bytes(), nil
}

// member is a name or a value. JSON has no infinity: that is written as text.
func member(v any) []byte {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		v = fmt.Sprint(f)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("paper-trail/render: a %T in a result, got %v; engines return what engine.Kind lists", v, err))
	}
	return bytes.TrimSpace(out.Bytes())
}
