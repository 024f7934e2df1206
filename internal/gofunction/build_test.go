package gofunction_test

import (
	"archive/zip"
	"debug/buildinfo"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
)

// host is the machine's own architecture, whose standard library the other
// tests have compiled already.
func host() gofunction.Architecture {
	if runtime.GOARCH == "arm64" {
		return gofunction.Arm64
	}
	return gofunction.X86_64
}

// freshCache gives the test an empty cache of functions while the go command
// keeps its own caches.
func freshCache(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		value, err := exec.Command("go", "env", name).Output()
		require.NoError(t, err)
		t.Setenv(name, strings.TrimSpace(string(value)))
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	return dir
}

func build(t *testing.T, s gofunction.Source) string {
	t.Helper()
	dir, err := s.Build(t.Context(), host())
	require.NoError(t, err)
	return dir
}

func bootstrap(t *testing.T, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "bootstrap"))
	require.NoError(t, err)
	return data
}

func archived(t *testing.T, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, gofunction.Archive))
	require.NoError(t, err)
	return data
}

func TestBuildsAnExecutableAndItsArchive(t *testing.T) {
	freshCache(t)
	dir := build(t, source())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	archive, err := zip.OpenReader(filepath.Join(dir, gofunction.Archive))
	require.NoError(t, err)
	defer archive.Close()
	require.Len(t, archive.File, 1)
	assert.Equal(t, "bootstrap", archive.File[0].Name)
	assert.Equal(t, fs.FileMode(0o755), archive.File[0].Mode(), "Lambda has to be able to start it")
	file, err := archive.File[0].Open()
	require.NoError(t, err)
	unzipped, err := io.ReadAll(file)
	require.NoError(t, err)
	assert.Equal(t, bootstrap(t, dir), unzipped)
	if runtime.GOOS == "linux" {
		output, err := exec.Command(filepath.Join(dir, "bootstrap")).CombinedOutput()
		require.NoError(t, err)
		assert.Equal(t, "hello\n", string(output))
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	assert.Len(t, left, 1, "no scratch folder stays behind")
}

func TestBuildsTheSameBytesInAnyFolderAndEnvironment(t *testing.T) {
	freshCache(t)
	dir := build(t, source())
	first := bootstrap(t, dir)
	info, err := buildinfo.ReadFile(filepath.Join(dir, "bootstrap"))
	require.NoError(t, err)
	assert.Contains(t, info.Settings, debug.BuildSetting{Key: "CGO_ENABLED", Value: "0"})
	assert.Contains(t, info.Settings, debug.BuildSetting{Key: "GOOS", Value: "linux"})

	freshCache(t)
	settings := filepath.Join(t.TempDir(), "env")
	require.NoError(t, os.WriteFile(settings, []byte("GOFLAGS=-mod=vendor\nGOARM64=v9.0\nGOAMD64=v3\n"), 0o600))
	for name, value := range map[string]string{
		"GOENV": settings, "GOFLAGS": "", "GOWORK": "/nowhere/go.work", "GO111MODULE": "off", "GOEXPERIMENT": "nogreenteagc",
		"GOOS": "windows", "GOARCH": "386", "CGO_ENABLED": "1", "GOAMD64": "v4", "GOARM64": "v9.0", "GOFIPS140": "latest",
	} {
		t.Setenv(name, value)
	}
	again := build(t, source())
	assert.Equal(t, first, bootstrap(t, again))
	assert.Equal(t, archived(t, dir), archived(t, again))

	freshCache(t)
	t.Setenv("GOFLAGS", "-mod=mod -tags=other -race")
	assert.Equal(t, first, bootstrap(t, build(t, source())))
}

func TestASecondBuildNeedsNoCompiler(t *testing.T) {
	freshCache(t)
	dir := build(t, source())
	t.Setenv("PATH", t.TempDir())
	assert.Equal(t, dir, build(t, source()))
}

func TestSaysWhatToDoWithoutACompiler(t *testing.T) {
	freshCache(t)
	t.Setenv("PATH", t.TempDir())
	_, err := source().Build(t.Context(), host())
	assert.ErrorContains(t, err, "functions/hello/bootstrap is compiled at synthesis, but there is no go command on PATH")
	assert.ErrorContains(t, err, "install Go, or pass Code with a prebuilt bootstrap")
}

func TestShowsTheCompilersOutput(t *testing.T) {
	cache := freshCache(t)
	s := source()
	s.Files = with(s.Files, "greet/greet.go", "package greet\n\nconst Text = undefinedName\n")
	_, err := s.Build(t.Context(), host())
	require.ErrorContains(t, err, "greet.go:3:14: undefined: undefinedName")
	assert.ErrorContains(t, err, "compiling functions/hello/bootstrap for "+string(host()))
	left, err := filepath.Glob(filepath.Join(cache, "paper-trail", "functions", "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestSaysWhatToDoWhenModulesCannotBeDownloaded(t *testing.T) {
	freshCache(t)
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "off")
	s := source()
	s.Module = files(map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26.0\n\nrequire example.com/absent v1.0.0\n",
		"go.sum": "example.com/absent v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nexample.com/absent v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
	})
	s.Files = with(s.Files, "greet/greet.go", "package greet\n\nimport _ \"example.com/absent\"\n\nconst Text = \"\"\n")
	_, err := s.Build(t.Context(), host())
	assert.ErrorContains(t, err, "check the network, GOPROXY and GOPRIVATE")
}

func TestBuildsAtTheSameTime(t *testing.T) {
	freshCache(t)
	var dirs [4]string
	var running sync.WaitGroup
	for i := range dirs {
		running.Go(func() {
			var err error
			dirs[i], err = source().Build(t.Context(), host())
			assert.NoError(t, err)
		})
	}
	running.Wait()
	for _, dir := range dirs {
		assert.Equal(t, dirs[0], dir)
	}
}

func TestBuildsWithoutACacheFolder(t *testing.T) {
	freshCache(t)
	t.Setenv("TMPDIR", t.TempDir())
	t.Run("that can be written", func(t *testing.T) {
		noFolder := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(noFolder, nil, 0o600))
		t.Setenv("HOME", noFolder)
		t.Setenv("XDG_CACHE_HOME", noFolder)
		assert.FileExists(t, filepath.Join(build(t, source()), "bootstrap"))
	})
	t.Run("at all", func(t *testing.T) {
		t.Setenv("HOME", "")
		t.Setenv("XDG_CACHE_HOME", "")
		assert.FileExists(t, filepath.Join(build(t, source()), "bootstrap"))
	})
}
