package report

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// browser is a tab of a headless Chromium that notes what it should not hear.
type browser struct {
	ctx context.Context

	mu       sync.Mutex
	console  []string // messages, exceptions, violations of the CSP
	requests []string // beyond the document itself
}

// openBrowser starts Chromium for the test.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	require.NotEmpty(t, path, "no Chromium or Chrome on PATH: install one (Debian and Ubuntu: apt-get install chromium; macOS: brew install --cask chromium, and put chromium on PATH)")

	profile, err := os.MkdirTemp("", "report-browser-")
	require.NoError(t, err)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
	)...)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeTab()
		stop()
		// The browser's children may still write for a moment; a profile
		// left behind is no failure of the report.
		_ = os.RemoveAll(profile)
	})

	b := &browser{ctx: ctx}
	note := func(list *[]string, s string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		*list = append(*list, s)
	}
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			note(&b.console, "console."+string(e.Type))
		case *runtime.EventExceptionThrown:
			note(&b.console, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			note(&b.console, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Type != network.ResourceTypeDocument && !strings.HasPrefix(e.Request.URL, "data:") {
				note(&b.requests, e.Request.URL)
			}
		}
	}))
	command(t, b, network.Enable, network.EnableParams{})
	command(t, b, log.Enable, cdp.Empty{})
	return b
}

func command[P, R any](t *testing.T, b *browser, c cdp.Command[P, R], params P) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, c, params)
	require.NoError(t, err)
}

// run is what the browser answers to an action.
func run[T any](t *testing.T, b *browser, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	out, err := chromedp.Run(ctx, action)
	require.NoError(t, err)
	return out
}

// open shows a file in a window of a width and a colour scheme.
func (b *browser) open(t *testing.T, file string, width int64, scheme string) {
	t.Helper()
	command(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600,
	})
	command(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	run(t, b, chromedp.Navigate("file://"+file))
}

// paper lays a file out as it is printed, as wide as A4 is between the margins.
func (b *browser) paper(t *testing.T, file string) {
	t.Helper()
	b.open(t, file, 688, "dark")
	command(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
}

// list evaluates a script that returns the texts of problems.
func (b *browser) list(t *testing.T, script string) []string {
	t.Helper()
	return run(t, b, chromedp.Evaluate[[]string](script))
}

// shoot takes a picture of the whole page.
func (b *browser) shoot(t *testing.T) []byte {
	t.Helper()
	return run(t, b, chromedp.FullScreenshot(100))
}

// top takes a picture of the page's upper part.
func (b *browser) top(t *testing.T, height int64) []byte {
	t.Helper()
	width := run(t, b, chromedp.Evaluate[int64]("innerWidth"))
	command(t, b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1,
	})
	return run(t, b, chromedp.CaptureScreenshot())
}

// pdf prints the page.
func (b *browser) pdf(t *testing.T) []byte {
	t.Helper()
	return run(t, b, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
}

// colours counts the different colours of a picture.
func colours(t *testing.T, shot []byte) int {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(shot))
	require.NoError(t, err)
	seen := map[[3]uint32]bool{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 2 {
		for x := b.Min.X; x < b.Max.X; x += 2 {
			r, g, bl, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, bl >> 8}] = true
		}
	}
	return len(seen)
}

func save(t *testing.T, file string, data []byte) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, data, 0o644))
	return file
}
