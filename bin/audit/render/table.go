package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
)

// Look says how tables are drawn.
type Look struct {
	// Styled draws borders and sets names in bold. Default: false, columns
	// are parted by two blanks, for files and pipes.
	Styled bool

	// Width is the terminal's, in columns. A table that is wider loses its
	// borders, and one that still is becomes a list of rows, each column on
	// a line of its own. Default: 0, as wide as need be.
	Width int

	// Raw leaves columns the names that a query has for them, and money in
	// billionths of a dollar. Default: false, both are as people say it.
	Raw bool
}

// Table writes the rows for people: money in dollars, numbers in groups of
// three, NULL as a dash.
func Table(w io.Writer, r *engine.Result, look Look) error {
	heads := make([]string, len(r.Columns))
	right := make([]bool, len(r.Columns))
	for i, c := range r.Columns {
		heads[i] = Line(c.Name)
		if !look.Raw {
			heads[i] = heading(c.Name)
		}
		right[i] = c.Kind == engine.Integer || c.Kind == engine.Float
	}
	cells := make([][]string, len(r.Rows))
	for i, values := range r.Rows {
		cells[i] = make([]string, len(values))
		for j, v := range values {
			cells[i][j] = tableCell(v, r.Columns[j], !look.Raw)
		}
	}
	fits := func(text string) bool { return look.Width == 0 || lipgloss.Width(text) <= look.Width }
	text := plain(heads, right, cells, look.Styled)
	if look.Styled {
		if bordered := bordered(heads, right, cells); fits(bordered) {
			text = bordered
		}
	}
	if !fits(text) {
		text = listed(heads, cells)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

const moneySuffix = "_nanousd"

// short are names for people that would make a table wide.
var short = map[string]string{
	"input_tokens": "tokens in", "output_tokens": "tokens out",
	"cache_read_tokens": "from cache", "cache_write_tokens": "to cache",
	"unpriced_calls": "unpriced",
}

// heading is a column's name for people.
func heading(name string) string {
	if s, ok := short[name]; ok {
		return s
	}
	if base, ok := strings.CutSuffix(name, moneySuffix); ok {
		name = base + " USD"
	}
	return Line(strings.ReplaceAll(name, "_", " "))
}

func tableCell(v any, c engine.Column, money bool) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		return Line(v)
	case int64:
		if money && strings.HasSuffix(c.Name, moneySuffix) {
			return Dollars(v)
		}
		return Grouped(v)
	case float64:
		return strconv.FormatFloat(v, 'g', 6, 64)
	case time.Time:
		if c.Kind == engine.Date {
			return v.Format(time.DateOnly)
		}
		return v.Format("2006-01-02 15:04:05")
	default:
		return Line(fmt.Sprint(v))
	}
}

// Grouped writes a number in groups of three digits.
func Grouped(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Dollars writes billionths of a dollar as dollars, in hundredths of a cent, and
// never rounds a price to nothing.
func Dollars(nano int64) string {
	const unit = 100_000 // nanodollars in a hundredth of a cent
	units := (max(nano, -nano) + unit/2) / unit
	switch {
	case nano > 0 && units == 0:
		return "<0.0001"
	case nano < 0:
		return fmt.Sprintf("-%s.%04d", Grouped(units/10000), units%10000)
	}
	return fmt.Sprintf("%s.%04d", Grouped(units/10000), units%10000)
}

func bordered(heads []string, right []bool, cells [][]string) string {
	return table.New().Headers(heads...).Rows(cells...).
		Border(lipgloss.RoundedBorder()).
		BorderStyle(lipgloss.NewStyle().Faint(true)).
		StyleFunc(func(row, col int) lipgloss.Style {
			style := lipgloss.NewStyle().Padding(0, 1)
			if row == table.HeaderRow {
				style = style.Bold(true)
			}
			if right[col] {
				style = style.Align(lipgloss.Right)
			}
			return style
		}).Render()
}

func plain(heads []string, right []bool, cells [][]string, bold bool) string {
	rows := append([][]string{heads}, cells...)
	widths := make([]int, len(heads))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], lipgloss.Width(cell))
		}
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		var line strings.Builder
		for j, cell := range row {
			if j > 0 {
				line.WriteString("  ")
			}
			blanks := strings.Repeat(" ", widths[j]-lipgloss.Width(cell))
			if right[j] {
				line.WriteString(blanks + cell)
			} else {
				line.WriteString(cell + blanks)
			}
		}
		lines[i] = strings.TrimRight(line.String(), " ")
	}
	if bold {
		lines[0] = lipgloss.NewStyle().Bold(true).Render(lines[0])
	}
	return strings.Join(lines, "\n")
}

func listed(heads []string, cells [][]string) string {
	width := 0
	for _, head := range heads {
		width = max(width, lipgloss.Width(head))
	}
	faint := lipgloss.NewStyle().Faint(true)
	rows := make([]string, len(cells))
	for i, row := range cells {
		lines := make([]string, len(row))
		for j, cell := range row {
			lines[j] = faint.Render(heads[j]+strings.Repeat(" ", width-lipgloss.Width(heads[j]))) + "  " + cell
		}
		rows[i] = strings.Join(lines, "\n")
	}
	return strings.Join(rows, "\n\n")
}
