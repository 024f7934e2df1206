package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	athenaengine "github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/athena"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/render"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// progress keeps one line of a terminal up to date; elsewhere it is silent.
type progress struct {
	w     io.Writer
	began time.Time

	mu    sync.Mutex
	on    bool
	drawn bool
}

func newProgress(w io.Writer) *progress {
	return &progress{w: w, began: time.Now(), on: terminal(w)}
}

func (p *progress) reading(s logstore.Stats) {
	mb := float64(s.Bytes) / 1e6
	p.draw("read %s records in %s objects, %.0f MB, %.0f MB/s",
		render.Grouped(s.Records), render.Grouped(s.Objects), mb, mb/time.Since(p.began).Seconds())
}

func (p *progress) athena(a athenaengine.Progress) {
	p.draw("%s, %s bytes scanned, about %s USD", a.State, render.Grouped(a.ScannedBytes), render.Dollars(a.NanoUSD))
}

// draw goes to the line's beginning and clears it to its end.
func (p *progress) draw(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.on {
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
	p.drawn = true
}

// clear makes room for the answer, and leaves it there.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = false
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}

func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// width is the terminal's, 0 if there is none.
func width(w io.Writer) int {
	if !terminal(w) {
		return 0
	}
	columns, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil {
		return 0
	}
	return columns
}
