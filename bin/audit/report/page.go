package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

// page is the report laid out: all texts as they appear, all charts drawn. The
// template adds only the tags.
type page struct {
	Title, Period string
	About         []fact
	Statement     statement
	Tiles         []fact
	Sections      []section
	Method        []string
}

// StyleHash is how the Content Security Policy knows the page's own style sheet.
func (*page) StyleHash() string {
	css, err := files.ReadFile("page.css")
	if err != nil {
		panic(err) // it is embedded
	}
	sum := sha256.Sum256(css)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// fact is a name with a value; a tile has a note below it.
type fact struct{ Name, Value, Note string }

// section is a heading with text and figures.
type section struct {
	ID, Title string
	Text      []string
	Facts     []fact
	Figures   []figure
}

// figure is a chart beside, or if wide above, the table of its numbers, or charts
// over time, or a table alone.
type figure struct {
	Wide    bool
	Bars    *bars
	Columns []columnChart
	Table   *table
}

// table is a caption, column heads and rows. The first cell of a row names it.
type table struct {
	Caption string
	Head    []head
	Rows    []line
	Note    string
}

type head struct {
	Text   string
	Number bool
}

// line is a row; a sum stands below the rows that it adds up.
type line struct {
	Cells []cell
	Sum   bool
}

// cell is text; plain text is the report's own words where the other cells of
// the column hold values of the record.
type cell struct {
	Text  string
	Plain bool
}

//go:embed page.html page.css
var files embed.FS

var layout = template.Must(template.ParseFS(files, "page.html", "page.css"))

// render writes the page.
func render(w io.Writer, p *page) error {
	if err := layout.ExecuteTemplate(w, "page.html", p); err != nil {
		return fmt.Errorf("report: write the page: %w", err)
	}
	return nil
}
