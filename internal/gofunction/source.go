package gofunction

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Architecture is an instruction set of Lambda, by Lambda's own name for it.
type Architecture string

const (
	// Arm64 is AWS Graviton.
	Arm64 Architecture = "arm64"
	// X86_64 is 64-bit x86.
	X86_64 Architecture = "x86_64"
)

// target returns the Go settings of the architecture. The instruction-set
// levels are the lowest ones: every Lambda host has them.
func (a Architecture) target() ([]string, error) {
	switch a {
	case Arm64:
		return []string{"GOARCH=arm64", "GOARM64=v8.0"}, nil
	case X86_64:
		return []string{"GOARCH=amd64", "GOAMD64=v1"}, nil
	}
	return nil, fmt.Errorf("architecture: got %q; use %q or %q", a, Arm64, X86_64)
}

// buildFlags make the binary depend on nothing but its source and the compiler:
// no folder name, no version-control state, no build id. Symbols are dropped
// for size, and so is the runtime interface of Lambda's retired Go runtime, whose
// reflection would keep every operation of every AWS client in the binary.
var buildFlags = []string{"-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-tags=lambda.norpc"}

// Source is the Go source of one Lambda function of this module. All fields are
// required.
type Source struct {
	// Module holds the go.mod and go.sum of the module, at its root.
	Module fs.FS
	// Dir is the folder of the module in which Files belongs,
	// slash-separated and relative to the module's root.
	Dir string
	// Files holds the function's files. Test files are left out.
	Files fs.FS
	// Main is the folder of package main, relative to Dir.
	Main string
}

// Hash returns the SHA-256 of everything that decides what the function does,
// in hexadecimal: files, their names, module files, build flags and
// architecture. It is the same on every machine and with every Go release.
func (s Source) Hash(arch Architecture) (string, error) {
	target, err := arch.target()
	if err != nil {
		return "", err
	}
	files, err := s.files()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%q\n%q\n%q\n", path.Join(s.Dir, s.Main), buildFlags, target)
	for _, f := range files {
		fmt.Fprintf(hash, "%q %d\n", f.path, len(f.data))
		hash.Write(f.data)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// file is one file of the module to be compiled.
type file struct {
	path string // slash-separated, relative to the module's root
	data []byte
}

// files returns the files to compile, sorted by path.
func (s Source) files() ([]file, error) {
	if s.Module == nil || s.Files == nil || s.Dir == "" || s.Main == "" {
		return nil, errors.New("source: Module, Dir, Files and Main are required; set all four")
	}
	var files []file
	add := func(fsys fs.FS, dir string) error {
		return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
				return err
			}
			data, err := fs.ReadFile(fsys, name)
			files = append(files, file{path: path.Join(dir, name), data: data})
			return err
		})
	}
	if err := errors.Join(add(s.Module, "."), add(s.Files, s.Dir)); err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}
