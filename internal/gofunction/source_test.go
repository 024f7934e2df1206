package gofunction_test

import (
	"io/fs"
	"maps"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
)

// files is a file system of small files.
func files(texts map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range texts {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// source is a function without dependencies.
func source() gofunction.Source {
	return gofunction.Source{
		Module: files(map[string]string{"go.mod": "module example.com/m\n\ngo 1.26.0\n", "go.sum": ""}),
		Dir:    "functions/hello",
		Files: files(map[string]string{
			"bootstrap/main.go": "package main\n\nimport \"example.com/m/functions/hello/greet\"\n\nfunc main() { println(greet.Text) }\n",
			"greet/greet.go":    "package greet\n\nconst Text = \"hello\"\n",
		}),
		Main: "bootstrap",
	}
}

// with returns files with one more, or another text for one.
func with(fsys fs.FS, name, text string) fs.FS {
	changed := maps.Clone(fsys.(fstest.MapFS))
	changed[name] = &fstest.MapFile{Data: []byte(text)}
	return changed
}

func hash(t *testing.T, s gofunction.Source, arch gofunction.Architecture) string {
	t.Helper()
	h, err := s.Hash(arch)
	require.NoError(t, err)
	return h
}

func TestHashFollowsWhatIsCompiled(t *testing.T) {
	t.Parallel()
	original := hash(t, source(), gofunction.Arm64)
	assert.Len(t, original, 64)
	assert.Equal(t, original, hash(t, source(), gofunction.Arm64))

	changes := map[string]func(*gofunction.Source){
		"a byte of source": func(s *gofunction.Source) {
			s.Files = with(s.Files, "greet/greet.go", "package greet\n\nconst Text = \"Hello\"\n")
		},
		"one more file":       func(s *gofunction.Source) { s.Files = with(s.Files, "greet/more.go", "package greet\n") },
		"a dependency":        func(s *gofunction.Source) { s.Module = with(s.Module, "go.sum", "x v1.0.0 h1:=\n") },
		"the folder":          func(s *gofunction.Source) { s.Dir = "functions/bye" },
		"the folder of main":  func(s *gofunction.Source) { s.Main = "greet" },
		"a text moved across": func(s *gofunction.Source) { s.Files = with(s.Files, "bootstrap/main.go", "") },
	}
	for name, change := range changes {
		s := source()
		change(&s)
		assert.NotEqual(t, original, hash(t, s, gofunction.Arm64), name)
	}
	assert.NotEqual(t, original, hash(t, source(), gofunction.X86_64))

	s := source()
	s.Files = with(s.Files, "greet/greet_test.go", "package greet\n")
	assert.Equal(t, original, hash(t, s, gofunction.Arm64), "tests are not compiled")
}

func TestHashRefusesWhatCannotBeCompiled(t *testing.T) {
	t.Parallel()
	_, err := source().Hash("amd64")
	assert.ErrorContains(t, err, `got "amd64"; use "arm64" or "x86_64"`)

	s := source()
	s.Main = ""
	_, err = s.Hash(gofunction.Arm64)
	assert.ErrorContains(t, err, "Module, Dir, Files and Main are required")
}
