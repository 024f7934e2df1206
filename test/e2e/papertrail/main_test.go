package papertrail_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// app is the compiled bin/papertrail.
var app string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "papertrail")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	app = filepath.Join(dir, "papertrail")
	build := exec.Command("go", "build", "-o", app, "./bin/papertrail")
	build.Dir = filepath.Join("..", "..", "..") // the module of the app
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build bin/papertrail:", err)
		return 1
	}
	// The built-in template validation has its own test and takes seconds.
	if err := os.Setenv("CDK_VALIDATION", "false"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
