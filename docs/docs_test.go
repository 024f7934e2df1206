package docs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

func goBlocks(t *testing.T, page string) []string {
	t.Helper()
	var blocks []string
	for _, found := range goBlock.FindAllStringSubmatch(read(t, page), -1) {
		blocks = append(blocks, found[1])
	}
	return blocks
}

// test/importer is built and run by a test of its own.
func TestReadmeShowsTheImporter(t *testing.T) {
	assert.Equal(t, []string{read(t, "../test/importer/main.go")}, goBlocks(t, "../README.md"))
}

// import_test.go compiles what the pages show, and runs it.
func TestPagesShowWhatIsCompiled(t *testing.T) {
	compiled := strings.ReplaceAll(read(t, "import_test.go"), "\n\t", "\n")
	for _, page := range []string{"import.md", "tamper.md"} {
		blocks := goBlocks(t, page)
		require.NotEmpty(t, blocks, page)
		for _, block := range blocks {
			assert.Contains(t, compiled, "\n"+block, page)
		}
	}
}

func TestPoliciesAreValidJSON(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(read(t, "security.md"), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		assert.True(t, json.Valid([]byte(block[1])), block[1])
	}
}

// Whoever meets a warning looks for it here.
func TestSecurityPageNamesEveryWarning(t *testing.T) {
	page, named := read(t, "security.md"), 0
	for _, pattern := range []string{"../constructs/*/*.go", "../stacks/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, found := range regexp.MustCompile(`(?:misuse\.Warn\(\w+, |AddWarningV2\(jsii\.String\()"(?:paper-trail:)?([\w.]+)"( ?\+)?`).FindAllStringSubmatch(read(t, file), -1) {
				id := found[1]
				if found[2] != "" { // the rest says of what
					id += "…"
				}
				named++
				assert.Regexp(t, "`(paper-trail:)?"+regexp.QuoteMeta(id)+"`", page, file)
			}
		}
	}
	assert.Greater(t, named, 15)
}

// The sample of environments.yaml shows every key; the deployment page says what
// each is for.
func TestDeployPageNamesEveryKey(t *testing.T) {
	page := read(t, "deploy.md")
	dev, _, _ := strings.Cut(read(t, "../environments.yaml"), "\n  staging:")
	keys := regexp.MustCompile(`(?m)^    ( *)(\w+):`).FindAllStringSubmatch(dev, -1)
	require.NotEmpty(t, keys)
	for i, key := range keys {
		isSection := i+1 < len(keys) && len(keys[i+1][1]) > len(key[1])
		if !isSection {
			assert.Regexp(t, "`([a-zA-Z]+\\.)?"+key[2]+"`", page)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "../README.md", "../CHANGELOG.md") {
		for _, found := range link.FindAllStringSubmatch(read(t, page), -1) {
			target := found[1]
			if strings.Contains(target, "://") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			path := filepath.Join(filepath.Dir(page), file)
			if file == "" {
				path = page
			}
			if !assert.FileExists(t, path, "%s links to %s", page, target) || anchor == "" {
				continue
			}
			assert.Contains(t, anchors(t, path), anchor, "%s links to %s", page, target)
		}
	}
}

// anchors are the headings as GitHub makes anchors of them.
func anchors(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	for _, found := range heading.FindAllStringSubmatch(read(t, page), -1) {
		text := dropped.ReplaceAllString(strings.ToLower(found[1]), "")
		all = append(all, strings.ReplaceAll(text, " ", "-"))
	}
	return all
}
