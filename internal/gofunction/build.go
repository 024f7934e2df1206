package gofunction

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// executable is the file that Lambda's provided.al2023 runtime starts.
const executable = "bootstrap"

// Archive is the file that Lambda is given: the executable, zipped.
const Archive = "function.zip"

// Build compiles the function for the architecture and returns a folder that
// holds the executable "bootstrap" and the [Archive] of it. The folder belongs to
// the cache and must not be changed.
//
// The result is kept in the user's cache folder, keyed by [Source.Hash] and the
// Go release of the running program, and used again without running the
// compiler. Where that folder cannot be written the result lives in a temporary
// folder of this process. Several processes may build at the same time.
//
// It fails when no `go` is on PATH and nothing is cached, and when compiling
// fails; the error then ends with the output of the go command.
func (s Source) Build(ctx context.Context, arch Architecture) (string, error) {
	hash, err := s.Hash(arch)
	if err != nil {
		return "", err
	}
	key := sha256.Sum256([]byte(hash + runtime.Version() + Archive))
	name := hex.EncodeToString(key[:])

	var problems []error
	for _, cache := range []func() (string, error){userCache, processCache} {
		root, err := cache()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		dir := filepath.Join(root, name)
		if isBuilt(dir) {
			return dir, nil
		}
		work, err := newWorkFolder(root)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		return dir, errors.Join(s.buildInto(ctx, arch, work, dir), os.RemoveAll(work))
	}
	return "", fmt.Errorf("no folder to compile in: %w; set XDG_CACHE_HOME or TMPDIR to one that can be written", errors.Join(problems...))
}

// buildInto compiles in work and then renames, so that dir is complete as soon
// as it exists.
func (s Source) buildInto(ctx context.Context, arch Architecture, work, dir string) error {
	source, output := filepath.Join(work, "source"), filepath.Join(work, "output")
	if err := s.unpack(source); err != nil {
		return err
	}
	if err := s.compile(ctx, arch, source, filepath.Join(output, executable)); err != nil {
		return err
	}
	if err := archive(output); err != nil {
		return err
	}
	// Another process may have been faster.
	if err := os.Rename(output, dir); err != nil && !isBuilt(dir) {
		return err
	}
	return nil
}

// archive zips the executable in dir. The archive holds no time, so the same
// executable makes the same archive.
func archive(dir string) error {
	executableFile, err := os.Open(filepath.Join(dir, executable))
	if err != nil {
		return err
	}
	defer executableFile.Close()
	file, err := os.Create(filepath.Join(dir, Archive))
	if err != nil {
		return err
	}
	zipped := zip.NewWriter(file)
	zipped.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	header := &zip.FileHeader{Name: executable, Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := zipped.CreateHeader(header)
	if err == nil {
		_, err = io.Copy(entry, executableFile)
	}
	return errors.Join(err, zipped.Close(), file.Close())
}

func (s Source) unpack(dir string) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (s Source) compile(ctx context.Context, arch Architecture, dir, output string) error {
	what := s.Dir + "/" + s.Main
	goTool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("%s is compiled at synthesis, but there is no go command on PATH (%w); install Go, or pass Code with a prebuilt bootstrap", what, err)
	}
	env, err := environment(os.Environ(), arch)
	if err != nil {
		return err
	}
	args := append([]string{"build"}, buildFlags...)
	cmd := exec.CommandContext(ctx, goTool, append(args, "-o", output, "./"+what)...)
	cmd.Dir = dir
	cmd.Env = env
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("compiling %s for %s with %s: %w; %s\n%s", what, arch, goTool, err, advice(text.String()), bytes.TrimSpace(text.Bytes()))
	}
	return nil
}

// environment returns env with everything pinned that changes what the compiler
// makes. Where modules come from and where Go caches them stays the user's.
func environment(env []string, arch Architecture) ([]string, error) {
	target, err := arch.target()
	if err != nil {
		return nil, err
	}
	pinned := append(target,
		// Not empty: an empty value would let a GOFLAGS of `go env -w` through.
		"GOFLAGS=-mod=readonly",
		"GO111MODULE=on", "GOWORK=off", "GOOS=linux", "CGO_ENABLED=0", "GOFIPS140=off")
	dropped := []string{"GOEXPERIMENT", "GOARM64", "GOAMD64", "GODEBUG", "PWD"}
	for _, p := range pinned {
		key, _, _ := strings.Cut(p, "=")
		dropped = append(dropped, key)
	}
	kept := slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		key, _, _ := strings.Cut(e, "=")
		return slices.Contains(dropped, key)
	})
	return append(kept, pinned...), nil
}

// advice says how to mend a failed build, judged by the go command's output.
func advice(output string) string {
	for _, sign := range []string{"dial tcp", "module lookup disabled", "i/o timeout", "proxyconnect", "cannot find module", "unrecognized import path", "TLS handshake"} {
		if strings.Contains(output, sign) {
			return "its modules could not be downloaded: check the network, GOPROXY and GOPRIVATE, or pass Code with a prebuilt bootstrap"
		}
	}
	return "see the output of go below, or pass Code with a prebuilt bootstrap"
}

func userCache() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "paper-trail", "functions"), err
}

// processCache is a fresh folder instead of a known name in the shared temporary
// folder, where another user could have put a binary for us to deploy.
var processCache = sync.OnceValues(func() (string, error) {
	return os.MkdirTemp("", "paper-trail-")
})

// newWorkFolder lies in root, because a rename cannot leave a file system.
func newWorkFolder(root string) (string, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(root, "build-")
}

func isBuilt(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, Archive))
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}
